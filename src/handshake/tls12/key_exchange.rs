//! The premaster secret, and the ClientKeyExchange by which the server comes to it too (RFC 5246 §7.4.7, RFC 8422 §5.7).

use rand::CryptoRng;

use super::super::{KeyChoice, Stopped, credentials};
use super::flight::ServerFlight;
use crate::crypto::dhe::{DhGroup, DhKeyPair, LeadingZeros};
use crate::crypto::{KeyPair, SharedSecret};
use crate::registry::{KeyExchange, NamedGroup, ProtocolVersion};
use crate::wire::Writer;
use crate::wire::handshake::{HandshakeType, ServerKeyExchange};

/// What a key exchange comes to.
pub(super) struct Agreed {
    pub(super) pre_master_secret: SharedSecret,
    /// The body of the ClientKeyExchange.
    pub(super) message: Vec<u8>,
}

/// No key was found that was asked for.
const NO_LEADING_ZEROS: Stopped = Stopped::Unable("no key was found whose secret begins with zeros");

/// Chooses our part, once the server's is known.
pub(super) fn agree(
    flight: &ServerFlight,
    offered_version: ProtocolVersion,
    choice: KeyChoice,
    random: &mut impl CryptoRng,
) -> Result<Agreed, Stopped> {
    match &flight.key_exchange {
        Some(ServerKeyExchange::Dhe { p, g, public, .. }) => finite_field(p, g, public, choice, random),
        Some(ServerKeyExchange::Ecdhe { curve, public, .. }) => elliptic_curve(*curve, public, choice, random),
        Some(ServerKeyExchange::Other(_)) => Err(Stopped::Unable("a key exchange that is not known here")),
        None => match flight.suite.info().map(|info| info.key_exchange) {
            Some(KeyExchange::Rsa) => transport(flight, offered_version, random),
            Some(KeyExchange::Dhe | KeyExchange::Ecdhe) => {
                Err(Stopped::unexpected(HandshakeType::SERVER_HELLO_DONE, "server_key_exchange (12) before it"))
            }
            _ => Err(Stopped::Unable("a key exchange that is not known here")),
        },
    }
}

/// `ClientDiffieHellmanPublic`. Zeros that the secret begins with are no part of it (RFC 5246 §8.1.2).
fn finite_field(
    p: &[u8],
    g: &[u8],
    public: &[u8],
    choice: KeyChoice,
    random: &mut impl CryptoRng,
) -> Result<Agreed, Stopped> {
    let bits = p.len() as u64 * 8;
    let group =
        DhGroup::new(p, g).map_err(|_| Stopped::field("server_key_exchange.dh_p", bits, "a group to compute in"))?;
    let unusable = |_| Stopped::field("server_key_exchange.dh_Ys", public.len() as u64, "a number of its group");
    let pair = match choice {
        KeyChoice::Ordinary => DhKeyPair::generate(group, random),
        KeyChoice::LeadingZeros(zeros) => {
            let found = DhKeyPair::generate_with_leading_zeros(group, public, zeros, random).map_err(unusable)?;
            found.ok_or(NO_LEADING_ZEROS)?
        }
    };
    let mut message = Writer::new();
    message.vec16(|out| out.bytes(&pair.public()));
    let pre_master_secret = pair.agree(public, LeadingZeros::Stripped).map_err(unusable)?;
    Ok(Agreed { pre_master_secret, message: message.into_bytes() })
}

/// `ClientECDiffieHellmanPublic`. All of the x-coordinate is the secret (RFC 8422 §5.10).
fn elliptic_curve(
    curve: NamedGroup,
    public: &[u8],
    choice: KeyChoice,
    random: &mut impl CryptoRng,
) -> Result<Agreed, Stopped> {
    const NO_KEY: Stopped = Stopped::Unable("a group that no key can be made in here");
    let unusable = |_| Stopped::field("server_key_exchange.public", public.len() as u64, "a point of its curve");
    let pair = match choice {
        KeyChoice::Ordinary => KeyPair::generate(curve, random).ok_or(NO_KEY)?,
        KeyChoice::LeadingZeros(zeros) => {
            let found = KeyPair::generate_with_leading_zeros(curve, public, zeros, random).map_err(unusable)?;
            found.ok_or(NO_LEADING_ZEROS)?
        }
    };
    let mut message = Writer::new();
    message.vec8(|out| out.bytes(&pair.public()));
    Ok(Agreed { pre_master_secret: pair.agree(public).map_err(unusable)?, message: message.into_bytes() })
}

/// `EncryptedPreMasterSecret` (RFC 5246 §7.4.7.1): the version is the one that was offered, whichever was chosen.
fn transport(
    flight: &ServerFlight,
    offered_version: ProtocolVersion,
    random: &mut impl CryptoRng,
) -> Result<Agreed, Stopped> {
    let mut pre_master_secret = SharedSecret::new(vec![0; 48]);
    random.fill_bytes(&mut pre_master_secret);
    pre_master_secret.splice(..2, offered_version.0.to_be_bytes());
    let key = flight.certificates.first().and_then(|leaf| credentials::rsa_key(leaf));
    let encrypted = key.and_then(|key| key.encrypt(&pre_master_secret, random));
    let encrypted = encrypted.ok_or(Stopped::Unable("the certificate has no RSA key that can encrypt a secret"))?;
    let mut message = Writer::new();
    message.vec16(|out| out.bytes(&encrypted));
    Ok(Agreed { pre_master_secret, message: message.into_bytes() })
}
