//! A ClientHello before its fresh values: every field in the order in which it goes on the wire.
//!
//! An offer is plain data. What must be new on each connection (random, session id, key shares) and what belongs
//! to the target (`server_name`) stands in it as a place to fill; [`Offer::records`] fills the places and encodes.

mod defaults;
mod fingerprints;
mod summary;

pub use defaults::{DEFAULT_GROUPS, DEFAULT_SIGNATURE_SCHEMES, DEFAULT_SUITES, LEGACY_SUITES};
pub use summary::OfferSummary;
pub(crate) use summary::readable;

use crate::registry::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion, SignatureScheme};
use crate::wire::extension::{Extension, Extensions, KeyShare, KeyShareEntry, ServerName, SupportedVersions};
use crate::wire::handshake::{self, ClientHello, HandshakeType, SessionId};
use crate::wire::record::{self, ContentType, HEADER_LENGTH, MAX_FRAGMENT};

/// A ClientHello before its fresh values (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2).
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The client it imitates, if it was made from a profile.
    pub profile: Option<Imitated>,
    /// `legacy_record_version` of the records that carry it.
    pub record_version: ProtocolVersion,
    /// `legacy_version` of the hello itself.
    pub legacy_version: ProtocolVersion,
    /// What goes into `session_id`.
    pub session_id: SessionIdOffer,
    /// Cipher suites, most wanted first.
    pub cipher_suites: Vec<CipherSuite>,
    /// Compression methods; 0 is "none".
    pub compression_methods: Vec<u8>,
    /// Extensions in order; `None` leaves out the whole block, as SSL 3.0 clients do.
    pub extensions: Option<Vec<ExtensionOffer>>,
    /// The most bytes of the hello to put in one record.
    pub record_split: usize,
}

/// The named client that an offer imitates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imitated {
    /// The profile's name, and that it was changed if it was.
    pub name: String,
    /// How well the hello is known: `bytes-captured` or less, down to `inferred` and `unknown`.
    pub confidence: String,
    /// What it rests on.
    pub source: String,
}

/// What an offer puts into `session_id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionIdOffer {
    /// Nothing: a full handshake of TLS 1.2 or older.
    Empty,
    /// 32 fresh bytes: the middlebox compatibility mode of TLS 1.3 (RFC 8446 appendix D.4).
    Fresh,
}

/// One extension of an offer: its final body, or the place where one is filled in.
#[derive(Clone, Debug, PartialEq)]
pub enum ExtensionOffer {
    /// The target's name; left out where the target sends none.
    ServerName,
    /// A fresh key share for each of these groups.
    KeyShare(Vec<NamedGroup>),
    /// Zeros up to a hello of this many bytes on the wire, record header included (RFC 7685).
    PadTo(usize),
    /// Exactly this extension.
    Exactly(Extension),
}

impl ExtensionOffer {
    /// The extension's code point.
    pub fn extension_type(&self) -> ExtensionType {
        match self {
            Self::ServerName => ExtensionType::SERVER_NAME,
            Self::KeyShare(_) => ExtensionType::KEY_SHARE,
            Self::PadTo(_) => ExtensionType::PADDING,
            Self::Exactly(extension) => extension.extension_type(),
        }
    }
}

/// What is new on every connection.
#[derive(Clone, Debug)]
pub struct FreshValues {
    /// `random`.
    pub random: [u8; 32],
    /// 32 bytes for `session_id`, used if the offer wants them.
    pub session_id: [u8; 32],
    /// A share for each of the offer's [`key_share_groups`](Offer::key_share_groups), in that order.
    pub key_shares: Vec<KeyShareEntry>,
}

impl Offer {
    /// What a current client sends: TLS 1.3 and 1.2.
    pub fn modern() -> Self {
        defaults::modern()
    }

    /// The default offer with this version as the highest; TLS 1.3 is then offered alone.
    pub fn for_version(version: ProtocolVersion) -> Self {
        defaults::for_version(version)
    }

