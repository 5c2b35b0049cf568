//! SSL 2.0 (Hickman, "The SSL Protocol", draft 02 of 1995): records and the clear messages of its handshake.
//!
//! Its `CLIENT-HELLO` also carries newer versions: the form that SSL 3.0 to TLS 1.2 call version 2 hello (RFC 5246
//! §E.2).

mod record;

pub use record::{LongHeader, Ssl2Record};

use super::{DecodeError, Reader, Wire, Writer};
use crate::registry::{CipherSuite, ProtocolVersion, code_point};

code_point! {
    /// `CIPHER-SPEC`: three bytes. In a hello for newer versions a first byte of zero makes the rest a [`CipherSuite`].
    Ssl2CipherSpec(u32), 6
}

impl Ssl2CipherSpec {
    /// Bytes on the wire.
    const WIDTH: usize = 3;

    const NAMES: [(Self, &str); 7] = [
        (Self(0x01_0080), "SSL_CK_RC4_128_WITH_MD5"),
        (Self(0x02_0080), "SSL_CK_RC4_128_EXPORT40_WITH_MD5"),
        (Self(0x03_0080), "SSL_CK_RC2_128_CBC_WITH_MD5"),
        (Self(0x04_0080), "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5"),
        (Self(0x05_0080), "SSL_CK_IDEA_128_CBC_WITH_MD5"),
        (Self(0x06_0040), "SSL_CK_DES_64_CBC_WITH_MD5"),
        (Self(0x07_00c0), "SSL_CK_DES_192_EDE3_CBC_WITH_MD5"),
    ];

    /// All that SSL 2.0 has.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::NAMES.into_iter().map(|(spec, _)| spec)
    }

    /// The draft's name, with underscores.
    pub fn name(self) -> Option<&'static str> {
        Self::NAMES.into_iter().find(|(spec, _)| *spec == self).map(|(_, name)| name)
    }

    /// The cipher of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(_, known)| *known == name).map(|(spec, _)| spec)
    }

    /// The suite of a newer version that this stands for.
    pub fn cipher_suite(self) -> Option<CipherSuite> {
        u16::try_from(self.0).ok().map(CipherSuite)
    }
}

impl From<CipherSuite> for Ssl2CipherSpec {
    fn from(suite: CipherSuite) -> Self {
        Self(u32::from(suite.0))
    }
}

/// `CLIENT-HELLO`, with its message type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ssl2ClientHello {
    /// The highest version offered: `SSL2`, or a newer one.
    pub version: ProtocolVersion,
    /// What is offered.
    pub cipher_specs: Vec<Ssl2CipherSpec>,
    /// The session to resume: 16 bytes or none.
    pub session_id: Vec<u8>,
    /// 16 to 32 random bytes.
    pub challenge: Vec<u8>,
}

impl Ssl2ClientHello {
    /// `MSG-CLIENT-HELLO`.
    pub const MSG_TYPE: u8 = 1;
}

impl Wire for Ssl2ClientHello {
    fn encode(&self, out: &mut Writer) {
        out.u8(Self::MSG_TYPE);
        out.u16(self.version.0);
        out.length16(Ssl2CipherSpec::WIDTH * self.cipher_specs.len());
        out.length16(self.session_id.len());
        out.length16(self.challenge.len());
        self.cipher_specs.iter().for_each(|spec| out.u24(spec.0));
        out.bytes(&self.session_id);
        out.bytes(&self.challenge);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        msg_type(input, Self::MSG_TYPE, "1 (CLIENT-HELLO)")?;
        let version = ProtocolVersion(input.u16("ssl2_client_hello.version")?);
        let cipher_specs_length = input.u16("ssl2_client_hello.cipher_specs_length")?;
        let session_id_length = input.u16("ssl2_client_hello.session_id_length")?;
        let challenge_length = input.u16("ssl2_client_hello.challenge_length")?;
        let cipher_specs = input
            .vector("ssl2_client_hello.cipher_specs", cipher_specs_length.into())?
            .of_length(Ssl2CipherSpec::WIDTH.., "3..65535")?
            .list(|list| list.u24("ssl2_client_hello.cipher_specs").map(Ssl2CipherSpec))?;
        let mut session_id = input.vector("ssl2_client_hello.session_id", session_id_length.into())?;
        if !session_id.is_empty() {
            session_id = session_id.of_length(16..=16, "0 or 16")?;
        }
        let mut challenge =
            input.vector("ssl2_client_hello.challenge", challenge_length.into())?.of_length(16..=32, "16..32")?;
        let (session_id, challenge) = (session_id.rest().to_vec(), challenge.rest().to_vec());
        Ok(Self { version, cipher_specs, session_id, challenge })
    }
}

