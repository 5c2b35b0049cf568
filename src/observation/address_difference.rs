//! What one address of an endpoint does and another does not.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Observations, Support, suites_key, version_key};
use crate::registry::CipherSuite;

/// Another address of the same host answers otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AddressDifference {
    /// The other address.
    pub address: String,
    /// The observations that differ, by name: `versions.TLS1.0`, `cipher_suites.TLS1.2`.
    pub what: Vec<String>,
}

impl Observations {
    /// Which versions and suites another address treats otherwise. What could not be told of either is no difference.
    pub fn differences_from(&self, other: &Self) -> Vec<String> {
        let versions = self.versions.iter().filter(|(version, support)| {
            let there = other.versions.get(version);
            let is_known = |support: &Support| *support != Support::Inconclusive;
            there.is_some_and(|there| there != *support && is_known(there) && is_known(support))
        });
        let suites = self.cipher_suites.iter().filter(|(version, here)| {
            let Some(there) = other.cipher_suites.get(version) else { return false };
            let codes = |suites: &[crate::outcome::NamedSuite]| -> BTreeSet<CipherSuite> {
                suites.iter().map(|suite| suite.code).collect()
            };
            let refuses = |one: &BTreeSet<CipherSuite>, other: &BTreeSet<CipherSuite>| !one.is_disjoint(other);
            refuses(&codes(&here.accepted), &codes(&there.refused))
                || refuses(&codes(&there.accepted), &codes(&here.refused))
        });
        versions
            .map(|(version, _)| version_key(*version))
            .chain(suites.map(|(version, _)| suites_key(*version)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::SuiteSupport;
    use crate::registry::ProtocolVersion;

    fn seen(support: Support, accepted: &[u16], refused: &[u16]) -> Observations {
        let named = |codes: &[u16]| codes.iter().map(|code| CipherSuite(*code).into()).collect();
        let suites = SuiteSupport { accepted: named(accepted), refused: named(refused), ..SuiteSupport::default() };
        let mut seen = Observations::default();
        seen.versions.insert(ProtocolVersion::TLS1_0, support);
        seen.cipher_suites.insert(ProtocolVersion::TLS1_2, suites);
        seen
    }

    #[test]
    fn what_is_accepted_here_and_refused_there_differs() {
        let here = seen(Support::Accepted, &[0xc030, 0xc02f], &[]);
        let there = seen(Support::Refused, &[0xc030], &[0xc02f]);
        assert_eq!(here.differences_from(&there), ["versions.TLS1.0", "cipher_suites.TLS1.2"]);
        assert_eq!(there.differences_from(&here), here.differences_from(&there));
    }

    #[test]
    fn what_could_not_be_told_is_no_difference() {
        let here = seen(Support::Accepted, &[0xc030, 0xc02f], &[]);
        let there = seen(Support::Inconclusive, &[0xc030], &[]);
        assert!(here.differences_from(&there).is_empty());
    }
}
