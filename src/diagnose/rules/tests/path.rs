//! What happens on the way to an endpoint, and what an endpoint does to any client.

use super::*;
use crate::outcome::{ResolveFailure, TcpState};
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
}

#[test]
fn a_missing_extended_master_secret_is_told_of_what_was_offered_it() {
    let id = "extended-master-secret-not-echoed";
    let case = |offered: bool, echoed: bool, version| {
        let mut case = sws();
        let exchange = &mut case.report.exchanges[0];
        exchange.offer.extensions = offered.then_some(ExtensionType::EXTENDED_MASTER_SECRET).into_iter().collect();
        let server = exchange.server.as_mut().unwrap();
        (server.extended_master_secret, server.version) = (echoed, version);
        case
    };
    case(true, false, TLS1_2).speaks(id);
    case(true, true, TLS1_2).is_silent(id);
    case(false, false, TLS1_2).is_silent(id);
    case(true, false, ProtocolVersion::TLS1_3).is_silent(id);
}
