//! What people type, and what they are told.

use super::*;
use crate::registry::{AlertDescription, CmgStatus, ErrorText, SchannelEvent, WinhttpFlag};

fn names(typed: &str) -> Vec<String> {
    let readings = code(typed).unwrap_or_else(|error| panic!("{error}"));
    readings.into_iter().map(|reading| reading.name).collect()
}

fn suggested(typed: &str) -> Vec<String> {
    code(typed).expect_err(typed).suggestions
}

#[test]
fn every_usual_writing_is_understood() {
    for (typed, name) in [
        ("0x80244021", "WU_E_PT_HTTP_STATUS_BAD_GATEWAY"),
        ("80244021", "WU_E_PT_HTTP_STATUS_BAD_GATEWAY"),
        ("-2145107935", "WU_E_PT_HTTP_STATUS_BAD_GATEWAY"),
        ("2149859361", "WU_E_PT_HTTP_STATUS_BAD_GATEWAY"),
        ("HTTP 502", "WU_E_PT_HTTP_STATUS_BAD_GATEWAY"),
        ("SEC_E_ILLEGAL_MESSAGE", "SEC_E_ILLEGAL_MESSAGE"),
        ("sec_e_illegal_message", "SEC_E_ILLEGAL_MESSAGE"),
        ("ERROR_INTERNET_TIMEOUT", "ERROR_WINHTTP_TIMEOUT"),
        ("alert 20", "bad_record_mac"),
        ("alert bad_record_mac", "bad_record_mac"),
        ("TLS alert: bad record mac", "bad_record_mac"),
        ("no-renegotiation", "no_renegotiation_RESERVED"),
        ("20", "bad_record_mac"),
        ("event 36887", "36887"),
        ("36887", "36887"),
        ("CMGConnector_Clientcertificaterequired", "CMGConnector_Clientcertificaterequired"),
        ("WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA", "WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA"),
        ("WSAECONNRESET", "An existing connection was forcibly closed by the remote host"),
        ("10054", "An existing connection was forcibly closed by the remote host"),
    ] {
        assert_eq!(names(typed), [name], "{typed}");
    }
}

#[test]
fn a_win32_number_is_explained_as_the_hresult_made_of_it() {
    for typed in ["12175", "0x2f8f", "2F8F", "0x80072F8F", "-2147012721", "ERROR_WINHTTP_SECURE_FAILURE", "error 12175"]
    {
        let readings = code(typed).unwrap();
        let [windows_code, cmg_status] = readings.as_slice() else { panic!("{readings:?}") };
        assert_eq!((windows_code.what, cmg_status.what), (What::WindowsCode, What::CmgStatus), "{typed}");
        assert_eq!(windows_code.forms.hex.as_deref(), Some("0x80072F8F"), "{typed}");
        assert_eq!(windows_code.forms.signed_decimal, Some(-2_147_012_721));
        assert_eq!(windows_code.forms.win32_error, Some(12175));
    }
}

#[test]
fn an_ambiguous_number_has_all_its_readings_and_a_word_before_it_one_of_them() {
    let whats = |typed: &str| code(typed).unwrap().into_iter().map(|reading| reading.what).collect::<Vec<_>>();
    assert_eq!(whats("0x14"), [What::TlsAlert, What::WinhttpFlag, What::WinhttpFlag]);
    assert_eq!(whats("alert 0x14"), [What::TlsAlert]);
    assert_eq!(whats("flags 0x14"), [What::WinhttpFlag, What::WinhttpFlag]);
    assert_eq!(whats("403"), [What::WindowsCode, What::CmgStatus, What::CmgStatus]);
    assert_eq!(whats("0x80090331"), [What::WindowsCode, What::ErrorText]);
    assert!(code("event 20").is_err());
    assert!(code("alert 36887").is_err());
}

#[test]
fn a_sum_of_flags_is_explained_flag_by_flag() {
    let failed_and_untrusted =
        ["WINHTTP_CALLBACK_STATUS_FLAG_CERT_REV_FAILED", "WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA"];
    assert_eq!(names("0x9"), failed_and_untrusted);
    assert_eq!(names("flags 9"), failed_and_untrusted);
    assert_eq!(names("0x00010000"), ["WINHTTP_CALLBACK_STATUS_SECURE_FAILURE"]);
    assert!(code("9").is_err());
}

#[test]
fn flags_are_told_both_ways() {
    let names = |typed: &str| {
        let readings = code_as(typed, Kind::Flag).unwrap();
        readings.into_iter().map(|reading| reading.name).collect::<Vec<_>>()
    };
    let both =
        ["0x00000009", "WINHTTP_CALLBACK_STATUS_FLAG_CERT_REV_FAILED", "WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA"];
    for typed in
        ["0x9", "9", "CERT_REV_FAILED INVALID_CA", "winhttp_callback_status_flag_cert_rev_failed|INVALID_CA", "0x1, 8"]
    {
        assert_eq!(names(typed), both, "{typed}");
    }
    let beyond = code_as("0x81", Kind::Flag).unwrap();
    assert_eq!(beyond[0].notes, ["0x80 in it is no flag that is known here"]);
    for typed in ["", "0", "INVALID_CAT", "0x9 and more", "SEC_E_ILLEGAL_MESSAGE"] {
        assert!(code_as(typed, Kind::Flag).is_err(), "{typed}");
    }
}

