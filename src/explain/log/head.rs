//! How a log's entries begin: their time, who writes, and what is said, for each log of this field.
//!
//! | log | an entry begins |
//! |---|---|
//! | `SoftwareDistribution.log` | `2020-08-11 05:02:11.214 UTC⇥Info⇥WsusService.4⇥…` |
//! | `WindowsUpdate.log` | `2020-08-11⇥05:02:11:214⇥ 968⇥…`, or `2020/08/11 05:02:11.2141234 968 8076 …` |
//! | Configuration Manager | `<![LOG[…]LOG]!><time="05:02:11.214+000" date="08-11-2020" component="…" …>` |
//! | its site servers | `…  $$<SMS_WSUS_SYNC_MANAGER><08-11-2020 05:02:11.214+000><thread=1234 (0x4D2)>` |
//! | events, as text | `Event[0]:`, its time in a line of its own |
//! | events, as CSV | `Error,10/15/2019 10:11:12 AM,Schannel,36887,None,"…`, or with tabs |
//! | events, as XML | `<Event xmlns=…><System>…<TimeCreated SystemTime='…'/>` |
//!
//! IIS has columns of its own choice (see `iis`).

use super::LogKind;

/// The beginning of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head<'a> {
    pub(super) kind: LogKind,
    pub(super) time: Option<Time>,
    /// The process or component.
    pub(super) speaker: Option<&'a str>,
    pub(super) thread: Option<&'a str>,
    /// What is said, without all that.
    pub(super) body: &'a str,
}

/// When something was written, as the log's own clock has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Time {
    /// `2020-08-11 05:02:11.214`, and behind it what the log says of the zone; or as it stands, where its order is that
    /// of a country.
    pub(super) text: String,
    /// Whether such texts sort as their times do.
    pub(super) sorts: bool,
}

const CM_BEGINS: &str = "<![LOG[";
const CM_ENDS: &str = "]LOG]!>";

/// The head of the entry that begins in this line; `None` where it goes on with an earlier one.
pub(super) fn head(line: &str) -> Option<Head<'_>> {
    dated(line)
        .or_else(|| configuration_manager(line))
        .or_else(|| site_server(line))
        .or_else(|| event_as_xml(line))
        .or_else(|| event_as_text(line))
        .or_else(|| event_as_row(line))
}

/// What stands behind the last line of an entry that Configuration Manager wrote over several.
pub(super) fn tail(line: &str) -> Option<Head<'_>> {
    let (body, tail) = line.split_once(CM_ENDS)?;
    let time = || {
        let (clock, zone) = clock_and_bias(attribute(tail, "time=\"")?)?;
        Some(Time { text: format!("{} {clock}{zone}", american_date(attribute(tail, "date=\"")?)?), sorts: true })
    };
    Some(Head {
        kind: LogKind::ConfigurationManager,
        time: time(),
        speaker: attribute(tail, "component=\""),
        thread: attribute(tail, "thread=\""),
        body,
    })
}

/// The time in a line of an event's text: `  Date: 2019-10-15T10:11:12.345`, whatever its label in other languages.
pub(super) fn time_of_event(line: &str) -> Option<Time> {
    let value = line.starts_with(' ').then(|| line.split_once(": ")).flatten()?.1.trim();
    let (time, rest) = iso_time(value)?;
    rest.is_empty().then_some(time)
}

fn configuration_manager(line: &str) -> Option<Head<'_>> {
    let body = line.strip_prefix(CM_BEGINS)?;
    let whole = Head { kind: LogKind::ConfigurationManager, body, ..Head::default() };
    Some(tail(body).unwrap_or(whole))
}

fn site_server(line: &str) -> Option<Head<'_>> {
    let (body, tail) = line.rsplit_once("$$<")?;
    let (component, tail) = tail.split_once("><")?;
    let (when, tail) = tail.split_once('>')?;
    let (date, clock) = when.split_once(' ')?;
    let (clock, zone) = clock_and_bias(clock)?;
    let thread = tail.strip_prefix("<thread=").and_then(|rest| rest.split([' ', '>']).next());
    Some(Head {
        kind: LogKind::ConfigurationManager,
        time: Some(Time { text: format!("{} {clock}{zone}", american_date(date)?), sorts: true }),
        speaker: Some(component),
        thread,
        body: body.trim_end(),
    })
}

