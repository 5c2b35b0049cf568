//! Problem 1: import speaks TLS 1.0 at most, and the endpoint refuses it.

use super::{Case, DOCUMENTED, FORCIBLY_CLOSED, Judgement, Rule, STRONG_CRYPTO, WSUS_ARTICLE, spoken};
use crate::finding::Severity;
use crate::observation::LegState;
use crate::registry::ProtocolVersion;

pub(super) const RULE: Rule = Rule {
    id: "wsus-import-tls10",
    severity: Severity::Error,
    title: "Importing updates fails: the import leg cannot use TLS 1.2, and the endpoint takes nothing older",
    rests_on: "the hello of the import leg, TLS 1.1 at most, was refused by an endpoint that accepts TLS 1.2",
    windows_symptoms: &[FORCIBLY_CLOSED],
    remedy: &STRONG_CRYPTO,
    disproved_by: "a capture of the import in which WSUS sends a TLS 1.2 ClientHello",
    source: WSUS_ARTICLE,
    confidence: DOCUMENTED,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let is_old = case.leg_offers("import")? <= ProtocolVersion::TLS1_1;
    if !case.import_is_in_the_article() || !is_old || !case.accepts_tls12() || !case.leg_is("import", LegState::Refused)
    {
        return None;
    }
    let leg = case.leg("import")?;
    let mut because = leg.because.clone();
    let mut seen = format!("its hello ended in {}", spoken(&leg.why));
    if let Some(sync) = case.leg("sync").filter(|sync| sync.state == LegState::Accepted) {
        because.extend(&sync.because);
        seen += ", while synchronization is accepted";
    }
    Some(Judgement { because, seen, evidence: leg.basis.clone(), ..Judgement::default() })
}
