//! `ExtensionType` code points.

use std::iter;

use super::code_point::{constants, registry};
use super::typed::{self, NameKind, UnknownName};
use super::words::words;
use super::{Recommended, code_point};

mod rows;

code_point! {
    /// `ExtensionType` (RFC 8446 §4.2).
    ExtensionType(u16), 4
}

registry!(ExtensionType, ExtensionInfo, rows::ROWS, ALIASES);

/// One extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionInfo {
    /// The value on the wire.
    pub code: ExtensionType,
    /// The name in IANA's registry. Where IANA has a remark in its place, or the value was taken without asking, it is
    /// the name in the draft.
    pub name: &'static str,
    /// The messages of TLS 1.3 it may stand in; none where it belongs to older versions alone.
    pub tls13_messages: &'static [Tls13Message],
    /// IANA's advice.
    pub recommended: Recommended,
    /// Where it is defined.
    pub reference: &'static str,
}

impl ExtensionInfo {
    fn spellings(&self) -> impl Iterator<Item = &'static str> + use<> {
        iter::once(self.name)
    }
}

words! {
    /// A message of TLS 1.3 that holds extensions, abbreviated as in RFC 8446 §4.2.
    Tls13Message {
        ClientHello = "CH",
        ServerHello = "SH",
        HelloRetryRequest = "HRR",
        EncryptedExtensions = "EE",
        CertificateRequest = "CR",
        Certificate = "CT",
        NewSessionTicket = "NST",
    }
}

/// What these extensions are called in speech.
const ALIASES: &[(&str, ExtensionType)] = &[
    ("SNI", ExtensionType::SERVER_NAME),
    ("ALPN", ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION),
    ("SCT", ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP),
    ("EMS", ExtensionType::EXTENDED_MASTER_SECRET),
    ("NPN", ExtensionType::NEXT_PROTOCOL_NEGOTIATION),
    ("ALPS", ExtensionType::APPLICATION_SETTINGS),
    ("ECH", ExtensionType::ENCRYPTED_CLIENT_HELLO),
    ("ESNI", ExtensionType::ENCRYPTED_SERVER_NAME),
];

impl ExtensionType {
    /// The extension that `typed` stands for: its name or its usual abbreviation in any case, or its number as in
    /// `0x000A` or `10`.
    pub fn parse(typed: &str) -> Result<Self, UnknownName> {
        let number = |word: &str| typed::hex_or_decimal(word).map(Self);
        typed::resolve(NameKind::ExtensionType, typed, number, Self::spellings())
    }
}

