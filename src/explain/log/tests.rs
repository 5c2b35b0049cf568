//! Logs as they are found in the field, and what is said of them.

use std::fs;

use serde_json::Value;

use super::*;
use crate::explain;
use crate::explain::text::WIDTH;

fn read(file: &str, bytes: &[u8]) -> LogReport {
    let mut reading = LogReading::new(file);
    reading.feed(bytes);
    reading.finish(false)
}

fn text_of(report: &LogReport) -> String {
    text::lines(report).join("\n")
}

fn rules(problem: &Problem) -> Vec<&str> {
    problem.rules.iter().map(|rule| rule.id.as_str()).collect()
}

#[track_caller]
fn only(report: &LogReport) -> &Problem {
    let [problem] = report.problems.as_slice() else { panic!("{:#?}", report.problems) };
    problem
}

/// The samples of Microsoft's articles: id, file and lines.
fn samples() -> Vec<(String, String, Vec<String>)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/logs/log-samples.json");
    let samples: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let sample = |sample: &Value| {
        let lines = sample["lines"].as_array().unwrap().iter().map(text).collect();
        (text(&sample["id"]), text(&sample["file"]), lines)
    };
    samples["samples"].as_array().unwrap().iter().map(sample).collect()
}

/// Each sample, and the rule that its problem is: by hand, from what the samples are said to show.
const RULES_OF_SAMPLES: &[(&str, &str)] = &[
    ("import-reset", "wsus-import-tls10"),
    ("import-no-common-algorithm", "wsus-import-nothing-to-send"),
    ("sync-reset", "wsus-sync-security-only"),
    ("sync-reset-ciphers", "wsus-suite-policy"),
    ("surface-drivers", "configmgr-surface-drivers"),
    ("wu-0x80244021", "proxy-bad-gateway"),
    ("wu-0x8024401b", "proxy-authentication-required"),
    ("wu-0x80240030", "proxy-list-malformed"),
    ("wu-0x8024402c", "proxy-name-not-resolved"),
    ("wu-0x80072f0c", "client-certificate-required"),
    ("wu-0x80072ee2", "hello-unanswered"),
    ("wu-0x8024401c", "http-status-408"),
    ("wu-0x80244023", "proxy-bad-gateway"),
    ("wu-0x80244017", "http-status-401"),
    ("wu-0x80244018", "http-status-403"),
    ("cmg-client-certificate", "cmg-client-certificate-required"),
    ("cmg-client-certificate-connector", "cmg-client-certificate-required"),
    ("cmg-cert-count", "cmg-client-certificate-required"),
    ("cmg-forbidden", "cmg-forbidden"),
    ("cmg-secure-failure", "certificate-untrusted-root"),
    ("cmg-token-expired", "cmg-invalid-token"),
    ("cmg-token-expired-sts", "cmg-invalid-token"),
    ("iis-403-7", "cmg-client-certificate-required"),
    ("schannel-36887-20", "extended-master-secret-not-echoed"),
];

/// Evidence, and no problem.
const NO_PROBLEM: &str = "schannel-startup";

#[test]
fn every_sample_leads_to_its_rule_and_to_one_problem() {
    let mut walked = 0;
    for (id, file, lines) in samples() {
        let report = read(&file, lines.join("\r\n").as_bytes());
        if id == NO_PROBLEM {
            assert_eq!(report.problems, [], "{id}");
            assert!(report.evidence[0].text.contains("TLS 1.2 is in"), "{:?}", report.evidence);
            continue;
        }
        let (_, rule) = RULES_OF_SAMPLES.iter().find(|(known, _)| *known == id).unwrap_or_else(|| panic!("{id}"));
        let problem = only(&report);
        assert!(rules(problem).contains(rule), "{id}: {problem:#?}");
        assert_eq!(problem.count, if id == "surface-drivers" { 2 } else { 1 }, "{id}");
        assert!(problem.run.command.starts_with("tlsprobe check "), "{id}: {}", problem.run.command);
        walked += 1;
    }
    assert_eq!(walked, RULES_OF_SAMPLES.len());
}

