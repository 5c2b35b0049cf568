//! The values that are new on every connection.

use rand::CryptoRng;

use crate::handshake::key_shares;
use crate::offer::{FreshValues, Offer};

/// Fresh values for an offer, from the randomness given.
pub fn fresh_values(offer: &Offer, random: &mut impl CryptoRng) -> FreshValues {
    let mut values = FreshValues { random: [0; 32], session_id: [0; 32], key_shares: Vec::new() };
    random.fill_bytes(&mut values.random);
    random.fill_bytes(&mut values.session_id);
    values.key_shares = key_shares(offer.key_share_groups(), random);
    values
}
