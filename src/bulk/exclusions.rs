//! Whom not to ask: addresses, blocks, names and whole domains.

use std::collections::HashSet;
use std::io::BufRead;
use std::net::IpAddr;

use super::list::{Block, LONGEST, Line, number_of, read_bounded};
use crate::target::Host;

/// So many letters of a line that can't be understood are told.
const MOST_TOLD: usize = 100;

/// Who is left out of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exclusions {
    v4: Ranges,
    v6: Ranges,
    names: HashSet<String>,
    /// Domains whose names are meant, and not they themselves.
    domains: HashSet<String>,
}

/// First and last numbers, sorted, none touching the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Ranges(Vec<(u128, u128)>);

/// A line of the file that can't be understood. Nothing is asked then: it may have named whom not to ask.
#[derive(Debug, thiserror::Error)]
pub enum ExclusionError {
    /// It can't be read.
    #[error("{0}")]
    Read(#[from] std::io::Error),
    /// A line can't be understood.
    #[error("line {line}: {what:?} is no address, block or host name")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What it holds.
        what: String,
    },
}

impl Exclusions {
    /// An address, a block, a host name or `*.domain` a line; empty lines and what follows a `#` do not count.
    pub fn read(mut input: impl BufRead) -> Result<Self, ExclusionError> {
        let (mut new, mut buffer, mut number) = (Self::default(), Vec::new(), 0);
        while let Some(line) = read_bounded(&mut input, &mut buffer, LONGEST)? {
            number += 1;
            // No name has a character in it that stands for what is no text.
            let text = String::from_utf8_lossy(&buffer);
            let word = text.split('#').next().unwrap_or_default().trim().trim_start_matches('\u{feff}');
            let is_cut = line == Line::TooLong && !text.contains('#');
            if is_cut || !word.is_empty() && !new.add(word) {
                let what = word.chars().take(MOST_TOLD).collect();
                return Err(ExclusionError::Line { line: number, what });
            }
        }
        new.v4.tidy();
        new.v6.tidy();
        Ok(new)
    }

    /// Whether nobody is left out.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.domains.is_empty() && !self.has_addresses()
    }

    /// Whether some are left out by their addresses, so that names have to be looked up first.
    pub fn has_addresses(&self) -> bool {
        !self.v4.0.is_empty() || !self.v6.0.is_empty()
    }

    /// Whether this host is left out by what it is called.
    pub fn excludes_host(&self, host: &Host) -> bool {
        match host {
            Host::Address(address) => self.excludes_address(*address),
            Host::Name(name) => {
                let mut parents = name.match_indices('.').filter_map(|(dot, _)| name.get(dot + 1..));
                self.names.contains(name) || parents.any(|parent| self.domains.contains(parent))
            }
        }
    }

    /// Whether this address is left out; an IPv4 address written as IPv6 (RFC 4291 §2.5.5.2) is the IPv4 one.
    pub fn excludes_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let ranges = if address.is_ipv4() { &self.v4 } else { &self.v6 };
        ranges.contain(number_of(address))
    }

    fn add(&mut self, word: &str) -> bool {
        match Block::parse(word) {
            Some(Ok(block)) => self.add_block(block),
            Some(Err(_)) => return false,
            None => match word.strip_prefix("*.").unwrap_or(word).parse() {
                Ok(Host::Name(name)) if word.starts_with("*.") => _ = self.domains.insert(name),
                Ok(Host::Name(name)) => _ = self.names.insert(name),
                Ok(Host::Address(address)) => self.add_block(Block::new(address.to_canonical(), u32::MAX)),
                Err(_) => return false,
            },
        }
        true
    }

    fn add_block(&mut self, block: Block) {
        let ranges = if block.is_v4() { &mut self.v4 } else { &mut self.v6 };
        ranges.0.push(block.range());
    }
}

impl Ranges {
    fn tidy(&mut self) {
        self.0.sort_unstable();
        let mut tidy: Vec<(u128, u128)> = Vec::with_capacity(self.0.len());
        for &(first, last) in &self.0 {
            match tidy.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => tidy.push((first, last)),
            }
        }
        self.0 = tidy;
    }

    fn contain(&self, number: u128) -> bool {
        let before = self.0.partition_point(|(first, _)| *first <= number);
        before.checked_sub(1).and_then(|place| self.0.get(place)).is_some_and(|(_, last)| number <= *last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exclusions(text: &str) -> Exclusions {
        Exclusions::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn addresses_blocks_names_and_domains_are_left_out() {
        let those = exclusions(
            "# ours\n192.0.2.0/25\n192.0.2.128/25\n10.0.0.1 # one\n2001:db8::/32\n\nA.example.\n*.corp.example\n",
        );
        let excluded = |host: &str| those.excludes_host(&host.parse().unwrap());
        for host in ["192.0.2.0", "192.0.2.255", "10.0.0.1", "2001:db8::7", "a.example", "x.y.corp.example"] {
            assert!(excluded(host), "{host}");
        }
        for host in
            ["192.0.3.0", "192.0.1.255", "10.0.0.2", "2001:db9::", "b.a.example", "corp.example", "xcorp.example"]
        {
            assert!(!excluded(host), "{host}");
        }
        assert!(those.excludes_address("::ffff:10.0.0.1".parse().unwrap()));
        assert_eq!(those.v4.0.len(), 2, "neighbours are one");
    }

    #[test]
    fn everything_can_be_left_out() {
        let those = exclusions("0.0.0.0/0\n::/0\n");
        assert!(those.excludes_address("255.255.255.255".parse().unwrap()));
        assert!(those.excludes_address("ffff::ffff".parse().unwrap()));
        assert!(exclusions("").is_empty());
    }

    #[test]
    fn a_line_that_is_not_understood_is_an_error_for_it_may_name_whom_not_to_ask() {
        for bad in ["10.0.0.0/33", "a b", "10.0.0.0-10.0.0.9", "*."] {
            let error = Exclusions::read(format!("a.example\n{bad}\n").as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("line 2: "), "{error}");
        }
        for bad in [&b"a.example\n\xff.example\n"[..], &[b"a.example\n".to_vec(), vec![b'a'; 9000]].concat()] {
            let error = Exclusions::read(bad).unwrap_err().to_string();
            assert!(error.starts_with("line 2: ") && error.len() < 200, "{error}");
        }
        let long_comment = [b"# ".to_vec(), vec![b'a'; 9000], b"\na.example".to_vec()].concat();
        assert!(Exclusions::read(&*long_comment).unwrap().excludes_host(&"a.example".parse().unwrap()));
    }
}
