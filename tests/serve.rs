//! The server over real sockets, with a model that waits, fails or panics when asked to.

#![cfg(feature = "serve")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use refrain::embed::{EmbedError, Embeddings, Manner};
use refrain::serve::{Embedder, Ended, Facts, Given, Limits, Model, Server, Settings, Token};
use refrain::vectors::UnitRows;
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// Holds batches back while a test holds its lock; fails on "fail", panics on "panic".
#[derive(Default)]
struct Stub {
    gate: Mutex<()>,
    batches: Mutex<Vec<Vec<String>>>,
    begun: AtomicUsize,
}

impl Embedder for Stub {
    fn embed(&self, texts: &[&str], _: &Manner) -> Result<Embeddings, EmbedError> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        drop(self.gate.lock().unwrap());
        self.batches.lock().unwrap().push(texts.iter().map(|text| (*text).to_owned()).collect());
        assert!(!texts.contains(&"panic"), "asked to");
        if texts.contains(&"fail") {
            return Err(EmbedError::Tokenise { text: 0, why: "asked to".to_owned() });
        }
        let rows: Vec<f32> = texts.iter().flat_map(|text| [text.len() as f32, 1.0, 0.0]).collect();
        let vectors = UnitRows::normalized(ndarray::Array2::from_shape_vec((texts.len(), 3), rows).unwrap())?;
        let tokens_of: Vec<usize> = texts.iter().map(|text| text.len() + 2).collect();
        let tokens = tokens_of.iter().sum();
        Ok(Embeddings { vectors, windowed: Vec::new(), tokens, tokens_of, tokenising: Duration::ZERO })
    }

    fn tokens(&self, text: &str, _: &str) -> Result<usize, EmbedError> {
        Ok(text.len() + 2)
    }
}

struct Running {
    address: SocketAddr,
    stub: Arc<Stub>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Ended>>,
}

impl Running {
    fn with(limits: Limits) -> Self {
        Self::at(&Settings::on_loopback(0).with_limits(limits))
    }

    fn at(settings: &Settings) -> Self {
        let stub = Arc::new(Stub::default());
        let facts = Facts { name: "stub".to_owned(), dim: 3, max_tokens: Some(16), ..Facts::default() };
        let model = Model { facts, embedder: stub.clone() };
        let server = Server::bind(settings, Given { model, library: None, tell: None }).unwrap();
        let (address, (stop, stopped)) = (server.address(), oneshot::channel());
        let thread = thread::spawn(move || server.run(async { _ = stopped.await }).unwrap());
        Self { address, stub, stop: Some(stop), thread: Some(thread) }
    }

    fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn ask(&self, request: &str) -> Answer {
        Answer::of(self.send(request))
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(&post(path, &body.to_string()))
    }

    fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    }

    fn stop(&mut self) -> Ended {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap()
    }

    /// Waits until so many batches were begun.
    fn begun(&self, batches: usize) {
        wait(|| self.stub.begun.load(Ordering::SeqCst) >= batches);
    }

    fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").text;
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {text}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    }
}

fn wait(until: impl Fn() -> bool) {
    let begun = Instant::now();
    while !until() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it did not come to it");
        thread::sleep(Duration::from_millis(2));
    }
}

fn post(path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    text: String,
}

impl Answer {
    fn of(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let all = String::from_utf8(bytes).unwrap();
        let (head, text) = all.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {all:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_ascii_lowercase(), text: text.to_owned() }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

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

#[test]
fn pages_elsewhere_get_nothing_but_a_link_to_the_search_page() {
    let server = Running::with(Limits::default());
    let ask = |path: &str, head: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}\r\n");
        server.ask(&request).status
    };
    let followed = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
    for site in ["cross-site", "same-site"] {
        let site = format!("Sec-Fetch-Site: {site}\r\n");
        assert_eq!(ask("/", &format!("{site}{followed}")), 200);
        assert_eq!(ask("/", &site), 403);
        for path in ["/report", "/info", "/metrics"] {
            assert_eq!(ask(path, &format!("{site}{followed}")), 403, "{path}");
        }
    }
    for site in ["same-origin", "none"] {
        assert_eq!(ask("/info", &format!("Sec-Fetch-Site: {site}\r\n")), 200);
    }
}

#[test]
fn other_hosts_and_other_origins_are_refused() {
    let server = Running::with(Limits::default());
    let ask = |head: &str| server.ask(&format!("GET /info HTTP/1.1\r\n{head}\r\nConnection: close\r\n\r\n")).status;
    for host in ["localhost:1", "127.0.0.1:8765", "[::1]:8765", "LOCALHOST"] {
        assert_eq!(ask(&format!("Host: {host}")), 200, "{host}");
    }
    for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", ""] {
        assert_eq!(ask(&format!("Host: {host}")), 403, "{host}");
    }
    assert_eq!(ask("Host: localhost:1\r\nOrigin: http://localhost:1"), 200);
    for origin in ["http://evil.example", "null", "http://localhost:2", "localhost:1"] {
        assert_eq!(ask(&format!("Host: localhost:1\r\nOrigin: {origin}")), 403, "{origin}");
    }
}

