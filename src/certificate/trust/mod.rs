//! Whether a client with a given trust store would believe a server's chain, and what is wrong with it if not.
//!
//! rustls-webpki is the judge of signatures, path length and name constraints. It says what failed but not which
//! certificate, takes every root it is given for good, and calls much that Windows names "unsupported". So each judgement
//! has two halves: webpki's, over the roots that the store lets speak for this leaf at this time; and our own, which
//! names the certificate, and every fault beside the first. A chain is trusted where both find nothing.
//!
//! What it does not know: which certificates a machine has cached or was given by its domain, and how it is told to
//! check what here is a fault. A store is a list of roots and their limits, no more.

mod anchors;
mod checks;
mod known;
mod links;
mod path;
mod recent;
mod store;
#[cfg(test)]
mod tests;
mod windows;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{NameMatch, names_host};
use links::Link;
use path::{Path, Top};
use store::Root;

pub use known::known_root;
pub(super) use links::is_signed_by;
pub use store::{StoreError, TrustStore};

/// What a store makes of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrustVerdict {
    /// `trusted`, or the first of the problems.
    pub verdict: Verdict,
    /// Subjects from the leaf up, as far as the path leads; the last is the root, where one was reached.
    pub path: Vec<String>,
    /// Everything that is wrong, what weighs most first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<TrustProblem>,
    /// What the store says when the certificates that the server left out are fetched (`--fetch-aia`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_fetched: Option<Box<TrustVerdict>>,
}

/// One thing that is wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrustProblem {
    /// What it is.
    pub kind: Verdict,
    /// The subject of the certificate that fails.
    pub certificate: String,
    /// Its SHA-1, the thumbprint that Windows shows.
    pub sha1: String,
    /// What is wrong with it, in a line.
    pub why: String,
    /// Where its issuer's certificate is, for a `missing_intermediate`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aia_urls: Vec<String>,
}

/// A judgement in a word. The order is that of weight: the first that a chain earns is its verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The leaf, or a certificate it depends on, is no certificate that can be read.
    Unreadable,
    /// A signature is wrong: not made by the issuer that the certificate names.
    BadSignature,
    /// The server's certificate is signed by itself, and the store does not have it.
    SelfSigned,
    /// The issuer of the last certificate was not sent, and that one says where it is to be had. It may be a root, which
    /// need not be sent: fetching it tells.
    MissingIntermediate,
    /// The path ends at an issuer that the store does not have.
    UnknownIssuer,
    /// The store has the root, and no longer lets it speak for this certificate.
    Distrusted,
    /// A certificate has ended.
    Expired,
    /// A certificate has not begun.
    NotYetValid,
    /// A certificate, or the store's use of the root, is not for servers.
    WrongUsage,
    /// More CAs in a row than one of them allows.
    PathTooLong,
    /// A certificate signs without being a CA's, or names what a CA above may not certify.
    ConstraintBroken,
    /// A signature or a key that can be forged: SHA-1, MD5, RSA under 2048 bits, a curve under 256.
    Weak,
    /// An algorithm, a version or a critical extension that can't be judged here.
    Unsupported,
    /// The leaf does not name the host.
    WrongName,
    /// The leaf names the host in its common name alone: good enough for Windows' own clients, not for browsers.
    CommonNameOnly,
    /// Nothing is wrong.
    Trusted,
}

impl Verdict {
    /// The word in JSON and in text.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::BadSignature => "bad_signature",
            Self::SelfSigned => "self_signed",
            Self::MissingIntermediate => "missing_intermediate",
            Self::UnknownIssuer => "unknown_issuer",
            Self::Distrusted => "distrusted",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::WrongUsage => "wrong_usage",
            Self::PathTooLong => "path_too_long",
            Self::ConstraintBroken => "constraint_broken",
            Self::Weak => "weak",
            Self::Unsupported => "unsupported",
            Self::WrongName => "wrong_name",
            Self::CommonNameOnly => "common_name_only",
            Self::Trusted => "trusted",
        }
    }
}

/// A chain and what it is judged by, besides a store.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The certificates that the server sent, in DER, leaf first.
    pub sent: &'a [Vec<u8>],
    /// Certificates that were fetched besides, in DER.
    pub fetched: &'a [Vec<u8>],
    /// The host that the client meant.
    pub host: &'a str,
    /// When.
    pub at: OffsetDateTime,
}

/// What a store makes of a chain, and the path in DER from the leaf up; nothing where no certificate was sent.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The judgement.
    pub verdict: TrustVerdict,
    /// The certificates of the path in DER, leaf first.
    pub path: Vec<Vec<u8>>,
}

/// Judges a chain by a store; nothing can be said of a chain without a leaf.
///
/// What was judged of late is not judged again but for the name, for very many endpoints may send the same chain.
pub fn judge(case: &Case<'_>, store: &TrustStore) -> Option<Judged> {
    let (leaf, others) = case.sent.split_first()?;
    let leaf = Link::read(leaf);
    let wrong_name = wrong_name(&leaf, case.host);
    if wrong_name.as_ref().is_some_and(|problem| problem.kind != Verdict::WrongName) {
        return Some(judge_anew(leaf, others, case, store, wrong_name));
    }
    let mut judged = recent::judged(case, store, || judge_anew(leaf.clone(), others, case, store, None));
    if let Some(problem) = wrong_name {
        let problems = &mut judged.verdict.problems;
        problems.push(problem);
        problems.sort_by_key(|problem| problem.kind);
        judged.verdict.verdict = worst(problems);
    }
    Some(judged)
}

