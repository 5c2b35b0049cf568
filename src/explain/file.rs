//! What a file is that is to be explained, by how it begins.

use super::log::Encoding;
use crate::machine::FileKind;
use crate::machine::source;

/// Bytes from which it is told.
pub const HEAD: usize = 64 << 10;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileIs {
    /// A log, or any other lines of text.
    Log,
    /// It tells of a Windows server.
    Machine(FileKind),
    /// Events in the binary form that Windows keeps them in (`.evtx`).
    BinaryEvents,
    /// Anything else that is no text.
    Binary,
}

/// What a file is that begins with these bytes.
pub fn file_is(head: &[u8]) -> FileIs {
    if head.starts_with(b"ElfFile\0") {
        return FileIs::BinaryEvents;
    }
    if Encoding::of(head) == (Encoding::Utf8, 0) && head.contains(&0) {
        return FileIs::Binary;
    }
    let text = source::decode(head);
    // An entry of Configuration Manager's may quote a page of HTML.
    if text.trim_start().starts_with("<![LOG[") || text.contains("$$<") {
        return FileIs::Log;
    }
    match source::kind_of(head) {
        None | Some(FileKind::SoftwareDistributionLog) => FileIs::Log,
        Some(FileKind::MachineJson) if !text.contains("tlsprobe-machine/") => FileIs::Log,
        Some(kind) => FileIs::Machine(kind),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_file_of_a_machine_is_known_and_its_log_is_a_log() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/machines");
        for (name, expected) in [
            ("2016.json", FileIs::Machine(FileKind::MachineJson)),
            ("gpresult-german.html", FileIs::Machine(FileKind::PolicyReport)),
            ("policies.reg", FileIs::Machine(FileKind::RegistryExport)),
            ("w3wp.exe.config", FileIs::Machine(FileKind::W3wpConfig)),
            ("netsh-winhttp-german.txt", FileIs::Machine(FileKind::WinHttpProxyText)),
            ("suite-order.txt", FileIs::Machine(FileKind::SuiteOrder)),
            ("SoftwareDistribution-two-starts.log", FileIs::Log),
        ] {
            let bytes = fs::read(format!("{folder}/{name}")).unwrap();
            assert_eq!(file_is(&bytes[..bytes.len().min(HEAD)]), expected, "{name}");
        }
    }

    #[test]
    fn what_is_no_text_is_told_apart() {
        assert_eq!(file_is(b"ElfFile\0\0\0"), FileIs::BinaryEvents);
        assert_eq!(file_is(b"PK\x03\x04\0\0\0"), FileIs::Binary);
        assert_eq!(file_is(b"<![LOG[<html>]LOG]!>"), FileIs::Log);
        assert_eq!(file_is(b"{\"level\": \"info\"}"), FileIs::Log);
        assert_eq!(file_is(b"<Events><Event xmlns='x'>"), FileIs::Log);
        assert_eq!(file_is(b""), FileIs::Log);
        let utf16: Vec<u8> = "0x80072EE2 failed\r\n".repeat(9).encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(file_is(&utf16), FileIs::Log);
    }
}
