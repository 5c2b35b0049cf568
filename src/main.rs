//! The binary: a thin start of the library's command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    tlsprobe::cli::main()
}