constants! {
    ExtensionType {
        SERVER_NAME = 0,
        MAX_FRAGMENT_LENGTH = 1,
        CLIENT_CERTIFICATE_URL = 2,
        TRUSTED_CA_KEYS = 3,
        TRUNCATED_HMAC = 4,
        STATUS_REQUEST = 5,
        USER_MAPPING = 6,
        CLIENT_AUTHZ = 7,
        SERVER_AUTHZ = 8,
        CERT_TYPE = 9,
        SUPPORTED_GROUPS = 10,
        EC_POINT_FORMATS = 11,
        SRP = 12,
        SIGNATURE_ALGORITHMS = 13,
        USE_SRTP = 14,
        HEARTBEAT = 15,
        APPLICATION_LAYER_PROTOCOL_NEGOTIATION = 16,
        STATUS_REQUEST_V2 = 17,
        SIGNED_CERTIFICATE_TIMESTAMP = 18,
        CLIENT_CERTIFICATE_TYPE = 19,
        SERVER_CERTIFICATE_TYPE = 20,
        PADDING = 21,
        ENCRYPT_THEN_MAC = 22,
        EXTENDED_MASTER_SECRET = 23,
        TOKEN_BINDING = 24,
        CACHED_INFO = 25,
        TLS_LTS = 26,
        COMPRESS_CERTIFICATE = 27,
        RECORD_SIZE_LIMIT = 28,
        PWD_PROTECT = 29,
        PWD_CLEAR = 30,
        PASSWORD_SALT = 31,
        TICKET_PINNING = 32,
        TLS_CERT_WITH_EXTERN_PSK = 33,
        DELEGATED_CREDENTIAL = 34,
        SESSION_TICKET = 35,
        TLMSP = 36,
        TLMSP_PROXYING = 37,
        TLMSP_DELEGATE = 38,
        SUPPORTED_EKT_CIPHERS = 39,
        KEY_SHARE_BEFORE_DRAFT_23 = 40,
        PRE_SHARED_KEY = 41,
        EARLY_DATA = 42,
        SUPPORTED_VERSIONS = 43,
        COOKIE = 44,
        PSK_KEY_EXCHANGE_MODES = 45,
        TICKET_EARLY_DATA_INFO = 46,
        CERTIFICATE_AUTHORITIES = 47,
        OID_FILTERS = 48,
        POST_HANDSHAKE_AUTH = 49,
        SIGNATURE_ALGORITHMS_CERT = 50,
        KEY_SHARE = 51,
        TRANSPARENCY_INFO = 52,
        CONNECTION_ID_DEPRECATED = 53,
        CONNECTION_ID = 54,
        EXTERNAL_ID_HASH = 55,
        EXTERNAL_SESSION_ID = 56,
        QUIC_TRANSPORT_PARAMETERS = 57,
        TICKET_REQUEST = 58,
        DNSSEC_CHAIN = 59,
        SEQUENCE_NUMBER_ENCRYPTION_ALGORITHMS = 60,
        RRC = 61,
        TLS_FLAGS = 62,
        SERVER_PADDING = 4832,
        NEXT_PROTOCOL_NEGOTIATION = 13172,
        APPLICATION_SETTINGS_OLD = 17513,
        APPLICATION_SETTINGS = 17613,
        TOKEN_BINDING_DRAFT = 21760,
        CHANNEL_ID_OLD = 30031,
        CHANNEL_ID = 30032,
        TRUST_ANCHORS = 51764,
        ECH_OUTER_EXTENSIONS = 64768,
        ENCRYPTED_CLIENT_HELLO = 65037,
        RENEGOTIATION_INFO = 65281,
        QUIC_TRANSPORT_PARAMETERS_DRAFT = 65445,
        ENCRYPTED_SERVER_NAME = 65486,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::testing::{assert_same_rows, csv_table, registry_laws};

    registry_laws!(ExtensionType(u16), ExtensionType::parse);

    /// Where the CSV has a remark in the place of a name, or after it.
    const NAMES_OF_OUR_OWN: [(&str, &str); 11] = [
        ("40", "key_share_before_draft_23"),
        ("46", "ticket_early_data_info"),
        ("53", "connection_id_deprecated"),
        ("4832", "server_padding"),
        ("13172", "next_protocol_negotiation"),
        ("17513", "application_settings_old"),
        ("17613", "application_settings"),
        ("21760", "token_binding_draft"),
        ("30032", "channel_id"),
        ("65445", "quic_transport_parameters_draft"),
        ("65486", "encrypted_server_name"),
    ];

    #[test]
    fn every_row_and_property_agrees_with_the_csv() {
        let ours = ExtensionType::all().iter().map(|row| {
            let messages: Vec<_> = row.tls13_messages.iter().map(|message| message.as_str()).collect();
            [
                row.code.0.to_string(),
                row.code.hex(),
                row.name.to_owned(),
                if messages.is_empty() { "-".to_owned() } else { messages.join(", ") },
                row.recommended.to_string(),
                row.reference.to_owned(),
            ]
        });
        let csv = csv_table("iana-extensions.csv").into_iter().map(|row| {
            let cell = |column: &str| row[column].clone();
            let own_name = NAMES_OF_OUR_OWN.iter().find(|(value, _)| *value == row["value"]);
            [
                cell("value"),
                cell("hex"),
                own_name.map_or_else(|| cell("iana_name"), |(_, name)| (*name).to_owned()),
                // ech_outer_extensions stands in the ClientHello that is encrypted.
                row["tls13_messages"].trim_end_matches(" (inner only)").to_owned(),
                Recommended::from_cell(&row["recommended"]).to_string(),
                cell("reference"),
            ]
        });
        assert_same_rows(ours, csv);
    }

    #[test]
    fn every_form_names_the_same_extension() {
        for typed in ["extended_master_secret", "Extended_Master_Secret", "ems", "EMS", "23", "0x17", "0x0017"] {
            assert_eq!(ExtensionType::parse(typed), Ok(ExtensionType::EXTENDED_MASTER_SECRET), "{typed}");
        }
        assert_eq!(ExtensionType::parse("39321"), Ok(ExtensionType(0x9999)));
    }

    #[test]
    fn an_unknown_name_brings_the_nearest_ones() {
        let error = ExtensionType::parse("server_names").unwrap_err();
        assert_eq!(error.to_string(), r#"unknown extension "server_names": did you mean server_name?"#);
    }
}
