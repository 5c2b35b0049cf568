//! `list`: what is known, for a person as a table, for a program as JSON.

mod rows;
mod table;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::message::{CliError, any_of};
use crate::explain;
use crate::registry::{
    AlertDescription, CipherSuite, ExtensionType, NamedGroup, SignatureScheme, UnknownName, WindowsCode,
};
use crate::render::Format;
use table::{Row, Table};

const EXAMPLES: &str = "\
Examples:
  tlsprobe list suites ECDHE_RSA
          the suites with that in their name
  tlsprobe list suites 0xC030 --format json
          one of them, with all its properties
  tlsprobe list profiles win
          the Windows clients that `probe --profile` can be
  tlsprobe list packs
          what `check` can check
  tlsprobe list schema
          the JSON Schema of the reports
  tlsprobe list errors 0x8024
          the codes of Windows Update; tlsprobe explain tells all of one";

/// Print what is known of suites, groups, alerts …, of clients and of the packs
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = EXAMPLES)]
pub struct ListRun {
    /// suites, groups, signature-schemes, extensions, alerts, errors, profiles, packs, rules or schema
    #[arg(value_name = "WHAT", hide_possible_values = true)]
    pub what: What,
    /// Only those with this in a name, in any case; or the one that it names or numbers. Of schema: log
    #[arg(value_name = "FILTER")]
    pub filter: Option<String>,
    /// text or json (the schema is JSON anyway)
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_possible_values = true, help_heading = "Output")]
    pub format: ListFormat,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Cipher suites.
    Suites,
    /// Named groups.
    Groups,
    /// Signature schemes.
    SignatureSchemes,
    /// Extensions.
    Extensions,
    /// Alerts.
    Alerts,
    /// Windows error codes.
    Errors,
    /// Clients whose hello can be sent.
    Profiles,
    /// Packs.
    Packs,
    /// The rules of the diagnosis.
    Rules,
    /// The JSON Schema of the reports.
    Schema,
}

/// The form of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// A table.
    Text,
    /// An array of objects.
    Json,
}

impl From<ListFormat> for Format {
    fn from(format: ListFormat) -> Self {
        match format {
            ListFormat::Text => Self::Text,
            ListFormat::Json => Self::Json,
        }
    }
}

impl ListRun {
    /// The list, as it is to be printed. `schema` makes the JSON Schema of the reports.
    pub fn text(&self, schema: impl FnOnce() -> Value) -> Result<String, CliError> {
        match self.what {
            What::Suites => {
                self.registry(&rows::suites(), |word| CipherSuite::parse(word).map(|parsed| parsed.suite.hex()))
            }
            What::Groups => self.registry(&rows::groups(), |word| NamedGroup::parse(word).map(NamedGroup::hex)),
            What::SignatureSchemes => {
                self.registry(&rows::signature_schemes(), |word| SignatureScheme::parse(word).map(SignatureScheme::hex))
            }
            What::Extensions => {
                self.registry(&rows::extensions(), |word| ExtensionType::parse(word).map(ExtensionType::hex))
            }
            What::Alerts => {
                self.registry(&rows::alerts(), |word| AlertDescription::parse(word).map(AlertDescription::hex))
            }
            What::Errors => self.registry(&rows::errors(), |word| WindowsCode::parse(word).map(WindowsCode::hex)),
            What::Profiles => self.named(&rows::profiles(), "profile"),
            What::Packs => self.named(&rows::packs(), "pack"),
            What::Rules => self.named(&rows::rules(), "rule"),
            What::Schema => match self.filter.as_deref() {
                None => Ok(pretty(&schema())),
                Some("log") => Ok(pretty(&explain::log::schema())),
                Some(filter) => {
                    Err(CliError::new("there is a schema of the reports, and one of what explain says of a log")
                        .needed_for(format!("list schema {filter}"))
                        .advise("tlsprobe list schema, or tlsprobe list schema log"))
                }
            },
        }
    }

