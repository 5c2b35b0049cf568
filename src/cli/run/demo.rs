//! `demo`: the lab is started and checked as real endpoints are, by the same code; no packet leaves this machine.

use rand::RngExt;
use time::OffsetDateTime;
use tracing::info;

use super::survey::{random, report};
use crate::certificate::TrustStore;
use crate::check::{self, Ran, Repeat};
use crate::cli::DemoRun;
use crate::cli::exit::Exit;
use crate::cli::message::CliError;
use crate::cli::settings::Settings;
use crate::cli::words::assignments;
use crate::lab::{self, Endpoint, Lab};
use crate::offer::Offer;
use crate::proxy::{Proxy, ProxyChoice};
use crate::question::{Hello, Question};
use crate::registry::ProtocolVersion;
use crate::report::{Document, Report};
use crate::target::ConnectTo;

/// What is checked against the lab.
const CHECKED: [&str; 3] = ["wsus", "cmg:cmg.contoso.com", "wsus-server:wsus.contoso.com:8530"];

/// Gateways with a fault each, and the finding it leads to.
const FAULTY: [(&str, &str); 3] = [
    ("cmg:expired.lab.test", "certificate-expired"),
    ("cmg:wrong-name.lab.test", "certificate-wrong-name"),
    ("cmg:cmg-forbidden.lab.test", "cmg-forbidden"),
];

/// What is checked once more through a proxy that passes it on.
const CHECKED_THROUGH: [&str; 1] = ["sws"];

/// Proxies that fail, each in its way, and are asked for the same endpoint by one hello.
const FAILING: [&str; 3] = ["proxy-407", "proxy-502", "proxy-200-block-page"];

pub(super) async fn demo(run: DemoRun) -> Result<Exit, CliError> {
    let settings = lab::Settings::new(OffsetDateTime::now_utc(), random()?.random());
    let lab = Lab::start(&settings).await.map_err(|error| super::lab::not_started(&error))?;
    info!(endpoints = lab.endpoints().len(), proxies = lab.proxies().len(), "the lab is up");

    let read = |words: &[&str]| assignments(&words.iter().map(ToString::to_string).collect::<Vec<_>>(), None);
    let (directly, through) = (read(&CHECKED)?, read(&CHECKED_THROUGH)?);
    let faulty = read(&FAULTY.map(|(word, _)| word))?;
    let targets: Vec<_> = through.iter().map(|assignment| assignment.target.clone()).collect();
    let question = Question::new("hello", Hello::Built(Offer::for_version(ProtocolVersion::TLS1_2)));
    let good = proxy(&lab, "proxy")?.1;
    let failing = FAILING.map(|name| proxy(&lab, name)).into_iter().collect::<Result<Vec<_>, _>>()?;

    let settings = Settings { connect_to: leads(&lab)?, output: run.output, ..Settings::default() };
    let exit = |document: &Document| exit(document, &failing, &FAULTY);
    // Nobody but a client of the lab trusts its root.
    let stores = [TrustStore::of("lab", [lab.root()])].into();
    let trust = check::TrustSettings { stores, was_asked_for: true, ..check::TrustSettings::default() };
    report(&settings, exit, async |settings, surroundings| {
        let settings = &check::Settings { trust: trust.clone(), ..settings.clone() };
        let mut ran = check::check(&directly, &[], settings, surroundings).await;
        // Through a proxy the host's name is asked for: it knows where the lab's endpoints are.
        let by_way_of = |proxy: &ProxyChoice| check::Settings {
            proxy: proxy.clone(),
            trust: trust.clone(),
            ..check::Settings::default()
        };
        append(&mut ran, check::check(&through, &[], &by_way_of(&good), surroundings).await);
        for (_, proxy) in &failing {
            append(&mut ran, check::probe(&targets, &question, Repeat::ONCE, &by_way_of(proxy), surroundings).await);
        }
        append(&mut ran, check::check(&faulty, &[], settings, surroundings).await);
        ran
    })
    .await
}

