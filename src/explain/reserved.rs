//! Rules to come: their ids stand fast, and what is known of them without a judgement is said.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Explanation, HowToTest, TABLES};
use crate::diagnose::RESERVED;

/// What each of them is about.
const ABOUT: &[(&str, &str)] = &[
    ("certificate-expired", "the server's certificate, or one above it, is out of date or not yet valid"),
    ("certificate-expires-soon", "the server's certificate will soon be out of date"),
    ("certificate-missing-intermediate", "the server does not send a certificate that its chain needs"),
    ("certificate-revocation-unreachable", "whether a certificate is revoked can't be found out from here"),
    ("certificate-revoked", "a certificate of the chain is revoked"),
    ("certificate-untrusted-root", "the chain ends in a root that the client does not trust"),
    ("certificate-wrong-name", "the certificate does not have the name that was asked for"),
    ("proxy-authentication-required", "the proxy wants a log-on"),
    ("proxy-bad-gateway", "the proxy could not reach, or not speak with, the server"),
    ("proxy-block-page", "something on the way answers in place of the server"),
    ("proxy-intercepts", "a proxy ends TLS itself and shows a certificate of its own"),
    ("proxy-list-malformed", "the list of proxies on the machine can't be understood"),
    ("proxy-name-not-resolved", "the proxy's name has no address"),
];

/// The page of a rule to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReservedRule {
    /// Its id.
    pub id: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// The codes, texts and flags in logs that lead to it, and what each says.
    pub seen_as: Vec<SeenAs>,
    /// The commands that show what there is to see.
    pub how_to_test: Vec<HowToTest>,
}

/// Something in a log that leads to a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SeenAs {
    /// Its name.
    pub name: String,
    /// What it says.
    pub meaning: Option<String>,
}

/// In one line, what a rule to come is about.
pub(super) fn about(id: &str) -> Option<&'static str> {
    ABOUT.iter().find(|(known, _)| *known == id).map(|(_, about)| *about)
}

/// The rule to come of this id.
pub fn reserved_rule(id: &str) -> Option<ReservedRule> {
    let id = RESERVED.iter().copied().find(|known| known.eq_ignore_ascii_case(id.trim()))?;
    let mut rule = ReservedRule { id, about: about(id)?, seen_as: Vec::new(), how_to_test: Vec::new() };
    for Explanation { name, meaning, how_to_test, .. } in
        explanations().filter(|one| one.rules.iter().any(|rule| rule == id))
    {
        if !rule.seen_as.iter().any(|seen| seen.name == name) {
            rule.seen_as.push(SeenAs { name, meaning });
        }
        for test in how_to_test {
            if !rule.how_to_test.contains(&test) {
                rule.how_to_test.push(test);
            }
        }
    }
    Some(rule)
}

/// Every row of every table, explained.
fn explanations() -> impl Iterator<Item = Explanation> {
    TABLES.iter().flat_map(|table| (table.all)())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain;

    #[test]
    fn every_rule_that_anything_leads_to_has_a_page() {
        let mut leads: Vec<String> = explanations().flat_map(|explanation| explanation.rules).collect();
        leads.sort();
        leads.dedup();
        assert!(leads.len() > 15, "{leads:?}");
        for id in leads {
            assert!(explain::rule(&id).is_some() || reserved_rule(&id).is_some(), "{id}");
        }
    }

    #[test]
    fn every_reserved_id_has_a_page_that_says_what_it_is_about() {
        for id in RESERVED {
            let rule = reserved_rule(id).unwrap_or_else(|| panic!("{id} has no line in ABOUT"));
            assert!(explain::rule(id).is_none(), "{id} is a rule already");
            assert!(!rule.about.is_empty());
        }
        assert_eq!(reserved_rule("no-such-rule"), None);
    }

    #[test]
    fn a_page_names_what_leads_to_it_and_how_to_test_it() {
        let rule = reserved_rule("Client-Certificate-required").unwrap();
        assert_eq!(rule.seen_as[0].name, "ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED");
        assert!(!rule.how_to_test.is_empty());
    }
}
