//! What a Windows client reports where an exchange of its own ends like ours: the causes that the registry's rows name,
//! read backwards.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answer, Outcome, ProxyProtocol, ProxyStatus, Stage};
use crate::registry::{AlertDescription, WindowsCode};

/// A Windows error that an outcome leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WindowsError {
    /// Its HRESULT: `0x80072EFE`.
    pub code: String,
    /// Its name in Microsoft's headers.
    pub symbol: String,
    /// How well it is known that this cause leads to it.
    pub confidence: String,
}

/// What an alert leads to when Microsoft's table leaves it out, and its row "Default" holds.
const BY_DEFAULT: &str = "documented (row \"Default\")";

impl WindowsError {
    /// The update agent's error for a status that is one.
    pub fn of_http_status(status: u16) -> Option<Self> {
        let own = WindowsCode::all().iter().find(|row| row.http_status == Some(status));
        Self::of(own.map_or(WindowsCode::WU_E_PT_HTTP_STATUS_NOT_MAPPED, |row| row.code))
    }

    /// The error of this code, if it is known.
    pub fn of(code: WindowsCode) -> Option<Self> {
        let row = code.info()?;
        let confidence = row.cause_confidence.as_str().to_owned();
        Some(Self { code: code.hex(), symbol: row.name.to_owned(), confidence })
    }

    /// What Schannel returns for an alert that it receives.
    fn of_alert(description: AlertDescription) -> Option<Self> {
        let error = description.info()?.schannel_error_when_received.as_ref()?;
        let confidence = if error.by_default { BY_DEFAULT } else { "documented" };
        let code = WindowsCode(error.hresult).hex();
        Some(Self { code, symbol: error.symbol.to_owned(), confidence: confidence.to_owned() })
    }
}

/// The errors that this outcome leads to in Windows, the best known first; none for what is no error, and none where
/// nothing is known.
pub(super) fn of(outcome: &Outcome) -> Vec<WindowsError> {
    let Outcome { stage, answer, .. } = outcome;
    let at_the_proxy = *stage == Stage::Proxy;
    let codes: &[WindowsCode] = match answer {
        // Of protocols that start in the clear no row speaks.
        _ if *stage == Stage::Starttls => &[],
        Answer::Alert { level, code, .. } => {
            return if level == "warning" { Vec::new() } else { of_alert(AlertDescription(*code), at_the_proxy) };
        }
        Answer::ProxyStatus(status) => return of_status(status).into_iter().collect(),
        Answer::NameNotResolved { .. } if at_the_proxy => &[WindowsCode::WU_E_PT_WINHTTP_NAME_NOT_RESOLVED],
        Answer::NameNotResolved { .. } => {
            &[WindowsCode::ERROR_WINHTTP_NAME_NOT_RESOLVED, WindowsCode::WU_E_PT_WINHTTP_NAME_NOT_RESOLVED]
        }
        Answer::Refused { .. } => &[WindowsCode::ERROR_WINHTTP_CANNOT_CONNECT],
        Answer::Unreachable { .. } => &[WindowsCode::ERROR_WINHTTP_CANNOT_CONNECT, WindowsCode::WU_E_NO_CONNECTION],
        Answer::Timeout { .. } => &[WindowsCode::ERROR_WINHTTP_TIMEOUT],
        // A proxy that refuses CONNECT in TCP.
        Answer::Reset { .. } | Answer::Fin { .. } if at_the_proxy => {
            &[WindowsCode::ERROR_WINHTTP_CANNOT_CONNECT, WindowsCode::ERROR_WINHTTP_CONNECTION_ERROR]
        }
        Answer::Reset { .. } => {
            &[WindowsCode::ERROR_WINHTTP_CONNECTION_ERROR, WindowsCode::ERROR_INTERNET_CONNECTION_RESET]
        }
        // Bytes, and no ServerHello among them: a record that never was whole.
        Answer::Fin { received_bytes: 1.., .. } if *stage == Stage::Hello => {
            &[WindowsCode::ERROR_WINHTTP_CONNECTION_ERROR, WindowsCode::SEC_E_INCOMPLETE_MESSAGE]
        }
        Answer::Fin { .. } => &[WindowsCode::ERROR_WINHTTP_CONNECTION_ERROR],
        Answer::NotTls { .. } => &[WindowsCode::SEC_E_INVALID_TOKEN],
        Answer::Malformed { field, .. } if at_the_proxy => match field.as_str() {
            "certificate of the proxy" => &[WindowsCode::ERROR_WINHTTP_SECURE_FAILURE_PROXY],
            "TLS of the proxy" => &[WindowsCode::SEC_E_ILLEGAL_MESSAGE, WindowsCode::SEC_E_INVALID_TOKEN],
            _ => &[WindowsCode::ERROR_WINHTTP_INVALID_SERVER_RESPONSE],
        },
        Answer::Malformed { .. } => &[WindowsCode::SEC_E_ILLEGAL_MESSAGE, WindowsCode::SEC_E_INVALID_TOKEN],
        Answer::ServerHello { .. }
        | Answer::HelloRetryRequest { .. }
        | Answer::Completed { .. }
        | Answer::StarttlsRefused { .. } => &[],
    };
    codes.iter().copied().filter_map(WindowsError::of).collect()
}

