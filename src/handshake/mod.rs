//! The client's side of a handshake, without I/O.

mod key_share;

pub use key_share::{SHARE_GROUPS, key_shares};