#[test]
fn every_sample_leads_there_in_the_lines_of_configuration_manager_too() {
    for (id, file, lines) in samples().into_iter().filter(|(id, ..)| id != NO_PROBLEM) {
        let tail = "<time=\"10:22:33.123+000\" date=\"10-28-2020\" component=\"Any\" context=\"\" type=\"3\" thread=\"4711\" \
                    file=\"a.cpp:1\">";
        // Its client writes a line each, .NET's exceptions and what belongs to them one entry over several.
        let belongs = |line: &String| !line.starts_with("[CCMHTTP]") && !line.starts_with("Generic");
        let entries: String = lines
            .chunk_by(|_, next| belongs(next))
            .fold(String::new(), |all, entry| all + &format!("<![LOG[{}]LOG]!>{tail}\n", entry.join("\n")));
        let (_, rule) = RULES_OF_SAMPLES.iter().find(|(known, _)| *known == id).unwrap();
        if id == "iis-403-7" {
            continue;
        }
        let report = read(&file, entries.as_bytes());
        let problem = only(&report);
        assert!(rules(problem).contains(rule), "{id}: {problem:#?}");
        assert_eq!(problem.from.as_deref(), Some("2020-10-28 10:22:33.123 UTC"), "{id}");
    }
}

#[test]
fn every_sample_is_told_in_80_columns_and_leads_to_pages_that_exist() {
    for (id, file, lines) in samples() {
        let report = read(&file, lines.join("\n").as_bytes());
        for line in text::lines(&report) {
            assert!(crate::escape::width(&line) <= WIDTH && line.trim_end() == line, "{id}: {line:?}");
        }
        for problem in &report.problems {
            for rule in &problem.rules {
                assert!(!rule.title.is_empty(), "{}", rule.id);
                assert!(explain::rule(&rule.id).is_some(), "{}", rule.id);
            }
            if let Some(code) = &problem.code {
                let is_page = explain::rule(code).is_some() || explain::code(code).is_ok();
                assert!(is_page, "{id}: tlsprobe explain {code}");
            }
        }
    }
}

fn sample(wanted: &str) -> LogReport {
    let (_, file, lines) = samples().into_iter().find(|(id, ..)| id == wanted).unwrap();
    read(&file, lines.join("\n").as_bytes())
}

#[test]
fn a_reset_may_be_three_problems_and_a_probe_tells_which() {
    let problems = ["wsus-import-tls10", "wsus-sync-security-only", "wsus-suite-policy"];
    for id in ["import-reset", "sync-reset-ciphers"] {
        let report = sample(id);
        assert_eq!(rules(only(&report))[..3], problems, "{id}");
        let text = text_of(&report);
        assert!(text.contains("\n  may be      - wsus-import-tls10: "), "{text}");
        assert!(text.contains("\n  tells which tlsprobe check wsus --os OS\n"), "{text}");
        assert!(text.contains("refused by an"), "what a probe must show: {text}");
    }
}

#[test]
fn what_wrote_an_entry_tells_its_leg() {
    let line = |process: &str| {
        format!(
            "2020-08-11 05:02:11.214 UTC\tError\t{process}.12\tThread.Start\tSocketException: An existing connection was \
             forcibly closed by the remote host\n"
        )
    };
    let report = read("SoftwareDistribution.log", (line("w3wp") + &line("WsusService") + &line("w3wp")).as_bytes());
    let [import, sync] = report.problems.as_slice() else { panic!("{report:#?}") };
    assert_eq!((import.leg, import.count), (Some(crate::machine::LegName::Import), 2));
    assert_eq!(rules(import)[..2], ["wsus-import-tls10", "wsus-suite-policy"]);
    assert_eq!(rules(sync)[..2], ["wsus-sync-security-only", "wsus-suite-policy"]);
}

#[test]
fn the_flags_of_a_secure_failure_that_do_not_agree_are_told_as_a_mismatch() {
    let report = sample("cmg-secure-failure");
    let problem = only(&report);
    assert_eq!(problem.name, "ERROR_WINHTTP_SECURE_FAILURE");
    for rule in ["certificate-revocation-unreachable", "certificate-untrusted-root", "certificate-wrong-name"] {
        assert!(rules(problem).contains(&rule), "{problem:#?}");
    }
    assert_eq!(
        problem.details.last().unwrap(),
        "mismatch: the value 0x9 is CERT_REV_FAILED and INVALID_CA; CERT_CN_INVALID is said to be set and is not in the \
         value (all of them would be 0x19)"
    );
    assert_eq!(problem.hosts, ["cmg.contoso.com:443"]);
    assert_eq!(problem.run.command, "tlsprobe check cmg:cmg.contoso.com");
    assert_eq!((problem.first.line, problem.count), (8, 1));
}

