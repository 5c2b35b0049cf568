//! What happens on the way to an endpoint, and what an endpoint does to any client.

use std::sync::Arc;

use super::*;
use crate::machine::{Fact, Source};
use crate::observation::{Baseline, HelloSize, HelloSplit, Refusal, Variation};
use crate::outcome::testing::alert;
use crate::outcome::{KeyExchange, ResolveFailure, TcpState};
use crate::plan::RouteKind;
use crate::registry::ExtensionType;

#[test]
fn a_swallowed_hello_tells_whether_it_was_acknowledged() {
    let id = "hello-unanswered";
    let silence = |unacked| {
        let tcp = Some(TcpState { unacked, retransmits: unacked });
        let answer = Answer::Timeout { waiting_for: "ServerHello".into(), received_bytes: 0, after_ms: 10e3, tcp };
        sws().only(answer, Stage::Hello)
    };
    assert!(silence(0).speaks(id).why.contains("were acknowledged"));
    assert!(silence(1).speaks(id).why.contains("never acknowledged"));
    silence(0).at("fe2").is_silent(id);
    sws().is_silent(id);
}

#[test]
fn an_endpoint_that_was_not_reached_is_told_by_what_failed() {
    let id = "endpoint-not-reached";
    let unresolved = |reason| sws().only(Answer::NameNotResolved { reason }, Stage::Resolve);
    assert!(unresolved(ResolveFailure::Nxdomain).speaks(id).why.contains("does not exist"));
    assert!(unresolved(ResolveFailure::Timeout).speaks(id).why.contains("did not answer"));
    sws().only(Answer::Refused { after_ms: 1.0 }, Stage::Connect).speaks(id);
    sws().only(Answer::Refused { after_ms: 1.0 }, Stage::Connect).at("sws1").is_silent(id);
    sws().only(RESET, Stage::Hello).is_silent(id);
}

#[test]
fn a_reset_sooner_than_a_round_trip_is_not_the_endpoints() {
    let id = "reset-on-the-path";
    let with_reset = |after_ms| {
        let mut case = sws();
        let answer = Answer::Reset { received_bytes: 0, after_ms };
        case.report.exchanges.push(ended(2, Stage::Hello, answer));
        case
    };
    assert_eq!(with_reset(3.0).speaks(id).because, [2]);
    with_reset(21.0).is_silent(id);
    let mut near = with_reset(0.1);
    near.report.exchanges[0].timing_ms.connect = Some(0.4);
    near.is_silent(id);
    let mut busy = with_reset(3.0);
    busy.report.exchanges[1].timing_ms.connect = Some(41.0);
    busy.is_silent(id);
}

#[test]
fn through_a_proxy_the_time_is_measured_that_the_proxy_takes_to_the_endpoint() {
    let id = "reset-on-the-path";
    let with_fin = |after_ms, tunnel_ms| {
        let mut case = sws();
        case.report.route.kind = RouteKind::HttpConnect;
        case.report.exchanges[0].timing_ms.connect = Some(0.2);
        case.report.exchanges[0].timing_ms.proxy = Some(tunnel_ms);
        case.report.exchanges.push(ended(2, Stage::Hello, Answer::Fin { received_bytes: 0, after_ms }));
        case
    };
    assert!(with_fin(3.0, 40.0).speaks(id).why.contains("the proxy takes 40.0 ms"));
    with_fin(39.0, 40.0).is_silent(id);
    with_fin(0.1, 1.0).is_silent(id);
    let mut direct = with_fin(3.0, 40.0);
    direct.report.route.kind = RouteKind::Direct;
    direct.report.exchanges[0].timing_ms.connect = Some(40.0);
    direct.is_silent(id);
}

#[test]
fn what_a_proxy_acknowledged_says_nothing_of_the_endpoint() {
    let mut case = sws().only(silence(), Stage::Hello);
    case.report.route.kind = RouteKind::Socks5;
    assert!(case.speaks("hello-unanswered").why.contains("only the proxy knows"));
}

#[test]
fn a_missing_extended_master_secret_is_told_of_what_was_offered_it() {
    let id = "extended-master-secret-not-echoed";
    let case = |offered: bool, echoed: bool, version| {
        let mut case = sws();
        let exchange = &mut case.report.exchanges[0];
        Arc::make_mut(&mut exchange.offer).extensions =
            offered.then_some(ExtensionType::EXTENDED_MASTER_SECRET).into_iter().collect();
        let server = exchange.server.as_mut().unwrap();
        (server.extended_master_secret, server.version) = (echoed, version);
        case
    };
    assert!(case(true, false, TLS1_2).speaks(id).why.starts_with("TLS 1.2 was agreed without it"));
    let enforcing = |value| {
        let source = Source::Option("KB4520007".to_owned());
        Machine { extended_master_secret_enforced: Some(Fact { value, source }), ..Machine::default() }
    };
    assert!(case(true, false, TLS1_2).on([enforcing(true)]).speaks(id).why.contains("enforces it (KB4520007)"));
    assert!(case(true, false, TLS1_2).on([os("2016")]).speaks(id).why.contains("is not known"));
    let mut dhe = case(true, false, TLS1_2);
    let key_exchange =
        KeyExchange { kind: "dhe".to_owned(), group: None, bits: Some(2048), prime: None, signature_scheme: None };
    dhe.report.exchanges[0].server.as_mut().unwrap().key_exchange = Some(key_exchange);
    assert!(dhe.speaks(id).why.contains("one handshake in 256"));
    case(true, true, TLS1_2).is_silent(id);
    case(false, false, TLS1_2).is_silent(id);
    case(true, false, ProtocolVersion::TLS1_3).is_silent(id);
}

