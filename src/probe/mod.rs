//! What to ask next, and how to read the answers. No I/O: a probe is a function of the answers so far.
//!
//! A probe asks in batches: what stands in one batch may be asked at the same time. It says "refused" only where a
//! peer that answered refused, and "could not tell" wherever the answer does not show it. What was pointless to ask is
//! left out.

mod alias;
mod application_protocols;
mod baseline;
mod certificate_choice;
mod certificate_request;
mod choosing;
mod cipher_suites;
mod client_certificate;
mod elimination;
mod extended_master_secret;
mod features;
mod fingerprints;
mod finished;
mod ftp_data;
mod groups;
mod hello;
mod hello_size;
mod http;
mod leading_zero;
mod leg;
mod reading;
mod reflection;
mod refusal;
mod renegotiation;
mod repetition;
mod resumption;
mod signature_schemes;
mod ssl2;
#[cfg(test)]
mod testing;
mod tolerance;
mod trust;
mod versions;

pub use alias::{Aliases, read_aliases};
pub use baseline::{baseline_question, control_question, is_alive};
pub use trust::{Chain, Chains, Fetched, Judging, Want, Wanted};

use std::sync::Arc;

use crate::observation::Observations;
use crate::outcome::Exchange;
use crate::plan::Ask;
use crate::question::Question;

/// The answers to a probe's questions, in the order of the questions; `None` for one that was not asked to its end.
pub type Answers<'a> = [Option<&'a Exchange>];

/// One thing to find out.
pub trait Probe: Send + Sync {
    /// Hears how the baseline's hello ended, before it asks anything if it waits for that. False if there is nothing to find out then.
    fn hears_of(&mut self, _opening: &Exchange) -> bool {
        true
    }

    /// Whether it has to know how the baseline's hello ended before it asks anything.
    fn waits_for_the_baseline(&self) -> bool {
        true
    }

    /// The next batch of questions, given the answers to its own questions so far; empty when it has no more.
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question>;

    /// The same, as it is handed on: who asks many endpoints the same question need not copy it for each.
    fn ask_shared(&self, answers: &Answers<'_>) -> Vec<Arc<Question>> {
        self.ask(answers).into_iter().map(Arc::new).collect()
    }

    /// Whether it wants to hear each answer as it comes, and to choose its next questions one by one. Such a probe is
    /// asked by [`ask_more`](Probe::ask_more) alone.
    fn is_eager(&self) -> bool {
        false
    }

    /// Of an eager probe, what to ask while there is room for so many more; at most that many.
    fn ask_more(&mut self, _room: usize) -> Vec<Question> {
        Vec::new()
    }

    /// Whether an answer that is still awaited is likely to bring more questions.
    fn may_go_on(&self) -> bool {
        true
    }

    /// Tells an eager probe the answer to one of its questions, counted from 0 in the order in which it asked them.
    fn hears(&mut self, _question: usize, _answer: &Exchange) {}

    /// Tells an eager probe that the answer to one of its questions says nothing: the endpoint was in trouble then.
    fn forgets(&mut self, _question: usize) {}

    /// Whether it asks on where the first question of all found no way to the endpoint.
    fn goes_on_without_a_way(&self) -> bool {
        false
    }

    /// Writes what its answers tell. The baseline has been read before. `unasked` says why an answer is missing.
    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations);
}

/// Why questions were not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unasked {
    /// The first question found no way to the endpoint, so another hello would have found none either.
    Pointless,
    /// The run ended before, for this reason: they should have been asked, so what they were to tell is open.
    Stopped(String),
}

/// Notes that a question's answer is missing. True if what it was to tell is open, and not just left out.
fn note_missing(what: &str, unasked: &Unasked, seen: &mut Observations) -> bool {
    match unasked {
        Unasked::Pointless => false,
        Unasked::Stopped(why) => {
            seen.could_not_tell(what, why, &[]);
            true
        }
    }
}

/// The probe for one ask of a plan.
pub fn probe_for(ask: &Ask) -> Box<dyn Probe> {
    match ask {
        Ask::Hello(question) => Box::new(hello::OneHello::new(Arc::clone(question))),
        Ask::Repeated(question, times) => Box::new(repetition::Repeated::new(question.clone(), *times)),
        Ask::Leg { name, offer } => Box::new(leg::OneLeg::new(name, offer)),
        Ask::Refusal(offer) => Box::new(refusal::RefusedPart::new(offer)),
        Ask::Versions(versions) => Box::new(versions::Versions::new(versions)),
        Ask::Suites(wanted) => Box::new(elimination::Elimination::new(*wanted)),
        Ask::Ssl2 => Box::new(ssl2::Ssl2),
        Ask::ExtendedMasterSecret => Box::new(extended_master_secret::ExtendedMasterSecret),
        Ask::Resumption => Box::new(resumption::Resumption),
        Ask::LeadingZero => Box::new(leading_zero::LeadingZero),
        Ask::ClientCertificate => Box::new(client_certificate::ClientCertificate),
        Ask::FtpData => Box::new(ftp_data::FtpData),
        Ask::Renegotiation => Box::new(renegotiation::Renegotiation),
        Ask::Groups => Box::new(groups::Groups),
        Ask::SignatureSchemes => Box::new(signature_schemes::SignatureSchemes::default()),
        Ask::ApplicationProtocols => Box::new(application_protocols::ApplicationProtocols::default()),
        Ask::Certificates => Box::new(certificate_choice::CertificateChoice::default()),
        Ask::Features => Box::new(features::Features::default()),
        Ask::Tolerance => Box::new(tolerance::Tolerance),
        Ask::Fingerprints => Box::new(fingerprints::Fingerprints),
        Ask::Reflection(hello) => Box::new(reflection::ReflectedHello::new(hello.clone())),
        Ask::Http(requests, offer) => Box::new(http::Requests::new(requests, offer)),
        Ask::HelloSizes(offer) => Box::new(hello_size::HelloSizes::new(offer)),
        Ask::CipherSuites { version, suites } => Box::new(cipher_suites::CipherSuites::new(*version, suites)),
    }
}

/// Reads what every exchange of a run tells, whichever probe asked it.
pub fn read_all(opening: Option<&Exchange>, closing: Option<&Exchange>, all: &[Exchange], seen: &mut Observations) {
    baseline::read(opening, closing, seen);
    certificate_request::read(all, seen);
}

/// Reads what all exchanges together tell against what one alone seemed to: called when every probe has read its own.
pub fn read_together(all: &[Exchange], seen: &mut Observations) {
    versions::prove(all, seen);
}
