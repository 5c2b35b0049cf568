//! Fingerprints of the endpoint: JARM, and JA3S of the answers that it is made of.

mod jarm;

use super::reading::{Verdict, verdict};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{FingerprintedHello, Fingerprints as Seen, Observations};
use crate::outcome::{Exchange, Stage};
use crate::question::{Hello, Question};
use jarm::HELLOS;

pub(super) struct Fingerprints;

const KEY: &str = "fingerprints";

impl Probe for Fingerprints {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        if !answers.is_empty() {
            return Vec::new();
        }
        HELLOS.iter().map(|hello| Question::new(format!("jarm {}", hello.name), Hello::Built(hello.offer()))).collect()
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        if answers.is_empty() || answers.contains(&None) {
            note_missing(KEY, unasked, seen);
        }
        let mut hellos = Vec::new();
        for (hello, exchange) in HELLOS.iter().zip(answers) {
            let Some(exchange) = exchange else { continue };
            let answer = answer(exchange, seen);
            if let Err(why) = &answer {
                seen.could_not_tell(&format!("{KEY}.{}", hello.name), why, &[exchange.id]);
            }
            hellos.push(FingerprintedHello {
                name: hello.name.to_owned(),
                ja3: exchange.offer.ja3.clone(),
                ja4: exchange.offer.ja4.clone(),
                answer: answer.ok(),
                ja3s: exchange.server.as_ref().map(|server| server.ja3s.clone()),
                because: exchange.id,
            });
        }
        if hellos.is_empty() {
            return;
        }
        let ids: Vec<usize> = hellos.iter().map(|hello| hello.because).collect();
        seen.rests_on(KEY, &ids);
        let answers: Option<Vec<&str>> = hellos.iter().map(|hello| hello.answer.as_deref()).collect();
        let jarm = answers.filter(|answers| answers.len() == HELLOS.len()).map(|answers| jarm::hash(&answers));
        seen.fingerprints = Some(Seen { jarm, hellos });
    }
}

/// JARM's form of an answer, or why there is none. Where the algorithm makes zeros of a whole endpoint that is silent once,
/// nothing is said here; nor of one that was not reached.
fn answer(exchange: &Exchange, seen: &Observations) -> Result<String, String> {
    // A warning stands before the ServerHello, and the algorithm reads no further.
    if exchange.warning_alerts.iter().any(|warning| warning.stage == Stage::Hello) {
        return Ok(jarm::REFUSED.to_owned());
    }
    match (&exchange.server, verdict(exchange, seen, |_| true)) {
        // Even a choice that was not offered is one.
        (Some(server), _) => Ok(jarm::answer(server)),
        (None, Verdict::Inconclusive(why)) => Err(why),
        (None, _) => Ok(jarm::REFUSED.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::WarningAlert;
    use crate::outcome::testing::{accepted, alert};
    use crate::probe::testing::{cut_off, opening, run, silence};
    use crate::registry::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion};

    fn observed(server: impl Fn(&str, usize) -> Exchange) -> Observations {
        let mut probe = Fingerprints;
        run(&mut probe, &opening(NamedGroup::X25519), |question, _, id| server(&question.purpose, id)).0
    }

    fn chosen(id: usize, version: ProtocolVersion) -> Exchange {
        let mut exchange = accepted(id, version, CipherSuite(0xc02f));
        let server = exchange.server.as_mut().unwrap();
        server.extensions = vec![ExtensionType::RENEGOTIATION_INFO, ExtensionType::SERVER_NAME];
        server.alpn = Some("h2".into());
        exchange
    }

    #[test]
    fn ten_answers_make_one_fingerprint() {
        let seen =
            observed(
                |purpose, id| {
                    if purpose.contains("tls13") { chosen(id, ProtocolVersion::TLS1_3) } else { alert(id, 40) }
                },
            );
        let told = seen.fingerprints.unwrap();
        let answers: Vec<_> = told.hellos.iter().map(|hello| hello.answer.as_deref().unwrap()).collect();
        assert_eq!((answers[0], answers[9]), ("|||", "c02f|0303||ff01-0000"), "the protocol is not in its ServerHello");
        let jarm = told.jarm.unwrap();
        assert!(jarm.len() == 62 && jarm.starts_with("00000000000000000029d29d29d29d"), "{jarm}");
    }

    #[test]
    fn a_warning_before_the_server_hello_is_all_that_the_algorithm_reads() {
        let seen = observed(|_, id| {
            let mut exchange = chosen(id, ProtocolVersion::TLS1_2);
            exchange.warning_alerts.push(WarningAlert { code: 112, name: None, stage: Stage::Hello });
            exchange
        });
        assert_eq!(seen.fingerprints.unwrap().jarm.unwrap(), "0".repeat(62));
    }

    #[test]
    fn one_silence_leaves_the_fingerprint_open() {
        let seen = observed(|purpose, id| {
            if purpose.ends_with("tls12_reverse") { silence(id) } else { chosen(id, ProtocolVersion::TLS1_2) }
        });
        let told = seen.fingerprints.unwrap();
        assert_eq!((told.jarm, told.hellos.len()), (None, 10));
        assert_eq!(seen.inconclusive[0].what, "fingerprints.tls12_reverse");
        assert_eq!(cut_off(&Fingerprints).inconclusive[0].what, "fingerprints");
    }
}
