//! The endpoint does not echo `extended_master_secret`, which updated Windows wants when a session is resumed.

use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::outcome::Exchange;
use crate::registry::{ExtensionType, ProtocolVersion};

pub(super) const RULE: Rule = Rule {
    id: "extended-master-secret-not-echoed",
    severity: Severity::Warning,
    title: "The endpoint does not echo extended_master_secret",
    rests_on: "a ServerHello of TLS 1.2 or older without the extension, to a hello that offered it",
    windows_symptoms: &[
        "Schannel event 36887 with alert 20 (bad_record_mac), 0x8009030F (SEC_E_MESSAGE_ALTERED)",
        "\"The request was aborted: Could not create SSL/TLS secure Channel\"",
        "connections that work at first fail when the session is resumed; with TLS_DHE suites about one in 256 fails",
    ],
    remedy: &[
        "Update the endpoint's TLS software: RFC 7627 has been there since 2015, and Windows enforces it on resumption \
         since the updates of 2019-10-08 (CVE-2019-1318).",
        "Until then, on the endpoint: turn session resumption off, and TLS_DHE suites.",
    ],
    disproved_by: "a resumed session with the endpoint that updated Windows accepts",
    source: "Transport Layer Security connections might fail or timeout (Microsoft, on the updates of 2019-10-08); \
             RFC 7627",
    confidence: "documented-by-Microsoft; whether sessions are resumed was not asked",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let without = |exchange: &&Exchange| {
        let offered = exchange.offer.extensions.contains(&ExtensionType::EXTENDED_MASTER_SECRET);
        let server = exchange.server.as_ref();
        offered
            && exchange.outcome.answer.accepts()
            && server.is_some_and(|server| {
                // TLS 1.3 needs no such extension, and SSL 3.0 has none.
                (ProtocolVersion::TLS1_0..=ProtocolVersion::TLS1_2).contains(&server.version)
                    && !server.extended_master_secret
            })
    };
    let because: Vec<usize> = case.report.exchanges.iter().filter(without).map(|exchange| exchange.id).collect();
    (!because.is_empty()).then(|| Judgement { because, ..Judgement::default() })
}
