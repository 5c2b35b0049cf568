//! Windows error codes: what a Windows client reports where it cannot reach an update service over TLS.
//!
//! A code is a 32-bit HRESULT. A Win32 error, as WinHTTP's 12175, is one too, by `HRESULT_FROM_WIN32`: 0x80070000 and
//! the number. Every value was read from Microsoft's headers or documentation, as its row says; how well the way from
//! a code to its causes in the network is known differs from row to row.

use std::fmt;
use std::iter;

use super::code_point::{constants, registry};
use super::typed::{self, NameKind, UnknownName};
use super::words::words;

mod rows;

/// An HRESULT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowsCode(pub u32);

registry!(WindowsCode, WindowsCodeInfo, rows::ROWS, &[]);

constants! {
    WindowsCode {
        ERROR_WINHTTP_TIMEOUT = 0x8007_2EE2,
        ERROR_WINHTTP_NAME_NOT_RESOLVED = 0x8007_2EE7,
        ERROR_WINHTTP_CANNOT_CONNECT = 0x8007_2EFD,
        ERROR_WINHTTP_CONNECTION_ERROR = 0x8007_2EFE,
        ERROR_INTERNET_CONNECTION_RESET = 0x8007_2EFF,
        ERROR_WINHTTP_INVALID_SERVER_RESPONSE = 0x8007_2F78,
        ERROR_WINHTTP_SECURE_CHANNEL_ERROR = 0x8007_2F7D,
        ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED = 0x8007_2F0C,
        ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED_PROXY = 0x8007_2F9B,
        ERROR_WINHTTP_SECURE_FAILURE_PROXY = 0x8007_2F9C,
        SEC_E_INVALID_TOKEN = 0x8009_0308,
        SEC_E_INCOMPLETE_MESSAGE = 0x8009_0318,
        SEC_E_ILLEGAL_MESSAGE = 0x8009_0326,
        WU_E_NO_CONNECTION = 0x8024_001F,
        WU_E_PT_HTTP_STATUS_NOT_MAPPED = 0x8024_402B,
        WU_E_PT_WINHTTP_NAME_NOT_RESOLVED = 0x8024_402C,
    }
}

/// One Windows error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowsCodeInfo {
    /// Its value.
    pub code: WindowsCode,
    /// Its name in Microsoft's header files.
    pub name: &'static str,
    /// What WinINet calls the same number, where it means the same.
    pub wininet_name: Option<&'static str>,
    /// The part of Windows it belongs to.
    pub family: CodeFamily,
    /// Where on the way it arises.
    pub layer: Layer,
    /// What it says.
    pub meaning: &'static str,
    /// What in the network, or beside it, brings it about.
    pub caused_by: &'static [&'static str],
    /// How well its causes are known.
    pub cause_confidence: CauseConfidence,
    /// The HTTP status it stands for.
    pub http_status: Option<u16>,
    /// Where its value was read.
    pub value_source: &'static str,
    /// An article on this field that speaks of it.
    pub named_in: Option<&'static str>,
    /// A remark.
    pub note: Option<&'static str>,
}

impl WindowsCodeInfo {
    /// The names it answers to.
    pub fn spellings(&self) -> impl Iterator<Item = &'static str> + use<> {
        iter::once(self.name).chain(self.wininet_name)
    }
}

words! {
    /// A part of Windows that has codes of its own.
    CodeFamily {
        WinHttp = "WinHTTP error as HRESULT_FROM_WIN32",
        WinInet = "WinINet error as HRESULT_FROM_WIN32",
        Schannel = "SSPI / Schannel",
        CertificateChain = "certificate chain (wincrypt/winerror)",
        UpdateAgent = "Windows Update Agent",
    }
}

