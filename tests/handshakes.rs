//! What only completed handshakes show: every fault of the lab's servers is found by the rule for it, and none is found in
//! those that are sound.

#![expect(clippy::unwrap_used, reason = "so a test fails, and says why")]

use std::collections::BTreeSet;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use time::OffsetDateTime;
use tlsprobe::check::{Ran, Settings, Surroundings, scan};
use tlsprobe::lab::{self, Lab};
use tlsprobe::observation::{
    ClientInitiated, Compliance, Failed, FeatureState, FtpData, MasterSecretDerivation, Observations, ResumptionCell,
    SessionReuse, TransferResult, ZeroVerdict,
};
use tlsprobe::outcome::Answer;
use tlsprobe::plan::{PARTS, Part, Waits};
use tlsprobe::question::ResumeBy;
use tlsprobe::report::Report;
use tlsprobe::survey::{Context, Stop};
use tlsprobe::target::{ConnectTo, FTPS_PORT, Target};
use tlsprobe::wire::handshake::HandshakeType;

/// Short, for nothing here is ever silent but a server that has no objection.
fn waits() -> Waits {
    Waits { finished: Duration::from_millis(150), exchange: Duration::from_secs(10), ..Waits::default() }
}

/// What is found of one endpoint of the lab.
async fn scanned(lab: &Lab, name: &str, parts: &[&str], max_connections: Option<usize>) -> Report {
    scanned_at(lab, name, 443, parts, max_connections, waits()).await
}

/// The same as if it were on this port.
async fn scanned_at(
    lab: &Lab,
    name: &str,
    port: u16,
    parts: &[&str],
    max_connections: Option<usize>,
    waits: Waits,
) -> Report {
    let endpoint = lab.find(name).unwrap();
    let target = Target { port, ..endpoint.host.parse().unwrap() };
    let settings = Settings {
        connect_to: vec![ConnectTo::address(target.host.clone(), endpoint.address)],
        waits,
        evidence: true,
        parallel: Some(8),
        max_connections,
        ..Settings::default()
    };
    let parts: Vec<Part> = PARTS.iter().filter(|part| parts.contains(&part.name)).copied().collect();
    let (_stopper, stop) = Stop::new();
    let context = Context::new(None, StdRng::seed_from_u64(1), stop);
    let Ran { mut reports, failure } =
        scan(&[target], &parts, &settings, &Surroundings { context, now: OffsetDateTime::now_utc() }).await;
    assert!(failure.is_none(), "{failure:?}");
    reports.remove(0)
}

async fn start_lab() -> Lab {
    Lab::start(&lab::Settings::new(OffsetDateTime::now_utc(), [9; 32])).await.unwrap()
}

fn findings(report: &Report) -> BTreeSet<&str> {
    report.findings.iter().map(|finding| finding.id.as_str()).collect()
}

/// The cells that violate RFC 7627, without version and way.
fn violations(seen: &Observations) -> BTreeSet<(bool, bool)> {
    let cells = &seen.extended_master_secret.as_ref().unwrap().resumption;
    cells.iter().filter(|cell| cell.rfc7627 == Compliance::Violates).map(|cell| (cell.first, cell.second)).collect()
}

const EVERY_PART: &[&str] = &["ems", "resumption", "leading-zero", "renegotiation"];

#[tokio::test]
async fn a_sound_server_has_no_finding_and_every_handshake_of_it_completes() {
    let lab = start_lab().await;
    let report = scanned(&lab, "every-version", EVERY_PART, None).await;
    assert_eq!(findings(&report), BTreeSet::new());
    let seen = &report.observations;
    assert!(seen.inconclusive.is_empty(), "{:?}", seen.inconclusive);

    let ems = seen.extended_master_secret.as_ref().unwrap();
    assert_eq!((ems.echoed, ems.required), (Some(true), Some(false)));
    assert_eq!(ems.derivation, Some(MasterSecretDerivation::AsAgreed));
    assert_eq!(ems.handshakes.len(), 3 * 3 * 2, "each version, each key exchange, with and without");
    assert!(ems.handshakes.iter().all(|row| row.result == "completed" && row.echoed == Some(row.offered)));
    assert_eq!(ems.resumption.len(), 3 * 2 * 4);
    assert!(ems.resumption.iter().all(|cell| cell.rfc7627 == Compliance::Follows), "{:#?}", ems.resumption);

    let resumption = seen.resumption.as_ref().unwrap();
    for way in [&resumption.session_id, &resumption.ticket, &resumption.psk, &resumption.psk_ke] {
        assert_eq!((way.resumed, way.of, way.given), (10, 10, Some(true)), "{resumption:#?}");
    }
    assert!(resumption.ticket.lifetime_s.is_some() && resumption.psk.lifetime_s.is_some());

    let zeros = seen.leading_zero.as_ref().unwrap();
    assert_eq!((zeros.dhe, zeros.ecdhe), (ZeroVerdict::Ok, ZeroVerdict::Ok));
    assert_eq!((zeros.group_bits, zeros.group.as_deref(), &zeros.weak), (Some(2048), Some("ffdhe2048"), &None));

    let renegotiation = seen.renegotiation.as_ref().unwrap();
    assert_eq!(renegotiation.secure, Some(true));
    assert_eq!(renegotiation.client_initiated, Some(ClientInitiated::NoRenegotiation));
}

