//! All suites that a version can have, in the order that a careful server would prefer, and how likely each is accepted.

use crate::registry::{
    Authentication, CipherAlgorithm, CipherMode, CipherSuite, CipherSuiteInfo, KeyExchange, Mac, ProtocolVersion,
};

/// One suite that may be accepted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) suite: CipherSuite,
    /// Its row in the registry.
    row: usize,
    /// What it is made of, as far as servers accept or refuse suites by it.
    traits: [usize; TRAITS],
    /// How likely each of these is in a server of which nothing is known.
    prior: f32,
}

impl Candidate {
    /// Whether it is one of those that some servers choose where the client likes it best, against their own order.
    pub(super) fn is_chacha20(&self) -> bool {
        self.suite.info().is_some_and(|row| row.cipher.algorithm == CipherAlgorithm::ChaCha20)
    }

    /// Whether it is one of those by which, where they come first, servers written in Go know a client with AES in
    /// hardware (`aesgcmPreferred` in Go's `crypto/tls`): AES-GCM of TLS 1.3, or with ECDHE and a certificate.
    pub(super) fn shows_aes_in_hardware(&self) -> bool {
        self.suite.info().is_some_and(|row| {
            let is_authenticated = matches!(row.authentication, Authentication::Rsa | Authentication::Ecdsa);
            let has_go_it = row.versions.first >= ProtocolVersion::TLS1_3
                || (row.key_exchange == KeyExchange::Ecdhe && is_authenticated);
            row.cipher.algorithm == CipherAlgorithm::Aes && row.cipher.mode == CipherMode::Gcm && has_go_it
        })
    }
}

/// Key exchange, authentication, cipher, mode with MAC.
const TRAITS: usize = 4;

/// Values that one trait can have, at most.
const VALUES: usize = 256;

/// A suite this likely is offered among the first.
pub(super) const LIKELY: f32 = 0.2;

/// Every suite of this version, strongest first. Signals and GREASE are no suites.
pub(super) fn candidates(version: ProtocolVersion) -> Vec<Candidate> {
    let is_one = |row: &CipherSuiteInfo| {
        // Servers that have SSL 3.0 take in it what TLS 1.0 has: tlslite-ng does, and OpenSSL did up to 1.0.2.
        let is_borrowed = version == ProtocolVersion::SSL3 && row.versions.contains(ProtocolVersion::TLS1_0);
        (row.versions.contains(version) || is_borrowed)
            && !matches!(row.key_exchange, KeyExchange::Signalling | KeyExchange::Grease | KeyExchange::Null)
    };
    let rows = CipherSuite::all().iter().enumerate().filter(|(_, row)| is_one(row));
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|(_, row)| weakness(row));
    rows.into_iter().map(|(place, row)| candidate(place, row)).collect()
}

/// Servers that sort by strength put forward secrecy first, then authenticated encryption, then long keys.
fn weakness(row: &CipherSuiteInfo) -> impl Ord + use<> {
    let is_sound = !row.is_export()
        && row.cipher.bits >= 112
        && !matches!(row.cipher.algorithm, CipherAlgorithm::TripleDes | CipherAlgorithm::Rc4);
    let is_authenticated = !matches!(row.authentication, Authentication::Anonymous | Authentication::Null);
    let is_aead = row.mac == Mac::Aead;
    let key_exchange = match row.key_exchange {
        KeyExchange::Tls13 => 0,
        KeyExchange::Ecdhe => 1,
        KeyExchange::Dhe => 2,
        KeyExchange::Rsa => 3,
        _ => 4,
    };
    let has_secrecy = row.forward_secrecy() == Some(true);
    let bits = u16::MAX - row.cipher.bits;
    (!is_authenticated, !is_sound, !has_secrecy, !is_aead, bits, key_exchange, row.code)
}

fn candidate(row: usize, info: &CipherSuiteInfo) -> Candidate {
    let of_kind = |kind: usize, value: usize| kind * VALUES + value % VALUES;
    let mode = match info.mac {
        Mac::Aead => info.cipher.mode as usize,
        mac => 64 + mac as usize,
    };
    // Export ciphers stand and fall together, whatever they are.
    let cipher = if info.is_export() { VALUES - 1 } else { info.cipher.algorithm as usize };
    let traits = [
        of_kind(0, info.key_exchange as usize),
        of_kind(1, info.authentication as usize),
        of_kind(2, cipher),
        of_kind(3, mode),
    ];
    Candidate { suite: info.code, row, traits, prior: prior(info) }
}

/// How likely a server has it: what current and old libraries build in, and what administrators leave on.
fn prior(row: &CipherSuiteInfo) -> f32 {
    let key_exchange = match row.key_exchange {
        KeyExchange::Tls13 => 1.0,
        KeyExchange::Ecdhe => 0.9,
        KeyExchange::Dhe | KeyExchange::Rsa => 0.8,
        _ => 0.1,
    };
    let authentication = match row.authentication {
        Authentication::Tls13 => 1.0,
        Authentication::Rsa | Authentication::Ecdsa => 0.8,
        _ => 0.1,
    };
    let cipher = match row.cipher.algorithm {
        _ if row.is_export() => 0.05,
        CipherAlgorithm::Aes => 0.95,
        CipherAlgorithm::ChaCha20 => 0.9,
        CipherAlgorithm::Camellia | CipherAlgorithm::TripleDes => 0.5,
        CipherAlgorithm::Aria | CipherAlgorithm::Rc4 => 0.45,
        CipherAlgorithm::Seed | CipherAlgorithm::Idea | CipherAlgorithm::Des => 0.2,
        _ => 0.05,
    };
    let mode = match row.cipher.mode {
        // OpenSSL has none of them unless it is told otherwise (GnuTLS has one).
        CipherMode::Ccm | CipherMode::Ccm8 if row.key_exchange == KeyExchange::Tls13 => 0.1,
        CipherMode::Ccm | CipherMode::Ccm8 => 0.6,
        CipherMode::Gcm | CipherMode::Cbc | CipherMode::Poly1305 | CipherMode::Stream => 0.95,
        _ => 0.1,
    };
    key_exchange * authentication * cipher * mode
}

