//! The hello is refused for the name in it.

use super::{Case, Judgement, Rule, spoken};
use crate::finding::Severity;
use crate::observation::Support;

pub(super) const RULE: Rule = Rule {
    id: "hello-refused-by-name",
    severity: Severity::Error,
    title: "The hello is refused for the server name in it",
    rests_on: "the baseline's hello did not come through, the same hello without server_name was answered in TLS, and a \
               small one with the name did not come through either",
    windows_symptoms: &[
        "\"An existing connection was forcibly closed by the remote host\" (WSAECONNRESET, 10054), or 0x80072EE2 \
         (ERROR_WINHTTP_TIMEOUT)",
    ],
    remedy: &[
        "Look for a filter on the way that goes by the server name (SNI): a firewall's application control or URL \
         category, a DNS or web filter. Allow the name there, or let the endpoint pass uninspected.",
        "Where the endpoint is your own: see that it, or the load balancer before it, has a site and a certificate for \
         this name.",
    ],
    disproved_by: "a capture near the endpoint in which the hello with the name arrives and the endpoint refuses it",
    source: "RFC 6066 §3: the name goes in the clear",
    confidence: "seen; whether a device or the endpoint refuses is not",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    if !case.pack.is_in_use() || !case.ended_as_it_began() {
        return None;
    }
    let refusal = case.report.observations.refusal.as_ref()?;
    let (whole, nameless) = (&refusal.whole, refusal.without_server_name.as_ref()?);
    let small_comes_through = refusal.small.as_ref().is_some_and(|small| small.state == Support::Accepted);
    // An alert to the hello without a name comes from a TLS server that the hello with it never heard of.
    let answered = nameless.state == Support::Accepted || (nameless.answer == "alert" && whole.answer != "alert");
    if !answered || small_comes_through {
        return None;
    }
    let name = case.exchange(whole.exchange)?.offer.server_name.as_deref().unwrap_or_default();
    Some(Judgement {
        because: vec![whole.exchange, nameless.exchange],
        seen: format!(
            "with {name} it ends in {}, without a name in {}",
            spoken(&whole.answer),
            spoken(&nameless.answer)
        ),
        ..Judgement::default()
    })
}