fn judge_anew(
    leaf: Link,
    others: &[Vec<u8>],
    case: &Case<'_>,
    store: &TrustStore,
    wrong_name: Option<TrustProblem>,
) -> Judged {
    let others: Vec<Link> = others.iter().chain(case.fetched).map(|der| Link::read(der)).collect();
    let Some(leaf_details) = leaf.details() else {
        let problem = leaf.problem(Verdict::Unreadable, leaf.why_unreadable());
        return Judged { verdict: verdict(vec![leaf.name()], vec![problem]), path: vec![leaf.der] };
    };
    // A store has hundreds of roots, of which a chain names one or two.
    let is_named = |root: &Root| root.link.der == leaf.der || root.is_named_by(&leaf, &others);
    let roots = store.speaking_for(leaf_details, case.at, is_named);
    let verified = anchors::verify(&leaf, &others, &roots, case.at);
    let path = match verified {
        Ok(verified) => Path::verified(&leaf, &others, store, &verified),
        Err(_) => path::walk(&leaf, &others, store, case.at),
    };

    let mut problems = end_of_path(&path, leaf_details, case.at);
    problems.extend(checks::problems(&path, case.at));
    problems.extend(wrong_name);
    // What webpki finds once everything that was found here is left aside.
    let relaxed = anchors::verify_relaxed(&path);
    if let Some((kind, why)) = relaxed.err().and_then(|error| anchors::reading(&error))
        && problems.iter().all(|problem| problem.kind > Verdict::Distrusted && !problem.kind.explains(kind))
    {
        problems.push(leaf.problem(kind, why));
    }
    problems.sort_by_key(|problem| problem.kind);
    let names = path.links.iter().map(Link::name).collect();
    let der = path.links.iter().map(|link| link.der.clone()).collect();
    Judged { verdict: verdict(names, problems), path: der }
}

impl Verdict {
    /// Whether webpki's `found` says no more than this fault, which is known better.
    fn explains(self, found: Self) -> bool {
        self == found || (matches!(self, Self::Weak | Self::Unsupported) && matches!(found, Self::Unsupported))
    }
}

fn verdict(path: Vec<String>, problems: Vec<TrustProblem>) -> TrustVerdict {
    TrustVerdict { verdict: worst(&problems), path, problems, with_fetched: None }
}

/// The kind of the first of the problems, which weighs most.
fn worst(problems: &[TrustProblem]) -> Verdict {
    problems.first().map_or(Verdict::Trusted, |problem| problem.kind)
}

/// What the end of a path says: a root that the store has, and lets speak; or none.
fn end_of_path(path: &Path<'_>, leaf: &super::Details, at: OffsetDateTime) -> Vec<TrustProblem> {
    let Some(last) = path.links.last() else { return Vec::new() };
    match &path.top {
        Top::Root(root) => root.objections(leaf, at).into_iter().map(|(kind, why)| last.problem(kind, why)).collect(),
        Top::SelfSigned if path.links.len() == 1 => {
            vec![last.problem(Verdict::SelfSigned, format!("signed by itself, and not in the store {}", path.store))]
        }
        Top::SelfSigned => {
            vec![last.problem(Verdict::UnknownIssuer, format!("this root is not in the store {}", path.store))]
        }
        Top::BadSignature => vec![last.problem(
            Verdict::BadSignature,
            "the certificate that has its issuer's name and key identifier did not sign it".to_owned(),
        )],
        Top::Missing => {
            let Some(details) = last.details() else { return Vec::new() };
            let why =
                format!("its issuer, {}, was not sent and is no root of the store {}", details.issuer, path.store);
            // Where Windows has the issuer for a root, no link is missing: this store lacks the root.
            if details.aia_urls.is_empty() || windows::issued(details) {
                return vec![last.problem(Verdict::UnknownIssuer, why)];
            }
            let why = format!(
                "{why}: an intermediate that the server leaves out, or a root that the store lacks; --fetch-aia tells which"
            );
            let problem = last.problem(Verdict::MissingIntermediate, why);
            vec![TrustProblem { aia_urls: details.aia_urls.clone(), ..problem }]
        }
    }
}

fn wrong_name(leaf: &Link, host: &str) -> Option<TrustProblem> {
    let (kind, why) = match names_host(leaf.details()?, host) {
        NameMatch::SubjectAltName(_) => return None,
        NameMatch::CommonNameOnly(name) => {
            let why = format!("only its common name {name} fits {host}: Windows takes it, browsers and curl do not");
            (Verdict::CommonNameOnly, why)
        }
        NameMatch::Unreadable(why) => (Verdict::Unreadable, format!("its names: {why}")),
        NameMatch::No => (Verdict::WrongName, format!("no name in it fits {host}")),
    };
    Some(leaf.problem(kind, why))
}
