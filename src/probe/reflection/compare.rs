//! What was sent against what arrived, field by field in the order of the bytes.

use crate::observation::{Change, Difference};
use crate::reflected::record_lengths;
use crate::registry::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::Writer;
use crate::wire::extension::{Extension, Extensions};
use crate::wire::handshake::{ClientHello, FirstHello};

/// The most differences that are told, and the most values or bytes of each side of one.
const MOST: usize = 32;

/// Where they differ; nothing exactly if they are the same bytes.
pub(super) fn differences(sent: &[u8], arrived: &[u8]) -> Vec<Difference> {
    if sent == arrived {
        return Vec::new();
    }
    let read = |bytes: &[u8]| FirstHello::default().look(bytes).ok().flatten();
    let mut differences = match (read(sent), read(arrived)) {
        (Some((sent_version, sent_hello)), Some((arrived_version, arrived_hello))) => {
            let mut all = Vec::new();
            all.extend(changed("record_version", &sent_version.to_string(), &arrived_version.to_string()));
            all.extend(of_splits(sent, arrived));
            of_hellos(&sent_hello, &arrived_hello, &mut all);
            all
        }
        _ => Vec::new(),
    };
    if differences.is_empty() {
        differences.push(of_bytes(sent, arrived));
    }
    differences.truncate(MOST);
    differences
}

fn of_hellos(sent: &ClientHello, arrived: &ClientHello, all: &mut Vec<Difference>) {
    all.extend(changed("legacy_version", &sent.legacy_version.to_string(), &arrived.legacy_version.to_string()));
    all.extend(changed("random", &hex_of(&sent.random), &hex_of(&arrived.random)));
    all.extend(changed("session_id", &hex_of(&sent.session_id.0), &hex_of(&arrived.session_id.0)));
    all.extend(of_lists("cipher_suites", &sent.cipher_suites, &arrived.cipher_suites, CipherSuite::is_grease));
    let methods = |hello: &ClientHello| hex_of(&hello.compression_methods);
    all.extend(changed("compression_methods", &methods(sent), &methods(arrived)));

    let types = |hello: &ClientHello| extensions(hello).map(Extension::extension_type).collect::<Vec<_>>();
    all.extend(of_lists("extensions", &types(sent), &types(arrived), ExtensionType::is_grease));
    for extension in extensions(sent) {
        let extension_type = extension.extension_type();
        let Some(other) = extensions(arrived).find(|other| other.extension_type() == extension_type) else { continue };
        if other != extension {
            all.extend(of_extension(extension_type, extension, other));
        }
    }
}

fn extensions(hello: &ClientHello) -> impl Iterator<Item = &Extension> {
    hello.extensions.iter().flat_map(|Extensions(all)| all)
}

/// The names of a name, the values of a list, else the body.
fn of_extension(extension_type: ExtensionType, sent: &Extension, arrived: &Extension) -> Option<Difference> {
    let field = format!("extension.{extension_type}");
    match (sent, arrived) {
        (Extension::ServerName(sent), Extension::ServerName(arrived)) => {
            let name = |name: Option<&[u8]>| name.map(|name| String::from_utf8_lossy(name).into_owned());
            let (sent, arrived) = (name(sent.host_name()), name(arrived.host_name()));
            changed(&field, &sent.unwrap_or_default(), &arrived.unwrap_or_default())
        }
        (Extension::SupportedGroups(sent), Extension::SupportedGroups(arrived)) => {
            of_lists(&field, sent, arrived, NamedGroup::is_grease)
        }
        (Extension::SignatureAlgorithms(sent), Extension::SignatureAlgorithms(arrived)) => {
            of_lists(&field, sent, arrived, SignatureScheme::is_grease)
        }
        (Extension::SupportedVersions(sent), Extension::SupportedVersions(arrived)) => {
            use crate::wire::extension::SupportedVersions::Offered;
            let (Offered(sent), Offered(arrived)) = (sent, arrived) else { return None };
            of_lists(&field, sent, arrived, ProtocolVersion::is_grease)
        }
        _ => changed(&field, &hex_of(&body(sent)), &hex_of(&body(arrived))),
    }
}