#[test]
fn what_a_number_is_said_to_be_it_is_and_nothing_else() {
    let whats =
        |typed: &str, kind| code_as(typed, kind).map(|all| all.into_iter().map(|one| one.what).collect::<Vec<_>>());
    assert_eq!(whats("20", Kind::Alert), Ok(vec![What::TlsAlert]));
    assert_eq!(whats("36887", Kind::Event), Ok(vec![What::SchannelEvent]));
    assert_eq!(whats("502", Kind::HttpStatus), Ok(vec![What::WindowsCode]));
    assert_eq!(whats("0x2f8f", Kind::Code).unwrap()[0], What::WindowsCode);
    assert!(whats("20", Kind::Event).is_err());
}

#[test]
fn a_text_of_dotnet_is_found_in_its_line() {
    let line = "ProcessWebServiceProxyException found Exception was WebException. Action: Retry. Exception Details: \
                System.Net.WebException: The underlying connection was closed: An unexpected error occurred on a \
                receive. ---> System.ComponentModel.Win32Exception: The client and server cannot communicate, because \
                they do not possess a common algorithm";
    assert_eq!(
        names(line),
        ["The client and server cannot communicate, because they do not possess a common algorithm"]
    );
}

#[test]
fn every_row_is_reached_by_each_of_its_spellings() {
    for (spelling, (what, _)) in TABLES.iter().flat_map(|table| (table.spellings)()) {
        for typed in [spelling.clone(), spelling.to_ascii_lowercase(), format!(" {spelling}.\n")] {
            let readings = code(&typed).unwrap_or_else(|error| panic!("{error}"));
            assert!(readings.iter().any(|reading| reading.what == what), "{typed}");
        }
    }
}

#[test]
fn every_row_of_every_table_has_a_spelling() {
    let rows = |what| {
        let mut rows: Vec<_> = TABLES.iter().flat_map(|table| (table.spellings)()).map(|(_, row)| row).collect();
        rows.retain(|(of, _)| *of == what);
        rows.sort_by_key(|(_, row)| *row);
        rows.dedup();
        rows.len()
    };
    assert_eq!(rows(What::WindowsCode), WindowsCode::all().len());
    assert_eq!(rows(What::TlsAlert), AlertDescription::all().len());
    assert_eq!(rows(What::SchannelEvent), SchannelEvent::all().len());
    assert_eq!(rows(What::WinhttpFlag), WinhttpFlag::all().len() + 1);
    assert_eq!(rows(What::CmgStatus), CmgStatus::all().len());
    assert_eq!(rows(What::ErrorText), ErrorText::all().len());
}

#[test]
fn every_windows_code_is_reached_by_each_of_its_numbers() {
    for row in WindowsCode::all() {
        let hex = row.code.hex();
        let numbers = [hex.clone(), hex.trim_start_matches("0x").to_owned(), row.code.signed().to_string()];
        for typed in numbers.into_iter().chain([row.code.0.to_string()]) {
            assert_eq!(names(&typed).first().map(String::as_str), Some(row.name), "{typed}");
        }
        if let Some(status) = row.http_status {
            assert_eq!(names(&status.to_string()).first().map(String::as_str), Some(row.name), "{status}");
        }
    }
}

#[test]
fn every_alert_and_event_is_reached_by_its_number() {
    for row in AlertDescription::all() {
        assert_eq!(names(&format!("alert {}", row.code.0)), [row.name]);
        assert!(names(&row.code.hex()).contains(&row.name.to_owned()));
    }
    for event in SchannelEvent::all() {
        assert_eq!(names(&format!("event {}", event.id)), [event.id.to_string()]);
    }
}

#[test]
fn every_explanation_has_a_source_and_says_something() {
    for (spelling, _) in TABLES.iter().flat_map(|table| (table.spellings)()) {
        for reading in code(&spelling).unwrap() {
            assert!(!reading.sources.is_empty(), "{spelling}");
            assert!(reading.meaning.is_some() || reading.network_picture.is_some(), "{spelling}");
        }
    }
}

#[test]
fn an_alert_names_the_error_and_the_events_of_schannel() {
    let readings = code("alert 112").unwrap();
    let [reading] = readings.as_slice() else { panic!("{readings:?}") };
    assert_eq!(
        reading.notes,
        [
            "Schannel that receives it reports SEC_E_ILLEGAL_MESSAGE (0x80090326), by the default row of Microsoft's \
             table",
            "Schannel logs event 36887 where it is received, event 36888 where it is sent"
        ]
    );
    assert_eq!(reading.caused_by, ["SNI unknown to the server"]);
    assert_eq!(reading.sources.first().map(String::as_str), Some("RFC6066"));
    assert!(code("close_notify").unwrap().iter().all(|reading| reading.notes.is_empty()));
}

