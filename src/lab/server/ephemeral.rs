//! How the premaster secret of TLS 1.0 to 1.2 comes about: the server's part of the exchange, and what the client's
//! part makes of it.

use rand::CryptoRng;
use zeroize::Zeroizing;

use super::Site;
use crate::crypto::dhe::{self, DhGroup, DhKeyPair};
use crate::crypto::{KeyPair, SharedSecret};
use crate::lab::conduct::LeadingZeros;
use crate::lab::connection::Stop;
use crate::lab::negotiate::{Agreement, KeySource};
use crate::registry::AlertDescription;
use crate::wire::handshake::{DigitallySigned, HandshakeType, ServerKeyExchange};
use crate::wire::{DecodeError, Reader, Writer};

/// What the server keeps until the client's part is there.
pub(super) enum Ephemeral {
    /// Nothing: the client encrypts to the certificate's key.
    Rsa,
    Ecdhe(KeyPair),
    Dhe(Box<DhKeyPair>),
}

const OWN_GROUPS: &str = "a lab server has groups that keys can be made in";

impl Ephemeral {
    pub(super) fn new(site: Site<'_>, agreement: &Agreement, random: &mut impl CryptoRng) -> Self {
        match agreement.keys {
            KeySource::Ecdhe { group, .. } => Self::Ecdhe(KeyPair::generate(group, random).expect(OWN_GROUPS)),
            KeySource::Dhe { .. } => {
                let prime = hex::decode(site.server.dh_prime).expect("a prime in hexadecimal");
                let group = DhGroup::new(&prime, &[2]).expect(OWN_GROUPS);
                Self::Dhe(Box::new(DhKeyPair::generate(group, random)))
            }
            _ => Self::Rsa,
        }
    }

    /// The `ServerKeyExchange`, signed together with both randoms (RFC 5246 §7.4.3, RFC 8422 §5.4).
    pub(super) fn message(
        &self,
        site: Site<'_>,
        agreement: &Agreement,
        randoms: &[u8],
        random: &mut impl CryptoRng,
    ) -> Option<Vec<u8>> {
        let params = match self {
            Self::Rsa => return None,
            Self::Ecdhe(key) => ServerKeyExchange::Ecdhe { curve: key.group(), public: key.public(), signature: None },
            Self::Dhe(key) => ServerKeyExchange::Dhe {
                p: hex::decode(site.server.dh_prime).expect("a prime in hexadecimal"),
                g: vec![2],
                public: key.public(),
                signature: None,
            },
        };
        let scheme = agreement.keys.scheme();
        let signature = site.identity(agreement).key.sign(scheme, &[randoms, &params.to_bytes()].concat(), random);
        let mut body = Writer::new();
        params.encode(&mut body);
        DigitallySigned { scheme, signature }.encode(&mut body);
        Some(super::messages::raw(HandshakeType::SERVER_KEY_EXCHANGE, body.into_bytes()))
    }

    /// The premaster secret, by the body of the `ClientKeyExchange`.
    pub(super) fn premaster_secret(
        &self,
        site: Site<'_>,
        body: &[u8],
        random: &mut impl CryptoRng,
    ) -> Result<SharedSecret, Stop> {
        let zeros = site.server.conduct.leading_zeros;
        let illegal = |_| AlertDescription::ILLEGAL_PARAMETER;
        match self {
            Self::Rsa => {
                let encrypted = vector(body, Reader::vec16)?;
                // A wrong one must not show at once (RFC 5246 §7.4.7.1): it is as if another had come.
                let wrong = || Zeroizing::new(vec![0; 48]);
                Ok(site.first.key.decrypt(&encrypted, random).unwrap_or_else(wrong))
            }
            Self::Ecdhe(key) => {
                let secret = key.agree(&vector(body, Reader::vec8)?).map_err(illegal)?;
                if zeros != LeadingZeros::StrippedInEcdhe {
                    return Ok(secret);
                }
                let zeros = secret.iter().take_while(|byte| **byte == 0).count();
                Ok(secret.get(zeros..).unwrap_or_default().to_vec().into())
            }
            Self::Dhe(key) => {
                let zeros = match zeros {
                    LeadingZeros::KeptInDhe => dhe::LeadingZeros::Kept,
                    LeadingZeros::Sound | LeadingZeros::StrippedInEcdhe => dhe::LeadingZeros::Stripped,
                };
                Ok(key.agree(&vector(body, Reader::vec16)?, zeros).map_err(illegal)?)
            }
        }
    }
}

