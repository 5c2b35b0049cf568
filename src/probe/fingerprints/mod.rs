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
