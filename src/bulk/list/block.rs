//! A block of addresses, `192.0.2.0/24` or `2001:db8::/112`, and several of them as one field to draw from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The most addresses that a block may have: more could not be asked in years.
const LARGEST_BITS: u32 = 40;

/// The addresses that share a prefix (RFC 4632 §3.1, RFC 4291 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    first: IpAddr,
    /// How many bits of an address are free.
    free_bits: u32,
}

impl Block {
    /// `address/length`; nothing where the text has no such form. Bits behind the prefix may be set, and do not count.
    pub fn parse(text: &str) -> Option<Result<Self, BlockError>> {
        let (address, length) = text.split_once('/')?;
        let address = address.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(address);
        let address: IpAddr = address.parse().ok()?;
        let length_is_number = !length.is_empty() && length.bytes().all(|digit| digit.is_ascii_digit());
        let bits = bits_of(address);
        let length = length.parse::<u32>().ok().filter(|length| length_is_number && *length <= bits);
        Some(length.map(|length| Self::new(address, length)).ok_or(BlockError { most: bits }))
    }

    /// The block that an address is in, by the length of its prefix; a longer one than the address stands for it alone.
    pub fn new(address: IpAddr, length: u32) -> Self {
        let bits = bits_of(address);
        let free_bits = bits.saturating_sub(length);
        let kept = u128::MAX.checked_shl(free_bits).unwrap_or_default();
        Self { first: address_of(number_of(address) & kept, bits), free_bits }
    }

    /// How many addresses it has; nothing for one that is too large to be asked.
    pub fn size(&self) -> Option<u64> {
        (self.free_bits <= LARGEST_BITS).then(|| 1 << self.free_bits)
    }

    /// The address at this place.
    pub fn nth(&self, place: u64) -> IpAddr {
        address_of(number_of(self.first).wrapping_add(u128::from(place)), bits_of(self.first))
    }

    /// The first and the last address as numbers.
    pub(crate) fn range(&self) -> (u128, u128) {
        let first = number_of(self.first);
        let free = 1_u128.checked_shl(self.free_bits).map_or(u128::MAX, |size| size - 1);
        (first, first | free)
    }

    /// Whether it is a block of IPv4 addresses.
    pub fn is_v4(&self) -> bool {
        self.first.is_ipv4()
    }
}

/// A block whose prefix has no length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the length of a block's prefix is a number from 0 to {most}")]
pub struct BlockError {
    most: u32,
}

fn bits_of(address: IpAddr) -> u32 {
    if address.is_ipv4() { Ipv4Addr::BITS } else { Ipv6Addr::BITS }
}

/// An address as a number; IPv4 and IPv6 have numbers of their own.
pub(crate) fn number_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn address_of(number: u128, bits: u32) -> IpAddr {
    match u32::try_from(number) {
        Ok(number) if bits == Ipv4Addr::BITS => Ipv4Addr::from_bits(number).into(),
        _ => Ipv6Addr::from_bits(number).into(),
    }
}

/// Blocks that are asked as one, in an order that goes to and fro between them.
#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    /// Each block with the place behind its last address.
    blocks: Vec<(u64, Block)>,
}

/// So many blocks are one field at the most; memory is bounded by it.
const MOST_BLOCKS: usize = 4096;

impl Field {
    /// Takes one more block. False where there is no room: it is full, or the block is too large.
    pub(super) fn add(&mut self, block: Block) -> bool {
        let end = block.size().and_then(|size| self.size().checked_add(size));
        match end {
            Some(end) if self.blocks.len() < MOST_BLOCKS => {
                self.blocks.push((end, block));
                true
            }
            _ => false,
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.blocks.last().map_or(0, |(end, _)| *end)
    }

    pub(super) fn nth(&self, place: u64) -> Option<IpAddr> {
        let number = self.blocks.partition_point(|(end, _)| *end <= place);
        let begin = number.checked_sub(1).and_then(|before| self.blocks.get(before)).map_or(0, |(end, _)| *end);
        self.blocks.get(number).map(|(_, block)| block.nth(place - begin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Block {
        Block::parse(text).unwrap().unwrap()
    }

    #[test]
    fn a_block_has_the_addresses_of_its_prefix_whatever_stands_behind_it() {
        let four = block("192.0.2.7/30");
        let addresses: Vec<String> = (0..four.size().unwrap()).map(|place| four.nth(place).to_string()).collect();
        assert_eq!(addresses, ["192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.7"]);
        let six = block("2001:db8::ffff/127");
        assert_eq!((six.size(), six.nth(1).to_string()), (Some(2), "2001:db8::ffff".to_owned()));
        assert_eq!(block("0.0.0.0/0").size(), Some(1 << 32));
        assert_eq!(block("0.0.0.0/0").nth(u64::from(u32::MAX)).to_string(), "255.255.255.255");
        assert_eq!(block("::/64").size(), None);
        assert_eq!(block("::/0").range(), (0, u128::MAX));
    }

    #[test]
    fn a_url_is_no_block_and_a_wrong_length_is_told() {
        assert_eq!(Block::parse("https://a.example/24"), None);
        assert_eq!(Block::parse("a.example/24"), None);
        for wrong in ["192.0.2.0/33", "::/129", "192.0.2.0/", "192.0.2.0/+8", "192.0.2.0/24:443"] {
            assert!(Block::parse(wrong).unwrap().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_field_is_its_blocks_one_after_the_other() {
        let mut field = Field::default();
        assert!(field.add(block("192.0.2.0/31")) && field.add(block("::1/128")) && field.add(block("198.51.100.0/31")));
        assert!(!field.add(block("::/64")));
        let all: Vec<String> = (0..field.size()).map(|place| field.nth(place).unwrap().to_string()).collect();
        assert_eq!(all, ["192.0.2.0", "192.0.2.1", "::1", "198.51.100.0", "198.51.100.1"]);
        assert_eq!(field.nth(5), None);
    }
}
