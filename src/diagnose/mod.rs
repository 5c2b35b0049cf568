//! Observations in, findings out: one rule for each failure the field knows.
//!
//! A rule is a pure function over what was observed and what is known of the machine. It speaks only where what it
//! rests on was seen; what could not be told keeps it silent. Rules do not know each other: where two explain the same
//! outcome, both are said, each with what would prove it wrong.

mod rules;

pub use rules::RULES;

use std::collections::BTreeSet;

use crate::finding::{Finding, Severity};
use crate::machine::Machine;
use crate::outcome::{Answer, Exchange};
use crate::pack::Pack;
use crate::plan::RouteKind;
use crate::profile::Confidence;
use crate::report::Report;

/// What a rule looks at.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// What was asked of one endpoint, and what came back.
    pub report: &'a Report,
    /// What is expected of the endpoint.
    pub pack: &'a Pack,
    /// The Windows server under diagnosis, if there is one.
    pub machine: Option<&'a Machine>,
}

/// One judgement, and all that does not depend on the case.
#[derive(serde::Serialize)]
pub struct Rule {
    /// Stable name.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The judgement in one line.
    pub title: &'static str,
    /// What it looks at, and when it speaks.
    pub rests_on: &'static str,
    /// What Windows shows where this is the cause.
    pub windows_symptoms: &'static [&'static str],
    /// What to change, step by step.
    pub remedy: &'static [&'static str],
    /// What would prove it wrong.
    pub disproved_by: &'static str,
    /// Who says so.
    pub source: &'static str,
    /// How sure the rule is.
    pub confidence: &'static str,
    /// Whether it speaks, and what it has to say of this case.
    #[serde(skip)]
    judge: fn(&Case<'_>) -> Option<Judgement>,
}

/// What a rule says of one case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Judgement {
    /// The exchanges it rests on.
    because: Vec<usize>,
    /// What was seen that says so.
    seen: String,
    /// What is known of the machine that leads to it, each with its source.
    evidence: Vec<String>,
    /// Steps for this machine or endpoint, before the general ones.
    steps: Vec<String>,
}

impl Rule {
    fn apply(&self, case: &Case<'_>) -> Option<Finding> {
        let Judgement { because, seen, evidence, steps } = (self.judge)(case)?;
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let exchanges = || because.iter().filter_map(|id| case.exchange(*id));
        let confidence = [Some(self.confidence.to_owned()), inferred_hellos(exchanges())];
        let why: Vec<String> = [Some(seen), proxys_word(case, exchanges())].into_iter().flatten().collect();
        Some(Finding {
            id: self.id.to_owned(),
            severity: self.severity,
            title: self.title.to_owned(),
            why: why.join("; "),
            evidence,
            windows_symptoms: owned(self.windows_symptoms),
            remedy: [steps, owned(self.remedy)].concat(),
            confidence: confidence.into_iter().flatten().collect::<Vec<_>>().join("; "),
            disproved_by: self.disproved_by.to_owned(),
            because,
        })
    }
}

/// Which of the hellos that a finding rests on are no more than inferred.
fn inferred_hellos<'a>(exchanges: impl Iterator<Item = &'a Exchange>) -> Option<String> {
    let is_inferred = |known: &str| [Confidence::Inferred, Confidence::Unknown].map(Confidence::word).contains(&known);
    let inferred = exchanges.filter_map(|exchange| {
        let (name, known) = (exchange.offer.profile.as_ref()?, exchange.offer.profile_confidence.as_ref()?);
        is_inferred(known).then(|| format!("the hello of {name} is {known}"))
    });
    let told: BTreeSet<String> = inferred.collect();
    (!told.is_empty()).then(|| told.into_iter().collect::<Vec<_>>().join(", "))
}

/// How far a finding can be trusted that rests on RST or FIN out of a proxy's tunnel.
fn proxys_word<'a>(case: &Case<'_>, mut exchanges: impl Iterator<Item = &'a Exchange>) -> Option<String> {
    let cut_off = |exchange: &Exchange| {
        matches!(exchange.outcome.answer, Answer::Reset { .. } | Answer::Fin { .. })
            && !exchange.outcome.ended_at_the_proxy()
    };
    let through_proxy = case.report.route.kind != RouteKind::Direct;
    (through_proxy && exchanges.any(cut_off)).then(|| PROXYS_WORD.to_owned())
}

const PROXYS_WORD: &str =
    "through a proxy RST and FIN are the proxy's word: many send FIN where the endpoint sends RST";

/// What all rules have to say of a case, the worst first.
pub fn diagnose(case: &Case<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES.iter().filter_map(|rule| rule.apply(case)).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}