#[test]
fn flags_that_agree_or_stand_alone_are_no_mismatch() {
    let agree = "lpvStatusInformation is 0x8\nWINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA is set\nCode=12175\n";
    let alone = "lpvStatusInformation is 0x9\n";
    for (log, flags) in [(agree, 1), (alone, 2)] {
        let report = read("LocationServices.log", log.as_bytes());
        assert_eq!(only(&report).details.len(), flags, "{:#?}", only(&report));
        assert!(!text_of(&report).contains("mismatch"));
    }
    let beyond = "lpvStatusInformation is 0x80000080\nWINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA is set\n";
    assert!(text_of(&read("a", beyond.as_bytes())).contains("mismatch"));
}

#[test]
fn a_token_out_of_date_shows_both_times() {
    let report = sample("cmg-token-expired-sts");
    let times = "the token was valid to 10/01/2020 22:03:24, and the time was 10/28/2020 13:05:05";
    assert_eq!(only(&report).details, [times]);
    assert_eq!(only(&sample("cmg-token-expired")).hosts, ["cmgserver.cloudapp.net:443"]);
}

#[test]
fn the_url_of_a_bad_status_belongs_to_the_status_that_follows_in_its_thread() {
    let entry = |text: &str, thread: u32| {
        format!(
            "<![LOG[{text}]LOG]!><time=\"10:22:33.123+000\" date=\"10-28-2020\" component=\"CcmMessaging\" \
             thread=\"{thread}\">\n"
        )
    };
    let bad =
        |host: &str| format!("[CCMHTTP] ERROR: URL=https://{host}/CCM_Proxy_X/1, Text=CCM_E_BAD_HTTP_STATUS_CODE");
    let info = |text: &str| format!("[CCMHTTP] ERROR INFO: StatusCode=403 StatusText={text}");
    let log = entry(&bad("a.example"), 1)
        + &entry(&bad("b.example:8443"), 2)
        + &entry(&info("CMGConnector_Forbidden"), 1)
        + &entry(&info("CMGConnector_Clientcertificaterequired"), 2);
    let report = read("LocationServices.log", log.as_bytes());
    let commands: Vec<&str> = report.problems.iter().map(|problem| problem.run.command.as_str()).collect();
    assert_eq!(commands, ["tlsprobe check cmg:a.example", "tlsprobe check cmg:b.example:8443"]);
}

#[test]
fn start_up_lines_are_evidence_and_speak_against_problem_3() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/machines/SoftwareDistribution-two-starts.log");
    let reset = "2020-08-12 06:00:00.000 UTC\tError\tWsusService.9\tx\tSocketException 10054\r\n";
    let log = [fs::read(path).unwrap(), reset.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
    let report = read("SoftwareDistribution.log", &log);
    assert_eq!(report.evidence[0].line, Some(6));
    assert!(report.evidence[0].text.contains("TLS 1.0 disabled, TLS 1.1 disabled, TLS 1.2 enabled"));
    let problem = only(&report);
    assert!(problem.rules[0].against.as_ref().unwrap().contains("from line 6"), "{problem:#?}");
    assert!(problem.rules[1].against.is_none());
    assert_eq!(problem.run.command, "tlsprobe check wsus --machine SoftwareDistribution.log --os OS");
}

#[test]
fn the_lack_of_start_up_lines_proves_nothing() {
    let log = "2020-08-12 06:00:00.000 UTC\tInfo\tWsusService.9\tx\tnothing\n";
    let report = read("SoftwareDistribution.log", log.as_bytes());
    assert_eq!(report.problems, []);
    assert!(report.evidence[0].text.contains("does not tell whether it was") && report.evidence[0].line.is_none());
    assert!(read("x", b"nothing\n").evidence.is_empty());
}

#[test]
fn an_exception_over_many_lines_is_one_problem() {
    let log = "2020-08-11 05:02:11.214 UTC\tWarning\tWsusService.4\tx\tException Details: System.Net.WebException: The \
               underlying connection was closed\n\
               ---> System.IO.IOException: Unable to read ---> System.Net.Sockets.SocketException: An existing connection \
               was forcibly closed by the remote host\n   at System.Net.TlsStream.Write(Byte[] buffer)\n\
               Error code 0x80072746\n\
               2020-08-11 05:02:12.000 UTC\tInfo\tWsusService.4\tx\tother\n";
    let report = read("SoftwareDistribution.log", log.as_bytes());
    let problem = only(&report);
    assert_eq!((problem.count, problem.first.line), (1, 2));
    assert_eq!(problem.from.as_deref(), Some("2020-08-11 05:02:11.214 UTC"));
}