#[tokio::test]
async fn keys_that_are_derived_otherwise_than_said_are_found_and_told_apart() {
    let lab = start_lab().await;
    for (name, rule, derivation, failed) in [
        ("ems-echoed-not-used", "ems-echoed-not-used", MasterSecretDerivation::EchoedNotUsed, Failed::OurFinished),
        ("ems-used-not-echoed", "ems-used-not-echoed", MasterSecretDerivation::UsedNotEchoed, Failed::OurFinished),
        ("finished-refused", "finished-fails", MasterSecretDerivation::Inconclusive, Failed::OurFinished),
        ("finished-wrong", "finished-fails", MasterSecretDerivation::Inconclusive, Failed::ServerFinished),
    ] {
        let report = scanned(&lab, name, &["ems"], None).await;
        assert!(findings(&report).contains(rule), "{name}: {:?}", findings(&report));
        let ems = report.observations.extended_master_secret.as_ref().unwrap();
        assert_eq!(ems.derivation, Some(derivation), "{name}");
        assert_eq!(ems.handshakes.iter().find_map(|row| row.failed), Some(failed), "{name}");
        assert_eq!(violations(&report.observations), BTreeSet::new(), "{name}: no session says anything");
    }
}

#[tokio::test]
async fn a_client_certificate_that_is_missing_is_not_taken_for_wrong_keys() {
    let lab = start_lab().await;
    let report = scanned(&lab, "certificate-required-40", &["ems"], None).await;
    assert_eq!(findings(&report), BTreeSet::from(["client-certificate-required"]));
    let ems = report.observations.extended_master_secret.as_ref().unwrap();
    assert_eq!(ems.derivation, None);
    assert!(report.observations.inconclusive.iter().any(|open| open.why.contains("client certificate")));
}

#[tokio::test]
async fn a_server_that_knows_no_extended_master_secret_or_insists_on_it_is_told() {
    let lab = start_lab().await;
    let unknown = scanned(&lab, "no-extended-master-secret", &["ems"], None).await;
    let ems = unknown.observations.extended_master_secret.as_ref().unwrap();
    assert_eq!((ems.echoed, ems.required), (Some(false), Some(false)));
    assert_eq!(findings(&unknown), BTreeSet::from(["extended-master-secret-not-echoed"]));

    let required = scanned(&lab, "ems-required", &["ems"], None).await;
    let ems = required.observations.extended_master_secret.as_ref().unwrap();
    assert_eq!((ems.echoed, ems.required), (Some(true), Some(true)));
    assert_eq!(findings(&required), BTreeSet::from(["ems-required"]));
}

#[tokio::test]
async fn each_cell_of_resumption_against_the_rfc_is_found() {
    const AGAINST: &str = "ems-resumption-violates-rfc7627";
    const REFUSED: &str = "session-resumption-refused";
    let lab = start_lab().await;
    for (name, violating, rule) in [
        ("resumes-without-ems", Some((true, false)), Some(AGAINST)),
        ("resumes-into-ems", Some((false, true)), Some(AGAINST)),
        // It should go on with a full handshake (RFC 7627 §5.3), which is not to say that it must.
        ("resets-into-ems", None, Some(REFUSED)),
        ("alerts-on-ems-resumption", None, Some(REFUSED)),
        ("closes-on-resumption", None, Some(REFUSED)),
        // A full handshake aborts the abbreviated one as well as an alert does.
        ("full-instead-of-ems", None, None),
    ] {
        let report = scanned(&lab, name, &["ems"], None).await;
        assert_eq!(violations(&report.observations), violating.into_iter().collect(), "{name}");
        assert_eq!(findings(&report), rule.into_iter().collect(), "{name}");
        let ems = report.observations.extended_master_secret.unwrap();
        let of = |by| ems.resumption.iter().filter(|cell: &&ResumptionCell| cell.by == by).count();
        assert_eq!((of(ResumeBy::SessionId), of(ResumeBy::Ticket)), (12, 12), "{name}");
    }
}

