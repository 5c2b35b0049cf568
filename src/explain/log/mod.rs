//! A log, read as its bytes come: each distinct problem once, with where it stands, how often and from when to when, the
//! rules that judge its causes, and the command that tells which cause it is.
//!
//! bytes → `lines` → entries (`head`, `iis`) → what is in them (`spot`, `found`) → `problems` → [`LogReport`].
//! Nothing here does I/O, and what is held stays small however long the log is: one line, one entry's findings, the
//! problems.
//!
//! The log is believed in what it says and not in what it leaves out: one text may have several causes, and then all of
//! their rules are named.

mod found;
mod head;
mod iis;
mod lines;
mod pages;
mod problems;
mod report;
mod spot;
pub mod text;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use found::{Flags, Found, Sign, alert_in};
use head::{Head, Time};
use iis::Fields;
pub use lines::Encoding;
use lines::{Line, Lines};
use problems::{Problems, Sighting};
pub use report::{Evidence, Lead, LogKind, LogReport, Place, Problem, SCHEMA, schema};
use spot::{Said, Spot};

use crate::machine::Machine;
use crate::machine::source::StartUpLines;
use crate::registry::WindowsCode;
use crate::target::Target;

/// Lines that one entry may go on for: a stack trace is shorter.
const MAX_CONTINUED: u64 = 2000;

/// The same where no time tells entries apart.
const MAX_CONTINUED_UNTIMED: u64 = 30;

/// Hosts that are kept of one log.
const MAX_HOSTS: usize = 64;

/// Threads whose half-told failures are kept at the same time.
const MAX_THREADS: usize = 64;

/// A log being read.
#[derive(Debug)]
pub struct LogReading {
    lines: Lines,
    entries: Entries,
    bytes: u64,
}

impl LogReading {
    /// Nothing read yet; `file` is how the report names the log.
    pub fn new(file: &str) -> Self {
        Self { lines: Lines::default(), entries: Entries::new(file), bytes: 0 }
    }

    /// Takes the next bytes of the log, as many as there are.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        let entries = &mut self.entries;
        self.lines.feed(bytes, &mut |line| entries.line(line));
    }

    /// What was found. `interrupted` says that there was more.
    pub fn finish(mut self, interrupted: bool) -> LogReport {
        let entries = &mut self.entries;
        self.lines.finish(&mut |line| entries.line(line));
        let Self { lines, mut entries, bytes } = self;
        entries.end_of_entry();
        for (_, pending) in std::mem::take(&mut entries.pending) {
            pending.left_alone(&mut entries.problems);
        }
        let mut notes = Vec::new();
        if lines.cut > 0 {
            let at = lines::MAX_LINE >> 10;
            notes.push(format!("of {} lines only the first {at} KiB were looked at", lines.cut));
        }
        if entries.hosts.is_full() {
            notes.push(format!("the log names more hosts than the {MAX_HOSTS} that were kept"));
        }
        notes.extend(entries.problems.note());
        LogReport {
            schema: SCHEMA.to_owned(),
            kind: entries.kind.unwrap_or_default(),
            encoding: lines.encoding(),
            bytes,
            lines: lines.count(),
            interrupted,
            evidence: pages::evidence(&entries.start_up, entries.kind),
            problems: pages::problems(&entries),
            notes,
            probed: None,
            file: entries.file,
        }
    }

    /// What the start-up lines of a WSUS tell of its machine; `None` where there are none.
    pub fn machine(&self) -> Option<Machine> {
        self.entries.start_up.first_line().map(|_| self.entries.start_up.machine())
    }
}

/// Lines put together to entries, and what follows from these.
#[derive(Debug)]
struct Entries {
    file: String,
    /// Of the first entry whose form is known.
    kind: Option<LogKind>,
    fields: Fields,
    open: Option<Entry>,
    hosts: Hosts,
    start_up: StartUpLines,
    problems: Problems,
    /// By thread: a failure whose entries have not all come.
    pending: BTreeMap<String, Pending>,
}

/// An entry that may go on.
#[derive(Debug, Default)]
struct Entry {
    kind: LogKind,
    time: Option<Time>,
    speaker: String,
    thread: String,
    first_line: u64,
    /// Whether its beginning was told by more than what it says.
    has_head: bool,
    is_xml: bool,
    found: Found,
    /// The line of it that says most.
    place: Place,
}

/// What entries of Configuration Manager's client say before the one that says what failed.
#[derive(Debug, Default)]
struct Pending {
    flags: Flags,
    hosts: Vec<usize>,
    place: Place,
}

