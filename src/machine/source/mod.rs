//! Where a machine's facts come from: options, the files a user brings from the server, and the machine itself.
//!
//! A file is known by its content, not by its name. Every reader takes whatever bytes there are, within bounds, and
//! either says what the file tells or why it is not what it looked like; what it does not understand of a file it
//! leaves out with a note.

pub mod local;
mod machine_json;
mod markup;
pub mod options;
mod policy_report;
mod reg_file;
pub mod registry;
mod software_distribution_log;
mod text;
mod w3wp_config;

pub use software_distribution_log::StartUpLines;
pub use text::decode;

use super::{Fact, FileKind, Machine, Source, proxy};

/// The largest file that is read.
pub const MAX_FILE_BYTES: usize = 64 << 20;

/// The longest line, value or table cell that is looked at.
const MAX_LINE_BYTES: usize = 1 << 20;

/// Why a file tells nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is too large.
    #[error("{path} is larger than {} MiB", MAX_FILE_BYTES >> 20)]
    TooLarge {
        /// The file.
        path: String,
    },
    /// It is none of the files that are understood.
    #[error(
        "{path} is none of: the output of collect-machine.ps1, a reg export, a gpresult /h report, \
         SoftwareDistribution.log, w3wp.exe.config, the output of netsh winhttp show proxy"
    )]
    Unrecognized {
        /// The file.
        path: String,
    },
    /// It begins like one of them, and then does not go on like it.
    #[error("{path} is not {}: {why}", kind.words())]
    Malformed {
        /// The file.
        path: String,
        /// What it looked like.
        kind: FileKind,
        /// What does not fit, and where.
        why: String,
    },
}

/// What this file tells of the machine; `path` is how reports name it.
pub fn read(path: &str, bytes: &[u8]) -> Result<Machine, ReadError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(ReadError::TooLarge { path: path.to_owned() });
    }
    let text = text::decode(bytes);
    let Some(kind) = recognize(&text) else { return Err(ReadError::Unrecognized { path: path.to_owned() }) };
    let file = File { path, kind };
    let read = match kind {
        FileKind::MachineJson => machine_json::read(&text, file),
        FileKind::RegistryExport => reg_file::read(&text, file),
        FileKind::PolicyReport => Ok(policy_report::read(&text, file)),
        FileKind::SoftwareDistributionLog => Ok(software_distribution_log::read(&text, file)),
        FileKind::WinHttpProxyText => Ok(winhttp_proxy(&text, file)),
        FileKind::W3wpConfig => Ok(w3wp_config::read(&text, file)),
        FileKind::SuiteOrder => options::suite_order(path, &text).map_err(|error| error.to_string()),
    };
    read.map_err(|why| ReadError::Malformed { path: path.to_owned(), kind, why })
}

/// The file being read, as its facts will name it.
#[derive(Clone, Copy)]
struct File<'a> {
    path: &'a str,
    kind: FileKind,
}

impl File<'_> {
    /// This place in it.
    fn at(self, place: impl Into<String>) -> Source {
        Source::File { path: self.path.to_owned(), kind: self.kind, place: place.into() }
    }
}

/// What a file that begins with these bytes is, as far as its beginning tells.
pub fn kind_of(head: &[u8]) -> Option<FileKind> {
    recognize(&text::decode(head))
}

/// What a file is, by its first words or, for text without a heading, by a line that nothing else has.
fn recognize(text: &str) -> Option<FileKind> {
    const HEAD: usize = 64 << 10;
    let text = text.trim_start();
    let head = text.get(..text.floor_char_boundary(HEAD)).unwrap_or(text);
    let begins = |word: &str| head.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));

    if begins("{") {
        return Some(FileKind::MachineJson);
    }
    if begins("Windows Registry Editor Version") || begins("REGEDIT4") {
        return Some(FileKind::RegistryExport);
    }
    if begins("<") {
        let lower = head.to_ascii_lowercase();
        return match (lower.contains("<configuration"), lower.contains("<html")) {
            (true, false) => Some(FileKind::W3wpConfig),
            (_, true) => Some(FileKind::PolicyReport),
            _ => None,
        };
    }
    if software_distribution_log::looks_like(head) || software_distribution_log::looks_like(text) {
        return Some(FileKind::SoftwareDistributionLog);
    }
    if proxy::from_netsh(head).is_some() {
        return Some(FileKind::WinHttpProxyText);
    }
    let names: Vec<&str> = head.split([',', '\n', '\r']).map(str::trim).filter(|name| !name.is_empty()).collect();
    let all_suites = !names.is_empty() && names.iter().all(|name| policy_report::is_suite_name(name));
    all_suites.then_some(FileKind::SuiteOrder)
}

fn winhttp_proxy(text: &str, file: File<'_>) -> Machine {
    let winhttp_proxy = proxy::from_netsh(text).map(|value| Fact { value, source: file.at("WinHTTP") });
    Machine { winhttp_proxy, ..Machine::default() }
}

#[cfg(test)]
mod tests;
