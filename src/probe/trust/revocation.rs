//! Which sources of revocation a chain names, and what they come to.

use super::{Chain, Fetched, Judging, Want, Wanted};
use crate::certificate::{Asked, Certificate, Details, RevocationFault, RevocationStatus};
use crate::observation::{
    CertificateRevocation, FetchEnd, Revocation, RevocationSource, RevocationVerdict, SourceKind,
};

/// The most sources of one certificate that are asked.
const MOST_SOURCES: usize = 6;

/// Everything to fetch for a chain.
pub(super) fn wanted(judging: &Judging<'_>, chain: &Chain) -> Vec<Wanted> {
    let Some(judged) = judging.best_path(chain) else { return Vec::new() };
    let mut wanted = Vec::new();
    for (subject, issuer) in judged.path.iter().zip(judged.path.iter().skip(1)) {
        let asked = Asked { subject, issuer, at: judging.trust.at };
        let certificate = Certificate::read(subject);
        let Some(details) = certificate.details() else { continue };
        wanted.extend(sources(details).filter_map(|(by, url)| in_http(by, url, &asked)));
    }
    wanted
}

/// What is known of every chain; nothing where no chain was seen, or nothing was asked and nothing stapled.
pub(super) fn read(judging: &Judging<'_>) -> Option<Revocation> {
    let mut certificates: Vec<CertificateRevocation> = Vec::new();
    for chain in &judging.chains.0 {
        let Some(judged) = judging.best_path(chain) else { continue };
        for (place, subject) in judged.path.iter().enumerate() {
            let certificate = Certificate::read(subject);
            let Some(details) = certificate.details() else { continue };
            let is_its_own = details.subject_sha256 == details.issuer_sha256;
            if is_its_own || certificates.iter().any(|known| known.sha1 == certificate.sha1) {
                continue;
            }
            let asked = judged.path.get(place + 1).map(|issuer| Asked { subject, issuer, at: judging.trust.at });
            let stapled = chain.stapled.as_deref().filter(|_| place == 0);
            let sources = said(judging, details, asked, stapled);
            let weighing = Weighing {
                details,
                sources: &sources,
                has_issuer: asked.is_some(),
                is_of_another_time: judging.trust.is_another_time,
            };
            let (verdict, why) = weighing.verdict(judging.trust.revocation);
            let name = details.subject.clone();
            certificates.push(CertificateRevocation {
                certificate: name,
                sha1: certificate.sha1,
                verdict,
                why,
                sources,
            });
        }
    }
    let is_known = judging.trust.revocation || certificates.iter().any(|known| !known.sources.is_empty());
    let verdict = certificates.iter().map(|known| known.verdict).min()?;
    is_known.then_some(Revocation { verdict, certificates })
}

/// The sources that a certificate names, within bounds.
fn sources(details: &Details) -> impl Iterator<Item = (SourceKind, &str)> {
    let ocsp = details.ocsp_urls.iter().map(|url| (SourceKind::Ocsp, url.as_str()));
    let crl = details.crl_urls.iter().map(|url| (SourceKind::Crl, url.as_str()));
    ocsp.chain(crl).take(MOST_SOURCES)
}

fn is_http(url: &str) -> bool {
    url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}

fn in_http(by: SourceKind, url: &str, asked: &Asked<'_>) -> Option<Wanted> {
    if !is_http(url) {
        return None;
    }
    let what = match by {
        SourceKind::Crl => Want::List,
        SourceKind::Ocsp | SourceKind::StapledOcsp => Want::OcspAnswer { question: asked.ocsp_request()? },
    };
    Some(Wanted { url: url.to_owned(), what })
}

/// What each source of a certificate said; without the issuer nothing can be asked or believed.
fn said(
    judging: &Judging<'_>,
    details: &Details,
    asked: Option<Asked<'_>>,
    stapled: Option<&[u8]>,
) -> Vec<RevocationSource> {
    let mut said = Vec::new();
    if let (Some(asked), Some(stapled)) = (asked, stapled) {
        let status = Some(asked.read_ocsp(stapled));
        said.push(RevocationSource { status, ..unasked(SourceKind::StapledOcsp, None, None) });
    }
    if !judging.trust.revocation {
        return said;
    }
    for (by, url) in sources(details) {
        let unasked = |end| unasked(by, Some(url.to_owned()), Some(end));
        let Some(wanted) = asked.and_then(|asked| in_http(by, url, &asked)) else {
            said.push(unasked(if is_http(url) { FetchEnd::NotAsked } else { FetchEnd::NotHttp }));
            continue;
        };
        let answers: Vec<&Fetched> = judging.fetched.iter().filter(|fetched| fetched.wanted == wanted).collect();
        if answers.is_empty() {
            said.push(unasked(FetchEnd::NotAsked));
        }
        said.extend(answers.into_iter().map(|fetched| {
            let is_there = matches!(fetched.end, FetchEnd::Fetched { .. });
            let status = asked.filter(|_| is_there).map(|asked| match by {
                SourceKind::Crl => asked.read_crl(&fetched.body),
                SourceKind::Ocsp | SourceKind::StapledOcsp => asked.read_ocsp(&fetched.body),
            });
            let (route, redirects) = (Some(fetched.route.clone()), fetched.redirects.clone());
            RevocationSource { route, redirects, status, ..unasked(fetched.end.clone()) }
        }));
    }
    said
}

/// A source that has said nothing yet.
fn unasked(by: SourceKind, url: Option<String>, end: Option<FetchEnd>) -> RevocationSource {
    RevocationSource { by, url, route: None, redirects: Vec::new(), end, status: None }
}