words! {
    /// Where on the way to a server an error arises.
    Layer {
        /// Nothing leaves the machine as it is set up.
        LocalConfiguration = "local configuration",
        Local = "local",
        Dns = "DNS",
        Ip = "IP",
        Tcp = "TCP",
        /// On the connection while the handshake begins.
        TcpTls = "TCP/TLS",
        /// Anywhere from SYN to the answer.
        TcpTlsHttp = "TCP/TLS/HTTP",
        Tls = "TLS",
        /// The server's certificate.
        TlsCertificate = "TLS certificate",
        TlsClientCertificate = "TLS client certificate",
        /// TLS to the proxy itself.
        TlsProxy = "TLS proxy",
        Proxy = "proxy",
        Http = "HTTP",
    }
}

words! {
    /// How well it is known what causes an error.
    CauseConfidence {
        Documented = "documented",
        DocumentedForAlert48 = "documented (alert 48)",
        DocumentedForStatus = "documented (status); typical causes inferred",
        DocumentedForEvent = "documented (id and meaning); picture inferred",
        Inferred = "inferred",
    }
}

/// The upper half of every HRESULT that is made of a Win32 error.
const FROM_WIN32: u32 = 0x8007_0000;
const SEVERITY_BIT: u32 = 0x8000_0000;

impl WindowsCode {
    /// `HRESULT_FROM_WIN32`, for an error and not for success, which is 0.
    pub const fn from_win32(error: u16) -> Self {
        Self(FROM_WIN32 | error as u32)
    }

    /// The Win32 error it is made of, where it is made of one.
    pub fn win32_error(self) -> Option<u16> {
        u16::try_from(self.0 ^ FROM_WIN32).ok()
    }

    /// `0x80072F8F`
    pub fn hex(self) -> String {
        format!("0x{:08X}", self.0)
    }

    /// As programs print it that take an HRESULT for a signed number: `-2147012721`.
    pub fn signed(self) -> i32 {
        self.0.cast_signed()
    }

    /// The code that `typed` stands for: its name in any case, its HRESULT as [`parse_hresult`](Self::parse_hresult)
    /// has it, or the Win32 error it is made of as in `12175`, `0x2F8F` or `2F8F`.
    pub fn parse(typed: &str) -> Result<Self, UnknownName> {
        let number = |word: &str| Self::parse_hresult(word).or_else(|| win32_error(word).map(Self::from_win32));
        typed::resolve(NameKind::WindowsCode, typed, number, Self::spellings())
    }

    /// The HRESULT that a word is, of an error: `0x80072F8F`, `80072F8F`, `-2147012721` or `2147954575`.
    pub fn parse_hresult(word: &str) -> Option<Self> {
        const HEX_DIGITS: usize = 8;
        let number = match word.strip_prefix('-') {
            // As decimal numbers, eight digits would be no error.
            None if word.len() == HEX_DIGITS => typed::hex_digits(word)?,
            None => typed::hex32(word).or_else(|| typed::decimal(word))?,
            Some(digits) => 0_u32.wrapping_sub(typed::decimal(digits)?),
        };
        (number & SEVERITY_BIT != 0).then_some(Self(number))
    }
}

/// The Win32 error that a word is: `12175`, `0x2F8F`, or four hex digits that can't be decimal.
fn win32_error(word: &str) -> Option<u16> {
    typed::hex_or_decimal(word).or_else(|| typed::hex_or_four_digits(word)).filter(|error| *error != 0)
}

