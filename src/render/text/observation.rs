//! What was learned, in a few rows.

mod chain;
mod choices;
mod endpoint;
mod handshakes;
mod http;
mod reflection;
mod suites;

use super::layout::{Page, Span, phrases, plain};
use super::received::{described, in_brief};
use super::words::{because, count, name, observation, sentence, some, time};
use super::write_headline;
use crate::observation::{
    Baseline, CertificateRequest, DnsAlias, HelloSize, LegObservation, LegState, Observations, Refusal, Repetition,
    Share, SlowedDown, Spread, Support, Variation, version_key,
};
use crate::outcome::{Answer, Outcome};
use crate::report::Report;

/// The most suites, and the most open points, that are named one by one.
const MOST_NAMED: usize = 12;

/// A row: its label and its text.
type Row = (String, Vec<Span>);

pub(super) fn write(page: &mut Page, report: &Report) {
    let rows = rows(report);
    if rows.is_empty() {
        return;
    }
    write_headline(page, "Observed", "");
    let label_width = rows.iter().map(|(label, _)| label.chars().count()).max().unwrap_or_default();
    for (label, text) in &rows {
        page.row(4, label, label_width, text);
    }
}

fn rows(report: &Report) -> Vec<Row> {
    // Whoever adds a member shows it, or says here why not.
    let Observations {
        baseline,
        versions,
        cipher_suites,
        legs,
        certificate_request,
        extended_master_secret,
        resumption,
        leading_zero,
        renegotiation,
        ftp_data,
        groups,
        signature_schemes,
        alpn,
        certificates,
        extensions,
        tolerance,
        fingerprints,
        trust,
        fetched_issuers,
        revocation,
        winhttp_flags,
        expiry,
        dns_alias,
        reflection,
        hello_size,
        addresses_differ,
        hello_limit,
        refusal,
        route: _, // stands above the findings
        slowed_down,
        repetition,
        http,
        token,
        expectations: _,
        inconclusive,
        because: _,
    } = &*report.observations;
    let mut rows = Vec::new();
    // What a proof is asked for comes first.
    rows.extend(reflection.iter().flat_map(reflection::rows));
    if !versions.is_empty() {
        let told = versions.iter().map(|(version, support)| match support {
            Support::Accepted => format!("{} accepted", version.spoken()),
            Support::Inconclusive => format!("{} could not tell", version.spoken()),
            Support::Refused => format!("{} refused{}", version.spoken(), by(report, &version_key(*version))),
        });
        rows.push(("versions".to_owned(), phrases(told)));
    }
    for (version, support) in cipher_suites {
        rows.extend(suites::rows(&version.spoken(), support));
    }
    rows.extend(legs.iter().map(|(leg, seen)| (format!("{} leg", name(leg)), leg_text(seen))));
    rows.extend(certificate_request.as_ref().map(|request| ("client certificate".to_owned(), requested(request))));
    rows.extend(extended_master_secret.iter().flat_map(handshakes::extended_master_secret));
    rows.extend(resumption.as_ref().map(handshakes::resumption));
    rows.extend(leading_zero.as_ref().map(handshakes::leading_zero));
    rows.extend(renegotiation.as_ref().map(handshakes::renegotiation));
    rows.extend(ftp_data.iter().map(handshakes::ftp_data));
    rows.extend(groups.iter().flat_map(choices::groups));
    rows.extend(signature_schemes.iter().flat_map(|schemes| choices::by_version("signatures", schemes)));
    rows.extend(alpn.as_ref().map(choices::alpn));
    rows.extend(endpoint::certificates(certificates));
    rows.extend(endpoint::extensions(extensions));
    rows.extend(endpoint::tolerance(tolerance));
    rows.extend(fingerprints.as_ref().map(endpoint::fingerprints));
    rows.extend(trust.iter().flat_map(|(store, verdict)| chain::trust(store, verdict)));
    rows.extend(fetched_issuers.iter().map(chain::fetched));
    rows.extend(revocation.iter().flat_map(chain::revocation));
    rows.extend(expiry.iter().map(chain::expiry));
    rows.extend(winhttp_flags.as_ref().and_then(chain::flags));
    rows.extend(dns_alias.as_ref().map(alias));
    rows.extend(hello_size.iter().map(size_row));
    rows.extend(hello_limit.iter().map(suites::limit));
    rows.extend(addresses_differ.iter().map(suites::difference));
    rows.extend(refusal.iter().map(|refusal| ("refused hello".to_owned(), refused_part(refusal))));
    rows.extend(repetition.iter().flat_map(repetition_rows));
    rows.extend(http::rows(http, token.as_ref()));
    rows.extend(slowed_down.as_ref().map(slowed));
    rows.extend(baseline.as_ref().and_then(unsteady));
    let open = some(
        inconclusive
            .iter()
            .map(|open| format!("{}: {}{}", observation(&open.what), sentence(&open.why), because(&open.because))),
        MOST_NAMED,
    );
    for (place, open) in open.into_iter().enumerate() {
        let label = if place == 0 { "could not tell" } else { "" };
        rows.push((label.to_owned(), vec![plain(open)]));
    }
    rows
}

