//! The flow on one page: packs into plans, a plan into a report.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use time::OffsetDateTime;

use crate::diagnose::{Case, diagnose};
use crate::machine::{Leg, LegName, Machine};
use crate::observation::{LegObservation, LegState, Observations};
use crate::offer::Offer;
use crate::pack::{Assignment, GENERIC, Pack};
use crate::plan::{AddressChoice, Ask, Part, Plan, ThroughProxy, Waits, Way};
use crate::proxy::{ProxyChoice, ProxyOptions};
use crate::question::Question;
use crate::registry::ProtocolVersion;
use crate::report::Report;
use crate::survey::{Context, SurveyError, Surveyed, survey};
use crate::target::{ConnectTo, Target};

/// What holds for every endpoint of a run.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Where to connect in a target's place.
    pub connect_to: Vec<ConnectTo>,
    /// Which endpoints are reached through which proxy.
    pub proxy: ProxyChoice,
    /// How to speak to a proxy.
    pub proxy_options: ProxyOptions,
    /// Which of a host's addresses to ask.
    pub addresses: AddressChoice,
    /// How long to wait.
    pub waits: Waits,
    /// Whether exchanges keep the bytes that went to and fro.
    pub evidence: bool,
    /// Whether certificates keep their PEM.
    pub pem: bool,
    /// Connections to one endpoint at the same time, unless it is left to what is asked.
    pub parallel: Option<usize>,
    /// The most connections to spend on one endpoint.
    pub max_connections: Option<usize>,
    /// The Windows server under diagnosis, whose legs are asked besides.
    pub machine: Option<Machine>,
}

/// How often a hello is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// So many times, one after the other.
    pub times: usize,
    /// With this pause between.
    pub interval: Duration,
}

impl Repeat {
    /// Once.
    pub const ONCE: Self = Self { times: 1, interval: Duration::ZERO };
}

/// What a run needs from outside.
pub struct Surroundings {
    /// What surveys share: names, randomness, and word of an early end.
    pub context: Context,
    /// When certificates are judged.
    pub now: OffsetDateTime,
}

/// What a run over endpoints brought.
#[derive(Debug, Default)]
pub struct Ran {
    /// What was found, in the order of the endpoints.
    pub reports: Vec<Report>,
    /// What this machine could not do for an endpoint, which then has no report; the first of it.
    pub failure: Option<SurveyError>,
}

/// Endpoints that are asked at the same time.
const ENDPOINTS_AT_ONCE: usize = 32;

/// Connections to one endpoint at the same time, while a pack is checked.
const CONNECTIONS_AT_ONCE: usize = 4;

/// Asks what each pack wants to know, and these parts besides, and compares.
pub async fn check(
    assignments: &[Assignment],
    parts: &[Part],
    settings: &Settings,
    surroundings: &Surroundings,
) -> Ran {
    let plans = assignments.iter().map(|assignment| {
        let Assignment { pack, target } = assignment;
        (plan_for_pack(pack, parts, target, settings), Judges::PackAndRules(pack))
    });
    run(plans.collect(), settings, surroundings).await
}

/// Asks these parts of all that can be found out of each target.
pub async fn scan(targets: &[Target], parts: &[Part], settings: &Settings, surroundings: &Surroundings) -> Ran {
    let plans = targets.iter().map(|target| {
        let plan = Plan { baseline: Some(Offer::modern()), asks: asks_of(parts), ..plan_for(target, settings) };
        (plan, Judges::Rules)
    });
    run(plans.collect(), settings, surroundings).await
}

/// Asks one question of each target, or the same one many times.
pub async fn probe(
    targets: &[Target],
    question: &Question,
    repeat: Repeat,
    settings: &Settings,
    surroundings: &Surroundings,
) -> Ran {
    let plans = targets.iter().map(|target| {
        let ask = match repeat.times {
            1 => Ask::Hello(question.clone()),
            times => Ask::Repeated(question.clone(), times),
        };
        (Plan { asks: vec![ask], interval: repeat.interval, ..plan_for(target, settings) }, Judges::Nobody)
    });
    run(plans.collect(), settings, surroundings).await
}

