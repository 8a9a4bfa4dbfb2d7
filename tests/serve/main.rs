//! The server over real sockets, with a model that waits, fails or panics when asked to.

#![cfg(feature = "serve")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]

mod about;
mod admission;
mod answers;
mod waiting;

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
