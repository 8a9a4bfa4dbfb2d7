//! A small hub on loopback: answers as the real one does, large files by a redirect to another host, and misbehaves where
//! a test asks for it.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test file uses what it needs")]

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// The commit of the branch `main`.
pub const MAIN: &str = "1111111111111111111111111111111111111111";
/// The commit of the tag `v1`.
pub const TAGGED: &str = "2222222222222222222222222222222222222222";

/// The files of a commit.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What a request asked for.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// By names in lower case.
    pub headers: BTreeMap<String, String>,
}

/// How the hub behaves.
#[derive(Default)]
pub struct Script {
    /// Files by commit.
    pub commits: BTreeMap<&'static str, Files>,
    /// The token it asks for.
    pub token: Option<&'static str>,
    /// Whether a large file is announced larger by so much than it is.
    pub announce_more: usize,
    /// The answer to every request for a list, where it is no list.
    pub status: Option<&'static str>,
    /// Whether lists are always somewhere else.
    pub circles: bool,
    /// The end of the paths it knows nothing of, though it lists them, and says no reason.
    pub lost: Option<&'static str>,
    /// The commit that it says every revision is.
    pub answers: Option<&'static str>,
    /// Whether large files are announced without their size.
    pub no_sizes: bool,
    /// The ETag of large files, where it is not their SHA-256.
    pub etag: Option<&'static str>,
    /// Whether the large files that come are not what was announced.
    pub damaged: bool,
    /// The same of small files.
    pub damaged_small: bool,
    /// Whether the host of the large files does not know Range.
    pub no_ranges: bool,
    /// Bytes of a large file after which the connection breaks, answer by answer; then no more.
    pub breaks: Mutex<VecDeque<usize>>,
}

/// One that runs until it is dropped.
pub struct LoopbackHub {
    pub address: String,
    pub requests: Arc<Mutex<Vec<Request>>>,
    /// Those to the host of the large files.
    pub blob_requests: Arc<Mutex<Vec<Request>>>,
    hosts: Vec<(String, JoinHandle<()>)>,
    stop: Arc<AtomicBool>,
}

struct Reply {
    status: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// Bytes of the body after which the connection breaks.
    breaks: Option<usize>,
}

fn reply(status: &'static str, headers: Vec<(&'static str, String)>, body: Vec<u8>) -> Reply {
    Reply { status, headers, body, breaks: None }
}

/// The files below a folder, by their paths in it.
pub fn files_of(folder: &Path) -> Files {
    let mut files = Files::new();
    for entry in
        walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file())
    {
        let name = entry.path().strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
        files.insert(name, std::fs::read(entry.path()).unwrap());
    }
    files
}

/// The SHA-256 of bytes, as text.
pub fn sha256(bytes: &[u8]) -> String {
    sum(&ring::digest::SHA256, bytes)
}

/// The hash by which git knows bytes, as text.
pub fn git_sha1(bytes: &[u8]) -> String {
    let blob = [format!("blob {}\0", bytes.len()).as_bytes(), bytes].concat();
    sum(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &blob)
}

fn sum(algorithm: &'static ring::digest::Algorithm, bytes: &[u8]) -> String {
    ring::digest::digest(algorithm, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl LoopbackHub {
    pub fn start(script: Script) -> Self {
        let script = Arc::new(script);
        let stop = Arc::new(AtomicBool::new(false));
        let (requests, blob_requests) = (Arc::<Mutex<Vec<Request>>>::default(), Arc::<Mutex<Vec<Request>>>::default());
        let answers = Arc::clone(&script);
        let blobs = host(&stop, &blob_requests, move |request| answers.blob(request));
        let blob_address = blobs.0.clone();
        let hub = host(&stop, &requests, move |request| script.answer(request, &blob_address));
        Self { address: format!("http://{}", hub.0), requests, blob_requests, hosts: vec![hub, blobs], stop }
    }

    /// Paths asked for with GET, in order, of both hosts.
    pub fn fetched(&self) -> Vec<String> {
        let of = |requests: &Mutex<Vec<Request>>| requests.lock().unwrap().clone();
        let all = of(&self.requests).into_iter().chain(of(&self.blob_requests));
        all.filter(|request| request.method == "GET").map(|request| request.path).collect()
    }
}

impl Drop for LoopbackHub {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        for (address, thread) in self.hosts.drain(..) {
            // Wakes the thread, which then sees that it shall stop.
            drop(TcpStream::connect(address));
            let _ = thread.join();
        }
    }
}

/// Serves one request a connection.
fn host(
    stop: &Arc<AtomicBool>,
    log: &Arc<Mutex<Vec<Request>>>,
    answer: impl Fn(&Request) -> Reply + Send + 'static,
) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (stop, log) = (Arc::clone(stop), Arc::clone(log));
    let thread = std::thread::spawn(move || {
        for stream in listener.incoming() {
            if stop.load(Ordering::SeqCst) {
                break;
            }
            let mut stream = stream.unwrap();
            let Some(request) = read_request(&stream) else { continue };
            log.lock().unwrap().push(request.clone());
            let reply = answer(&request);
            // A client may go away.
            let _ = write_reply(&mut stream, &request, &reply);
        }
    });
    (address, thread)
}

