//! What the chains of an endpoint are worth: judged by the stores of the plan, with what was fetched besides.
//!
//! As every probe it only says what it wants next, and reads what came: certificates that were left out first, then
//! what tells of revocation.

mod flags;
mod revocation;
#[cfg(test)]
mod tests;

use time::OffsetDateTime;

use crate::certificate::{
    Certificate, Judged, TrustCase, TrustVerdict, Validity, Verdict, certificates_in, judge, validity,
};
use crate::observation::{Expiry, ExpiryState, FetchEnd, FetchedIssuer, Observations};
use crate::outcome::Exchange;
use crate::plan::{ExpiryLimits, Trust};

/// The most distinct chains of one endpoint that are judged; a server has one for each kind of key.
const MOST_CHAINS: usize = 8;

/// The most things that are fetched for one endpoint, over each way.
const MOST_WANTED: usize = 24;

/// One chain as it was sent, and where it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Certificates in DER, leaf first.
    pub sent: Vec<Vec<u8>>,
    /// The OCSP answer that came along.
    pub stapled: Option<Vec<u8>>,
    /// The exchanges it was seen in.
    pub exchanges: Vec<usize>,
}

/// Every distinct chain that an endpoint sent, within bounds.
#[derive(Clone, Debug, Default)]
pub struct Chains(Vec<Chain>);

impl Chains {
    /// Takes in what an exchange brought.
    pub fn add(&mut self, exchange: usize, sent: Vec<Vec<u8>>, stapled: Option<Vec<u8>>) {
        if sent.is_empty() {
            return;
        }
        if let Some(known) = self.0.iter_mut().find(|known| known.sent == sent) {
            known.exchanges.push(exchange);
            known.stapled = known.stapled.take().or(stapled);
        } else if self.0.len() < MOST_CHAINS {
            self.0.push(Chain { sent, stapled, exchanges: vec![exchange] });
        }
    }
}

/// Something to fetch by HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// Where.
    pub url: String,
    /// What it is to be.
    pub what: Want,
}

/// What something that is fetched is to be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Want {
    /// The certificate of an issuer.
    Issuer,
    /// A revocation list.
    List,
    /// An OCSP responder's answer.
    OcspAnswer {
        /// The question to it, in DER.
        question: Vec<u8>,
    },
}

/// What came of something wanted, on one way.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    /// What was wanted.
    pub wanted: Wanted,
    /// The way that was taken: `direct` or `proxy`.
    pub route: String,
    /// Where redirects led, in order.
    pub redirects: Vec<String>,
    /// How it ended.
    pub end: FetchEnd,
    /// What came; empty where nothing did.
    pub body: Vec<u8>,
    /// The certificates in it, where such were wanted: read once, for they are looked at again and again.
    issuers: Vec<Vec<u8>>,
}

impl Fetched {
    /// What came of something wanted on this way.
    pub fn new(wanted: Wanted, route: &str, redirects: Vec<String>, end: FetchEnd, body: Vec<u8>) -> Self {
        let issuers = if wanted.what == Want::Issuer { certificates_in(&body) } else { Vec::new() };
        Self { wanted, route: route.to_owned(), redirects, end, body, issuers }
    }
}

/// How an endpoint's chains are judged.
#[derive(Clone, Copy, Debug)]
pub struct Judging<'a> {
    /// Every chain that was seen.
    pub chains: &'a Chains,
    /// The host that was meant.
    pub host: &'a str,
    /// Stores, time and limits.
    pub trust: &'a Trust,
    /// What was fetched so far.
    pub fetched: &'a [Fetched],
}

