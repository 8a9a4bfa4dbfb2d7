//! Running the program in tests.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test file uses what it needs")]

pub mod batch;
#[cfg(feature = "hub")]
pub mod hub;
pub mod shelf;

use std::process::{Command, Output, Stdio};

/// The program with arguments, in the repository's root, with nothing of the tester's environment that changes output.
pub fn refrain(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_refrain"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env("RUST_BACKTRACE", "0");
    // No test reaches the network, or sees the tester's own models.
    for name in ["HF_TOKEN", "HF_TOKEN_PATH", "HF_ENDPOINT", "HTTPS_PROXY", "https_proxy", "http_proxy"] {
        command.env_remove(name);
    }
    for name in ["ALL_PROXY", "all_proxy", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"] {
        command.env_remove(name);
    }
    command.env("HF_HOME", "no/home").env("HF_HUB_CACHE", "no/cache").env("HF_HUB_OFFLINE", "1");
    command
}

/// Runs it to its end.
pub fn output_of(command: &mut Command) -> Output {
    command.output().unwrap()
}

/// Standard output of a run that must succeed and say nothing on standard error.
pub fn stdout(command: &mut Command) -> String {
    let run = output_of(command);
    assert!(run.status.success(), "{command:?}: {}", stderr(&run));
    assert_eq!(stderr(&run), "", "{command:?}");
    String::from_utf8(run.stdout).unwrap()
}

/// Standard error of a run.
pub fn stderr(run: &Output) -> String {
    String::from_utf8_lossy(&run.stderr).into_owned()
}
