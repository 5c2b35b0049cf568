//! The flow on one page: packs into plans, a plan into a report.

mod errand;
mod unused_ports;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::certificate::TrustStore;
use crate::diagnose::{Case, diagnose};
use crate::machine::{Leg, LegName, Machine};
use crate::observation::{AddressDifference, LegObservation, LegState, Observations, RouteVerdict, TokenObservation};
use crate::offer::Offer;
use crate::outcome::Exchange;
use crate::pack::{Assignment, GENERIC, Pack};
use crate::plan::{AddressChoice, Ask, BearerToken, Close, ExpiryLimits, Part, Plan, ThroughProxy, Trust, Waits, Way};
use crate::proxy::{Credentials, ProxyChoice, ProxyOptions, RouteSource};
use crate::question::{HttpScheme, Question};
use crate::registry::ProtocolVersion;
use crate::report::Report;
use crate::routes::{self, Known};
use crate::survey::{Context, Survey, SurveyError, Surveyed, survey};
use crate::target::{ConnectTo, Target};

pub use errand::{Dialled, Errand, dialled};

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
    /// How connections are closed.
    pub close: Close,
    /// Whether exchanges keep the bytes that went to and fro.
    pub evidence: bool,
    /// Whether certificates keep their PEM.
    pub pem: bool,
    /// Connections to one endpoint at the same time, unless it is left to what is asked.
    pub parallel: Option<usize>,
    /// The most connections to spend on one endpoint.
    pub max_connections: Option<usize>,
    /// The least time between the starts of two connections to one endpoint.
    pub pace: Duration,
    /// How chains are judged; without stores they are not.
    pub trust: TrustSettings,
    /// Who we are to whom we send requests that take a token along.
    pub token: Option<BearerToken>,
    /// Who we are to an FTP server.
    pub ftp_user: Option<Credentials>,
    /// The number in the paths of a gateway, where it is known.
    pub cmg_id: Option<String>,
    /// The Windows server under diagnosis, whose legs are asked besides.
    pub machine: Option<Machine>,
    /// Whether what is reached through a proxy is asked directly too, to tell what the proxy makes of TLS.
    pub compare_routes: bool,
}

/// How the chains that endpoints send are judged.
#[derive(Clone, Debug, Default)]
pub struct TrustSettings {
    /// The stores to judge by.
    pub stores: Arc<[TrustStore]>,
    /// When, if not now.
    pub at: Option<OffsetDateTime>,
    /// Whether to fetch certificates that an endpoint left out.
    pub fetch_aia: bool,
    /// Whether to ask for revocation where certificates say that it is published.
    pub revocation: bool,
    /// When a certificate's end is near.
    pub expiry: ExpiryLimits,
    /// Whether an option speaks of it; else chains are judged only where they are what a command is about.
    pub was_asked_for: bool,
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
    /// What this machine could not do for an endpoint, whose report then ends there, or is missing; the first of it.
    pub failure: Option<SurveyError>,
}

/// Endpoints that are asked at the same time.
const ENDPOINTS_AT_ONCE: usize = 32;

/// Connections to one endpoint at the same time, while a pack is checked.
const CONNECTIONS_AT_ONCE: usize = 4;

/// The same while all that an endpoint accepts is looked for.
pub const SCAN_CONNECTIONS_AT_ONCE: usize = 8;

/// What to do on one endpoint.
struct Job {
    plan: Plan,
    /// Who judges its report.
    judges: Judges,
    /// The same questions on the direct way, to compare with.
    direct: Option<Box<Plan>>,
    /// Whether its chains are judged though nobody asked for that.
    judges_chains: bool,
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

impl Judges {
    /// What is expected of the endpoint.
    fn pack(self) -> Option<&'static Pack> {
        match self {
            Self::PackAndRules(pack) => Some(pack),
            Self::Rules | Self::Nobody => None,
        }
    }
}