impl Judging<'_> {
    /// What to fetch next; nothing when there is no more to learn.
    pub fn wanted(&self) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        if self.trust.fetch_aia {
            let missing = self.verdicts(true).flat_map(|judged| missing_urls(&judged.verdict));
            wanted.extend(missing.map(|url| Wanted { url, what: Want::Issuer }));
        }
        if self.trust.revocation && wanted.iter().all(|wanted| self.is_known(wanted)) {
            wanted.extend(self.chains.0.iter().flat_map(|chain| revocation::wanted(self, chain)));
        }
        let mut new: Vec<Wanted> = Vec::new();
        for one in wanted {
            if !self.is_known(&one) && !new.contains(&one) {
                new.push(one);
            }
        }
        let asked: usize = self.fetched.iter().filter(|fetched| fetched.route == "direct").count();
        new.truncate(MOST_WANTED.saturating_sub(asked));
        new
    }

    /// Writes down what all of it comes to.
    pub fn read(&self, exchanges: &[Exchange], seen: &mut Observations) {
        for store in self.trust.stores.iter() {
            let judged = self.chains.0.iter().filter_map(|chain| {
                let sent_alone = judge(&self.case(chain, &[]), store)?.verdict;
                let with_fetched = self.with_fetched(chain, store);
                Some((chain, TrustVerdict { with_fetched: with_fetched.map(Box::new), ..sent_alone }))
            });
            // The worst chain is the one that somebody meets.
            if let Some((chain, verdict)) = judged.min_by_key(|(_, verdict)| verdict.verdict) {
                seen.rests_on(&format!("trust.{}", store.name()), &chain.exchanges);
                seen.trust.insert(store.name().to_owned(), verdict);
            }
        }
        seen.fetched_issuers = self.fetched_issuers();
        seen.revocation = revocation::read(self);
        if let Some(chain) = self.chains.0.first() {
            seen.rests_on("revocation", &chain.exchanges);
        }
        seen.expiry = self.expiry();
        seen.winhttp_flags = flags::read(self.trust, exchanges, seen);
    }

    fn case<'a>(&'a self, chain: &'a Chain, fetched: &'a [Vec<u8>]) -> TrustCase<'a> {
        TrustCase { sent: &chain.sent, fetched, host: self.host, at: self.trust.at }
    }

    /// Certificates that came of AIA.
    fn issuers(&self) -> Vec<Vec<u8>> {
        self.fetched.iter().flat_map(|fetched| fetched.issuers.iter().cloned()).collect()
    }

    /// The judgement of each chain by each store.
    fn verdicts(&self, with_fetched: bool) -> impl Iterator<Item = Judged> {
        let fetched = if with_fetched { self.issuers() } else { Vec::new() };
        let stores = self.trust.stores.iter();
        stores.flat_map(move |store| {
            let judged = self.chains.0.iter().map(|chain| judge(&self.case(chain, &fetched), store));
            judged.flatten().collect::<Vec<_>>()
        })
    }

    /// The judgement with what was fetched, where it says something else.
    fn with_fetched(&self, chain: &Chain, store: &crate::certificate::TrustStore) -> Option<TrustVerdict> {
        let issuers = self.issuers();
        if issuers.is_empty() {
            return None;
        }
        let alone = judge(&self.case(chain, &[]), store)?.verdict;
        let with = judge(&self.case(chain, &issuers), store)?.verdict;
        (with != alone).then_some(with)
    }

    /// The path that the best store sees, with what was fetched: what revocation and dates are asked for.
    fn best_path(&self, chain: &Chain) -> Option<Judged> {
        let issuers = self.issuers();
        let judged = self.trust.stores.iter().filter_map(|store| judge(&self.case(chain, &issuers), store));
        judged.max_by_key(|judged| (judged.verdict.verdict, judged.path.len()))
    }

    fn is_known(&self, wanted: &Wanted) -> bool {
        self.fetched.iter().any(|fetched| fetched.wanted == *wanted)
    }

    fn fetched_issuers(&self) -> Vec<FetchedIssuer> {
        let asked = self.fetched.iter().filter(|fetched| fetched.wanted.what == Want::Issuer);
        let issuer = |fetched: &Fetched| {
            let first = fetched.issuers.first().map(|der| Certificate::read(der));
            FetchedIssuer {
                url: fetched.wanted.url.clone(),
                route: fetched.route.clone(),
                redirects: fetched.redirects.clone(),
                subject: first.and_then(|it| it.details().map(|details| details.subject.clone())),
                end: fetched.end.clone(),
            }
        };
        asked.map(issuer).collect()
    }

    fn expiry(&self) -> Vec<Expiry> {
        let mut expiry: Vec<Expiry> = Vec::new();
        for chain in &self.chains.0 {
            // What is sent beside the path is what clients leave aside: an old cross-signed root, as a rule.
            let path = self.best_path(chain).map(|judged| judged.path).unwrap_or_default();
            for der in &path {
                let found = near_end(&Certificate::read(der), self.trust.at, self.trust.expiry);
                expiry.extend(found.filter(|found| expiry.iter().all(|known| known.sha1 != found.sha1)));
            }
        }
        expiry
    }
}

fn near_end(certificate: &Certificate, at: OffsetDateTime, limits: ExpiryLimits) -> Option<Expiry> {
    let details = certificate.details()?;
    let (days_left, state) = match validity(details, at) {
        Validity::Expired { since } => ((since - at).whole_days(), ExpiryState::Ended),
        Validity::Valid { days_left } if days_left < i64::from(limits.critical) => (days_left, ExpiryState::Critical),
        Validity::Valid { days_left } if days_left < i64::from(limits.warn) => (days_left, ExpiryState::Soon),
        Validity::NotYetValid { .. } | Validity::Valid { .. } => return None,
    };
    let (subject, sha1) = (details.subject.clone(), certificate.sha1.clone());
    Some(Expiry { certificate: subject, sha1, not_after: details.not_after, days_left, state })
}

/// Where the certificate is that a chain lacks.
fn missing_urls(verdict: &TrustVerdict) -> Vec<String> {
    let missing = verdict.problems.iter().filter(|problem| problem.kind == Verdict::MissingIntermediate);
    missing.flat_map(|problem| problem.aia_urls.clone()).collect()
}
