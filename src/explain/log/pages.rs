//! From what was seen in a log to what is said of it.

use super::found::{Flags, Sign, carries_alert};
use super::problems::Seen;
use super::report::{Evidence, Lead, LogKind, Problem};
use super::{Entries, Host};
use crate::explain::{
    self, Explanation, HowToTest, alert, cmg_status, error_text, leads, schannel_event, windows_code,
};
use crate::machine::source::StartUpLines;
use crate::registry::{AlertDescription, CmgStatus, SchannelEvent, WinhttpFlag};

/// What is known of one sign.
#[derive(Debug, Default)]
struct Page {
    name: String,
    code: Option<String>,
    meaning: Option<String>,
    caused_by: Vec<String>,
    network_picture: Option<String>,
    rules: Vec<String>,
    details: Vec<String>,
    /// The `check` that the tables have for it.
    check: Option<HowToTest>,
}

/// Each problem, by its first line.
pub(super) fn problems(entries: &Entries) -> Vec<Problem> {
    let mut problems: Vec<Problem> = entries.problems.seen.iter().map(|seen| problem(seen, entries)).collect();
    problems.sort_by_key(|problem| problem.first.line);
    problems
}

/// What the start-up lines of a WSUS show, and what the lack of them does not.
pub(super) fn evidence(start_up: &StartUpLines, kind: Option<LogKind>) -> Vec<Evidence> {
    if let Some(line) = start_up.first_line() {
        let machine = start_up.machine();
        let state = |(version, protocol): (&crate::registry::ProtocolVersion, &crate::machine::SchannelProtocol)| {
            let is_off = protocol.enabled.as_ref().is_some_and(|enabled| enabled.value == Some(0));
            format!("{} {}", version.spoken(), if is_off { "disabled" } else { "enabled" })
        };
        let states: Vec<String> = machine.schannel.iter().map(state).collect();
        let text = format!(
            "SCHANNEL start-up lines, {}: the update that lets this WSUS use TLS 1.2 is in (no problem by itself)",
            states.join(", ")
        );
        return vec![Evidence { text, line: Some(line) }];
    }
    let text = "no SCHANNEL start-up line: if WSUS was started while this log was written, the update that lets it use \
                TLS 1.2 on Server 2012 and 2012 R2 is not in; the log alone does not tell whether it was";
    let is_wsus = kind == Some(LogKind::SoftwareDistribution);
    is_wsus.then(|| Evidence { text: text.to_owned(), line: None }).into_iter().collect()
}

fn problem(seen: &Seen, entries: &Entries) -> Problem {
    let Page { name, code, meaning, caused_by, network_picture, rules, details, check } = page(seen);
    let rules: Vec<Lead> = rules.iter().map(|id| lead(id, &entries.start_up)).collect();
    let (first, last) = (&seen.first, &seen.last);
    let (mut from, mut to) = (first.place.time.clone(), last.place.time.clone());
    // An export of events may have the newest first.
    if first.time_sorts && last.time_sorts && from > to {
        (from, to) = (to, from);
    }
    let hosts: Vec<&Host> = seen.hosts.iter().filter_map(|place| entries.hosts.at(*place)).collect();
    let (run, words) = run(&rules, &hosts, entries, check);
    Problem {
        name,
        code,
        meaning,
        caused_by,
        network_picture,
        leg: seen.key.leg,
        count: seen.count,
        from,
        to,
        first: first.place.clone(),
        last: last.place.clone(),
        details: details.into_iter().chain(token_times(seen)).collect(),
        rules,
        hosts: hosts.iter().map(|host| host.target.to_string()).collect(),
        run,
        check: words,
    }
}

