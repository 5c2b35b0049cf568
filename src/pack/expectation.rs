//! One expectation, and how it is compared with a report.
//!
//! The comparison has three results. What could not be told breaks nothing, and proves nothing.

use time::OffsetDateTime;

use crate::certificate::{
    Certificate, ChainOrder, Details, NameMatch, TrustVerdict, Validity, Verdict as TrustFault, chain_order,
    names_host, split_by_path, validity,
};
use crate::finding::Severity;
use crate::observation::{ExpectationResult, HttpObservation, State, Support, suite_key, version_key};
use crate::outcome::{Answer, CertificatesState, Exchange, NamedSuite, Stage};
use crate::registry::{CipherSuite, ProtocolVersion};
use crate::report::Report;

/// Something that should be so.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Stable name.
    pub id: &'static str,
    /// What is expected, completing "the endpoint …".
    pub text: &'static str,
    /// What is compared.
    pub expected: Expected,
    /// How bad it is when it is broken.
    pub severity: Severity,
    /// Who says so.
    pub source: &'static str,
    /// How well that source knows.
    pub confidence: Confidence,
}

/// How well a source knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confidence {
    /// Stated on a Microsoft page.
    DocumentedByMicrosoft,
    /// Required by a standard.
    Standard,
    /// Stated in an article by somebody else.
    PublishedArticle,
}

impl Confidence {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::DocumentedByMicrosoft => "documented-by-Microsoft",
            Self::Standard => "standard",
            Self::PublishedArticle => "published article",
        }
    }
}

