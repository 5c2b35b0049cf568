//! The fingerprints of the hellos that are sent, worked out anew only where something is another that they are made of.
//!
//! A run over many endpoints sends the same hello to each, with fresh values and another name.

use std::cell::RefCell;

use crate::wire::extension::{Extension, Extensions};
use crate::wire::fingerprint;
use crate::wire::handshake::ClientHello;

/// JA3 and JA4 of one hello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fingerprints {
    pub(super) ja3: String,
    pub(super) ja4: String,
}

thread_local! {
    /// The last hello of this thread, and its fingerprints.
    static LAST: RefCell<Option<(ClientHello, Fingerprints)>> = const { RefCell::new(None) };
}

impl Fingerprints {
    /// Those of this hello.
    pub(super) fn of(hello: &ClientHello) -> Self {
        LAST.with_borrow_mut(|last| match last {
            Some((of, fingerprints)) if are_alike(of, hello) => fingerprints.clone(),
            last => last.insert((hello.clone(), Self::anew(hello))).1.clone(),
        })
    }

    fn anew(hello: &ClientHello) -> Self {
        Self { ja3: fingerprint::ja3(hello), ja4: fingerprint::ja4(hello) }
    }
}

/// Whether two hellos are the same but for what no fingerprint looks at.
fn are_alike(one: &ClientHello, other: &ClientHello) -> bool {
    one.legacy_version == other.legacy_version
        && one.cipher_suites == other.cipher_suites
        && match (&one.extensions, &other.extensions) {
            (Some(Extensions(some)), Some(Extensions(others))) => {
                some.len() == others.len()
                    && some.iter().zip(others).all(|(one, other)| extensions_are_alike(one, other))
            }
            (none, others) => none.is_none() && others.is_none(),
        }
}

fn extensions_are_alike(one: &Extension, other: &Extension) -> bool {
    match (one, other) {
        // That they are there counts, and not what they say.
        (Extension::ServerName(_), Extension::ServerName(_)) | (Extension::KeyShare(_), Extension::KeyShare(_)) => true,
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offer::{FreshValues, Offer};
    use crate::registry::{CipherSuite, NamedGroup, ProtocolVersion};

    fn hello(offer: &Offer, name: Option<&str>, fresh: u8) -> ClientHello {
        offer.client_hello(name, &FreshValues { random: [fresh; 32], session_id: [fresh; 32], key_shares: Vec::new() })
    }

    #[test]
    fn fresh_values_and_another_name_make_no_other_hello() {
        let offer = Offer::modern();
        assert!(are_alike(&hello(&offer, Some("a.example"), 1), &hello(&offer, Some("b.example"), 2)));
    }

    #[test]
    fn whatever_was_sent_before_the_fingerprints_are_the_hellos_own() {
        let modern = Offer::modern();
        let mut groups = modern.clone();
        groups.set_groups(&[NamedGroup::X25519]);
        let suites = Offer { cipher_suites: vec![CipherSuite(0xC030)], ..modern.clone() };
        let offers = [
            modern,
            groups,
            suites,
            Offer::for_version(ProtocolVersion::TLS1_2),
            Offer::for_version(ProtocolVersion::SSL3),
        ];
        for (fresh, name) in [(1, Some("a.example")), (2, Some("b.example")), (3, None)] {
            for offer in &offers {
                for _ in 0..2 {
                    let hello = hello(offer, name, fresh);
                    assert_eq!(Fingerprints::of(&hello), Fingerprints::anew(&hello), "{offer:?}");
                }
            }
        }
    }
}
