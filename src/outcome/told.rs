//! What line after line says alike, written once.
//!
//! In a run over a list thousands of lines hold the same offer, and very many the same certificates. Both are shared where
//! they come from (`Arc`), and here a thread keeps their JSON. Only inside [`line()`]: elsewhere JSON may be indented, and what
//! was written before would not be.

use std::cell::{Cell, RefCell};
use std::ptr;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::certificate::{Certificate, Contents};
use crate::offer::OfferSummary;

/// How many texts a thread keeps: an offer's, and those of the chains of some endpoints.
const MOST: usize = 16;

/// The longest that it keeps: a peer chooses what its certificates say.
const LONGEST: usize = 16 * 1024;

thread_local! {
    static IN_A_LINE: Cell<bool> = const { Cell::new(false) };
    static TEXTS: RefCell<Texts> = RefCell::default();
}

/// Writes JSON that stands on one line.
pub fn line<T>(write: impl FnOnce() -> T) -> T {
    /// Ends the line, however its writing ends.
    struct End;

    impl Drop for End {
        fn drop(&mut self) {
            IN_A_LINE.set(false);
        }
    }

    IN_A_LINE.set(true);
    let _end = End;
    write()
}

pub(super) fn serialize_offer<S: Serializer>(offer: &Arc<OfferSummary>, serializer: S) -> Result<S::Ok, S::Error> {
    serialize(offer, &**offer, serializer)
}

pub(super) fn serialize_certificates<S: Serializer>(chain: &[Certificate], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(chain.iter().map(OneOfAChain))
}

/// A certificate of a chain.
struct OneOfAChain<'a>(&'a Certificate);

impl Serialize for OneOfAChain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(certificate) = self;
        match &certificate.contents {
            // Its hashes and its length are those of the DER that was read, once, into what is shared.
            Contents::Readable(details) if certificate.pem.is_none() => serialize(details, certificate, serializer),
            _ => certificate.serialize(serializer),
        }
    }
}

/// Serializes `value`, all of which follows from what is `shared`.
fn serialize<K, V, S>(shared: &Arc<K>, value: &V, serializer: S) -> Result<S::Ok, S::Error>
where
    K: Send + Sync + 'static,
    V: Serialize,
    S: Serializer,
{
    // What nobody else has does not come again.
    if !IN_A_LINE.get() || Arc::strong_count(shared) == 1 {
        return value.serialize(serializer);
    }
    match TEXTS.with_borrow_mut(|texts| texts.of(shared, value)) {
        Ok(text) => text.serialize(serializer),
        Err(_) => value.serialize(serializer),
    }
}

/// Whatever is shared.
trait Shared: Send + Sync {}

impl<T: Send + Sync> Shared for T {}

/// Texts, each with what it tells of: as long as that is kept nothing else stands in its place in memory, by which it is
/// known.
#[derive(Default)]
struct Texts {
    texts: Vec<(Arc<dyn Shared>, Arc<RawValue>)>,
    /// Whose turn it is to go.
    next: usize,
}

impl Texts {
    fn of<K: Send + Sync + 'static>(
        &mut self,
        shared: &Arc<K>,
        value: &impl Serialize,
    ) -> serde_json::Result<Arc<RawValue>> {
        let is_it = |kept: &Arc<dyn Shared>| ptr::addr_eq(Arc::as_ptr(kept), Arc::as_ptr(shared));
        if let Some((_, text)) = self.texts.iter().find(|(kept, _)| is_it(kept)) {
            return Ok(Arc::clone(text));
        }
        let text: Arc<RawValue> = to_raw_value(value)?.into();
        if text.get().len() > LONGEST {
            return Ok(text);
        }
        let entry = (Arc::<K>::clone(shared) as Arc<dyn Shared>, Arc::clone(&text));
        match self.texts.get_mut(self.next) {
            Some(oldest) => *oldest = entry,
            None => self.texts.push(entry),
        }
        self.next = (self.next + 1) % MOST;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Exchange;
    use super::super::testing::alert;
    use super::*;

    fn texts() -> usize {
        TEXTS.with_borrow(|texts| texts.texts.len())
    }

    fn exchange(offer: &Arc<OfferSummary>, certificate: &Certificate) -> Exchange {
        Exchange { offer: Arc::clone(offer), certificates: vec![certificate.clone()], ..alert(1, 40) }
    }

    fn of_length(length: usize) -> Arc<OfferSummary> {
        Arc::new(OfferSummary { length, ..OfferSummary::default() })
    }

    fn certificate() -> Certificate {
        let made = rcgen::generate_simple_self_signed(["a.test".to_owned()]).unwrap();
        Certificate::read(made.cert.der())
    }

    #[test]
    fn what_is_shared_is_told_in_a_line_as_it_is_elsewhere_and_written_once() {
        let (offer, certificate) = (of_length(7), certificate());
        let exchange = exchange(&offer, &certificate);
        let elsewhere = serde_json::to_string(&exchange).unwrap();
        assert_eq!(texts(), 0);
        for _ in 0..3 {
            assert_eq!(line(|| serde_json::to_string(&exchange)).unwrap(), elsewhere);
            assert_eq!(texts(), 2, "the offer and the certificate");
        }
        let indented = serde_json::to_string_pretty(&exchange).unwrap();
        assert!(indented.contains("\n    \"length\": 7"), "{indented}");
    }

    #[test]
    fn a_certificate_with_its_pem_and_one_that_is_unreadable_are_told_each_time() {
        let offer = of_length(7);
        for certificate in [certificate().with_pem(b"DER"), Certificate::read(b"junk")] {
            let exchange = exchange(&offer, &certificate);
            let elsewhere = serde_json::to_string(&exchange).unwrap();
            assert_eq!(line(|| serde_json::to_string(&exchange)).unwrap(), elsewhere);
            assert_eq!(texts(), 1, "the offer's");
        }
    }

    #[test]
    fn a_long_text_is_not_kept() {
        let alpn = vec!["h2".repeat(LONGEST)];
        let offer = Arc::new(OfferSummary { alpn, ..OfferSummary::default() });
        let exchange = exchange(&offer, &Certificate::read(b"junk"));
        let elsewhere = serde_json::to_string(&exchange).unwrap();
        assert_eq!(line(|| serde_json::to_string(&exchange)).unwrap(), elsewhere);
        assert_eq!(texts(), 0);
    }

    #[test]
    fn each_has_its_own_text_however_many_there_were_and_no_more_are_kept_than_a_few() {
        let junk = Certificate::read(b"junk");
        for round in 0..3 {
            for length in 0..MOST * 2 {
                let offer = of_length(length);
                let json = line(|| serde_json::to_value(exchange(&offer, &junk))).unwrap();
                assert_eq!(json["offer"]["length"], length, "round {round}");
            }
        }
        assert_eq!(texts(), MOST);
    }
}
