//! How the same question was answered by a ServerHello: what was chosen, its extensions in their order, its session id.
//!
//! Machines behind one address may differ in all of these. So a difference counts only where every answer that can be
//! compared shows it.

use super::{Compared, reason, shown_by};
use crate::observation::RouteReason;
use crate::observation::RouteVerdict::Altered;
use crate::outcome::{Exchange, Server};
use crate::registry::ExtensionType;

/// A direct answer and the one through the proxy, with what each chose.
type Pair<'a> = ((&'a Exchange, &'a Exchange), (&'a Server, &'a Server));

pub(super) fn reasons(compared: &Compared<'_>) -> Vec<RouteReason> {
    let both = |(direct, proxied): (_, _)| -> Option<Pair<'_>> {
        let (direct, proxied): (&Exchange, &Exchange) = (direct, proxied);
        Some(((direct, proxied), (direct.server.as_ref()?, proxied.server.as_ref()?)))
    };
    let pairs: Vec<Pair<'_>> = compared.pairs().into_iter().filter_map(both).collect();
    let (alike, unlike): (Vec<_>, Vec<_>) =
        pairs.into_iter().partition(|(_, (direct, proxied))| chose_alike(direct, proxied));
    [choice(&alike, &unlike), extension_order(&alike), extensions(&alike), session_id(&alike)]
        .into_iter()
        .flatten()
        .collect()
}

fn chose_alike(direct: &Server, proxied: &Server) -> bool {
    direct.version == proxied.version && direct.cipher_suite == proxied.cipher_suite
}

fn choice(alike: &[Pair<'_>], unlike: &[Pair<'_>]) -> Option<RouteReason> {
    // The same question, the baseline, may have been asked twice and answered in both ways.
    let wavers = |pair: &Pair<'_>| alike.iter().any(|(exchanges, _)| exchanges.0.purpose == pair.0.0.purpose);
    let unlike: Vec<Pair<'_>> = unlike.iter().filter(|pair| !wavers(pair)).copied().collect();
    let (exchanges, (direct, proxied)) = *unlike.first()?;
    let told = |server: &Server| format!("{} with {}", server.version.spoken(), server.cipher_suite.name);
    let text = format!(
        "the same hello ({}) is answered through the proxy by {}, directly by {}",
        exchanges.0.purpose,
        told(proxied),
        told(direct)
    );
    Some(told_by("choice-differs", text, &unlike))
}

fn extension_order(alike: &[Pair<'_>]) -> Option<RouteReason> {
    // Only of those that came both ways: one that is missing is another difference.
    let common = |of: &Server, other: &Server| -> Vec<ExtensionType> {
        of.extensions.iter().filter(|extension| other.extensions.contains(extension)).copied().collect()
    };
    let comparable: Vec<Pair<'_>> =
        alike.iter().filter(|(_, (direct, proxied))| common(direct, proxied).len() > 1).copied().collect();
    let differs = |direct: &Server, proxied: &Server| common(direct, proxied) != common(proxied, direct);
    in_all(&comparable, differs, "extension-order-differs", |direct, proxied| {
        let (direct, proxied) = (common(direct, proxied), common(proxied, direct));
        format!(
            "the ServerHello has its extensions in another order: {}, directly {}",
            listed(&proxied),
            listed(&direct)
        )
    })
}

fn extensions(alike: &[Pair<'_>]) -> Option<RouteReason> {
    let sorted = |server: &Server| {
        let mut extensions = server.extensions.clone();
        extensions.sort_unstable();
        extensions
    };
    in_all(
        alike,
        |direct, proxied| sorted(direct) != sorted(proxied),
        "extensions-differ",
        |direct, proxied| {
            format!(
                "the ServerHello has other extensions: {}, directly {}",
                listed(&proxied.extensions),
                listed(&direct.extensions)
            )
        },
    )
}

fn session_id(alike: &[Pair<'_>]) -> Option<RouteReason> {
    let differs = |direct: &Server, proxied: &Server| direct.session_id_length != proxied.session_id_length;
    in_all(alike, differs, "session-id-differs", |direct, proxied| {
        format!(
            "the session id in the ServerHello has {} bytes, directly {}",
            proxied.session_id_length, direct.session_id_length
        )
    })
}

/// The difference, if all of the pairs have it.
fn in_all(
    pairs: &[Pair<'_>],
    differs: impl Fn(&Server, &Server) -> bool,
    id: &str,
    text: impl Fn(&Server, &Server) -> String,
) -> Option<RouteReason> {
    let (_, (direct, proxied)) = pairs.first()?;
    pairs
        .iter()
        .all(|(_, (direct, proxied))| differs(direct, proxied))
        .then(|| told_by(id, text(direct, proxied), pairs))
}

fn told_by(id: &str, text: String, pairs: &[Pair<'_>]) -> RouteReason {
    let exchanges: Vec<_> = pairs.iter().map(|(exchanges, _)| *exchanges).collect();
    shown_by(reason(id, Some(Altered), text), &exchanges)
}

fn listed(extensions: &[ExtensionType]) -> String {
    if extensions.is_empty() {
        return "none".to_owned();
    }
    extensions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{Known, compare};
    use crate::observation::RouteComparison;
    use crate::observation::RouteVerdict::{Altered, Passthrough};
    use crate::registry::{CipherSuite, ExtensionType};

    fn compared(proxied: &Built) -> RouteComparison {
        compare(proxied, Some(&server()), &Known::default())
    }

    #[test]
    fn another_order_of_extensions_is_told() {
        let comparison = compared(&server().alters(|exchange| choice(exchange).extensions.reverse()));
        assert_eq!(ids(&comparison), ["extension-order-differs", "same-certificate"]);
        assert_eq!(comparison.reasons[0].because.proxy, [1, 2, 3, 4]);
        assert_eq!(comparison.verdict, Altered);
    }

    #[test]
    fn an_extension_less_is_told_and_no_other_order() {
        let comparison = compared(&server().alters(|exchange| choice(exchange).extensions.truncate(1)));
        assert_eq!(ids(&comparison), ["extensions-differ", "same-certificate"]);
    }

    #[test]
    fn a_session_id_of_another_length_is_told() {
        let comparison = compared(&server().alters(|exchange| choice(exchange).session_id_length = 0));
        assert_eq!(ids(&comparison), ["session-id-differs", "same-certificate"]);
        assert!(comparison.reasons[0].text.contains("0 bytes, directly 32"), "{}", comparison.reasons[0].text);
    }

    #[test]
    fn a_difference_in_some_answers_is_the_front_ends() {
        let mut some = server();
        choice(some.exchange(2)).session_id_length = 0;
        choice(some.exchange(2)).extensions =
            vec![ExtensionType::EXTENDED_MASTER_SECRET, ExtensionType::RENEGOTIATION_INFO];
        let comparison = compared(&some);
        assert_eq!((comparison.verdict, ids(&comparison)), (Passthrough, vec!["same-certificate"]));
    }

    #[test]
    fn another_suite_for_the_same_hello_is_told_unless_it_was_answered_in_both_ways() {
        let other = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
        let mut proxied = server();
        choice(proxied.exchange(2)).cipher_suite = other.into();
        let comparison = compared(&proxied);
        assert_eq!(ids(&comparison), ["choice-differs", "same-certificate"]);
        assert_eq!(comparison.reasons[0].because.proxy, [2]);

        let mut wavering = server();
        choice(wavering.exchange(4)).cipher_suite = other.into();
        assert_eq!(compared(&wavering).verdict, Passthrough);
    }
}
