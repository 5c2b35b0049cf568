//! The values that are new on every connection.

use rand::CryptoRng;

use crate::handshake::KeyShares;
use crate::offer::{FreshValues, Offer};

/// What is new on one connection.
pub struct Fresh {
    /// What the hello says of it.
    pub values: FreshValues,
    /// The secrets behind its key shares.
    pub key_shares: KeyShares,
}

/// Fresh values for an offer, from the randomness given.
pub fn fresh_values(offer: &Offer, random: &mut impl CryptoRng) -> Fresh {
    let mut values = FreshValues { random: [0; 32], session_id: [0; 32], key_shares: Vec::new() };
    random.fill_bytes(&mut values.random);
    random.fill_bytes(&mut values.session_id);
    let key_shares = KeyShares::generate(offer.key_share_groups(), random);
    values.key_shares = key_shares.entries();
    Fresh { values, key_shares }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;
    use crate::registry::NamedGroup;

    #[test]
    fn a_share_can_be_made_for_every_group_that_an_offer_wants_one_for() {
        let mut offer = Offer::modern();
        for group in crate::handshake::SHARE_GROUPS {
            offer.set_groups(&[group, NamedGroup::X25519]);
            let fresh = fresh_values(&offer, &mut StdRng::seed_from_u64(1)).values;
            let made: Vec<NamedGroup> = fresh.key_shares.iter().map(|share| share.group).collect();
            assert_eq!(made, offer.key_share_groups());
            assert_eq!(made.first(), Some(&group));
        }
    }

    #[test]
    fn the_same_randomness_gives_the_same_values() {
        let offer = Offer::modern();
        let values = |seed| fresh_values(&offer, &mut StdRng::seed_from_u64(seed)).values;
        assert_eq!(values(1).random, values(1).random);
        assert_eq!(values(1).key_shares, values(1).key_shares);
        assert_ne!(values(1).random, values(2).random);
    }
}
