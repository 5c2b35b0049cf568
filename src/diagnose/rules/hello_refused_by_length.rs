//! The hello is refused for its length: a small one comes through, and padded to that length it does not.

use super::{Case, Judgement, Rule, spoken};
use crate::finding::Severity;
use crate::observation::Support;

pub(super) const RULE: Rule = Rule {
    id: "hello-refused-by-length",
    severity: Severity::Error,
    title: "A device or the endpoint refuses hellos for their length",
    rests_on: "the baseline's hello did not come through, a small one of TLS 1.2 did, and the same small one padded to \
               the length of the first did not",
    windows_symptoms: &[
        "some clients connect to the endpoint and others fail from the same network: their hellos differ in length",
    ],
    remedy: &[
        "Update the firewall, load balancer or inspection device on the way, or let the endpoint pass uninspected: some \
         took hellos of 256 to 511 bytes for another protocol (RFC 7685 §1), and some drop what does not fit one packet.",
        "To find the lengths that pass: probe --tls 1.2 --pad-to N.",
    ],
    disproved_by: "a hello of the same length that comes through (probe --pad-to)",
    source: "RFC 7685 §1",
    confidence: "seen; which device it is is not",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    if !case.pack.is_in_use() || !case.ended_as_it_began() {
        return None;
    }
    let refusal = case.report.observations.refusal.as_ref()?;
    let (whole, small, padded) = (&refusal.whole, refusal.small.as_ref()?, refusal.padded.as_ref()?);
    if small.state != Support::Accepted || padded.answer != whole.answer {
        return None;
    }
    Some(Judgement {
        because: vec![whole.exchange, small.exchange, padded.exchange],
        seen: format!(
            "{} bytes are accepted, and the same padded to {} end in {}, as the first hello of {} did",
            small.length,
            padded.length,
            spoken(&padded.answer),
            whole.length
        ),
        ..Judgement::default()
    })
}
