//! The binary: a thin start of the library's command line.

fn main() {}
