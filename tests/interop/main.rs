//! Real servers from the distribution's packages: what `probe` reports equals what each was configured with.
//!
//! Every test starts its own servers on free loopback ports, with keys and certificates of its own, so all of them
//! may run at once. Where a program is missing a test says so and returns; in CI (`CI` is set) it fails.

#![cfg(unix)]
#![expect(
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "so a test fails, and says why"
)]

#[macro_use]
mod program;
mod certificates;
mod probe;
mod server;
mod settings;

mod certificate_chain;
mod cipher_suites;
mod client_certificate;
mod every_handshake;
mod extended_master_secret;
mod finish;
mod ftp_data;
mod hello_size;
mod http;
mod key_exchange;
mod names;
mod scan;
mod scan_agreement;
mod scan_parts;
mod starttls;
mod trust;
mod versions;
