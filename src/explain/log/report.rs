//! What a log says, as plain data.

use std::fmt;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lines::Encoding;
use crate::explain::HowToTest;
use crate::machine::LegName;
use crate::report::Document;

/// The name and version of the JSON form.
pub const SCHEMA: &str = "tlsprobe-log/1";

/// The JSON Schema (draft 2020-12) of a [`LogReport`].
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<LogReport>();
    schema.insert("$id".to_owned(), SCHEMA.into());
    schema.insert("title".to_owned(), "What tlsprobe says of a log".into());
    schema.to_value()
}

/// Everything that was found in one log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LogReport {
    /// `tlsprobe-log/1`.
    pub schema: String,
    /// The file, as it was named; `-` is standard input.
    pub file: String,
    /// Which log it is, by the form of its first entries.
    pub kind: LogKind,
    /// How its characters are written.
    pub encoding: Encoding,
    /// Bytes that were read.
    pub bytes: u64,
    /// Lines that were read.
    pub lines: u64,
    /// True when reading was stopped before the end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
    /// Each distinct problem once, in the order of their first lines.
    pub problems: Vec<Problem>,
    /// What is no problem, and tells something of the machine that wrote the log.
    pub evidence: Vec<Evidence>,
    /// What could not be read, or not be kept.
    pub notes: Vec<String>,
    /// What the commands of the problems brought, where they were run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probed: Option<Document>,
}

/// One problem, however often it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// What the log says, by its usual name.
    pub name: String,
    /// What to give `tlsprobe explain` for all that is known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What that means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    /// What brings it about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caused_by: Vec<String>,
    /// How the network looks where it comes up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_picture: Option<String>,
    /// Which connection of a WSUS it is of, where the log says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<LegName>,
    /// How often it stands there.
    pub count: u64,
    /// Where it stands first.
    pub first: Place,
    /// Where it stands last.
    pub last: Place,
    /// Since when, by the log's own clock; null where it has none.
    pub from: Option<String>,
    /// Until when.
    pub to: Option<String>,
    /// What else the log says of it: times of a token, flags of a failure, and where these do not agree.
    pub details: Vec<String>,
    /// The rules that judge its causes, the likeliest first. Several: the log alone does not tell which it is.
    pub rules: Vec<Lead>,
    /// Hosts that the log names beside it.
    pub hosts: Vec<String>,
    /// The command that tells which cause it is.
    pub run: HowToTest,
    /// The words for `tlsprobe check` in that command; empty where a host has yet to be filled in.
    pub check: Vec<String>,
}

/// A rule that may explain a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lead {
    /// Its id, for `tlsprobe explain`.
    pub id: String,
    /// Its judgement in one line.
    pub title: String,
    /// What a probe must show where it is the cause; absent where no rule judges it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rests_on: Option<String>,
    /// What in the log speaks against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
}

/// A place in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// Its line, from 1.
    pub line: u64,
    /// When it was written, by the log's own clock; null where it does not say.
    pub time: Option<String>,
    /// The line, without its time and shortened where it is long.
    pub text: String,
}

/// Something that is so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// What.
    pub text: String,
    /// The line that shows it; null where it is the lack of one.
    pub line: Option<u64>,
}

/// Which log it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogKind {
    /// `SoftwareDistribution.log` of WSUS.
    SoftwareDistribution,
    /// `WindowsUpdate.log`.
    WindowsUpdate,
    /// Any log of Configuration Manager.
    ConfigurationManager,
    /// A log of IIS.
    Iis,
    /// Events, exported as text, CSV or XML.
    EventLog,
    /// Lines of no form that is known here.
    #[default]
    Text,
}

impl fmt::Display for LogKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::SoftwareDistribution => "a SoftwareDistribution.log",
            Self::WindowsUpdate => "a WindowsUpdate.log",
            Self::ConfigurationManager => "a log of Configuration Manager",
            Self::Iis => "a log of IIS",
            Self::EventLog => "exported events",
            Self::Text => "lines of text",
        })
    }
}
