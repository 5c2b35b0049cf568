//! What a gateway's name is an alias of, looked up beside the questions.

use super::Context;
use super::path::wait;
use crate::plan::Plan;
use crate::probe::Aliases;

/// Asks what the target's name is an alias of, where the plan wants to know and this end may look names up: a proxy that
/// is given the name looks it up elsewhere, and whoever is led to another host does not ask for this one. A resolver that
/// was named is asked all the same.
pub(super) async fn look_up(plan: &Plan, context: &Context) -> Option<Aliases> {
    let is_looked_up_here = plan.way.through.as_ref().is_none_or(|through| !through.by_name());
    let is_meant = plan.dial.0 == plan.target.host;
    let is_asked = context.has_a_server_of_its_own() || (is_looked_up_here && is_meant);
    if !plan.follows_alias || !is_asked || plan.target.host.name().is_none() {
        return None;
    }
    // What this machine could not do shows where the name is looked up for its address.
    tokio::select! {
        aliases = Box::pin(context.aliases(&plan.target.host, wait(plan))) => aliases.ok(),
        () = context.stop.stopped() => None,
    }
}
