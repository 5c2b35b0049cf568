//! Handshakes fail at the Finished, whichever way the keys are derived.

use super::{ALERT_20_SYMPTOMS, Case, Judgement, Rule};
use crate::finding::Severity;
use crate::observation::{Failed, MasterSecretDerivation};

pub(super) const RULE: Rule = Rule {
    id: "finished-fails",
    severity: Severity::Error,
    title: "Handshakes fail at the Finished, with keys that are right by the RFC",
    rests_on: "handshakes that the endpoint took up: it ended them on our Finished, or its own failed our check, with the \
               master secret derived as agreed and derived otherwise",
    windows_symptoms: ALERT_20_SYMPTOMS,
    remedy: &[
        "Ask from behind the device that is suspected: one that changes a message of the handshake on its way has this \
         effect, for both sides' Finished cover all of them (RFC 5246 §7.4.9).",
        "Update the endpoint's TLS software.",
    ],
    disproved_by: "the same handshake completed, from here, by another client",
    source: "RFC 5246 §7.4.9",
    confidence: "seen; who is at fault is not",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let judgement = case.derives(MasterSecretDerivation::Inconclusive)?;
    let rows = &case.report.observations.extended_master_secret.as_ref()?.handshakes;
    let who = match rows.iter().find_map(|row| row.failed) {
        Some(Failed::ServerFinished) => "the endpoint's Finished is not what follows from the handshake",
        _ => "the endpoint does not take our Finished",
    };
    Some(Judgement { seen: format!("{who}: {}", judgement.seen), ..judgement })
}