/// What an expectation compares.
#[derive(Clone, Debug)]
pub enum Expected {
    /// The version is accepted.
    Accepts(ProtocolVersion),
    /// The version is refused.
    Refuses(ProtocolVersion),
    /// At least one of the versions is accepted.
    AcceptsAnyVersion(&'static [ProtocolVersion]),
    /// In this version, at least one of the suites is accepted.
    AcceptsAnyOf(ProtocolVersion, &'static [CipherSuite]),
    /// Some hello was answered by TLS, whatever the answer.
    Answers,
    /// Every question ended in a failure. An accepted hello proves no synchronization service, so that is not the
    /// opposite: it can't be told from a hello.
    Fails,
    /// The leaf names the target's host.
    LeafNamesHost {
        /// Whether its common name will do, where it has no alternative name of a host: it does for Windows' own clients.
        by_common_name: bool,
    },
    /// The certificates that lead up from the leaf are in date. What else was sent is left aside by clients, and told.
    CertificatesInDate,
    /// The certificates were sent in order.
    ChainInOrder,
    /// A request was answered with one of these statuses.
    HttpStatus {
        /// What was asked for.
        path: &'static str,
        /// The statuses.
        statuses: &'static [u16],
        /// Whether 403 will do where it was asked for in the clear: it may be there through TLS alone.
        or_forbids_in_clear: bool,
    },
}

/// A comparison's result: the state, in a few words why, and the exchanges that prove it.
struct Verdict(State, String, Vec<usize>);

impl Expectation {
    /// Compares the expectation with a report.
    pub fn judge(&self, report: &Report, now: OffsetDateTime) -> ExpectationResult {
        let Verdict(state, why, because) = match &self.expected {
            Expected::Accepts(version) => version_verdict(report, *version, Support::Accepted),
            Expected::Refuses(version) => version_verdict(report, *version, Support::Refused),
            Expected::AcceptsAnyVersion(versions) => {
                any_of(versions.iter().map(|version| version_verdict(report, *version, Support::Accepted)))
            }
            Expected::AcceptsAnyOf(version, suites) => {
                any_of(suites.iter().map(|suite| suite_verdict(report, *version, *suite)))
            }
            Expected::Answers => answers(report),
            Expected::Fails => fails(report),
            Expected::LeafNamesHost { by_common_name } => {
                let host = report.target.host.to_string();
                certificates(report, |chain| leaf_names_host(chain, &host, *by_common_name))
            }
            Expected::CertificatesInDate => {
                let is_led_by_leaf = a_store_has_a_path_in_date(report);
                certificates(report, |chain| in_date(chain, now, is_led_by_leaf))
            }
            Expected::ChainInOrder => certificates(report, in_order),
            Expected::HttpStatus { path, statuses, or_forbids_in_clear } => {
                http_verdict(report, path, |http, status| {
                    statuses.contains(&status) || (*or_forbids_in_clear && http.is_in_clear() && status == 403)
                })
            }
        };
        ExpectationResult {
            id: self.id.to_owned(),
            text: self.text.to_owned(),
            state,
            why,
            severity: self.severity,
            source: self.source.to_owned(),
            confidence: self.confidence.word().to_owned(),
            because,
        }
    }
}

fn version_verdict(report: &Report, version: ProtocolVersion, wanted: Support) -> Verdict {
    let key = version_key(version);
    support_verdict(report, &key, report.observations.versions.get(&version).copied(), wanted)
}

fn suite_verdict(report: &Report, version: ProtocolVersion, suite: CipherSuite) -> Verdict {
    let suite = NamedSuite::from(suite);
    let seen = report.observations.cipher_suites.get(&version).and_then(|suites| {
        let among = |list: &[NamedSuite], support| list.contains(&suite).then_some(support);
        among(&suites.accepted, Support::Accepted)
            .or_else(|| among(&suites.refused, Support::Refused))
            .or_else(|| among(&suites.inconclusive, Support::Inconclusive))
    });
    support_verdict(report, &suite_key(version, &suite), seen, Support::Accepted)
}

fn support_verdict(report: &Report, key: &str, seen: Option<Support>, wanted: Support) -> Verdict {
    let because = report.observations.because(key);
    match seen {
        None => Verdict(State::Inconclusive, why_unknown(report, key), first_of(report)),
        Some(Support::Inconclusive) => Verdict(State::Inconclusive, why_unknown(report, key), because),
        Some(seen) => {
            let state = if seen == wanted { State::Held } else { State::Broken };
            Verdict(state, how_answered(report, &because), because)
        }
    }
}

/// Held as soon as one holds, broken when all are broken.
fn any_of(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut open = Vec::new();
    let mut unknown = None;
    let mut because = Vec::new();
    for Verdict(state, why, exchanges) in verdicts {
        match state {
            State::Held => return Verdict(state, why, exchanges),
            State::Inconclusive => unknown = Some(why),
            State::Broken => open.push(why),
        }
        because.extend(exchanges);
    }
    because.sort_unstable();
    because.dedup();
    match (unknown, open.first()) {
        (Some(why), _) => Verdict(State::Inconclusive, why, because),
        (None, Some(why)) => Verdict(State::Broken, format!("none of them: {why}"), because),
        (None, None) => Verdict(State::Inconclusive, "nothing was asked".to_owned(), because),
    }
}

fn http_verdict(report: &Report, path: &str, will_do: impl Fn(&HttpObservation, u16) -> bool) -> Verdict {
    let Some(http) = report.observations.http.iter().find(|http| http.url.ends_with(path)) else {
        return Verdict(State::Inconclusive, why_unknown(report, &format!("http.{path}")), first_of(report));
    };
    let because = http.because.clone();
    let Some(status) = http.status else {
        // An end without an answer is no answer, whatever else it is.
        return Verdict(State::Inconclusive, how_answered(report, &because), because);
    };
    let told = format!("{status} {}", http.reason.as_deref().unwrap_or_default());
    if http.may_be_the_proxys() {
        let why = format!("{}, by the server or by the proxy that carried the request on", told.trim_end());
        return Verdict(State::Inconclusive, why, because);
    }
    let state = if will_do(http, status) { State::Held } else { State::Broken };
    Verdict(state, told.trim_end().to_owned(), because)
}

fn answers(report: &Report) -> Verdict {
    let speaks_tls = |exchange: &&Exchange| {
        let alerted = matches!(exchange.outcome.answer, Answer::Alert { .. });
        exchange.server.is_some() || (alerted && !exchange.outcome.ended_at_the_proxy())
    };
    if let Some(exchange) = report.exchanges.iter().find(speaks_tls) {
        return Verdict(State::Held, exchange.outcome.answer.kind().to_owned(), vec![exchange.id]);
    }
    let gone = |exchange: &Exchange| {
        let refuses = matches!(exchange.outcome.answer, Answer::Refused { .. } | Answer::NameNotResolved { .. });
        !is_on_our_side(exchange) && (refuses || exchange.outcome.answer.is_refusal())
    };
    all_ended_badly(report, if report.exchanges.iter().all(gone) { State::Broken } else { State::Inconclusive })
}

fn fails(report: &Report) -> Verdict {
    if let Some(exchange) = report.exchanges.iter().find(|exchange| exchange.server.is_some()) {
        let why = format!("{}, which says nothing of the service behind it", exchange.outcome.answer.kind());
        return Verdict(State::Inconclusive, why, vec![exchange.id]);
    }
    let ours = report.exchanges.iter().any(is_on_our_side);
    all_ended_badly(report, if ours { State::Inconclusive } else { State::Held })
}

/// A resolver that fails or stays silent says nothing of the name, and a proxy that lets nothing through does so
/// whatever the endpoint is like.
fn is_on_our_side(exchange: &Exchange) -> bool {
    let unresolved =
        matches!(exchange.outcome.answer, Answer::NameNotResolved { reason } if !reason.is_about_the_name());
    unresolved || exchange.outcome.ended_at_the_proxy()
}

/// No question was answered in TLS: `state` is the judgement, if all that there was to ask was asked.
fn all_ended_badly(report: &Report, state: State) -> Verdict {
    let because: Vec<usize> = report.exchanges.iter().map(|exchange| exchange.id).collect();
    let Some(first) = report.exchanges.first() else {
        return Verdict(State::Inconclusive, "nothing was asked".to_owned(), because);
    };
    let open = &report.observations.inconclusive;
    match open.iter().find(|entry| entry.because.is_empty()) {
        Some(cut_off) => Verdict(State::Inconclusive, cut_off.why.clone(), because),
        None => Verdict(state, ending(first), because),
    }
}

/// Judges every distinct chain that the host's own clients get: one bad chain breaks the expectation, an unreadable one
/// leaves it open.
fn certificates(report: &Report, judge: impl Fn(&[Certificate]) -> (State, String)) -> Verdict {
    let mut seen: Vec<&Exchange> = Vec::new();
    let own_name = report.target.sni.as_deref();
    for exchange in report.exchanges.iter().filter(|exchange| exchange.offer.asks_for(own_name)) {
        let is_new = |other: &&Exchange| other.certificates != exchange.certificates;
        if exchange.certificates_state == CertificatesState::Read && seen.iter().all(is_new) {
            seen.push(exchange);
        }
    }
    let mut verdict: Option<Verdict> = None;
    for exchange in seen {
        let (state, why) = judge(&exchange.certificates);
        let worse = match (&verdict, state) {
            (None | Some(Verdict(State::Held, ..)), _) => true,
            (Some(Verdict(State::Inconclusive, ..)), state) => state == State::Broken,
            (Some(Verdict(State::Broken, ..)), _) => false,
        };
        if worse {
            verdict = Some(Verdict(state, why, vec![exchange.id]));
        }
    }
    verdict.unwrap_or_else(|| {
        let encrypted = |exchange: &&Exchange| exchange.certificates_state == CertificatesState::Encrypted;
        match report.exchanges.iter().find(encrypted) {
            Some(exchange) => Verdict(
                State::Inconclusive,
                "the certificates came encrypted, as TLS 1.3 sends them".to_owned(),
                vec![exchange.id],
            ),
            None => Verdict(State::Inconclusive, "no certificate came".to_owned(), Vec::new()),
        }
    })
}

fn leaf_details(chain: &[Certificate]) -> Result<&Details, (State, String)> {
    let leaf = chain.first().ok_or_else(|| (State::Inconclusive, "the server sent an empty chain".to_owned()))?;
    leaf.details().ok_or_else(|| (State::Inconclusive, "the leaf can't be read".to_owned()))
}

fn leaf_names_host(chain: &[Certificate], host: &str, by_common_name: bool) -> (State, String) {
    match leaf_details(chain).map(|leaf| names_host(leaf, host)) {
        Err(unknown) => unknown,
        Ok(NameMatch::SubjectAltName(name)) => (State::Held, format!("subject alternative name {name}")),
        Ok(NameMatch::CommonNameOnly(name)) => {
            let state = if by_common_name { State::Held } else { State::Broken };
            (state, format!("only the subject's common name {name} fits: Windows takes it, browsers and curl do not"))
        }
        Ok(NameMatch::Unreadable(why)) => (State::Inconclusive, format!("its names can't be read: {why}")),
        Ok(NameMatch::No) => (State::Broken, format!("no name in the leaf fits {host}")),
    }
}

/// Whether a store was asked and leads from every leaf to a root over certificates that are in date, whatever else was sent:
/// many servers still send an old root's cross-signed successor, and no client of today needs it.
fn a_store_has_a_path_in_date(report: &Report) -> bool {
    let leads_up = |verdict: &TrustVerdict| verdict.problems.iter().all(|problem| problem.kind > LAST_FAULT_OF_A_PATH);
    report.observations.trust.values().any(leads_up)
}

/// What follows it in weight leaves the path as it is.
const LAST_FAULT_OF_A_PATH: TrustFault = TrustFault::NotYetValid;

/// Judges the certificates that lead up from the leaf; of those the leaf alone, where a store's path is in date.
fn in_date(chain: &[Certificate], now: OffsetDateTime, is_led_by_leaf: bool) -> (State, String) {
    let leaf = match leaf_details(chain) {
        Ok(leaf) => leaf,
        Err(unknown) => return unknown,
    };
    let (mut path, mut beside) = split_by_path(chain);
    if is_led_by_leaf {
        beside.extend(path.split_off(1.min(path.len())));
    }
    let out_of_date = |details: &&Details| match validity(details, now) {
        Validity::Valid { .. } => None,
        Validity::NotYetValid { from } => Some(format!("{} is valid only from {}", details.subject, from.date())),
        Validity::Expired { since } => Some(format!("{} expired on {}", details.subject, since.date())),
    };
    if let Some(why) = path.iter().find_map(out_of_date) {
        return (State::Broken, why);
    }
    if let Some(position) = chain.iter().position(|certificate| certificate.details().is_none()) {
        return (State::Inconclusive, format!("certificate {} can't be read", position + 1));
    }
    let beside = beside.iter().filter_map(out_of_date).map(|why| format!("; sent, and not needed: {why}"));
    (State::Held, format!("the leaf until {}{}", leaf.not_after.date(), beside.collect::<String>()))
}

fn in_order(chain: &[Certificate]) -> (State, String) {
    match chain_order(chain) {
        ChainOrder::InOrder => (State::Held, format!("{} sent", chain.len())),
        ChainOrder::OutOfOrder { position, .. } => {
            (State::Broken, format!("certificate {} does not certify the one before it", position + 1))
        }
        ChainOrder::Unreadable { position } => {
            (State::Inconclusive, format!("certificate {} can't be read", position + 1))
        }
    }
}

fn first_of(report: &Report) -> Vec<usize> {
    report.exchanges.first().map(|exchange| exchange.id).into_iter().collect()
}

/// Why there is no known answer: what the probe says of it, or how the first question ended that made it pointless.
fn why_unknown(report: &Report, key: &str) -> String {
    let entry = report.observations.inconclusive.iter().find(|entry| entry.what == key);
    entry
        .map(|entry| entry.why.clone())
        .or_else(|| report.exchanges.first().map(ending))
        .unwrap_or_else(|| "it was not asked".to_owned())
}

fn how_answered(report: &Report, because: &[usize]) -> String {
    let exchange = because.last().and_then(|id| report.exchanges.iter().find(|exchange| exchange.id == *id));
    exchange.map(ending).unwrap_or_default()
}

/// An exchange's end in a few words.
fn ending(exchange: &Exchange) -> String {
    let outcome = &exchange.outcome;
    match &outcome.answer {
        Answer::ServerHello { .. } | Answer::HelloRetryRequest { .. } | Answer::Completed { .. } => {
            match &exchange.server {
                Some(server) => format!("{} with {}", server.version.spoken(), server.cipher_suite.name),
                None => outcome.answer.kind().to_owned(),
            }
        }
        Answer::Alert { code, name, .. } => {
            format!("alert {code} {}", name.as_deref().unwrap_or("(not registered)"))
        }
        Answer::NameNotResolved { reason } => format!("name not resolved ({})", reason.word()),
        Answer::Refused { .. } => "connection refused".to_owned(),
        Answer::Unreachable { error } => format!("unreachable: {error}"),
        Answer::ProxyStatus(status) => format!("the proxy answered {} {}", status.status, status.reason),
        Answer::StarttlsRefused { code, .. } => format!("the server does not begin TLS ({code})"),
        answer => {
            let what = match answer {
                Answer::Reset { .. } => "RST",
                Answer::Fin { .. } => "FIN",
                Answer::Timeout { .. } => "silence",
                Answer::NotTls { .. } => "an answer that is not TLS",
                _ => "an answer that breaks TLS",
            };
            let when = match outcome.stage {
                Stage::Resolve => "at the look-up",
                Stage::Connect => "at the connection",
                Stage::Proxy => "at the proxy",
                Stage::Starttls => "before TLS began",
                Stage::Hello => "after the hello",
                Stage::Handshake => "after the ServerHello",
                Stage::Http => "after the request",
            };
            format!("{what} {when}")
        }
    }
}