#[test]
fn a_token_is_asked_for_everywhere_but_at_health() {
    let token = Token::new("0123456789abcdef").unwrap();
    let server = Running::at(&Settings::new("127.0.0.1:0".parse().unwrap(), Some(token)).unwrap());
    let ask = |path: &str, head: &str| {
        server.ask(&format!("GET {path} HTTP/1.1\r\nHost: any.example\r\nConnection: close\r\n{head}\r\n")).status
    };
    assert_eq!(ask("/health", ""), 200);
    for path in ["/info", "/metrics", "/v1/models", "/openapi.json", "/nothing"] {
        assert_eq!(ask(path, ""), 401, "{path}");
        assert_eq!(ask(path, "Authorization: Bearer 0123456789abcdeg\r\n"), 401, "{path}");
        assert_eq!(ask(path, "Authorization: 0123456789abcdef\r\n"), 401, "{path}");
        assert_ne!(ask(path, "Authorization: bearer 0123456789abcdef\r\n"), 401, "{path}");
    }
    assert_eq!(server.get("/v1/models").json()["error"]["code"], "invalid_api_key");
}

#[test]
fn what_waits_is_embedded_together_and_one_failure_is_nobody_else_s() {
    let server = Running::with(Limits::default());
    let gate = server.stub.gate.lock().unwrap();
    let first = server.send(&post("/embed", &json!({ "inputs": "first" }).to_string()));
    server.begun(1);
    let texts = ["a", "fail", "b", "panic", "c"];
    let waiting: Vec<TcpStream> =
        texts.iter().map(|text| server.send(&post("/embed", &json!({ "inputs": text }).to_string()))).collect();
    wait(|| server.metric("refrain_queue_texts ") == 5.0);
    drop(gate);
    assert_eq!(Answer::of(first).status, 200);
    let statuses: Vec<u16> = waiting.into_iter().map(|stream| Answer::of(stream).status).collect();
    assert_eq!(statuses, [200, 424, 200, 500, 200]);
    assert_eq!(server.stub.batches.lock().unwrap()[1].len(), 5);
}

#[test]
fn a_large_request_lets_small_ones_in_between_its_pieces() {
    let server = Running::with(Limits { batch_tokens: 8, ..Limits::default() });
    let gate = server.stub.gate.lock().unwrap();
    let large: Vec<String> = (0..10).map(|at| format!("large {at}")).collect();
    let large = server.send(&post("/embed", &json!({ "inputs": large }).to_string()));
    server.begun(1);
    let small = server.send(&post("/embed", &json!({ "inputs": "small" }).to_string()));
    wait(|| server.metric("refrain_queue_texts ") == 9.0);
    drop(gate);
    assert_eq!(Answer::of(small).status, 200);
    assert_eq!(Answer::of(large).json().as_array().unwrap().len(), 10);
    let batches = server.stub.batches.lock().unwrap();
    assert!(batches.iter().all(|batch| batch.len() <= 2), "{batches:?}");
    assert!(batches[1].contains(&"small".to_owned()), "{batches:?}");
}

#[test]
fn a_large_request_that_fails_leaves_nothing_waiting() {
    let server = Running::with(Limits { batch_tokens: 8, queued_texts: 4, ..Limits::default() });
    for fault in ["fail", "panic"] {
        let mut texts = vec![fault; 1];
        texts.extend(["a long text that is another piece"; 9]);
        assert!(server.post("/embed", &json!({ "inputs": texts })).status >= 424);
        wait(|| server.metric("refrain_queue_texts ") == 0.0);
        assert_eq!(server.post("/embed", &json!({ "inputs": ["a", "b", "c"] })).status, 200);
    }
}

#[test]
fn past_the_queue_s_length_requests_are_told_to_come_again() {
    let server = Running::with(Limits { queued_texts: 4, ..Limits::default() });
    let gate = server.stub.gate.lock().unwrap();
    let begun = server.send(&post("/embed", &json!({ "inputs": "begun" }).to_string()));
    server.begun(1);
    // One that finds none waiting is taken whatever its size.
    let waiting = server.send(&post("/embed", &json!({ "inputs": ["a", "b", "c", "d", "e"] }).to_string()));
    wait(|| server.metric("refrain_queue_texts ") == 5.0);
    let refused = server.post("/embed", &json!({ "inputs": "f" }));
    assert_eq!((refused.status, refused.json()["error_type"].clone()), (429, json!("Overloaded")));
    assert!(refused.head.contains("retry-after: 1"), "{}", refused.head);
    let refused = server.post("/v1/embeddings", &json!({ "input": "f", "model": "stub" }));
    assert_eq!((refused.status, refused.json()["error"]["code"].clone()), (429, json!("rate_limit_exceeded")));
    drop(gate);
    assert_eq!((Answer::of(begun).status, Answer::of(waiting).status), (200, 200));
}