/// A body that is one vector.
fn vector<'a>(
    body: &'a [u8],
    vector: impl FnOnce(&mut Reader<'a>, &'static str) -> Result<Reader<'a>, DecodeError>,
) -> Result<Vec<u8>, Stop> {
    let mut input = Reader::new(body);
    let content = vector(&mut input, "client_key_exchange").map_err(|_| AlertDescription::DECODE_ERROR)?;
    input.end().map_err(|_| AlertDescription::DECODE_ERROR)?;
    Ok(content.clone().rest().to_vec())
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;
    use crate::lab::conduct::Conduct;
    use crate::lab::pki::{Credentials, Identity};
    use crate::lab::script::{Chain, Choice, FFDHE2048, Refusal, Server};
    use crate::lab::session::Sessions;
    use crate::lab::testing::settings;
    use crate::registry::{CipherSuite, NamedGroup, ProtocolVersion};

    /// How long the premaster secret is that a server of that conduct takes, where it begins with a zero.
    fn length_of_a_secret_with_a_zero(keys: KeySource, leading_zeros: LeadingZeros) -> usize {
        let server = Server {
            versions: &[],
            choice: Choice::Own,
            groups: &[],
            refusal: Refusal::Alert,
            chain: Chain::Good,
            dh_prime: FFDHE2048,
            conduct: Conduct { leading_zeros, ..Conduct::SOUND },
        };
        let first = Identity { certificates: Vec::new(), key: Credentials::issue(&[], settings().now).unwrap().key };
        let site = Site { server: &server, first: &first, second: None, sessions: &Sessions::default() };
        let cipher_suite = CipherSuite::TLS_DHE_RSA_WITH_AES_128_CBC_SHA;
        let agreement = Agreement { version: ProtocolVersion::TLS1_0, cipher_suite, keys };
        let mut random = StdRng::seed_from_u64(1);
        let ephemeral = Ephemeral::new(site, &agreement, &mut random);
        let mut body = Writer::new();
        match &ephemeral {
            Ephemeral::Dhe(key) => {
                let group = key.group().clone();
                let client = DhKeyPair::generate_with_leading_zeros(group, &key.public(), 1, &mut random);
                body.vec16(|out| out.bytes(&client.unwrap().unwrap().public()));
            }
            Ephemeral::Ecdhe(key) => {
                let client = KeyPair::generate_with_leading_zeros(key.group(), &key.public(), 1, &mut random);
                body.vec8(|out| out.bytes(&client.unwrap().unwrap().public()));
            }
            Ephemeral::Rsa => unreachable!("an ephemeral key"),
        }
        let secret = ephemeral.premaster_secret(site, &body.into_bytes(), &mut random);
        secret.ok().unwrap().len()
    }

    #[test]
    fn zeros_are_taken_off_and_kept_as_the_conduct_says() {
        let dhe = KeySource::Dhe { scheme: None };
        let ecdhe = KeySource::Ecdhe { group: NamedGroup::SECP256R1, scheme: None };
        assert!(length_of_a_secret_with_a_zero(dhe, LeadingZeros::Sound) < 256);
        assert!(length_of_a_secret_with_a_zero(dhe, LeadingZeros::StrippedInEcdhe) < 256);
        assert_eq!(length_of_a_secret_with_a_zero(dhe, LeadingZeros::KeptInDhe), 256);
        assert_eq!(length_of_a_secret_with_a_zero(ecdhe, LeadingZeros::Sound), 32);
        assert!(length_of_a_secret_with_a_zero(ecdhe, LeadingZeros::StrippedInEcdhe) < 32);
    }
}
