//! Offering a session of TLS 1.3: the ticket as `pre_shared_key`, and the binder that proves its key
//! (RFC 8446 §4.2.11).

use std::time::Duration;

use super::PskSession;
use crate::crypto::key_schedule::{EarlySecret, PskOrigin, suite_hash};
use crate::wire::extension::{Extension, Extensions, PreSharedKey, PskIdentity};
use crate::wire::handshake::{ClientHello, HandshakeType, message};

/// Adds the ticket to a hello as its last extension, `age` after it came, and binds it. The hello also has to have
/// `psk_key_exchange_modes`.
pub fn offer_psk(hello: &mut ClientHello, session: &PskSession, age: Duration) {
    let milliseconds = u32::try_from(age.as_millis()).unwrap_or(u32::MAX);
    let identity = PskIdentity {
        identity: session.ticket.clone(),
        obfuscated_ticket_age: milliseconds.wrapping_add(session.age_add),
    };
    let offered = PreSharedKey::Offered { identities: vec![identity], binders: Vec::new() };
    hello.extensions.get_or_insert_default().0.push(Extension::PreSharedKey(offered));
    bind(hello, session, &[]);
}

/// Renews the binder of a hello that stands behind this transcript. A hello without the extension stays as it is.
pub(super) fn bind(hello: &mut ClientHello, session: &PskSession, transcript: &[u8]) {
    let Some(hash) = suite_hash(session.cipher_suite) else { return };
    // A binder covers the hello up to the list of binders, with the lengths as they will be.
    let placeholder = vec![0; hash.output_length()];
    let list = 2 + 1 + placeholder.len();
    if !put_binder(hello, placeholder) {
        return;
    }
    let whole = message(HandshakeType::CLIENT_HELLO, hello);
    let covered = whole.get(..whole.len().saturating_sub(list)).unwrap_or_default();
    let key = EarlySecret::new(hash, Some(&session.psk)).binder_key(PskOrigin::Resumption);
    let binder = key.finished(&hash.digest(&[transcript, covered]));
    put_binder(hello, binder.to_vec());
}

/// False if the hello's last extension is no `pre_shared_key`.
fn put_binder(hello: &mut ClientHello, binder: Vec<u8>) -> bool {
    let last = hello.extensions.as_mut().and_then(|Extensions(extensions)| extensions.last_mut());
    let Some(Extension::PreSharedKey(PreSharedKey::Offered { binders, .. })) = last else { return false };
    *binders = vec![binder];
    true
}