#[test]
fn each_problem_is_told_once_with_its_first_and_last_line() {
    let line =
        |second: u32, code: &str| format!("2015-08-11\t05:02:{second:02}:214\t 968\t1f8c\tPT\tFailed {code}\r\n");
    let log = line(1, "0x80072ee2") + &line(2, "80244021") + &line(3, "-2147012894") + &line(4, "80072EE2");
    let report = read("WindowsUpdate.log", log.as_bytes());
    let [timeout, gateway] = report.problems.as_slice() else { panic!("{report:#?}") };
    assert_eq!((timeout.count, timeout.first.line, timeout.last.line), (3, 1, 4));
    assert_eq!(timeout.from.as_deref(), Some("2015-08-11 05:02:01.214"));
    assert_eq!(timeout.to.as_deref(), Some("2015-08-11 05:02:04.214"));
    assert_eq!(timeout.last.text, "968\t1f8c\tPT\tFailed 80072EE2");
    assert_eq!(gateway.name, "WU_E_PT_HTTP_STATUS_BAD_GATEWAY");
}

#[test]
fn hosts_of_the_log_stand_in_its_commands() {
    let log = "2015-08-11\t05:02:01:214\t 968\t1f8c\tPT\t  + Server URL = https://wsus.corp:8531/ClientWebService\n\
               2015-08-11\t05:02:02:214\t 968\t1f8c\tPT\tWARNING: failed 0x80072ee2\n\
               2015-08-11\t05:02:02:214\t 968\t1f8c\tPT\tWARNING: https://a/x https://b c/x https://1.2.3.400/ 0x8024401B\n";
    let report = read("WindowsUpdate.log", log.as_bytes());
    let [timeout, proxy] = report.problems.as_slice() else { panic!("{report:#?}") };
    assert_eq!(timeout.hosts, [""; 0]);
    assert!(timeout.check.contains(&"wsus.corp:8531".to_owned()), "{timeout:#?}");
    assert_eq!(proxy.check, ["https://a", "https://b"]);
    assert_eq!(proxy.run.command, "tlsprobe check https://a https://b --proxy PROXY");
}

#[test]
fn without_a_host_the_command_has_one_to_fill_in() {
    let report = read("WindowsUpdate.log", b"2015-08-11\t05:02:02:214\t 968\t1f8c\tPT\t0x80072ee2\n");
    assert_eq!(only(&report).run.command, "tlsprobe check HOST");
    assert_eq!(only(&report).check, [""; 0]);
}

#[test]
fn a_log_of_iis_has_the_columns_that_it_names() {
    let log = "#Software: Microsoft Internet Information Services 10.0\r\n\
               #Fields: date time s-ip cs-method cs-uri-stem sc-status sc-substatus sc-win32-status\r\n\
               2020-08-11 05:02:11 10.0.0.1 GET /SMS_MP/.sms_aut 403 7 64\r\n\
               2020-08-11 05:02:12 10.0.0.1 GET /SMS_MP/.sms_aut 200 0 0\r\n\
               2020-08-11 05:02:13 10.0.0.1 GET /SimpleAuthWebService/a.asmx 403 4 5\r\n\
               2020-08-11 05:02:14 10.0.0.1 GET /x 401 2 5\r\n\
               2020-08-11 05:02:15 10.0.0.1 GET /x 500 0 2148074273\r\n";
    let report = read("u_ex200811.log", log.as_bytes());
    assert_eq!(report.kind, LogKind::Iis);
    let names: Vec<&str> = report.problems.iter().map(|problem| problem.name.as_str()).collect();
    assert_eq!(names, ["IIS answered 403.7", "IIS answered 403.4"]);
    assert_eq!(report.problems[0].from.as_deref(), Some("2020-08-11 05:02:11 UTC"));
}

