//! What `reg export` writes: sections of keys, values below them, long ones continued over lines.
//!
//! An export is whole: a wanted value under its first key that the file lacks is known to be not set. A file that
//! deletes was written to be imported, not by `reg export`, and tells nothing of a machine.

use std::collections::BTreeSet;
use std::iter::Enumerate;
use std::str::Lines;

use super::registry::{Data, is_wanted, put, wanted};
use super::text::utf16;
use super::{File, MAX_LINE_BYTES};
use crate::machine::Machine;

/// What an export tells.
pub(super) fn read(text: &str, file: File<'_>) -> Result<Machine, String> {
    // Version 5.00 holds UTF-16 in its hex texts, REGEDIT4 the code page.
    let wide = !text.trim_start().starts_with("REGEDIT4");
    let mut machine = Machine::default();
    let mut lines = Logical { lines: text.lines().enumerate() };
    let mut key = String::new();
    let mut root = None;
    let mut seen = BTreeSet::new();
    while let Some((number, line)) = lines.next()? {
        if let Some(section) = line.strip_prefix('[') {
            if section.starts_with('-') {
                return Err(format!("line {number} deletes a key, which an export never does"));
            }
            section.trim_end_matches(']').clone_into(&mut key);
            root.get_or_insert_with(|| key.clone());
            continue;
        }
        let Some((name, value)) = name_and_value(&line) else { continue };
        if !is_wanted(&key, &name) {
            continue;
        }
        if value == "-" {
            return Err(format!("line {number} deletes a value, which an export never does"));
        }
        let source = file.at(format!(r"line {number}, {key}\{name}"));
        match data(value, wide) {
            Some(data) => put(&mut machine, &key, &name, Some(data), &source),
            None => machine.note(format!("{name} could not be understood ({source})")),
        }
        seen.insert(full_name(&key, &name));
    }
    let root = root.ok_or("it has no key")?;
    for (key, name) in wanted().into_iter().filter(|(key, _)| is_within(key, &root)) {
        if !seen.contains(&full_name(&key, name)) {
            put(&mut machine, &key, name, None, &file.at(format!(r"{key}\{name} is not in the export of {root}")));
        }
    }
    Ok(machine)
}

/// A value's name in a form that can be compared.
fn full_name(key: &str, name: &str) -> String {
    format!(r"{key}\{name}").replacen(r"HKEY_LOCAL_MACHINE\", r"HKLM\", 1).to_ascii_lowercase()
}

fn is_within(key: &str, root: &str) -> bool {
    let key = full_name(key, "");
    key.starts_with(&full_name(root, ""))
}

/// Lines with their continuations, and the number of the first.
struct Logical<'a> {
    lines: Enumerate<Lines<'a>>,
}

impl Logical<'_> {
    fn next(&mut self) -> Result<Option<(usize, String)>, String> {
        let Some((index, first)) = self.lines.next() else { return Ok(None) };
        let number = index + 1;
        let mut line = first.trim().to_owned();
        while let Some(start) = continued(&line) {
            line.truncate(start);
            let Some((_, next)) = self.lines.next() else { break };
            line.push_str(next.trim());
            if line.len() > MAX_LINE_BYTES {
                return Err(format!("the value that begins at line {number} is longer than {MAX_LINE_BYTES} bytes"));
            }
        }
        Ok(Some((number, line)))
    }
}

/// Where the backslash stands that continues a hex value on the next line.
fn continued(line: &str) -> Option<usize> {
    let before = line.strip_suffix('\\')?;
    before.contains("=hex").then_some(before.len())
}

/// `"Name"=value`, the name without its escapes.
fn name_and_value(line: &str) -> Option<(String, &str)> {
    let (name, rest) = quoted(line)?;
    Some((name, rest.strip_prefix('=')?.trim()))
}

/// A text in quotes, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut unescaped = String::new();
    let mut characters = inside.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return Some((unescaped, inside.get(place + 1..)?)),
            '\\' => unescaped.push(characters.next()?.1),
            other => unescaped.push(other),
        }
    }
    None
}

fn data(value: &str, wide: bool) -> Option<Data> {
    if value.starts_with('"') {
        return quoted(value).map(|(text, _)| Data::Text(text));
    }
    let (kind, digits) = value.split_once(':')?;
    if kind.eq_ignore_ascii_case("dword") {
        return u32::from_str_radix(digits.trim(), 16).ok().map(Data::Number);
    }
    let bytes = hex_bytes(digits)?;
    let text = |bytes: &[u8]| {
        if wide { utf16(bytes, u16::from_le_bytes) } else { bytes.iter().copied().map(char::from).collect() }
    };
    match kind.to_ascii_lowercase().as_str() {
        "hex" | "hex(3)" => Some(Data::Bytes(bytes)),
        "hex(1)" | "hex(2)" => Some(Data::Text(text(&bytes).trim_end_matches('\0').to_owned())),
        "hex(4)" => bytes.as_slice().try_into().ok().map(u32::from_le_bytes).map(Data::Number),
        "hex(7)" => {
            let text = text(&bytes);
            Some(Data::Texts(text.split('\0').filter(|each| !each.is_empty()).map(str::to_owned).collect()))
        }
        _ => None,
    }
}