/// Asks what each pack wants to know, and these parts besides, and compares.
pub async fn check(
    assignments: &[Assignment],
    parts: &[Part],
    settings: &Settings,
    surroundings: &Surroundings,
) -> Ran {
    carry_out_errand(&Errand::Check(parts.to_vec()), assignments, None, settings, surroundings).await
}

/// Does what an errand wants to each of these endpoints; `connect` is where to, in place of what is named.
pub async fn carry_out_errand(
    errand: &Errand,
    assignments: &[Assignment],
    connect: Option<&ConnectTo>,
    settings: &Settings,
    surroundings: &Surroundings,
) -> Ran {
    let job = |assignment: &Assignment| {
        let job = errand.job(assignment.pack, &assignment.target, settings);
        match connect {
            Some(connect) => job.led(connect),
            None => job,
        }
    };
    let mut ran = match assignments {
        // Boxed: what a handshake has to remember is not for who waits to have room for.
        [one] => Box::pin(carry_out(job(one), settings, surroundings)).await,
        several => run(several.iter().map(job).collect(), settings, surroundings).await,
    };
    for assignment in assignments.iter().filter(|assignment| assignment.is_searched) {
        unused_ports::excuse(&assignment.target.host, assignments, &mut ran.reports);
    }
    ran
}

/// Asks these parts of all that can be found out of each target.
pub async fn scan(targets: &[Target], parts: &[Part], settings: &Settings, surroundings: &Surroundings) -> Ran {
    let jobs = targets.iter().map(|target| {
        let parallel = settings.parallel.unwrap_or(SCAN_CONNECTIONS_AT_ONCE);
        let (baseline, asks) = (Some(Offer::modern()), asks_of(parts, target));
        let plan = Plan { baseline, asks, parallel, ..plan_for(target, settings) };
        Job { plan, judges: Judges::Rules, direct: None, judges_chains: true }
    });
    run(jobs.collect(), settings, surroundings).await
}

/// Whether an endpoint would be reached through a proxy, so that there are two ways to compare.
pub fn goes_through_a_proxy(assignment: &Assignment, settings: &Settings) -> bool {
    plan_for_pack(assignment.pack, &[], &assignment.target, settings).way.through.is_some()
}

/// Asks one question of each target, or the same one many times.
pub async fn probe(
    targets: &[Target],
    question: &Question,
    repeat: Repeat,
    settings: &Settings,
    surroundings: &Surroundings,
) -> Ran {
    ask_each(&Errand::Probe(Arc::new(question.clone()), repeat), targets, settings, surroundings).await
}

/// Does what an errand wants to each target, of which nothing is expected.
pub async fn ask_each(errand: &Errand, targets: &[Target], settings: &Settings, surroundings: &Surroundings) -> Ran {
    let jobs = targets.iter().map(|target| errand.job(&GENERIC, target, settings));
    run(jobs.collect(), settings, surroundings).await
}

/// A plan that asks nothing yet.
fn plan_for(target: &Target, settings: &Settings) -> Plan {
    let redirected = settings.connect_to.iter().find_map(|rule| rule.redirect(target));
    Plan {
        target: target.clone(),
        dial: redirected.unwrap_or_else(|| (target.host.clone(), target.port)),
        addresses: settings.addresses,
        way: way_to(target, &settings.proxy, &settings.proxy_options),
        baseline: None,
        asks: Vec::new(),
        waits: settings.waits,
        close: settings.close,
        parallel: settings.parallel.unwrap_or(CONNECTIONS_AT_ONCE),
        max_connections: settings.max_connections,
        interval: Duration::ZERO,
        pace: settings.pace,
        evidence: settings.evidence,
        pem: settings.pem,
        trust: None,
        token: settings.token.clone(),
        ftp_user: settings.ftp_user.clone(),
        follows_alias: false,
    }
}

fn trust(settings: &Settings, now: OffsetDateTime) -> Option<Trust> {
    let TrustSettings { stores, at, fetch_aia, revocation, expiry, was_asked_for: _ } = &settings.trust;
    (!stores.is_empty()).then(|| Trust {
        stores: Arc::clone(stores),
        at: at.unwrap_or(now),
        is_another_time: at.is_some(),
        fetch_aia: *fetch_aia,
        revocation: *revocation,
        expiry: *expiry,
        connect_to: settings.connect_to.clone(),
    })
}

