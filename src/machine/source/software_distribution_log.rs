//! The lines that WSUS writes to `SoftwareDistribution.log` when it starts: which versions it found on in Schannel.
//!
//! Only a WSUS that can use TLS 1.2 writes them, so their presence is proof and their absence a hint. A log holds many
//! starts; the last one counts.

use super::{File, MAX_LINE_BYTES};
use crate::machine::{Fact, FileKind, Machine, SchannelProtocol, Setting, Source};
use crate::registry::ProtocolVersion;

const MARK: &str = "SCHANNEL Protocol";

/// Whether text is such a log: it has the lines, or begins as its lines do, with a date in the log's own form.
pub(super) fn looks_like(text: &str) -> bool {
    let begins_with_date = |line: &str| {
        let form = line.bytes().take(24).map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
        form.eq(*b"0000-00-00 00:00:00.000 ")
    };
    text.contains(MARK) || text.lines().next().is_some_and(begins_with_date)
}

/// What the last start in the log tells.
pub(super) fn read(text: &str, file: File<'_>) -> Machine {
    let mut lines = StartUpLines::new(file.path);
    for (line, number) in text.lines().zip(1..).filter(|(line, _)| line.len() <= MAX_LINE_BYTES) {
        lines.take(number, line);
    }
    lines.machine()
}

/// The start-up lines of a log, met one by one: a log may be too long to be held.
#[derive(Debug)]
pub struct StartUpLines {
    path: String,
    machine: Machine,
    first_line: Option<u64>,
}

impl StartUpLines {
    /// None yet; `path` is how reports name the log.
    pub fn new(path: &str) -> Self {
        Self { path: path.to_owned(), machine: Machine::default(), first_line: None }
    }

    /// Looks at the next line, if it is one of them.
    pub fn take(&mut self, number: u64, line: &str) {
        let Some((_, statement)) = line.split_once(MARK) else { return };
        let source = self.file().at(format!("line {number}"));
        let Some((version, protocol)) = state(statement, &source) else {
            self.machine.note(format!("a SCHANNEL line could not be understood ({source})"));
            return;
        };
        // Each start tells of a version once.
        if self.machine.schannel.contains_key(&version) {
            self.machine.schannel.clear();
            self.first_line = None;
        }
        self.machine.schannel.insert(version, protocol);
        self.first_line.get_or_insert(number);
    }

    /// Where the last start begins.
    pub fn first_line(&self) -> Option<u64> {
        self.first_line
    }

    /// What they tell of the machine.
    pub fn machine(&self) -> Machine {
        let (value, place) = match self.first_line {
            Some(number) => (true, format!("SCHANNEL start-up lines from line {number}")),
            None => (false, "no SCHANNEL start-up line".to_owned()),
        };
        let startup_lines = Some(Fact { value, source: self.file().at(place) });
        Machine { startup_lines, ..self.machine.clone() }
    }

    fn file(&self) -> File<'_> {
        File { path: &self.path, kind: FileKind::SoftwareDistributionLog }
    }
}

/// What one line says: ` 'TLS 1.0' disabled`, `s subkey for 'TLS 1.2' not found. Protocol is enabled`.
fn state(statement: &str, source: &Source) -> Option<(ProtocolVersion, SchannelProtocol)> {
    let mut parts = statement.splitn(3, '\'');
    let (_, version, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let version = ProtocolVersion::parse(version).ok()?;
    let fact = |value: Option<u32>| -> Setting<u32> { Some(Fact { value, source: source.clone() }) };
    let rest = rest.to_ascii_lowercase();
    let protocol = if rest.contains("not found") {
        SchannelProtocol { enabled: fact(None), disabled_by_default: fact(None) }
    } else if rest.contains("disabled") {
        SchannelProtocol { enabled: fact(Some(0)), disabled_by_default: None }
    } else if rest.contains("enabled") {
        SchannelProtocol { enabled: fact(Some(1)), disabled_by_default: None }
    } else {
        return None;
    };
    Some((version, protocol))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: File<'_> = File { path: "SoftwareDistribution.log", kind: FileKind::SoftwareDistributionLog };

    /// As in Microsoft's "Troubleshoot WSUS synchronization and import issues".
    const STARTUP: &str = "SCHANNEL Protocol 'TLS 1.0' disabled\n\
        SCHANNEL Protocol 'TLS 1.1' disabled\n\
        SCHANNEL Protocols subkey for 'TLS 1.2' not found. Protocol is enabled\n";

    fn enabled(machine: &Machine, version: ProtocolVersion) -> Option<u32> {
        machine.schannel[&version].enabled.as_ref().unwrap().value
    }

    #[test]
    fn the_start_up_lines_tell_the_versions_and_the_update() {
        let machine = read(STARTUP, FILE);
        assert!(machine.startup_lines.as_ref().unwrap().value);
        assert_eq!(enabled(&machine, ProtocolVersion::TLS1_0), Some(0));
        assert_eq!(enabled(&machine, ProtocolVersion::TLS1_2), None);
        assert!(!machine.schannel.contains_key(&ProtocolVersion::TLS1_3));
    }

    #[test]
    fn the_last_start_counts_alone() {
        let text = format!(
            "{STARTUP}2021-01-01 00:00:00.000 UTC\tInfo\tother\n\
             SCHANNEL Protocols subkey for 'TLS 1.0' not found. Protocol is enabled\n"
        );
        let machine = read(&text, FILE);
        assert_eq!(enabled(&machine, ProtocolVersion::TLS1_0), None);
        assert!(!machine.schannel.contains_key(&ProtocolVersion::TLS1_1));
        assert!(machine.startup_lines.unwrap().source.to_string().ends_with("from line 5"));
    }

    #[test]
    fn a_log_without_them_says_so_and_proves_nothing() {
        let machine = read("2021-01-01 00:00:00.000 UTC\tInfo\tWsusService.1\n", FILE);
        assert!(!machine.startup_lines.unwrap().value);
        assert_eq!(machine.wsus_tls12_update, None);
    }

    #[test]
    fn lines_that_say_something_else_are_noted() {
        let machine = read("SCHANNEL Protocol 'TLS 9' disabled\nSCHANNEL Protocol is fine\n", FILE);
        assert_eq!(machine.notes.len(), 2);
        assert!(machine.schannel.is_empty());
    }

    #[test]
    fn a_log_is_known_by_its_lines_or_its_dates() {
        assert!(looks_like(STARTUP));
        assert!(looks_like("2020-08-11 09:12:33.123 UTC\tInfo\tw3wp.12"));
        assert!(!looks_like("11.08.2020 09:12"));
        assert!(!looks_like(""));
    }
}
