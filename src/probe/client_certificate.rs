//! Whether the server asks who we are: in its first handshake, when something is asked of it, or where a session is
//! resumed. What the answers tell of the first two is read with every other exchange's (`certificate_request`).

use super::finished::{for_sessions, is_completed, left_session, offer_up_to};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::Observations;
use crate::offer::{ExtensionOffer, Offer};
use crate::outcome::{Answer, ConfirmedBy, ContentAnswer, Exchange};
use crate::question::{Finish, Question, Resume, ResumeBy};
use crate::registry::{ExtensionType, ProtocolVersion};
use crate::wire::extension::Extension;

pub(super) struct ClientCertificate;

/// The name under which the observation stands.
const KEY: &str = "certificate_request";

/// How many questions go before those that resume.
const FIRST: usize = 2;

/// What the sessions of the first answers can be named by, in their order.
const BY: [ResumeBy; FIRST] = [ResumeBy::Ticket, ResumeBy::Psk];

impl Probe for ClientCertificate {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        let question = |purpose: &str, by: ResumeBy, resume: Option<Resume>| {
            let finish = Finish { ask_for_content: true, resume, ..Finish::default() };
            Question::finished(format!("client certificate, {purpose}"), offer(by), finish)
        };
        match answers.len() {
            0 => vec![question("TLS 1.2", ResumeBy::Ticket, None), question("TLS 1.3", ResumeBy::Psk, None)],
            FIRST => {
                sessions(answers).map(|(exchange, by)| question("resumed", by, Some(Resume { exchange, by }))).collect()
            }
            _ => Vec::new(),
        }
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        if answers.contains(&None) || answers.is_empty() {
            note_missing(KEY, unasked, seen);
        }
        let (first, resumed) = answers.split_at(answers.len().min(FIRST));
        let asked = |exchange: &&Exchange| {
            exchange.certificate_request.is_some() || exchange.late_certificate_request.is_some()
        };
        let resumed: Vec<&Exchange> = resumed.iter().copied().flatten().collect();
        let again: Vec<&Exchange> = resumed.iter().copied().filter(asked).collect();
        // Whoever asks late may need longer than was waited.
        let is_silent = |exchange: &&Exchange| !asked(exchange) && exchange.content.as_deref().is_some_and(is_silence);
        let silent: Vec<usize> =
            first.iter().copied().flatten().filter(is_silent).map(|exchange| exchange.id).collect();
        if !silent.is_empty() && !answers.iter().copied().flatten().any(|exchange| asked(&exchange)) {
            seen.could_not_tell(&format!("{KEY}.late"), "nothing came in answer to a request over HTTP", &silent);
        }
        let Some(seen_request) = &mut seen.certificate_request else { return };
        if !again.is_empty() {
            seen_request.on_resumption = Some(true);
            if !first.iter().copied().flatten().any(|exchange| asked(&exchange)) {
                seen_request.when = Some("resumption".to_owned());
            }
        } else if resumed.iter().any(|exchange| is_completed(exchange)) {
            seen_request.on_resumption = Some(false);
        }
    }
}

fn is_silence(content: &ContentAnswer) -> bool {
    let answer = &content.outcome.answer;
    matches!(answer, Answer::Timeout { .. } | Answer::Completed { confirmed_by: ConfirmedBy::Silence, .. })
}

/// TLS 1.2 for a ticket, TLS 1.3 for a PSK, each ready to be asked late.
fn offer(by: ResumeBy) -> Offer {
    if by != ResumeBy::Psk {
        return for_sessions(offer_up_to(ProtocolVersion::TLS1_2), by);
    }
    let mut offer = Offer::for_version(ProtocolVersion::TLS1_3);
    let ready = Extension::Other(ExtensionType::POST_HANDSHAKE_AUTH, Vec::new());
    offer.put_extension(ExtensionOffer::Exactly(ready));
    offer
}

/// The first exchanges that left a session, and what to name it by.
fn sessions(answers: &Answers<'_>) -> impl Iterator<Item = (usize, ResumeBy)> {
    let named = answers.iter().zip(BY).filter_map(|(exchange, by)| Some(((*exchange)?, by)));
    named.filter(|(exchange, by)| left_session(exchange, *by)).map(|(exchange, by)| (exchange.id, by))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::CertificateRequest;
    use crate::outcome::CertificateRequested;
    use crate::outcome::testing::completed;

    fn asked(exchange: Exchange) -> Exchange {
        let request = CertificateRequested {
            certificate_types: Vec::new(),
            signature_schemes: Vec::new(),
            authorities: Vec::new(),
            certificate_sent: Some(false),
        };
        Exchange { certificate_request: Some(request), ..exchange }
    }

    fn read(exchanges: &[Exchange]) -> CertificateRequest {
        let mut seen = Observations::default();
        super::super::certificate_request::read(exchanges, &mut seen);
        let answers: Vec<_> = exchanges.iter().map(Some).collect();
        ClientCertificate.read(&answers, &Unasked::Pointless, &mut seen);
        seen.certificate_request.unwrap()
    }

    #[test]
    fn every_session_that_was_left_is_named_once() {
        let exchanges = [completed(1, false, &[ResumeBy::Ticket]), completed(2, false, &[])];
        let answers: Vec<_> = exchanges.iter().map(Some).collect();
        let questions = ClientCertificate.ask(&answers);
        assert_eq!(questions.len(), 1);
        assert_eq!(questions[0].resume(), Some(Resume { exchange: 1, by: ResumeBy::Ticket }));
        assert!(ClientCertificate.ask(&[answers, vec![None]].concat()).is_empty());
    }

    #[test]
    fn a_request_with_the_resumption_alone_is_told_apart() {
        let plain = |id| completed(id, false, &[ResumeBy::Ticket]);
        let seen = read(&[plain(1), plain(2), asked(plain(3))]);
        assert_eq!((seen.when.as_deref(), seen.on_resumption), (Some("resumption"), Some(true)));
        let seen = read(&[asked(plain(1)), plain(2), asked(plain(3))]);
        assert_eq!((seen.when.as_deref(), seen.on_resumption), (Some("first_handshake"), Some(true)));
        let seen = read(&[asked(plain(1)), plain(2), plain(3)]);
        assert_eq!((seen.when.as_deref(), seen.on_resumption), (Some("first_handshake"), Some(false)));
        assert_eq!(read(&[plain(1), plain(2)]).on_resumption, None);
    }
}
