//! `PostgreSQL` (Frontend/Backend Protocol, "SSL Session Encryption"): eight bytes, and one back.

use super::{malformed, refused};
use crate::dial::Failure;
use crate::dial::talk::Talk;

/// `SSLRequest`: its length, and 1234 and 5679 in place of a version.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// The most of an `ErrorResponse` that is read.
const LONGEST_ERROR: usize = 8 * 1024;

pub(super) async fn ask(talk: &mut Talk) -> Result<(), Failure> {
    talk.say(&SSL_REQUEST).await?;
    while talk.heard().is_empty() {
        talk.listen("the server's answer to SSLRequest").await?;
    }
    match *talk.heard() {
        [b'S', ..] => {
            talk.take(1);
            Ok(())
        }
        [b'N', ..] => Err(refused("N", b"")),
        [b'E', ..] => Err(refused("E", &error_text(talk).await?)),
        _ => Err(malformed("answer to SSLRequest", 0, "S, N or an ErrorResponse")),
    }
}

/// The fields of an `ErrorResponse`, a line each. A server of before `SSLRequest` ends with a zero and no length.
async fn error_text(talk: &mut Talk) -> Result<Vec<u8>, Failure> {
    let length = |heard: &[u8]| match *heard {
        [_, a, b, c, d, ..] => usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX) + 1,
        _ => usize::MAX,
    };
    while talk.heard().len() < length(talk.heard()).min(LONGEST_ERROR) && talk.heard().len() < LONGEST_ERROR {
        if talk.heard().len() > 5 && talk.heard().ends_with(&[0]) {
            break;
        }
        talk.listen("the rest of the server's ErrorResponse").await?;
    }
    let text = talk.heard().get(5..).unwrap_or_default();
    Ok(text.iter().map(|byte| if *byte == 0 { b'\n' } else { *byte }).collect())
}