impl fmt::Display for WindowsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => f.pad(&self.hex()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry::testing::{assert_same_rows, json_rows, reworded};

    #[test]
    fn every_row_and_property_agrees_with_the_json() {
        let ours = WindowsCode::all().iter().map(|row| {
            let win32_error = row.code.win32_error();
            let mut json = json!({
                "code": row.code.hex(),
                "decimal": row.code.0,
                "symbol": row.name,
                "family": row.family,
                "layer": row.layer,
                "meaning": row.meaning,
                "caused_by": row.caused_by,
                "value_source": row.value_source,
                // The same for all of them, so no column of ours.
                "value_confidence": "verified-in-source",
                "cause_confidence": row.cause_confidence,
                "win32_error": win32_error,
                // WinINet's one row leaves it out.
                "win32_error_hex": (row.family == CodeFamily::WinHttp).then(|| format!("0x{:04X}", win32_error.unwrap())),
                "wininet_symbol": row.wininet_name,
                "http_status": row.http_status,
                "named_in": row.named_in,
                "notes": row.note,
            });
            json.as_object_mut().unwrap().retain(|_, cell| !cell.is_null());
            json
        });
        assert_same_rows(ours, json_rows("codes").into_iter().map(reworded));
    }

    #[test]
    fn constants_are_named_as_their_rows() {
        for (name, code) in WindowsCode::CONSTANTS {
            assert_eq!(code.name(), Some(*name));
        }
    }

    #[test]
    fn codes_are_unique_and_sorted() {
        assert!(WindowsCode::all().is_sorted_by(|one, next| one.code < next.code));
    }

    #[test]
    fn every_spelling_stands_for_one_code_in_any_case() {
        for (spelling, code) in WindowsCode::spellings() {
            assert_eq!(WindowsCode::parse(spelling), Ok(code));
            assert_eq!(WindowsCode::parse(&spelling.to_ascii_lowercase()), Ok(code));
        }
    }

    #[test]
    fn every_code_comes_back_from_each_of_its_numbers() {
        for WindowsCodeInfo { code, .. } in WindowsCode::all() {
            let hex = code.hex();
            let digits = hex.trim_start_matches("0x");
            for typed in [&*hex, &hex.to_ascii_lowercase(), digits, &code.signed().to_string(), &code.0.to_string()] {
                assert_eq!(WindowsCode::parse(typed), Ok(*code), "{typed}");
                assert_eq!(WindowsCode::parse_hresult(typed), Some(*code), "{typed}");
            }
            if let Some(error) = code.win32_error() {
                for typed in [error.to_string(), format!("0x{error:x}"), format!("{error:04X}")] {
                    assert_eq!(WindowsCode::parse(&typed), Ok(*code), "{typed}");
                    assert_eq!(WindowsCode::parse_hresult(&typed), None, "{typed}");
                }
            }
        }
    }

    #[test]
    fn a_win32_error_is_the_lower_half_of_its_hresult() {
        assert_eq!(WindowsCode::from_win32(12175), WindowsCode(0x8007_2F8F));
        assert_eq!(WindowsCode(0x8007_2F8F).win32_error(), Some(12175));
        assert_eq!(WindowsCode(0x8009_0326).win32_error(), None);
        assert_eq!(WindowsCode(0x8007_2F8F).signed(), -2_147_012_721);
    }

    #[test]
    fn what_is_no_error_is_no_code() {
        for typed in
            ["", "0", "0x0", "-0", "70000", "0x10000", "0x7FFFFFFF", "4294967296", "0x180072F8F", "-2147483649"]
        {
            assert!(WindowsCode::parse(typed).is_err(), "{typed}");
        }
        assert_eq!(WindowsCode::parse_hresult("-2147483648"), Some(WindowsCode(0x8000_0000)));
        assert_eq!(WindowsCode::parse_hresult("-1"), Some(WindowsCode(0xFFFF_FFFF)));
    }

    #[test]
    fn a_code_prints_as_its_name_or_as_hex() {
        assert_eq!(WindowsCode(0x8009_0326).to_string(), "SEC_E_ILLEGAL_MESSAGE");
        assert_eq!(WindowsCode(0x8007_0005).to_string(), "0x80070005");
    }

    #[test]
    fn an_unknown_name_brings_the_nearest_ones() {
        let error = WindowsCode::parse("SEC_E_ILEGAL_MESSAGE").unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"unknown Windows code "SEC_E_ILEGAL_MESSAGE": did you mean SEC_E_ILLEGAL_MESSAGE?"#
        );
    }
}
