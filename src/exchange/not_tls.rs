//! What an answer that is not TLS seems to be, by its first bytes.

/// As many bytes as are kept of an answer that is not TLS.
pub(super) const FIRST_BYTES: usize = 256;

/// Names the protocol that such bytes usually begin. A guess that is said to be one: `looks_like`.
pub(super) fn looks_like(bytes: &[u8]) -> Option<String> {
    let first_line = || {
        let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
        String::from_utf8_lossy(line.get(..120).unwrap_or(line)).into_owned()
    };
    let named = |name: &str| Some(format!("{name}: {}", first_line()));
    match bytes {
        [b'H', b'T', b'T', b'P', b'/', ..] => named("an HTTP answer"),
        [b'S', b'S', b'H', b'-', ..] => named("SSH"),
        [b'2', b'2', b'0', b' ' | b'-', ..] => named("an SMTP or FTP greeting"),
        [b'4' | b'5', b'0'..=b'9', b'0'..=b'9', b' ' | b'-', ..] => named("an SMTP or FTP refusal"),
        [b'+', b'O', b'K', ..] => named("POP3"),
        [b'*', b' ', b'O' | b'B' | b'P', ..] => named("IMAP"),
        [b'<', ..] => named("HTML or XML"),
        // TPKT (RFC 1006 §6): version 3, reserved 0, then a length.
        [3, 0, _, _, ..] => Some("RDP or another TPKT protocol".to_owned()),
        // Handshake packet version 10 behind a three-byte length and sequence 0.
        [_, _, 0, 0, 10, ..] => Some("a MySQL or MariaDB greeting".to_owned()),
        // SSL 2.0: two-byte header with the high bit set, then SERVER-HELLO (4) or ERROR (0).
        [0x80..=0xff, _, 4, 0 | 1, ..] => Some("an SSL 2.0 ServerHello".to_owned()),
        [0x80, 3, 0, ..] => Some("an SSL 2.0 error".to_owned()),
        [b'{', ..] => Some("JSON".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::looks_like;

    #[test]
    fn usual_greetings_are_named() {
        let http = looks_like(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n").unwrap();
        assert_eq!(http, "an HTTP answer: HTTP/1.1 400 Bad Request");
        assert_eq!(looks_like(b"SSH-2.0-OpenSSH_9.2\r\n").unwrap(), "SSH: SSH-2.0-OpenSSH_9.2");
        assert!(looks_like(b"220 mail ESMTP").unwrap().contains("SMTP or FTP"));
        assert!(looks_like(b"* OK IMAP4rev1").unwrap().starts_with("IMAP"));
        assert!(looks_like(&[3, 0, 0, 19, 14, 208]).unwrap().contains("RDP"));
        assert!(looks_like(&[0x80, 0x41, 4, 0, 1, 0, 2]).unwrap().contains("SSL 2.0"));
        assert_eq!(looks_like(&[0xde, 0xad]), None);
        assert_eq!(looks_like(&[]), None);
    }
}
