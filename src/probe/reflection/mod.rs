//! Whether a hello arrives at a reflector as it was sent: proof, byte for byte, of what the way makes of TLS.

mod compare;

use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{Digest, Observations, Reflection, ReflectionVerdict};
use crate::outcome::{Answer, CertificatesState, Exchange};
use crate::question::{Hello, Question};
use crate::reflected::{Arrived, Reflected, sha256};

use compare::differences;

/// The name under which the observation stands.
const KEY: &str = "reflection";

pub(super) struct ReflectedHello {
    hello: Hello,
}

impl ReflectedHello {
    pub(super) fn new(hello: Hello) -> Self {
        Self { hello }
    }
}

impl Probe for ReflectedHello {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        let question = || Question::new(KEY, self.hello.clone());
        if answers.is_empty() { vec![question()] } else { Vec::new() }
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        let Some(exchange) = answers.first().copied().flatten() else {
            note_missing(KEY, unasked, seen);
            return;
        };
        let sent = exchange.evidence.as_ref().and_then(|evidence| hex::decode(&evidence.sent).ok()).unwrap_or_default();
        let reflection = reflection(exchange, &sent);
        if reflection.verdict == ReflectionVerdict::Unreadable {
            seen.could_not_tell(KEY, &reflection.why, &[exchange.id]);
        } else {
            seen.rests_on(KEY, &[exchange.id]);
        }
        seen.reflection = Some(reflection);
    }
}

fn reflection(exchange: &Exchange, sent: &[u8]) -> Reflection {
    let digest = |bytes: &[u8]| Digest { length: bytes.len(), sha256: sha256(bytes) };
    let nothing = Reflection {
        verdict: ReflectionVerdict::Unreadable,
        why: String::new(),
        sent: digest(sent),
        arrived: None,
        differences: Vec::new(),
        reads: Vec::new(),
        seen_from: None,
        issuer: None,
    };
    let reflected = match told(exchange) {
        Ok(reflected) => reflected,
        Err(NotTold { verdict, why, issuer }) => return Reflection { verdict, why, issuer, ..nothing },
    };
    let differences = differences(sent, &reflected.bytes);
    let (verdict, why) = if differences.is_empty() {
        (ReflectionVerdict::Identical, "what arrived is byte for byte what was sent")
    } else {
        (ReflectionVerdict::Altered, "what arrived is not what was sent")
    };
    Reflection {
        verdict,
        why: why.to_owned(),
        arrived: Some(digest(&reflected.bytes)),
        differences,
        reads: reflected.reads,
        seen_from: Some(reflected.from),
        ..nothing
    }
}

/// Why there is nothing to compare with.
struct NotTold {
    verdict: ReflectionVerdict,
    why: String,
    issuer: Option<String>,
}

/// What the far end told, in the comment of the first certificate.
fn told(exchange: &Exchange) -> Result<Reflected, NotTold> {
    let unreadable = |why: String| NotTold { verdict: ReflectionVerdict::Unreadable, why, issuer: None };
    let answer = &exchange.outcome.answer;
    if !matches!(answer, Answer::ServerHello { .. }) {
        return Err(unreadable(match answer {
            Answer::NotTls { .. } => {
                "the answer is not TLS: a reflector that was started with --raw, or none".to_owned()
            }
            _ if exchange.outcome.ended_at_the_proxy() => format!("{} at the proxy", answer.kind()),
            _ => format!("no flight came, but {}", answer.kind()),
        }));
    }
    if exchange.certificates_state == CertificatesState::Encrypted {
        // The reflector speaks nothing newer than TLS 1.2.
        return Err(NotTold {
            verdict: ReflectionVerdict::NotTheReflector,
            why: "the answer is TLS 1.3, which a reflector does not speak: something else answered".to_owned(),
            issuer: None,
        });
    }
    let Some(details) = exchange.certificates.first().and_then(|leaf| leaf.details()) else {
        return Err(unreadable("the flight has no certificate that can be read".to_owned()));
    };
    let read = details.comment.as_deref().map(Reflected::from_json);
    match read {
        Some(Ok(reflected)) if reflected.arrived == Arrived::Hello => Ok(reflected),
        Some(Ok(reflected)) => {
            Err(unreadable(format!("the reflector took what arrived for {}", reflected.arrived.word())))
        }
        Some(Err(error)) if details.common_name.as_deref() == Some(REFLECTOR) => Err(unreadable(error.to_string())),
        Some(Err(_)) | None => Err(NotTold {
            verdict: ReflectionVerdict::NotTheReflector,
            why: "the certificate is not the reflector's: something on the way answered in its place".to_owned(),
            issuer: Some(details.issuer.clone()),
        }),
    }
}

/// The common name of a reflector's certificates.
const REFLECTOR: &str = "tlsprobe reflector";