#[tokio::test]
async fn a_way_without_sessions_is_told_from_one_whose_sessions_are_not_resumed() {
    let lab = start_lab().await;
    let resumption = |report: Report| report.observations.resumption.unwrap();
    let none = resumption(scanned(&lab, "no-resumption", &["resumption"], None).await);
    assert_eq!((none.session_id.given, none.session_id.of), (Some(false), 0));
    let ids = resumption(scanned(&lab, "session-ids-only", &["resumption"], None).await);
    assert_eq!((ids.session_id.resumed, ids.ticket.given), (10, Some(false)));
    let newest = resumption(scanned(&lab, "tls13", &["resumption"], None).await);
    assert_eq!((newest.psk.resumed, newest.psk_ke.resumed, newest.session_id.given), (10, 10, None));
    let refused = resumption(scanned(&lab, "alerts-on-ems-resumption", &["resumption"], None).await);
    assert_eq!((refused.session_id.resumed, refused.session_id.of, refused.session_id.full), (0, 10, 0));
}

#[tokio::test]
async fn zeros_that_a_server_treats_wrongly_are_found_in_the_key_exchange_they_are_in() {
    let lab = start_lab().await;
    for (name, dhe, ecdhe, rule) in [
        ("leading-zero-kept", ZeroVerdict::Fails, ZeroVerdict::Ok, "dhe-leading-zero"),
        ("leading-zero-stripped", ZeroVerdict::NotOffered, ZeroVerdict::Fails, "ecdhe-leading-zero"),
    ] {
        let report = scanned(&lab, name, &["leading-zero"], None).await;
        let zeros = report.observations.leading_zero.as_ref().unwrap();
        assert_eq!((zeros.dhe, zeros.ecdhe, zeros.alert), (dhe, ecdhe, Some(20)), "{name}: {zeros:#?}");
        assert_eq!(findings(&report), BTreeSet::from([rule]), "{name}");
    }
    let weak = scanned(&lab, "dhe-1024", &["leading-zero"], None).await.observations.leading_zero.unwrap();
    assert_eq!((weak.dhe, weak.group.as_deref()), (ZeroVerdict::Ok, Some("Oakley group 2")));
    assert!(weak.weak.unwrap().starts_with("1024 bits"));
}

#[tokio::test]
async fn each_answer_to_a_renegotiation_has_its_name() {
    let lab = start_lab().await;
    for (name, became, alert) in [
        ("renegotiates", ClientInitiated::Accepted, None),
        ("sws1", ClientInitiated::NoRenegotiation, Some(100)),
        ("renegotiation-ends", ClientInitiated::Alert, Some(40)),
    ] {
        let report = scanned(&lab, name, &["renegotiation"], None).await;
        let asked = report.exchanges.iter().find(|exchange| exchange.renegotiation.is_some()).unwrap();
        let evidence = asked.evidence.as_ref().unwrap();
        let sent: usize = evidence.turns.iter().map(|turn| turn.sent).sum();
        assert!(evidence.turns.len() >= 2, "{name}: what is said behind the handshake is evidence too: {evidence:?}");
        assert!(sent < evidence.sent.len() / 2, "{name}: the last turn is our hello or what followed it");
        let renegotiation = report.observations.renegotiation.unwrap();
        assert_eq!((renegotiation.client_initiated, renegotiation.alert), (Some(became), alert), "{name}");
        assert_eq!(report.connections, 3, "the baseline twice, and one between");
    }
}

#[tokio::test]
async fn no_more_connections_are_spent_than_allowed_and_what_is_left_is_open() {
    let lab = start_lab().await;
    let report = scanned(&lab, "every-version", EVERY_PART, Some(10)).await;
    assert_eq!(report.connections, 10);
    let open = &report.observations.inconclusive;
    assert!(open.iter().any(|open| open.what == "extended_master_secret" && open.why.contains("spent")), "{open:?}");
}

