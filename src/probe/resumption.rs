//! How many of ten attempts to resume a session succeed, by each way to name one.
//!
//! One after the other, as a client does that comes back: each attempt names the session that the server gave last.
//! Behind a load balancer whose servers do not share their sessions, some succeed.

use super::finished::{for_sessions, had_its_say, is_completed, left_session, offer_up_to};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{Attempts, Observations, Resumption as Seen};
use crate::offer::{ExtensionOffer, Offer};
use crate::outcome::{Answer, Exchange};
use crate::question::{Finish, Question, Resume, ResumeBy};
use crate::registry::ProtocolVersion;
use crate::wire::extension::Extension;

pub(super) struct Resumption;

/// The name under which the observation stands.
const KEY: &str = "resumption";

/// How often each is tried.
const ATTEMPTS: usize = 10;

/// `psk_ke` (RFC 8446 §4.2.9): a session resumed without a fresh key exchange.
const PSK_KE: u8 = 0;

/// A way to name a session, and to go on from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    SessionId,
    Ticket,
    Psk,
    PskKe,
}

const WAYS: [Way; 4] = [Way::SessionId, Way::Ticket, Way::Psk, Way::PskKe];

impl Way {
    fn by(self) -> ResumeBy {
        match self {
            Self::SessionId => ResumeBy::SessionId,
            Self::Ticket => ResumeBy::Ticket,
            Self::Psk | Self::PskKe => ResumeBy::Psk,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::PskKe => "psk_ke",
            other => other.by().word(),
        }
    }

    fn offer(self) -> Offer {
        let version = match self {
            Self::SessionId | Self::Ticket => ProtocolVersion::TLS1_2,
            Self::Psk | Self::PskKe => ProtocolVersion::TLS1_3,
        };
        if version == ProtocolVersion::TLS1_2 {
            return for_sessions(offer_up_to(version), self.by());
        }
        let mut offer = Offer::for_version(version);
        if self == Self::PskKe {
            offer.put_extension(ExtensionOffer::Exactly(Extension::PskKeyExchangeModes(vec![PSK_KE])));
        }
        offer
    }
}

/// The answers of one way, in the order of asking: the first handshake, then the attempts.
struct Course<'a> {
    way: Way,
    answers: Vec<Option<&'a Exchange>>,
}

impl<'a> Course<'a> {
    /// What to ask next; nothing when there is no session, or there were enough attempts.
    fn next(&self) -> Option<Question> {
        let attempt = self.answers.len();
        let resume = match self.session() {
            _ if attempt == 0 => None,
            Some(left) if attempt <= ATTEMPTS => Some(Resume { exchange: left.id, by: self.way.by() }),
            _ => return None,
        };
        let what = if attempt == 0 { "session".to_owned() } else { format!("resumed {attempt}") };
        // For a server that sends its tickets with the first that it writes.
        let ask_for_content = attempt == 0 && self.way.by() == ResumeBy::Psk;
        let finish = Finish { resume, ask_for_content, ..Finish::default() };
        Some(Question::finished(format!("{} {what}", self.way.word()), self.way.offer(), finish))
    }

    /// The exchange that left the last session.
    fn session(&self) -> Option<&'a Exchange> {
        self.answers.iter().rev().copied().flatten().find(|exchange| left_session(exchange, self.way.by()))
    }

    fn attempts(&self) -> Attempts {
        let first = self.answers.first().copied().flatten();
        let tried: Vec<&Exchange> = self.answers.iter().skip(1).copied().flatten().collect();
        let completed = |resumed: bool| {
            let is = |exchange: &&&Exchange| matches!(exchange.outcome.answer, Answer::Completed { resumed: it, .. } if it == resumed);
            tried.iter().filter(is).count()
        };
        let session = self.session();
        Attempts {
            resumed: completed(true),
            of: tried.len(),
            given: first.filter(|first| is_completed(first)).and_then(|first| {
                let left = left_session(first, self.way.by());
                (left || had_its_say(first)).then_some(left)
            }),
            full: completed(false),
            version: session.and_then(|exchange| Some(exchange.server.as_ref()?.version)),
            lifetime_s: session.and_then(|exchange| exchange.session.as_ref()?.lifetime_s),
        }
    }
}