/// `SoftwareDistribution.log` and both forms of `WindowsUpdate.log`.
fn dated(line: &str) -> Option<Head<'_>> {
    let (time, rest) = iso_time(line)?;
    let Some(rest) = rest.strip_prefix(" UTC") else {
        return Some(Head {
            kind: LogKind::WindowsUpdate,
            time: Some(time),
            body: rest.trim_start(),
            ..Head::default()
        });
    };
    let mut columns = rest.trim_start().splitn(3, '\t');
    let (level, speaker, body) = (columns.next().unwrap_or_default(), columns.next(), columns.next());
    Some(Head {
        kind: LogKind::SoftwareDistribution,
        time: Some(Time { text: format!("{} UTC", time.text), sorts: true }),
        speaker: body.and(speaker),
        thread: None,
        body: body.unwrap_or(level),
    })
}

fn event_as_xml(line: &str) -> Option<Head<'_>> {
    let at = line.find("<Event ").or_else(|| line.find("<Event>"))?;
    // Behind a heading or the event before, and nothing else.
    line.get(..at)?.trim_end().chars().next_back().is_none_or(|last| last == '>').then_some(())?;
    let body = line.get(at..)?;
    let time = attribute(body, "SystemTime='").or_else(|| attribute(body, "SystemTime=\""));
    let time = time.and_then(iso_time).map(|(time, _)| time);
    Some(Head { kind: LogKind::EventLog, time, body, ..Head::default() })
}

fn event_as_text(line: &str) -> Option<Head<'_>> {
    let number = line.strip_prefix("Event[")?.split_once(']')?.0;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Head { kind: LogKind::EventLog, body: line, ..Head::default() })
}

/// A row's second cell is its time, in the form of some country.
fn event_as_row(line: &str) -> Option<Head<'_>> {
    let mut cells = line.splitn(4, [',', '\t']).map(|cell| cell.trim_matches('"'));
    let (_, when, source) = (cells.next()?, cells.next()?, cells.next()?);
    let is_time = when.len() <= 40
        && when.bytes().next()?.is_ascii_digit()
        && when.bytes().filter(|byte| *byte == b':').count() == 2
        && when.bytes().filter(u8::is_ascii_digit).count() >= 9;
    (is_time && !source.is_empty()).then(|| Head {
        kind: LogKind::EventLog,
        time: Some(Time { text: when.to_owned(), sorts: false }),
        body: line,
        ..Head::default()
    })
}

/// A date and a time, biggest part first, and what follows.
fn iso_time(text: &str) -> Option<(Time, &str)> {
    let form = |place: usize, byte: u8| match place {
        4 | 7 => byte == b'-' || byte == b'/',
        10 => matches!(byte, b' ' | b'\t' | b'T'),
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    };
    let fixed = text.as_bytes().get(..19)?;
    if !fixed.iter().enumerate().all(|(place, byte)| form(place, *byte)) {
        return None;
    }
    let (date, clock, mut rest) = (text.get(..10)?, text.get(11..19)?, text.get(19..)?);
    let mut time = format!("{} {clock}", date.replace('/', "-"));
    if let Some(fraction) = rest.strip_prefix(['.', ':', ',']) {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if let Some(shown) = fraction.get(..digits.min(3)).filter(|shown| !shown.is_empty()) {
            time = format!("{time}.{shown}");
            rest = fraction.get(digits..)?;
        }
    }
    if let Some(after) = rest.strip_prefix('Z') {
        time += " UTC";
        rest = after;
    }
    Some((Time { text: time, sorts: true }, rest))
}

/// `05:02:11.214` and the zone of `05:02:11.214-120`: minutes to be added for UTC.
fn clock_and_bias(text: &str) -> Option<(&str, String)> {
    let at = text.find(['+', '-'])?;
    let (clock, bias) = text.split_at_checked(at)?;
    let minutes: i32 = bias.parse().ok()?;
    let zone = if minutes == 0 { " UTC".to_owned() } else { format!(" ({bias} min to UTC)") };
    (clock.len() >= 8 && clock.bytes().all(|byte| byte.is_ascii_digit() || byte == b':' || byte == b'.'))
        .then_some((clock, zone))
}

/// `08-11-2020` as `2020-08-11`.
fn american_date(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    let is_number = |part: &str| !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(month) && is_number(day) && is_number(year)).then(|| format!("{year}-{month:0>2}-{day:0>2}"))
}

