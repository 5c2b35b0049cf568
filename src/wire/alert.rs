//! The alert message (RFC 8446 §6), the same since SSL 3.0.

use super::{DecodeError, Reader, Wire, Writer};
use crate::registry::{AlertDescription, AlertLevel};

/// `Alert`: one side's last word, or a warning. Any code point is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// `warning` or `fatal`; TLS 1.3 ignores it.
    pub level: AlertLevel,
    /// What is the matter.
    pub description: AlertDescription,
}

impl Wire for Alert {
    fn encode(&self, out: &mut Writer) {
        out.u8(self.level.0);
        out.u8(self.description.0);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let level = AlertLevel(input.u8("alert.level")?);
        let description = AlertDescription(input.u8("alert.description")?);
        Ok(Self { level, description })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::testing;

    const HANDSHAKE_FAILURE: [u8; 2] = [2, 40];

    #[test]
    fn alert_reads_and_writes_the_same_bytes() {
        let alert = Alert { level: AlertLevel::FATAL, description: AlertDescription::HANDSHAKE_FAILURE };
        testing::reads_and_writes(&HANDSHAKE_FAILURE, &alert);
    }

    #[test]
    fn an_unregistered_alert_is_a_value_to_report() {
        let alert = Alert { level: AlertLevel(7), description: AlertDescription(200) };
        testing::reads_and_writes(&[7, 200], &alert);
    }

    #[test]
    fn rejects_every_truncation_of_alert() {
        testing::rejects_every_truncation::<Alert>(&HANDSHAKE_FAILURE);
    }

    #[test]
    fn never_panics() {
        testing::never_panics::<Alert>(&HANDSHAKE_FAILURE);
    }
}
