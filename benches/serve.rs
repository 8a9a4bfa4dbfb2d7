//! The server under load, beside the plain call of the library, in one run; then more load than it can take.
//!
//! Clients are threads of this process that keep a connection each, send, wait, and count: every request has an answer, or
//! the run fails. One text and 32, at 1, 16 and 128 connections: requests a second, and the 50th and 99th percentile.
//! Then, for as long as the second argument says, 256 connections ask without pause of a server whose queue is short:
//! answers by status, and its memory every second.
//!
//!     cargo bench --bench serve -- articles.jsonl [seconds of each step] [seconds of overload]

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test or bench that cannot go on stops")]
#![allow(clippy::print_stdout, reason = "its results")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use refrain::corpus::{self, ReadOptions};
use refrain::embed::{DeviceChoice, Devices, Encoder, Precision, bundled, open_device};
use refrain::serve::{Ended, Given, Limits, Model, Server, Settings};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let seconds = |at: usize, usual: u64| {
        Duration::from_secs(arguments.get(at).map_or(usual, |text| text.parse().expect("a number of seconds")))
    };
    let input = arguments.first().map_or("seeds", String::as_str);
    let collection = corpus::read(&[input.into()], &ReadOptions::default()).unwrap();
    let texts: Vec<String> = collection.paragraphs.iter().map(|paragraph| paragraph.text.clone()).collect();
    let pool = Arc::new(rayon::ThreadPoolBuilder::new().build().unwrap());
    let encoder = Arc::new(load());
    println!("{}", machine(&pool, &encoder, input, texts.len()));
    plain(&pool, &encoder, &texts, seconds(1, 5));
    // So long a queue that nobody is refused: 128 connections with 32 texts each.
    let running =
        Running::start(&pool, &encoder, Limits { queued_texts: 8_192, queued_tokens: 1 << 20, ..Limits::default() });
    println!("\n| texts | connections | requests/s | texts/s | p50 ms | p99 ms |\n|---|---|---|---|---|---|");
    for count in [1, 32] {
        for connections in [1, 16, 128] {
            let load = running.load(&texts, (count, connections), seconds(1, 5));
            assert!(load.statuses.keys().all(|status| *status == 200), "{:?}", load.statuses);
            println!("{}", load.row(count, connections));
        }
    }
    running.stop();
    overload(&pool, &encoder, &texts, seconds(2, 60));
}

fn load() -> Encoder {
    let devices: Devices = open_device(&DeviceChoice::Cpu).unwrap();
    Encoder::load_on(bundled::folder().unwrap(), &devices, Precision::Auto).unwrap()
}

fn machine(pool: &rayon::ThreadPool, encoder: &Encoder, input: &str, texts: usize) -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown").to_owned();
    format!(
        "refrain {}, {} threads of {}, {} in {}, {texts} paragraphs of {input}",
        env!("CARGO_PKG_VERSION"),
        pool.current_num_threads(),
        cpu.trim_start_matches([' ', '\t', ':']),
        encoder.name(),
        encoder.precision(),
    )
}

/// `Encoder::embed` in this process, one call after the other: what the server is held against.
fn plain(pool: &rayon::ThreadPool, encoder: &Encoder, texts: &[String], time: Duration) {
    for count in [1, 32, 512] {
        let (begun, mut calls, mut took) = (Instant::now(), 0, Vec::new());
        while begun.elapsed() < time {
            let call = Instant::now();
            let batch: Vec<&str> = (0..count).map(|at| texts[(calls * count + at) % texts.len()].as_str()).collect();
            pool.install(|| encoder.embed(&batch, &|_| ())).unwrap();
            took.push(call.elapsed());
            calls += 1;
        }
        let load = Load { statuses: [(200, calls)].into(), took, time: begun.elapsed() };
        println!("plain call: {}", load.row(count, 0));
    }
}

/// A server in this process.
struct Running {
    address: SocketAddr,
    stop: tokio::sync::oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
}

impl Running {
    fn start(pool: &Arc<rayon::ThreadPool>, encoder: &Arc<Encoder>, limits: Limits) -> Self {
        let model = Model::new(encoder.clone(), pool.clone(), 0);
        let server =
            Server::bind(&Settings::on_loopback(0).with_limits(limits), Given { model, library: None, tell: None })
                .unwrap();
        let (address, (stop, stopped)) = (server.address(), tokio::sync::oneshot::channel());
        let thread =
            thread::spawn(move || assert_eq!(server.run(async { _ = stopped.await }).unwrap(), Ended::Answered));
        Self { address, stop, thread }
    }

    fn stop(self) {
        self.stop.send(()).unwrap();
        self.thread.join().unwrap();
    }

