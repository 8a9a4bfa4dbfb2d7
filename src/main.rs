//! The program: a user of the library like any other.

use std::process::ExitCode;

fn main() -> ExitCode {
    refrain::cli::main()
}