/// What was learned of one trait, or of one suite, in the versions that the server accepts.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    accepted: bool,
    refused: bool,
}

/// What the answers so far say of suites that were not asked yet.
pub(super) struct Evidence {
    traits: Vec<Seen>,
    rows: Vec<Seen>,
}

impl Evidence {
    pub(super) fn new() -> Self {
        Self { traits: vec![Seen::default(); TRAITS * VALUES], rows: vec![Seen::default(); CipherSuite::all().len()] }
    }

    /// This suite was accepted, or refused, in some version.
    pub(super) fn add(&mut self, candidate: &Candidate, accepted: bool) {
        let note = |seen: &mut Seen| if accepted { seen.accepted = true } else { seen.refused = true };
        for place in candidate.traits {
            self.traits.get_mut(place).map(note);
        }
        self.rows.get_mut(candidate.row).map(note);
    }

    /// How likely this suite is accepted: as in another version, where that is known; else by what it is made of.
    pub(super) fn likelihood(&self, candidate: &Candidate) -> f32 {
        match self.rows.get(candidate.row) {
            Some(Seen { accepted: true, refused: false }) => return 0.95,
            Some(Seen { accepted: false, refused: true }) => return 0.02,
            Some(Seen { accepted: true, refused: true }) => return 0.5,
            _ => {}
        }
        let traits = || candidate.traits.iter().filter_map(|place| self.traits.get(*place));
        let dead = traits().filter(|seen| seen.refused && !seen.accepted).count();
        let alive = traits().filter(|seen| seen.accepted).count();
        if dead > 0 {
            return 0.02;
        }
        if alive == TRAITS {
            return 0.5;
        }
        // A server that shows one kind of certificate seldom has another one.
        let other_certificate = self.has_a_certificate() && !self.knows(candidate, AUTHENTICATION);
        let certificate = if other_certificate && candidate.prior > 0.1 { 0.2 } else { 1.0 };
        // What is known to be alive no longer speaks against it.
        let known = if alive == 0 { 1.0 } else { 1.2 };
        (candidate.prior * certificate * known).min(0.6)
    }

    fn has_a_certificate(&self) -> bool {
        let is_accepted = |kind: Authentication| {
            self.traits.get(AUTHENTICATION * VALUES + kind as usize).is_some_and(|seen| seen.accepted)
        };
        is_accepted(Authentication::Rsa) || is_accepted(Authentication::Ecdsa)
    }

    fn knows(&self, candidate: &Candidate, kind: usize) -> bool {
        candidate.traits.get(kind).and_then(|place| self.traits.get(*place)).is_some_and(|seen| seen.accepted)
    }
}

/// Where authentication stands among the traits.
const AUTHENTICATION: usize = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_of_a_version_is_a_candidate_but_signals() {
        for version in ProtocolVersion::ALL.into_iter().skip(1) {
            let all = candidates(version);
            let rows = CipherSuite::all().iter().filter(|row| row.versions.contains(version));
            let left_out: Vec<_> = rows.filter(|row| !all.iter().any(|it| it.suite == row.code)).collect();
            assert!(left_out.iter().all(|row| row.code.is_grease() || [0, 0x00ff, 0x5600].contains(&row.code.0)));
            assert!(all.len() > 14, "{version}");
        }
    }

    #[test]
    fn the_strongest_come_first_and_what_hides_nothing_comes_last() {
        let all = candidates(ProtocolVersion::TLS1_2);
        let place = |code: u16| all.iter().position(|it| it.suite == CipherSuite(code)).unwrap();
        assert!(place(0xc030) < place(0xc02f) && place(0xc02f) < place(0xc014) && place(0xc014) < place(0x0035));
        assert!(place(0x0035) < place(0x0002));
    }

    #[test]
    fn what_was_refused_in_one_version_is_unlikely_in_the_next() {
        let all = candidates(ProtocolVersion::TLS1_2);
        let of = |code: u16| *all.iter().find(|it| it.suite == CipherSuite(code)).unwrap();
        let mut evidence = Evidence::new();
        assert!(evidence.likelihood(&of(0xc02b)) > LIKELY && evidence.likelihood(&of(0xc02f)) > LIKELY);
        evidence.add(&of(0xc030), true);
        assert!(evidence.likelihood(&of(0xc02f)) > LIKELY, "the same but for the key");
        assert!(evidence.likelihood(&of(0xc02b)) < LIKELY, "another certificate");
        evidence.add(&of(0x009d), false);
        assert!(evidence.likelihood(&of(0x009c)) < LIKELY, "RSA key exchange");
        assert!(evidence.likelihood(&of(0x009d)) < 0.1);
    }
}
