//! Sessions are resumed, or refused, against RFC 7627.

use std::collections::BTreeSet;

use super::{ALERT_20_SYMPTOMS, Case, Judgement, Rule};
use crate::finding::Severity;
use crate::observation::{Compliance, ResumptionCell};

pub(super) const RULE: Rule = Rule {
    id: "ems-resumption-violates-rfc7627",
    severity: Severity::Warning,
    title: "Sessions with and without extended_master_secret are resumed against RFC 7627",
    rests_on: "a session made with the extension or without it, resumed by a hello with it or without it: the endpoint \
               did not do what RFC 7627 §5.3 requires of it there",
    windows_symptoms: ALERT_20_SYMPTOMS,
    remedy: &[
        "Update the endpoint's TLS software, or the device in front of it: RFC 7627 has been there since 2015, and \
         Windows enforces it on resumption since the updates of 2019-10-08 (CVE-2019-1318).",
        "Until then turn session resumption off on the endpoint: session ids and tickets.",
    ],
    disproved_by: "the same two handshakes with what RFC 7627 requires",
    source: "RFC 7627 §5.3; Transport Layer Security connections might fail or timeout (Microsoft, on the updates of \
             2019-10-08)",
    confidence: "shown by handshakes made so",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let seen = case.report.observations.extended_master_secret.as_ref()?;
    let violating: Vec<&ResumptionCell> =
        seen.resumption.iter().filter(|cell| cell.rfc7627 == Compliance::Violates).collect();
    let told: BTreeSet<String> = violating.iter().map(|cell| told(cell)).collect();
    let because = violating.iter().flat_map(|cell| cell.because.iter().copied()).collect();
    let seen = told.into_iter().collect::<Vec<_>>().join("; ");
    (!violating.is_empty()).then(|| Judgement { because, seen, ..Judgement::default() })
}

fn told(cell: &ResumptionCell) -> String {
    let with = |offered| if offered { "with" } else { "without" };
    format!(
        "a session {} it and a hello {} it: {}, where it {}",
        with(cell.first),
        with(cell.second),
        cell.done(),
        cell.requires
    )
}
