//! RDP (MS-RDPBCGR §2.2.1.1, X.224 class 0 in TPKT of RFC 1006): a connection request that wants TLS.

use super::{malformed, refused};
use crate::dial::Failure;
use crate::dial::talk::Talk;

/// TPKT, an X.224 connection request, and `RDP_NEG_REQ` for `PROTOCOL_SSL` or `PROTOCOL_HYBRID`: both begin with TLS,
/// and a server that wants network level authentication takes only the second.
const REQUEST: [u8; 19] =
    [3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, /* RDP_NEG_REQ */ 1, 0, 8, 0, /* requestedProtocols */ 3, 0, 0, 0];

/// The least that the rest of a confirmation has: its length indicator, its code, two references and a class.
const CONFIRMATION: usize = 7;

/// The longest confirmation that is read.
const LONGEST: usize = 1024;

const NEGOTIATION_RESPONSE: u8 = 2;
const NEGOTIATION_FAILURE: u8 = 3;

pub(super) async fn ask(talk: &mut Talk) -> Result<(), Failure> {
    talk.say(&REQUEST).await?;
    let length = loop {
        match *talk.heard() {
            [3, _, high, low, ..] => {
                let length = usize::from(u16::from_be_bytes([high, low]));
                if !(4 + CONFIRMATION..=LONGEST).contains(&length) {
                    return Err(malformed("TPKT length", 2, "that of a connection confirmation"));
                }
                if talk.heard().len() >= length {
                    break length;
                }
            }
            [] | [3] | [3, _] | [3, _, _] => {}
            _ => return Err(malformed("TPKT version", 0, "3")),
        }
        talk.listen("the server's connection confirmation").await?;
    };
    let packet = talk.take(length);
    let (Some([_, 0xd0, ..]), Some(negotiation)) = (packet.get(4..), packet.get(4 + CONFIRMATION..)) else {
        return Err(malformed("X.224", 5, "a connection confirmation"));
    };
    match *negotiation {
        // The protocol: 1 is TLS, 2 and 8 are CredSSP inside TLS.
        [NEGOTIATION_RESPONSE, _, _, _, protocol, 0, 0, 0, ..] if protocol != 0 => Ok(()),
        [NEGOTIATION_RESPONSE, ..] | [] => Err(refused("0", b"standard RDP security, without TLS")),
        [NEGOTIATION_FAILURE, _, _, _, code, ..] => Err(refused(&code, failure(code).as_bytes())),
        _ => Err(malformed("RDP negotiation", 11, "RDP_NEG_RSP or RDP_NEG_FAILURE")),
    }
}

/// `failureCode` (MS-RDPBCGR §2.2.1.2.2).
fn failure(code: u8) -> &'static str {
    match code {
        1 => "SSL_REQUIRED_BY_SERVER",
        2 => "SSL_NOT_ALLOWED_BY_SERVER",
        3 => "SSL_CERT_NOT_ON_SERVER",
        4 => "INCONSISTENT_FLAGS",
        5 => "HYBRID_REQUIRED_BY_SERVER",
        6 => "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
        _ => "not assigned",
    }
}
