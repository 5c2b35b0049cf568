//! Problem 3: WSUS on Server 2012 and 2012 R2 has TLS 1.2 only with a Monthly Rollup.

use super::{Case, DOCUMENTED, FORCIBLY_CLOSED, Judgement, Rule, WSUS_ARTICLE, spoken};
use crate::finding::Severity;
use crate::machine::{Machine, OperatingSystem};
use crate::observation::LegState;
use crate::registry::ProtocolVersion;

pub(super) const RULE: Rule = Rule {
    id: "wsus-sync-security-only",
    severity: Severity::Error,
    title: "Synchronization fails: this WSUS has no Monthly Rollup since June 2017, and so no TLS 1.2",
    rests_on: "the hello of the sync leg of Server 2012 or 2012 R2, TLS 1.1 at most, was refused by an endpoint that \
               accepts TLS 1.2",
    windows_symptoms: &[
        FORCIBLY_CLOSED,
        "a capture shows TLS 1.0 ClientHellos, each answered by RST, several times",
        "SoftwareDistribution.log has no line \"SCHANNEL Protocol …\" at the start of WSUS",
    ],
    remedy: &[
        "Install the latest Monthly Rollup; security-only updates do not bring it.",
        "Import needs more: let .NET use TLS 1.2 as well (rule wsus-import-tls10).",
    ],
    disproved_by: "the start-up lines \"SCHANNEL Protocols subkey for 'TLS 1.2' not found. Protocol is enabled\" in \
                   SoftwareDistribution.log, or a capture in which WSUS sends a TLS 1.2 ClientHello",
    source: WSUS_ARTICLE,
    confidence: DOCUMENTED,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    use OperatingSystem::{Server2012, Server2012R2};
    let machine = case.machine?;
    let system = machine.operating_system.as_ref()?.value;
    let lacks_rollup = machine.wsus_tls12_update.as_ref().is_some_and(|update| !update.value);
    let is_old = case.leg_offers("sync")? <= ProtocolVersion::TLS1_1;
    if !matches!(system, Server2012 | Server2012R2) || !lacks_rollup || !is_old || !case.accepts_tls12() {
        return None;
    }
    let leg = case.leg("sync").filter(|leg| leg.state == LegState::Refused)?;
    let first = system.tls12_rollup().unwrap_or_default();
    Some(Judgement {
        because: leg.because.clone(),
        evidence: [leg.basis.clone(), signs(machine, first)].concat(),
        seen: format!("its hello ended in {}", spoken(&leg.why)),
        steps: vec![format!(
            "The first Monthly Rollup with it is {first} for {}; any later one has it too.",
            system.name()
        )],
    })
}

/// What goes with a missing rollup, and proves nothing by itself: later updates replace the first one, and a log may not
/// reach back to the last start.
fn signs(machine: &Machine, first: &str) -> Vec<String> {
    let lines = machine.startup_lines.as_ref().filter(|lines| !lines.value);
    let lines = lines.map(|lines| format!("no line \"SCHANNEL Protocol …\" in {}", lines.source));
    let listed = &machine.hotfixes;
    let is_missing = !listed.is_empty() && listed.iter().all(|hotfix| hotfix.value != first);
    let missing = is_missing.then(|| format!("{first} is not among the updates that are listed ({})", listed.len()));
    lines.into_iter().chain(missing).collect()
}