fn page(seen: &Seen) -> Page {
    match seen.key.sign {
        Sign::Text(text) => {
            Page { rules: of_leg(seen, leads::of_text(text)), ..of_explanation(error_text::explain(text)) }
        }
        Sign::Code(code) => {
            let page = code.info().map(windows_code::explain).map(of_explanation).unwrap_or_default();
            let flags = of_flags(seen.key.flags);
            let rules = if flags.rules.is_empty() { page.rules } else { flags.rules };
            Page { rules, details: flags.details, ..page }
        }
        Sign::Status(status) => of_explanation(cmg_status::explain(status)),
        Sign::Event(event, alert) => of_event(event, alert),
        Sign::ImportFailed => Page {
            name: "ImportUpdateFromCatalogSite failed".to_owned(),
            meaning: Some(
                "Configuration Manager could not import a driver, which it does by the import of WSUS".to_owned(),
            ),
            rules: leads::owned(&[
                "configmgr-surface-drivers",
                "wsus-import-tls10",
                "wsus-import-nothing-to-send",
                "wsus-suite-policy",
            ]),
            ..Page::default()
        },
        Sign::NoClientCertificate => Page {
            name: "no certificate with client authentication is left".to_owned(),
            code: Some("cmg-client-certificate-required".to_owned()),
            meaning: Some("the connection point has none to show to an HTTPS management point".to_owned()),
            rules: leads::owned(&["cmg-client-certificate-required"]),
            ..Page::default()
        },
        Sign::TokenExpired => {
            let status = CmgStatus::all().iter().find(|status| status.text == "CMGService_Invalid_Token");
            let page = status.map(cmg_status::explain).map(of_explanation).unwrap_or_default();
            Page { name: "SecurityTokenExpiredException".to_owned(), ..page }
        }
        Sign::Forbidden { sub_status, to_configuration_manager } => forbidden(sub_status, to_configuration_manager),
        Sign::SocketException { number, in_handshake } => of_socket(number, in_handshake, seen),
        Sign::Win32Exception => Page {
            name: "Win32Exception".to_owned(),
            meaning: Some("a call of Windows failed, most often Schannel's; its words alone tell how".to_owned()),
            rules: leads::owned(&["wsus-import-nothing-to-send", "configmgr-surface-drivers", "wsus-suite-policy"]),
            ..Page::default()
        },
        Sign::AuthenticationException => Page {
            name: "AuthenticationException".to_owned(),
            meaning: Some(".NET's TLS gave up, for the server's certificate or for the handshake".to_owned()),
            rules: leads::owned(&["certificate-untrusted-root", "certificate-wrong-name", "wsus-suite-policy"]),
            ..Page::default()
        },
    }
}

/// What the tables say of a row.
fn of_explanation(explanation: Explanation) -> Page {
    let Explanation { name, forms, meaning, network_picture, caused_by, rules, how_to_test, .. } = explanation;
    Page {
        code: forms.hex.or_else(|| (!name.contains(' ')).then(|| name.clone())),
        meaning,
        caused_by,
        network_picture,
        rules,
        check: how_to_test.into_iter().find(|test| test.command.starts_with("tlsprobe check ")),
        name,
        details: Vec::new(),
    }
}

/// The rules of a text, by the connection that it is of: import is never held up by what sync lacks, nor the reverse.
fn of_leg(seen: &Seen, rules: &[&str]) -> Vec<String> {
    use crate::machine::LegName::{Import, Sync};
    let concerns = |rule: &&&str| match seen.key.leg {
        Some(Sync) => !rule.starts_with("wsus-import-tls10"),
        Some(Import) => !rule.starts_with("wsus-sync-"),
        None => true,
    };
    rules.iter().filter(concerns).map(|&rule| rule.to_owned()).collect()
}