/// `SERVER-HELLO`, with its message type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ssl2ServerHello {
    /// Whether the client's session is resumed: then there is neither a certificate nor a list of ciphers.
    pub session_id_hit: bool,
    /// `CERTIFICATE-TYPE`: 1 is X.509.
    pub certificate_type: u8,
    /// The version chosen.
    pub version: ProtocolVersion,
    /// DER.
    pub certificate: Vec<u8>,
    /// What the server accepts of what was offered: the client chooses.
    pub cipher_specs: Vec<Ssl2CipherSpec>,
    /// 16 to 32 random bytes.
    pub connection_id: Vec<u8>,
}

impl Ssl2ServerHello {
    /// `MSG-SERVER-HELLO`.
    pub const MSG_TYPE: u8 = 4;
}

impl Wire for Ssl2ServerHello {
    fn encode(&self, out: &mut Writer) {
        out.u8(Self::MSG_TYPE);
        out.u8(u8::from(self.session_id_hit));
        out.u8(self.certificate_type);
        out.u16(self.version.0);
        out.length16(self.certificate.len());
        out.length16(Ssl2CipherSpec::WIDTH * self.cipher_specs.len());
        out.length16(self.connection_id.len());
        out.bytes(&self.certificate);
        self.cipher_specs.iter().for_each(|spec| out.u24(spec.0));
        out.bytes(&self.connection_id);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        msg_type(input, Self::MSG_TYPE, "4 (SERVER-HELLO)")?;
        let session_id_hit = flag(input, "ssl2_server_hello.session_id_hit")?;
        let certificate_type = input.u8("ssl2_server_hello.certificate_type")?;
        let version = ProtocolVersion(input.u16("ssl2_server_hello.server_version")?);
        let certificate_length = input.u16("ssl2_server_hello.certificate_length")?;
        let cipher_specs_length = input.u16("ssl2_server_hello.cipher_specs_length")?;
        let connection_id_length = input.u16("ssl2_server_hello.connection_id_length")?;
        let certificate = input.bytes("ssl2_server_hello.certificate", certificate_length.into())?.to_vec();
        let cipher_specs = input
            .vector("ssl2_server_hello.cipher_specs", cipher_specs_length.into())?
            .list(|list| list.u24("ssl2_server_hello.cipher_specs").map(Ssl2CipherSpec))?;
        let mut connection_id = input
            .vector("ssl2_server_hello.connection_id", connection_id_length.into())?
            .of_length(16..=32, "16..32")?;
        let connection_id = connection_id.rest().to_vec();
        Ok(Self { session_id_hit, certificate_type, version, certificate, cipher_specs, connection_id })
    }
}

/// `ERROR`, with its message type: what SSL 2.0 has for alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ssl2Error {
    /// `NO-CIPHER-ERROR` is 1, `NO-CERTIFICATE-ERROR` 2, `BAD-CERTIFICATE-ERROR` 4,
    /// `UNSUPPORTED-CERTIFICATE-TYPE-ERROR` 6.
    pub code: u16,
}

impl Ssl2Error {
    /// `MSG-ERROR`.
    pub const MSG_TYPE: u8 = 0;
}

impl Wire for Ssl2Error {
    fn encode(&self, out: &mut Writer) {
        out.u8(Self::MSG_TYPE);
        out.u16(self.code);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        msg_type(input, Self::MSG_TYPE, "0 (ERROR)")?;
        let code = input.u16("ssl2_error.error_code")?;
        Ok(Self { code })
    }
}

fn msg_type(input: &mut Reader<'_>, wanted: u8, expected: &'static str) -> Result<(), DecodeError> {
    const FIELD: &str = "ssl2.msg_type";
    let offset = input.offset();
    match input.u8(FIELD)? {
        found if found == wanted => Ok(()),
        found => Err(DecodeError::Value { field: FIELD, offset, found: u64::from(found), expected }),
    }
}

