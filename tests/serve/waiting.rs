//! What waits, together with what, how much of it, and what becomes of it at the end.

use super::*;

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
fn a_single_text_waits_for_one_batch_behind_many_large_requests() {
    let server = Running::with(Limits { batch_tokens: 40, ..Limits::default() });
    let gate = server.stub.gate.lock().unwrap();
    let first = server.send(&post("/embed", &json!({ "inputs": "first" }).to_string()));
    server.begun(1);
    let large = |at: usize| json!({ "inputs": (0..100).map(|text| format!("{at} {text}")).collect::<Vec<_>>() });
    let large: Vec<TcpStream> = (0..5).map(|at| server.send(&post("/embed", &large(at).to_string()))).collect();
    wait(|| server.metric("refrain_queue_texts ") == 500.0);
    let small = server.send(&post("/v1/embeddings", &json!({ "input": "small", "model": "stub" }).to_string()));
    wait(|| server.metric("refrain_queue_texts ") == 501.0);
    drop(gate);
    for stream in large.into_iter().chain([first, small]) {
        assert_eq!(Answer::of(stream).status, 200);
    }
    let batches = server.stub.batches.lock().unwrap();
    let at = batches.iter().position(|batch| batch.contains(&"small".to_owned()));
    assert_eq!(at, Some(1), "{batches:?}");
}
