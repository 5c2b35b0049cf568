//! Certificates as they were sent, leaf first: each distinct chain once.

use super::layout::{Page, Span, dim, phrases, plain, strong};
use super::words::{count, exchanges, name, some};
use super::{Detail, write_headline};
use crate::certificate::{AltName, Certificate, Contents, Details, PublicKey};
use crate::report::Report;

/// The most certificates of a chain, and the most names of one, that are shown.
const MOST_CERTIFICATES: usize = 6;
const MOST_NAMES: usize = 4;

/// A chain, and the exchanges it was seen in.
struct Chain<'a> {
    certificates: &'a [Certificate],
    seen_in: Vec<usize>,
}

pub(super) fn write(page: &mut Page, report: &Report, detail: Detail) {
    for Chain { certificates, seen_in } in chains(report) {
        match detail {
            Detail::Full => write_headline(page, "Certificates", &format!(" as sent in {}", exchanges(&seen_in))),
            Detail::OneAnswer => write_headline(page, "Certificates", " as sent"),
            Detail::OneOfMany => {}
        }
        for (place, certificate) in certificates.iter().take(MOST_CERTIFICATES).enumerate() {
            let number = format!("{} ", place + 1);
            match (&certificate.contents, detail) {
                (Contents::Readable(details), Detail::OneOfMany) => {
                    page.item(4, &[dim(number)], &in_one_line(details));
                }
                (Contents::Readable(details), _) => write_details(page, &number, certificate, details),
                (Contents::Unreadable { unreadable }, _) => write_unreadable(page, &number, certificate, unreadable),
            }
        }
        if let more @ 1.. = certificates.len().saturating_sub(MOST_CERTIFICATES) {
            page.paragraph(4, &[plain(format!("+{more} more"))]);
        }
    }
}

/// Each distinct chain in the order in which it was first seen.
fn chains(report: &Report) -> Vec<Chain<'_>> {
    let mut chains: Vec<Chain<'_>> = Vec::new();
    for exchange in report.exchanges.iter().filter(|exchange| !exchange.certificates.is_empty()) {
        match chains.iter_mut().find(|chain| chain.certificates == exchange.certificates) {
            Some(known) => known.seen_in.push(exchange.id),
            None => chains.push(Chain { certificates: &exchange.certificates, seen_in: vec![exchange.id] }),
        }
    }
    chains
}

fn in_one_line(details: &Details) -> Vec<Span> {
    let shortest = details.common_name.as_ref().map_or_else(|| subject(details), |it| format!("CN={}", name(it)));
    phrases([shortest, valid(details), key(&details.public_key)])
}

fn write_details(page: &mut Page, number: &str, certificate: &Certificate, details: &Details) {
    let indent = 4 + number.len();
    page.item(4, &[dim(number)], &[strong(subject(details))]);
    let is_its_own = details.subject_sha256 == details.issuer_sha256;
    let issuer = if is_its_own { "itself".to_owned() } else { name(&details.issuer) };
    page.paragraph(indent, &[dim("issued by "), plain(issuer)]);
    let names = some(details.subject_alt_names.iter().map(alt_name), MOST_NAMES);
    if !names.is_empty() {
        let mut spans = vec![dim("names ")];
        spans.extend(phrases(names));
        page.paragraph(indent, &spans);
    }
    let mut told = vec![valid(details), key(&details.public_key), name(&details.signature_algorithm)];
    if details.is_ca {
        told.push("a CA".to_owned());
    }
    page.paragraph(indent, &phrases(told));
    for unreadable in some(details.unreadable_extensions.iter().map(|it| name(&it.extension)), MOST_NAMES) {
        page.paragraph(indent, &[dim("extension that can't be read: "), plain(unreadable)]);
    }
    page.paragraph(indent, &[dim("serial "), plain(name(&details.serial))]);
    write_fingerprints(page, indent, certificate);
}

fn write_unreadable(page: &mut Page, number: &str, certificate: &Certificate, why: &str) {
    let indent = 4 + number.len();
    let length = count(certificate.length, "byte");
    page.item(4, &[dim(number)], &[strong("can't be read"), plain(format!(": {} ({length})", name(why)))]);
    write_fingerprints(page, indent, certificate);
}

fn write_fingerprints(page: &mut Page, indent: usize, certificate: &Certificate) {
    page.paragraph(indent, &[dim("SHA-1   "), plain(name(&certificate.sha1))]);
    page.paragraph(indent, &[dim("SHA-256 "), plain(name(&certificate.sha256))]);
    // At the margin, where it can be copied from.
    for line in certificate.pem.iter().flat_map(|pem| pem.lines()) {
        page.paragraph(0, &[plain(line)]);
    }
}

fn subject(details: &Details) -> String {
    if details.subject.is_empty() { "(no subject)".to_owned() } else { name(&details.subject) }
}

fn valid(details: &Details) -> String {
    format!("valid {} to {}", details.not_before.date(), details.not_after.date())
}

/// `RSA 2048`, `EC secp256r1`.
fn key(key: &PublicKey) -> String {
    let PublicKey { algorithm, bits, curve } = key;
    let size = curve.as_deref().map(name).or_else(|| bits.map(|bits| bits.to_string()));
    [name(algorithm)].into_iter().chain(size).collect::<Vec<_>>().join(" ")
}

fn alt_name(alt_name: &AltName) -> String {
    let text = alt_name.to_string();
    name(text.strip_prefix("DNS:").unwrap_or(&text))
}
