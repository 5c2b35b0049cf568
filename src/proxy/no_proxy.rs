//! `NO_PROXY`: the hosts that are reached without the proxy, with the meaning that curl gives the list.

use std::net::IpAddr;

use crate::target::{Host, authority};

/// Hosts to reach directly.
///
/// Items stand between commas or blanks. A name stands for itself and every name below it, with or without a leading
/// dot; an address stands for itself, and with `/bits` for its network. A list that is `*` alone stands for all.
///
/// curl compares host names, whatever the port. An item with a port, which curl never finds equal to any name, speaks
/// here of that port alone, as it does in Go and Python.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoProxy {
    everything: bool,
    items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    /// This name and all below it.
    Domain(String),
    /// Addresses that share this many bits with this one.
    Network(IpAddr, u32),
}

impl NoProxy {
    /// Reads the list. An item that is neither name nor address stands for nothing, as with curl.
    pub fn parse(list: &str) -> Self {
        let items = list.split([',', ' ', '\t']).filter(|item| !item.is_empty()).filter_map(Item::parse);
        Self { everything: list == "*", items: items.collect() }
    }

    /// Whether this host at this port is to be reached directly.
    pub fn covers(&self, host: &Host, port: u16) -> bool {
        let item_covers = |item: &Item| item.port.is_none_or(|only| only == port) && item.hosts.contain(host);
        self.everything || self.items.iter().any(item_covers)
    }
}

impl Item {
    fn parse(text: &str) -> Option<Self> {
        if let Some((address, bits)) = text.split_once('/') {
            let (address, bits) = (address.parse::<IpAddr>().ok()?, bits.parse().ok()?);
            let width = if address.is_ipv4() { 32 } else { 128 };
            return (bits <= width).then_some(Self { hosts: Hosts::Network(address, bits), port: None });
        }
        let (host, port) = authority(text.strip_prefix('.').unwrap_or(text))?;
        let hosts = match host {
            Host::Name(name) => Hosts::Domain(name),
            Host::Address(address) => Hosts::Network(address, if address.is_ipv4() { 32 } else { 128 }),
        };
        Some(Self { hosts, port })
    }
}

impl Hosts {
    fn contain(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Domain(domain), Host::Name(name)) => {
                name.strip_suffix(domain).is_some_and(|below| below.is_empty() || below.ends_with('.'))
            }
            (Self::Network(network, bits), Host::Address(address)) => share_bits(*network, *address, *bits),
            _ => false,
        }
    }
}

fn share_bits(one: IpAddr, other: IpAddr, bits: u32) -> bool {
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros() >= bits,
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros() >= bits,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(list: &str, host: &str) -> bool {
        NoProxy::parse(list).covers(&host.parse().unwrap(), 443)
    }

    #[test]
    fn a_name_stands_for_itself_and_all_below_it() {
        for list in ["example.com", ".example.com", "example.com.", "EXAMPLE.com", "other.test,example.com"] {
            assert!(covers(list, "example.com"), "{list}");
            assert!(covers(list, "www.example.com"), "{list}");
            assert!(!covers(list, "nonexample.com"), "{list}");
            assert!(!covers(list, "example.com.test"), "{list}");
        }
        assert!(!covers("www.example.com", "example.com"));
    }

    #[test]
    fn an_address_stands_for_itself_and_bits_for_its_network() {
        assert!(covers("192.0.2.1", "192.0.2.1"));
        assert!(!covers("192.0.2.1", "192.0.2.10"));
        assert!(covers("192.0.2.0/24", "192.0.2.200"));
        assert!(!covers("192.0.2.0/25", "192.0.2.200"));
        assert!(covers("10.0.0.0/8,172.16.0.0/12", "172.31.255.255"));
        assert!(!covers("172.16.0.0/12", "172.32.0.0"));
        assert!(covers("2001:db8::/32", "2001:db8:1::1"));
        assert!(!covers("2001:db8::/33", "2001:db8:8000::1"));
        assert!(covers("::1,[2001:db8::1]", "2001:db8::1"));
        assert!(!covers("0.0.0.0/0", "::1"));
    }

    #[test]
    fn a_name_is_no_address_and_an_address_no_name() {
        assert!(!covers("2.1", "192.0.2.1"));
        assert!(!covers("0.0.0.0/0", "example.com"));
    }

    #[test]
    fn an_item_without_a_port_stands_for_every_port_and_one_with_a_port_for_that_one() {
        let list = NoProxy::parse("example.com,other.test:8531,[::1]:443");
        let covers = |host: &str, port| list.covers(&host.parse().unwrap(), port);
        assert!(covers("example.com", 443) && covers("example.com", 8531));
        assert!(covers("other.test", 8531) && !covers("other.test", 443));
        assert!(covers("::1", 443) && !covers("::1", 8531));
    }

    #[test]
    fn an_asterisk_alone_stands_for_all_and_beside_others_for_nothing() {
        assert!(covers("*", "example.com") && covers("*", "192.0.2.1"));
        assert!(!covers("*,other.test", "example.com"));
        assert!(!covers("", "example.com"));
    }

    #[test]
    fn commas_and_blanks_separate_and_what_is_no_host_is_passed_over() {
        let list = " ,, other.test\texample.com,192.0.2.0/33,/8,a b:c:d";
        assert!(covers(list, "example.com") && covers(list, "other.test"));
        assert!(!covers(list, "192.0.2.1"));
    }
}