fn body(extension: &Extension) -> Vec<u8> {
    let mut out = Writer::new();
    extension.encode(&mut out);
    out.into_bytes()
}

/// Two lists of code points. What is told is what is missing or new; both lists where only the order is another.
fn of_lists<T: Copy + PartialEq + ToString>(
    field: &str,
    sent: &[T],
    arrived: &[T],
    is_grease: impl Fn(T) -> bool,
) -> Option<Difference> {
    if sent == arrived {
        return None;
    }
    let missing: Vec<T> = sent.iter().copied().filter(|value| !arrived.contains(value)).collect();
    let new: Vec<T> = arrived.iter().copied().filter(|value| !sent.contains(value)).collect();
    let without_grease: Vec<T> = sent.iter().copied().filter(|value| !is_grease(*value)).collect();
    let (change, sent, arrived) = match (missing.is_empty(), new.is_empty()) {
        _ if without_grease == arrived => (Change::GreaseRemoved, missing.as_slice(), [].as_slice()),
        (true, true) => (Change::Reordered, sent, arrived),
        (false, true) => (Change::Removed, missing.as_slice(), [].as_slice()),
        (true, false) => (Change::Added, [].as_slice(), new.as_slice()),
        (false, false) => (Change::Changed, missing.as_slice(), new.as_slice()),
    };
    Some(Difference { field: field.to_owned(), change, sent: listed(sent), arrived: listed(arrived) })
}

fn listed<T: ToString>(values: &[T]) -> String {
    let mut shown: Vec<String> = values.iter().take(MOST).map(T::to_string).collect();
    if values.len() > MOST {
        shown.push(format!("+{} more", values.len() - MOST));
    }
    shown.join(", ")
}

fn changed(field: &str, sent: &str, arrived: &str) -> Option<Difference> {
    let change = match (sent.is_empty(), arrived.is_empty()) {
        _ if sent == arrived => return None,
        (true, _) => Change::Added,
        (_, true) => Change::Removed,
        _ => Change::Changed,
    };
    Some(Difference { field: field.to_owned(), change, sent: sent.to_owned(), arrived: arrived.to_owned() })
}

/// The lengths of the records' fragments. That of a hello that has become longer in as many records is no difference
/// by itself.
fn of_splits(sent: &[u8], arrived: &[u8]) -> Option<Difference> {
    let lengths = |bytes| record_lengths(bytes).collect::<Vec<usize>>();
    let (sent, arrived) = (lengths(sent), lengths(arrived));
    let length = |lengths: &[usize]| lengths.iter().sum::<usize>();
    if sent.len() == arrived.len() && length(&sent) != length(&arrived) {
        return None;
    }
    changed("record_split", &listed(&sent), &listed(&arrived))
}

fn hex_of(bytes: &[u8]) -> String {
    match bytes.get(..MOST) {
        Some(beginning) if bytes.len() > MOST => format!("{}… ({} bytes)", hex::encode(beginning), bytes.len()),
        _ => hex::encode(bytes),
    }
}

