//! The failure of one in 256 handshakes, brought about on purpose: secrets that begin with zero bytes.
//!
//! First a handshake of each kind as it comes: the control. Where it completes, the same with a key that is chosen so
//! that the secret begins with one zero byte, or two. What fails is asked once more, with its control: only what fails
//! each time, while its control completes each time, is said to fail.

use super::finished::{UP_TO_TLS12, alert, failed, is_completed, offer_with, refused};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{LeadingZero as Seen, Observations, ZeroHandshake, ZeroVerdict};
use crate::offer::Offer;
use crate::outcome::{Exchange, KeyExchange as ServersKeyExchange};
use crate::question::{Finish, Question};
use crate::registry::{KeyExchange, NamedGroup};

pub(super) struct LeadingZero;

/// The name under which the observation stands.
const KEY: &str = "leading_zero";

/// The curves whose secret is an x-coordinate. Other curves' secrets have no leading zero that anybody takes off.
const CURVES: [NamedGroup; 3] = [NamedGroup::SECP256R1, NamedGroup::SECP384R1, NamedGroup::SECP521R1];

/// What RFC 9325 §4.5 wants of a group.
const ENOUGH_BITS: u32 = 2048;

/// One handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Try {
    key_exchange: KeyExchange,
    zeros: u8,
}

const CONTROLS: [Try; 2] =
    [Try { key_exchange: KeyExchange::Dhe, zeros: 0 }, Try { key_exchange: KeyExchange::Ecdhe, zeros: 0 }];

/// A search for two zeros in an x-coordinate takes some 65 thousand additions of points: one tells as much.
const WITH_ZEROS: [Try; 3] = [
    Try { key_exchange: KeyExchange::Dhe, zeros: 1 },
    Try { key_exchange: KeyExchange::Dhe, zeros: 2 },
    Try { key_exchange: KeyExchange::Ecdhe, zeros: 1 },
];

impl Try {
    fn question(self) -> Question {
        let purpose = match self.zeros {
            0 => format!("{} control", self.word()),
            1 => format!("{} leading zero", self.word()),
            zeros => format!("{} {zeros} leading zeros", self.word()),
        };
        Question::finished(purpose, self.offer(), Finish { leading_zeros: self.zeros, ..Finish::default() })
    }

    /// The hello of the newest version that has it: a server of any age chooses its own.
    fn offer(self) -> Offer {
        let [newest, ..] = UP_TO_TLS12;
        let mut offer = offer_with(newest, self.key_exchange);
        if self.key_exchange == KeyExchange::Ecdhe {
            offer.set_groups(&CURVES);
        }
        offer
    }

    fn word(self) -> String {
        self.key_exchange.to_string().to_lowercase()
    }
}

/// What was asked so far, and the answers.
struct Asked<'a>(Vec<(Try, Option<&'a Exchange>)>);

impl<'a> Asked<'a> {
    fn of(answers: &Answers<'a>) -> Self {
        let mut asked = Self(Vec::new());
        let mut answers = answers.iter().copied();
        while answers.len() > 0 {
            let batch = asked.next();
            if batch.is_empty() {
                break;
            }
            asked.0.extend(batch.into_iter().zip(answers.by_ref()));
        }
        asked
    }

    /// The next batch.
    fn next(&self) -> Vec<Try> {
        let (first, second) = (CONTROLS.len(), self.second().len());
        match self.0.len() {
            0 => CONTROLS.to_vec(),
            asked if asked == first => self.second(),
            asked if asked == first + second => self.again(),
            _ => Vec::new(),
        }
    }

    /// With zeros, where the control completes.
    fn second(&self) -> Vec<Try> {
        let controls = || self.0.iter().take(CONTROLS.len());
        let is_sound =
            |kind| controls().any(|(asked, answer)| asked.key_exchange == kind && answer.is_some_and(is_completed));
        WITH_ZEROS.into_iter().filter(|zeros| is_sound(zeros.key_exchange)).collect()
    }

