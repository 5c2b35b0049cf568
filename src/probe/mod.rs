//! What to ask next, and how to read the answers. No I/O: a probe is a function of the answers so far.
//!
//! A probe asks in batches: what stands in one batch may be asked at the same time. It says "refused" only where a
//! peer that answered refused, and "could not tell" wherever the answer does not show it.

mod baseline;
mod certificate_request;
mod cipher_suites;
mod hello;
mod leg;
mod reading;
mod versions;

pub use baseline::baseline_question;

use crate::observation::Observations;
use crate::outcome::Exchange;
use crate::plan::Ask;
use crate::question::Question;

/// One thing to find out.
pub trait Probe: Send {
    /// The next batch of questions, given all answers to its own questions so far; empty when it has no more.
    fn ask(&mut self, answers: &[Exchange]) -> Vec<Question>;

    /// Writes what its answers tell. The baseline has been read before. Answers are in the order of the questions;
    /// where there are fewer, `unasked` says why.
    fn read(&self, answers: &[Exchange], unasked: &Unasked, seen: &mut Observations);
}

/// Why questions were not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unasked {
    /// In a few words, or the kind of the outcome that made them pointless.
    pub why: String,
    /// The exchange with that outcome.
    pub because: Vec<usize>,
}

/// The probe for one ask of a plan.
pub fn probe_for(ask: &Ask) -> Box<dyn Probe> {
    match ask {
        Ask::Hello(hello) => Box::new(hello::OneHello::new(hello.clone())),
        Ask::Leg { name, offer } => Box::new(leg::OneLeg::new(name, offer)),
        Ask::Versions(versions) => Box::new(versions::Versions::new(versions)),
        Ask::CipherSuites { version, suites } => Box::new(cipher_suites::CipherSuites::new(*version, suites)),
    }
}

/// Reads what every exchange of a run tells, whichever probe asked it.
pub fn read_all(opening: Option<&Exchange>, closing: Option<&Exchange>, all: &[Exchange], seen: &mut Observations) {
    baseline::read(opening, closing, seen);
    certificate_request::read(all, seen);
}
