//! The key shares of a ClientHello (RFC 8446 §4.2.8).

use rand::CryptoRng;

use crate::crypto::KeyPair;
use crate::registry::NamedGroup;
use crate::wire::extension::KeyShareEntry;

/// The groups for which a real share can be made.
pub const SHARE_GROUPS: [NamedGroup; 7] = KeyPair::GROUPS;

/// A fresh share for each group, in order. A GREASE group gets one arbitrary byte (RFC 8701 §3.1); a group for which
/// no share can be made gets none.
pub fn key_shares(groups: &[NamedGroup], random: &mut impl CryptoRng) -> Vec<KeyShareEntry> {
    let share = |group: &NamedGroup| {
        let key_exchange = match KeyPair::generate(*group, random) {
            Some(pair) => pair.public(),
            None if group.is_grease() => vec![0],
            None => return None,
        };
        Some(KeyShareEntry { group: *group, key_exchange })
    };
    groups.iter().filter_map(share).collect()
}
