//! A file about a Windows server: the facts that were read from it, and what follows for the two legs of its WSUS.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::HowToTest;
use super::text::{INDENT, entry, wrap};
use crate::escape::escape;
use crate::machine::{Leg, LegName, Machine, Source};
use crate::offer::{FreshValues, OfferSummary};

/// The name and version of the JSON form.
pub const SCHEMA: &str = "tlsprobe-machine-report/1";

/// What files and options tell of a Windows server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MachineReport {
    /// `tlsprobe-machine-report/1`.
    pub schema: String,
    /// The file, as it was named; `-` is standard input.
    pub file: String,
    /// What the file is.
    pub kind: String,
    /// All that is known of the machine, each value with its source.
    pub machine: Machine,
    /// What follows for the connections of its WSUS: synchronization, then import.
    pub legs: Vec<LegReport>,
    /// The command that asks with their hellos.
    pub run: HowToTest,
}

/// What a leg sends, by these facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LegReport {
    /// Which one.
    pub leg: LegName,
    /// In one line.
    pub says: String,
    /// The facts and documents that this rests on, or what one would need to know.
    pub because: Vec<String>,
}

/// The report of a machine that was read, for the most part, from `file`.
pub fn report(file: &str, kind: &str, machine: Machine) -> MachineReport {
    let legs = [LegName::Sync, LegName::Import].map(|name| leg(name, &machine)).to_vec();
    let run = HowToTest {
        command: format!("tlsprobe check wsus --machine {file}"),
        shows: "what becomes of the hello of each leg".to_owned(),
    };
    MachineReport { schema: SCHEMA.to_owned(), file: file.to_owned(), kind: kind.to_owned(), machine, legs, run }
}

fn leg(name: LegName, machine: &Machine) -> LegReport {
    let (says, because) = match machine.leg(name) {
        Leg::Sends { offer, basis, confidence } => {
            let fresh = FreshValues { random: [0; 32], session_id: [0; 32], key_shares: Vec::new() };
            let hello = OfferSummary::of_hello(&offer, &offer.client_hello(None, &fresh), 0);
            let highest = hello.highest_version().unwrap_or(offer.legacy_version).spoken();
            let suites = offer.cipher_suites.len();
            (format!("sends a hello of {highest} at most, with {suites} suites ({})", confidence.word()), basis)
        }
        Leg::CannotSend { reason, because } => (format!("can send no hello: {reason}"), because),
        Leg::Unknown { missing } => ("cannot be told; what is missing:".to_owned(), missing),
    };
    LegReport { leg: name, says, because }
}

/// The report as lines of text, none wider than 80 columns but for the command.
pub fn lines(report: &MachineReport) -> Vec<String> {
    let mut lines = Vec::new();
    let file = if report.file == "-" { "standard input" } else { &report.file };
    wrap(&mut lines, "", 2, &format!("{}: {}", escape(file), report.kind));
    for LegReport { leg, says, because } in &report.legs {
        let name = match leg {
            LegName::Sync => "sync leg",
            LegName::Import => "import leg",
        };
        entry(&mut lines, name, &[escape(says)]);
        for why in because {
            wrap(&mut lines, &format!("{}- ", " ".repeat(INDENT)), INDENT + 2, &escape(why));
        }
    }
    let facts = facts(&report.machine);
    if facts.is_empty() {
        entry(&mut lines, "facts", &["none: the file sets nothing that matters here".to_owned()]);
    }
    entry(&mut lines, "facts", &facts);
    entry(&mut lines, "note", &report.machine.notes.iter().map(|note| escape(note)).collect::<Vec<_>>());
    lines.push(format!("  {:<width$}{}", "to test", escape(&report.run.command), width = INDENT - 2));
    wrap(&mut lines, &" ".repeat(INDENT + 2), INDENT + 2, &report.run.shows);
    lines
}

/// Each fact in a line: what, its value, and where that is from.
fn facts(machine: &Machine) -> Vec<String> {
    let mut facts = Vec::new();
    walk("", &serde_json::to_value(machine).unwrap_or_default(), &mut facts);
    facts
}

fn walk(name: &str, value: &Value, facts: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let (Some(value), Some(source)) = (members.get("value"), members.get("source")) {
                let source = Source::deserialize(source).map(|source| source.to_string()).unwrap_or_default();
                facts.push(escape(&format!("{}: {} ({source})", name.trim_start(), shown(value))));
                return;
            }
            for (member, value) in members.iter().filter(|(member, _)| *member != "notes") {
                walk(&format!("{name} {}", member.replace('_', " ")), value, facts);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(name, item, facts)),
        _ => {}
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "not set".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::machine;
    use crate::machine::source::options;

    fn told(file: &str, also: &[Machine]) -> String {
        let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/machines/{}"), file);
        let part = machine::read(file, &fs::read(path).unwrap()).unwrap();
        let machine = Machine::of([part].into_iter().chain(also.iter().cloned()));
        lines(&report(file, "a file", machine)).join("\n")
    }

    #[test]
    fn a_policy_report_tells_its_list_and_what_is_missing_for_the_legs() {
        let text = told("gpresult-german.html", &[]);
        assert!(text.contains("suite order: TLS_"), "{text}");
        assert!(text.contains("sync leg    cannot be told; what is missing:"), "{text}");
        assert!(text.contains("which Windows Server it is"), "{text}");
        let text = told("gpresult-german.html", &[options::operating_system("2016").unwrap()]);
        assert!(text.contains("sync leg    sends a hello of TLS 1.2 at most"), "{text}");
    }

    #[test]
    fn every_file_of_a_machine_is_told_in_80_columns() {
        for file in
            ["2008r2.json", "2012r2.json", "2025.json", "policies.reg", "gpresult-english.html", "w3wp.exe.config"]
        {
            let text = told(file, &[]);
            let wide = |line: &&str| crate::escape::width(line) > 80 && !line.contains("tlsprobe check");
            assert_eq!(text.lines().find(wide), None, "{file}");
            assert!(text.contains("  facts  "), "{file}: {text}");
        }
    }

    #[test]
    fn a_leg_that_can_send_nothing_says_why() {
        let text = told(
            "schannel-tls10-and-11-off.reg",
            &[options::operating_system("2016").unwrap(), options::dotnet_strong_crypto("off").unwrap()],
        );
        assert!(text.contains("import leg  can send no hello: "), "{text}");
        assert!(text.contains("schannel TLS1.0 enabled: 0"), "{text}");
    }
}