impl Pending {
    /// Flags without the error that they belong to are one all the same.
    fn left_alone(self, problems: &mut Problems) {
        if self.flags != Flags::default() {
            let sighting = Sighting { place: self.place, hosts: self.hosts, flags: self.flags, ..Sighting::default() };
            problems.add(Sign::Code(found::SECURE_FAILURE), sighting);
        }
    }
}

impl Entries {
    fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            kind: None,
            fields: Fields::default(),
            open: None,
            hosts: Hosts::default(),
            start_up: StartUpLines::new(file),
            problems: Problems::default(),
            pending: BTreeMap::new(),
        }
    }

    fn line(&mut self, line: Line<'_>) {
        // An export of events may have many of them in a line.
        for text in line.text.split_inclusive(lines::END_OF_EVENT) {
            self.piece(line.number, text);
        }
    }

    fn piece(&mut self, number: u64, text: &str) {
        if self.fields.directive(text) {
            self.kind.get_or_insert(LogKind::Iis);
            return;
        }
        let head = if self.kind == Some(LogKind::Iis) { None } else { head::head(text) };
        let may_be_request = head.is_none() && matches!(self.kind, None | Some(LogKind::Iis));
        let request = if may_be_request { self.fields.request(text) } else { None };
        match (head, request) {
            (Some(head), _) => self.begin(number, head),
            (None, Some(request)) => self.request(number, text, &request),
            (None, None) => self.go_on(number, text),
        }
    }

    /// A line with a head of its own.
    fn begin(&mut self, number: u64, head: Head<'_>) {
        self.end_of_entry();
        self.kind.get_or_insert(head.kind);
        let owned = |text: Option<&str>| text.map(|text| text.chars().take(40).collect()).unwrap_or_default();
        self.open = Some(Entry {
            kind: head.kind,
            time: head.time,
            speaker: owned(head.speaker),
            thread: owned(head.thread),
            first_line: number,
            has_head: true,
            is_xml: head.body.starts_with("<Event"),
            ..Entry::default()
        });
        self.look_at(number, head.body);
    }

    /// A line that belongs to the entry before, unless it speaks of something new and no head has to tell so.
    fn go_on(&mut self, number: u64, text: &str) {
        let goes_on = self.open.as_ref().is_some_and(|entry| {
            let length = number - entry.first_line;
            let most = if entry.has_head { MAX_CONTINUED } else { MAX_CONTINUED_UNTIMED };
            length <= most && (entry.has_head || text.starts_with([' ', '\t', '-']) || !speaks_up(text))
        });
        if !goes_on {
            self.end_of_entry();
            self.open = Some(Entry { first_line: number, ..Entry::default() });
        }
        if let Some(entry) = self.open.as_mut().filter(|entry| entry.time.is_none()) {
            match entry.kind {
                LogKind::ConfigurationManager => {
                    if let Some(tail) = head::tail(text) {
                        entry.time = tail.time;
                        tail.speaker.unwrap_or_default().clone_into(&mut entry.speaker);
                        tail.thread.unwrap_or_default().clone_into(&mut entry.thread);
                    }
                }
                LogKind::EventLog => entry.time = head::time_of_event(text),
                _ => {}
            }
        }
        self.look_at(number, text);
    }

    /// Looks for everything in a line of the open entry.
    fn look_at(&mut self, number: u64, text: &str) {
        let Self { open: Some(entry), hosts, start_up, .. } = self else { return };
        let (mut found, mut behind_event) = (Found::default(), None);
        spot::spots(text, |spot| {
            match spot {
                Spot::Url(url) => found.hosts.extend(hosts.place_of(url)),
                Spot::Event(_, after) => behind_event = Some(after),
                _ => {}
            }
            found.take(&spot);
        });
        if found.says(Said::StartUp) {
            start_up.take(number, text);
        }
        if entry.place.line == 0 && found.is_something() {
            entry.place = Place { line: number, time: None, text: shortened(text) };
        }
        entry.found.merge(found);
        // The header lines of an event as text are indented; its description is not.
        if entry.found.awaits_alert()
            && !entry.is_xml
            && !text.starts_with([' ', '\t'])
            && let Some(alert) = alert_in(behind_event.unwrap_or(text))
        {
            entry.found.set_alert(alert);
        }
    }

    /// Nothing more comes of the open entry.
    fn end_of_entry(&mut self) {
        let Some(entry) = self.open.take().filter(|entry| entry.place.line > 0) else { return };
        let Entry { time, speaker, thread, mut found, mut place, .. } = entry;
        place.time = time.as_ref().map(|time| time.text.clone());
        let hosts = std::mem::take(&mut found.hosts);
        let signs = found.signs();
        if signs.is_empty() && found.is_half_told() {
            self.keep(thread, found.flags, hosts, place);
            return;
        }
        let before = if signs.iter().any(Sign::may_have_a_first_half) { self.pending.remove(&thread) } else { None };
        let mut sighting = Sighting {
            time_sorts: time.as_ref().is_some_and(|time| time.sorts),
            leg: found.leg(&speaker),
            flags: found.flags,
            valid_to: found.valid_to.take(),
            current_time: found.current_time.take(),
            place,
            hosts,
        };
        if let Some(before) = before {
            sighting.flags.merge(before.flags);
            sighting.hosts.extend(before.hosts);
        }
        for sign in signs {
            self.problems.add(sign, sighting.clone());
        }
    }

    /// Keeps the half of a failure until its other half comes.
    fn keep(&mut self, thread: String, flags: Flags, hosts: Vec<usize>, place: Place) {
        if self.pending.len() >= MAX_THREADS
            && !self.pending.contains_key(&thread)
            && let Some((_, pending)) = self.pending.pop_first()
        {
            pending.left_alone(&mut self.problems);
        }
        let pending = self.pending.entry(thread).or_insert_with(|| Pending { place, ..Pending::default() });
        pending.flags.merge(flags);
        pending.hosts.extend(hosts);
        pending.hosts.dedup();
        pending.hosts.truncate(MAX_HOSTS);
    }

    fn request(&mut self, number: u64, text: &str, request: &iis::Request<'_>) {
        self.end_of_entry();
        self.kind.get_or_insert(LogKind::Iis);
        let path = request.path.to_ascii_lowercase();
        let to_configuration_manager = ["/sms_mp", "/ccm_"].iter().any(|folder| path.starts_with(folder));
        let code = request.win32_status.map(WindowsCode).filter(|code| code.info().is_some());
        let sign = match (request.status, request.sub_status) {
            (403, Some(sub_status)) if sub_status > 0 => Sign::Forbidden { sub_status, to_configuration_manager },
            _ => match code {
                Some(code) => Sign::Code(code),
                None => return,
            },
        };
        let time = request.time.as_ref().map(|time| time.text.clone());
        let place = Place { line: number, time, text: shortened(text) };
        self.problems.add(sign, Sighting { place, time_sorts: true, ..Sighting::default() });
    }
}

