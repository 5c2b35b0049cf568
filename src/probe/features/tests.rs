use super::*;
use crate::outcome::testing::{accepted, alert, completed as complete};
use crate::outcome::{Answer, ConfirmedBy, ContentAnswer, Outcome, Stage};
use crate::probe::testing::{cut_off, is_tls13, opening, run, silence};

fn with(id: usize, change: impl Fn(&mut Server)) -> Exchange {
    let mut exchange = accepted(id, ProtocolVersion::TLS1_2, CipherSuite(0xc030));
    change(exchange.server.as_mut().unwrap());
    exchange
}

fn observed(server: impl Fn(&Question, &Offer, usize) -> Exchange) -> Observations {
    let (seen, connections) = run(&mut Features::default(), &opening(NamedGroup::X25519), server);
    assert_eq!(connections, 9);
    seen
}

fn state(seen: &Observations, name: &str) -> FeatureState {
    seen.extensions.get(name).unwrap_or_else(|| panic!("{name}")).state
}

/// A completed handshake of TLS 1.3 whose ticket allows so much early data.
fn tls13(id: usize, max_early_data: u32) -> Exchange {
    let mut exchange = complete(id, false, &[ResumeBy::Psk]);
    exchange.session.as_mut().unwrap().max_early_data = Some(max_early_data);
    let server = exchange.server.as_mut().unwrap();
    server.version = ProtocolVersion::TLS1_3;
    server.record_size_limit = Some(4096);
    exchange
}

#[test]
fn what_is_taken_up_is_supported_with_its_size() {
    let seen = observed(|question, offer, id| {
        if is_tls13(offer) {
            let mut exchange = tls13(id, 16384);
            exchange.server.as_mut().unwrap().ocsp_stapled = true;
            return exchange;
        }
        if offer.cipher_suites.contains(&CipherSuite::FALLBACK_SCSV) {
            return alert(id, 86);
        }
        with(id, |server| {
            let extensions =
                [ExtensionType::RENEGOTIATION_INFO, ExtensionType::SESSION_TICKET, ExtensionType::HEARTBEAT];
            server.extensions = [extensions.as_slice(), &[ExtensionType::ENCRYPT_THEN_MAC]].concat();
            server.ocsp_stapled = true;
            server.compression_method = u8::from(question.purpose == "compression");
            server.max_fragment_length = (question.purpose == "max_fragment_length").then_some(4);
            server.record_size_limit = Some(1024);
        })
    });
    assert_eq!(seen.extensions.len(), ROWS.len());
    for (name, feature) in &seen.extensions {
        assert_eq!(feature.state, FeatureState::Supported, "{name}");
    }
    let value = |name: &str| seen.extensions[name].value;
    assert_eq!(value("max_fragment_length"), Some(4096));
    assert_eq!((value("record_size_limit"), value("record_size_limit_tls13")), (Some(1024), Some(4096)));
    assert_eq!(value("early_data"), Some(16384));
}

#[test]
fn what_is_passed_over_is_not_supported() {
    let seen = observed(|_, offer, id| if is_tls13(offer) { tls13(id, 0) } else { with(id, |_| {}) });
    for name in ["secure_renegotiation", "encrypt_then_mac", "compression", "early_data", "fallback_scsv"] {
        assert_eq!(state(&seen, name), FeatureState::NotSupported, "{name}");
    }
    assert_eq!(state(&seen, "session_ticket_tls13"), FeatureState::Supported);
}

#[test]
fn what_is_refused_is_the_extensions_fault_only_where_the_hello_without_it_is_taken_up() {
    let seen = observed(|question, _, id| match question.purpose.as_str() {
        "heartbeat" | "encrypt_then_mac" => alert(id, 40),
        _ => with(id, |_| {}),
    });
    assert_eq!(state(&seen, "heartbeat"), FeatureState::Refused);
    assert_eq!(state(&seen, "encrypt_then_mac"), FeatureState::NotApplicable);
    assert_eq!(state(&seen, "early_data"), FeatureState::NotApplicable, "TLS 1.2 answered");

    let seen = observed(|_, offer, id| if is_tls13(offer) { tls13(id, 0) } else { alert(id, 70) });
    for name in ["heartbeat", "secure_renegotiation", "encrypt_then_mac", "fallback_scsv"] {
        assert_eq!(state(&seen, name), FeatureState::NotApplicable, "{name}");
    }
    assert!(seen.inconclusive.is_empty());
}

#[test]
fn silence_is_open() {
    let seen = observed(|_, _, id| silence(id));
    assert!(seen.extensions.values().all(|feature| feature.state == FeatureState::Inconclusive));
    assert_eq!(seen.inconclusive.len(), ROWS.len());
    assert_eq!(cut_off(&Features::default()).inconclusive[0].what, "extensions");
}

#[test]
fn a_handshake_that_ends_before_its_ticket_tells_nothing_of_early_data() {
    let seen = observed(|_, offer, id| {
        let mut exchange = with(id, |_| {});
        if is_tls13(offer) {
            exchange.server.as_mut().unwrap().version = ProtocolVersion::TLS1_3;
        }
        exchange
    });
    assert_eq!(state(&seen, "early_data"), FeatureState::Inconclusive);
    assert_eq!(state(&seen, "record_size_limit_tls13"), FeatureState::Inconclusive);
}

#[test]
fn without_a_version_below_there_is_nothing_to_fall_back_to() {
    let mut opening = opening(NamedGroup::X25519);
    opening.server = None;
    let mut probe = Features::default();
    assert!(probe.hears_of(&opening));
    assert_eq!(probe.ask(&[]).len(), 7);
}

#[test]
fn silence_behind_the_handshake_tells_of_no_ticket_and_an_answer_without_one_does() {
    let behind = |confirmed_by: ConfirmedBy| {
        let answer = Answer::Completed { received_bytes: 1, resumed: false, confirmed_by, status_line: None };
        Outcome::new(Stage::Handshake, answer)
    };
    let observed_with = |content: Option<ConfirmedBy>| {
        observed(|question, offer, id| {
            assert_eq!(question.finish.as_ref().is_some_and(|it| it.ask_for_content), is_tls13(offer));
            if !is_tls13(offer) {
                return with(id, |_| {});
            }
            let mut exchange = Exchange { session: None, ..tls13(id, 0) };
            exchange.outcome = behind(ConfirmedBy::Silence);
            exchange.content = content.map(|by| Box::new(ContentAnswer::of(behind(by), b"HTTP/1.1 200 OK\r\n\r\n")));
            exchange
        })
    };
    for (content, expected) in [
        (None, FeatureState::Inconclusive),
        (Some(ConfirmedBy::Silence), FeatureState::Inconclusive),
        (Some(ConfirmedBy::ApplicationData), FeatureState::NotSupported),
    ] {
        let seen = observed_with(content);
        for name in ["session_ticket_tls13", "early_data"] {
            assert_eq!(state(&seen, name), expected, "{name} {content:?}");
        }
        assert_eq!(state(&seen, "ocsp_stapling_tls13"), FeatureState::NotSupported, "that shows before");
    }
}
