//! Good news: synchronization's own hello is taken up.

use super::{Case, Judgement, Rule, WSUS_ARTICLE};
use crate::finding::Severity;
use crate::observation::LegState;

pub(super) const RULE: Rule = Rule {
    id: "wsus-sync-works",
    severity: Severity::Info,
    title: "The sync leg's hello is accepted",
    rests_on: "a ServerHello answered the hello of the sync leg",
    windows_symptoms: &[],
    remedy: &[],
    disproved_by: "a failure after the ServerHello: in the certificates, the rest of the handshake, or the HTTP that \
                   follows",
    source: WSUS_ARTICLE,
    confidence: "seen",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let leg = case.leg("sync").filter(|leg| leg.state == LegState::Accepted)?;
    Some(Judgement { because: leg.because.clone(), seen: leg.why.clone(), ..Judgement::default() })
}