/// ` (RST)`: how an observation's last exchange ended.
fn by(report: &Report, key: &str) -> String {
    let last = report.observations.because(key).last().copied();
    let exchange = last.and_then(|id| report.exchanges.iter().find(|exchange| exchange.id == id));
    exchange.map(|exchange| format!(" ({})", in_brief(exchange))).unwrap_or_default()
}

fn leg_text(leg: &LegObservation) -> Vec<Span> {
    let state = match leg.state {
        LegState::Accepted => "accepted",
        LegState::Refused => "refused",
        LegState::Inconclusive => "could not tell",
        LegState::NotSent => "sends nothing",
        LegState::Unknown => "not known what it sends",
    };
    let known = leg.confidence.as_ref().map(|confidence| format!(", its hello {}", name(confidence)));
    vec![plain(format!("{state}: {}{}{}", sentence(&leg.why), known.unwrap_or_default(), because(&leg.because)))]
}

fn requested(request: &CertificateRequest) -> Vec<Span> {
    let CertificateRequest { requested, required, when, authorities, ended_without_certificate, .. } = request;
    let told = match requested {
        None => return vec![plain("not known, as the handshake is encrypted from its second message on")],
        Some(false) => return vec![plain("not requested in the first handshake")],
        Some(true) => match when.as_deref() {
            Some("first_handshake") => "requested in the first handshake".to_owned(),
            Some(when) => format!("requested: {}", name(when)),
            None => "requested".to_owned(),
        },
    };
    let insists = match (required, ended_without_certificate, request.refused_with_status) {
        (Some(true), Some(outcome), _) => format!("required: without one, {}", refusal(outcome)),
        (Some(true), None, Some(status)) => format!("required: without one, HTTP status {status}"),
        (Some(true), None, None) => "required".to_owned(),
        (Some(false), ..) => "not required".to_owned(),
        (None, ..) if request.required_in_tls == Some(false) => {
            "TLS goes on without one, HTTP may still refuse".to_owned()
        }
        (None, ..) => "whether it is required only a completed handshake tells".to_owned(),
    };
    let named = match authorities.len() {
        0 => "naming no authority".to_owned(),
        1 => "naming 1 authority".to_owned(),
        many => format!("naming {many} authorities"),
    };
    phrases([told, named, insists])
}

/// How a handshake ended, and behind which message of ours.
fn refusal(outcome: &Outcome) -> String {
    let ending = match &outcome.answer {
        Answer::Alert { code, name, .. } => format!("alert {}", described(*code, name.as_deref())),
        other => other.kind().to_owned(),
    };
    if let Some(message) = outcome.after_message
        && let Some(message) = message.name()
    {
        return format!("{ending} after our {message}");
    }
    ending
}

fn size_row(size: &HelloSize) -> Row {
    let HelloSize { split, x25519mlkem768, answer, smallest, largest, changes_at, changes_to } = size;
    let label = format!("hello {}", split.spoken());
    let hybrid = if *x25519mlkem768 { "with X25519MLKEM768, " } else { "" };
    let told = match (changes_at, changes_to) {
        (Some(at), Some(to)) => {
            format!("{hybrid}{} from {smallest} to {largest} bytes, {} from {at} on", name(answer), name(to))
        }
        _ => format!("{hybrid}{} from {smallest} to {largest} bytes, unchanged", name(answer)),
    };
    (label, vec![plain(told)])
}