fn read_request(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    for line in lines {
        let line = line.ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    Some(Request { method, path, headers })
}

fn write_reply(stream: &mut TcpStream, request: &Request, reply: &Reply) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 {}\r\nConnection: close\r\nContent-Length: {}\r\n", reply.status, reply.body.len())?;
    for (name, value) in &reply.headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    stream.write_all(b"\r\n")?;
    if request.method == "GET" {
        stream.write_all(&reply.body[..reply.breaks.unwrap_or(reply.body.len())])?;
    }
    stream.flush()
}

fn refused(status: &'static str, code: &str) -> Reply {
    reply(status, vec![("X-Error-Code", code.to_owned())], Vec::new())
}

impl Script {
    /// Serves these files as the branch `main` of org/name.
    pub fn of(files: Files) -> Self {
        Self { commits: [(MAIN, files)].into(), ..Self::default() }
    }

    fn answer(&self, request: &Request, blobs: &str) -> Reply {
        let sent = request.headers.get("authorization");
        if self.token.is_some_and(|token| sent != Some(&format!("Bearer {token}"))) {
            return refused("401 Unauthorized", "RepoNotFound");
        }
        if let Some(revision) = request.path.strip_prefix("/api/models/org/name/revision/") {
            return self.listing(revision);
        }
        let Some(rest) = request.path.strip_prefix("/org/name/resolve/") else {
            return refused("404 Not Found", "RepoNotFound");
        };
        if self.lost.is_some_and(|lost| rest.ends_with(lost)) {
            return reply("404 Not Found", Vec::new(), Vec::new());
        }
        let (commit, file) = rest.split_once('/').unwrap();
        let Some(content) = self.commits.get(commit).and_then(|files| files.get(file)) else {
            return refused("404 Not Found", "EntryNotFound");
        };
        let commit = ("X-Repo-Commit", commit.to_owned());
        if !is_large(file) {
            let mut content = content.clone();
            let etag = format!("\"{}\"", git_sha1(&content));
            if self.damaged_small {
                *content.last_mut().unwrap() ^= 1;
            }
            return reply("200 OK", vec![commit, ("ETag", etag)], content);
        }
        let etag = self.etag.map_or_else(|| sha256(content), str::to_owned);
        let mut headers =
            vec![commit, ("X-Linked-ETag", format!("\"{etag}\"")), ("Location", format!("http://{blobs}/{rest}"))];
        if !self.no_sizes {
            headers.push(("X-Linked-Size", (content.len() + self.announce_more).to_string()));
        }
        reply("302 Found", headers, Vec::new())
    }

    fn listing(&self, revision: &str) -> Reply {
        if let Some(status) = self.status {
            return reply(status, Vec::new(), Vec::new());
        }
        if self.circles {
            let to = format!("/api/models/org/name/revision/{revision}");
            return reply("307 Temporary Redirect", vec![("Location", to)], Vec::new());
        }
        let commit = match revision {
            "main" => MAIN,
            "v1" => TAGGED,
            other => other,
        };
        let Some(files) = self.commits.get(commit) else { return refused("404 Not Found", "RevisionNotFound") };
        let siblings: Vec<_> = files.keys().map(|name| serde_json::json!({"rfilename": name})).collect();
        let text = serde_json::json!({"id": "org/name", "sha": self.answers.unwrap_or(commit), "siblings": siblings})
            .to_string();
        reply("200 OK", vec![("Content-Type", "application/json".to_owned())], text.into_bytes())
    }

    fn blob(&self, request: &Request) -> Reply {
        let (commit, file) = request.path[1..].split_once('/').unwrap();
        let mut content = self.commits[commit][file].clone();
        if self.damaged {
            *content.last_mut().unwrap() ^= 1;
        }
        let (size, etag) = (content.len(), ("ETag", format!("\"{}\"", sha256(&content))));
        let range = request.headers.get("range").filter(|_| !self.no_ranges);
        let from =
            range.map(|range| range.trim_start_matches("bytes=").trim_end_matches('-').parse::<usize>().unwrap());
        let breaks = self.breaks.lock().unwrap().pop_front();
        Reply {
            breaks,
            ..match from {
                None => reply("200 OK", vec![etag], content),
                Some(from) if from >= size => reply("416 Range Not Satisfiable", Vec::new(), Vec::new()),
                Some(from) => {
                    let range = ("Content-Range", format!("bytes {from}-{}/{size}", size - 1));
                    reply("206 Partial Content", vec![etag, range], content.split_off(from))
                }
            }
        }
    }
}

/// Whether the hub keeps a file apart.
fn is_large(file: &str) -> bool {
    file.ends_with(".safetensors") || file.ends_with("tokenizer.json")
}