fn of_alert(description: AlertDescription, at_the_proxy: bool) -> Vec<WindowsError> {
    let above_schannel = match description {
        AlertDescription::HANDSHAKE_FAILURE | AlertDescription::PROTOCOL_VERSION => {
            Some(WindowsCode::ERROR_WINHTTP_SECURE_CHANNEL_ERROR)
        }
        AlertDescription::CERTIFICATE_REQUIRED if at_the_proxy => {
            Some(WindowsCode::ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED_PROXY)
        }
        _ => None,
    };
    let schannel = WindowsError::of_alert(description);
    schannel.into_iter().chain(above_schannel.and_then(WindowsError::of)).collect()
}

/// The update agent's error for a status; SOCKS it does not speak.
fn of_status(status: &ProxyStatus) -> Option<WindowsError> {
    (status.protocol == ProxyProtocol::Http).then(|| WindowsError::of_http_status(status.status))?
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::outcome::AfterAlert;

    /// `testdata/outcomes/windows-codes.json`, written by hand.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Row {
        outcome: Outcome,
        windows_codes: Vec<WindowsError>,
        source: String,
    }

    fn table() -> Vec<Row> {
        serde_json::from_str(include_str!("../../testdata/outcomes/windows-codes.json")).unwrap()
    }

    #[test]
    fn every_outcome_of_the_table_leads_to_its_errors() {
        for Row { outcome, windows_codes, source } in table() {
            assert_eq!(outcome.windows_codes(), windows_codes, "{outcome:?} ({source})");
            assert!(windows_codes.is_empty() || !source.is_empty());
        }
    }

    #[test]
    fn the_table_has_every_kind_and_every_status_that_has_an_error_of_its_own() {
        let table = table();
        let kinds: BTreeSet<&str> = table.iter().map(|row| row.outcome.answer.kind()).collect();
        assert!(kinds.len() >= 12, "{kinds:?}");
        let in_table = |status| {
            table.iter().any(|row| matches!(&row.outcome.answer, Answer::ProxyStatus(it) if it.status == status))
        };
        assert!(WindowsCode::all().iter().filter_map(|row| row.http_status).all(in_table));
    }

    #[test]
    fn every_alert_that_schannel_has_an_error_for_leads_to_it_first_unless_it_is_a_warning() {
        let file: Value =
            serde_json::from_str(include_str!("../../testdata/registry/windows-error-codes.json")).unwrap();
        let mapping = file["alert_mapping"].as_array().unwrap();
        assert_eq!(mapping.len(), 24);
        let cell = |row: &Value, column: &str| row[column].as_str().unwrap().to_owned();
        for row in mapping {
            let code = row["alert"].as_u64().unwrap().try_into().unwrap();
            let at = |level: &str| {
                let answer =
                    Answer::Alert { level: level.to_owned(), code, name: None, then: AfterAlert::Fin, after_ms: 1.0 };
                Outcome::new(Stage::Hello, answer).windows_codes()
            };
            let expected = WindowsError {
                code: cell(row, "schannel_hresult"),
                symbol: cell(row, "schannel_error_when_received"),
                confidence: cell(row, "mapping_confidence"),
            };
            assert_eq!(at("fatal").first(), Some(&expected));
            assert_eq!(at("warning"), []);
        }
    }

    #[test]
    fn the_errors_stand_in_an_outcomes_json_and_are_made_anew_when_it_is_read() {
        let outcome = Outcome::new(Stage::Connect, Answer::Refused { after_ms: 0.1 });
        let mut json = serde_json::to_value(&outcome).unwrap();
        assert_eq!(json["windows_codes"][0]["symbol"], "ERROR_WINHTTP_CANNOT_CONNECT");
        json["windows_codes"] = Value::Array(Vec::new());
        assert_eq!(serde_json::from_value::<Outcome>(json).unwrap(), outcome);
        let accepted = Outcome::new(Stage::Hello, Answer::ServerHello { received_bytes: 9, not_finished: None });
        assert!(serde_json::to_value(&accepted).unwrap().get("windows_codes").is_none());
    }
}