fn of_event(event: &SchannelEvent, told: Option<AlertDescription>) -> Page {
    let page = of_explanation(schannel_event::explain(event));
    let page = Page { name: format!("Schannel event {}", event.id), code: Some(format!("event {}", event.id)), ..page };
    let Some(description) = told.filter(|_| carries_alert(event)) else { return page };
    let alert_page = description.info().map(alert::explain).map(of_explanation).unwrap_or_default();
    let name = description.name().unwrap_or("an unknown one");
    let is_received = event.id == SchannelEvent::ALERT_RECEIVED;
    Page {
        name: format!("{}, alert {} ({name})", page.name, description.0),
        code: Some(format!("alert {}", description.0)),
        details: alert_page.meaning.into_iter().map(|meaning| format!("{name}: {meaning}")).collect(),
        // What a server refuses by its alert, and not what this machine found wrong.
        rules: if is_received { alert_page.rules } else { Vec::new() },
        check: alert_page.check,
        ..page
    }
}

fn forbidden(sub_status: u16, to_configuration_manager: bool) -> Page {
    let (meaning, rules): (_, &[&str]) = match sub_status {
        7 if to_configuration_manager => {
            ("a client certificate is required and none was found", &["cmg-client-certificate-required"])
        }
        7 => ("a client certificate is required and none was found", &["client-certificate-required"]),
        4 => ("SSL is required", &["http-status-403"]),
        _ => ("what this sub-status says is not known here", &["http-status-403"]),
    };
    Page {
        name: format!("IIS answered 403.{sub_status}"),
        code: Some("HTTP 403".to_owned()),
        meaning: Some(meaning.to_owned()),
        rules: leads::owned(rules),
        ..Page::default()
    }
}

fn of_socket(number: Option<u32>, in_handshake: bool, seen: &Seen) -> Page {
    let place = if in_handshake { " during the handshake" } else { "" };
    let which = match number {
        Some(number) => format!("what error {number} is, is not known here"),
        None => "the words alone tell how, and no number does".to_owned(),
    };
    let mut rules = of_leg(seen, leads::CUT_AT_HELLO);
    if !in_handshake {
        rules.push("endpoint-not-reached".to_owned());
    }
    Page {
        name: number.map_or("SocketException".to_owned(), |number| format!("SocketException {number}")),
        meaning: Some(format!("a connection failed{place}: {which}")),
        rules,
        ..Page::default()
    }
}