#[tokio::test]
async fn what_is_no_tls_or_says_nothing_is_no_finding_of_any_handshake() {
    let lab = start_lab().await;
    for name in ["reset", "http400", "fin", "alert-open"] {
        let report = scanned(&lab, name, EVERY_PART, None).await;
        let found = findings(&report);
        let of_handshakes = |id: &&&str| id.starts_with("ems") || id.contains("zero") || id.starts_with("session");
        assert_eq!(found.iter().find(of_handshakes), None, "{name}");
        let seen = &report.observations;
        assert!(seen.extended_master_secret.as_ref().is_none_or(|ems| ems.handshakes.is_empty()), "{name}");
    }
}

#[tokio::test]
async fn tickets_that_wait_for_the_first_answer_are_found() {
    let lab = start_lab().await;
    let report = scanned(&lab, "tickets-wait", &["resumption", "extensions"], None).await;
    let seen = &report.observations;
    let resumption = seen.resumption.as_ref().unwrap();
    for way in [&resumption.psk, &resumption.psk_ke] {
        assert_eq!((way.resumed, way.of, way.given), (10, 10, Some(true)), "{resumption:#?}");
    }
    let state = |name: &str| seen.extensions[name].state;
    assert_eq!(state("session_ticket_tls13"), FeatureState::Supported);
    assert_eq!(state("early_data"), FeatureState::NotSupported, "the ticket says so");
}

/// What is found of an FTP server on which TLS comes first.
async fn ftp_scanned(lab: &Lab, name: &str) -> (FtpData, Report) {
    // So long is waited for the end of data that never comes.
    let waits = Waits { hello: Duration::from_millis(500), ..waits() };
    let report = scanned_at(lab, name, FTPS_PORT, &["ftp-data"], None, waits).await;
    let seen = report.observations.ftp_data.clone();
    (seen.unwrap(), report)
}

#[tokio::test]
async fn sound_data_connections_of_ftp_have_no_finding() {
    let lab = start_lab().await;
    for (name, bytes) in [("ftp", 44), ("ftp-pasv", 44), ("ftp-many-files", 2400 * 44), ("ftp-keeps-data-open", 44)] {
        let (seen, report) = ftp_scanned(&lab, name).await;
        assert_eq!(findings(&report), BTreeSet::new(), "{name}");
        assert!(report.observations.inconclusive.is_empty(), "{:?}", report.observations.inconclusive);
        let FtpData { demanded, with_extended_master_secret, without_extended_master_secret, tls13, transfers } = seen;
        assert_eq!(demanded, Some(false), "{name}");
        let accepted = SessionReuse::Accepted;
        assert_eq!([with_extended_master_secret, without_extended_master_secret, tls13], [accepted; 3], "{name}");
        assert_eq!(transfers.len(), 5);
        assert_eq!(report.connections, 2 + 2 * 5, "the baseline twice, and two for each listing");
        let data = report.exchanges.iter().filter_map(|exchange| exchange.ftp.as_ref()?.data.as_ref());
        assert!(data.clone().count() == 5 && data.clone().all(|data| data.received_bytes == bytes), "{name}");
    }
}

#[tokio::test]
async fn each_fault_of_ftp_data_connections_is_found_by_its_rule() {
    use SessionReuse::{Accepted, Declined, Inconclusive, Refused};
    let lab = start_lab().await;
    let demanded = "ftp-data-resumption-demanded";
    for (name, demands, with_ems, without_ems, rules) in [
        ("ftp-demands-session", Some(true), Accepted, Accepted, vec![demanded]),
        (
            "ftp-demands-session-without-ems",
            Some(true),
            Accepted,
            Accepted,
            vec![demanded, "ftp-data-resumption-without-ems", "extended-master-secret-not-echoed"],
        ),
        ("ftp-demands-session-never-given", None, Inconclusive, Inconclusive, vec!["ftp-data-fails"]),
        ("ftp-resets-session", Some(false), Refused, Refused, vec!["ftp-data-resumption-refused"]),
        ("ftp-refuses-session-with-ems", Some(false), Refused, Accepted, vec!["ftp-data-resumption-refused"]),
        ("ftp-refuses-session-without-ems", Some(false), Accepted, Refused, vec!["ftp-data-resumption-refused"]),
        ("ftp-other-sessions", Some(false), Declined, Declined, vec![]),
    ] {
        let (seen, report) = ftp_scanned(&lab, name).await;
        assert_eq!(seen.demanded, demands, "{name}: {seen:#?}");
        let reuse = (seen.with_extended_master_secret, seen.without_extended_master_secret);
        assert_eq!(reuse, (with_ems, without_ems), "{name}: {seen:#?}");
        assert_eq!(findings(&report), rules.into_iter().collect(), "{name}");
        let refused = seen.transfers.iter().find(|transfer| transfer.result == TransferResult::Refused);
        let words = refused.map(tlsprobe::observation::FtpTransfer::refused_by);
        let expected = match name {
            "ftp-resets-session" => Some("reset, \"425 no data connection\""),
            "ftp-refuses-session-with-ems" => Some("alert 40, \"425 no data connection\""),
            "ftp-refuses-session-without-ems" => Some("fin, \"425 no data connection\""),
            "ftp-other-sessions" => None,
            _ => Some("\"522 session reuse required\""),
        };
        assert_eq!(words.as_deref(), expected, "{name}");
    }
}

