//! Problem 5: the SSL Cipher Suite Order policy has nothing that the endpoint accepts.

use super::{Case, DOCUMENTED, FORCIBLY_CLOSED, Judgement, Rule, WSUS_ARTICLE};
use crate::finding::Severity;
use crate::machine::OperatingSystem;
use crate::observation::{LegState, suite_key};
use crate::registry::ProtocolVersion;

pub(super) const RULE: Rule = Rule {
    id: "wsus-suite-policy",
    severity: Severity::Error,
    title: "Synchronization fails: the suite order policy leaves no suite that the endpoint accepts",
    rests_on: "the hello of the sync leg, TLS 1.2 with the suites of the policy, was refused, and the endpoint accepts \
               suites that are not among them",
    windows_symptoms: &[FORCIBLY_CLOSED, "a capture shows a TLS 1.2 ClientHello, answered by RST"],
    remedy: &[
        "The list is the policy Computer Configuration, Administrative Templates, Network, SSL Configuration Settings, \
         SSL Cipher Suite Order; in the registry, the value Functions of \
         HKLM\\SOFTWARE\\Policies\\Microsoft\\Cryptography\\Configuration\\SSL\\00010002.",
        "Restart the server: Schannel reads the list when it starts.",
    ],
    disproved_by: "the same hello accepted when it is sent with one of these suites alone (probe --ciphers)",
    source: WSUS_ARTICLE,
    confidence: DOCUMENTED,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let machine = case.machine?;
    let policy = machine.suite_order.as_ref()?;
    let system = machine.operating_system.as_ref()?.value;
    let leg = case.leg("sync").filter(|leg| leg.state == LegState::Refused)?;
    let offered = &case.leg_exchange("sync")?.offer;
    let accepted = &case.report.observations.cipher_suites.get(&ProtocolVersion::TLS1_2)?.accepted;
    let has_none = !accepted.iter().any(|suite| offered.cipher_suites.contains(&suite.code));
    if offered.highest_version()? < ProtocolVersion::TLS1_2 || accepted.is_empty() || !has_none {
        return None;
    }
    let proof = |suite| case.report.observations.because(&suite_key(ProtocolVersion::TLS1_2, suite));
    let shown_by: Vec<usize> = accepted.iter().flat_map(proof).collect();
    let names: Vec<&str> = accepted.iter().map(|suite| suite.name.as_str()).collect();
    let lines = in_naming_of(system, &names);
    Some(Judgement {
        because: [leg.because.as_slice(), &shown_by].concat(),
        seen: format!(
            "{} in the policy ({}), none of which the endpoint accepts: it accepts {}",
            count(offered.cipher_suites.len()),
            policy.source,
            names.join(", ")
        ),
        evidence: offered.cipher_suites.iter().map(|suite| format!("the policy has {suite}")).collect(),
        steps: if lines.is_empty() {
            vec![format!("{} has none of the suites that the endpoint accepts.", system.name())]
        } else {
            vec![format!("Add to the policy at least one of: {}.", lines.join(", "))]
        },
    })
}

fn count(suites: usize) -> String {
    if suites == 1 { "one suite".to_owned() } else { format!("{suites} suites") }
}

/// The suites that this system has, as its policy writes them: up to Server 2012 R2 with the curve in the name, and
/// without AES-GCM for `ECDHE_RSA`.
fn in_naming_of(system: OperatingSystem, names: &[&str]) -> Vec<String> {
    if !system.names_curves_in_suites() {
        return names.iter().map(|name| (*name).to_owned()).collect();
    }
    let has = |name: &&&str| !(name.contains("_GCM_") && name.starts_with("TLS_ECDHE_RSA_"));
    names.iter().filter(has).flat_map(|name| ["_P256", "_P384"].map(|curve| format!("{name}{curve}"))).collect()
}
