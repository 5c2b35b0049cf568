//! There was no connection to ask on.

use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::outcome::{Answer, ResolveFailure, Stage};

pub(super) const RULE: Rule = Rule {
    id: "endpoint-not-reached",
    severity: Severity::Error,
    title: "No connection to the endpoint comes about",
    rests_on: "the first question ended at the look-up of the name or in the TCP handshake",
    windows_symptoms: &[
        "0x80072EE7 (ERROR_WINHTTP_NAME_NOT_RESOLVED) where the name is the matter; of the update agent 0x8024402C \
         (WU_E_PT_WINHTTP_NAME_NOT_RESOLVED)",
        "0x80072EFD (ERROR_WINHTTP_CANNOT_CONNECT) or 0x80072EE2 (ERROR_WINHTTP_TIMEOUT) where the connection is",
    ],
    remedy: &["Where the way out is a proxy, this direct route is not meant to work, and says nothing of the proxy's."],
    disproved_by: "a connection from the same machine by another program, on the same route",
    source: "the outcome itself",
    confidence: "seen",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    if !case.pack.is_in_use() {
        return None;
    }
    let first = case.report.exchanges.first()?;
    if !matches!(first.outcome.stage, Stage::Resolve | Stage::Connect) {
        return None;
    }
    let (seen, step) = match &first.outcome.answer {
        Answer::NameNotResolved { reason: ResolveFailure::Nxdomain } => (
            "the name does not exist for this resolver",
            "Compare with another resolver (--dns), and with a public one.",
        ),
        Answer::NameNotResolved { reason: ResolveFailure::NoAddress } => {
            ("the name has no address for this resolver", "Compare with another resolver (--dns), and with --ip 4.")
        }
        Answer::NameNotResolved { .. } => (
            "the resolver failed or did not answer",
            "See whether this machine's DNS servers may resolve outside names.",
        ),
        Answer::Refused { .. } => {
            ("RST answered the SYN", "Nothing listens there, or a firewall rejects the port: allow it.")
        }
        Answer::Unreachable { .. } => {
            ("there is no way to the address", "See the routes and firewalls to the address.")
        }
        _ => ("the SYN was not answered", "Allow the endpoint and its port in the firewalls on the way."),
    };
    Some(Judgement {
        because: vec![first.id],
        seen: seen.to_owned(),
        steps: vec![step.to_owned()],
        ..Judgement::default()
    })
}