/// `18,00,00`.
fn hex_bytes(list: &str) -> Option<Vec<u8>> {
    let each = list.split(',').map(str::trim).filter(|byte| !byte.is_empty());
    each.map(|byte| u8::from_str_radix(byte, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{FileKind, Proxy};
    use crate::registry::ProtocolVersion;

    const FILE: File<'_> = File { path: "export.reg", kind: FileKind::RegistryExport };

    #[test]
    fn every_form_of_a_value_is_read() {
        let text = "Windows Registry Editor Version 5.00\r\n\r\n\
            [HKEY_LOCAL_MACHINE\\SOFTWARE]\r\n\r\n\
            [HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate]\r\n\
            \"WUServer\"=\"https://wsus.contoso.com:8531\"\r\n\
            \"WUStatusServer\"=hex(1):68,00,69,00,00,00\r\n\r\n\
            [HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Cryptography\\Configuration\\SSL\\00010002]\r\n\
            \"Functions\"=hex(7):41,00,00,00,42,\\\r\n  00,00,00,00,00\r\n\r\n\
            [HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319]\r\n\
            \"SchUseStrongCrypto\"=dword:00000001\r\n\
            \"SystemDefaultTlsVersions\"=hex(4):01,00,00,00\r\n\r\n\
            [HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\Connections]\r\n\
            \"WinHttpSettings\"=hex:18,00,00,00,00,00,00,00,01,00,00,00,00,00,00,00,00,00,\\\r\n  00,00\r\n";
        let machine = read(text, FILE).unwrap();
        assert_eq!(machine.wu_server.unwrap().value.as_deref(), Some("https://wsus.contoso.com:8531"));
        assert_eq!(machine.wu_status_server.unwrap().value.as_deref(), Some("hi"));
        assert_eq!(machine.suite_order.unwrap().value.unwrap(), ["A", "B"]);
        assert_eq!(machine.dotnet.v4.bits64.sch_use_strong_crypto.unwrap().value, Some(1));
        assert_eq!(machine.dotnet.v4.bits64.system_default_tls_versions.unwrap().value, Some(1));
        assert_eq!(machine.winhttp_proxy.unwrap().value, Proxy::Direct);
        assert!(machine.notes.is_empty(), "{:?}", machine.notes);
    }

    #[test]
    fn what_the_exported_key_lacks_is_not_set_and_what_is_beside_it_unknown() {
        let text = "Windows Registry Editor Version 5.00\n\n\
            [HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL]\n\
            \"EventLogging\"=dword:00000001\n\n\
            [HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.0\\Client]\n\
            \"Enabled\"=dword:00000000\n";
        let machine = read(text, FILE).unwrap();
        let tls10 = &machine.schannel[&ProtocolVersion::TLS1_0];
        assert_eq!(tls10.enabled.as_ref().unwrap().value, Some(0));
        assert_eq!(tls10.disabled_by_default.as_ref().unwrap().value, None);
        assert_eq!(machine.schannel[&ProtocolVersion::TLS1_2].enabled.as_ref().unwrap().value, None);
        assert_eq!(machine.dotnet.v4.bits64.sch_use_strong_crypto, None);
        assert_eq!(machine.suite_order, None);
    }

    #[test]
    fn the_older_form_holds_its_texts_in_the_code_page() {
        let text = "REGEDIT4\n\n\
            [HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Cryptography\\Configuration\\SSL\\00010002]\n\
            \"Functions\"=hex(7):41,42,00,43,44,00,00\n";
        assert_eq!(read(text, FILE).unwrap().suite_order.unwrap().value.unwrap(), ["AB", "CD"]);
    }

    #[test]
    fn a_file_that_deletes_is_no_export() {
        let head = "Windows Registry Editor Version 5.00\n";
        let key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319";
        for body in [format!("[-{key}]"), format!("[{key}]\n\"SchUseStrongCrypto\"=-")] {
            let error = read(&format!("{head}{body}\n"), FILE).unwrap_err();
            assert!(error.contains("which an export never does"), "{error}");
        }
        assert_eq!(read(head, FILE).unwrap_err(), "it has no key");
    }

    #[test]
    fn a_value_without_end_is_refused_and_one_that_breaks_off_is_noted() {
        let head = "Windows Registry Editor Version 5.00\n\
            [HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Cryptography\\Configuration\\SSL\\00010002]\n\
            \"Functions\"=hex(7):";
        let endless = format!("{head}{}", "00,\\\n".repeat(MAX_LINE_BYTES / 2));
        assert!(read(&endless, FILE).unwrap_err().contains("longer than"));
        let broken = read(&format!("{head}4g,00\n"), FILE).unwrap();
        assert_eq!(broken.suite_order, None);
        assert_eq!(broken.notes.len(), 1);
    }

    #[test]
    fn quotes_and_backslashes_are_escaped_in_texts() {
        assert_eq!(quoted(r#""a\\b\"c"=rest"#), Some((r#"a\b"c"#.to_owned(), "=rest")));
        assert_eq!(quoted(r#""open"#), None);
        assert_eq!(quoted(r#""open\"#), None);
    }
}
