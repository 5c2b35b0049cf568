//! Whether odd hellos that a server has to tolerate are taken up: each is compared with the same one without the oddity.

use super::reading::{Verdict, verdict};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{Observations, Tolerance as State, Toleration};
use crate::offer::{ExtensionOffer, Offer};
use crate::outcome::{Answer, Exchange, Stage};
use crate::probe::finished::{alert, offer_up_to};
use crate::question::{Hello, Question};
use crate::registry::{CipherSuite, ExtensionType, ProtocolVersion, SignatureScheme};
use crate::wire::extension::{Extension, SupportedVersions};

pub(super) struct Tolerance;

const KEY: &str = "tolerance";

/// One hello: its name, what it is compared with, and what is odd about it.
struct Oddity {
    name: &'static str,
    /// The hello that it is compared with.
    control: Control,
    make: fn(&mut Offer),
}

/// What an odd hello is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Control {
    /// A current client's hello.
    Modern,
    /// One of TLS 1.2 that knows nothing newer.
    Tls12,
    /// The same with no more in its extensions than what a server takes for granted that gets none: signatures over SHA-1
    /// (RFC 5246 §7.4.1.4.1), no groups, no name.
    Bare,
    /// Without extensions.
    NoExtensions,
}

impl Control {
    /// The controls, which are asked first, as their own questions.
    const ALL: [Self; 4] = [Self::Modern, Self::Tls12, Self::Bare, Self::NoExtensions];

    fn offer(self) -> Offer {
        match self {
            Self::Modern => Offer::modern(),
            Self::Tls12 => offer_up_to(ProtocolVersion::TLS1_2),
            Self::Bare => {
                let mut offer = Self::Tls12.offer();
                offer.extensions = None;
                offer.set_signature_schemes(&[
                    SignatureScheme::RSA_PKCS1_SHA1,
                    SignatureScheme::DSA_SHA1,
                    SignatureScheme::ECDSA_SHA1,
                ]);
                offer.put_extension(ExtensionOffer::Exactly(Extension::RenegotiationInfo(Vec::new())));
                offer
            }
            Self::NoExtensions => {
                let mut offer = Self::Tls12.offer();
                offer.extensions = None;
                // As a client says it that has no place for renegotiation_info (RFC 5746 §3.3).
                offer.cipher_suites.push(CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV);
                offer
            }
        }
    }

    fn purpose(self) -> &'static str {
        match self {
            Self::Modern => "a current hello",
            Self::Tls12 => "a hello of tls1.2",
            Self::Bare => "hardly any extension",
            Self::NoExtensions => "no extensions",
        }
    }
}

/// Nobody has these: suites and extensions for private use (RFC 8446 §11), and the version after TLS 1.3.
const UNKNOWN_SUITE: CipherSuite = CipherSuite(0xffa5);
const UNKNOWN_EXTENSION: ExtensionType = ExtensionType(0xff77);
const UNKNOWN_VERSION: ProtocolVersion = ProtocolVersion(0x0305);

/// More than some servers have room for.
const MANY_SUITES: usize = 180;

