//! Observations in, findings out: one rule for each failure the field knows.
//!
//! A rule is a pure function over what was observed and what is known of the machine. It speaks only where what it
//! rests on was seen; what could not be told keeps it silent. Rules do not know each other: where two explain the same
//! outcome, both are said, each with what would prove it wrong.

mod rules;

pub use rules::RULES;

use crate::finding::{Finding, Severity};
use crate::machine::Machine;
use crate::pack::Pack;
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
    /// What was seen, behind the title.
    seen: String,
    /// Steps for this machine or endpoint, before the general ones.
    steps: Vec<String>,
}

impl Rule {
    fn apply(&self, case: &Case<'_>) -> Option<Finding> {
        let Judgement { because, seen, steps } = (self.judge)(case)?;
        let title = if seen.is_empty() { self.title.to_owned() } else { format!("{}: {seen}", self.title) };
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Some(Finding {
            id: self.id.to_owned(),
            severity: self.severity,
            title,
            because,
            windows_symptoms: owned(self.windows_symptoms),
            remedy: [steps, owned(self.remedy)].concat(),
            confidence: self.confidence.to_owned(),
            disproved_by: self.disproved_by.to_owned(),
        })
    }
}

/// What all rules have to say of a case, the worst first.
pub fn diagnose(case: &Case<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES.iter().filter_map(|rule| rule.apply(case)).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// Ids that rules to come will have; no other rule may take them.
pub const RESERVED: &[&str] = &[
    "cmg-client-certificate-required",
    "cmg-forbidden",
    "cmg-invalid-token",
    "proxy-authentication-required",
    "proxy-bad-gateway",
    "proxy-block-page",
    "proxy-intercepts",
    "proxy-list-malformed",
    "proxy-name-not-resolved",
];