/// What the sources of one certificate come to, put together.
struct Weighing<'a> {
    details: &'a Details,
    sources: &'a [RevocationSource],
    /// Whether its issuer is known, without which nothing can be asked or believed.
    has_issuer: bool,
    /// Whether what is published now tells of the time that is judged.
    is_of_another_time: bool,
}

impl Weighing<'_> {
    /// A source that can be relied on decides, a "revoked" before a "good". Then what could not be asked, or not be
    /// judged, leaves it open, for a client may have its answer there. What is left has failed.
    fn verdict(&self, was_asked: bool) -> (RevocationVerdict, String) {
        if let Some(revoked) = self.revoked() {
            return (RevocationVerdict::Revoked, revoked);
        }
        if let Some(source) = self.good().find(|source| self.is_the_clients(source)) {
            return (RevocationVerdict::Good, format!("not revoked, says {}", place(source)));
        }
        if !was_asked {
            let faults = self.faults().map(|(source, _, why)| format!("; {}: {why}", place(source)));
            return (
                RevocationVerdict::NotAsked,
                format!("not asked: --revocation was not given{}", faults.collect::<String>()),
            );
        }
        if let Some(open) = self.open() {
            return open;
        }
        if let Some(source) = self.good().next() {
            let why = format!("{} is had directly, and not through the proxy", place(source));
            return (RevocationVerdict::Unreachable, why);
        }
        if let Some((source, _, why)) = self.faults().next() {
            return (RevocationVerdict::Unusable, format!("{}: {why}", place(source)));
        }
        let names: Vec<&str> = sources(self.details).map(|(_, url)| url).collect();
        if names.is_empty() {
            return (RevocationVerdict::NoSource, "it names neither a list nor a responder".to_owned());
        }
        if !names.iter().any(|url| is_http(url)) {
            let why = format!("it names {} alone, and nothing by http", names.join(", "));
            return (RevocationVerdict::NotPublishedOnHttp, why);
        }
        (RevocationVerdict::Unreachable, ends(self.sources.iter()))
    }

    fn revoked(&self) -> Option<String> {
        self.sources.iter().find_map(|source| {
            let RevocationStatus::Revoked { since, reason } = source.status.as_ref()? else { return None };
            let reason = reason.as_ref().map(|reason| format!(", {reason}")).unwrap_or_default();
            Some(format!("revoked on {}{reason}, says {}", since.date(), place(source)))
        })
    }

    fn good(&self) -> impl Iterator<Item = &RevocationSource> {
        self.sources.iter().filter(|source| matches!(source.status, Some(RevocationStatus::Good { .. })))
    }

    /// A client behind the proxy has that way alone; the direct one shows whose fault it is.
    fn is_the_clients(&self, source: &RevocationSource) -> bool {
        let goes_by_proxy = self.sources.iter().any(|source| source.route.as_deref() == Some("proxy"));
        source.route.as_deref() != Some("direct") || !goes_by_proxy
    }

    /// What came and can't be relied on: the fault, if it has one, and why.
    fn faults(&self) -> impl Iterator<Item = (&RevocationSource, Option<RevocationFault>, &str)> {
        self.sources.iter().filter_map(|source| match source.status.as_ref()? {
            RevocationStatus::Unusable { fault, why } => Some((source, Some(*fault), why.as_str())),
            RevocationStatus::Unknown => Some((source, None, "the responder does not know the certificate")),
            RevocationStatus::Good { .. } | RevocationStatus::Revoked { .. } => None,
        })
    }

    /// Why it can't be told, if a client may have an answer where none was had here.
    fn open(&self) -> Option<(RevocationVerdict, String)> {
        let by_http =
            |source: &&RevocationSource| source.url.as_deref().is_some_and(is_http) && self.is_the_clients(source);
        let is_open = |source: &&RevocationSource| !source.end.as_ref().is_some_and(FetchEnd::tells);
        let open: Vec<&RevocationSource> = self.sources.iter().filter(by_http).filter(is_open).collect();
        if !open.is_empty() && !self.has_issuer {
            let why = "its issuer is not known, so that nothing could be asked or believed";
            return Some((RevocationVerdict::NotAsked, why.to_owned()));
        }
        if !open.is_empty() {
            let was_asked = |source: &RevocationSource| !matches!(source.end, None | Some(FetchEnd::NotAsked));
            let some_was = self.sources.iter().any(|source| source.url.is_some() && was_asked(source));
            let verdict = if some_was { RevocationVerdict::CouldNotTell } else { RevocationVerdict::NotAsked };
            return Some((verdict, ends(open.into_iter())));
        }
        let is_open = |fault: Option<RevocationFault>| match fault {
            Some(RevocationFault::Unsupported) => true,
            Some(RevocationFault::NotYetValid | RevocationFault::Expired) => self.is_of_another_time,
            _ => false,
        };
        let mut faults = self.faults().filter(|(source, fault, _)| self.is_the_clients(source) && is_open(*fault));
        let (source, _, why) = faults.next()?;
        Some((RevocationVerdict::CouldNotTell, format!("{}: {why}", place(source))))
    }
}

/// Where a source was asked.
fn place(source: &RevocationSource) -> String {
    match (&source.url, &source.route) {
        (Some(url), Some(route)) if route == "proxy" => format!("{url} through the proxy"),
        (Some(url), _) => url.clone(),
        (None, _) => source.by.word().to_owned(),
    }
}

/// How these could be had, or not.
fn ends<'a>(sources: impl Iterator<Item = &'a RevocationSource>) -> String {
    let ends = sources.filter_map(|source| Some(format!("{}: {}", place(source), source.end.as_ref()?.in_brief())));
    ends.collect::<Vec<_>>().join("; ")
}