    /// The groups for which fresh key shares are needed.
    pub fn key_share_groups(&self) -> &[NamedGroup] {
        self.extensions
            .iter()
            .flatten()
            .find_map(|extension| match extension {
                ExtensionOffer::KeyShare(groups) => Some(groups.as_slice()),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// The offer's extension of this type.
    pub fn extension(&self, extension_type: ExtensionType) -> Option<&ExtensionOffer> {
        self.extensions.iter().flatten().find(|extension| extension.extension_type() == extension_type)
    }

    /// Puts an extension in the place of the one of its type, or at the end.
    pub fn put_extension(&mut self, new: ExtensionOffer) {
        let extensions = self.extensions.get_or_insert_default();
        match extensions.iter_mut().find(|old| old.extension_type() == new.extension_type()) {
            Some(old) => *old = new,
            None => extensions.push(new),
        }
    }

    /// The host that its `server_name` asks for, where the target's is this one.
    pub fn server_name(&self, of_target: Option<&str>) -> Option<String> {
        let name = match self.extension(ExtensionType::SERVER_NAME)? {
            ExtensionOffer::ServerName => of_target?.as_bytes(),
            ExtensionOffer::Exactly(Extension::ServerName(name)) => name.host_name()?,
            _ => return None,
        };
        Some(readable(name))
    }

    /// Leaves an extension out. False if it was not there.
    pub fn remove_extension(&mut self, extension_type: ExtensionType) -> bool {
        let Some(extensions) = &mut self.extensions else { return false };
        let before = extensions.len();
        extensions.retain(|extension| extension.extension_type() != extension_type);
        extensions.len() < before
    }

    /// Offers these groups, and keeps the key shares to those among them.
    pub fn set_groups(&mut self, groups: &[NamedGroup]) {
        self.put_extension(ExtensionOffer::Exactly(Extension::SupportedGroups(groups.to_vec())));
        if self.extension(ExtensionType::KEY_SHARE).is_some() {
            self.put_extension(ExtensionOffer::KeyShare(defaults::key_share_groups(groups)));
        }
    }

    /// Offers these signature schemes.
    pub fn set_signature_schemes(&mut self, schemes: &[SignatureScheme]) {
        self.put_extension(ExtensionOffer::Exactly(Extension::SignatureAlgorithms(schemes.to_vec())));
    }

    /// Sends exactly these `supported_versions`, with what TLS 1.3 needs beside them if it is among them.
    pub fn set_supported_versions(&mut self, versions: &[ProtocolVersion]) {
        if versions.contains(&ProtocolVersion::TLS1_3) && self.extension(ExtensionType::KEY_SHARE).is_none() {
            defaults::add_tls13(self);
        }
        let body = SupportedVersions::Offered(versions.to_vec());
        self.put_extension(ExtensionOffer::Exactly(Extension::SupportedVersions(body)));
    }

    /// Makes this version the highest that is offered, TLS 1.3 then alone: the same client, told to go no higher. It
    /// leaves out the suites that came later; its other extensions stay.
    pub fn lead_with(&mut self, version: ProtocolVersion) {
        if version >= ProtocolVersion::TLS1_3 {
            self.set_supported_versions(&[version]);
            return;
        }
        self.legacy_version = version;
        self.record_version = self.record_version.min(version);
        let came_later = |suite: &CipherSuite| suite.info().is_some_and(|row| row.versions.first > version);
        self.cipher_suites.retain(|suite| suite.is_grease() || !came_later(suite));
        self.session_id = SessionIdOffer::Empty;
        for of_tls13 in
            [ExtensionType::SUPPORTED_VERSIONS, ExtensionType::KEY_SHARE, ExtensionType::PSK_KEY_EXCHANGE_MODES]
        {
            self.remove_extension(of_tls13);
        }
        if version < ProtocolVersion::TLS1_2 {
            // Not for clients that offer nothing newer (RFC 5246 §7.4.1.4.1).
            self.remove_extension(ExtensionType::SIGNATURE_ALGORITHMS);
        }
        if version <= ProtocolVersion::SSL3 {
            self.extensions = None;
        }
    }

    /// Adds a GREASE value (RFC 8701) wherever a client may put one, as Chrome does: first among the suites, groups,
    /// versions and key shares, and as the first and the last extension.
    pub fn add_grease(&mut self) {
        const SUITE: u16 = 0x0a0a;
        const FIRST_EXTENSION: u16 = 0x1a1a;
        const GROUP: u16 = 0x2a2a;
        const VERSION: u16 = 0x3a3a;
        const LAST_EXTENSION: u16 = 0x4a4a;
        self.cipher_suites.insert(0, CipherSuite(SUITE));
        let Some(extensions) = &mut self.extensions else { return };
        for extension in extensions.iter_mut() {
            match extension {
                ExtensionOffer::Exactly(Extension::SupportedVersions(SupportedVersions::Offered(versions))) => {
                    versions.insert(0, ProtocolVersion(VERSION));
                }
                ExtensionOffer::KeyShare(groups) | ExtensionOffer::Exactly(Extension::SupportedGroups(groups)) => {
                    groups.insert(0, NamedGroup(GROUP));
                }
                _ => {}
            }
        }
        let grease =
            |value, body: &[u8]| ExtensionOffer::Exactly(Extension::Other(ExtensionType(value), body.to_vec()));
        extensions.insert(0, grease(FIRST_EXTENSION, &[]));
        extensions.push(grease(LAST_EXTENSION, &[0]));
    }

    /// The hello, with its places filled in.
    pub fn client_hello(&self, server_name: Option<&str>, fresh: &FreshValues) -> ClientHello {
        let fill = |extension: &ExtensionOffer| match extension {
            ExtensionOffer::ServerName => server_name.map(|name| Extension::ServerName(ServerName::host(name))),
            ExtensionOffer::KeyShare(_) => Some(Extension::KeyShare(KeyShare::Offered(fresh.key_shares.clone()))),
            ExtensionOffer::PadTo(_) => None,
            ExtensionOffer::Exactly(extension) => Some(extension.clone()),
        };
        let mut hello = ClientHello {
            legacy_version: self.legacy_version,
            random: fresh.random,
            session_id: match self.session_id {
                SessionIdOffer::Empty => SessionId(Vec::new()),
                SessionIdOffer::Fresh => SessionId(fresh.session_id.to_vec()),
            },
            cipher_suites: self.cipher_suites.clone(),
            compression_methods: self.compression_methods.clone(),
            extensions: self.extensions.as_ref().map(|all| Extensions(all.iter().filter_map(fill).collect())),
        };
        self.pad(&mut hello);
        hello
    }

    /// The hello as it goes on the wire, in records.
    pub fn records(&self, server_name: Option<&str>, fresh: &FreshValues) -> Vec<u8> {
        self.in_records(&self.client_hello(server_name, fresh))
    }

    /// A hello of this offer in records.
    pub fn in_records(&self, hello: &ClientHello) -> Vec<u8> {
        let message = handshake::message(HandshakeType::CLIENT_HELLO, hello);
        record::write_records(ContentType::HANDSHAKE, self.record_version, &message, self.record_split)
    }

    /// Adds the padding extension, at its place, so that the hello is as long as asked or the least bit longer: the
    /// extension itself needs four bytes, and each record that it fills up a header.
    fn pad(&self, hello: &mut ClientHello) {
        let offered = self.extensions.iter().flatten().enumerate();
        let pad_to = |(position, extension): (usize, &ExtensionOffer)| match extension {
            ExtensionOffer::PadTo(length) => Some((position, *length)),
            _ => None,
        };
        let Some((position, length)) = offered.into_iter().find_map(pad_to) else { return };
        if self.in_records(hello).len() >= length {
            return;
        }
        let message = handshake::message(HandshakeType::CLIENT_HELLO, hello).len();
        let headers = length.div_ceil(self.record_split + HEADER_LENGTH) * HEADER_LENGTH;
        let zeros = (length - headers).saturating_sub(message + 4);
        if let Some(Extensions(extensions)) = &mut hello.extensions {
            // A place before this one may have been left out (server_name), so the end is the latest it can be.
            extensions.insert(position.min(extensions.len()), Extension::Padding(zeros));
        }
    }
}

/// One hello in one record, unless an offer says otherwise.
pub const NO_SPLIT: usize = MAX_FRAGMENT;

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(offer: &Offer) -> FreshValues {
        let share = |group: &NamedGroup| KeyShareEntry { group: *group, key_exchange: vec![7; 32] };
        FreshValues {
            random: [1; 32],
            session_id: [2; 32],
            key_shares: offer.key_share_groups().iter().map(share).collect(),
        }
    }

    fn types(offer: &Offer) -> Vec<ExtensionType> {
        let hello = offer.client_hello(Some("a.example"), &fresh(offer));
        hello.extensions.unwrap().0.iter().map(Extension::extension_type).collect()
    }

    #[test]
    fn places_are_filled_in_order() {
        let offer = Offer::modern();
        let hello = offer.client_hello(Some("a.example"), &fresh(&offer));
        assert_eq!(hello.random, [1; 32]);
        assert_eq!(hello.session_id, SessionId(vec![2; 32]));
        assert_eq!(types(&offer).first(), Some(&ExtensionType::SERVER_NAME));
        assert!(types(&offer).contains(&ExtensionType::RENEGOTIATION_INFO));
        assert!(types(&offer).contains(&ExtensionType::EXTENDED_MASTER_SECRET));
    }

    #[test]
    fn no_name_leaves_server_name_out() {
        let offer = Offer::modern();
        let hello = offer.client_hello(None, &fresh(&offer));
        assert!(hello.extensions.unwrap().find(ExtensionType::SERVER_NAME).is_none());
    }

    #[test]
    fn an_old_version_offers_neither_supported_versions_nor_key_shares() {
        for version in [ProtocolVersion::TLS1_0, ProtocolVersion::TLS1_1, ProtocolVersion::TLS1_2] {
            let offer = Offer::for_version(version);
            assert_eq!(offer.legacy_version, version);
            assert!(offer.extension(ExtensionType::SUPPORTED_VERSIONS).is_none());
            assert!(offer.extension(ExtensionType::KEY_SHARE).is_none());
        }
        assert_eq!(Offer::for_version(ProtocolVersion::SSL3).extensions, None);
    }

    #[test]
    fn signature_algorithms_are_a_matter_of_tls_1_2_and_later() {
        let asked = |version| Offer::for_version(version).extension(ExtensionType::SIGNATURE_ALGORITHMS).is_some();
        assert!(!asked(ProtocolVersion::TLS1_1));
        assert!(asked(ProtocolVersion::TLS1_2));
    }

    #[test]
    fn padding_reaches_the_length_asked_for_exactly() {
        for split in [NO_SPLIT, 1000, 100] {
            let mut offer = Offer { record_split: split, ..Offer::modern() };
            for length in [517, 2000, 16_389, 16_400, 32_776, 40_000] {
                offer.put_extension(ExtensionOffer::PadTo(length));
                let padded = offer.records(Some("a.example"), &fresh(&offer)).len();
                // A length that ends in a record without a byte of the hello can't be had.
                let can_be_had = !(1..=HEADER_LENGTH).contains(&(length % (split + HEADER_LENGTH)));
                assert!(padded == length || !can_be_had, "{padded} for {length} split at {split}");
            }
        }
    }

    #[test]
    fn padding_that_is_not_needed_is_not_sent() {
        let mut offer = Offer::modern();
        let plain = offer.records(None, &fresh(&offer));
        offer.put_extension(ExtensionOffer::PadTo(10));
        assert_eq!(offer.records(None, &fresh(&offer)), plain);
    }

    #[test]
    fn a_split_hello_is_the_same_message_in_more_records() {
        let mut offer = Offer::modern();
        let whole = offer.records(None, &fresh(&offer));
        offer.record_split = 100;
        let split = offer.records(None, &fresh(&offer));
        let mut rest = split.as_slice();
        let mut payload = Vec::new();
        while let Some((record, used)) = record::Record::parse(rest).unwrap() {
            assert!(record.fragment.len() <= 100);
            payload.extend_from_slice(record.fragment);
            rest = &rest[used..];
        }
        assert_eq!(payload, whole[5..]);
    }

    #[test]
    fn grease_is_put_where_chrome_puts_it() {
        let mut offer = Offer::modern();
        offer.add_grease();
        assert_eq!(offer.cipher_suites[0], CipherSuite(0x0a0a));
        assert_eq!(offer.key_share_groups()[0], NamedGroup(0x2a2a));
        assert_eq!(types(&offer).first(), Some(&ExtensionType(0x1a1a)));
        assert_eq!(types(&offer).last(), Some(&ExtensionType(0x4a4a)));
    }

    #[test]
    fn extensions_are_replaced_in_place_and_removed() {
        let mut offer = Offer::modern();
        let before = types(&offer);
        offer.set_groups(&[NamedGroup::SECP384R1]);
        assert_eq!(types(&offer), before);
        assert_eq!(offer.key_share_groups(), [NamedGroup::SECP384R1]);
        assert!(offer.remove_extension(ExtensionType::SUPPORTED_GROUPS));
        assert!(!offer.remove_extension(ExtensionType::SUPPORTED_GROUPS));
    }

    #[test]
    fn a_client_told_to_go_no_higher_keeps_the_rest_of_its_hello() {
        let mut offer = Offer::modern();
        offer.lead_with(ProtocolVersion::TLS1_0);
        assert_eq!((offer.record_version, offer.legacy_version), (ProtocolVersion::TLS1_0, ProtocolVersion::TLS1_0));
        assert!(offer.cipher_suites.contains(&CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA));
        assert!(!offer.cipher_suites.contains(&CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256));
        assert!(offer.key_share_groups().is_empty());
        assert!(offer.extension(ExtensionType::SUPPORTED_GROUPS).is_some());
        assert!(offer.extension(ExtensionType::SIGNATURE_ALGORITHMS).is_none());
        offer.lead_with(ProtocolVersion::SSL3);
        assert_eq!(offer.extensions, None);
        let mut offer = Offer::modern();
        offer.lead_with(ProtocolVersion::TLS1_3);
        assert!(!offer.key_share_groups().is_empty());
    }

    #[test]
    fn offering_tls_1_3_brings_what_it_needs() {
        let mut offer = Offer::for_version(ProtocolVersion::TLS1_2);
        offer.set_supported_versions(&[ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_2]);
        assert!(!offer.key_share_groups().is_empty());
        assert!(offer.cipher_suites.contains(&CipherSuite(0x1301)));
    }
}
