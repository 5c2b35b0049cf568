//! The binary: a thin start of the library's command line.

use std::process::ExitCode;

/// Probing many endpoints is many small pieces of memory, taken and given back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tlsprobe::cli::main()
}
