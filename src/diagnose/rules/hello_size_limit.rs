//! Hellos that are large, or split, and do not get through.

use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::observation::HelloSize;

pub(super) const RULE: Rule = Rule {
    id: "hello-size-limit",
    severity: Severity::Error,
    title: "Large or split hellos do not get through",
    rests_on: "the sweep of hello sizes: the endpoint took up a hello, and another answer came to one that differs from \
               it in nothing but its padding, its split or a share of X25519MLKEM768",
    windows_symptoms: &[],
    remedy: &[
        "Run the same sweep without the proxy, or from behind the device that is suspected: who has the limit is the one \
         beyond which it is gone.",
        "On inspection devices and load balancers look for a limit of the hello to one packet, one record or a number of \
         bytes; hellos with a post-quantum share have some 1700 bytes and take two packets.",
    ],
    disproved_by: "the same sweep with no limit on the same way",
    source: "RFC 7685 §1 (servers that hang on sizes), RFC 8446 §5.1 (messages may be split over records)",
    confidence: "seen; who has the limit is not",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let sizes = &case.report.observations.hello_size;
    let accepted = sizes.iter().any(HelloSize::is_accepted);
    let limited: Vec<&HelloSize> =
        sizes.iter().filter(|size| if size.is_accepted() { size.changes_at.is_some() } else { accepted }).collect();
    let mut because: Vec<usize> =
        limited.iter().flat_map(|size| case.report.observations.because(&size.key())).collect();
    because.sort_unstable();
    let seen: Vec<String> = limited.into_iter().map(told).collect();
    (!seen.is_empty()).then(|| Judgement { because, seen: seen.join("; "), steps: Vec::new(), evidence: Vec::new() })
}

fn told(size: &HelloSize) -> String {
    let way = size.split.spoken();
    let hybrid = if size.x25519mlkem768 { " with X25519MLKEM768" } else { "" };
    match (size.changes_at, &size.changes_to) {
        (Some(at), Some(to)) if size.is_accepted() => format!("{way}{hybrid}, {to} from {at} bytes on"),
        _ => format!("{way}{hybrid}, {} at {} bytes already", size.answer, size.smallest),
    }
}
