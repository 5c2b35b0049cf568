//! The flags by which WinHTTP says why a certificate or the channel was not good enough.
//!
//! They come with the status `WINHTTP_CALLBACK_STATUS_SECURE_FAILURE`, as several as hold at once; logs of
//! Configuration Manager print their sum as `lpvStatusInformation 0x9`.

/// One flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WinhttpFlag {
    /// The bit it is.
    pub bit: u32,
    /// Its name in `winhttp.h`.
    pub name: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// What brings it about.
    pub caused_by: &'static [&'static str],
}

impl WinhttpFlag {
    /// The status with which the flags come, and its value.
    pub const SECURE_FAILURE: (&'static str, u32) = ("WINHTTP_CALLBACK_STATUS_SECURE_FAILURE", 0x0001_0000);

    /// What the names of all flags begin with.
    pub const PREFIX: &'static str = "WINHTTP_CALLBACK_STATUS_FLAG_";

    /// Where the values were read.
    pub const SOURCE: &'static str = "windows-sys 0.61.2 (crate generated from Microsoft metadata)";

    /// Every flag, the lowest bit first.
    pub fn all() -> &'static [Self] {
        ROWS
    }

    /// The flags that make up a value; `None` where it has a bit that is no flag, or none at all.
    pub fn in_value(value: u32) -> Option<Vec<&'static Self>> {
        let flags: Vec<_> = ROWS.iter().filter(|flag| value & flag.bit != 0).collect();
        let known = flags.iter().fold(0, |bits, flag| bits | flag.bit);
        (value != 0 && value == known).then_some(flags)
    }

    /// The bit as it stands in a log: `0x00000008`.
    pub fn hex(&self) -> String {
        format!("0x{:08X}", self.bit)
    }
}

const fn flag(bit: u32, name: &'static str, meaning: &'static str, caused_by: &'static [&'static str]) -> WinhttpFlag {
    WinhttpFlag { bit, name, meaning, caused_by }
}

static ROWS: &[WinhttpFlag] = &[
    flag(
        0x0000_0001,
        "WINHTTP_CALLBACK_STATUS_FLAG_CERT_REV_FAILED",
        "revocation status could not be checked",
        &["CRL not published on the internet; for CMG installs /NoCRLCheck missing"],
    ),
    flag(
        0x0000_0002,
        "WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CERT",
        "certificate is invalid",
        &["bad signature, malformed"],
    ),
    flag(
        0x0000_0004,
        "WINHTTP_CALLBACK_STATUS_FLAG_CERT_REVOKED",
        "certificate is revoked",
        &["CRL or OCSP says revoked"],
    ),
    flag(
        0x0000_0008,
        "WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA",
        "root of the chain is not trusted",
        &["root CA certificate of the CMG server authentication certificate missing on the client"],
    ),
    flag(
        0x0000_0010,
        "WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID",
        "host name does not match the certificate",
        &["wrong common name or SAN"],
    ),
    flag(
        0x0000_0020,
        "WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID",
        "certificate expired or not yet valid",
        &["clock or expiry"],
    ),
    flag(
        0x0000_0040,
        "WINHTTP_CALLBACK_STATUS_FLAG_CERT_WRONG_USAGE",
        "certificate lacks server authentication usage",
        &["EKU mismatch"],
    ),
    flag(
        0x8000_0000,
        "WINHTTP_CALLBACK_STATUS_FLAG_SECURITY_CHANNEL_ERROR",
        "an internal error while the channel was set up",
        &["handshake failure"],
    ),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry::testing::{assert_same_rows, json_file, json_rows, reworded};

    #[test]
    fn every_flag_and_property_agrees_with_the_json() {
        let ours = WinhttpFlag::all().iter().map(|flag| {
            json!({
                "symbol": flag.name,
                "value": flag.hex(),
                "bit": flag.bit.trailing_zeros(),
                "meaning": flag.meaning,
                "caused_by": flag.caused_by,
                "value_source": WinhttpFlag::SOURCE,
            })
        });
        assert_same_rows(ours, json_rows("winhttp_secure_failure_flags").into_iter().map(reworded));
    }

    #[test]
    fn the_status_agrees_with_the_json() {
        let (name, value) = WinhttpFlag::SECURE_FAILURE;
        let ours = json!({ "symbol": name, "value": format!("0x{value:08X}"), "value_source": WinhttpFlag::SOURCE });
        assert_eq!(ours, json_file()["winhttp_secure_failure_callback"]);
    }

    #[test]
    fn a_value_is_the_sum_of_its_flags() {
        let names = |value| {
            let flags = WinhttpFlag::in_value(value)?;
            Some(
                flags
                    .iter()
                    .map(|flag| flag.name.trim_start_matches("WINHTTP_CALLBACK_STATUS_FLAG_"))
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(names(0x9), Some(vec!["CERT_REV_FAILED", "INVALID_CA"]));
        assert_eq!(names(0x19), Some(vec!["CERT_REV_FAILED", "INVALID_CA", "CERT_CN_INVALID"]));
        assert_eq!(names(0x8000_0000), Some(vec!["SECURITY_CHANNEL_ERROR"]));
    }

    #[test]
    fn a_value_with_a_bit_that_is_no_flag_is_no_sum_of_flags() {
        for value in [0, 0x80, 0x89, 0x0001_0000, 0xFFFF_FFFF] {
            assert_eq!(WinhttpFlag::in_value(value), None, "{value:#x}");
        }
    }
}