/// The flags of a failure, and whether their sum and their names agree.
fn of_flags(Flags { sum, set }: Flags) -> Page {
    let all = sum.unwrap_or_default() | set;
    let short = |flag: &WinhttpFlag| flag.name.trim_start_matches(WinhttpFlag::PREFIX).to_owned();
    let names = |bits: u32| {
        let flags = WinhttpFlag::all().iter().filter(|flag| bits & flag.bit != 0);
        flags.map(short).collect::<Vec<_>>().join(" and ")
    };
    let meaning = |flag: &WinhttpFlag| format!("{}: {}", short(flag), flag.meaning);
    let set_flags = || WinhttpFlag::all().iter().filter(|flag| all & flag.bit != 0);
    let mut details: Vec<String> = set_flags().map(meaning).collect();
    let mut rules: Vec<String> = Vec::new();
    for rule in set_flags().flat_map(|flag| leads::owned(leads::of_flag(flag))) {
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    if let Some(sum) = sum.filter(|sum| set != 0 && *sum != set) {
        let unsaid = match sum & !set {
            0 => String::new(),
            bits => format!("; {} is in the value and is not said to be set", named(&names(bits), bits)),
        };
        let untrue = match set & !sum {
            0 => String::new(),
            bits => format!("; {} is said to be set and is not in the value", named(&names(bits), bits)),
        };
        details.push(format!(
            "mismatch: the value {sum:#x} is {}{untrue}{unsaid} (all of them would be {all:#x})",
            named(&names(sum), sum)
        ));
    }
    Page { rules, details, ..Page::default() }
}

fn named(names: &str, bits: u32) -> String {
    if names.is_empty() { format!("{bits:#x}, no flag that is known here") } else { names.to_owned() }
}

/// Both times of a token, at its first sighting and, where they differ, at its last.
fn token_times(seen: &Seen) -> Vec<String> {
    let times = |sighting: &super::Sighting| match (&sighting.valid_to, &sighting.current_time) {
        (None, None) => None,
        (valid_to, now) => {
            let shown = |time: &Option<String>| time.clone().unwrap_or_else(|| "unknown".to_owned());
            Some(format!("the token was valid to {}, and the time was {}", shown(valid_to), shown(now)))
        }
    };
    let mut both: Vec<String> = [times(&seen.first), times(&seen.last)].into_iter().flatten().collect();
    both.dedup();
    both
}

fn lead(id: &str, start_up: &StartUpLines) -> Lead {
    let rule = explain::rule(id);
    let against = start_up.first_line().filter(|_| id == "wsus-sync-security-only").map(|line| {
        format!("the SCHANNEL start-up lines from line {line}: the update that lets this WSUS use TLS 1.2 is in")
    });
    Lead {
        id: id.to_owned(),
        title: rule.map(|rule| rule.title).unwrap_or_default().to_owned(),
        rests_on: rule.map(|rule| rule.rests_on.to_owned()),
        against,
    }
}

/// The command that tells the causes apart, and the words in it that `check` is to be given.
fn run(rules: &[Lead], hosts: &[&Host], entries: &Entries, check: Option<HowToTest>) -> (HowToTest, Vec<String>) {
    let leads_to = |start: &str| rules.iter().any(|rule| rule.id.starts_with(start));
    let is_of_wsus = leads_to("wsus-") || leads_to("configmgr-");
    let is_from_wsus = entries.kind == Some(LogKind::SoftwareDistribution);
    if is_from_wsus || is_of_wsus && hosts.is_empty() {
        // What the log tells of its machine goes into the hellos that are sent.
        let machine = match entries.start_up.first_line() {
            Some(_) if entries.file != "-" => format!(" --machine {}", quoted(&entries.file)),
            _ => String::new(),
        };
        let legs = if is_of_wsus { format!("{machine} --os OS") } else { String::new() };
        let shows = if is_of_wsus {
            "what becomes of the hello of each leg of this WSUS; OS is its system, as 2012r2, and \
             --machine with the output of collect-machine.ps1 tells more"
        } else {
            "whether the endpoints of WSUS answer as they should"
        };
        return (
            HowToTest { command: format!("tlsprobe check wsus{legs}"), shows: shows.to_owned() },
            vec!["wsus".to_owned()],
        );
    }
    let of_log: Vec<&Host>;
    let hosts = if hosts.is_empty() {
        of_log = entries.hosts.all().take(4).collect();
        &of_log
    } else {
        hosts
    };
    let words: Vec<String> = hosts.iter().map(|host| word(host)).collect();
    let proxy = if rules.first().is_some_and(|rule| rule.id.starts_with("proxy-")) { " --proxy PROXY" } else { "" };
    let fallback = || HowToTest {
        command: "tlsprobe check HOST".to_owned(),
        shows: "whether TLS to it is as it should be".to_owned(),
    };
    let HowToTest { command, shows } = check.unwrap_or_else(fallback);
    if words.is_empty() {
        let is_whole = !command.contains(char::is_uppercase);
        let words = command.split(' ').skip(2).filter(|_| is_whole).map(str::to_owned).collect();
        return (HowToTest { command: command + proxy, shows }, words);
    }
    (HowToTest { command: format!("tlsprobe check {}{proxy}", words.join(" ")), shows }, words)
}

/// A host as `check` takes it.
fn word(host: &Host) -> String {
    let target = host.target.to_string();
    let short = target.strip_suffix(":443").unwrap_or(&target);
    match host.is_gateway {
        true => format!("cmg:{short}"),
        // A bare name may be a pack's.
        false if !short.contains(['.', ':']) => format!("https://{short}"),
        false => short.to_owned(),
    }
}

/// A file's name as a shell takes it.
fn quoted(path: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./\\:".contains(letter);
    if path.chars().all(is_plain) { path.to_owned() } else { format!("\"{}\"", path.replace('"', "")) }
}
