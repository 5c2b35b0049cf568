//! Application protocols by the names that ALPN knows them by (RFC 7301 §6).

/// A name of IANA's registry of "TLS Application-Layer Protocol Negotiation (ALPN) Protocol IDs".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApplicationProtocol {
    /// The name on the wire, which is ASCII in all of them.
    pub name: &'static str,
    /// Where it is defined.
    pub reference: &'static str,
}

impl ApplicationProtocol {
    /// The name by which an authority asks for the certificate of a challenge (RFC 8737 §3).
    pub const ACME_TLS_1: &str = "acme-tls/1";

    /// Every one of them, by name.
    pub fn all() -> &'static [Self] {
        ROWS
    }
}

macro_rules! protocols {
    ($($name:literal $reference:literal;)+) => { &[$(ApplicationProtocol { name: $name, reference: $reference },)+] };
}

static ROWS: &[ApplicationProtocol] = protocols! {
    "acme-tls/1"         "[RFC8737]";
    "c-webrtc"           "[RFC8833]";
    "coap"               "[RFC8323]";
    "doq"                "[RFC9250]";
    "dot"                "[RFC7858]";
    "ftp"                "[RFC4217]";
    "h2"                 "[RFC9113]";
    "h2c"                "[RFC9113]";
    "h3"                 "[RFC9114]";
    "http/0.9"           "[RFC1945]";
    "http/1.0"           "[RFC1945]";
    "http/1.1"           "[RFC9112]";
    "imap"               "[RFC2595]";
    "irc"                "[RFC1459]";
    "managesieve"        "[RFC5804]";
    "nntp"               "[RFC3977]";
    "ntske/1"            "[RFC8915]";
    "pop3"               "[RFC2595]";
    "radius/1.0"         "[RFC9765]";
    "radius/1.1"         "[RFC9765]";
    "sip/2"              "[RFC3261]";
    "spdy/1"             "[SPDY protocol, draft 1]";
    "spdy/2"             "[SPDY protocol, draft 2]";
    "spdy/3"             "[SPDY protocol, draft 3]";
    "stun.nat-discovery" "[RFC7443]";
    "stun.turn"          "[RFC7443]";
    "sunrpc"             "[RFC9289]";
    "tds/8.0"            "[MS-TDS]";
    "webrtc"             "[RFC8833]";
    "xmpp-client"        "[XEP-0368]";
    "xmpp-server"        "[XEP-0368]";
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_every_name_fits_into_its_length_byte() {
        assert!(ROWS.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(ROWS.iter().all(|row| (1..=255).contains(&row.name.len()) && row.name.is_ascii()));
    }
}