    /// So many connections ask for vectors of so many texts without pause.
    fn load(&self, texts: &[String], (count, connections): (usize, usize), time: Duration) -> Load {
        let (begun, over) = (Instant::now(), AtomicBool::new(false));
        let loads: Vec<Load> = thread::scope(|scope| {
            let client = |client: usize| {
                let over = &over;
                scope.spawn(move || {
                    let mut client = Client::new(self.address, client);
                    while !over.load(Ordering::Relaxed) {
                        client.ask(texts, count);
                    }
                    client.load
                })
            };
            let clients: Vec<_> = (0..connections).map(client).collect();
            thread::sleep(time);
            over.store(true, Ordering::Relaxed);
            clients.into_iter().map(|client| client.join().unwrap()).collect()
        });
        loads.into_iter().fold(Load { time: begun.elapsed(), ..Load::default() }, Load::and)
    }
}

struct Client {
    stream: BufReader<TcpStream>,
    turn: usize,
    load: Load,
}

impl Client {
    fn new(address: SocketAddr, number: usize) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        Self { stream: BufReader::new(stream), turn: number * 7_919, load: Load::default() }
    }

    /// Sends, waits for the answer, and counts it.
    fn ask(&mut self, texts: &[String], count: usize) {
        let texts: Vec<&str> = (0..count).map(|at| texts[(self.turn + at) % texts.len()].as_str()).collect();
        self.turn += count;
        let body = serde_json::json!({ "inputs": texts }).to_string();
        let head = format!(
            "POST /embed HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let begun = Instant::now();
        self.stream.get_mut().write_all((head + &body).as_bytes()).unwrap();
        let status = self.answer(count);
        *self.load.statuses.entry(status).or_default() += 1;
        if status == 200 {
            self.load.took.push(begun.elapsed());
        }
    }

    fn answer(&mut self, count: usize) -> u16 {
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            assert_ne!(self.stream.read_line(&mut line).unwrap(), 0, "a request without an answer");
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest[..3].parse().unwrap();
            } else if let Some(rest) = line.strip_prefix("content-length: ") {
                length = rest.parse().unwrap();
            } else if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        // As many vectors as texts.
        assert!(status != 200 || body.iter().filter(|&&byte| byte == b'[').count() == count + 1);
        status
    }
}

/// What was answered, and how fast.
#[derive(Default)]
struct Load {
    statuses: BTreeMap<u16, usize>,
    took: Vec<Duration>,
    time: Duration,
}

impl Load {
    fn and(mut self, other: Self) -> Self {
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.took.extend(other.took);
        self
    }

    fn row(&self, count: usize, connections: usize) -> String {
        let mut took = self.took.clone();
        took.sort_unstable();
        let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        let rate = took.len() as f64 / self.time.as_secs_f64();
        let texts = rate * count as f64;
        format!("| {count} | {connections} | {rate:.1} | {texts:.1} | {:.1} | {:.1} |", at(0.5), at(0.99))
    }
}

/// Far more than it can take, of a short queue: what is answered, and what memory does.
fn overload(pool: &Arc<rayon::ThreadPool>, encoder: &Arc<Encoder>, texts: &[String], time: Duration) {
    let running = Running::start(pool, encoder, Limits { queued_texts: 256, ..Limits::default() });
    let over = AtomicBool::new(false);
    let (load, memory) = thread::scope(|scope| {
        let watched = scope.spawn(|| {
            let mut memory = Vec::new();
            while !over.load(Ordering::Relaxed) {
                memory.push(resident());
                thread::sleep(Duration::from_secs(1));
            }
            memory
        });
        let load = running.load(texts, (8, 256), time);
        over.store(true, Ordering::Relaxed);
        (load, watched.join().unwrap())
    });
    running.stop();
    assert!(load.statuses.keys().all(|status| [200, 429].contains(status)), "{:?}", load.statuses);
    let sum: usize = load.statuses.values().sum();
    println!(
        "\noverload: 256 connections, 8 texts a request, {:.0} s: {sum} requests, all answered",
        time.as_secs_f64()
    );
    println!("by status: {:?}; of those with vectors: {}", load.statuses, load.row(8, 256));
    let (settled, end) = memory.split_at(memory.len() / 4);
    let most = |part: &[f64]| part.iter().copied().fold(0.0, f64::max);
    println!(
        "resident MiB, server and clients together: at most {:.0} in the first quarter, {:.0} after",
        most(settled),
        most(end)
    );
    println!("every second: {}", memory.iter().map(|mib| format!("{mib:.0}")).collect::<Vec<_>>().join(" "));
}

/// Resident memory of this process, in MiB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}