#[tokio::test]
async fn what_is_no_ftp_behind_its_port_is_told_and_no_fault_of_data_connections() {
    let lab = start_lab().await;
    let (seen, report) = ftp_scanned(&lab, "tls13").await;
    assert_eq!(seen.demanded, None);
    assert!(seen.transfers.iter().all(|transfer| transfer.result == TransferResult::Inconclusive));
    assert_eq!(findings(&report), BTreeSet::new());
    assert!(report.observations.inconclusive.iter().any(|open| open.what == "ftp_data"), "{report:#?}");
    assert!(scanned(&lab, "ftp", &["ftp-data"], None).await.observations.ftp_data.is_none(), "on a web server's port");
}

#[tokio::test]
async fn a_demanded_client_certificate_is_found_however_the_server_ends_without_one() {
    let lab = start_lab().await;
    for (name, kind, alert) in [
        ("certificate-required-40", "alert", Some(40)),
        ("certificate-required-42", "alert", Some(42)),
        ("certificate-required-116", "alert", Some(116)),
        ("certificate-required-reset", "reset", None),
        ("certificate-required-fin", "fin", None),
    ] {
        let report = scanned(&lab, name, &["client-certificate"], None).await;
        assert!(findings(&report).contains("client-certificate-required"), "{name}: {:?}", findings(&report));
        let seen = report.observations.certificate_request.as_ref().unwrap();
        assert_eq!((seen.requested, seen.required), (Some(true), Some(true)), "{name}");
        assert_eq!(seen.when.as_deref(), Some("first_handshake"), "{name}");
        let end = seen.ended_without_certificate.as_ref().unwrap();
        assert_eq!((end.answer.kind(), end.after_message), (kind, Some(HandshakeType::FINISHED)), "{name}");
        let told = match end.answer {
            Answer::Alert { code, .. } => Some(code),
            _ => None,
        };
        assert_eq!(told, alert, "{name}");
    }
}

#[tokio::test]
async fn when_a_client_certificate_is_asked_for_is_told_and_a_server_that_never_asks_has_no_finding() {
    let lab = start_lab().await;
    let never = scanned(&lab, "every-version", &["client-certificate"], None).await;
    assert_eq!(findings(&never), BTreeSet::new());
    let seen = never.observations.certificate_request.unwrap();
    assert_eq!((seen.requested, seen.when), (Some(false), None));

    for (name, when, on_resumption) in [
        ("certificate-required-403", "first_handshake", Some(false)),
        ("certificate-when-resumed", "resumption", Some(true)),
        // By renegotiation in TLS 1.2; in TLS 1.3, which comes second, behind the handshake.
        ("certificate-late", "renegotiation", Some(true)),
    ] {
        let report = scanned(&lab, name, &["client-certificate"], None).await;
        let seen = report.observations.certificate_request.as_ref().unwrap();
        assert_eq!((seen.when.as_deref(), seen.on_resumption), (Some(when), on_resumption), "{name}: {seen:#?}");
        let late = report.exchanges.iter().filter_map(|exchange| exchange.late_certificate_request.as_ref());
        let late: BTreeSet<&str> = late.map(|late| late.by.word()).collect();
        let expected: &[&str] = if when == "renegotiation" { &["post_handshake", "renegotiation"] } else { &[] };
        assert_eq!(late, expected.iter().copied().collect(), "{name}");
    }
}
