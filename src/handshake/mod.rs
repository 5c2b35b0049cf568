//! The client's side of a handshake, without I/O: bytes in, bytes and events out.
//!
//! ```text
//! let mut client = Client::new(ClientHelloSent::new(&hello, key_shares), options);
//! loop { let Step { write, events } = client.receive(&bytes, &mut random); … }
//! ```
//!
//! A [`Client`] begins where the hello has been sent: the hello is an `Offer`'s, and the client is handed its bytes with
//! the private keys of its key shares. From there it reads what comes, in any pieces, and says what to write. It goes as
//! far as the [`Depth`] says: to the end of the server's first flight without writing a byte, or to the end of the
//! handshake and on, with application data, tickets, key updates, renegotiation and late requests for a certificate.
//!
//! It judges little and tells all. A signature that is wrong is an [`Event`], not an end. What does end a handshake is
//! told apart: the peer's alert ([`Event::Alert`]), what it may not send, a record that does not open with our keys, a
//! Finished that does not follow from the handshake as we saw it, and what this client can't do ([`Stopped`]). What was
//! learned before such an end has been told before it.
//!
//! There are no dice and no clock in here: randomness is an argument of each step, and the age of a ticket one of
//! [`offer_psk`]. So the same bytes and the same randomness give the same bytes again, and a recorded flow replays. What
//! is held of a peer's bytes is at most one record, one message and its certificates. Secrets have no text form but the
//! [`KeyLogLine`]s, and are wiped when dropped.
//!
//! | file | what it is |
//! |---|---|
//! | `client` | the caller's side: records to messages, alerts, and the machine of the version |
//! | `link` | the records of one connection, opened and sealed |
//! | `tls12` | TLS 1.0 to 1.2: full, resumed, renegotiated |
//! | `tls13`, `retry`, `psk` | TLS 1.3; the second hello; binders |
//! | `options`, `event`, `session` | what the caller chooses, what it learns, what can be resumed |

mod client;
mod credentials;
mod event;
mod key_log;
mod key_share;
mod link;
mod options;
mod prime;
mod psk;
mod retry;
mod sent;
mod session;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod tls12;
mod tls13;

pub use client::Client;
pub use credentials::ClientCertificate;
pub use event::{CertificateRequested, Event, SignatureCheck, Step, Stopped};
pub use key_log::KeyLogLine;
pub use key_share::{KeyShares, SHARE_GROUPS};
pub use options::{Depth, Derivation, KeyChoice, OnHelloRequest, Options};
pub use prime::PrimeFacts;
pub use psk::offer_psk;
pub use sent::ClientHelloSent;
pub use session::{PskSession, Session};
