//! What this thread has judged of late, all but the name: by store, time and chain.
//!
//! Bounded in number and, for a peer chooses what it sends, in size: long chains are judged each time.

use std::cell::RefCell;
use std::collections::HashMap;

use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::{Case, Judged, TrustStore};

/// How many are kept; when there are more, all are let go.
const MOST: usize = 32;

/// The most octets of DER in a chain whose judgement is kept. Four certificates of a usual size have half as many.
const LONGEST: usize = 16 * 1024;

/// A store, a time, and the SHA-256 of the chain.
type Key = (u64, OffsetDateTime, [u8; 32]);

thread_local! {
    static RECENT: RefCell<HashMap<Key, Judged>> = RefCell::default();
}

/// The judgement that is kept, else the one that `judge` comes to.
pub(super) fn judged(case: &Case<'_>, store: &TrustStore, judge: impl FnOnce() -> Judged) -> Judged {
    let certificates = || case.sent.iter().chain(case.fetched);
    if certificates().map(Vec::len).sum::<usize>() > LONGEST {
        return judge();
    }
    let mut hash = Sha256::new();
    hash.update(case.sent.len().to_be_bytes());
    for der in certificates() {
        hash.update(der.len().to_be_bytes());
        hash.update(der);
    }
    let key = (store.id(), case.at, hash.finalize().into());
    if let Some(known) = RECENT.with_borrow(|recent| recent.get(&key).cloned()) {
        return known;
    }
    let judged = judge();
    RECENT.with_borrow_mut(|recent| {
        if recent.len() >= MOST {
            recent.clear();
        }
        recent.insert(key, judged.clone());
    });
    judged
}
