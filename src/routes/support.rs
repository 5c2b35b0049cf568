//! Versions and suites that one way accepts and the other refuses.

use super::{Compared, reason, shown};
use crate::certificate::known_root;
use crate::observation::RouteVerdict::{self, Altered, Intercepted};
use crate::observation::{Observations, RouteReason, Support, suite_key, version_key};
use crate::registry::ProtocolVersion;

pub(super) fn reasons(compared: &Compared<'_>) -> Vec<RouteReason> {
    let proxied = &compared.proxied.observations;
    let of_both = compared.direct.map(|direct| &direct.observations);
    let alone = |id, how, of: &Observations, not: &Observations| {
        let keys = accepted_alone(of, not);
        let named: Vec<String> = keys.iter().map(|(_, name)| name.clone()).collect();
        let because = |of: &Observations| keys.iter().flat_map(|(key, _)| of.because(key)).collect();
        let text = format!("{} {how}", named.join(", "));
        (!keys.is_empty()).then(|| (reason(id, Some(Altered), text), because(of), because(not)))
    };
    let mut reasons = Vec::new();
    if let Some(direct) = of_both {
        let how = "is accepted directly and refused through the proxy";
        let refused = alone("accepted-directly-alone", how, direct, proxied);
        reasons.extend(refused.map(|(reason, direct, proxy)| shown(reason, direct, proxy)));
        let how = "is accepted through the proxy and refused directly";
        let added = alone("accepted-through-proxy-alone", how, proxied, direct);
        reasons.extend(added.map(|(reason, proxy, direct)| shown(reason, direct, proxy)));
    } else {
        reasons.extend(retired_version(compared));
    }
    reasons
}

/// What the one accepts and the other refuses: the name of the observation, and of the thing. What could not be told on
/// one way is no difference.
fn accepted_alone(of: &Observations, not: &Observations) -> Vec<(String, String)> {
    let versions = of.versions.iter().filter(|(version, support)| {
        **support == Support::Accepted && not.versions.get(version) == Some(&Support::Refused)
    });
    let versions = versions.map(|(version, _)| (version_key(*version), version.spoken()));
    let suites = of.cipher_suites.iter().flat_map(|(version, suites)| {
        let refused = not.cipher_suites.get(version).map(|suites| suites.refused.as_slice()).unwrap_or_default();
        let alone = suites.accepted.iter().filter(|suite| refused.contains(suite));
        alone.map(|suite| (suite_key(*version, suite), suite.name.clone()))
    });
    versions.chain(suites).collect()
}

/// A version that none of the endpoint's front ends accepts any more is accepted: this is none of them. A chain to a
/// public root says otherwise, and then it can't be told who is wrong.
fn retired_version(compared: &Compared<'_>) -> Option<RouteReason> {
    let seen = &compared.proxied.observations;
    let is_accepted = |version: &&ProtocolVersion| seen.versions.get(version) == Some(&Support::Accepted);
    let accepted: Vec<ProtocolVersion> = compared.known.retired_versions.iter().filter(is_accepted).copied().collect();
    let named: Vec<String> = accepted.iter().map(|version| version.spoken()).collect();
    let public = compared.proxied.exchanges.iter().any(|exchange| known_root(&exchange.certificates).is_some());
    let points_to: Option<RouteVerdict> = (!public).then_some(Intercepted);
    let text = format!(
        "{} is accepted through the proxy, which no front end of this endpoint accepts any more",
        named.join(" and ")
    );
    let because = accepted.iter().flat_map(|version| seen.because(&version_key(*version))).collect();
    (!accepted.is_empty()).then(|| shown(reason("retired-version-accepted", points_to, text), vec![], because))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{Known, compare};
    use super::*;
    use crate::observation::RouteVerdict::{Inconclusive, Passthrough};
    use crate::observation::SuiteSupport;
    use crate::outcome::NamedSuite;
    use crate::registry::CipherSuite;

    const TLS1_0: ProtocolVersion = ProtocolVersion::TLS1_0;

    #[test]
    fn a_version_accepted_one_way_alone_is_told_with_both_exchanges() {
        let (accepts, refuses) =
            (|| server().version(TLS1_0, Support::Accepted, 2), || server().version(TLS1_0, Support::Refused, 3));
        let comparison = compare(&refuses(), Some(&accepts()), &Known::default());
        assert_eq!((comparison.verdict, ids(&comparison)[0]), (Altered, "accepted-directly-alone"));
        let because = &comparison.reasons[0].because;
        assert_eq!((&because.direct[..], &because.proxy[..]), (&[2][..], &[3][..]));

        let comparison = compare(&accepts(), Some(&refuses()), &Known::default());
        assert_eq!((comparison.verdict, ids(&comparison)[0]), (Altered, "accepted-through-proxy-alone"));
        assert!(comparison.reasons[0].text.starts_with("TLS 1.0 is accepted through the proxy"));
    }

    #[test]
    fn a_suite_accepted_one_way_alone_is_told() {
        let suite = NamedSuite::from(CipherSuite(0xc027));
        let with = |support: SuiteSupport| {
            let mut built = server();
            built.0.observations.cipher_suites.insert(TLS1_2, support);
            built
        };
        let accepts = with(SuiteSupport { accepted: vec![suite.clone()], ..SuiteSupport::default() });
        let refuses = with(SuiteSupport { refused: vec![suite.clone()], ..SuiteSupport::default() });
        let comparison = compare(&refuses, Some(&accepts), &Known::default());
        assert_eq!(ids(&comparison)[0], "accepted-directly-alone");
        assert!(comparison.reasons[0].text.starts_with(&suite.name), "{}", comparison.reasons[0].text);
    }

    #[test]
    fn what_could_not_be_told_on_one_way_is_no_difference() {
        let open = server().version(TLS1_0, Support::Inconclusive, 2);
        let accepts = server().version(TLS1_0, Support::Accepted, 2);
        for (proxied, direct) in [(&open, &accepts), (&accepts, &open)] {
            assert_eq!(compare(proxied, Some(direct), &Known::default()).verdict, Passthrough);
        }
    }

    #[test]
    fn a_retired_version_is_no_front_end_of_microsofts_where_the_direct_way_is_closed() {
        let known = Known { has_public_root: false, retired_versions: vec![TLS1_0] };
        let gone = server().unreachable();
        let accepts = || server().version(TLS1_0, Support::Accepted, 2);
        let comparison = compare(&accepts().hides_certificates(), Some(&gone), &known);
        assert_eq!((comparison.verdict, ids(&comparison)[0]), (RouteVerdict::Intercepted, "retired-version-accepted"));
        assert_eq!(compare(&accepts().hides_certificates(), Some(&gone), &Known::default()).verdict, Inconclusive);
        let refuses = server().version(TLS1_0, Support::Refused, 2).hides_certificates();
        assert_eq!(compare(&refuses, Some(&gone), &known).verdict, Inconclusive);
    }
}
