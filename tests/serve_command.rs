//! `refrain serve` as a user runs it: what it says, whom it refuses, and how it stops.

#![cfg(all(feature = "serve", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use support::{output_of, refrain, stderr};

const STATIC: [&str; 2] = ["--model", "tests/golden/architectures/static"];

struct Server {
    child: Child,
    said: BufReader<std::process::ChildStderr>,
    address: String,
}

impl Server {
    fn start(more: &[&str]) -> Self {
        let arguments = [&["serve", "--port", "0"], &STATIC[..], more].concat();
        let mut child = refrain(&arguments).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("http://") {
            line.clear();
            assert_ne!(said.read_line(&mut line).unwrap(), 0, "it ended before it served");
        }
        let address = line.rsplit("http://").next().unwrap().trim().to_owned();
        Self { child, said, address }
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
        let mut said = String::new();
        self.said.read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

#[test]
fn it_serves_tells_and_stops() {
    for signal in ["-INT", "-TERM"] {
        let server = Server::start(&["-v"]);
        let body = "{\"inputs\": \"The harbour stays closed.\"}";
        let answer = server.ask(&format!(
            "POST /embed HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        let vectors: Vec<Vec<f32>> = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert!((vectors[0].iter().map(|value| value * value).sum::<f32>() - 1.0).abs() < 1e-5);
        let (code, said) = server.stop(signal);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("POST /embed 200") && said.contains("everything that was taken was answered"), "{said}");
    }
}

#[test]
fn beyond_loopback_it_wants_a_token_that_cannot_be_guessed() {
    let refused = |command: &mut Command| {
        let run = output_of(command);
        assert_eq!(run.status.code(), Some(1), "{}", stderr(&run));
        stderr(&run)
    };
    let open = ["serve", "--host", "0.0.0.0", "--port", "0"];
    assert!(refused(refrain(&open).env_remove("REFRAIN_TOKEN")).contains("without a token"));
    let said = refused(refrain(&open).env("REFRAIN_TOKEN", "short"));
    assert!(said.contains("a token of 5 characters: expected at least 16"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "0123456789abcdef\n").unwrap();
    let server = Server::start(&["--host", "0.0.0.0", "--token-file", file.to_str().unwrap()]);
    let port = server.address.rsplit(':').next().unwrap().to_owned();
    let server = Server { address: format!("127.0.0.1:{port}"), ..server };
    let ask = |path: &str, more: &str| {
        server.ask(&format!("GET {path} HTTP/1.1\r\nHost: any.example\r\nConnection: close\r\n{more}\r\n"))
    };
    assert!(ask("/info", "").starts_with("HTTP/1.1 401"));
    assert!(ask("/health", "").starts_with("HTTP/1.1 200"));
    assert!(ask("/info", "Authorization: Bearer 0123456789abcdef\r\n").starts_with("HTTP/1.1 200"));
    server.stop("-TERM");
}

#[test]
fn a_port_that_is_taken_is_an_error() {
    let server = Server::start(&[]);
    let port = server.address.rsplit(':').next().unwrap().to_owned();
    let run = output_of(&mut refrain(&["serve", "--port", &port, STATIC[0], STATIC[1]]));
    assert_eq!(run.status.code(), Some(1));
    assert!(stderr(&run).contains(&format!("listening at 127.0.0.1:{port}: ")), "{}", stderr(&run));
    // Before any model is looked for.
    let run = output_of(&mut refrain(&["serve", "--port", &port, "--model", "tests/no such model"]));
    assert!(stderr(&run).contains(&format!("listening at 127.0.0.1:{port}: ")), "{}", stderr(&run));
    server.stop("-TERM");
}
