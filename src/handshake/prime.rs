//! What can be said of the prime that a server has chosen for its Diffie-Hellman key exchange.

use crate::crypto::dhe::DhGroup;

/// What is known of a prime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrimeFacts {
    /// What it is called, where many servers have it.
    pub name: Option<&'static str>,
    /// Whether it is a prime at all; none where it is too large to tell in a moment, or no group can be made of it.
    pub is_prime: Option<bool>,
}

impl PrimeFacts {
    /// Looks at `dh_p` and `dh_g` as they were sent.
    pub fn of(p: &[u8], g: &[u8]) -> Self {
        let Ok(group) = DhGroup::new(p, g) else { return Self { name: None, is_prime: None } };
        Self { name: group.known().map(|known| known.name), is_prime: group.is_prime() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_no_prime_is_told() {
        assert_eq!(PrimeFacts::of(&[0xff, 0xff], &[2]), PrimeFacts { name: None, is_prime: Some(false) });
        assert_eq!(PrimeFacts::of(&[0xff, 0xf1], &[2]), PrimeFacts { name: None, is_prime: Some(true) });
        assert_eq!(PrimeFacts::of(&[], &[]).is_prime, None);
    }
}
