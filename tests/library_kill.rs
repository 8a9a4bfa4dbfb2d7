//! Whatever is done to a library, killed at any moment: what was committed stands, and the same command goes on.
//!
//! Each kill is SIGKILL after a random part of the time that the command takes, and `refrain verify` after each. In CI some
//! dozens; `REFRAIN_KILLS=100 cargo test --release --test library_kill -- --nocapture` kills each command a hundred times.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test or bench that cannot go on stops"
)]

mod support;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rusqlite::{Connection, OpenFlags};
use support::batch::{Desk, STATIC, lines, succeed};
use support::{output_of, refrain, stderr};

/// What a library holds, but for ids and times: by article and place, the text and its vector.
type Contents = Vec<(String, i64, String, Option<String>, Vec<u8>)>;

struct Kills {
    desk: Desk,
    random: StdRng,
    /// Of each command.
    times: usize,
    killed: usize,
    ended: usize,
}

impl Kills {
    fn new() -> Self {
        let times = std::env::var("REFRAIN_KILLS").ok().and_then(|times| times.parse().ok()).unwrap_or(8);
        Self { desk: Desk::new(), random: StdRng::seed_from_u64(1), times, killed: 0, ended: 0 }
    }

    fn command(&self, name: &str, rest: &[&str]) -> Command {
        let library = self.desk.name("news.refrain");
        let model: &[&str] = if matches!(name, "add" | "reembed") { &STATIC } else { &[] };
        refrain(&[&[name, library.as_str()], rest, model].concat())
    }

    fn contents(&self) -> Contents {
        contents(&self.desk.name("news.refrain"))
    }

    /// Starts the command again and again and kills it; after each kill `stands` looks at what is there. Then lets it end.
    fn run(&mut self, name: &str, rest: &[&str], stands: &mut dyn FnMut(&Contents)) {
        let before = std::fs::read(self.desk.path("news.refrain")).ok();
        let begun = Instant::now();
        succeed(&mut self.command(name, rest));
        let whole = begun.elapsed();
        match before {
            Some(bytes) => std::fs::write(self.desk.path("news.refrain"), bytes).unwrap(),
            None => std::fs::remove_file(self.desk.path("news.refrain")).unwrap(),
        }
        for _ in 0..self.times {
            self.kill(name, rest, whole);
            if self.is_made() {
                self.verify();
                stands(&self.contents());
            }
        }
        let last = output_of(&mut self.command(name, rest));
        // What one that was killed too late had removed cannot be removed once more.
        assert!(last.status.success() || stderr(&last).contains("no outlet \"outlet 0\""), "{}", stderr(&last));
        self.verify();
    }

    fn kill(&mut self, name: &str, rest: &[&str], whole: Duration) {
        let mut child = self.command(name, rest).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // A point in time is the input of this test, not a wait for something to happen.
        std::thread::sleep(whole.mul_f64(self.random.gen_range(0.0..1.1)));
        child.kill().unwrap();
        match child.wait().unwrap().code() {
            None => self.killed += 1,
            Some(_) => self.ended += 1,
        }
    }

    /// Whether there is a library: the making of one is undone, too, where it was killed.
    fn is_made(&self) -> bool {
        let told = stderr(&output_of(&mut self.command("info", &[])));
        !(told.contains("is an empty file") || told.contains("there is no such file"))
    }

    fn verify(&self) {
        let run = output_of(&mut self.command("verify", &[]));
        assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), stderr(&run));
    }
}

fn contents(path: &str) -> Contents {
    // To write, for what a killed run left half is undone on opening.
    let library = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let sql = "SELECT a.name, p.place, p.text, p.reason, e.vectors FROM article a JOIN paragraph p ON p.article = a.id \
               LEFT JOIN embedding e ON e.article = a.id ORDER BY a.name, p.place";
    let mut rows = library.prepare(sql).unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)));
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn killed_at_any_moment_what_was_committed_stands() {
    let mut kills = Kills::new();
    let first = lines(4_000);
    let second = first.replace("Report 1", "Update 1");
    let (first, second) = (kills.desk.with("first.jsonl", &first), kills.desk.with("second.jsonl", &second));
    let mut most = 0;
    kills.run("add", &[&first], &mut |now| {
        assert!(now.len() >= most, "{} paragraphs where {most} were committed", now.len());
        most = now.len();
    });
    let whole = kills.contents();
    kills.run("add", &[&second], &mut |now| assert_eq!(now.len(), whole.len()));
    let updated = kills.contents();
    assert_ne!(whole, updated);
    let left: Vec<_> = updated.iter().filter(|row| !row.0.ends_with('5') && !row.0.ends_with('0')).cloned().collect();
    kills.run("remove", &["--outlet", "outlet 0"], &mut |now| assert!(*now == updated || *now == left));
    assert_eq!(kills.contents(), left);
    let narrow = |now: &Contents| now.iter().map(|row| row.4.len()).collect::<Vec<_>>();
    let (wide, half) = (narrow(&left), narrow(&left).into_iter().map(|bytes| bytes / 2).collect::<Vec<_>>());
    kills.run("reembed", &["--truncate-dim", "12"], &mut |now| {
        let bytes = narrow(now);
        assert!(bytes == wide || bytes == half);
    });
    let small = kills.contents();
    kills.run("compact", &[], &mut |now| assert_eq!(*now, small));
    assert_eq!(kills.contents(), small);
    eprintln!("{} kills, {} runs that ended first, no fault", kills.killed, kills.ended);
    assert!(kills.killed > 0);
}