#[test]
fn a_reset_says_what_a_proxy_makes_of_it() {
    for typed in ["12030", "12031", "10054"] {
        let [reading] = &*code(typed).unwrap() else { panic!("{typed}") };
        assert!(reading.notes.iter().any(|note| note.starts_with("through a proxy: FIN instead of RST")), "{typed}");
    }
}

#[test]
fn an_hresult_made_of_a_win32_error_is_taken_apart_though_the_error_is_unknown() {
    for typed in ["0x80070005", "80070005", "-2147024891", "2147942405"] {
        let readings = code(typed).unwrap();
        let [reading] = readings.as_slice() else { panic!("{readings:?}") };
        assert_eq!(reading.meaning.as_deref(), Some("Win32 error 5; what that error says is not known here"));
        assert_eq!(reading.forms.win32_error, Some(5));
        assert_eq!((reading.caused_by.len(), reading.how_to_test.len()), (0, 0));
    }
    // As a number alone it may be anything.
    assert!(code("5").is_err());
    // Of other facilities the number alone says nothing.
    assert!(code("0x80041003").is_err());
}

#[test]
fn a_known_socket_error_is_taken_apart_and_explained() {
    let text = "An existing connection was forcibly closed by the remote host";
    assert_eq!(names("0x80072746"), ["0x80072746", text]);
}

#[test]
fn the_unknown_brings_what_may_have_been_meant() {
    assert_eq!(suggested("SEC_E_ILEGAL_MESSAGE"), ["SEC_E_ILLEGAL_MESSAGE"]);
    assert_eq!(suggested("alert bad_record_max"), ["bad_record_mac"]);
    assert_eq!(suggested("CMGConnector_Clientcertificate"), ["CMGConnector_Clientcertificaterequired"]);
    assert_eq!(suggested("event 36889"), ["36880", "36881", "36882"]);
    assert_eq!(suggested("12174").first().map(String::as_str), Some("12170"));
    for typed in ["0x80244025", "80244025", "-2145107931", "2149859365"] {
        let nearest = ["0x80244020", "0x80244021", "0x80244022"];
        assert_eq!(suggested(typed), nearest, "{typed}");
    }
    assert_eq!(
        code("0x80244025").unwrap_err().to_string(),
        r#"unknown code "0x80244025": did you mean 0x80244020, 0x80244021 or 0x80244022?"#
    );
}

#[test]
fn the_unknown_that_resembles_nothing_says_what_may_be_typed() {
    for typed in ["", " ", "-", "0x", "-0", "alert", "alert 255", "event", "zzzzzzzzzzzz", "99999999999999999999"] {
        let error = code(typed).expect_err(typed).to_string();
        assert!(error.contains("give a Windows code as in 0x80244021") || error.contains("did you mean"), "{error}");
    }
    assert_eq!(suggested("zzzzzzzzzzzz"), [""; 0]);
}

#[test]
fn what_is_long_or_has_control_characters_is_answered_shortly_and_in_print() {
    let long = "A".repeat(1 << 20);
    let hostile = ["alert \u{1b}[2J\u{7}20", "\0\0\0", "0x8007\u{202e}2F8F", "ＥＲＲＯＲ", "alert \u{0}", &long, "-–—"];
    for typed in hostile {
        let error = code(typed).expect_err("not a code").to_string();
        assert!(error.len() < 600 && !error.contains(char::is_control), "{error:?}");
        assert!(!error.contains('\u{202e}'), "{error:?}");
    }
    let error = code(&long).unwrap_err();
    assert_eq!((error.typed.chars().count(), error.suggestions.len()), (61, 0));
}

#[test]
fn an_explanation_is_plain_data() {
    let readings = code("12175").unwrap();
    let json = serde_json::to_string(&readings).unwrap();
    assert!(json.contains(r#""what":"windows_code""#) && json.contains(r#""win32_error":12175"#), "{json}");
    assert_eq!(serde_json::from_str::<Vec<Explanation>>(&json).unwrap(), readings);
}

#[test]
fn every_rule_that_anything_leads_to_is_there() {
    let spellings = TABLES.iter().flat_map(|table| (table.spellings)());
    let explanations = spellings.flat_map(|(spelling, _)| code(&spelling).unwrap());
    let mut leads: Vec<String> = explanations.flat_map(|explanation| explanation.rules).collect();
    leads.sort();
    leads.dedup();
    assert!(leads.len() > 15, "{leads:?}");
    for id in leads {
        assert!(rule(&id).is_some(), "{id}");
    }
}