/// Gives each answer to the way that asked for it: in each round every way asks that is not at its end.
fn courses<'a>(answers: &Answers<'a>) -> [Course<'a>; 4] {
    let mut courses = WAYS.map(|way| Course { way, answers: Vec::new() });
    let mut answers = answers.iter().copied();
    while answers.len() > 0 {
        let left = answers.len();
        for course in &mut courses {
            if course.next().is_some()
                && let Some(answer) = answers.next()
            {
                course.answers.push(answer);
            }
        }
        if answers.len() == left {
            break;
        }
    }
    courses
}

impl Probe for Resumption {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        courses(answers).iter().filter_map(Course::next).collect()
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        if answers.iter().all(Option::is_none) {
            note_missing(KEY, unasked, seen);
            return;
        }
        let courses = courses(answers);
        if answers.contains(&None) || courses.iter().any(|course| course.next().is_some()) {
            note_missing(KEY, unasked, seen);
        }
        let because: Vec<usize> = answers.iter().copied().flatten().map(|exchange| exchange.id).collect();
        seen.rests_on(KEY, &because);
        let [session_id, ticket, psk, psk_ke] = courses.map(|course| course.attempts());
        seen.resumption = Some(Seen { session_id, ticket, psk, psk_ke });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{alert, completed};
    use crate::outcome::{ConfirmedBy, Outcome, Stage};

    const SESSION: &[ResumeBy] = &[ResumeBy::SessionId];

    #[test]
    fn each_attempt_names_the_last_session_until_there_are_enough() {
        let refused = alert(9, 40);
        let first = completed(1, false, SESSION);
        let mut answers = vec![Some(&first), Some(&refused), Some(&refused), Some(&refused)];
        assert_eq!(Resumption.ask(&[]).len(), 4);
        let asked = Resumption.ask(&answers);
        assert_eq!(asked.len(), 1, "only one way gave a session");
        assert_eq!(asked.first().unwrap().resume(), Some(Resume { exchange: 1, by: ResumeBy::SessionId }));

        let full = completed(5, false, SESSION);
        answers.push(Some(&full));
        assert_eq!(Resumption.ask(&answers).first().unwrap().resume().unwrap().exchange, 5);
        let resumed = completed(6, true, &[]);
        answers.extend([Some(&resumed); 9]);
        assert!(Resumption.ask(&answers).is_empty());

        let mut seen = Observations::default();
        Resumption.read(&answers, &Unasked::Pointless, &mut seen);
        let seen = seen.resumption.unwrap();
        assert_eq!((seen.session_id.resumed, seen.session_id.full, seen.session_id.of), (9, 1, 10));
        assert_eq!((seen.ticket.of, seen.ticket.given), (0, None));
    }

    #[test]
    fn silence_behind_a_handshake_is_no_word_that_it_left_no_session() {
        let given = |confirmed_by: ConfirmedBy| {
            let mut first = completed(3, false, &[]);
            let answer = Answer::Completed { received_bytes: 1, resumed: false, confirmed_by, status_line: None };
            first.outcome = Outcome::new(Stage::Handshake, answer);
            let (refused, mut seen) = (alert(1, 40), Observations::default());
            Resumption.read(&[Some(&refused), Some(&refused), Some(&first), None], &Unasked::Pointless, &mut seen);
            seen.resumption.unwrap().psk.given
        };
        assert_eq!(given(ConfirmedBy::Silence), None);
        assert_eq!(given(ConfirmedBy::ApplicationData), Some(false));
        let asks = |question: &Question| question.finish.as_ref().is_some_and(|finish| finish.ask_for_content);
        assert_eq!(Resumption.ask(&[]).iter().map(asks).collect::<Vec<_>>(), [false, false, true, true]);
    }

    #[test]
    fn what_was_cut_off_is_said_to_be_open() {
        let first = completed(1, false, SESSION);
        let mut seen = Observations::default();
        Resumption.read(&[Some(&first), None, None, None], &Unasked::Stopped("interrupted".into()), &mut seen);
        assert_eq!(seen.resumption.unwrap().session_id.given, Some(true));
        assert_eq!(seen.inconclusive.first().unwrap().what, "resumption");
    }
}
