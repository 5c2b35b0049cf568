//! JSON: the document as its nouns serialize, or each of its reports on a line of its own.

use schemars::JsonSchema;
use serde::Serialize;

use crate::outcome::told;
use crate::report::{Document, Report};

/// A line of `jsonl`: one report, with what the document says of the run beside its members.
#[derive(Serialize, JsonSchema)]
pub(super) struct Line<'a> {
    /// `tlsprobe/1`.
    schema: &'a str,
    /// Version of the program.
    tool_version: &'a str,
    /// When the run began (RFC 3339, UTC).
    started: &'a str,
    /// True when the run was stopped before all was asked; not yet known in a line that was written before its end.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    interrupted: bool,
    /// The report's own members.
    #[serde(flatten)]
    report: &'a Report,
}

/// The document over many lines.
pub(super) fn document(document: &Document) -> String {
    let mut json = Vec::new();
    written(serde_json::to_writer_pretty(&mut json, document));
    json.push(b'\n');
    text(json)
}

/// Each report on one line.
pub(super) fn lines(document: &Document) -> String {
    let mut json = Vec::new();
    document.reports.iter().for_each(|report| line(document, report, &mut json));
    text(json)
}

/// One report on one line, added to `out`.
///
/// What `run` has in `reports` is not looked at, so a run that still goes on can be told line by line.
pub(super) fn line(run: &Document, report: &Report, out: &mut Vec<u8>) {
    let Document { schema, tool_version, started, interrupted, reports: _ } = run;
    let line = Line { schema, tool_version, started, interrupted: *interrupted, report };
    written(told::line(|| serde_json::to_writer(&mut *out, &line)));
    out.push(b'\n');
}

/// The nouns have derived serializers and text for keys, the two things that `serde_json` can fail at.
fn written(json: serde_json::Result<()>) {
    json.expect("reports are plain data");
}

fn text(json: Vec<u8>) -> String {
    String::from_utf8(json).expect("JSON is text")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::{Format, Style, fixtures, render};
    use super::*;

    #[test]
    fn every_document_reads_back_from_its_json() {
        for (name, document) in fixtures::all() {
            let json = render(&document, Format::Json, &Style::default());
            assert_eq!(serde_json::from_str::<Document>(&json).unwrap(), document, "{name}");
        }
    }

    #[test]
    fn each_line_is_a_report_and_names_its_run() {
        for (name, document) in fixtures::all() {
            let lines = render(&document, Format::Jsonl, &Style::default());
            assert_eq!(lines.lines().count(), document.reports.len(), "{name}");
            for (line, report) in lines.lines().zip(&document.reports) {
                assert_eq!(serde_json::from_str::<Report>(line).unwrap(), *report, "{name}");
                let line: Value = serde_json::from_str(line).unwrap();
                assert_eq!(line["schema"], "tlsprobe/1");
                assert_eq!(line["tool_version"], document.tool_version);
                assert_eq!(line["started"], document.started);
                assert_eq!(line.get("interrupted").is_some(), document.interrupted);
            }
        }
    }

    #[test]
    fn times_have_three_decimals_at_most() {
        fn walk(value: &Value) {
            match value {
                Value::Number(number) => {
                    let decimals = number.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len());
                    assert!(decimals <= 3, "{number}");
                }
                Value::Array(values) => values.iter().for_each(walk),
                Value::Object(members) => members.values().for_each(walk),
                _ => {}
            }
        }
        walk(&serde_json::to_value(fixtures::wsus()).unwrap());
    }

    /// design.md's example, member for member; `…` stands for a value that is the peer's.
    #[test]
    fn the_document_has_the_members_of_the_contract() {
        let document = serde_json::to_value(fixtures::wsus()).unwrap();
        let has = |at: &str, members: &[&str]| {
            let object = document.pointer(at).and_then(Value::as_object).unwrap_or_else(|| panic!("no object at {at}"));
            for member in members {
                assert!(object.contains_key(*member), "{at} has no {member}");
            }
        };
        has("", &["schema", "tool_version", "started", "reports"]);
        has("/reports/0", &["target", "route", "exchanges", "observations", "findings", "connections"]);
        has("/reports/0/target", &["host", "port", "sni", "address"]);
        has("/reports/0/route", &["kind", "proxy", "from"]);
        let exchange =
            ["id", "purpose", "offer", "outcome", "server", "certificates", "certificates_state", "timing_ms"];
        has("/reports/0/exchanges/0", &exchange);
        let offer = ["profile", "record_version", "legacy_version", "supported_versions", "cipher_suites"];
        has("/reports/0/exchanges/1/offer", &offer);
        has("/reports/0/exchanges/1/offer", &["extended_master_secret", "length", "ja3", "ja4"]);
        has("/reports/0/exchanges/1/outcome", &["stage", "kind", "received_bytes", "after_ms"]);
        has("/reports/0/exchanges/1/timing_ms", &["resolve", "connect", "proxy", "first_byte", "total"]);
        let server = ["version", "cipher_suite", "extensions", "extended_master_secret", "session_id_length"];
        has("/reports/0/exchanges/0/server", &server);
        has("/reports/0/exchanges/0/server", &["key_exchange", "ja3s"]);
        has("/reports/0/exchanges/0/server/cipher_suite", &["code", "name"]);
        has("/reports/0/exchanges/0/server/key_exchange", &["kind", "group", "bits"]);
        let certificate = ["subject", "issuer", "serial", "not_before", "not_after", "subject_alt_names", "public_key"];
        has("/reports/0/exchanges/0/certificates/0", &certificate);
        let certificate = ["signature_algorithm", "sha1", "sha256", "spki_sha256", "key_usage", "extended_key_usage"];
        has("/reports/0/exchanges/0/certificates/0", &certificate);
        has("/reports/0/exchanges/0/certificates/0", &["crl_urls", "ocsp_urls", "aia_urls"]);
        has("/reports/0/observations", &["versions", "cipher_suites", "certificate_request", "expectations"]);
        has("/reports/0/observations/inconclusive/0", &["what", "why", "because"]);
        let expectation = ["id", "text", "state", "severity", "source", "because"];
        has("/reports/0/observations/expectations/0", &expectation);
        let finding = ["id", "severity", "title", "why", "because", "windows_symptoms", "remedy", "confidence"];
        has("/reports/0/findings/0", &finding);
        assert_eq!(document["reports"][0]["exchanges"][0]["server"]["cipher_suite"]["code"], "0xC030");
        assert_eq!(document["reports"][0]["observations"]["versions"]["TLS1.0"], "refused");
    }
}