fn flag(input: &mut Reader<'_>, field: &'static str) -> Result<bool, DecodeError> {
    let offset = input.offset();
    match input.u8(field)? {
        0 => Ok(false),
        1 => Ok(true),
        found => Err(DecodeError::Value { field, offset, found: u64::from(found), expected: "0 or 1" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::testing;

    const CLIENT_HELLO: [u8; 31] = [
        1, 0, 2, 0, 6, 0, 0, 0, 16, // message type, version, three lengths
        7, 0, 0xc0, 0, 0, 0x0a, // two cipher specs
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
    ];
    const SERVER_HELLO: [u8; 32] = [
        4, 0, 1, 0, 2, 0, 2, 0, 3, 0, 16, // message type, hit, certificate type, version, three lengths
        0x30, 0, // a certificate
        1, 0, 0x80, // a cipher spec
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
    ];
    const NO_CIPHER_ERROR: [u8; 3] = [0, 0, 1];

    fn client_hello() -> Ssl2ClientHello {
        Ssl2ClientHello {
            version: ProtocolVersion::SSL2,
            cipher_specs: vec![Ssl2CipherSpec(0x07_00c0), Ssl2CipherSpec(0x00_000a)],
            session_id: vec![],
            challenge: (1..=16).collect(),
        }
    }

    fn server_hello() -> Ssl2ServerHello {
        Ssl2ServerHello {
            session_id_hit: false,
            certificate_type: 1,
            version: ProtocolVersion::SSL2,
            certificate: vec![0x30, 0],
            cipher_specs: vec![Ssl2CipherSpec(0x01_0080)],
            connection_id: (1..=16).collect(),
        }
    }

    #[test]
    fn client_hello_reads_and_writes_the_same_bytes() {
        testing::reads_and_writes(&CLIENT_HELLO, &client_hello());
    }

    #[test]
    fn server_hello_reads_and_writes_the_same_bytes() {
        testing::reads_and_writes(&SERVER_HELLO, &server_hello());
    }

    #[test]
    fn error_reads_and_writes_the_same_bytes() {
        testing::reads_and_writes(&NO_CIPHER_ERROR, &Ssl2Error { code: 1 });
    }

    #[test]
    fn a_cipher_spec_is_a_cipher_of_ssl2_or_a_suite_of_a_newer_version() {
        let [of_ssl2, newer] = client_hello().cipher_specs.try_into().unwrap();
        assert_eq!(of_ssl2.to_string(), "SSL_CK_DES_192_EDE3_CBC_WITH_MD5");
        assert_eq!(of_ssl2.cipher_suite(), None);
        assert_eq!(newer.cipher_suite(), Some(CipherSuite(0x000a)));
        assert_eq!(Ssl2CipherSpec::from(CipherSuite(0x000a)), newer);
    }

    #[test]
    fn rejects_lengths_that_ssl2_does_not_have() {
        let no_ciphers = Ssl2ClientHello { cipher_specs: vec![], ..client_hello() };
        let short_id = Ssl2ClientHello { session_id: vec![0; 15], ..client_hello() };
        let short_challenge = Ssl2ClientHello { challenge: vec![0; 15], ..client_hello() };
        let long_challenge = Ssl2ClientHello { challenge: vec![0; 33], ..client_hello() };
        for (hello, field) in [
            (no_ciphers, "ssl2_client_hello.cipher_specs"),
            (short_id, "ssl2_client_hello.session_id"),
            (short_challenge, "ssl2_client_hello.challenge"),
            (long_challenge, "ssl2_client_hello.challenge"),
        ] {
            assert_eq!(Ssl2ClientHello::from_bytes(&hello.to_bytes()).unwrap_err().field(), field);
        }
        let short_id = Ssl2ServerHello { connection_id: vec![0; 15], ..server_hello() };
        let error = Ssl2ServerHello::from_bytes(&short_id.to_bytes()).unwrap_err();
        assert_eq!((error.field(), error.offset()), ("ssl2_server_hello.connection_id", 16));
    }

    #[test]
    fn rejects_another_message_and_a_flag_that_is_neither() {
        let error = Ssl2ClientHello::from_bytes(&SERVER_HELLO).unwrap_err();
        let (field, expected) = ("ssl2.msg_type", "1 (CLIENT-HELLO)");
        assert_eq!(error, DecodeError::Value { field, offset: 0, found: 4, expected });

        let mut bytes = SERVER_HELLO;
        bytes[1] = 2;
        let error = Ssl2ServerHello::from_bytes(&bytes).unwrap_err();
        assert_eq!((error.field(), error.offset()), ("ssl2_server_hello.session_id_hit", 1));
    }

    #[test]
    fn rejects_every_truncation() {
        testing::rejects_every_truncation::<Ssl2ClientHello>(&CLIENT_HELLO);
        testing::rejects_every_truncation::<Ssl2ServerHello>(&SERVER_HELLO);
        testing::rejects_every_truncation::<Ssl2Error>(&NO_CIPHER_ERROR);
    }

    #[test]
    fn never_panics() {
        testing::never_panics::<Ssl2ClientHello>(&CLIENT_HELLO);
        testing::never_panics::<Ssl2ServerHello>(&SERVER_HELLO);
        testing::never_panics::<Ssl2Error>(&NO_CIPHER_ERROR);
    }
}
