//! Chains and revocation, made by `openssl ca`, served by nginx: what the report says of each, and what `openssl verify`
//! and GnuTLS's `certtool` say of the same files.

mod pki;
mod revocation;
mod verdicts;
