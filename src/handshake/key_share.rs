//! The key shares of a ClientHello (RFC 8446 §4.2.8), and the secrets behind them.

use rand::CryptoRng;

use crate::crypto::KeyPair;
use crate::registry::NamedGroup;
use crate::wire::extension::KeyShareEntry;

/// The groups for which a real share can be made.
pub const SHARE_GROUPS: [NamedGroup; KeyPair::GROUPS.len()] = KeyPair::GROUPS;

/// The shares that one hello carries, with the private keys of those that have one.
#[derive(Default)]
pub struct KeyShares(Vec<Share>);

struct Share {
    entry: KeyShareEntry,
    /// None behind the one byte that stands for a GREASE group.
    pair: Option<KeyPair>,
}

impl KeyShares {
    /// A fresh share for each group, in order. A GREASE group gets one arbitrary byte (RFC 8701 §3.1); a group for
    /// which no share can be made gets none.
    pub fn generate(groups: &[NamedGroup], random: &mut impl CryptoRng) -> Self {
        let share = |group: &NamedGroup| {
            let pair = KeyPair::generate(*group, random);
            let key_exchange = match &pair {
                Some(pair) => pair.public(),
                None if group.is_grease() => vec![0],
                None => return None,
            };
            Some(Share { entry: KeyShareEntry { group: *group, key_exchange }, pair })
        };
        Self(groups.iter().filter_map(share).collect())
    }

    /// What the hello says of them.
    pub fn entries(&self) -> Vec<KeyShareEntry> {
        self.0.iter().map(|share| share.entry.clone()).collect()
    }

    /// The key behind the share of this group, which can be used once.
    pub(super) fn take(&mut self, group: NamedGroup) -> Option<KeyPair> {
        self.0.iter_mut().find(|share| share.entry.group == group).and_then(|share| share.pair.take())
    }
}
