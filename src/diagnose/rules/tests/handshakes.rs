//! What completed handshakes show: keys, resumption, leading zeros.

use super::*;
use crate::observation::{
    Compliance, DheGroup, EmsHandshake, ExtendedMasterSecret, Failed, FtpData, FtpTransfer, LeadingZero,
    MasterSecretDerivation, ResumptionCell, TransferResult, WindowsClient, ZeroHandshake, ZeroVerdict,
};
use crate::question::ResumeBy;

/// A case in which handshakes were completed, with this in it.
fn with_handshakes(see: impl FnOnce(&mut Observations)) -> Built {
    let mut case = sws();
    see(&mut case.report.observations);
    case
}

fn ems(see: impl FnOnce(&mut ExtendedMasterSecret)) -> Built {
    with_handshakes(|seen| see(seen.extended_master_secret.get_or_insert_default()))
}

fn handshake(offered: bool, echoed: Option<bool>, failed: Option<Failed>) -> EmsHandshake {
    let result = if failed.is_some() || echoed.is_none() { "alert" } else { "completed" };
    EmsHandshake {
        version: TLS1_2,
        key_exchange: "ecdhe".to_owned(),
        offered,
        echoed,
        result: result.to_owned(),
        alert: failed.map(|_| 20),
        failed,
        because: 2,
    }
}

fn resumption_cell(first: bool, second: bool, result: &str, rfc7627: Compliance) -> ResumptionCell {
    ResumptionCell {
        first,
        second,
        by: ResumeBy::Ticket,
        version: TLS1_2,
        result: result.to_owned(),
        alert: (result == "alert").then_some(40),
        session: first,
        echoed: (result == "resumed").then_some(second),
        requires: "must not".to_owned(),
        rfc7627,
        refused: ["alert", "reset", "fin"].contains(&result),
        windows: WindowsClient::Unknown,
        because: vec![3, 4],
    }
}

#[test]
fn keys_derived_otherwise_than_said_are_a_finding() {
    let case = |derivation, offered| {
        ems(|seen| {
            seen.derivation = Some(derivation);
            seen.handshakes = vec![handshake(offered, Some(true), Some(Failed::OurFinished))];
        })
    };
    let echoed = case(MasterSecretDerivation::EchoedNotUsed, true);
    assert_eq!(echoed.speaks("ems-echoed-not-used").because, [2]);
    echoed.is_silent("ems-used-not-echoed");
    let used = case(MasterSecretDerivation::UsedNotEchoed, true);
    used.speaks("ems-used-not-echoed");
    used.is_silent("ems-echoed-not-used");
    used.is_silent("finished-fails");
    let neither = case(MasterSecretDerivation::Inconclusive, false);
    assert_eq!(neither.speaks("finished-fails").severity, crate::finding::Severity::Error);
    neither.is_silent("ems-echoed-not-used");
    sws().is_silent("finished-fails");
}

#[test]
fn a_server_that_insists_on_extended_master_secret_is_told() {
    let id = "ems-required";
    let case = |required| {
        ems(|seen| {
            seen.required = Some(required);
            seen.handshakes = vec![handshake(true, Some(true), None), handshake(false, None, None)];
        })
    };
    assert_eq!(case(true).speaks(id).because, [2]);
    case(false).is_silent(id);
}

#[test]
fn a_session_resumed_against_rfc_7627_is_a_finding() {
    let id = "ems-resumption-violates-rfc7627";
    let case = |rfc7627| ems(|seen| seen.resumption = vec![resumption_cell(true, false, "resumed", rfc7627)]);
    let finding = case(Compliance::Violates).speaks(id);
    assert_eq!(finding.because, [3, 4]);
    assert!(finding.windows_symptoms.iter().any(|symptom| symptom.contains("36887")));
    case(Compliance::Follows).is_silent(id);
    case(Compliance::Inconclusive).is_silent(id);
}

#[test]
fn a_connection_ended_for_its_session_is_a_finding_where_rfc_7627_has_no_word_in_it() {
    let id = "session-resumption-refused";
    let case = |first, second, result| {
        ems(|seen| seen.resumption = vec![resumption_cell(first, second, result, Compliance::Inconclusive)])
    };
    case(true, true, "alert").speaks(id);
    case(false, false, "fin").speaks(id);
    case(true, false, "alert").is_silent(id);
    case(true, true, "resumed").is_silent(id);
    case(true, true, "timeout").is_silent(id);
}

