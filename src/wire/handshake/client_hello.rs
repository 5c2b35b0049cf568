//! The message that asks.

use super::SessionId;
use crate::registry::{CipherSuite, ProtocolVersion};
use crate::wire::extension::{Context, Extensions};
use crate::wire::{DecodeError, Reader, Wire, Writer};

/// `ClientHello` (RFC 8446 §4.1.2), the same since SSL 3.0 but for its extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientHello {
    /// The highest version offered; `TLS1.2` where `supported_versions` says more.
    pub legacy_version: ProtocolVersion,
    /// `Random`; before TLS 1.3 the first four bytes were a clock.
    pub random: [u8; 32],
    /// The session to resume, or a made-up id that makes TLS 1.3 look like a resumption (RFC 8446 §D.4).
    pub session_id: SessionId,
    /// What is offered, best first.
    pub cipher_suites: Vec<CipherSuite>,
    /// What is offered; only `0`, no compression, is sane.
    pub compression_methods: Vec<u8>,
    /// `None` where the message ends before them, as SSL 3.0's does: not the same as an empty list.
    pub extensions: Option<Extensions>,
}

impl Wire for ClientHello {
    fn encode(&self, out: &mut Writer) {
        out.u16(self.legacy_version.0);
        out.bytes(&self.random);
        self.session_id.encode(out);
        out.vec16(|out| self.cipher_suites.iter().for_each(|suite| out.u16(suite.0)));
        out.vec8(|out| out.bytes(&self.compression_methods));
        if let Some(extensions) = &self.extensions {
            extensions.encode(out);
        }
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let legacy_version = ProtocolVersion(input.u16("client_hello.legacy_version")?);
        let random = input.array("client_hello.random")?;
        let session_id = SessionId::decode(input)?;
        let cipher_suites = input
            .vec16("client_hello.cipher_suites")?
            .of_length(2.., "2..65534")?
            .list(|list| list.u16("client_hello.cipher_suites").map(CipherSuite))?;
        let compression_methods =
            input.vec8("client_hello.compression_methods")?.of_length(1.., "1..255")?.rest().to_vec();
        let extensions = Extensions::decode_optional(Context::ClientHello, input)?;
        Ok(Self { legacy_version, random, session_id, cipher_suites, compression_methods, extensions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::extension::Extension;
    use crate::wire::testing;

    const SSL3: &str = concat!(
        "0300",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "00",
        "0004000a0005",
        "0100",
    );
    const TLS1_2: &str = concat!(
        "0303",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "02abcd",
        "00040a0ac030",
        "0100",
        "000d", // extensions
        "00170000",
        "ff01000100",
        "fefe0000",
    );
    /// Where [`TLS1_2`]'s extensions begin: up to there it is a whole hello without extensions.
    const BEFORE_EXTENSIONS: usize = 45;

    fn ssl3() -> ClientHello {
        ClientHello {
            legacy_version: ProtocolVersion::SSL3,
            random: std::array::from_fn(|index| u8::try_from(index).unwrap()),
            session_id: SessionId(vec![]),
            cipher_suites: vec![CipherSuite(0x000a), CipherSuite(0x0005)],
            compression_methods: vec![0],
            extensions: None,
        }
    }

    fn tls1_2() -> ClientHello {
        ClientHello {
            legacy_version: ProtocolVersion::TLS1_2,
            session_id: SessionId(vec![0xab, 0xcd]),
            cipher_suites: vec![CipherSuite(0x0a0a), CipherSuite(0xc030)],
            extensions: Some(Extensions(vec![
                Extension::ExtendedMasterSecret,
                Extension::RenegotiationInfo(vec![]),
                Extension::Other(crate::registry::ExtensionType(0xfefe), vec![]),
            ])),
            ..ssl3()
        }
    }

    fn bytes(hex: &str) -> Vec<u8> {
        hex::decode(hex).unwrap()
    }

    #[test]
    fn client_hello_reads_and_writes_the_same_bytes() {
        testing::reads_and_writes(&bytes(SSL3), &ssl3());
        testing::reads_and_writes(&bytes(TLS1_2), &tls1_2());
    }

    #[test]
    fn no_extensions_and_an_empty_list_of_them_are_two_things() {
        let empty = ClientHello { extensions: Some(Extensions(vec![])), ..ssl3() };
        testing::reads_and_writes(&bytes(&[SSL3, "0000"].concat()), &empty);
    }

    #[test]
    fn rejects_client_hello_with_half_a_cipher_suite() {
        let mut bytes = bytes(SSL3);
        bytes[36] = 3; // of cipher_suites
        let error = DecodeError::Truncated { field: "client_hello.cipher_suites", offset: 39, needed: 1 };
        assert_eq!(ClientHello::from_bytes(&bytes), Err(error));
    }

    #[test]
    fn rejects_client_hello_without_cipher_suites_or_compression_methods() {
        let no_suites = ClientHello { cipher_suites: vec![], ..ssl3() };
        let error = ClientHello::from_bytes(&no_suites.to_bytes()).unwrap_err();
        assert_eq!((error.field(), error.offset()), ("client_hello.cipher_suites", 37));

        let no_methods = ClientHello { compression_methods: vec![], ..ssl3() };
        let error = ClientHello::from_bytes(&no_methods.to_bytes()).unwrap_err();
        assert_eq!((error.field(), error.offset()), ("client_hello.compression_methods", 42));
    }

    #[test]
    fn rejects_every_truncation_of_client_hello() {
        testing::rejects_every_truncation::<ClientHello>(&bytes(SSL3));
        testing::rejects_every_truncation_with(&bytes(TLS1_2), |bytes| match ClientHello::from_bytes(bytes) {
            Ok(_) if bytes.len() == BEFORE_EXTENSIONS => Err(testing::error_of(&[], |input| input.u8("extensions"))),
            result => result,
        });
    }

    #[test]
    fn never_panics() {
        testing::never_panics::<ClientHello>(&bytes(TLS1_2));
    }
}