/// How the hello ended that did not come through, and how those did that differ from it in one thing.
fn refused_part(refusal: &Refusal) -> Vec<Span> {
    let Refusal { whole, without_server_name, small, padded } = refusal;
    let told = |what: &str, variation: &Variation| {
        let Variation { length, answer, exchange, .. } = variation;
        format!("{what} ({}): {}{}", count(*length, "byte"), name(answer), because(&[*exchange]))
    };
    let others = [("without a server name", without_server_name), ("small", small), ("small, padded", padded)];
    let others = others.into_iter().filter_map(|(what, variation)| Some(told(what, variation.as_ref()?)));
    phrases(std::iter::once(told("whole", whole)).chain(others))
}

/// How often each ending was seen, and how long things took.
fn repetition_rows(repetition: &Repetition) -> Vec<Row> {
    let Repetition { of, outcomes, connect_ms, first_byte_ms, total_ms } = repetition;
    let ended = outcomes.iter().enumerate().map(|(place, share)| {
        let Share { stage, kind, code, count, interval_95: (from, to), example } = share;
        let label = if place == 0 { format!("of {of} hellos") } else { String::new() };
        let code = code.map(|code| format!(" {code}")).unwrap_or_default();
        let range = format!("{:.1} to {:.1} % at 95 % confidence", from * 100.0, to * 100.0);
        let told = format!("{count} ended in {}{code} at {}", name(kind), name(stage));
        (label, phrases([told, range, format!("the first is #{example}")]))
    });
    let spreads = [("to connect", connect_ms), ("to the first byte", first_byte_ms), ("in all", total_ms)];
    let took = spreads.into_iter().filter_map(|(label, spread)| {
        let Spread { min, p50, p95, p99, max } = (*spread)?;
        let told =
            [("at least", min), ("half within", p50), ("95 % within", p95), ("99 % within", p99), ("at most", max)];
        Some((label.to_owned(), phrases(told.map(|(what, value)| format!("{what} {}", time(value))))))
    });
    ended.chain(took).collect()
}

/// Where the host's name leads, and which of the names the certificate has.
fn alias(alias: &DnsAlias) -> Row {
    let DnsAlias { host, leads_to, certificate_names } = alias;
    let path = match leads_to.as_slice() {
        [] => format!("{} is no alias: it has no CNAME record", name(host)),
        _ => format!(
            "{} is an alias of {}",
            name(host),
            some(leads_to.iter().map(|to| name(to)), MOST_NAMED).join(", then ")
        ),
    };
    let named = match certificate_names.as_deref() {
        None => "which of them the certificate names is not known".to_owned(),
        Some([]) => "the certificate names none of them".to_owned(),
        Some(names) => {
            format!("the certificate names {}", names.iter().map(|it| name(it)).collect::<Vec<_>>().join(" and "))
        }
    };
    let named = (!leads_to.is_empty() || certificate_names.is_some()).then_some(named);
    ("name".to_owned(), phrases([Some(path), named].into_iter().flatten()))
}

fn slowed(slowed_down: &SlowedDown) -> Row {
    let SlowedDown { why, asked_again, because: exchanges } = slowed_down;
    let told = format!(
        "{} after {} connections at this pace{}; {} asked again",
        sentence(why),
        exchanges.first().map_or(0, |first| first.saturating_sub(1)),
        because(exchanges.get(..1).unwrap_or_default()),
        count(*asked_again, "question"),
    );
    ("slowed down".to_owned(), vec![plain(told)])
}

/// A baseline that stayed the same is nothing to tell.
fn unsteady(baseline: &Baseline) -> Option<Row> {
    let Baseline { opening, closing, steady } = baseline;
    let closing = closing.as_deref().filter(|_| !steady)?;
    let told = format!("{} at first and {} at the end: it stopped answering", name(opening), name(closing));
    Some(("baseline".to_owned(), vec![plain(told)]))
}
