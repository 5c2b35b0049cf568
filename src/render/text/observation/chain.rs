//! What the chain is worth, in a few rows.

use super::Row;
use crate::observation::{
    CertificateRevocation, Expiry, ExpiryState, FetchedIssuer, Revocation, TrustVerdict, WinhttpFlags,
};
use crate::render::text::layout::{Span, phrases, plain};
use crate::render::text::words::{count, name, sentence, some};

/// The most problems of one store, and the most certificates, that are shown.
const MOST: usize = 6;

/// `trust by windows`: the path, or what is wrong.
pub(super) fn trust(store: &str, verdict: &TrustVerdict) -> Vec<Row> {
    let mut rows = vec![(format!("trust by {}", name(store)), judgement(verdict))];
    if let Some(with) = &verdict.with_fetched {
        rows.push(("with what was fetched".to_owned(), judgement(with)));
    }
    rows
}

fn judgement(verdict: &TrustVerdict) -> Vec<Span> {
    let TrustVerdict { verdict, path, problems, with_fetched: _ } = verdict;
    let told = if problems.is_empty() {
        let short = path.iter().map(|subject| name(short(subject)));
        vec![verdict.word().to_owned(), some(short, MOST).join(", issued by ")]
    } else {
        let problems = problems.iter().map(|problem| {
            format!("{}: {}: {}", problem.kind.word(), name(short(&problem.certificate)), sentence(&problem.why))
        });
        some(problems, MOST)
    };
    phrases(told)
}

/// The last attribute of a name, which says most.
fn short(subject: &str) -> &str {
    subject.rsplit_once("CN=").map_or(subject, |(_, common_name)| common_name)
}

pub(super) fn fetched(issuer: &FetchedIssuer) -> Row {
    let what = issuer.subject.as_deref().map_or_else(|| "no certificate".to_owned(), |subject| name(short(subject)));
    let told = [what, name(&issuer.url), format!("{} ({})", sentence(&issuer.end.in_brief()), name(&issuer.route))];
    ("missing certificate".to_owned(), phrases(told))
}

pub(super) fn revocation(revocation: &Revocation) -> Vec<Row> {
    let told = revocation.certificates.iter().map(|certificate| {
        let CertificateRevocation { certificate, verdict, why, .. } = certificate;
        format!("{}: {}: {}", verdict.word(), name(short(certificate)), sentence(why))
    });
    let label = |place| if place == 0 { "revocation".to_owned() } else { String::new() };
    some(told, MOST).into_iter().enumerate().map(|(place, told)| (label(place), vec![plain(told)])).collect()
}

pub(super) fn expiry(expiry: &Expiry) -> Row {
    let left = match expiry.state {
        ExpiryState::Ended => format!("ended on {}", expiry.not_after.date()),
        ExpiryState::Soon | ExpiryState::Critical => {
            let days = usize::try_from(expiry.days_left).unwrap_or_default();
            format!("ends on {}, in {}", expiry.not_after.date(), count(days, "day"))
        }
    };
    ("dates".to_owned(), phrases([name(short(&expiry.certificate)), left]))
}

/// The value 0 is nothing to tell.
pub(super) fn flags(flags: &WinhttpFlags) -> Option<Row> {
    if flags.names.is_empty() {
        return None;
    }
    let names = flags.names.iter().map(|flag| name(flag)).collect::<Vec<_>>().join(" + ");
    let mut told = vec![format!("lpvStatusInformation {} = {names}", name(&flags.value))];
    if flags.names.iter().any(|flag| flag == "INVALID_CA") {
        let stores = flags.stores.iter().map(|store| name(store)).collect::<Vec<_>>().join(", ");
        told.push(format!("root not in: {stores}"));
    }
    Some(("WinHTTP would say".to_owned(), phrases(told)))
}
