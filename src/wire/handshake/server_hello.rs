//! The message that answers, or asks for another hello.

use super::{ClientHello, SessionId};
use crate::registry::{CipherSuite, ExtensionType, ProtocolVersion};
use crate::wire::extension::{Context, Extension, Extensions, SupportedVersions};
use crate::wire::{DecodeError, Reader, Wire, Writer};

/// `ServerHello` (RFC 8446 §4.1.3), which in TLS 1.3 may be a HelloRetryRequest (§4.1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHello {
    /// The version chosen, unless `supported_versions` says so.
    pub legacy_version: ProtocolVersion,
    /// `Random`; its last eight bytes may say that a newer version was possible (RFC 8446 §4.1.3).
    pub random: [u8; 32],
    /// The session this one is or may be resumed by; in TLS 1.3 an echo of the client's.
    pub session_id: SessionId,
    /// The suite chosen.
    pub cipher_suite: CipherSuite,
    /// The compression chosen.
    pub compression_method: u8,
    /// `None` where the message ends before them.
    pub extensions: Option<Extensions>,
}

impl ServerHello {
    /// The random that makes a ServerHello a HelloRetryRequest: SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3).
    pub const HELLO_RETRY_REQUEST_RANDOM: [u8; 32] = [
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2,
        0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
    ];

    /// What a server of TLS 1.2 or older answers: no session, no compression, and of the extensions those that need no
    /// decision. Its random is still to be filled in.
    pub fn answering(hello: &ClientHello, version: ProtocolVersion, cipher_suite: CipherSuite) -> Self {
        let offered = || hello.extensions.iter().flat_map(|extensions| &extensions.0);
        let mut extensions = Vec::new();
        if offered().any(|extension| *extension == Extension::ExtendedMasterSecret) {
            extensions.push(Extension::ExtendedMasterSecret);
        }
        // The signalling value stands for an empty extension (RFC 5746 §3.3).
        let signalled = hello.cipher_suites.contains(&CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV);
        if signalled || offered().any(|extension| matches!(extension, Extension::RenegotiationInfo(_))) {
            extensions.push(Extension::RenegotiationInfo(vec![]));
        }
        Self {
            legacy_version: version,
            random: [0; 32],
            session_id: SessionId(Vec::new()),
            cipher_suite,
            compression_method: 0,
            extensions: (!extensions.is_empty()).then_some(Extensions(extensions)),
        }
    }

    /// Whether it only asks for another hello.
    pub fn is_hello_retry_request(&self) -> bool {
        self.random == Self::HELLO_RETRY_REQUEST_RANDOM
    }

    /// Whether it is of TLS 1.3, or a version after it: those alone choose by `supported_versions`.
    pub fn is_tls13(&self) -> bool {
        self.extensions.as_ref().is_some_and(|all| all.find(ExtensionType::SUPPORTED_VERSIONS).is_some())
    }

    /// The version chosen, wherever it is said (RFC 8446 §4.2.1).
    pub fn negotiated_version(&self) -> ProtocolVersion {
        let selected = self.extensions.iter().flat_map(|extensions| &extensions.0).find_map(|extension| {
            let Extension::SupportedVersions(SupportedVersions::Selected(version)) = extension else { return None };
            Some(*version)
        });
        selected.unwrap_or(self.legacy_version)
    }
}

