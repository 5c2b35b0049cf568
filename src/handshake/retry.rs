//! The answer to a HelloRetryRequest: the same hello once more, with the share and the cookie that are wanted
//! (RFC 8446 §4.1.2).

use rand::CryptoRng;

use super::link::Link;
use super::{ClientHelloSent, KeyShares, Options, Stopped, psk};
use crate::crypto::key_schedule::suite_hash;
use crate::registry::{ExtensionType, NamedGroup};
use crate::wire::Wire;
use crate::wire::extension::{Extension, Extensions, KeyShare};
use crate::wire::handshake::{ClientHello, HandshakeType, RawMessage, ServerHello, message};

/// Writes the second hello.
pub(super) fn answer(
    mut sent: ClientHelloSent,
    retry_message: &RawMessage,
    retry: &ServerHello,
    options: &Options,
    link: &mut Link,
    random: &mut impl CryptoRng,
) -> Result<ClientHelloSent, Stopped> {
    if sent.is_second() {
        return Err(Stopped::unexpected(HandshakeType::SERVER_HELLO, "no second HelloRetryRequest (RFC 8446 §4.1.4)"));
    }
    let (first_message, first) =
        sent.take_hello().ok_or(Stopped::Unable("what was sent is no hello that can be read"))?;
    let hash =
        suite_hash(retry.cipher_suite).ok_or(Stopped::Unable("a suite that is not known here as one of TLS 1.3"))?;

    // The first hello is hashed on its own, so that a server need not keep it (RFC 8446 §4.4.1).
    let digest = hash.digest(&[&first_message]);
    let in_short = RawMessage { msg_type: HandshakeType::MESSAGE_HASH, body: digest.to_vec() };
    let transcript = [in_short.to_bytes(), retry_message.to_bytes()].concat();

    let mut hello = ClientHello { extensions: first.extensions.map(without_early_data), ..first };
    let mut key_shares = sent.key_shares;
    let Extensions(wanted) = retry.extensions.clone().unwrap_or_default();
    for extension in wanted {
        match extension {
            Extension::KeyShare(KeyShare::RetryGroup(group)) => {
                key_shares = new_share(group, random)?;
                put(&mut hello, Extension::KeyShare(KeyShare::Offered(key_shares.entries())));
            }
            Extension::Cookie(cookie) => put(&mut hello, Extension::Cookie(cookie)),
            _ => {}
        }
    }
    if let Some(session) = &options.psk_session {
        psk::bind(&mut hello, session, &transcript);
    }
    let second_message = message(HandshakeType::CLIENT_HELLO, &hello);
    if !hello.session_id.0.is_empty() {
        link.write_change_cipher_spec(random);
    }
    link.write_message(&second_message, random);
    Ok(ClientHelloSent::second(second_message, hello, key_shares, transcript))
}

fn new_share(group: NamedGroup, random: &mut impl CryptoRng) -> Result<KeyShares, Stopped> {
    let shares = KeyShares::generate(&[group], random);
    if shares.entries().is_empty() {
        return Err(Stopped::Unable("a key share is wanted of a group that no key can be made in here"));
    }
    Ok(shares)
}

/// Early data is not for a second hello (RFC 8446 §4.2.10).
fn without_early_data(Extensions(mut extensions): Extensions) -> Extensions {
    extensions.retain(|extension| extension.extension_type() != ExtensionType::EARLY_DATA);
    Extensions(extensions)
}

/// Puts an extension in the place of the one of its type; else at the end, but before a `pre_shared_key`, which is
/// always the last.
fn put(hello: &mut ClientHello, new: Extension) {
    let Extensions(extensions) = hello.extensions.get_or_insert_default();
    if let Some(old) = extensions.iter_mut().find(|old| old.extension_type() == new.extension_type()) {
        *old = new;
        return;
    }
    let last = extensions.last().map(Extension::extension_type);
    let place = extensions.len() - usize::from(last == Some(ExtensionType::PRE_SHARED_KEY));
    extensions.insert(place, new);
}
