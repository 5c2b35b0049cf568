//! tlsprobe asks a TLS endpoint one hand-built ClientHello at a time and says exactly what came back.
//!
//! One check travels one way, with plain types between the steps:
//!
//! ```text
//! target → plan → dial → exchange → outcome → observation → finding → report
//! ```
//!
//! The nouns are files at the top of the crate; the folders are the work done on them.
//!
//! | word | what it is | where |
//! |---|---|---|
//! | Target | host, port, SNI name, and the address to connect to in its place | [`target`] |
//! | Proxy | one to connect through, who we are to it, and which targets go through it | [`proxy`] |
//! | Offer | a ClientHello before its fresh values, every field in order | [`offer`] |
//! | Question | one hello on one connection: no hidden retry, no hidden second address | [`question`] |
//! | Outcome | what the peer did, by stage and kind, with the bytes and times that prove it | [`outcome`] |
//! | Reflected | what arrived at the far end of a proof, as that end tells it | [`reflected`] |
//! | Plan | what to ask of one endpoint, on which way, and how long to wait | [`plan`] |
//! | Observation | what a probe learned: known, could not be told and why, or not asked | [`observation`] |
//! | Finding | one rule's judgement over observations, and its remedy | [`finding`] |
//! | Report | target, route, exchanges, observations, findings, connections | [`report`] |
//!
//! | work | what it does |
//! |---|---|
//! | [`registry`] | code points: one row each, with name and properties |
//! | [`wire`] | messages to bytes and back; knows no socket and no secret |
//! | [`crypto`] | key exchange, key derivation, record protection and signatures, of audited primitives |
//! | [`handshake`] | the client's side of a handshake, TLS 1.0 to 1.3, without I/O |
//! | [`certificate`] | reads certificates as they came; judges names, dates, order, trust and revocation |
//! | [`profile`] | real clients' hellos as data, each field with its source and how well it is known |
//! | [`machine`] | the Windows server under diagnosis, put together from files and options, and its two legs |
//! | [`pack`] | what is expected of each endpoint, as data with its source |
//! | [`dial`] | a name into addresses, an address or a proxy into a stream; every call that is the system's own |
//! | [`http`] | one request over an open stream, recorded |
//! | [`ftp`] | what is said on an open control connection of FTP, up to a data connection |
//! | [`exchange`] | one question over one open stream, recorded byte for byte |
//! | [`probe`] | what to ask next, and how to read the answers; no I/O |
//! | [`survey`] | runs probes on an endpoint: order, concurrency, deadlines |
//! | [`routes`] | what the way through a proxy makes of TLS, told from the answers of two ways |
//! | [`check`] | the flow on one page: packs into plans, a plan into a report |
//! | [`bulk`] | many targets: a list, pace, progress, and going on where a run was ended |
//! | [`diagnose`] | rules: observations in, findings out |
//! | [`explain`] | a code or a whole log, in a person's words, and the command that tests it |
//! | [`escape`] | words of peers, files and users, made harmless for a terminal |
//! | [`render`] | a report in, text out; decides nothing |
//! | [`lab`] | scripted endpoints and proxies that behave as real ones were seen to |
//! | [`reflect`] | the far end of a proof: sends back what arrived |
//! | [`cli`] | arguments, commands, messages, exit codes |
//!
//! Nothing reaches back: an exchange does not know why it asks, a probe does no I/O, a renderer decides nothing.
//! `tests/architecture.rs` holds the table of what each module may use and checks every path against it.
//!
//! Three rules run through all of it. Bytes come before endings: an alert followed by a RST is an alert. Every ending
//! has a kind of its own ([`outcome::Answer`]), the same word in code, text and JSON. And "could not tell" is an
//! answer: silence, an error or a stray byte is never read as a refusal.

pub mod bulk;
pub mod certificate;
pub mod check;
pub mod cli;
pub mod crypto;
pub mod diagnose;
pub mod dial;
pub mod escape;
pub mod exchange;
pub mod explain;
pub mod finding;
pub mod ftp;
pub mod handshake;
pub mod http;
pub mod lab;
pub mod machine;
pub mod observation;
pub mod offer;
pub mod outcome;
pub mod pack;
pub mod plan;
pub mod probe;
pub mod profile;
pub mod proxy;
pub mod question;
pub mod reflect;
pub mod reflected;
pub mod registry;
pub mod render;
pub mod report;
pub mod routes;
pub mod survey;
pub mod target;
pub mod wire;
