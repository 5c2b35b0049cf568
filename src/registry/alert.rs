//! Alert levels and descriptions (RFC 8446 §6), and what Schannel makes of an alert that it receives.

use std::iter;

use super::code_point::{constants, registry};
use super::typed::{self, NameKind, UnknownName};
use super::words::words;
use super::{ProtocolVersion, code_point};

mod meaning;
mod rows;

code_point! {
    /// `AlertLevel` (RFC 8446 §6): `warning` or `fatal`.
    AlertLevel(u8), 2
}

impl AlertLevel {
    /// The session may go on.
    pub const WARNING: Self = Self(1);
    /// The connection ends here.
    pub const FATAL: Self = Self(2);

    /// The name in RFC 8446 §6.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::WARNING => Some("warning"),
            Self::FATAL => Some("fatal"),
            _ => None,
        }
    }

    /// The level of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::WARNING, Self::FATAL].into_iter().find(|level| level.name() == Some(name))
    }
}

code_point! {
    /// `AlertDescription` (RFC 8446 §6).
    AlertDescription(u8), 2
}

registry!(AlertDescription, AlertInfo, rows::ROWS, &[]);

/// One alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertInfo {
    /// The value on the wire.
    pub code: AlertDescription,
    /// The name in IANA's registry, where those that TLS 1.3 gave up end in `_RESERVED`.
    pub name: &'static str,
    /// The level it is sent at. A peer may send it at another.
    pub level: UsualLevel,
    /// The first version that has it.
    pub first_protocol: ProtocolVersion,
    /// Where it is defined.
    pub reference: &'static str,
    /// What Schannel tells its caller on receiving it; nothing where that is no error.
    pub schannel_error_when_received: Option<SchannelError>,
}

impl AlertInfo {
    /// The name, with and without the mark of what TLS 1.3 gave up.
    pub(crate) fn spellings(&self) -> impl Iterator<Item = &'static str> + use<> {
        iter::once(self.name).chain(self.name.strip_suffix("_RESERVED"))
    }
}

words! {
    /// The level an alert is sent at.
    UsualLevel {
        /// The end of what is sent, at a level that nobody reads (RFC 8446 §6).
        Closure = "closure",
        Warning = "warning",
        Fatal = "fatal",
        /// The sender chooses, where the version lets it.
        WarningOrFatal = "warning or fatal",
    }
}

/// An error of the Windows Security Support Provider Interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchannelError {
    /// Its name in `winerror.h`.
    pub symbol: &'static str,
    /// Its value.
    pub hresult: u32,
    /// Whether Microsoft's documentation leaves the alert out, and this is the error of its row "Default".
    pub by_default: bool,
}

impl AlertDescription {
    /// Where [`AlertInfo::schannel_error_when_received`] is from.
    pub const SCHANNEL_SOURCE: &'static str = "MicrosoftDocs/win32 \
         desktop-src/SecAuthN/schannel-error-codes-for-tls-and-ssl-alerts.md, commit 47e64c18";

    /// The alert that `typed` stands for: its name in any case, with or without `_RESERVED`, or its number as in `40`
    /// or `0x28`.
    pub fn parse(typed: &str) -> Result<Self, UnknownName> {
        let number = |word: &str| typed::hex_or_decimal(word)?.try_into().ok().map(Self);
        typed::resolve(NameKind::AlertDescription, typed, number, Self::spellings())
    }
}

