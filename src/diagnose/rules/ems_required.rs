//! The endpoint refuses hellos without `extended_master_secret`.

use super::{Case, Judgement, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    id: "ems-required",
    severity: Severity::Info,
    title: "The endpoint refuses hellos without extended_master_secret",
    rests_on: "two hellos that differ in nothing else: the one with the extension is taken up, the other is refused",
    windows_symptoms: &[],
    remedy: &[
        "Windows sends the extension since the updates of 2015-11 (MS15-121): update clients that do not.",
        "On a Windows client see that DisableClientExtendedMasterSecret under \
         HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL is 0 or absent.",
    ],
    disproved_by: "a hello without the extension that is taken up",
    source: "RFC 7627 §5.2, which lets a server do so",
    confidence: "seen",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let seen = case.report.observations.extended_master_secret.as_ref()?;
    let refused = seen.handshakes.iter().filter(|it| !it.offered && it.echoed.is_none());
    let because: Vec<usize> = refused.map(|handshake| handshake.because).collect();
    (seen.required == Some(true)).then(|| Judgement { because, ..Judgement::default() })
}
