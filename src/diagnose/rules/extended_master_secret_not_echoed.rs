//! The endpoint does not echo `extended_master_secret`, which updated Windows wants when a session is resumed.

use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::machine::Machine;
use crate::outcome::Exchange;
use crate::registry::{ExtensionType, ProtocolVersion};

pub(super) const RULE: Rule = Rule {
    id: "extended-master-secret-not-echoed",
    severity: Severity::Warning,
    title: "The endpoint does not echo extended_master_secret, which updated Windows wants of a resumed session",
    rests_on: "a ServerHello of TLS 1.2 or older without the extension, to a hello that offered it",
    windows_symptoms: &[
        "Schannel event 36887 with alert 20 (bad_record_mac), 0x8009030F (SEC_E_MESSAGE_ALTERED)",
        "\"The request was aborted: Could not create SSL/TLS secure Channel\"",
        "connections that work at first fail or time out when the session is resumed; with TLS_DHE suites about one in \
         256 fails",
    ],
    remedy: &[
        "Update the endpoint's TLS software, or the device's on the way that answers for it: RFC 7627 has been there \
         since 2015, and Windows enforces it on resumption since the updates of 2019-10-08 (CVE-2019-1318).",
        "Until then, on the endpoint: turn session resumption off, and TLS_DHE suites.",
        "On Windows keep it on: DisableClientExtendedMasterSecret and DisableServerExtendedMasterSecret under \
         HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL are 0 or absent.",
    ],
    disproved_by: "a resumed session with the endpoint that updated Windows accepts",
    source: "Transport Layer Security connections might fail or timeout (Microsoft, on the updates of 2019-10-08); \
             RFC 7627",
    confidence: "documented-by-Microsoft; whether sessions are resumed was not asked",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let without: Vec<&Exchange> = case.report.exchanges.iter().filter(|exchange| lacks_it(exchange)).collect();
    let first = without.first()?.server.as_ref()?;
    let chose_dhe = |exchange: &&&Exchange| {
        let keys = exchange.server.as_ref().and_then(|server| server.key_exchange.as_ref());
        keys.is_some_and(|keys| keys.kind == "dhe")
    };
    let agreed = format!("{} was agreed without it, though the hello offered it", first.version.spoken());
    let dhe = without.iter().find(chose_dhe);
    let dhe =
        dhe.map(|exchange| format!("in #{} with a suite of TLS_DHE: about one handshake in 256 fails", exchange.id));
    let seen: Vec<String> = [Some(agreed), dhe, case.machine.map(enforced)].into_iter().flatten().collect();
    let because = without.iter().map(|exchange| exchange.id).collect();
    Some(Judgement { because, seen: seen.join("; "), ..Judgement::default() })
}

fn lacks_it(exchange: &Exchange) -> bool {
    let offered = exchange.offer.extensions.contains(&ExtensionType::EXTENDED_MASTER_SECRET);
    let server = exchange.server.as_ref().filter(|_| offered && exchange.outcome.answer.accepts());
    server.is_some_and(|server| {
        // TLS 1.3 needs no such extension, and SSL 3.0 has none.
        (ProtocolVersion::TLS1_0..=ProtocolVersion::TLS1_2).contains(&server.version) && !server.extended_master_secret
    })
}

/// Whether this machine is among those that fail.
fn enforced(machine: &Machine) -> String {
    match (&machine.extended_master_secret_enforced, &machine.disable_client_extended_master_secret) {
        (_, Some(off)) if off.value.is_some_and(|value| value != 0) => {
            format!("this machine does not offer it (DisableClientExtendedMasterSecret, {})", off.source)
        }
        (Some(enforced), _) if enforced.value => format!("this machine enforces it ({})", enforced.source),
        (Some(not), _) => format!("this machine does not enforce it ({})", not.source),
        (None, _) => "whether this machine enforces it is not known: the updates since October 2019 do".to_owned(),
    }
}