#[test]
fn an_event_is_read_from_every_form_of_export() {
    let text = "Event[0]:\n  Log Name: System\n  Source: Schannel\n  Date: 2019-10-15T10:11:12.345\n  Event ID: 36887\n  \
                Task: N/A\n  Level: Error\n  User: S-1-5-18\n  Computer: WSUS01.contoso.com\n  Description: \nA fatal alert was \
                received from the remote endpoint. The TLS protocol defined fatal alert code is 20.\n\n";
    let german = "Event[0]:\n  Protokollname: System\n  Quelle: Schannel\n  Datum: 2019-10-15T10:11:12.345\n  Ereignis-ID: \
                  36887\n  Ebene: Fehler\n  Beschreibung: \nEs wurde eine schwerwiegende Warnung vom Remoteendpunkt empfangen. \
                  Die schwerwiegende Warnung hat folgenden für das TLS-Protokoll definierten Code: 20.\n";
    let csv = "Level,Date and Time,Source,Event ID,Task Category\nError,10/15/2019 10:11:12 AM,Schannel,36887,None,\"A fatal \
               alert was received from the remote endpoint. The TLS protocol defined fatal alert code is 20.\"\n";
    let tabs = "レベル\t日付と時刻\tソース\tイベント ID\tタスクのカテゴリ\nエラー\t2019/10/15 10:11:12\tSchannel\t36887\tなし\t\
                リモート エンドポイントから致命的なアラートを受け取りました。TLS プロトコルで定義されている致命的なアラート コードは 20 \
                です。\n";
    let event = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Schannel' \
                 Guid='{1F678132-5938-4686-9FDC-C8FF68F15C85}'/><EventID>36887</EventID><Version>0</Version><Level>2</Level>\
                 <TimeCreated SystemTime='2019-10-15T08:11:12.345678900Z'/></System><EventData><Data \
                 Name='AlertDesc'>20</Data></EventData></Event>";
    let pasted = "Log Name:      System\nSource:        Schannel\nDate:          15.10.2019 10:11:12\nEvent ID:      36887\n\
                  Task Category: None\nDescription:\nA fatal alert was received from the remote endpoint. The TLS protocol \
                  defined fatal alert code is 20.\n";
    let xml = format!("<?xml version=\"1.0\"?><Events>{event}</Events>");
    for (form, log) in [
        ("text", text),
        ("German", german),
        ("CSV", csv),
        ("tabs", tabs),
        ("lines of XML", event),
        ("XML", &xml),
        ("pasted", pasted),
    ] {
        let report = read("System", log.as_bytes());
        let problem = only(&report);
        assert_eq!(problem.name, "Schannel event 36887, alert 20 (bad_record_mac)", "{form}");
        assert_eq!(rules(problem), ["extended-master-secret-not-echoed"], "{form}");
        assert!(problem.from.is_some() || form == "pasted", "{form}");
    }
    let two = format!("<Events>{event}{}</Events>", event.replace("'>20<", "'>40<"));
    assert_eq!(read("System", two.as_bytes()).problems.len(), 2);
    assert_eq!(only(&read("System", event.repeat(500).as_bytes())).count, 500);
}

#[test]
fn an_alert_that_this_machine_sent_is_not_taken_for_the_servers() {
    let log = "Error,10/15/2019 10:11:12 AM,Schannel,36888,None,\"A fatal alert was generated and sent to the remote \
               endpoint. The TLS protocol defined fatal error code is 40. The Windows SChannel error state is 1205.\"\n";
    let report = read("System.csv", log.as_bytes());
    assert_eq!(only(&report).name, "Schannel event 36888, alert 40 (handshake_failure)");
    assert_eq!(rules(only(&report)), [""; 0]);
}

#[test]
fn events_with_the_newest_first_span_the_same_time() {
    let event = |day: u8| {
        format!(
            "<Event xmlns='x'><System><Provider Name='Schannel'/><EventID>36871</EventID><TimeCreated \
             SystemTime='2019-10-{day}T08:11:12Z'/></System></Event>\n"
        )
    };
    let report = read("System.xml", (event(15) + &event(14)).as_bytes());
    let problem = only(&report);
    assert_eq!(problem.from.as_deref(), Some("2019-10-14 08:11:12 UTC"));
    assert_eq!(problem.to.as_deref(), Some("2019-10-15 08:11:12 UTC"));
    assert_eq!(rules(problem)[0], "wsus-import-nothing-to-send");
}