/// From the first byte on that differs.
fn of_bytes(sent: &[u8], arrived: &[u8]) -> Difference {
    let at = sent.iter().zip(arrived).position(|(one, other)| one != other);
    let at = at.unwrap_or_else(|| sent.len().min(arrived.len()));
    let from = |bytes: &[u8]| {
        let rest = hex_of(bytes.get(at..).unwrap_or_default());
        format!("at byte {at}: {}", if rest.is_empty() { "the end" } else { &rest })
    };
    Difference { field: "bytes".to_owned(), change: Change::Changed, sent: from(sent), arrived: from(arrived) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offer::{ExtensionOffer, FreshValues, Offer};

    fn fresh(byte: u8) -> FreshValues {
        FreshValues { random: [byte; 32], session_id: [2; 32], key_shares: Vec::new() }
    }

    /// The only difference that this change of the offer makes, with the change's own word.
    fn difference(sent: &Offer, change: impl FnOnce(&mut Offer)) -> (String, Change, String, String) {
        let mut altered = sent.clone();
        change(&mut altered);
        let bytes = |offer: &Offer| offer.records(Some("a.example"), &fresh(1));
        let mut all = differences(&bytes(sent), &bytes(&altered));
        assert_eq!(all.len(), 1, "{all:?}");
        let Difference { field, change, sent, arrived } = all.remove(0);
        (field, change, sent, arrived)
    }

    #[test]
    fn the_same_bytes_do_not_differ() {
        let bytes = Offer::modern().records(Some("a.example"), &fresh(1));
        assert_eq!(differences(&bytes, &bytes), []);
    }

    #[test]
    fn every_field_that_changes_is_named() {
        let modern = Offer::modern();
        let field = |change: &dyn Fn(&mut Offer)| {
            let (field, change, ..) = difference(&modern, change);
            (field, change)
        };
        let named = |field: &str, change| (field.to_owned(), change);
        assert_eq!(field(&|it| it.record_version = ProtocolVersion::TLS1_2), named("record_version", Change::Changed));
        assert_eq!(field(&|it| it.record_split = 100), named("record_split", Change::Changed));
        assert_eq!(field(&|it| it.legacy_version = ProtocolVersion::TLS1_1), named("legacy_version", Change::Changed));
        assert_eq!(
            field(&|it| it.session_id = crate::offer::SessionIdOffer::Empty),
            named("session_id", Change::Removed)
        );
        assert_eq!(field(&|it| it.cipher_suites.reverse()), named("cipher_suites", Change::Reordered));
        assert_eq!(field(&|it| it.cipher_suites.truncate(3)), named("cipher_suites", Change::Removed));
        assert_eq!(field(&|it| it.cipher_suites.push(CipherSuite(0x00ff))), named("cipher_suites", Change::Added));
        assert_eq!(field(&|it| it.compression_methods = vec![1, 0]), named("compression_methods", Change::Changed));
        assert_eq!(field(&|it| it.extensions.as_mut().unwrap().reverse()), named("extensions", Change::Reordered));
        assert_eq!(
            field(&|it| assert!(it.remove_extension(ExtensionType::SESSION_TICKET))),
            named("extensions", Change::Removed)
        );
        assert_eq!(
            field(&|it| it.put_extension(ExtensionOffer::Exactly(Extension::EcPointFormats(vec![0, 1])))),
            named("extension.ec_point_formats", Change::Changed)
        );
        assert_eq!(
            field(&|it| it.set_supported_versions(&[ProtocolVersion::TLS1_2])),
            named("extension.supported_versions", Change::Removed)
        );
    }

    #[test]
    fn another_random_is_a_hello_of_somebody_elses() {
        let bytes = |byte| Offer::modern().records(Some("a.example"), &fresh(byte));
        assert_eq!(differences(&bytes(1), &bytes(9))[0].field, "random");
    }

    #[test]
    fn grease_that_is_missing_is_told_as_that() {
        let mut greased = Offer::modern();
        greased.add_grease();
        let (field, change, sent, arrived) = difference(&greased, |it| assert!(it.cipher_suites.remove(0).is_grease()));
        assert_eq!((field.as_str(), change), ("cipher_suites", Change::GreaseRemoved));
        assert_eq!((sent.as_str(), arrived.as_str()), ("GREASE_0A0A", ""));
    }

    #[test]
    fn another_server_name_is_told_by_both_names() {
        let bytes = |name| Offer::modern().records(Some(name), &fresh(1));
        let all = differences(&bytes("a.example"), &bytes("b.example"));
        assert_eq!(all.len(), 1);
        assert_eq!(
            (all[0].field.as_str(), all[0].sent.as_str(), all[0].arrived.as_str()),
            ("extension.server_name", "a.example", "b.example")
        );
    }

    #[test]
    fn bytes_that_no_field_tells_are_told_by_their_place() {
        let sent = Offer::modern().records(None, &fresh(1));
        let longer = [&sent[..], &[22, 3, 1, 0, 0]].concat();
        let all = differences(&sent, &longer);
        assert_eq!(all[0].field, "record_split", "a record more");
        let all = differences(&sent, &sent[..10]);
        assert_eq!(all[0].field, "bytes");
        assert!(all[0].sent.starts_with("at byte 10: ") && all[0].arrived == "at byte 10: the end", "{all:?}");
        assert_eq!(differences(b"GET /", b"GET /x")[0].arrived, "at byte 5: 78");
    }
}