#[test]
fn zeros_that_fail_are_a_finding_for_their_key_exchange() {
    let case = |dhe, ecdhe| {
        let row = |key_exchange: &str| ZeroHandshake {
            key_exchange: key_exchange.to_owned(),
            zeros: 1,
            result: "alert".to_owned(),
            alert: Some(20),
            because: 7,
        };
        let handshakes = vec![row("dhe"), row("ecdhe")];
        let seen = LeadingZero { dhe, ecdhe, alert: Some(20), group_bits: None, group: None, weak: None, handshakes };
        with_handshakes(|all| all.leading_zero = Some(seen))
    };
    let dhe = case(ZeroVerdict::Fails, ZeroVerdict::Ok);
    assert_eq!(dhe.speaks("dhe-leading-zero").because, [7]);
    dhe.is_silent("ecdhe-leading-zero");
    case(ZeroVerdict::NotOffered, ZeroVerdict::Fails).speaks("ecdhe-leading-zero");
    case(ZeroVerdict::Inconclusive, ZeroVerdict::Ok).is_silent("dhe-leading-zero");
}

#[test]
fn a_server_that_ends_without_a_client_certificate_is_told() {
    let case = |required: Option<bool>| {
        with_handshakes(|seen| {
            let refused = crate::outcome::testing::failed_after_finished(2, 116).outcome;
            seen.rests_on("certificate_request", &[2]);
            seen.certificate_request = Some(crate::observation::CertificateRequest {
                requested: Some(true),
                required,
                ended_without_certificate: (required == Some(true)).then_some(refused),
                ..Default::default()
            });
        })
    };
    let finding = case(Some(true)).speaks("client-certificate-required");
    assert_eq!(finding.because, [2]);
    assert!(finding.why.contains("alert 116"), "{}", finding.why);
    case(Some(false)).is_silent("client-certificate-required");
    case(None).is_silent("client-certificate-required");
}

#[test]
fn a_weak_finite_field_is_a_finding_and_one_of_2048_bits_is_none() {
    let case = |weak: Option<&str>| {
        with_handshakes(|seen| {
            seen.rests_on("groups.dhe", &[7, 9]);
            seen.groups.get_or_insert_default().dhe = Some(DheGroup {
                bits: Some(1024),
                prime: None,
                weak: weak.map(str::to_owned),
                ffdhe: Vec::new(),
                negotiated: Support::Refused,
            });
        })
    };
    let finding = case(Some("1024 bits")).speaks("dhe-group-weak");
    assert_eq!(finding.because, [7, 9]);
    case(None).is_silent("dhe-group-weak");
}

#[test]
fn a_refusal_in_full_says_nothing_of_the_listing_that_could_not_be_told() {
    let listing = |session_offered, result, data: Option<&str>| FtpTransfer {
        version: Some(TLS1_2),
        extended_master_secret: Some(true),
        echoed: Some(true),
        session_offered,
        resumed: None,
        result,
        data: data.map(str::to_owned),
        alert: None,
        reply: Some("522 session reuse required".to_owned()),
        because: 1,
    };
    let in_full = || listing(false, TransferResult::Refused, Some("completed"));
    let fails = |resumed: Option<FtpTransfer>, cut_off: bool| {
        let case = with_handshakes(|seen| {
            let transfers = [Some(in_full()), resumed].into_iter().flatten().collect();
            seen.ftp_data = Some(FtpData { transfers, ..FtpData::default() });
            if cut_off {
                seen.could_not_tell("ftp_data", "interrupted", &[]);
            }
        });
        case.finding("ftp-data-fails").is_some()
    };
    let inconclusive = |session_offered, data| Some(listing(session_offered, TransferResult::Inconclusive, data));
    assert!(fails(Some(listing(true, TransferResult::Refused, Some("reset"))), false));
    assert!(fails(inconclusive(false, Some("completed")), false), "there was no session to offer");
    assert!(!fails(None, true), "the run ended");
    assert!(!fails(inconclusive(true, Some("timeout")), false));
    assert!(!fails(inconclusive(false, None), false), "no data connection came about");
}