#[test]
fn bodies_have_a_bound_together() {
    let server = Running::with(Limits { body_bytes: 4_096, held_bytes: 4_096, ..Limits::default() });
    let gate = server.stub.gate.lock().unwrap();
    let holding = server.send(&post("/embed", &json!({ "inputs": "a".repeat(3_500) }).to_string()));
    server.begun(1);
    assert_eq!(server.post("/embed", &json!({ "inputs": "a".repeat(3_500) })).status, 429);
    drop(gate);
    assert_eq!(Answer::of(holding).status, 200);
    assert_eq!(server.post("/embed", &json!({ "inputs": "a".repeat(3_500) })).status, 200);
}

#[test]
fn the_work_of_a_client_that_has_gone_is_dropped() {
    let server = Running::with(Limits::default());
    let gate = server.stub.gate.lock().unwrap();
    let begun = server.send(&post("/embed", &json!({ "inputs": "begun" }).to_string()));
    server.begun(1);
    let gone = server.send(&post("/embed", &json!({ "inputs": "gone" }).to_string()));
    let stays = server.send(&post("/embed", &json!({ "inputs": "stays" }).to_string()));
    wait(|| server.metric("refrain_queue_texts ") == 2.0);
    // The one that asks is open as well.
    let open = server.metric("refrain_connections ");
    drop(gone);
    wait(|| server.metric("refrain_connections ") < open);
    drop(gate);
    assert_eq!((Answer::of(begun).status, Answer::of(stays).status), (200, 200));
    assert!(!server.stub.batches.lock().unwrap().concat().contains(&"gone".to_owned()));
}

#[test]
fn a_stop_answers_what_was_taken() {
    let mut server = Running::with(Limits::default());
    let gate = server.stub.gate.lock().unwrap();
    let taken: Vec<TcpStream> =
        (0..5).map(|at| server.send(&post("/embed", &json!({ "inputs": format!("text {at}") }).to_string()))).collect();
    wait(|| server.metric("refrain_queue_texts ") >= 4.0);
    server.stop.take().unwrap().send(()).unwrap();
    wait(|| TcpStream::connect(server.address).is_err());
    drop(gate);
    for stream in taken {
        assert_eq!(Answer::of(stream).status, 200);
    }
    assert_eq!(server.stop(), Ended::Answered);
}

#[test]
fn a_stop_has_a_deadline() {
    let mut server = Running::with(Limits { stop_time: Duration::from_millis(50), ..Limits::default() });
    let stub = server.stub.clone();
    let gate = stub.gate.lock().unwrap();
    let _taken = server.send(&post("/embed", &json!({ "inputs": "a" }).to_string()));
    server.begun(1);
    assert_eq!(server.stop(), Ended::Cut);
    drop(gate);
}

#[test]
fn a_head_or_a_body_that_does_not_come_is_given_up() {
    let time = Duration::from_millis(100);
    let server = Running::with(Limits { head_time: time, body_time: time, ..Limits::default() });
    let mut stream = server.send("GET /info HTTP/1.1\r\nHost: local");
    let mut answer = Vec::new();
    // Closed, with an answer or without one: never left open.
    let _ = stream.read_to_end(&mut answer);
    let body = server.ask(
        "POST /embed HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{",
    );
    assert_eq!((body.status, body.json()["error_type"].clone()), (408, json!("Timeout")));
    // Nor is a connection that asks nothing any more.
    let mut idle = server.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut answer = Vec::new();
    idle.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
}

#[test]
fn an_answer_that_nobody_reads_is_given_up() {
    let server = Running::with(Limits { write_time: Duration::from_millis(100), ..Limits::default() });
    // More answers than sockets hold, one after the other on one connection.
    let many = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(4_000);
    let mut stream = TcpStream::connect(server.address).unwrap();
    // Given up before all is sent, or after.
    let _ = stream.write_all(many.as_bytes());
    wait(|| server.metric("refrain_connections ") == 1.0);
    assert!(server.metric("refrain_http_requests_total{route=\"/openapi.json\"") < 4_000.0);
}

#[test]
fn connections_past_the_limit_wait_and_are_answered() {
    let server = Running::with(Limits { connections: 1, ..Limits::default() });
    let first = TcpStream::connect(server.address).unwrap();
    let second = server.send("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    drop(first);
    assert_eq!(Answer::of(second).status, 200);
}

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
    let document = server.get("/openapi.json").json();
    assert_eq!(document["components"]["schemas"]["Dimensions"]["maximum"], 3);
}

#[test]
fn the_document_names_the_paths_that_there_are() {
    let document: Value = serde_json::from_str(include_str!("../src/serve/openapi.json")).unwrap();
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
    let router = include_str!("../src/serve/app.rs");
    for route in router.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        let path = route.replace("{*", "{");
        assert!(!document["paths"][&path].is_null(), "{path} is not in the document");
    }
}
