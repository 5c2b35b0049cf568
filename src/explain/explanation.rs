//! One meaning of a code, as plain data.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing that a code may mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// What kind of code it is.
    pub what: What,
    /// What it is called; its number where it has no name.
    pub name: String,
    /// How it is written.
    pub forms: CodeForms,
    /// What it belongs to.
    pub family: String,
    /// Where on the way to the server it arises: `DNS`, `TCP`, `TLS certificate` ….
    pub layer: Option<String>,
    /// What it says.
    pub meaning: Option<String>,
    /// How the network looks where it comes up.
    pub network_picture: Option<String>,
    /// What brings it about.
    pub caused_by: Vec<String>,
    /// What else to know of it.
    pub notes: Vec<String>,
    /// The rules that judge its causes, one cause each; `tlsprobe explain RULE` is the page of one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// The commands that tell its causes apart.
    pub how_to_test: Vec<HowToTest>,
    /// Where all this is from.
    pub sources: Vec<String>,
    /// How well the way from the code to its causes is known.
    pub confidence: Option<String>,
}

/// The writings of one code; those that it does not have are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CodeForms {
    /// `0x80072F8F`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hex: Option<String>,
    /// The same 32 bits as a signed number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_decimal: Option<i32>,
    /// The same number in decimal; of an alert or an event, its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<u32>,
    /// The Win32 error an HRESULT is made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub win32_error: Option<u16>,
    /// The HTTP status it stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// Its names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub symbols: Vec<String>,
}

/// What kind of code something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// An HRESULT or a Win32 error.
    WindowsCode,
    /// The description in an alert of TLS.
    TlsAlert,
    /// An event of the System log.
    SchannelEvent,
    /// A flag of a secure failure of WinHTTP.
    WinhttpFlag,
    /// What a client of a Cloud Management Gateway is told.
    CmgStatus,
    /// A text of .NET or of a socket.
    ErrorText,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::WindowsCode => "Windows code",
            Self::TlsAlert => "TLS alert",
            Self::SchannelEvent => "Schannel event",
            Self::WinhttpFlag => "WinHTTP flag",
            Self::CmgStatus => "CMG status",
            Self::ErrorText => "error text",
        })
    }
}

/// A command to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HowToTest {
    /// The command line; words in capitals are to be filled in.
    pub command: String,
    /// What its report shows.
    pub shows: String,
}