/// Whether a line speaks of something by itself.
fn speaks_up(text: &str) -> bool {
    let mut found = Found::default();
    spot::spots(text, |spot| found.take(&spot));
    found.begins_an_entry()
}

/// A line as it is quoted.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 400;
    let text = text.trim();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The hosts that a log names, each once.
#[derive(Debug, Default)]
struct Hosts {
    /// As the log writes them, and what they are; `None` where they are no targets.
    known: Vec<(String, Option<Host>)>,
}

/// A host that the log names.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Host {
    target: Target,
    /// Whether it is a Cloud Management Gateway, by its path.
    is_gateway: bool,
}

impl Hosts {
    /// The place of the host in this URL, which lacks its scheme.
    fn place_of(&mut self, url: &str) -> Option<usize> {
        const GATEWAY: &str = "/CCM_Proxy_";
        let (authority, path) = url.split_at(url.find(['/', '?', '#']).unwrap_or(url.len()));
        let is_gateway = path.get(..GATEWAY.len()).is_some_and(|start| start.eq_ignore_ascii_case(GATEWAY));
        let is_this = |(known, host): &(String, Option<Host>)| {
            known == authority && host.as_ref().is_none_or(|host| host.is_gateway == is_gateway)
        };
        if let Some(place) = self.known.iter().position(is_this) {
            return Some(place);
        }
        if self.is_full() {
            return None;
        }
        let target = format!("https://{authority}").parse::<Target>().ok();
        self.known.push((authority.to_owned(), target.map(|target| Host { target, is_gateway })));
        Some(self.known.len() - 1)
    }

    fn is_full(&self) -> bool {
        self.known.len() >= MAX_HOSTS
    }

    fn at(&self, place: usize) -> Option<&Host> {
        self.known.get(place)?.1.as_ref()
    }

    fn all(&self) -> impl Iterator<Item = &Host> {
        self.known.iter().filter_map(|(_, host)| host.as_ref())
    }
}
