//! Vectors as both APIs give them, and what is refused in the words of each.

use super::*;

#[test]
fn one_text_or_a_list_becomes_vectors() {
    let server = Running::with(Limits::default());
    let answer = server.post("/embed", &json!({ "inputs": "abc" }));
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("x-compute-tokens: 5"), "{}", answer.head);
    assert_eq!(answer.json()[0].as_array().unwrap().len(), 3);
    let list = server.post("/", &json!({ "inputs": ["abc", "a"], "normalize": true, "dimensions": 2 })).json();
    let length = |vector: &Value| vector.as_array().unwrap().iter().map(|v| v.as_f64().unwrap().powi(2)).sum::<f64>();
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert!((length(&list[1]) - 1.0).abs() < 1e-6);
    let cosines =
        server.post("/similarity", &json!({ "inputs": { "source_sentence": "ab", "sentences": ["ab", "abcdef"] } }));
    let cosines: Vec<f32> = serde_json::from_str(&cosines.text).unwrap();
    assert!((cosines[0] - 1.0).abs() < 1e-6 && (cosines[1] - 13.0 / (5_f32 * 37.0).sqrt()).abs() < 1e-6, "{cosines:?}");
}

#[test]
fn openai_s_way_with_numbers_and_with_base64() {
    let server = Running::with(Limits::default());
    let ask = |format: &str| json!({ "input": ["abc"], "model": "stub", "encoding_format": format });
    let floats = server.post("/v1/embeddings", &ask("float")).json();
    assert_eq!(floats["usage"], json!({ "prompt_tokens": 5, "total_tokens": 5 }));
    let numbers: Vec<f32> = serde_json::from_value(floats["data"][0]["embedding"].clone()).unwrap();
    let coded = server.post("/v1/embeddings", &ask("base64")).json();
    let bytes =
        base64::Engine::decode(&base64::prelude::BASE64_STANDARD, coded["data"][0]["embedding"].as_str().unwrap());
    let decoded: Vec<f32> =
        bytes.unwrap().chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
    assert_eq!(numbers, decoded);
    assert_eq!(server.get("/v1/models").json()["data"][0]["id"], "stub");
    assert_eq!(server.get("/v1/models/org/stub").status, 200);
}

#[test]
fn what_is_wrong_has_the_status_and_the_words_of_its_api() {
    let limits = Limits { request_texts: 3, text_chars: 40, body_bytes: 1_000, ..Limits::default() };
    let server = Running::with(limits);
    let long = "a".repeat(17);
    let tei = [
        (json!({ "inputs": [] }), 400, "Empty"),
        (json!({ "inputs": "" }), 400, "Empty"),
        (json!({ "inputs": [1, 2] }), 422, "Validation"),
        (json!({}), 422, "Validation"),
        (json!({ "inputs": ["a", "b", "c", "d"] }), 422, "Validation"),
        (json!({ "inputs": "a".repeat(41) }), 422, "Validation"),
        (json!({ "inputs": long, "truncate": false }), 422, "Validation"),
        (json!({ "inputs": "a", "dimensions": 4 }), 422, "Validation"),
        (json!({ "inputs": "a", "dimensions": 0 }), 422, "Validation"),
        (json!({ "inputs": "a", "normalize": false }), 422, "Validation"),
        (json!({ "inputs": "a", "prompt_name": "query" }), 422, "Validation"),
        (json!({ "inputs": "a".repeat(2_000) }), 413, "TooLarge"),
        (json!({ "inputs": "fail" }), 424, "Backend"),
        (json!({ "inputs": "panic" }), 500, "Internal"),
    ];
    for (body, status, kind) in tei {
        let answer = server.post("/embed", &body);
        assert_eq!((answer.status, answer.json()["error_type"].as_str().unwrap()), (status, kind), "{body}");
        assert!(!answer.json()["error"].as_str().unwrap().is_empty());
    }
    assert_eq!(server.post("/embed", &json!({ "inputs": long, "truncate": true })).status, 200);
    let openai = [
        (json!({ "input": [], "model": "stub" }), 400, "input"),
        (json!({ "input": [[1, 2]], "model": "stub" }), 400, ""),
        (json!({ "input": "a", "model": "text-embedding-3-small" }), 404, "model"),
        (json!({ "input": "a", "model": "stub", "dimensions": 9 }), 400, "dimensions"),
        (json!({ "input": "panic", "model": "stub" }), 500, ""),
    ];
    for (body, status, field) in openai {
        let answer = server.post("/v1/embeddings", &body);
        let error = answer.json()["error"].clone();
        assert_eq!((answer.status, error["param"].as_str().unwrap_or("")), (status, field), "{body}: {error}");
    }
    // After all that it still answers.
    assert_eq!(server.post("/embed", &json!({ "inputs": "a" })).status, 200);
}

#[test]
fn what_is_no_request_is_refused_in_json() {
    let server = Running::with(Limits::default());
    let syntax = server.ask(&post("/embed", "{\"inputs\": "));
    assert_eq!((syntax.status, syntax.json()["error_type"].clone()), (400, json!("Malformed")));
    let kind = server.ask(&post("/embed", "{}").replace("application/json", "text/plain"));
    assert_eq!((kind.status, kind.json()["error_type"].clone()), (415, json!("MediaType")));
    assert_eq!(server.get("/nothing").json()["error_type"], "NotFound");
    assert_eq!(server.get("/v1/nothing").json()["error"]["type"], "invalid_request_error");
    let method = server.get("/embed");
    assert_eq!((method.status, method.json()["error_type"].clone()), (405, json!("MethodNotAllowed")));
    assert!(method.head.contains("allow: post"), "{}", method.head);
}

#[test]
fn who_sends_much_and_is_refused_early_has_the_answer() {
    let token = Token::new("0123456789abcdef").unwrap();
    let closed = Running::at(&Settings::new("127.0.0.1:0".parse().unwrap(), Some(token)).unwrap());
    let open = Running::with(Limits { body_bytes: 1 << 20, held_bytes: 1 << 20, ..Limits::default() });
    let body = json!({ "inputs": "a".repeat(8 << 20) }).to_string();
    let request = post("/embed", &body);
    let length = format!("Content-Length: {}\r\n\r\n", body.len());
    let chunk = format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", body.len());
    for (status, server, request) in [
        (401, &closed, request.clone()),
        (403, &open, request.replacen("Host: localhost", "Host: evil.example", 1)),
        (404, &open, request.replacen("/embed", "/nothing", 1)),
        (413, &open, request.clone()),
        (413, &open, request.replacen(&length, &chunk, 1) + "\r\n0\r\n\r\n"),
        (415, &open, request.replacen("application/json", "text/plain", 1)),
    ] {
        assert_eq!(server.ask(&request).status, status);
    }
}
