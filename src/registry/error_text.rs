//! What .NET and the socket library write into a log when TLS fails, in their English words.

use super::{CauseConfidence, WindowsCode};

/// One text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorText {
    /// The words.
    pub text: &'static str,
    /// Where they stand.
    pub written_in: &'static str,
    /// The code that stands for the same.
    pub code: Option<WindowsCode>,
    /// The name of that code, where it is a socket error, which has no row among the Windows codes.
    pub socket_error: Option<&'static str>,
    /// How the network looks.
    pub observation: &'static str,
    /// What is probably behind it.
    pub probable: &'static [&'static str],
    /// Where all of it is from.
    pub source: &'static str,
    /// How well it is known.
    pub confidence: CauseConfidence,
}

impl ErrorText {
    /// Every text known here.
    pub fn all() -> &'static [Self] {
        ROWS
    }

    /// Whether a line has this text in it, in any case.
    pub fn is_in(&self, line: &str) -> bool {
        line.to_ascii_lowercase().contains(&self.text.to_ascii_lowercase())
    }
}

const WSUS_ISSUES: &str = "Troubleshoot WSUS synchronization and import issues, Microsoft (2023-12-05)";
const EMS: &str = "Microsoft support article on TLS failures after CVE-2019-1318 updates of 2019-10-08";

static ROWS: &[ErrorText] = &[
    ErrorText {
        text: "An existing connection was forcibly closed by the remote host",
        written_in: "SoftwareDistribution.log, SocketException 10054 (WSAECONNRESET) inside \"An unexpected error \
                     occurred on a send\"",
        code: Some(WindowsCode::from_win32(10054)),
        socket_error: Some("WSAECONNRESET"),
        observation: "TCP RST answers the Client Hello",
        probable: &[
            "TLS 1.0 Client Hello sent to sws.update.microsoft.com (issues 1 and 3)",
            "TLS 1.2 Client Hello without a common cipher (issue 5)",
        ],
        source: WSUS_ISSUES,
        confidence: CauseConfidence::Documented,
    },
    ErrorText {
        text: "The client and server cannot communicate, because they do not possess a common algorithm",
        written_in: "SoftwareDistribution.log, Win32Exception inside \"An unexpected error occurred on a receive\"",
        code: Some(WindowsCode(0x8009_0331)),
        socket_error: None,
        observation: "no Client Hello; TCP FIN from the client right after the handshake SYN, SYN-ACK, ACK",
        probable: &["all versions the .NET caller may use (SSL3, TLS 1.0, TLS 1.1) are disabled (issues 2 and 4)"],
        source: WSUS_ISSUES,
        confidence: CauseConfidence::Documented,
    },
    ErrorText {
        text: "The request was aborted: Could not create SSL/TLS secure Channel",
        written_in: ".NET WebException",
        code: None,
        socket_error: None,
        observation: "handshake ended by an alert or local failure",
        probable: &["extended_master_secret/resumption problem after 2019-10-08 updates", "version or cipher mismatch"],
        source: EMS,
        confidence: CauseConfidence::Documented,
    },
    ErrorText {
        text: "The underlying connection was closed: Could not establish trust relationship for the SSL/TLS secure \
               channel",
        written_in: ".NET WebException",
        code: None,
        socket_error: None,
        observation: "server certificate rejected by the client (the client sends an alert or closes after Certificate)",
        probable: &["untrusted root, name mismatch, expired"],
        source: "general .NET Framework behaviour",
        confidence: CauseConfidence::Inferred,
    },
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry::testing::{assert_same_rows, json_rows};

    #[test]
    fn every_text_and_property_agrees_with_the_json() {
        let ours = ErrorText::all().iter().map(|text| {
            let mut json = json!({
                "text_en": text.text,
                "where": text.written_in,
                // The JSON has the socket error in the words of the cell above alone.
                "code": text.code.filter(|_| text.socket_error.is_none()).map(WindowsCode::hex),
                "observation": text.observation,
                "probable": text.probable,
                "source": text.source,
                "confidence": text.confidence,
            });
            json.as_object_mut().unwrap().retain(|_, cell| !cell.is_null());
            json
        });
        assert_same_rows(ours, json_rows("dotnet_and_socket_texts"));
    }

    #[test]
    fn a_socket_error_is_the_one_that_its_text_is_written_with() {
        for text in ErrorText::all() {
            if let Some(name) = text.socket_error {
                let number = text.code.and_then(WindowsCode::win32_error).unwrap();
                assert!(text.written_in.contains(&format!("{number} ({name})")), "{name}");
            }
        }
    }

    #[test]
    fn a_text_is_found_in_a_longer_line_in_any_case() {
        let [reset, ..] = ErrorText::all() else { unreachable!() };
        assert!(reset.is_in("SocketException: an EXISTING connection was forcibly closed by the remote host."));
        assert!(!reset.is_in("An existing connection was closed"));
    }
}