/// Every oddity, by name.
const ODDITIES: &[Oddity] = &[
    Oddity {
        name: "empty_extensions_block",
        control: Control::NoExtensions,
        make: |offer| offer.extensions = Some(Vec::new()),
    },
    Oddity {
        name: "empty_last_extension",
        control: Control::Modern,
        make: |offer| offer.put_extension(unknown_extension(&[])),
    },
    Oddity {
        name: "future_legacy_version",
        control: Control::Tls12,
        make: |offer| offer.legacy_version = UNKNOWN_VERSION,
    },
    Oddity { name: "grease", control: Control::Modern, make: Offer::add_grease },
    Oddity {
        name: "grease_version",
        control: Control::Modern,
        make: |offer| {
            let versions = vec![ProtocolVersion(0x3a3a), ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_2];
            offer.put_extension(ExtensionOffer::Exactly(Extension::SupportedVersions(SupportedVersions::Offered(
                versions,
            ))));
        },
    },
    Oddity { name: "hello_in_many_records", control: Control::Modern, make: |offer| offer.record_split = 100 },
    // Between 256 and 511 bytes some devices take a hello for one of SSL 2.0 (RFC 7685 §1).
    Oddity { name: "hello_of_384_bytes", control: Control::Modern, make: |offer| pad(offer, 384) },
    Oddity { name: "hello_of_600_bytes", control: Control::Modern, make: |offer| pad(offer, 600) },
    Oddity { name: "hello_over_16384_bytes", control: Control::Modern, make: |offer| pad(offer, 17_000) },
    Oddity {
        name: "many_suites",
        control: Control::Modern,
        make: |offer| {
            let all = CipherSuite::all().iter().map(|row| row.code);
            let is_new = |suite: &CipherSuite| !offer.cipher_suites.contains(suite) && !suite.is_grease();
            let more: Vec<CipherSuite> = all
                .filter(|suite| {
                    !matches!(*suite, CipherSuite::FALLBACK_SCSV | CipherSuite::EMPTY_RENEGOTIATION_INFO_SCSV)
                })
                .filter(is_new)
                .take(MANY_SUITES.saturating_sub(offer.cipher_suites.len()))
                .collect();
            offer.cipher_suites.extend(more);
        },
    },
    Oddity { name: "no_extensions", control: Control::Bare, make: |offer| *offer = Control::NoExtensions.offer() },
    Oddity {
        name: "tls13_as_legacy_version",
        control: Control::Tls12,
        make: |offer| offer.legacy_version = ProtocolVersion::TLS1_3,
    },
    Oddity {
        name: "unknown_extension",
        control: Control::Modern,
        make: |offer| {
            let extensions = offer.extensions.get_or_insert_default();
            extensions.insert(0, unknown_extension(b"tlsprobe"));
        },
    },
    Oddity {
        name: "unknown_suite",
        control: Control::Modern,
        make: |offer| offer.cipher_suites.insert(0, UNKNOWN_SUITE),
    },
];

fn unknown_extension(body: &[u8]) -> ExtensionOffer {
    ExtensionOffer::Exactly(Extension::Other(UNKNOWN_EXTENSION, body.to_vec()))
}

fn pad(offer: &mut Offer, length: usize) {
    offer.put_extension(ExtensionOffer::PadTo(length));
}

/// What is asked, in order: the controls, then each oddity that is none of them.
fn questions() -> Vec<Question> {
    let controls = Control::ALL.map(|control| Question::new(control.purpose(), Hello::Built(control.offer())));
    let odd = odd_ones().map(|oddity| {
        let mut offer = oddity.control.offer();
        (oddity.make)(&mut offer);
        Question::new(oddity.name.replace('_', " "), Hello::Built(offer))
    });
    controls.into_iter().chain(odd).collect()
}

/// The oddities that have a question of their own: a hello without extensions is a control as well.
fn odd_ones() -> impl Iterator<Item = &'static Oddity> {
    ODDITIES.iter().filter(|oddity| oddity.name != "no_extensions")
}

impl Probe for Tolerance {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        if answers.is_empty() { questions() } else { Vec::new() }
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        if answers.iter().all(Option::is_none) {
            note_missing(KEY, unasked, seen);
            return;
        }
        let control =
            |wanted: Control| Control::ALL.iter().position(|it| *it == wanted).and_then(|place| *answers.get(place)?);
        for oddity in ODDITIES {
            let place = odd_ones().position(|it| it.name == oddity.name).map(|place| place + Control::ALL.len());
            let odd = match place {
                Some(place) => answers.get(place).copied().flatten(),
                None => control(Control::NoExtensions),
            };
            let key = format!("{KEY}.{}", oddity.name);
            let (Some(odd), Some(control)) = (odd, control(oddity.control)) else {
                note_missing(&key, unasked, seen);
                continue;
            };
            let ids = [control.id, odd.id];
            let (state, why) = compare(odd, control, seen);
            match why {
                Some(why) => seen.could_not_tell(&key, &why, &ids),
                None => seen.rests_on(&key, &ids),
            }
            let toleration = Toleration {
                state,
                answer: odd.outcome.answer.kind().to_owned(),
                alert: alert(odd),
                length: odd.offer.length,
            };
            seen.tolerance.insert(oddity.name.to_owned(), toleration);
        }
    }
}

