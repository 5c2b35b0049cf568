//! What an alert says, in the words of the RFC that its row names, and what typically brings it about.
//!
//! The causes are from a collection of facts about Windows clients; where it says nothing, neither do we.

use super::AlertDescription;
use crate::registry::code_point::optional;

impl AlertDescription {
    /// What its sender says by it.
    pub fn meaning(self) -> Option<&'static str> {
        self.wording().map(|wording| wording.meaning)
    }

    /// What typically brings it about.
    pub fn typical_cause(self) -> Option<&'static str> {
        self.wording()?.typical_cause
    }

    fn wording(self) -> Option<&'static Wording> {
        let index = WORDINGS.binary_search_by_key(&self, |wording| wording.code).ok()?;
        WORDINGS.get(index)
    }
}

struct Wording {
    code: AlertDescription,
    meaning: &'static str,
    typical_cause: Option<&'static str>,
}

/// Columns: number, meaning, typical cause.
macro_rules! wordings {
    ($($code:literal $meaning:literal $(=> $typical_cause:literal)?;)+) => {
        &[$(
            Wording {
                code: AlertDescription($code),
                meaning: $meaning,
                typical_cause: optional!($($typical_cause)?),
            },
        )+]
    };
}

static WORDINGS: &[Wording] = wordings! {
      0 "the sender will send nothing more on this connection";
     10 "an inappropriate message was received";
     20 "a record was received that cannot be deprotected"
        => "extended_master_secret mismatch on resumption (2019-10-08 updates), TLS_DHE leading-zero bug, damaged stream, \
            inspection device";
     21 "a record decrypted in an invalid way; earlier versions of TLS used it";
     22 "a record was received that is longer than allowed";
     30 "the decompression function received improper input";
     40 "the sender could not negotiate an acceptable set of security parameters given the options available"
        => "no common cipher suite, group or signature algorithm; client certificate required by some servers";
     41 "no appropriate certificate is available, in answer to a certificate request of SSL 3.0";
     42 "a certificate was corrupt, or contained signatures that did not verify"
        => "peer rejected our certificate";
     43 "a certificate was of an unsupported type"
        => "certificate type or usage not accepted";
     44 "a certificate was revoked by its signer"
        => "revoked";
     45 "a certificate has expired or is not currently valid"
        => "expired or clock";
     46 "some other, unspecified issue in processing a certificate made it unacceptable"
        => "any other certificate problem, also name mismatch";
     47 "a field in the handshake was incorrect or inconsistent with other fields"
        => "field out of range; some middleboxes";
     48 "a chain was received, but its CA certificate could not be located or matched with a known trust anchor"
        => "issuer not trusted";
     49 "a valid certificate or PSK was received, but by access control the sender did not proceed"
        => "client certificate accepted but not allowed; in practice also IIS/HTTP.sys CTL filters";
     50 "a message could not be decoded: a field was out of its range, or a length was incorrect"
        => "message could not be parsed";
     51 "a cryptographic operation of the handshake failed: a signature, a Finished or a PSK binder is not right"
        => "signature or Finished wrong";
     52 "an excessive number of connection ids was requested";
     60 "the negotiation was not in compliance with export restrictions";
     70 "the version the peer attempted to negotiate is recognized but not supported"
        => "version not accepted";
     71 "negotiation failed because the server requires parameters more secure than those the client supports"
        => "server wants stronger suites";
     80 "an internal error, unrelated to the peer or the correctness of the protocol, made it impossible to continue"
        => "peer fault, also overloaded or misconfigured servers";
     86 "a client retried with a lower version than it and the server support"
        => "TLS_FALLBACK_SCSV seen";
     90 "the handshake was canceled for a reason unrelated to a protocol failure"
        => "peer gave up";
    100 "the sender does not renegotiate"
        => "renegotiation refused";
    109 "a message lacks an extension that is mandatory for the version or for other parameters"
        => "TLS 1.3 extension missing";
    110 "a message contains an extension that is prohibited in it"
        => "extension not expected";
    111 "a client certificate could not be retrieved from the URL that the client gave";
    112 "no server is identified by the name that the client gave in server_name"
        => "SNI unknown to the server";
    113 "the OCSP response that the server sent is invalid or unacceptable";
    114 "a certificate does not match the hash that the client gave for it";
    115 "PSK key establishment is desired, but no acceptable PSK identity was provided"
        => "PSK";
    116 "a client certificate is desired, but none was provided"
        => "TLS 1.3 client certificate required";
    117 "an error for which no more specific alert is available, or whose nature the sender conceals";
    120 "the client advertises only application protocols that the server does not support"
        => "ALPN mismatch";
    121 "the client offered encrypted_client_hello, and the server did not accept it";
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry::testing::{assert_same_rows, json_rows};

    #[test]
    fn every_alert_has_a_meaning_and_nothing_else_has_one() {
        let worded: Vec<_> = WORDINGS.iter().map(|wording| wording.code).collect();
        let known: Vec<_> = AlertDescription::all().iter().map(|row| row.code).collect();
        assert_eq!(worded, known);
        assert_eq!(AlertDescription(255).meaning(), None);
    }

    #[test]
    fn typical_causes_and_the_errors_of_schannel_agree_with_the_json() {
        let ours = AlertDescription::all().iter().filter(|row| row.code.typical_cause().is_some()).map(|row| {
            let schannel = row.schannel_error_when_received.unwrap();
            json!({
                "alert": row.code.0,
                "name": row.name.trim_end_matches("_RESERVED"),
                "typical_cause": row.code.typical_cause(),
                "schannel_error_when_received": schannel.symbol,
                "schannel_hresult": format!("0x{:08X}", schannel.hresult),
                "mapping_source": AlertDescription::SCHANNEL_SOURCE,
                "mapping_confidence": if schannel.by_default { r#"documented (row "Default")"# } else { "documented" },
            })
        });
        assert_same_rows(ours, json_rows("alert_mapping"));
    }

    #[test]
    fn the_errors_of_schannel_are_windows_codes() {
        for row in AlertDescription::all() {
            if let Some(error) = row.schannel_error_when_received {
                assert_eq!(crate::registry::WindowsCode(error.hresult).name(), Some(error.symbol));
            }
        }
    }
}
