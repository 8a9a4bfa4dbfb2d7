//! Batches in tests: a corpus of lines, a small model, a folder to work in.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{output_of, refrain, stderr};

/// A model without layers, so that thousands of texts take no time.
pub const STATIC: [&str; 2] = ["--model", "tests/golden/architectures/static"];

/// Lines of articles of one to three paragraphs by five outlets; every hundredth line is no JSON.
pub fn lines(count: usize) -> String {
    let article = |at: usize| {
        let text = (0..=at % 3).map(|part| {
            format!("Report {at} part {part} says the deal is worth {} billion dollars today.", at * 7 % 90)
        });
        let text = text.collect::<Vec<_>>().join("\n\n");
        serde_json::json!({ "id": format!("a{at}"), "outlet": format!("outlet {}", at % 5), "text": text, "desk": at % 4 })
    };
    let line = |at: usize| if at % 100 == 99 { "no JSON\n".to_owned() } else { format!("{}\n", article(at)) };
    (0..count).map(line).collect()
}

pub struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn with(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.name(name)
    }

    pub fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// `embed INPUT -o OUTPUT` with the small model in shards of 500 rows.
    pub fn embed(&self, input: &str, output: &str, more: &[&str]) -> Command {
        let output = self.name(output);
        let mut arguments = vec!["embed", input, "-o", &output, "--shard-rows", "500"];
        arguments.extend(STATIC);
        arguments.extend(more);
        refrain(&arguments)
    }

    /// The files of a folder by name, but for the lock.
    pub fn files(&self, name: &str) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.path(name)).unwrap().map(|entry| entry.unwrap().path());
        let named = entries.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path));
        named.filter(|(name, _)| name != ".lock").map(|(name, path)| (name, fs::read(path).unwrap())).collect()
    }
}

pub fn succeed(command: &mut Command) -> String {
    let run = output_of(command);
    assert!(run.status.success(), "{command:?}: {}", stderr(&run));
    stderr(&run)
}

/// The last line of standard error of a run that must fail with a code.
pub fn fail(command: &mut Command, code: i32) -> String {
    let run = output_of(command);
    assert_eq!(run.status.code(), Some(code), "{command:?}: {}", stderr(&run));
    stderr(&run)
}

pub fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("_manifest.json")).unwrap()).unwrap()
}
