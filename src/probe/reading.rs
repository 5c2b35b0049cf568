//! What one exchange says about the offer it carried.

use crate::handshake::SHARE_GROUPS;
use crate::observation::Observations;
use crate::offer::{ExtensionOffer, Offer};
use crate::outcome::{AfterAlert, Answer, Choice, Exchange, Server, Stage};
use crate::registry::{ExtensionType, NamedGroup};
use crate::wire::extension::Extension;

/// What an exchange says about its offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted,
    Refused,
    Inconclusive(String),
}

/// Reads one exchange. `is_wanted` tells whether the server's choice is the one that was asked about; any other
/// choice refuses what was asked, for only one thing was.
pub(super) fn verdict(exchange: &Exchange, seen: &Observations, is_wanted: impl Fn(&Server) -> bool) -> Verdict {
    let outcome = &exchange.outcome;
    let answer = &outcome.answer;
    match answer {
        // Whatever a proxy says instead of a tunnel, the endpoint has not seen the offer.
        _ if outcome.ended_at_the_proxy() => Verdict::Inconclusive(format!("{} at the proxy", answer.kind())),
        Answer::ServerHello { .. } | Answer::HelloRetryRequest { .. } | Answer::Completed { .. } => match &exchange
            .server
        {
            Some(server) if server.not_offered.contains(&Choice::Version) => {
                Verdict::Inconclusive(format!("the server chose {}, which was not offered", server.version.spoken()))
            }
            Some(server) if server.not_offered.contains(&Choice::CipherSuite) => {
                Verdict::Inconclusive(format!("the server chose {}, which was not offered", server.cipher_suite.name))
            }
            Some(server) if is_wanted(server) => Verdict::Accepted,
            Some(_) => Verdict::Refused,
            None => Verdict::Inconclusive(answer.kind().to_owned()),
        },
        _ if outcome.stage == Stage::Handshake => {
            Verdict::Inconclusive(format!("{} after the ServerHello", answer.kind()))
        }
        Answer::Alert { level, then: AfterAlert::Open, .. } if level == "warning" => {
            Verdict::Inconclusive("a warning alert, and nothing more".to_owned())
        }
        Answer::Alert { .. } => Verdict::Refused,
        Answer::Reset { received_bytes, .. } | Answer::Fin { received_bytes, .. } if outcome.stage == Stage::Hello => {
            if *received_bytes > 0 {
                Verdict::Inconclusive(format!("{} in the middle of an answer", answer.kind()))
            } else if seen.baseline.as_ref().is_some_and(|baseline| !baseline.steady) {
                // Closing and resetting is also what an endpoint does that has had enough of us.
                Verdict::Inconclusive(format!("{}, and the endpoint stopped answering during the run", answer.kind()))
            } else {
                Verdict::Refused
            }
        }
        answer => Verdict::Inconclusive(answer.kind().to_owned()),
    }
}

/// The group in which an exchange agreed on keys, or was to.
pub(super) fn group_of(exchange: &Exchange) -> Option<NamedGroup> {
    exchange.server.as_ref()?.key_exchange.as_ref()?.group
}