/// A case whose baseline ended so, and hellos that differ from it in one thing.
fn refused(whole: &Answer, without_server_name: &Answer, small: &Answer, padded: Option<&Answer>) -> Built {
    let mut case = sws();
    let answers = [Some(whole), Some(without_server_name), Some(small), padded];
    let exchanges = answers.into_iter().flatten().zip(1..);
    case.report.exchanges = exchanges.map(|(answer, id)| ended(id, Stage::Hello, answer.clone())).collect();
    Arc::make_mut(&mut case.report.exchanges[0].offer).server_name = Some("sws.update.microsoft.com".to_owned());
    let variation = |exchange: usize, answer: &Answer| Variation {
        length: 317,
        answer: answer.kind().to_owned(),
        state: match answer {
            Answer::ServerHello { .. } => Support::Accepted,
            Answer::Timeout { .. } => Support::Inconclusive,
            _ => Support::Refused,
        },
        exchange,
    };
    let kind = || whole.kind().to_owned();
    case.report.observations.baseline = Some(Baseline { opening: kind(), closing: Some(kind()), steady: true });
    case.report.observations.refusal = Some(Refusal {
        whole: variation(1, whole),
        without_server_name: Some(variation(2, without_server_name)),
        small: Some(variation(3, small)),
        padded: padded.map(|padded| variation(4, padded)),
    });
    case
}

const GOOD: Answer = Answer::ServerHello { received_bytes: 100, not_finished: None };
const FIN: Answer = Answer::Fin { received_bytes: 0, after_ms: 21.0 };

fn silence() -> Answer {
    Answer::Timeout { waiting_for: "ServerHello".into(), received_bytes: 0, after_ms: 10e3, tcp: None }
}

#[test]
fn a_hello_that_comes_through_without_its_name_is_refused_for_the_name() {
    let id = "hello-refused-by-name";
    let finding = refused(&RESET, &GOOD, &RESET, None).speaks(id);
    assert_eq!(finding.because, [1, 2]);
    assert!(finding.why.contains("sws.update.microsoft.com"), "{}", finding.why);
    refused(&silence(), &GOOD, &silence(), None).speaks(id);
    refused(&FIN, &alert(1, 112).outcome.answer, &FIN, None).speaks(id);
    refused(&RESET, &RESET, &RESET, None).is_silent(id);
    // The small hello has the name too: it is not the name, then.
    refused(&RESET, &GOOD, &GOOD, Some(&RESET)).is_silent(id);
    refused(&RESET, &GOOD, &RESET, None).at("fe2").is_silent(id);
    let mut passing = refused(&RESET, &GOOD, &RESET, None);
    passing.report.observations.baseline.as_mut().unwrap().closing = Some("server_hello".to_owned());
    passing.is_silent(id);
}

#[test]
fn a_small_hello_that_fails_when_it_is_padded_is_refused_for_its_length() {
    let id = "hello-refused-by-length";
    assert_eq!(refused(&silence(), &silence(), &GOOD, Some(&silence())).speaks(id).because, [1, 3, 4]);
    refused(&RESET, &GOOD, &GOOD, Some(&RESET)).speaks(id);
    // Padded it comes through: it was not the length.
    refused(&RESET, &RESET, &GOOD, Some(&GOOD)).is_silent(id);
    refused(&RESET, &RESET, &GOOD, Some(&silence())).is_silent(id);
    refused(&RESET, &RESET, &RESET, None).is_silent(id);
}

#[test]
fn where_no_hello_comes_through_it_is_no_part_of_it() {
    let id = "hello-refused";
    assert!(refused(&RESET, &RESET, &FIN, None).speaks(id).why.contains("none of them with a word of TLS"));
    let alerted = alert(1, 40).outcome.answer;
    assert!(refused(&alerted, &alerted, &RESET, None).speaks(id).why.contains("a TLS server is there"));
    refused(&RESET, &GOOD, &RESET, None).is_silent(id);
    refused(&silence(), &silence(), &silence(), None).is_silent(id);
    refused(&RESET, &RESET, &RESET, None).at("fe2").is_silent(id);
    sws().is_silent(id);
}

#[test]
fn a_size_from_which_hellos_are_lost_speaks_and_an_endpoint_that_takes_none_does_not() {
    let size = |split, answer: &str, changes_at: Option<usize>| HelloSize {
        split,
        x25519mlkem768: false,
        answer: answer.to_owned(),
        smallest: 317,
        largest: changes_at.map_or(16_384, |at| at - 1),
        changes_at,
        changes_to: changes_at.map(|_| "timeout".to_owned()),
    };
    let swept = |sizes: Vec<HelloSize>| {
        let mut built = sws();
        for (place, size) in sizes.iter().enumerate() {
            built.report.observations.rests_on(&size.key(), &[place + 2]);
        }
        built.report.observations.hello_size = sizes;
        built
    };
    let whole = |changes_at| size(HelloSplit::OneRecord, "server_hello", changes_at);
    let finding = swept(vec![whole(Some(513)), size(HelloSplit::Records, "reset", None)]).speaks("hello-size-limit");
    assert!(finding.why.contains("in one record, timeout from 513 bytes on; over records, reset at 317 bytes"));
    assert_eq!(finding.because, [2, 3]);
    swept(vec![whole(None), size(HelloSplit::Segments, "server_hello", None)]).is_silent("hello-size-limit");
    swept(vec![size(HelloSplit::OneRecord, "alert 40", None)]).is_silent("hello-size-limit");
}