/// The value behind `name`, which includes the quotation mark that ends the value as well.
fn attribute<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let quote = name.chars().next_back()?;
    let (_, rest) = text.split_once(name)?;
    rest.split_once(quote).map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> (LogKind, String, String, String, String) {
        let head = head(line).unwrap_or_else(|| panic!("{line}"));
        let owned = |text: Option<&str>| text.unwrap_or("-").to_owned();
        let time = head.time.map_or("-".to_owned(), |time| time.text);
        (head.kind, time, owned(head.speaker), owned(head.thread), head.body.to_owned())
    }

    #[test]
    fn every_log_is_known_by_how_its_entries_begin() {
        use LogKind::{ConfigurationManager, EventLog, SoftwareDistribution, WindowsUpdate};
        for (line, kind, time, speaker, thread, body) in [
            (
                "2020-08-11 05:02:11.214 UTC\tInfo\tWsusService.4\tServiceStartup\tSCHANNEL",
                SoftwareDistribution,
                "2020-08-11 05:02:11.214 UTC",
                "WsusService.4",
                "-",
                "ServiceStartup\tSCHANNEL",
            ),
            (
                "2015-08-11\t05:02:11:214\t 968\t1f8c\tMisc\tWARNING: failed",
                WindowsUpdate,
                "2015-08-11 05:02:11.214",
                "-",
                "-",
                "968\t1f8c\tMisc\tWARNING: failed",
            ),
            (
                "2017/01/26 10:02:11.1234567 1234  5678  Agent  *FAILED* [80244021]",
                WindowsUpdate,
                "2017-01-26 10:02:11.123",
                "-",
                "-",
                "1234  5678  Agent  *FAILED* [80244021]",
            ),
            (
                "<![LOG[[CCMHTTP] ERROR]LOG]!><time=\"10:22:33.123-120\" date=\"8-1-2020\" component=\"LocationServices\" \
                 context=\"\" type=\"3\" thread=\"4711\" file=\"a.cpp:1\">",
                ConfigurationManager,
                "2020-08-01 10:22:33.123 (-120 min to UTC)",
                "LocationServices",
                "4711",
                "[CCMHTTP] ERROR",
            ),
            (
                "sync failed  $$<SMS_WSUS_SYNC_MANAGER><08-11-2020 05:02:11.214+000><thread=1234 (0x4D2)>",
                ConfigurationManager,
                "2020-08-11 05:02:11.214 UTC",
                "SMS_WSUS_SYNC_MANAGER",
                "1234",
                "sync failed",
            ),
            ("Event[12]:", EventLog, "-", "-", "-", "Event[12]:"),
            (
                "Fehler,15.10.2019 10:11:12,Schannel,36887,Keine,\"Es",
                EventLog,
                "15.10.2019 10:11:12",
                "-",
                "-",
                "Fehler,15.10.2019 10:11:12,Schannel,36887,Keine,\"Es",
            ),
            (
                "<?xml?><Events><Event xmlns='x'><TimeCreated SystemTime='2019-10-15T08:11:12.3456789Z'/>",
                EventLog,
                "2019-10-15 08:11:12.345 UTC",
                "-",
                "-",
                "<Event xmlns='x'><TimeCreated SystemTime='2019-10-15T08:11:12.3456789Z'/>",
            ),
        ] {
            assert_eq!(
                told(line),
                (kind, time.to_owned(), speaker.to_owned(), thread.to_owned(), body.to_owned()),
                "{line}"
            );
        }
    }

    #[test]
    fn what_goes_on_with_an_entry_begins_none() {
        for line in [
            "   at System.Net.TlsStream.ProcessAuthentication(LazyAsyncResult result)",
            "",
            "11.08.2020 05:02",
            "2020-08-11",
            "2020-08-11 05:02",
            "a, b, c",
            "Event[]",
            "text <Event>",
            "$$<",
            "é020-08-11 05:02:11",
        ] {
            assert_eq!(head(line), None, "{line}");
        }
    }

    #[test]
    fn an_entry_over_several_lines_tells_its_time_in_the_last() {
        let first = head("<![LOG[Return code: 401").unwrap();
        assert_eq!((first.time, first.body), (None, "Return code: 401"));
        let last = tail("'.]LOG]!><time=\"10:22:33.123+000\" date=\"08-11-2020\" component=\"CCM_STS\" thread=\"1\">");
        assert_eq!(last.unwrap().time.unwrap().text, "2020-08-11 10:22:33.123 UTC");
    }

    #[test]
    fn an_event_as_text_tells_its_time_whatever_the_label() {
        for line in ["  Date: 2019-10-15T10:11:12.345", "  Datum: 2019-10-15T10:11:12.3450000Z"] {
            assert!(time_of_event(line).unwrap().text.starts_with("2019-10-15 10:11:12.345"), "{line}");
        }
        assert_eq!(time_of_event("Date: none"), None);
    }
}
