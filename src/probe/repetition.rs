//! The same hello again and again, one at a time: what fails now and then shows as k of N.

use super::{Answers, Probe, Unasked};
use crate::observation::{Observations, Repetition, Share, Spread, interval_95};
use crate::outcome::{Answer, Exchange};
use crate::question::Question;

pub(super) struct Repeated {
    question: Question,
    times: usize,
}

impl Repeated {
    pub(super) fn new(question: Question, times: usize) -> Self {
        Self { question, times }
    }
}

impl Probe for Repeated {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        if answers.len() >= self.times {
            return Vec::new();
        }
        let purpose = format!("{} {}", self.question.purpose, answers.len() + 1);
        vec![Question { purpose, ..self.question.clone() }]
    }

    /// A way that fails now and then is what is looked for.
    fn goes_on_without_a_way(&self) -> bool {
        true
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        let answered: Vec<&Exchange> = answers.iter().copied().flatten().collect();
        if let (true, Unasked::Stopped(why)) = (answered.len() < self.times, unasked) {
            let missing = format!("{} of {} were not asked: {why}", self.times - answered.len(), self.times);
            seen.could_not_tell("repetition", &missing, &[]);
        }
        let spread = |time: fn(&Exchange) -> Option<f64>| Spread::of(answered.iter().copied().filter_map(time));
        seen.repetition = Some(Repetition {
            of: answered.len(),
            outcomes: shares(&answered),
            connect_ms: spread(|exchange| exchange.timing_ms.connect),
            first_byte_ms: spread(|exchange| exchange.timing_ms.first_byte),
            total_ms: spread(|exchange| Some(exchange.timing_ms.total)),
        });
    }
}

/// Each way in which exchanges ended, the most frequent first.
fn shares(answered: &[&Exchange]) -> Vec<Share> {
    let mut shares: Vec<Share> = Vec::new();
    for exchange in answered {
        let outcome = &exchange.outcome;
        let (stage, kind, code) = (outcome.stage.word(), outcome.answer.kind(), code(&outcome.answer));
        match shares.iter_mut().find(|share| share.stage == stage && share.kind == kind && share.code == code) {
            Some(share) => share.count += 1,
            None => shares.push(Share {
                stage: stage.to_owned(),
                kind: kind.to_owned(),
                code,
                count: 1,
                interval_95: (0.0, 1.0),
                example: exchange.id,
            }),
        }
    }
    for share in &mut shares {
        share.interval_95 = interval_95(share.count, answered.len());
    }
    shares.sort_by_key(|share| std::cmp::Reverse(share.count));
    shares
}

/// What tells apart two outcomes of the same kind.
fn code(answer: &Answer) -> Option<u16> {
    match answer {
        Answer::Alert { code, .. } => Some((*code).into()),
        Answer::ProxyStatus(status) => Some(status.status),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Stage;
    use crate::outcome::testing::{alert, ended};
    use crate::question::Hello;

    const RESET: Answer = Answer::Reset { received_bytes: 0, after_ms: 1.0 };

    fn read(answers: &[Exchange], times: usize) -> Observations {
        let question = Question::new("hello", Hello::Exactly(Vec::new()));
        let mut answers: Vec<Option<&Exchange>> = answers.iter().map(Some).collect();
        answers.resize(times, None);
        let mut seen = Observations::default();
        Repeated::new(question, times).read(&answers, &Unasked::Stopped("interrupted".to_owned()), &mut seen);
        seen
    }

    #[test]
    fn one_hello_follows_the_other_until_there_are_enough() {
        let probe = Repeated::new(Question::new("hello", Hello::Exactly(Vec::new())), 3);
        assert_eq!(probe.ask(&[]).len(), 1);
        assert_eq!(probe.ask(&[None, None]).first().unwrap().purpose, "hello 3");
        assert!(probe.ask(&[None, None, None]).is_empty());
        assert!(probe.goes_on_without_a_way());
    }

    #[test]
    fn each_way_of_ending_is_counted_and_alerts_are_told_apart() {
        let answers = [
            alert(1, 40),
            ended(2, Stage::Hello, RESET),
            ended(3, Stage::Hello, RESET),
            alert(4, 20),
            ended(5, Stage::Connect, RESET),
        ];
        let seen = read(&answers, 5);
        let repetition = seen.repetition.unwrap();
        let told: Vec<_> = repetition
            .outcomes
            .iter()
            .map(|share| (share.stage.as_str(), share.kind.as_str(), share.code, share.count, share.example))
            .collect();
        assert_eq!(
            told,
            [
                ("hello", "reset", None, 2, 2),
                ("hello", "alert", Some(40), 1, 1),
                ("hello", "alert", Some(20), 1, 4),
                ("connect", "reset", None, 1, 5)
            ]
        );
        assert_eq!(repetition.of, 5);
        assert_eq!(repetition.outcomes.first().unwrap().interval_95, interval_95(2, 5));
        assert!(seen.inconclusive.is_empty());
    }

    #[test]
    fn what_was_cut_off_is_not_counted_and_said_to_be_missing() {
        let seen = read(&[alert(1, 40)], 3);
        assert_eq!(seen.repetition.unwrap().of, 1);
        assert_eq!(seen.inconclusive.first().unwrap().why, "2 of 3 were not asked: interrupted");
    }
}
