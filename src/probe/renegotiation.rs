//! Whether renegotiation is secure (RFC 5746), and whether a client may begin it.

use super::finished::{UP_TO_TLS12, offer_up_to};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{ClientInitiated, Observations, Renegotiation as Seen};
use crate::outcome::{Answer, Exchange, Outcome, Stage};
use crate::question::{Finish, Question};
use crate::registry::{AlertDescription, ExtensionType, ProtocolVersion};

pub(super) struct Renegotiation;

/// The name under which the observation stands.
const KEY: &str = "renegotiation";

impl Probe for Renegotiation {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        let [newest, ..] = UP_TO_TLS12;
        let finish = Finish { renegotiate: true, ..Finish::default() };
        let question = || Question::finished(KEY, offer_up_to(newest), finish);
        if answers.is_empty() { vec![question()] } else { Vec::new() }
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        let Some(exchange) = answers.first().copied().flatten() else {
            note_missing(KEY, unasked, seen);
            return;
        };
        let client_initiated = exchange.renegotiation.as_deref().map(became);
        if client_initiated == Some(ClientInitiated::Inconclusive) {
            let kind = exchange.renegotiation.as_ref().map_or("", |outcome| outcome.answer.kind());
            seen.could_not_tell("renegotiation.client_initiated", kind, &[exchange.id]);
        }
        seen.rests_on(KEY, &[exchange.id]);
        seen.renegotiation = Some(Seen {
            secure: indicated(exchange),
            client_initiated,
            alert: exchange.renegotiation.as_deref().and_then(alert),
        });
    }
}

/// Whether `renegotiation_info` came back.
fn indicated(exchange: &Exchange) -> Option<bool> {
    let server = exchange.server.as_ref().filter(|server| server.version <= ProtocolVersion::TLS1_2)?;
    Some(server.extensions.contains(&ExtensionType::RENEGOTIATION_INFO))
}

fn became(outcome: &Outcome) -> ClientInitiated {
    match &outcome.answer {
        Answer::Completed { .. } => ClientInitiated::Accepted,
        // It began another handshake, however that then ended.
        _ if outcome.stage == Stage::Handshake => ClientInitiated::Accepted,
        // A network that stalls is silent too.
        Answer::Timeout { tcp: Some(tcp), .. } if tcp.unacked > 0 => ClientInitiated::Inconclusive,
        Answer::Timeout { received_bytes, .. } if *received_bytes > 0 => ClientInitiated::Inconclusive,
        Answer::Alert { code, .. } if *code == AlertDescription::NO_RENEGOTIATION.0 => ClientInitiated::NoRenegotiation,
        Answer::Alert { .. } => ClientInitiated::Alert,
        Answer::Fin { .. } | Answer::Reset { .. } => ClientInitiated::Closed,
        Answer::Timeout { .. } => ClientInitiated::Ignored,
        _ => ClientInitiated::Inconclusive,
    }
}

fn alert(outcome: &Outcome) -> Option<u8> {
    match outcome.answer {
        Answer::Alert { code, .. } => Some(code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Stage;
    use crate::outcome::testing::{alert as refused_by, completed};

    fn read(exchange: &Exchange) -> Seen {
        let mut seen = Observations::default();
        Renegotiation.read(&[Some(exchange)], &Unasked::Pointless, &mut seen);
        seen.renegotiation.unwrap()
    }

    #[test]
    fn each_end_of_a_renegotiation_has_its_name() {
        let after = |answer: Answer| {
            let mut exchange = completed(1, false, &[]);
            exchange.renegotiation = Some(Box::new(Outcome::new(Stage::Hello, answer)));
            let told = read(&exchange);
            (told.client_initiated.unwrap(), told.alert)
        };
        let by_alert = |code| refused_by(1, code).outcome.answer;
        assert_eq!(after(by_alert(100)), (ClientInitiated::NoRenegotiation, Some(100)));
        assert_eq!(after(by_alert(40)), (ClientInitiated::Alert, Some(40)));
        assert_eq!(after(completed(1, false, &[]).outcome.answer), (ClientInitiated::Accepted, None));
        let fin = Answer::Fin { received_bytes: 0, after_ms: 1.0 };
        assert_eq!(after(fin), (ClientInitiated::Closed, None));
    }

    #[test]
    fn without_a_connection_there_is_nothing_to_begin_it_on() {
        assert_eq!(read(&refused_by(1, 70)), Seen::default());
    }

    #[test]
    fn the_indication_is_that_of_the_server_hello() {
        let mut exchange = completed(1, false, &[]);
        assert_eq!(read(&exchange).secure, Some(false));
        exchange.server.as_mut().unwrap().extensions.push(ExtensionType::RENEGOTIATION_INFO);
        assert_eq!(read(&exchange).secure, Some(true));
    }
}
