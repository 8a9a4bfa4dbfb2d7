//! What a server says of itself, and that its document is true.

use super::*;

#[test]
fn health_info_metrics_and_the_document() {
    let server = Running::with(Limits::default());
    assert_eq!(server.get("/health").json(), json!({ "status": "ok" }));
    let info = server.get("/info").json();
    assert_eq!((&info["model_id"], &info["max_input_length"]), (&json!("stub"), &json!(16)));
    server.post("/embed", &json!({ "inputs": ["abc", "d"] }));
    server.get("/nothing");
    let metrics = server.get("/metrics").text;
    for line in [
        "refrain_http_requests_total{route=\"/embed\",method=\"POST\",status=\"200\"} 1",
        "refrain_http_requests_total{route=\"none\",method=\"GET\",status=\"404\"} 1",
        "refrain_texts_total 2",
        "refrain_tokens_total 8",
        "refrain_batch_texts_sum 2.0",
    ] {
        assert!(metrics.contains(line), "no {line} in {metrics}");
    }
    // In the words of whoever asks.
    assert!(metrics.contains("# TYPE refrain_texts_total counter\n") && !metrics.contains("# EOF"), "{metrics}");
    let accept = "Accept: application/openmetrics-text; version=1.0.0\r\n";
    let open = server.ask(&format!("GET /metrics HTTP/1.1\r\nHost: a.localhost\r\nConnection: close\r\n{accept}\r\n"));
    assert!(open.head.contains("application/openmetrics-text"), "{}", open.head);
    assert!(open.text.contains("# TYPE refrain_texts counter\n") && open.text.ends_with("# EOF\n"), "{}", open.text);
    let document = server.get("/openapi.json").json();
    assert_eq!(document["components"]["schemas"]["Dimensions"]["maximum"], 3);
}

#[test]
fn the_document_names_the_paths_that_there_are() {
    let document: Value = serde_json::from_str(include_str!("../../src/serve/openapi.json")).unwrap();
    let server = Running::with(Limits::default());
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.replace("{model}", "stub").replace("{id}", "a");
        let allowed = server.ask(&format!("PATCH {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        assert_eq!(allowed.status, 405, "{path}");
        for method in methods.as_object().unwrap().keys() {
            assert!(
                allowed.head.lines().any(|line| line.starts_with("allow:") && line.contains(method)),
                "{method} {path}"
            );
        }
    }
    let router = include_str!("../../src/serve/app.rs");
    for route in router.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        let path = route.replace("{*", "{");
        assert!(!document["paths"][&path].is_null(), "{path} is not in the document");
    }
}

#[test]
fn a_parameter_that_a_path_does_not_know_is_refused_by_name() {
    let server = Running::with(Limits::default());
    for path in ["/themes", "/duplicates", "/report", "/info", "/metrics", "/health", "/openapi.json"] {
        let answer = server.get(&format!("{path}?since=2026-11-20"));
        assert_eq!((answer.status, answer.json()["error_type"].clone()), (422, json!("Validation")), "{path}");
        let said = format!("`since` is no parameter of GET {path}: it takes none");
        assert_eq!(answer.json()["error"], json!(said));
    }
    let answer = server.get("/nearest?query=a&colour=red").json();
    let said = answer["error"].as_str().unwrap();
    assert!(said.starts_with("`colour` is no parameter of GET /nearest: expected query, paragraph, k,"), "{said}");
    let answer = server.get("/articles?limit=1&limit=2").json();
    assert!(answer["error"].as_str().unwrap().starts_with("`limit` is given twice"), "{answer}");
    let answer = server.get("/articles?limit=few").json();
    assert_eq!(answer["error"], "`limit` must be a whole number, 0 or more. Given: few");
    // Those that imitate another API pass over what they do not know, as it does.
    assert_eq!(server.get("/v1/models?api-version=1").status, 200);
}