/// An offer of TLS 1.3 with a key share of this group, which the server is known to take: what it then sends encrypted
/// can be read. The offer stays as it is where no share can be made, or no group is known.
pub(super) fn keys_for(mut offer: Offer, group: Option<NamedGroup>) -> Offer {
    if let Some(group) = group.filter(|group| SHARE_GROUPS.contains(group)) {
        let groups = match offer.extension(ExtensionType::SUPPORTED_GROUPS) {
            Some(ExtensionOffer::Exactly(Extension::SupportedGroups(groups))) if !groups.contains(&group) => {
                [&[group], groups.as_slice()].concat()
            }
            _ => Vec::new(),
        };
        if !groups.is_empty() {
            offer.put_extension(ExtensionOffer::Exactly(Extension::SupportedGroups(groups)));
        }
        offer.put_extension(ExtensionOffer::KeyShare(vec![group]));
    }
    offer
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::observation::Baseline;
    use crate::outcome::testing::{accepted, alert, ended};
    use crate::registry::{CipherSuite, ProtocolVersion};

    const SUITE: CipherSuite = CipherSuite(0xc030);

    fn read(exchange: &Exchange) -> Verdict {
        let wanted = |server: &Server| server.version == ProtocolVersion::TLS1_2;
        verdict(exchange, &Observations::default(), wanted)
    }

    fn reset(received_bytes: usize) -> Answer {
        Answer::Reset { received_bytes, after_ms: 21.0 }
    }

    #[test]
    fn the_wanted_choice_is_accepted_and_another_one_refuses() {
        assert_eq!(read(&accepted(1, ProtocolVersion::TLS1_2, SUITE)), Verdict::Accepted);
        assert_eq!(read(&accepted(1, ProtocolVersion::TLS1_1, SUITE)), Verdict::Refused);
    }

    #[test]
    fn a_choice_that_was_not_offered_proves_nothing() {
        let chosen = |versions: &[ProtocolVersion], legacy_version, suite| {
            let mut exchange = accepted(1, ProtocolVersion::TLS1_2, SUITE);
            Arc::make_mut(&mut exchange.offer).cipher_suites = vec![suite];
            Arc::make_mut(&mut exchange.offer).legacy_version = Some(legacy_version);
            Arc::make_mut(&mut exchange.offer).supported_versions = versions.to_vec();
            let offer = exchange.offer.clone();
            exchange.server.as_mut().unwrap().compare_with(&offer);
            read(&exchange)
        };
        let (tls10, tls12, tls13) = (ProtocolVersion::TLS1_0, ProtocolVersion::TLS1_2, ProtocolVersion::TLS1_3);
        assert!(
            matches!(chosen(&[], tls12, CipherSuite(0x002f)), Verdict::Inconclusive(why) if why.contains("TLS_ECDHE"))
        );
        assert!(matches!(chosen(&[], tls10, SUITE), Verdict::Inconclusive(why) if why.contains("TLS 1.2")));
        assert_eq!(chosen(&[], tls12, SUITE), Verdict::Accepted);
        // A server that does not know supported_versions goes by legacy_version.
        assert_eq!(chosen(&[tls13], tls12, SUITE), Verdict::Accepted);
    }

    #[test]
    fn alert_reset_and_fin_to_a_hello_refuse_it() {
        assert_eq!(read(&alert(1, 40)), Verdict::Refused);
        assert_eq!(read(&ended(1, Stage::Hello, reset(0))), Verdict::Refused);
        assert_eq!(read(&ended(1, Stage::Hello, Answer::Fin { received_bytes: 0, after_ms: 1.0 })), Verdict::Refused);
    }

    #[test]
    fn silence_is_inconclusive_not_a_refusal() {
        let silence =
            Answer::Timeout { waiting_for: "ServerHello".into(), received_bytes: 0, after_ms: 10e3, tcp: None };
        assert_eq!(read(&ended(1, Stage::Hello, silence)), Verdict::Inconclusive("timeout".into()));
    }

    #[test]
    fn an_error_is_never_a_no() {
        for answer in [
            Answer::Refused { after_ms: 1.0 },
            Answer::Unreachable { error: "no route to host".into() },
            Answer::NotTls { first_bytes: String::new(), looks_like: None },
            Answer::Malformed { field: "record.length".into(), offset: 3, expected: "at most 18432".into() },
        ] {
            assert!(matches!(read(&ended(1, Stage::Connect, answer)), Verdict::Inconclusive(_)));
        }
        assert!(matches!(read(&ended(1, Stage::Connect, reset(0))), Verdict::Inconclusive(_)));
    }

    #[test]
    fn what_ends_at_the_proxy_says_nothing_of_the_endpoint() {
        for answer in [alert(1, 40).outcome.answer, reset(0), Answer::Fin { received_bytes: 0, after_ms: 1.0 }] {
            let why = format!("{} at the proxy", answer.kind());
            assert_eq!(read(&ended(1, Stage::Proxy, answer)), Verdict::Inconclusive(why));
        }
    }

    #[test]
    fn an_end_in_the_middle_of_an_answer_is_inconclusive() {
        assert!(matches!(read(&ended(1, Stage::Hello, reset(7))), Verdict::Inconclusive(_)));
        assert!(matches!(read(&ended(1, Stage::Handshake, reset(900))), Verdict::Inconclusive(_)));
        let mut alert = alert(1, 80);
        alert.outcome.stage = Stage::Handshake;
        assert!(matches!(read(&alert), Verdict::Inconclusive(_)));
    }

    #[test]
    fn a_reset_is_inconclusive_where_the_endpoint_stopped_answering() {
        let baseline = Baseline { opening: "server_hello".into(), closing: Some("reset".into()), steady: false };
        let seen = Observations { baseline: Some(baseline), ..Observations::default() };
        let reset = ended(3, Stage::Hello, reset(0));
        assert!(matches!(verdict(&reset, &seen, |_| true), Verdict::Inconclusive(why) if why.contains("stopped")));
        assert_eq!(verdict(&alert(3, 70), &seen, |_| true), Verdict::Refused);
    }
}
