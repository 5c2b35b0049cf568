//! One TCP segment in one IP packet (RFC 9293 §3.1, RFC 791 §3.1, RFC 8200 §3).

use std::net::{IpAddr, SocketAddr};
use std::ops::BitOr;

/// Who sends a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    Client,
    Server,
}

impl Sender {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// TCP's control bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flags(u8);

impl Flags {
    pub(super) const FIN: Self = Self(0x01);
    pub(super) const SYN: Self = Self(0x02);
    pub(super) const RST: Self = Self(0x04);
    pub(super) const PSH: Self = Self(0x08);
    pub(super) const ACK: Self = Self(0x10);

    fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A segment between two addresses of one family.
pub(super) struct Segment<'a> {
    pub(super) source: SocketAddr,
    pub(super) destination: SocketAddr,
    pub(super) sequence: u32,
    pub(super) acknowledged: u32,
    pub(super) flags: Flags,
    pub(super) payload: &'a [u8],
}

const TCP: u8 = 6;
const TCP_HEADER: u8 = 20;
const HOP_LIMIT: u8 = 64;

impl Segment<'_> {
    /// What it adds to its sender's sequence numbers: a SYN and a FIN count as a byte each.
    pub(super) fn length(&self) -> u32 {
        let controls = u32::from(self.flags.has(Flags::SYN)) + u32::from(self.flags.has(Flags::FIN));
        u32::try_from(self.payload.len()).unwrap_or(u32::MAX).wrapping_add(controls)
    }

    /// The packet, its checksums right.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let (source, destination) = (octets(self.source.ip()), octets(self.destination.ip()));
        let mut tcp = self.tcp_header();
        tcp.extend(self.payload);
        let length = u16::try_from(tcp.len()).unwrap_or(u16::MAX);
        let pseudo = [&source, &destination, [0, TCP].as_slice(), &length.to_be_bytes()].concat();
        put_checksum(&mut tcp, 16, &pseudo);

        let mut packet = match self.source {
            SocketAddr::V4(_) => {
                let total = length.saturating_add(20).to_be_bytes();
                let mut header = [&[0x45, 0], total.as_slice(), &[0, 0, 0x40, 0, HOP_LIMIT, TCP, 0, 0]].concat();
                header.extend(source.into_iter().chain(destination));
                put_checksum(&mut header, 10, &[]);
                header
            }
            SocketAddr::V6(_) => {
                let fixed = [&[0x60, 0, 0, 0], length.to_be_bytes().as_slice(), &[TCP, HOP_LIMIT]].concat();
                fixed.into_iter().chain(source).chain(destination).collect()
            }
        };
        packet.extend(tcp);
        packet
    }

    fn tcp_header(&self) -> Vec<u8> {
        let acknowledged = if self.flags.has(Flags::ACK) { self.acknowledged } else { 0 };
        let mut header = Vec::with_capacity(usize::from(TCP_HEADER));
        header.extend(self.source.port().to_be_bytes());
        header.extend(self.destination.port().to_be_bytes());
        header.extend(self.sequence.to_be_bytes());
        header.extend(acknowledged.to_be_bytes());
        // The header's length in words, the flags, a full window, a checksum to come, nothing urgent.
        header.extend([(TCP_HEADER / 4) << 4, self.flags.0, 0xff, 0xff, 0, 0, 0, 0]);
        header
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// Puts the checksum of these bytes, and of what counts as if it stood before them, at its place among them.
fn put_checksum(bytes: &mut [u8], at: usize, before: &[u8]) {
    let sum = checksum(&[before, bytes]).to_be_bytes();
    if let Some(place) = bytes.get_mut(at..at + 2) {
        place.copy_from_slice(&sum);
    }
}

/// The Internet checksum (RFC 1071 §1) of these parts, each but the last of an even length.
fn checksum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2)).map(|word| match word {
        [high, low] => u64::from(u16::from_be_bytes([*high, *low])),
        [high] => u64::from(*high) << 8,
        _ => 0,
    });
    let mut sum: u64 = words.sum();
    while let Some(carried) = Some(sum >> 16).filter(|carry| *carry > 0) {
        sum = (sum & 0xffff) + carried;
    }
    !u16::try_from(sum).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_rfcs_example() {
        // RFC 1071 §3.
        assert_eq!(!checksum(&[&[0x00, 0x01, 0xf2, 0x03], &[0xf4, 0xf5, 0xf6, 0xf7]]), 0xddf2);
        assert_eq!(checksum(&[&[0x12]]), !0x1200);
    }

    #[test]
    fn a_packet_sums_up_to_nothing_in_both_families() {
        for (source, destination, header) in
            [("192.0.2.1:49152", "198.51.100.1:443", 20), ("[2001:db8::1]:49152", "[2001:db8::2]:443", 40)]
        {
            let (source, destination): (SocketAddr, SocketAddr) =
                (source.parse().unwrap(), destination.parse().unwrap());
            let payload = b"odd";
            let flags = Flags::ACK | Flags::PSH;
            let segment = Segment { source, destination, sequence: 7, acknowledged: 9, flags, payload };
            let bytes = segment.to_bytes();
            assert_eq!(bytes.len(), header + 20 + 3);
            let (ip, tcp) = bytes.split_at(header);
            if source.is_ipv4() {
                assert_eq!(checksum(&[ip]), 0);
            }
            let length = u16::try_from(tcp.len()).unwrap().to_be_bytes();
            let pseudo = [octets(source.ip()), octets(destination.ip()), vec![0, TCP], length.to_vec()].concat();
            assert_eq!(checksum(&[&pseudo, tcp]), 0);
            assert_eq!(segment.length(), 3);
        }
    }
}