    /// What failed with zeros, and its control, once more.
    fn again(&self) -> Vec<Try> {
        let failing = |kind: KeyExchange| {
            self.0.iter().filter(move |(asked, answer)| {
                asked.key_exchange == kind && asked.zeros > 0 && answer.is_some_and(fails)
            })
        };
        let of_kind = |control: Try| {
            let zeros = failing(control.key_exchange).map(|(asked, _)| *asked);
            let control = failing(control.key_exchange).next().map(|_| control);
            control.into_iter().chain(zeros).collect::<Vec<_>>()
        };
        CONTROLS.into_iter().flat_map(of_kind).collect()
    }

    fn verdict(&self, kind: KeyExchange, seen: &Observations) -> ZeroVerdict {
        let of_kind = || self.0.iter().filter(|(asked, _)| asked.key_exchange == kind);
        let answers = |with_zeros: bool| {
            of_kind().filter(move |(asked, _)| (asked.zeros > 0) == with_zeros).filter_map(|(_, answer)| *answer)
        };
        let is_missing = of_kind().any(|(_, answer)| answer.is_none());
        if answers(false).next().is_some_and(|control| refused(control, seen)) {
            return ZeroVerdict::NotOffered;
        }
        if is_missing || !answers(false).all(is_completed) || answers(true).next().is_none() {
            return ZeroVerdict::Inconclusive;
        }
        // A number of zeros that fails has been asked twice.
        let fails = |zeros: u8| {
            let mut of_zeros = of_kind().filter(|(asked, _)| asked.zeros == zeros).peekable();
            of_zeros.peek().is_some() && of_zeros.all(|(_, answer)| answer.is_some_and(self::fails))
        };
        if fails(1) || fails(2) {
            ZeroVerdict::Fails
        } else if answers(true).all(is_completed) {
            ZeroVerdict::Ok
        } else {
            ZeroVerdict::Inconclusive
        }
    }

    /// The server's Diffie-Hellman group, as some answer shows it.
    fn group(&self) -> Option<&'a ServersKeyExchange> {
        let answers = self.0.iter().filter_map(|(_, answer)| *answer);
        answers.filter_map(|exchange| exchange.server.as_ref()?.key_exchange.as_ref()).find(|it| it.kind == "dhe")
    }
}

impl Probe for LeadingZero {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        Asked::of(answers).next().into_iter().map(Try::question).collect()
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        if answers.iter().all(Option::is_none) {
            note_missing(KEY, unasked, seen);
            return;
        }
        let asked = Asked::of(answers);
        let ids: Vec<usize> = answers.iter().copied().flatten().map(|exchange| exchange.id).collect();
        let row = |(asked, answer): &(Try, Option<&Exchange>)| {
            let exchange = (*answer)?;
            Some(ZeroHandshake {
                key_exchange: asked.word(),
                zeros: asked.zeros,
                result: exchange.outcome.answer.kind().to_owned(),
                alert: alert(exchange),
                because: exchange.id,
            })
        };
        let handshakes: Vec<ZeroHandshake> = asked.0.iter().filter_map(row).collect();
        let [dhe, ecdhe] = [KeyExchange::Dhe, KeyExchange::Ecdhe].map(|kind| {
            let verdict = asked.verdict(kind, seen);
            if verdict == ZeroVerdict::Inconclusive {
                let key = format!("{KEY}.{}", kind.to_string().to_lowercase());
                seen.could_not_tell(&key, &why(&asked, kind, unasked), &ids);
            }
            verdict
        });
        seen.rests_on(KEY, &ids);
        let group = asked.group();
        let alert = handshakes.iter().filter(|it| it.zeros > 0).find_map(|it| it.alert);
        seen.leading_zero = Some(Seen {
            dhe,
            ecdhe,
            alert,
            group_bits: group.and_then(|group| group.bits),
            group: group.and_then(|group| group.prime.as_ref()?.name.clone()),
            weak: group.and_then(weakness),
            handshakes,
        });
    }
}

/// Whether a handshake with zeros failed. Its control came to its end without a client certificate, so that none is
/// missed here.
fn fails(exchange: &Exchange) -> bool {
    failed(exchange, true).is_some()
}

