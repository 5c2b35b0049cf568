//! What this thread has read of late, by the SHA-256 of the DER.
//!
//! Bounded in number and, for a peer chooses what it sends, in size: long certificates are read each time.

use std::cell::RefCell;
use std::collections::HashMap;

use super::Certificate;

/// How many are kept; when there are more, all are let go.
const MOST: usize = 64;

/// The longest DER whose reading is kept. Beyond are certificates of some hundred names.
const LONGEST: usize = 4 * 1024;

thread_local! {
    static RECENT: RefCell<HashMap<[u8; 32], Certificate>> = RefCell::default();
}

pub(super) fn get(sha256: &[u8; 32]) -> Option<Certificate> {
    RECENT.with_borrow(|recent| recent.get(sha256).cloned())
}

pub(super) fn put(sha256: [u8; 32], certificate: &Certificate) {
    if certificate.length > LONGEST || certificate.details().is_none() {
        return;
    }
    RECENT.with_borrow_mut(|recent| {
        if recent.len() >= MOST {
            recent.clear();
        }
        recent.insert(sha256, certificate.clone());
    });
}

#[cfg(test)]
mod tests {
    use super::super::testdata::{der, files};
    use super::*;

    fn kept() -> usize {
        RECENT.with_borrow(HashMap::len)
    }

    #[test]
    fn what_is_read_again_is_the_same_and_no_more_is_kept_than_fits() {
        for file in files() {
            let der = der(&file);
            let first = Certificate::read(&der);
            assert_eq!(Certificate::read(&der), first, "{file}");
            assert!(kept() <= MOST);
        }
        assert!(kept() > 0);
    }

    #[test]
    fn what_is_no_certificate_is_not_kept() {
        Certificate::read(b"junk");
        Certificate::read(&[0x30; 10]);
        assert_eq!(kept(), 0);
    }
}