/// Whether the odd hello is tolerated, or why that could not be told.
fn compare(odd: &Exchange, control: &Exchange, seen: &Observations) -> (State, Option<String>) {
    let unsteady = seen.baseline.as_ref().is_some_and(|baseline| !baseline.steady);
    match (verdict(odd, seen, |_| true), verdict(control, seen, |_| true)) {
        (Verdict::Accepted, _) => (State::Tolerated, None),
        (Verdict::Refused, Verdict::Accepted) => (State::Refused, None),
        // Silence is how many fail that choke on a hello: where the same hello without the oddity is answered all the
        // time, it is the oddity's.
        (Verdict::Inconclusive(_), Verdict::Accepted) if !unsteady && is_silent(odd) => (State::Refused, None),
        (Verdict::Inconclusive(why), Verdict::Accepted) => (State::Inconclusive, Some(why)),
        (_, Verdict::Refused) => (State::NotApplicable, None),
        (_, Verdict::Inconclusive(why)) => {
            (State::Inconclusive, Some(format!("the same hello without it does not tell either: {why}")))
        }
    }
}

fn is_silent(exchange: &Exchange) -> bool {
    exchange.outcome.stage == Stage::Hello
        && matches!(exchange.outcome.answer, Answer::Timeout { received_bytes: 0, .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{accepted, alert};
    use crate::probe::testing::{cut_off, opening, run, silence};
    use crate::registry::NamedGroup;

    fn taken(id: usize) -> Exchange {
        accepted(id, ProtocolVersion::TLS1_2, CipherSuite(0xc030))
    }

    fn observed(server: impl Fn(&Question, &Offer, usize) -> Exchange) -> Observations {
        let (seen, connections) = run(&mut Tolerance, &opening(NamedGroup::X25519), server);
        assert_eq!((seen.tolerance.len(), connections), (ODDITIES.len(), ODDITIES.len() + 3));
        seen
    }

    #[test]
    fn oddities_are_sorted_each_is_odd_and_what_nobody_has_is_in_no_registry() {
        assert!(ODDITIES.windows(2).all(|pair| pair[0].name < pair[1].name));
        for oddity in ODDITIES {
            let mut offer = oddity.control.offer();
            (oddity.make)(&mut offer);
            assert_ne!(offer, oddity.control.offer(), "{}", oddity.name);
        }
        assert_eq!((UNKNOWN_SUITE.name(), UNKNOWN_EXTENSION.name(), UNKNOWN_VERSION.name()), (None, None, None));
    }

    #[test]
    fn more_suites_than_128_are_offered_and_no_signal_is_among_them() {
        let oddity = ODDITIES.iter().find(|oddity| oddity.name == "many_suites").unwrap();
        let mut offer = oddity.control.offer();
        (oddity.make)(&mut offer);
        assert_eq!(offer.cipher_suites.len(), MANY_SUITES);
        assert!(!offer.cipher_suites.contains(&CipherSuite::FALLBACK_SCSV));
    }

    #[test]
    fn a_server_that_takes_all_of_them_tolerates_all() {
        let seen = observed(|_, _, id| taken(id));
        assert!(seen.tolerance.values().all(|it| it.state == State::Tolerated));
    }

    #[test]
    fn a_refusal_or_silence_is_the_odditys_where_the_same_hello_without_it_is_taken_up() {
        let seen = observed(|question, _, id| match question.purpose.as_str() {
            "grease" => alert(id, 47),
            "hello of 384 bytes" => silence(id),
            _ => taken(id),
        });
        assert_eq!((seen.tolerance["grease"].state, seen.tolerance["grease"].alert), (State::Refused, Some(47)));
        assert_eq!(seen.tolerance["hello_of_384_bytes"].state, State::Refused);
        assert_eq!(seen.because["tolerance.grease"].len(), 2, "with the hello that it is compared with");
        assert_eq!(seen.tolerance["unknown_suite"].state, State::Tolerated);
    }

    #[test]
    fn nothing_is_blamed_where_the_same_hello_without_it_is_refused_too() {
        // No TLS 1.2.
        let seen = observed(|_, offer, id| {
            let is_modern = offer.extension(ExtensionType::SUPPORTED_VERSIONS).is_some();
            if is_modern { taken(id) } else { alert(id, 70) }
        });
        for name in ["no_extensions", "empty_extensions_block", "tls13_as_legacy_version", "future_legacy_version"] {
            assert_eq!(seen.tolerance[name].state, State::NotApplicable, "{name}");
        }
        assert!(seen.inconclusive.is_empty());
        let seen = observed(|_, _, id| silence(id));
        assert!(seen.tolerance.values().all(|it| it.state == State::Inconclusive));
        assert_eq!(cut_off(&Tolerance).inconclusive[0].what, "tolerance");
    }
}