/// Why nothing can be said of a key exchange.
fn why(asked: &Asked<'_>, kind: KeyExchange, unasked: &Unasked) -> String {
    let mut of_kind = asked.0.iter().filter(|(asked, _)| asked.key_exchange == kind);
    let odd = of_kind.find_map(|(asked, answer)| match answer {
        None => Some(match unasked {
            Unasked::Stopped(why) => why.clone(),
            Unasked::Pointless => "not asked".to_owned(),
        }),
        Some(exchange) if !is_completed(exchange) => {
            let what = if asked.zeros == 0 { "the control" } else { "a handshake" };
            Some(format!("{what} ended in {}", exchange.outcome.answer.kind()))
        }
        Some(_) => None,
    });
    odd.unwrap_or_else(|| "not asked to the end".to_owned())
}

/// Why a Diffie-Hellman group is weak, if it is.
pub(super) fn weakness(group: &ServersKeyExchange) -> Option<String> {
    if group.prime.as_ref().is_some_and(|prime| prime.is_prime == Some(false)) {
        return Some("its modulus is no prime".to_owned());
    }
    let bits = group.bits.filter(|bits| *bits < ENOUGH_BITS)?;
    Some(format!("{bits} bits, where RFC 9325 §4.5 wants {ENOUGH_BITS}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{alert as refused_by, completed, failed_after_finished};

    /// The verdict over DHE where the handshakes with these numbers fail, and those of ECDHE are refused.
    fn dhe(failing: impl Fn(usize, u8) -> bool) -> (ZeroVerdict, usize) {
        let mut answers: Vec<Exchange> = Vec::new();
        loop {
            let so_far: Vec<Option<&Exchange>> = answers.iter().map(Some).collect();
            let next = Asked::of(&so_far).next();
            if next.is_empty() {
                return (Asked::of(&so_far).verdict(KeyExchange::Dhe, &Observations::default()), answers.len());
            }
            for asked in next {
                let id = answers.len();
                answers.push(match asked.key_exchange {
                    KeyExchange::Dhe if failing(id, asked.zeros) => failed_after_finished(id, 20),
                    KeyExchange::Dhe => completed(id, false, &[]),
                    _ => refused_by(id, 40),
                });
            }
        }
    }

    #[test]
    fn what_fails_each_time_with_zeros_and_never_without_is_said_to_fail() {
        assert_eq!(dhe(|_, _| false), (ZeroVerdict::Ok, 4));
        // Both controls, one zero and two, and once more a control, one and two.
        assert_eq!(dhe(|_, zeros| zeros > 0), (ZeroVerdict::Fails, 7));
        assert_eq!(dhe(|_, zeros| zeros == 2), (ZeroVerdict::Fails, 6));
    }

    #[test]
    fn what_fails_now_and_then_or_without_zeros_too_is_not() {
        assert_eq!(dhe(|id, zeros| id < 4 && zeros > 0).0, ZeroVerdict::Inconclusive);
        assert_eq!(dhe(|id, zeros| zeros > 0 || id > 3).0, ZeroVerdict::Inconclusive);
        assert_eq!(dhe(|_, _| true), (ZeroVerdict::Inconclusive, 2), "nothing is asked beyond a control that fails");
    }

    #[test]
    fn a_key_exchange_that_is_refused_is_not_offered() {
        let (refused, sound) = (refused_by(1, 40), completed(2, false, &[]));
        let mut seen = Observations::default();
        LeadingZero.read(&[Some(&refused), Some(&sound)], &Unasked::Pointless, &mut seen);
        let told = seen.leading_zero.unwrap();
        assert_eq!((told.dhe, told.ecdhe), (ZeroVerdict::NotOffered, ZeroVerdict::Inconclusive));
        assert_eq!(seen.inconclusive.first().unwrap().what, "leading_zero.ecdhe");
    }

    #[test]
    fn a_group_is_weak_by_its_size_or_for_being_none() {
        let group = |bits, is_prime| ServersKeyExchange {
            kind: "dhe".into(),
            group: None,
            bits: Some(bits),
            prime: Some(crate::outcome::Prime { name: None, is_prime }),
            signature_scheme: None,
        };
        assert_eq!(weakness(&group(2048, Some(true))), None);
        assert!(weakness(&group(1024, Some(true))).unwrap().starts_with("1024 bits"));
        assert!(weakness(&group(4096, Some(false))).unwrap().contains("no prime"));
    }
}
