//! What an answer says of the suites that were offered.

use super::round::Round;
use crate::outcome::{AfterAlert, Answer, Choice, Exchange, Stage};

/// `protocol_version` (RFC 5246 §7.2.2).
const PROTOCOL_VERSION: u8 = 70;

/// What an answer says of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// The server chose this suite.
    Chose(usize),
    /// It chose this suite, and went no further, for this reason.
    Broke(usize, String),
    /// Nothing of it is accepted.
    Refused {
        /// Kind of the outcome.
        kind: &'static str,
        /// The alert's code, if it is one.
        code: Option<u8>,
        /// Whether it is the version that was refused.
        ends_version: bool,
    },
    /// The server chose what was not offered.
    Strange(String),
    /// It does not tell, for this reason.
    Nothing(String),
}

impl Said {
    /// Reads the answer to a hello that offered these suites of the round's version.
    pub(super) fn of(exchange: &Exchange, round: &Round, suites: &[usize]) -> Self {
        let outcome = &exchange.outcome;
        let kind = outcome.answer.kind();
        if outcome.ended_at_the_proxy() {
            return Self::Nothing(format!("{kind} at the proxy"));
        }
        if let Some(server) = &exchange.server {
            if server.not_offered.contains(&Choice::Version) {
                return Self::Strange(format!("the server chose {}, which was not offered", server.version.spoken()));
            }
            if server.version != round.version {
                return Self::Refused { kind, code: None, ends_version: true };
            }
            let chosen = round.place(server.cipher_suite.code).filter(|place| suites.contains(place));
            let Some(chosen) = chosen.filter(|_| !server.not_offered.contains(&Choice::CipherSuite)) else {
                let name = &server.cipher_suite.name;
                return Self::Strange(format!("the server chose {name}, which was not offered"));
            };
            return if outcome.answer.accepts() {
                Self::Chose(chosen)
            } else {
                Self::Broke(chosen, format!("{kind} after the ServerHello"))
            };
        }
        match &outcome.answer {
            _ if outcome.stage != Stage::Hello => Self::Nothing(format!("{kind} at {}", outcome.stage.word())),
            Answer::Alert { level, then: AfterAlert::Open, .. } if level == "warning" => {
                Self::Nothing("a warning alert, and nothing more".to_owned())
            }
            Answer::Alert { code, .. } => {
                Self::Refused { kind, code: Some(*code), ends_version: *code == PROTOCOL_VERSION }
            }
            Answer::Reset { received_bytes: 0, .. } | Answer::Fin { received_bytes: 0, .. } => {
                Self::Refused { kind, code: None, ends_version: false }
            }
            Answer::Reset { .. } | Answer::Fin { .. } => Self::Nothing(format!("{kind} in the middle of an answer")),
            _ => Self::Nothing(kind.to_owned()),
        }
    }
}
