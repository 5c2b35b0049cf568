//! Which of a gateway's names its certificate has: the one that clients use, or those that it is an alias of.

use crate::certificate::{Certificate, Details, NameMatch, names_host};
use crate::observation::{DnsAlias, Observations};
use crate::outcome::{Exchange, ResolveFailure};

/// What DNS says that a name is an alias of, one name behind the other; or why it could not be told.
pub type Aliases = Result<Vec<String>, ResolveFailure>;

const KEY: &str = "dns_alias";

/// Writes down where the host's name leads, and which of the names the leafs have that were seen in these exchanges.
pub fn read_aliases<'a>(
    host: &str,
    aliases: Aliases,
    exchanges: impl Iterator<Item = &'a Exchange>,
    seen: &mut Observations,
) {
    let leads_to = match aliases {
        Ok(leads_to) => leads_to,
        Err(failure) => return seen.could_not_tell(KEY, failure.word(), &[]),
    };
    let showing: Vec<(usize, &Certificate)> =
        exchanges.filter_map(|exchange| Some((exchange.id, exchange.certificates.first()?))).collect();
    let because: Vec<usize> = showing.iter().map(|(id, _)| *id).collect();
    let leafs: Option<Vec<&Details>> = showing.iter().map(|(_, leaf)| leaf.details()).collect();
    let names = std::iter::once(host).chain(leads_to.iter().map(String::as_str));
    let certificate_names = leafs.filter(|leafs| !leafs.is_empty()).and_then(|leafs| named_by(&leafs, names));
    seen.rests_on(KEY, &because);
    seen.dns_alias = Some(DnsAlias { host: host.to_owned(), leads_to, certificate_names });
}

/// Those of the names that every leaf has; `None` where the names of one can't be read.
fn named_by<'a>(leafs: &[&Details], names: impl Iterator<Item = &'a str>) -> Option<Vec<String>> {
    let mut named = Vec::new();
    for name in names {
        let mut by_all = true;
        for leaf in leafs {
            match names_host(leaf, name) {
                NameMatch::SubjectAltName(_) => {}
                NameMatch::CommonNameOnly(_) | NameMatch::No => by_all = false,
                NameMatch::Unreadable(_) => return None,
            }
        }
        if by_all {
            named.push(name.to_owned());
        }
    }
    Some(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::accepted;
    use crate::registry::{CipherSuite, ProtocolVersion};

    const HOST: &str = "cmg.contoso.com";
    const DEPLOYMENT: &str = "granitefalls.eastus.cloudapp.azure.com";

    fn showing(names: &[&str]) -> Exchange {
        let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let mut exchange = accepted(1, ProtocolVersion::TLS1_2, CipherSuite(0xC030));
        exchange.certificates = vec![Certificate::read(made.cert.der())];
        exchange
    }

    fn read(aliases: Aliases, exchanges: &[Exchange]) -> Observations {
        let mut seen = Observations::default();
        read_aliases(HOST, aliases, exchanges.iter(), &mut seen);
        seen
    }

    #[test]
    fn a_certificate_is_compared_with_the_name_and_with_where_it_leads() {
        for (names, expected, instead) in [
            (&[HOST][..], &[HOST][..], &[][..]),
            (&[DEPLOYMENT], &[DEPLOYMENT], &[DEPLOYMENT]),
            (&["*.contoso.com", DEPLOYMENT], &[HOST, DEPLOYMENT], &[]),
            (&["other.test"], &[], &[]),
        ] {
            let seen = read(Ok(vec![DEPLOYMENT.to_owned()]), &[showing(names)]);
            let alias = seen.dns_alias.unwrap();
            assert_eq!(alias.certificate_names.as_deref().unwrap(), expected, "{names:?}");
            assert_eq!(alias.named_in_the_hosts_place(), instead, "{names:?}");
            assert_eq!(seen.because["dns_alias"], [1]);
        }
    }

    #[test]
    fn every_leaf_has_to_have_a_name() {
        let exchanges = [showing(&[HOST]), showing(&[DEPLOYMENT])];
        let alias = read(Ok(vec![DEPLOYMENT.to_owned()]), &exchanges).dns_alias.unwrap();
        assert_eq!(alias.certificate_names, Some(Vec::new()));
    }

    #[test]
    fn a_failed_look_up_is_open_and_without_a_certificate_nothing_is_said_of_its_names() {
        let seen = read(Err(ResolveFailure::Timeout), &[showing(&[HOST])]);
        assert_eq!((seen.dns_alias, seen.inconclusive[0].why.as_str()), (None, "timeout"));
        let alias = read(Ok(Vec::new()), &[]).dns_alias.unwrap();
        assert_eq!((alias.leads_to.len(), alias.certificate_names.clone()), (0, None));
        assert!(alias.named_in_the_hosts_place().is_empty());
    }
}