constants! {
    AlertDescription {
        CLOSE_NOTIFY = 0,
        UNEXPECTED_MESSAGE = 10,
        BAD_RECORD_MAC = 20,
        DECRYPTION_FAILED = 21,
        RECORD_OVERFLOW = 22,
        DECOMPRESSION_FAILURE = 30,
        HANDSHAKE_FAILURE = 40,
        NO_CERTIFICATE = 41,
        BAD_CERTIFICATE = 42,
        UNSUPPORTED_CERTIFICATE = 43,
        CERTIFICATE_REVOKED = 44,
        CERTIFICATE_EXPIRED = 45,
        CERTIFICATE_UNKNOWN = 46,
        ILLEGAL_PARAMETER = 47,
        UNKNOWN_CA = 48,
        ACCESS_DENIED = 49,
        DECODE_ERROR = 50,
        DECRYPT_ERROR = 51,
        TOO_MANY_CIDS_REQUESTED = 52,
        EXPORT_RESTRICTION = 60,
        PROTOCOL_VERSION = 70,
        INSUFFICIENT_SECURITY = 71,
        INTERNAL_ERROR = 80,
        INAPPROPRIATE_FALLBACK = 86,
        USER_CANCELED = 90,
        NO_RENEGOTIATION = 100,
        MISSING_EXTENSION = 109,
        UNSUPPORTED_EXTENSION = 110,
        CERTIFICATE_UNOBTAINABLE = 111,
        UNRECOGNIZED_NAME = 112,
        BAD_CERTIFICATE_STATUS_RESPONSE = 113,
        BAD_CERTIFICATE_HASH_VALUE = 114,
        UNKNOWN_PSK_IDENTITY = 115,
        CERTIFICATE_REQUIRED = 116,
        GENERAL_ERROR = 117,
        NO_APPLICATION_PROTOCOL = 120,
        ECH_REQUIRED = 121,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::testing::{assert_same_rows, csv_table, registry_laws};

    registry_laws!(AlertDescription(u8), AlertDescription::parse);

    #[test]
    fn every_row_and_property_agrees_with_the_csv() {
        let ours = AlertDescription::all().iter().map(|row| {
            let schannel = row.schannel_error_when_received;
            [
                row.code.0.to_string(),
                row.code.hex(),
                row.name.to_owned(),
                row.level.to_string(),
                row.first_protocol.spoken(),
                row.reference.to_owned(),
                schannel.map_or("", |error| error.symbol).to_owned(),
                schannel.map_or_else(String::new, |error| format!("0x{:08X}", error.hresult)),
                schannel.is_some_and(|error| error.by_default).to_string(),
            ]
        });
        let csv = csv_table("iana-alerts.csv").into_iter().map(|row| {
            let cell = |column: &str| row[column].clone();
            let symbol = match (&*row["schannel_hresult"], &*row["schannel_error_when_received"]) {
                // The table at Microsoft has the number of one error and the name of another.
                ("0x80090367", "SEC_E_ILLEGAL_MESSAGE") => "SEC_E_APPLICATION_PROTOCOL_MISMATCH",
                (_, symbol) => symbol,
            };
            [
                cell("value"),
                cell("hex"),
                cell("iana_name"),
                // Some levels have a remark after them: "warning or fatal (SSL 3.0 only)".
                row["level"].split(" (").next().unwrap_or_default().to_owned(),
                row["first_protocol"].trim_end_matches(" only").to_owned(),
                cell("reference"),
                symbol.to_owned(),
                cell("schannel_hresult"),
                row["schannel_mapping_source"].contains("\"Default\"").to_string(),
            ]
        });
        assert_same_rows(ours, csv);
    }

    #[test]
    fn a_schannel_error_has_one_number() {
        let errors = || AlertDescription::all().iter().filter_map(|row| row.schannel_error_when_received);
        for one in errors() {
            for other in errors() {
                assert_eq!(one.symbol == other.symbol, one.hresult == other.hresult, "{one:?} and {other:?}");
            }
        }
    }

    #[test]
    fn every_form_names_the_same_alert() {
        for typed in ["no_renegotiation", "no_renegotiation_RESERVED", "No_Renegotiation", "100", "0x64"] {
            assert_eq!(AlertDescription::parse(typed), Ok(AlertDescription::NO_RENEGOTIATION), "{typed}");
        }
        assert_eq!(AlertDescription::parse("255"), Ok(AlertDescription(255)));
        assert!(AlertDescription::parse("256").is_err());
        assert!(AlertDescription::parse("0x100").is_err());
    }

    #[test]
    fn an_unknown_name_brings_the_nearest_ones() {
        let error = AlertDescription::parse("handshake_fail").unwrap_err();
        assert_eq!(error.to_string(), r#"unknown alert "handshake_fail": did you mean handshake_failure?"#);
    }

    #[test]
    fn a_level_nobody_defined_prints_as_its_number() {
        assert_eq!(AlertLevel(2).to_string(), "fatal");
        assert_eq!(AlertLevel(9).to_string(), "0x09");
        assert_eq!(serde_json::from_str::<AlertLevel>(r#""0x09""#).unwrap(), AlertLevel(9));
        assert!(serde_json::from_str::<AlertLevel>(r#""0x109""#).is_err());
    }
}
