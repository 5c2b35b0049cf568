//! A random order of many numbers without a list of them: neighbours in a block are not asked one after the other, and
//! no memory is spent on it.
//!
//! A Feistel network permutes the next larger power of four (Luby and Rackoff's construction, here with mixing that is
//! quick and not secret), and numbers beyond the end are walked on from until one is inside, which leaves a permutation
//! of what is inside (Black and Rogaway, "Ciphers with Arbitrary Finite Domains").

/// An order of the numbers below a size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Permutation {
    size: u64,
    half_bits: u32,
    seed: u64,
}

const ROUNDS: u64 = 4;

impl Permutation {
    /// The order of this seed.
    pub(super) fn new(size: u64, seed: u64) -> Self {
        let bits = u64::BITS - size.saturating_sub(1).leading_zeros();
        Self { size, half_bits: bits.div_ceil(2).max(1), seed }
    }

    /// The number at this place, which has to be below the size.
    pub(super) fn nth(&self, place: u64) -> u64 {
        let mut number = self.once(place);
        while number >= self.size {
            number = self.once(number);
        }
        number
    }

    fn once(&self, number: u64) -> u64 {
        let mask = (1 << self.half_bits) - 1;
        let (mut left, mut right) = (number >> self.half_bits, number & mask);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ (mixed(right ^ self.seed.rotate_left(16) ^ (round << 56)) & mask));
        }
        (left << self.half_bits) | right
    }
}

/// The finalizer of `SplitMix64`.
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_once_whatever_the_size_and_the_seed() {
        for size in [1, 2, 3, 4, 5, 15, 16, 17, 255, 256, 1000, 4097] {
            for seed in [0, 1, 0xDEAD_BEEF] {
                let order = Permutation::new(size, seed);
                let mut all: Vec<u64> = (0..size).map(|place| order.nth(place)).collect();
                all.sort_unstable();
                assert!(all.into_iter().eq(0..size), "{size} {seed}");
            }
        }
    }

    #[test]
    fn seeds_give_other_orders_and_neighbours_are_parted() {
        let order = |seed| (0..256).map(|place| Permutation::new(256, seed).nth(place)).collect::<Vec<u64>>();
        assert_eq!(order(7), order(7));
        assert_ne!(order(7), order(8));
        let neighbours = order(7).windows(2).filter(|pair| pair[0].abs_diff(pair[1]) == 1).count();
        assert!(neighbours < 16, "{neighbours}");
    }

    #[test]
    fn the_largest_block_is_walked_through_in_bounded_steps() {
        let size = (1 << 40) - 12345;
        let order = Permutation::new(size, 3);
        assert!((0..10_000).all(|place| order.nth(place) < size));
    }
}