/// A proxy of the lab, and the choice of it.
fn proxy<'a>(lab: &'a Lab, name: &str) -> Result<(&'a Endpoint, ProxyChoice), CliError> {
    let endpoint = lab.find(name).ok_or_else(|| CliError::new(format!("the lab has no proxy {name}")))?;
    let proxy = Proxy::parse(&format!("http://{}", endpoint.address));
    let proxy = proxy.map_err(|error| CliError::new(error.to_string()))?;
    Ok((endpoint, ProxyChoice::Always(proxy)))
}

fn append(ran: &mut Ran, more: Ran) {
    ran.reports.extend(more.reports);
    ran.failure = ran.failure.take().or(more.failure);
}

/// Good where everything that is checked is as expected, each failing proxy failed as it was scripted to, and each
/// faulty gateway's fault was found.
fn exit(document: &Document, failing: &[(&Endpoint, ProxyChoice)], faulty: &[(&str, &str)]) -> Exit {
    let sound = document.reports.len().saturating_sub(faulty.len());
    let (reports, with_faults) = document.reports.split_at(sound);
    let is_found =
        |(report, (_, id)): (&Report, &(&str, &str))| report.findings.iter().any(|finding| finding.id == *id);
    if !with_faults.iter().zip(faulty).all(is_found) {
        return Exit::Bad;
    }
    let document = &Document { reports: reports.to_vec(), ..document.clone() };
    let shows = |(report, (proxy, _)): (&Report, &(&Endpoint, ProxyChoice))| {
        report.exchanges.iter().all(|exchange| exchange.outcome.answer.kind() == proxy.shows)
    };
    let last = document.reports.len().saturating_sub(failing.len());
    let failed = document.reports.get(last..).unwrap_or_default();
    match Exit::of_check(document) {
        Exit::Good if !failed.iter().zip(failing).all(shows) => Exit::Bad,
        exit => exit,
    }
}

/// Leads each host that an endpoint of the lab stands for to that endpoint.
fn leads(lab: &Lab) -> Result<Vec<ConnectTo>, CliError> {
    let lead = |endpoint: &Endpoint| {
        let host = endpoint.host.parse().map_err(|error| CliError::new(format!("{error}")))?;
        Ok(ConnectTo::address(host, endpoint.address))
    };
    lab.endpoints().iter().map(lead).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{accepted, ended};
    use crate::outcome::{Answer, Exchange, Stage};
    use crate::plan::Route;
    use crate::registry::CipherSuite;

    fn document(exchange: Exchange) -> Document {
        let report = Report {
            target: "sws.update.microsoft.com".parse().unwrap(),
            pack: None,
            route: Route::direct(),
            addresses_not_asked: Vec::new(),
            exchanges: vec![exchange],
            observations: Box::default(),
            findings: Vec::new(),
            connections: 1,
            cost: None,
        };
        Document::new("2026-01-01T00:00:00Z".to_owned(), false, vec![report])
    }

    #[test]
    fn a_proxy_that_does_not_fail_as_scripted_is_no_good_demo() {
        let address = "127.0.0.1:1".parse().unwrap();
        let scripted = Endpoint { name: "p", host: "p.lab.test", address, about: "", shows: "fin" };
        let failing = [(&scripted, ProxyChoice::Direct)];
        let fin = ended(1, Stage::Proxy, Answer::Fin { received_bytes: 0, after_ms: 1.0 });
        assert_eq!(exit(&document(fin), &failing, &[]), Exit::Good);
        let took_up = accepted(1, ProtocolVersion::TLS1_2, CipherSuite(0xC030));
        assert_eq!(exit(&document(took_up), &failing, &[]), Exit::Bad);
        let sound = accepted(1, ProtocolVersion::TLS1_2, CipherSuite(0xC030));
        assert_eq!(
            exit(&document(sound), &[], &[("cmg:a", "certificate-expired")]),
            Exit::Bad,
            "its fault is not found"
        );
    }
}