    /// The rows with the filter in a name, and the row that it stands for as a number or in some other spelling.
    fn registry(&self, table: &Table, parse: impl Fn(&str) -> Result<String, UnknownName>) -> Result<String, CliError> {
        let Some(filter) = &self.filter else { return Ok(self.print(table)) };
        let code = parse(filter);
        let found = table.matching(filter, code.as_deref().ok());
        if !found.rows.is_empty() {
            return Ok(self.print(&found));
        }
        let what = code.map_or_else(|unknown| unknown.to_string(), |code| format!("nothing is known of {code}"));
        Err(CliError::new(what).advise("a part of a name, or no filter at all"))
    }

    /// The rows with the filter in their name; `what` they are is for the error.
    fn named(&self, table: &Table, what: &str) -> Result<String, CliError> {
        let Some(filter) = &self.filter else { return Ok(self.print(table)) };
        let found = table.matching(filter, None);
        if found.rows.is_empty() {
            let names: Vec<&str> = table.rows.iter().map(|row| row.code.as_str()).collect();
            return Err(CliError::new(format!("no {what} has {filter:?} in its name")).advise(any_of(&names)));
        }
        Ok(self.print(&found))
    }

    fn print(&self, table: &Table) -> String {
        match self.format {
            ListFormat::Text => table.to_string(),
            ListFormat::Json => pretty(&table.rows.iter().map(|Row { json, .. }| json.clone()).collect()),
        }
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const REGISTRIES: [What; 6] =
        [What::Suites, What::Groups, What::SignatureSchemes, What::Extensions, What::Alerts, What::Errors];

    fn run(what: What, filter: Option<&str>, format: ListFormat) -> Result<String, String> {
        let run = ListRun { what, filter: filter.map(str::to_owned), format };
        run.text(|| json!({"title": "Document"})).map_err(|error| error.to_string())
    }

    fn text(what: What, filter: &str) -> String {
        run(what, Some(filter), ListFormat::Text).unwrap()
    }

    fn objects(what: What, filter: Option<&str>) -> Vec<Value> {
        serde_json::from_str(&run(what, filter, ListFormat::Json).unwrap()).unwrap()
    }

    #[test]
    fn every_list_has_a_header_and_a_line_for_each_object() {
        for what in REGISTRIES {
            let text = run(what, None, ListFormat::Text).unwrap();
            let lines = text.lines().filter(|line| !line.starts_with(' ')).count();
            assert_eq!(lines, objects(what, None).len() + 1, "{what:?}");
            assert!(lines > 5, "{what:?}");
        }
    }

    #[test]
    fn tables_fit_80_columns_but_for_rare_words() {
        let wide = |table: String| table.lines().filter(|line| line.chars().count() > 80).count();
        assert_eq!(wide(text(What::Suites, "ECDHE_RSA")), 0);
        assert_eq!(wide(text(What::Suites, "TLS_AES_")), 0);
        for what in [What::Groups, What::Extensions, What::Packs] {
            assert_eq!(wide(run(what, None, ListFormat::Text).unwrap()), 0, "{what:?}");
        }
        for what in REGISTRIES {
            let lines = objects(what, None).len();
            let wide = wide(run(what, None, ListFormat::Text).unwrap());
            assert!(wide * 10 < lines, "{what:?}: {wide} of {lines}");
        }
    }

    #[test]
    fn a_filter_is_a_part_of_any_name_in_any_case() {
        let suites = text(What::Suites, "ecdhe_rsa_with_aes_256");
        assert_eq!(suites.lines().count(), 4, "{suites}");
        assert_eq!(text(What::Suites, "ECDHE-RSA-AES256-GCM-SHA384").lines().count(), 2);
    }

    #[test]
    fn a_filter_may_be_a_spelling_that_stands_in_no_row() {
        assert!(text(What::Suites, "{0xC0,0x30}").contains("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"));
        assert!(text(What::Groups, "P-384").contains("secp384r1"));
        assert!(text(What::Extensions, "SNI").contains("server_name"));
        assert!(text(What::Alerts, "40").contains("handshake_failure"));
        assert_eq!(text(What::Groups, "29").lines().count(), 2);
        assert!(text(What::Groups, "29").contains("x25519"));
    }

    #[test]
    fn every_windows_code_is_listed_and_found_by_name_number_and_layer() {
        assert_eq!(objects(What::Errors, None).len(), WindowsCode::all().len());
        for filter in ["0x80072F8F", "80072f8f", "-2147012721", "12175", "secure_failure\n", "ERROR_INTERNET_TIMEOUT"] {
            assert!(text(What::Errors, filter.trim()).lines().count() >= 2, "{filter}");
        }
        assert!(text(What::Errors, "ERROR_INTERNET_TIMEOUT").contains("0x80072EE2"));
        assert!(text(What::Errors, "0x8024").lines().count() > 10);
        let row = &objects(What::Errors, Some("0x80072F8F"))[0];
        assert_eq!((&row["win32_error"], &row["layer"]), (&json!(12175), &json!("TLS certificate")));
    }

    #[test]
    fn the_schema_of_a_log_fits_what_explain_writes() {
        let schema: Value = serde_json::from_str(&text(What::Schema, "log")).unwrap();
        let mut reading = explain::log::LogReading::new("a.log");
        reading.feed(b"hr = 0x80072ee2\n");
        let report = json!(reading.finish(false));
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        assert!(validator.is_valid(&report), "{:?}", validator.validate(&report));
        assert!(!validator.is_valid(&json!({"problems": 1})));
    }

    #[test]
    fn a_filter_that_nothing_answers_to_is_an_error_with_the_nearest_names() {
        let error = run(What::Suites, Some("TLS_RSA_WITH_AES_512"), ListFormat::Text).unwrap_err();
        assert!(error.starts_with("unknown cipher suite") && error.contains("try: "), "{error}");
        assert!(
            run(What::Suites, Some("0xABCD"), ListFormat::Json).unwrap_err().contains("nothing is known of 0xABCD")
        );
        assert!(run(What::Packs, Some("xyz"), ListFormat::Text).unwrap_err().contains("try: wsus, sws"));
    }

    #[test]
    fn json_has_every_property_of_a_suite() {
        assert_eq!(
            objects(What::Suites, Some("0xC030")),
            [json!({
                "code": "0xC030",
                "name": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                "openssl_name": "ECDHE-RSA-AES256-GCM-SHA384",
                "first_version": "TLS1.2",
                "last_version": "TLS1.2",
                "key_exchange": "ECDHE",
                "authentication": "RSA",
                "cipher": "AES",
                "cipher_bits": 256,
                "cipher_mode": "GCM",
                "mac": "AEAD",
                "prf_hash": "SHA384",
                "forward_secrecy": true,
                "recommended": "Y",
                "reference": "[RFC5289]",
            })]
        );
    }

    #[test]
    fn packs_name_their_endpoint_or_say_that_they_need_one() {
        let packs = objects(What::Packs, None);
        let pack = |name: &str| packs.iter().find(|pack| pack["name"] == name).unwrap();
        assert_eq!(pack("sws")["host"], "sws.update.microsoft.com");
        assert_eq!(pack("cmg")["needs_host"], true);
        assert_eq!(pack("wsus")["stands_for"], json!(["sws", "sws1", "fe2"]));
    }

    #[test]
    fn the_schema_is_printed_as_it_is_made_and_takes_no_filter() {
        let schema = run(What::Schema, None, ListFormat::Text).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&schema).unwrap(), json!({"title": "Document"}));
        assert!(run(What::Schema, Some("x"), ListFormat::Text).is_err());
    }
}