/// The way to a target: the proxy is chosen by the host that is asked about, wherever that is to be found.
fn way_to(target: &Target, choice: &ProxyChoice, options: &ProxyOptions) -> Way {
    let proxy = choice.proxy_for(&target.host, target.port);
    let through = proxy.map(|proxy| ThroughProxy { proxy: proxy.clone(), options: options.clone() });
    Way { through: through.map(Arc::new), from: choice.source() }
}

/// The same plan on the direct way.
fn directly(plan: &Plan) -> Plan {
    Plan { way: Way { through: None, from: Some(RouteSource::Option) }, ..plan.clone() }
}

/// What to ask for these parts.
pub fn asks_of(parts: &[Part], target: &Target) -> Vec<Ask> {
    let mut asks: Vec<Ask> = Vec::new();
    for ask in parts.iter().flat_map(|part| part.asks_of(target)) {
        // One probe finds out of versions and suites whatever is wanted.
        let place =
            asks.iter().position(|known| *known == ask || matches!((known, &ask), (Ask::Suites(_), Ask::Suites(_))));
        match (place.and_then(|place| asks.get_mut(place)), ask) {
            (Some(Ask::Suites(known)), Ask::Suites(more)) => *known = known.and(more),
            (Some(_), _) => {}
            (None, ask) => asks.push(ask),
        }
    }
    asks
}

fn plan_for_pack(pack: &Pack, parts: &[Part], target: &Target, settings: &Settings) -> Plan {
    // The version of the Windows clients whose failures are looked for.
    let requests =
        Ask::Http(pack.http_requests(settings.cmg_id.as_deref()), Offer::for_version(ProtocolVersion::TLS1_2));
    if pack.scheme == HttpScheme::Http {
        return Plan { asks: vec![requests], ..plan_for(target, settings) };
    }
    let mut asks = vec![Ask::Versions(pack.versions.to_vec())];
    if !pack.suites.is_empty() {
        asks.push(Ask::CipherSuites { version: ProtocolVersion::TLS1_2, suites: pack.suites.to_vec() });
    }
    // The pack itself asks about the versions that matter to it.
    asks.extend(asks_of(parts, target).into_iter().filter(|ask| !matches!(ask, Ask::Suites(_) | Ask::Ssl2)));
    for (name, leg) in settings.machine.iter().flat_map(legs) {
        if let Leg::Sends { offer, .. } = leg {
            asks.push(Ask::Leg { name: name.to_owned(), offer: *offer });
        }
    }
    let baseline = Offer::modern();
    if pack.is_in_use() {
        asks.push(Ask::Refusal(baseline.clone()));
    }
    if !pack.requests.is_empty() {
        asks.push(requests);
    }
    let plan = plan_for(target, settings);
    let way = machines_way(pack, target, settings).unwrap_or_else(|| plan.way.clone());
    Plan { baseline: Some(baseline), asks, way, follows_alias: pack.is_gateway(), ..plan }
}

/// The way that the machine under diagnosis takes to an update endpoint, by the proxy in the settings of its WSUS; none
/// where an option says which way to take, or the machine does not.
fn machines_way(pack: &Pack, target: &Target, settings: &Settings) -> Option<Way> {
    if !pack.is_for_wsus() || settings.proxy.source() == Some(RouteSource::Option) {
        return None;
    }
    let proxies = settings.machine.as_ref()?.wsus_proxy.as_ref()?.value.proxies().ok()?;
    let choice = ProxyChoice::WinHttp(proxies, RouteSource::Machine);
    Some(way_to(target, &choice, &settings.proxy_options))
}

