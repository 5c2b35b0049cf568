//! Lines of a key log file, by which Wireshark and others read what was recorded (draft-ietf-tls-keylogfile).

use std::fmt;

use zeroize::Zeroizing;

/// One secret and the hello it belongs to. It has no debug form: only who asks for the line gets it.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyLogLine(Zeroizing<String>);

impl KeyLogLine {
    pub(super) fn new(label: &str, client_random: &[u8; 32], secret: &[u8]) -> Self {
        let secret = Zeroizing::new(hex::encode(secret));
        Self(Zeroizing::new(format!("{label} {} {}", hex::encode(client_random), *secret)))
    }

    /// The line, without its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeyLogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = self.0.split(' ').next().unwrap_or_default();
        f.debug_tuple("KeyLogLine").field(&label).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_label_random_and_secret_and_shows_only_its_label_when_debugged() {
        let line = KeyLogLine::new("CLIENT_RANDOM", &[0xab; 32], &[1, 2]);
        assert_eq!(line.as_str(), format!("CLIENT_RANDOM {} 0102", "ab".repeat(32)));
        assert_eq!(format!("{line:?}"), r#"KeyLogLine("CLIENT_RANDOM")"#);
    }
}