#[test]
fn logs_in_other_languages_work_as_far_as_codes_and_classes_go() {
    let german = "2020-08-11 05:02:11.214 UTC\tWarnung\tWsusService.4\tx\tSystem.Net.WebException: Die zugrunde liegende \
                  Verbindung wurde geschlossen: Unbekannter Fehler beim Senden. ---> System.IO.IOException: Von der \
                  Übertragungsverbindung können keine Daten gelesen werden ---> System.Net.Sockets.SocketException (10054)\n";
    let japanese =
        "2020-08-11\t05:02:11:214\t 968\t1f8c\tMisc\t警告: 送信に失敗しました。hr = 80072EFE プロキシ一覧: なし\n";
    let french = "<![LOG[Échec de la connexion au serveur. Erreur 0x80072ee7 : le nom ne peut pas être résolu]LOG]!>\
                  <time=\"10:22:33.123+000\" date=\"10-28-2020\" component=\"ccmsetup\" thread=\"1\">\n";
    let utf16 = |text: &str| {
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect::<Vec<u8>>()
    };
    for (log, rule) in
        [(german, "wsus-sync-security-only"), (japanese, "reset-on-the-path"), (french, "endpoint-not-reached")]
    {
        for bytes in [log.as_bytes().to_vec(), utf16(log)] {
            let report = read("log", &bytes);
            assert!(rules(only(&report)).contains(&rule), "{report:#?}");
        }
    }
    // The same without a number: by the classes alone, and the page says so.
    let report = read("log", german.replace(" (10054)", ": Eine vorhandene Verbindung wurde geschlossen").as_bytes());
    assert_eq!(only(&report).name, "SocketException");
    assert!(rules(only(&report)).contains(&"wsus-sync-security-only"));
    assert!(only(&report).meaning.as_ref().unwrap().contains("the words alone tell how"));
    let french = "System.Net.WebException: La connexion sous-jacente a été fermée ---> System.ComponentModel.Win32Exception: \
                  Le client et le serveur ne peuvent pas communiquer (0x80090331)\n";
    assert_eq!(rules(only(&read("log", french.as_bytes())))[0], "wsus-import-nothing-to-send");
}

#[test]
fn a_quoted_line_cannot_harm_the_terminal() {
    let report = read("a\u{1b}[2Jb.log", "hr = 0x80072ee2 \u{1b}[31mred\u{202e}\u{7} 日本語".as_bytes());
    let text = text_of(&report);
    assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n' || letter == '\u{202e}'), "{text:?}");
    assert!(text.contains(r"\u{1b}[31mred\u{202e}"), "{text}");
}

#[test]
fn a_log_without_problems_says_so() {
    let report = read("empty.log", b"");
    assert_eq!((report.lines, report.problems.len()), (0, 0));
    assert_eq!(text_of(&report), "empty.log: no problem that is known here\n  lines of text, UTF-8, 0 lines");
}

#[test]
fn what_is_kept_is_bounded_and_said() {
    let mut reading = LogReading::new("hostile.log");
    for number in 0..100_000_u32 {
        reading.feed(
            format!(
                "<![LOG[https://h{number}.example/ lpvStatusInformation is {number:#x}]LOG]!><time=\"10:22:33.123+000\" \
                 date=\"10-28-2020\" thread=\"{number}\">\n"
            )
            .as_bytes(),
        );
        assert!(reading.entries.pending.len() <= MAX_THREADS && reading.entries.hosts.known.len() <= MAX_HOSTS);
    }
    let report = reading.finish(true);
    assert!(report.interrupted && report.problems.len() <= 200);
    assert_eq!(report.notes.len(), 2, "{:?}", report.notes);
    assert!(text_of(&report).contains("stopped before the end"));
}

#[test]
fn a_report_is_plain_data_and_reads_back() {
    for (_, file, lines) in samples() {
        let report = read(&file, lines.join("\n").as_bytes());
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<LogReport>(&json).unwrap(), report);
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_fail(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..2000), cut in 0_usize..2000) {
        let mut reading = LogReading::new("x");
        let (first, rest) = bytes.split_at(cut.min(bytes.len()));
        reading.feed(first);
        reading.feed(rest);
        text::lines(&reading.finish(false));
    }

    #[test]
    fn no_arrangement_of_its_words_makes_it_fail(
        words in proptest::collection::vec(proptest::sample::select(vec![
            "<![LOG[", "]LOG]!>", "<time=\"", "$$<", "><", "Event[0]:", "<Event ", "</Event>", "Schannel", "36887", "é", "\n",
            "Code=", "12175", "https://", "[::1]", "lpvStatusInformation is ", "0x9", "ValidTo: '", "SCHANNEL Protocol", "'",
            "2020-08-11 05:02:11.214 UTC\t", "#Fields: ", "sc-status ", "GET / ", "403 ", ",", "\t", "error", "-2147012894",
            "SocketException (", "10054", "\u{1b}",
        ]), 0..60),
    ) {
        let text = words.concat();
        text::lines(&read("x", text.as_bytes()));
    }
}