/// Carries out jobs at the same time; reports come in the order of the jobs.
async fn run(jobs: Vec<Job>, settings: &Settings, surroundings: &Surroundings) -> Ran {
    let carried_out = jobs.into_iter().map(|job| carry_out(job, settings, surroundings));
    let mut carried_out = std::pin::pin!(futures_util::stream::iter(carried_out).buffered(ENDPOINTS_AT_ONCE));
    let mut ran = Ran::default();
    while let Some(of_one_job) = carried_out.next().await {
        ran.reports.extend(of_one_job.reports);
        ran.failure = ran.failure.or(of_one_job.failure);
    }
    ran
}

/// One endpoint: asked on its way and, to compare, directly. The ways are asked one after the other, for together they
/// would be twice the connections that an endpoint is to bear at once. The direct reports are judged by no pack: it is
/// the way that was chosen for clients that has to work.
fn carry_out<'a>(
    job: Job,
    settings: &'a Settings,
    surroundings: &'a Surroundings,
) -> impl Future<Output = Ran> + use<'a> {
    let Job { mut plan, judges, mut direct, judges_chains } = job;
    let is_wanted = judges_chains || settings.trust.was_asked_for;
    plan.trust = trust(settings, surroundings.now).filter(|_| is_wanted);
    if let Some(direct) = &mut direct {
        direct.trust.clone_from(&plan.trust);
    }
    // A run over a list has thousands of these at a time: what is needed is moved into them once, and the rest is not.
    async move {
        let pack = judges.pack();
        let mut ran = observe(&plan, settings, surroundings).await;
        let mut directly = match &direct {
            Some(direct) => Box::pin(observe(direct, settings, surroundings)).await,
            None => Ran::default(),
        };
        if settings.compare_routes {
            for report in &mut ran.reports {
                compare_routes(report, &mut directly.reports, &known(&plan, pack));
                // That an endpoint which may be gone can't be compared is no gap.
                if pack.is_none_or(Pack::is_in_use) {
                    note_gap(&mut report.observations);
                }
            }
        }
        for report in &mut ran.reports {
            judge(report, judges, settings, surroundings.now);
        }
        ran.reports.extend(directly.reports);
        Ran { reports: ran.reports, failure: ran.failure.or(directly.failure) }
    }
}

/// Asks what a plan wants to know, and writes down what came of it.
async fn observe(plan: &Plan, settings: &Settings, surroundings: &Surroundings) -> Ran {
    let report = |surveyed: Surveyed| Report {
        target: surveyed.target,
        pack: None,
        route: plan.way.route(),
        addresses_not_asked: surveyed.addresses_not_asked,
        exchanges: without_evidence(surveyed.exchanges, settings.evidence),
        observations: with_token(surveyed.observations, plan, surroundings.now),
        findings: Vec::new(),
        connections: surveyed.connections,
        cost: Some(surveyed.cost),
    };
    let Survey { results, failure } = survey(plan, &surroundings.context).await;
    let mut reports: Vec<Report> = results.into_iter().map(report).collect();
    note_differences(&mut reports);
    Ran { reports, failure }
}

/// Says in which versions and suites the addresses of one host differ.
fn note_differences(reports: &mut [Report]) {
    let differences = |report: &Report| {
        let others = reports.iter().filter(|other| other.target.address != report.target.address);
        let differ = others.filter_map(|other| {
            let what = report.observations.differences_from(&other.observations);
            let address = other.target.address.filter(|_| !what.is_empty())?.to_string();
            Some(AddressDifference { address, what })
        });
        differ.collect::<Vec<_>>()
    };
    let of_each: Vec<Vec<AddressDifference>> = reports.iter().map(differences).collect();
    for (report, differ) in reports.iter_mut().zip(of_each) {
        report.observations.addresses_differ = differ;
    }
}

/// Says when the token that went along ends, which may be why it is refused.
fn with_token(mut seen: Box<Observations>, plan: &Plan, now: OffsetDateTime) -> Box<Observations> {
    let takes_it = |ask: &Ask| matches!(ask, Ask::Http(requests, _) if requests.iter().any(|it| it.with_token));
    if let Some(token) = plan.token.as_ref().filter(|_| plan.asks.iter().any(takes_it)) {
        let expires = token.expires();
        seen.token = Some(TokenObservation {
            expires: expires.and_then(|expires| expires.format(&Rfc3339).ok()),
            expired: expires.map(|expires| expires <= now),
        });
    }
    seen
}

