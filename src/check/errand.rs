//! What is done to an endpoint, whoever it is: so that a run over millions needs one at a time.

use std::sync::Arc;

use super::{Job, Judges, Repeat, Settings, directly, plan_for, plan_for_pack};
use crate::offer::Offer;
use crate::pack::Pack;
use crate::plan::{Ask, Part, Plan};
use crate::question::{Hello, Question};
use crate::target::{ConnectTo, Host, Target};

/// What to do to every endpoint of a run.
#[derive(Clone, Debug)]
pub enum Errand {
    /// Ask what its pack wants to know, and these parts besides, and compare.
    Check(Vec<Part>),
    /// Ask one question, or the same one many times.
    Probe(Arc<Question>, Repeat),
    /// Send a hello to a reflector, and compare what arrived with what was sent.
    Reflection(Hello),
    /// Send this hello in many sizes.
    HelloSizes(Offer),
}

/// Connections to one endpoint while sizes are swept: each of the many that are too large may end in silence, which has
/// to be waited for.
const SWEEP_CONNECTIONS_AT_ONCE: usize = 8;

impl Errand {
    /// What it is for this endpoint.
    pub(super) fn job(&self, pack: &'static Pack, target: &Target, settings: &Settings) -> Job {
        match self {
            Self::Check(parts) => {
                let plan = plan_for_pack(pack, parts, target, settings);
                let direct = (settings.compare_routes && plan.way.through.is_some()).then(|| Box::new(directly(&plan)));
                Job { plan, judges: Judges::PackAndRules(pack), direct, judges_chains: true }
            }
            Self::Probe(question, repeat) => {
                let ask = match repeat.times {
                    1 => Ask::Hello(Arc::clone(question)),
                    times => Ask::Repeated(Question::clone(question), times),
                };
                let plan = Plan { asks: vec![ask], interval: repeat.interval, ..plan_for(target, settings) };
                Job { plan, judges: Judges::Nobody, direct: None, judges_chains: true }
            }
            Self::Reflection(hello) => {
                let asks = vec![Ask::Reflection(hello.clone())];
                // What was sent has to be known, byte for byte, until it is compared.
                let plan = Plan { asks, evidence: true, ..plan_for(target, settings) };
                Job { plan, judges: Judges::Nobody, direct: None, judges_chains: false }
            }
            Self::HelloSizes(offer) => {
                let (baseline, asks) = (Some(offer.clone()), vec![Ask::HelloSizes(offer.clone())]);
                let plan = Plan { baseline, asks, parallel: SWEEP_CONNECTIONS_AT_ONCE, ..plan_for(target, settings) };
                Job { plan, judges: Judges::Rules, direct: None, judges_chains: false }
            }
        }
    }
}

impl Job {
    /// The same, led elsewhere.
    pub(super) fn led(self, connect: &ConnectTo) -> Self {
        let led = |plan| led(plan, Some(connect));
        Self { plan: led(self.plan), direct: self.direct.map(|plan| Box::new(led(*plan))), ..self }
    }
}

fn led(plan: Plan, connect: Option<&ConnectTo>) -> Plan {
    match connect.and_then(|connect| connect.redirect(&plan.target)) {
        Some(dial) => Plan { dial, ..plan },
        None => plan,
    }
}

/// The host that stands for a target on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialled {
    /// Its name or address.
    pub host: Host,
    /// Whether its addresses are known here: no proxy alone looks it up.
    pub is_known_here: bool,
}

/// The host that is dialled for a target, by us or by a proxy.
pub fn dialled(target: &Target, connect: Option<&ConnectTo>, settings: &Settings) -> Dialled {
    let plan = led(plan_for(target, settings), connect);
    let (host, _) = plan.dial;
    let is_told = plan.way.through.is_some_and(|through| through.by_name());
    // To compare the ways it is asked directly too.
    let is_known_here = !is_told || settings.compare_routes || matches!(host, Host::Address(_));
    Dialled { host, is_known_here }
}