/// Who judges what a plan brought.
#[derive(Clone, Copy)]
enum Judges {
    /// A pack's expectations, and the rules.
    PackAndRules(&'static Pack),
    /// The rules, as for a server of which nothing more is known.
    Rules,
    /// Nobody: what was seen is all that is said.
    Nobody,
}

/// A plan that asks nothing yet.
fn plan_for(target: &Target, settings: &Settings) -> Plan {
    let redirected = settings.connect_to.iter().find_map(|rule| rule.redirect(target));
    Plan {
        target: target.clone(),
        dial: redirected.unwrap_or_else(|| (target.host.clone(), target.port)),
        addresses: settings.addresses,
        way: way_to(target, settings),
        baseline: None,
        asks: Vec::new(),
        waits: settings.waits,
        parallel: settings.parallel.unwrap_or(CONNECTIONS_AT_ONCE),
        max_connections: settings.max_connections,
        interval: Duration::ZERO,
        evidence: settings.evidence,
        pem: settings.pem,
    }
}

/// The way to a target: the proxy is chosen by the host that is asked about, wherever that is to be found.
fn way_to(target: &Target, settings: &Settings) -> Way {
    let proxy = settings.proxy.proxy_for(&target.host, target.port);
    let through = proxy.map(|proxy| ThroughProxy { proxy: proxy.clone(), options: settings.proxy_options.clone() });
    Way { through: through.map(Arc::new), from: settings.proxy.source() }
}

/// What to ask for these parts.
fn asks_of(parts: &[Part]) -> Vec<Ask> {
    parts.iter().flat_map(Part::asks).collect()
}

fn plan_for_pack(pack: &Pack, parts: &[Part], target: &Target, settings: &Settings) -> Plan {
    let mut asks = vec![Ask::Versions(pack.versions.to_vec())];
    if !pack.suites.is_empty() {
        asks.push(Ask::CipherSuites { version: ProtocolVersion::TLS1_2, suites: pack.suites.to_vec() });
    }
    // The pack itself asks about the versions that matter to it.
    asks.extend(asks_of(parts).into_iter().filter(|ask| !matches!(ask, Ask::Versions(_))));
    for (name, leg) in settings.machine.iter().flat_map(legs) {
        if let Leg::Sends { offer, .. } = leg {
            asks.push(Ask::Leg { name: name.to_owned(), offer: *offer });
        }
    }
    Plan { baseline: Some(Offer::modern()), asks, ..plan_for(target, settings) }
}

/// Carries out plans at the same time; reports come in the order of the plans.
async fn run(plans: Vec<(Plan, Judges)>, settings: &Settings, surroundings: &Surroundings) -> Ran {
    let carried_out = plans.into_iter().map(|(plan, judges)| async move {
        let surveyed = survey(&plan, &surroundings.context).await?;
        let reports = surveyed.into_iter().map(|surveyed| report(&plan, surveyed, judges, settings, surroundings.now));
        Ok::<Vec<Report>, SurveyError>(reports.collect())
    });
    let mut carried_out = std::pin::pin!(futures_util::stream::iter(carried_out).buffered(ENDPOINTS_AT_ONCE));
    let mut ran = Ran::default();
    while let Some(of_one_plan) = carried_out.next().await {
        match of_one_plan {
            Ok(reports) => ran.reports.extend(reports),
            Err(error) => {
                ran.failure.get_or_insert(error);
            }
        }
    }
    ran
}

/// The two legs of a machine, by name.
fn legs(machine: &Machine) -> [(&'static str, Leg); 2] {
    [("sync", machine.leg(LegName::Sync)), ("import", machine.leg(LegName::Import))]
}

fn report(plan: &Plan, surveyed: Surveyed, judges: Judges, settings: &Settings, now: OffsetDateTime) -> Report {
    let pack = match judges {
        Judges::PackAndRules(pack) => Some(pack),
        Judges::Rules | Judges::Nobody => None,
    };
    let mut report = Report {
        target: surveyed.target,
        pack: pack.map(|pack| pack.name.to_owned()),
        route: plan.way.route(),
        addresses_not_asked: surveyed.addresses_not_asked,
        exchanges: surveyed.exchanges,
        observations: surveyed.observations,
        findings: Vec::new(),
        connections: surveyed.connections,
    };
    if let Some(pack) = pack {
        for (name, leg) in settings.machine.iter().flat_map(legs) {
            add_leg(&mut report.observations, name, leg);
        }
        report.observations.expectations = pack.judge(&report, now);
    }
    let pack_of_rules = match judges {
        Judges::PackAndRules(pack) => Some(pack),
        Judges::Rules => Some(&GENERIC),
        Judges::Nobody => None,
    };
    if let Some(pack) = pack_of_rules {
        report.findings = diagnose(&Case { report: &report, pack, machine: settings.machine.as_ref() });
    }
    report
}

/// Adds to a leg's observation what the machine says of it; a leg that was not asked has nothing else.
fn add_leg(seen: &mut Observations, name: &str, leg: Leg) {
    let unasked = |state, why, basis| LegObservation { state, why, basis, confidence: None, because: Vec::new() };
    match leg {
        Leg::Sends { basis, confidence, .. } => {
            if let Some(observed) = seen.legs.get_mut(name) {
                observed.basis = basis;
                observed.confidence = Some(confidence.word().to_owned());
            }
        }
        Leg::CannotSend { reason, because } => {
            seen.legs.insert(name.to_owned(), unasked(LegState::NotSent, reason, because));
        }
        Leg::Unknown { missing } => {
            let why = missing.join("; ");
            seen.could_not_tell(&format!("legs.{name}"), &why, &[]);
            seen.legs.insert(name.to_owned(), unasked(LegState::Unknown, why, Vec::new()));
        }
    }
}
