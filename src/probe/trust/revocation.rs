//! Which sources of revocation a chain names, and what they come to.

use super::{Chain, Fetched, Judging, Wanted};
use crate::certificate::{Asked, Certificate, Details, RevocationStatus};
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
            let (verdict, why) = verdict(&sources, details, judging.trust.revocation);
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
    let question = match by {
        SourceKind::Crl => None,
        SourceKind::Ocsp | SourceKind::StapledOcsp => Some(asked.ocsp_request()?),
    };
    Some(Wanted { url: url.to_owned(), question })
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
        said.push(RevocationSource { by: SourceKind::StapledOcsp, url: None, route: None, end: None, status });
    }
    if !judging.trust.revocation {
        return said;
    }
    for (by, url) in sources(details) {
        let unasked =
            |end| RevocationSource { by, url: Some(url.to_owned()), route: None, end: Some(end), status: None };
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
            let (url, route) = (Some(url.to_owned()), Some(fetched.route.clone()));
            RevocationSource { by, url, route, end: Some(fetched.end.clone()), status }
        }));
    }
    said
}

/// A source that can be relied on decides; a "revoked" before a "good".
fn verdict(sources: &[RevocationSource], details: &Details, was_asked: bool) -> (RevocationVerdict, String) {
    let said = || sources.iter().filter_map(|source| Some((source, source.status.as_ref()?)));
    let place = |source: &RevocationSource| match (&source.url, &source.route) {
        (Some(url), Some(route)) if route == "proxy" => format!("{url} through the proxy"),
        (Some(url), _) => url.clone(),
        (None, _) => source.by.word().to_owned(),
    };
    for (source, status) in said() {
        if let RevocationStatus::Revoked { since, reason } = status {
            let reason = reason.as_ref().map(|reason| format!(", {reason}")).unwrap_or_default();
            return (
                RevocationVerdict::Revoked,
                format!("revoked on {}{reason}, says {}", since.date(), place(source)),
            );
        }
    }
    // A client behind the proxy has that way alone; the direct one shows whose fault it is.
    let goes_by = |route: &str| sources.iter().any(|source| source.route.as_deref() == Some(route));
    let is_the_clients = |source: &RevocationSource| source.route.as_deref() != Some("direct") || !goes_by("proxy");
    let mut good = said().filter(|(_, status)| matches!(status, RevocationStatus::Good { .. }));
    if let Some((source, _)) = good.clone().find(|(source, _)| is_the_clients(source)) {
        return (RevocationVerdict::Good, format!("not revoked, says {}", place(source)));
    }
    if let Some((source, _)) = good.next() {
        let why = format!("{} is had directly, and not through the proxy", place(source));
        return (RevocationVerdict::Unreachable, why);
    }
    for (source, status) in said() {
        let why = match status {
            RevocationStatus::Unusable { why, .. } => why.as_str(),
            RevocationStatus::Unknown => "the responder does not know the certificate",
            RevocationStatus::Good { .. } | RevocationStatus::Revoked { .. } => continue,
        };
        return (RevocationVerdict::Unusable, format!("{}: {why}", place(source)));
    }
    let is_on_http = details.ocsp_urls.iter().chain(&details.crl_urls).any(|url| is_http(url));
    let names = details.ocsp_urls.iter().chain(&details.crl_urls).cloned().collect::<Vec<_>>().join(", ");
    if !was_asked {
        return (RevocationVerdict::NotAsked, "not asked: --revocation was not given".to_owned());
    }
    if names.is_empty() {
        return (RevocationVerdict::NoSource, "it names neither a list nor a responder".to_owned());
    }
    if !is_on_http {
        return (RevocationVerdict::NotPublishedOnHttp, format!("it names {names} alone, and nothing by http"));
    }
    let ends =
        sources.iter().filter_map(|source| Some(format!("{}: {}", place(source), source.end.as_ref()?.in_brief())));
    (RevocationVerdict::Unreachable, ends.collect::<Vec<_>>().join("; "))
}