/// What a probe needed to see of the bytes is not for the report, unless it was asked for.
fn without_evidence(mut exchanges: Vec<Exchange>, is_wanted: bool) -> Vec<Exchange> {
    for exchange in exchanges.iter_mut().filter(|_| !is_wanted) {
        exchange.evidence = None;
    }
    exchanges
}

/// Compares a report through a proxy with each direct one of the same address, or of any where the proxy alone knows
/// the address. It takes over the best comparison: one front end that is reached both ways is enough.
fn compare_routes(proxied: &mut Report, direct: &mut [Report], known: &Known) {
    if proxied.route.proxy.is_none() {
        return;
    }
    let same_address =
        |direct: &Report| proxied.target.address.is_none_or(|address| direct.target.address == Some(address));
    let mut best = routes::compare(proxied, None, known);
    for (place, direct) in direct.iter_mut().filter(|direct| same_address(direct)).enumerate() {
        let comparison = routes::compare(proxied, Some(direct), known);
        if place == 0 || comparison.verdict == RouteVerdict::Passthrough {
            best.clone_from(&comparison);
        }
        direct.observations.route = Some(comparison);
    }
    proxied.observations.route = Some(best);
}

/// Notes that what the proxy makes of TLS could not be told, if it could not.
fn note_gap(seen: &mut Observations) {
    match seen.route.clone() {
        None => {
            let why = "no proxy is chosen for this target, so there are no two ways to compare";
            seen.could_not_tell("route", why, &[]);
        }
        Some(comparison) if comparison.verdict == RouteVerdict::Inconclusive => {
            let telling = comparison.reasons.first();
            let why = telling.map(|reason| reason.text.as_str()).unwrap_or_default();
            let because = telling.map(|reason| reason.because.proxy.as_slice()).unwrap_or_default();
            seen.could_not_tell("route", why, because);
        }
        Some(_) => {}
    }
}

/// What a pack knows of its endpoint. Whoever is connected to in its place is somebody else.
fn known(plan: &Plan, pack: Option<&Pack>) -> Known {
    let is_the_endpoint = plan.dial == (plan.target.host.clone(), plan.target.port);
    let pack = pack.filter(|_| is_the_endpoint);
    Known {
        has_public_root: pack.is_some_and(Pack::is_microsofts_own),
        retired_versions: pack.into_iter().flat_map(Pack::refused_versions).collect(),
    }
}

/// Holds a report against its pack, and says what that means.
fn judge(report: &mut Report, judges: Judges, settings: &Settings, now: OffsetDateTime) {
    let pack = match judges {
        Judges::Nobody => return,
        Judges::Rules => &GENERIC,
        Judges::PackAndRules(pack) => {
            report.pack = Some(pack.name.to_owned());
            for (name, leg) in settings.machine.iter().flat_map(legs) {
                add_leg(&mut report.observations, name, leg);
            }
            note_way_of_import(report);
            report.observations.expectations = pack.judge(report, settings.trust.at.unwrap_or(now));
            pack
        }
    };
    report.findings = diagnose(&Case { report, pack, machine: settings.machine.as_ref() });
}

/// The two legs of a machine, by name.
fn legs(machine: &Machine) -> [(&'static str, Leg); 2] {
    [("sync", machine.leg(LegName::Sync)), ("import", machine.leg(LegName::Import))]
}

/// The settings of WSUS name a proxy for synchronizing. That import takes it too no document says.
fn note_way_of_import(report: &mut Report) {
    let by_machine = report.route.from.as_deref() == Some(RouteSource::Machine.word());
    if by_machine && let Some(import) = report.observations.legs.get_mut("import") {
        import
            .basis
            .push("asked on the way of WSUS's synchronization: which proxy import takes is not known".to_owned());
    }
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
