//! Problem 2: every version that import knows is disabled, so it closes by itself.

use super::{Case, DOCUMENTED, Judgement, NO_COMMON_ALGORITHM, Rule, STRONG_CRYPTO, WSUS_ARTICLE};
use crate::finding::Severity;
use crate::observation::LegState;

pub(super) const RULE: Rule = Rule {
    id: "wsus-import-nothing-to-send",
    severity: Severity::Error,
    title: "Importing updates fails: every version that the import leg knows is disabled on this machine",
    rests_on: "the machine's settings leave the import leg nothing to send",
    windows_symptoms: &[
        NO_COMMON_ALGORITHM,
        "a capture shows the TCP handshake, no ClientHello, and a FIN from the WSUS server itself",
    ],
    remedy: &STRONG_CRYPTO,
    disproved_by: "a capture of the import in which WSUS sends any ClientHello",
    source: WSUS_ARTICLE,
    confidence: DOCUMENTED,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    if !case.import_is_in_the_article() || !case.pack.is_in_use() {
        return None;
    }
    let leg = case.leg("import").filter(|leg| leg.state == LegState::NotSent)?;
    Some(Judgement { seen: leg.why.clone(), evidence: leg.basis.clone(), ..Judgement::default() })
}
