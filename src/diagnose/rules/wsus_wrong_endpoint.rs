//! The WSUS is pointed at an endpoint that is no longer meant for it.

use super::{Case, DOCUMENTED, Judgement, Rule};
use crate::finding::Severity;
use crate::machine::OperatingSystem;

pub(super) const RULE: Rule = Rule {
    id: "wsus-wrong-endpoint",
    severity: Severity::Error,
    title: "This WSUS synchronizes with an endpoint that is gone or going",
    rests_on: "the machine's MUUrl names fe2 or sws1",
    windows_symptoms: &["synchronization fails with a SoapException, or with a connection that is closed"],
    remedy: &[
        "Set MUUrl to https://sws.update.microsoft.com and RedirectorChangeNumber to 4002 in the WSUS configuration, as \
         KB 4482416 shows.",
        "Run iisreset and restart the WSUS service, then synchronize.",
    ],
    disproved_by: "a synchronization with that endpoint that succeeds",
    source: "WSUS synchronization fails with SoapException (Microsoft, KB 4482416, 2023-12-05)",
    confidence: DOCUMENTED,
    judge,
};

/// Hosts that a WSUS of today must not use.
const FORMER: [&str; 2] = ["fe2.update.microsoft.com", SWS1];

/// It was made for WSUS 3.0 SP2, the one of Server 2008 R2, and there it is no mistake.
const SWS1: &str = "sws1.update.microsoft.com";

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let url = case.machine?.mu_url.as_ref()?;
    let host = FORMER.into_iter().find(|host| url.value.to_ascii_lowercase().contains(host))?;
    let system = case.machine?.operating_system.as_ref().map(|system| system.value);
    if host == SWS1 && system == Some(OperatingSystem::Server2008R2) {
        return None;
    }
    // Said once: at the endpoint that it is about.
    let is_about_this = case.report.target.host.to_string() == host;
    is_about_this.then(|| Judgement {
        because: case.report.exchanges.iter().map(|exchange| exchange.id).collect(),
        seen: format!("MUUrl is {} ({})", url.value, url.source),
        ..Judgement::default()
    })
}