impl Wire for ServerHello {
    fn encode(&self, out: &mut Writer) {
        out.u16(self.legacy_version.0);
        out.bytes(&self.random);
        self.session_id.encode(out);
        out.u16(self.cipher_suite.0);
        out.u8(self.compression_method);
        if let Some(extensions) = &self.extensions {
            extensions.encode(out);
        }
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let legacy_version = ProtocolVersion(input.u16("server_hello.legacy_version")?);
        let random = input.array("server_hello.random")?;
        let session_id = SessionId::decode(input)?;
        let cipher_suite = CipherSuite(input.u16("server_hello.cipher_suite")?);
        let compression_method = input.u8("server_hello.compression_method")?;
        let mut hello = Self { legacy_version, random, session_id, cipher_suite, compression_method, extensions: None };
        let context = if hello.is_hello_retry_request() { Context::HelloRetryRequest } else { Context::ServerHello };
        hello.extensions = Extensions::decode_optional(context, input)?;
        Ok(hello)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::NamedGroup;
    use crate::wire::extension::{KeyShare, KeyShareEntry};
    use crate::wire::testing;

    const TLS1_0: &str =
        concat!("0301", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "0101", "002f", "00",);
    const TLS1_3: &str = concat!(
        "0303",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "0101",
        "1302",
        "00",
        "0010",
        "002b00020304",
        "00330006001d00020506",
    );
    const RETRY: &str = concat!(
        "0303",
        "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c",
        "00",
        "1301",
        "00",
        "0013",
        "002b00020304",
        "003300020018",
        "002c000300010a",
    );
    /// Where [`TLS1_3`]'s extensions begin: up to there it is a whole ServerHello without extensions.
    const BEFORE_EXTENSIONS: usize = 39;

    fn tls1_0() -> ServerHello {
        ServerHello {
            legacy_version: ProtocolVersion::TLS1_0,
            random: std::array::from_fn(|index| u8::try_from(index).unwrap()),
            session_id: SessionId(vec![1]),
            cipher_suite: CipherSuite(0x002f),
            compression_method: 0,
            extensions: None,
        }
    }

    fn tls1_3() -> ServerHello {
        let share = KeyShareEntry { group: NamedGroup(0x001d), key_exchange: vec![5, 6] };
        ServerHello {
            legacy_version: ProtocolVersion::TLS1_2,
            cipher_suite: CipherSuite(0x1302),
            extensions: Some(Extensions(vec![
                Extension::SupportedVersions(SupportedVersions::Selected(ProtocolVersion::TLS1_3)),
                Extension::KeyShare(KeyShare::Selected(share)),
            ])),
            ..tls1_0()
        }
    }

    fn retry() -> ServerHello {
        ServerHello {
            legacy_version: ProtocolVersion::TLS1_2,
            random: ServerHello::HELLO_RETRY_REQUEST_RANDOM,
            session_id: SessionId(vec![]),
            cipher_suite: CipherSuite(0x1301),
            compression_method: 0,
            extensions: Some(Extensions(vec![
                Extension::SupportedVersions(SupportedVersions::Selected(ProtocolVersion::TLS1_3)),
                Extension::KeyShare(KeyShare::RetryGroup(NamedGroup(0x0018))),
                Extension::Cookie(vec![10]),
            ])),
        }
    }

    fn bytes(hex: &str) -> Vec<u8> {
        hex::decode(hex).unwrap()
    }

    #[test]
    fn server_hello_reads_and_writes_the_same_bytes() {
        testing::reads_and_writes(&bytes(TLS1_0), &tls1_0());
        testing::reads_and_writes(&bytes(TLS1_3), &tls1_3());
    }

    #[test]
    fn hello_retry_request_reads_and_writes_the_same_bytes() {
        testing::reads_and_writes(&bytes(RETRY), &retry());
    }

    #[test]
    fn the_retry_random_is_the_sha256_of_its_name() {
        use sha2::{Digest, Sha256};
        assert_eq!(Sha256::digest("HelloRetryRequest")[..], ServerHello::HELLO_RETRY_REQUEST_RANDOM);
        assert!(retry().is_hello_retry_request());
        assert!(!tls1_3().is_hello_retry_request());
    }

    #[test]
    fn supported_versions_outweighs_the_legacy_version() {
        assert_eq!(tls1_3().negotiated_version(), ProtocolVersion::TLS1_3);
        assert_eq!(retry().negotiated_version(), ProtocolVersion::TLS1_3);
        assert_eq!(tls1_0().negotiated_version(), ProtocolVersion::TLS1_0);
    }

    #[test]
    fn rejects_server_hello_with_a_session_id_longer_than_32_bytes() {
        let hello = ServerHello { session_id: SessionId(vec![0; 33]), ..tls1_0() };
        let error = ServerHello::from_bytes(&hello.to_bytes()).unwrap_err();
        assert_eq!((error.field(), error.offset()), ("session_id", 35));
    }

    #[test]
    fn rejects_every_truncation_of_server_hello() {
        testing::rejects_every_truncation::<ServerHello>(&bytes(TLS1_0));
        testing::rejects_every_truncation_with(&bytes(TLS1_3), |bytes| match ServerHello::from_bytes(bytes) {
            Ok(_) if bytes.len() == BEFORE_EXTENSIONS => Err(testing::error_of(&[], |input| input.u8("extensions"))),
            result => result,
        });
    }

    #[test]
    fn never_panics() {
        testing::never_panics::<ServerHello>(&bytes(TLS1_3));
        testing::never_panics::<ServerHello>(&bytes(RETRY));
    }
}
