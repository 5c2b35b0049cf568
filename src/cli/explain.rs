//! `explain`: what a code means, what in the network causes it, and which command tests that; and the rules' pages.

use clap::Args;

use super::list::ListFormat;
use super::message::CliError;
use crate::explain::{self, text};

const EXAMPLES: &str = "\
Examples:
  tlsprobe explain 0x80244021
          a Windows Update code; -2145107935 and WU_E_PT_HTTP_STATUS_BAD_GATEWAY
          are the same
  tlsprobe explain 12175
          a WinHTTP error
  tlsprobe explain alert 20
          a TLS alert, by its number or its name
  tlsprobe explain event 36887
          an event of Schannel
  tlsprobe explain CMGConnector_Clientcertificaterequired
          a status text of a Cloud Management Gateway
  tlsprobe explain wsus-import-tls10
          a rule of the findings";

/// Say what a code or a rule means, what causes it, and what tests that
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = EXAMPLES)]
pub struct ExplainRun {
    /// A Windows code or its name, an alert, a Schannel event, a status text, a line with one of the texts of .NET, or
    /// a rule
    #[arg(value_name = "CODE", required = true, allow_negative_numbers = true)]
    pub words: Vec<String>,
    /// text or json
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_possible_values = true, help_heading = "Output")]
    pub format: ListFormat,
}

impl ExplainRun {
    /// The rule of that name, or every reading of the code, as it is to be printed.
    pub(super) fn text(&self) -> Result<String, CliError> {
        let word = self.words.join(" ");
        if let Some(rule) = explain::rule(&word) {
            return Ok(match self.format {
                ListFormat::Text => text::rule_lines(rule).join("\n") + "\n",
                ListFormat::Json => format!("{:#}\n", serde_json::json!(rule)),
            });
        }
        let explanations = explain::code(&word).map_err(|unknown| {
            CliError::new(unknown.to_string()).advise("a code as it stands in the log, or a rule (tlsprobe list rules)")
        })?;
        Ok(match self.format {
            ListFormat::Text => text::all_lines(&explanations).join("\n") + "\n",
            ListFormat::Json => format!("{:#}\n", serde_json::json!(explanations)),
        })
    }
}
