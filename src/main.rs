//! The command line: parse, run, print the error, exit code.
fn main() {}
