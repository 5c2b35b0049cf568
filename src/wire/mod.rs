//! Messages and bytes: what SSL 2.0 to TLS 1.3 put on the wire, as far as it is readable without keys.
//!
//! Writing obeys: any value of a type is encoded as it stands, sensible or not. Reading judges: what the RFC does not
//! allow is a [`DecodeError`] that names the field, and where it is. In between nothing is normalised: whatever was
//! accepted encodes to the bytes it came from, so order, duplicates and unknown code points survive.
//!
//! This module knows no socket, no key and no handshake state.

pub mod alert;
mod codec;
pub mod extension;
pub mod fingerprint;
pub mod handshake;
mod reader;
pub mod record;
pub mod ssl2;
#[cfg(test)]
mod testing;
mod writer;

pub use codec::{DecodeError, EncodeError, Wire};
pub use reader::Reader;
pub use writer::Writer;
