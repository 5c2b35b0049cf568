//! Versions and their suites: each accepted one with its strength, in the order that is known.

use super::super::layout::{phrases, plain};
use super::super::words::{because, count, name, observation, some};
use super::{MOST_NAMED, Row};
use crate::observation::{AddressDifference, HelloLimit, HelloLimitKind, RefusedBy, SuiteOrder, SuiteSupport};
use crate::outcome::{NamedCipherSpec, NamedSuite};

/// The suites of one version.
pub(super) fn rows(version: &str, suites: &SuiteSupport) -> Vec<Row> {
    let SuiteSupport { accepted, refused, inconclusive, refusal, order, order_is_whole, refused_by, cipher_specs } =
        suites;
    let label = format!("{version} suites");
    if !cipher_specs.is_empty() {
        let named = |spec: &NamedCipherSpec| name(&spec.name);
        let told = format!("{} listed by the server: ", count(cipher_specs.len(), "cipher"));
        return vec![(label, vec![plain(told + &cipher_specs.iter().map(named).collect::<Vec<_>>().join(", "))])];
    }
    if refused_by.is_empty() && order.is_none() {
        return few(&label, accepted, refused, inconclusive, refusal.as_deref());
    }
    let ordered = order.map(|order| match (order, order_is_whole) {
        (SuiteOrder::Server, Some(true)) => "in the server's order",
        (SuiteOrder::Server, _) => "the server's order decides, of which a part is known",
        (SuiteOrder::ServerChacha, Some(true)) => "in the server's order, but ChaCha20 where the client likes it best",
        (SuiteOrder::ServerChacha, _) => {
            "the server's order decides, of which a part is known, but ChaCha20 where the client likes it best"
        }
        (SuiteOrder::Client, _) => "the client's order decides",
        (SuiteOrder::Inconclusive, _) => "could not tell whose order decides",
    });
    let told = std::iter::once(format!("{} accepted", accepted.len())).chain(ordered.map(str::to_owned));
    let mut rows = vec![(label, phrases(told))];
    rows.extend(accepted.iter().map(|suite| (String::new(), phrases(described(suite)))));
    rows.extend(refused_by.iter().map(|refusal| (String::new(), vec![plain(refused_text(refusal))])));
    if !inconclusive.is_empty() {
        rows.push((String::new(), vec![plain(format!("{} could not tell", inconclusive.len()))]));
    }
    rows
}

/// The suite, the strength of its key, and what its key exchange is worth.
fn described(suite: &NamedSuite) -> Vec<String> {
    let mut told = vec![name(&suite.name)];
    if let Some(info) = suite.code.info() {
        told.push(match info.cipher.bits {
            0 => "no encryption".to_owned(),
            bits => count(bits.into(), "bit"),
        });
        if info.forward_secrecy() == Some(true) {
            told.push("forward secrecy".to_owned());
        }
    }
    told
}

fn refused_text(refusal: &RefusedBy) -> String {
    let RefusedBy { kind, code, suites, because: exchanges } = refusal;
    let code = code.map(|code| format!(" {code}")).unwrap_or_default();
    format!("{suites} refused by {}{code}{}", name(kind), because(exchanges))
}

/// Suites that were asked about one by one.
fn few(
    label: &str,
    accepted: &[NamedSuite],
    refused: &[NamedSuite],
    inconclusive: &[NamedSuite],
    refusal: Option<&str>,
) -> Vec<Row> {
    let by = refusal.map(|kind| format!(" by {}", name(kind))).unwrap_or_default();
    let kinds = [
        (accepted, "accepted".to_owned()),
        (refused, format!("refused{by}")),
        (inconclusive, "could not tell".to_owned()),
    ];
    let named = |suites: &[NamedSuite]| some(suites.iter().map(|suite| name(&suite.name)), MOST_NAMED).join(", ");
    let told = kinds.into_iter().filter(|(suites, _)| !suites.is_empty());
    let texts = told.map(|(suites, state)| vec![plain(format!("{state}: {}", named(suites)))]);
    texts.enumerate().map(|(place, text)| (if place == 0 { label.to_owned() } else { String::new() }, text)).collect()
}

/// Another address that answers otherwise.
pub(super) fn difference(difference: &AddressDifference) -> Row {
    let what = some(difference.what.iter().map(|key| observation(key)), MOST_NAMED).join(", ");
    ("addresses differ".to_owned(), vec![plain(format!("{} answers otherwise: {what}", name(&difference.address)))])
}

/// A hello that is too large.
pub(super) fn limit(limit: &HelloLimit) -> Row {
    let HelloLimit { of, suites, length, refused_suites, refused_length, answer, because: exchanges } = limit;
    let of = match of {
        HelloLimitKind::CipherSuites => "too many suites are refused, whatever they are",
        HelloLimitKind::Length => "long hellos are refused, whatever they offer",
        HelloLimitKind::Extensions => "hellos with extensions are refused",
        HelloLimitKind::CipherSuitesOrLength => "large hellos are refused, whatever they offer",
    };
    let told = [
        of.to_owned(),
        format!("answered with {} in {}", count(*suites, "suite"), count(*length, "byte")),
        format!(
            "{} with {} in {}{}",
            name(answer),
            count(*refused_suites, "suite"),
            count(*refused_length, "byte"),
            because(exchanges)
        ),
    ];
    ("hello limit".to_owned(), phrases(told))
}
