//! One rule's judgement: how bad, what it rests on, which Windows symptom it explains, what to do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::observation::Severity;

/// One rule's judgement over the observations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule's stable name.
    pub id: String,
    /// How bad it is.
    pub severity: Severity,
    /// The judgement in one line.
    pub title: String,
    /// What was seen that says so.
    #[serde(default)]
    pub why: String,
    /// What is known of the machine that leads to it, each with its source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// The exchanges it rests on.
    pub because: Vec<usize>,
    /// What Windows shows where this is the cause.
    pub windows_symptoms: Vec<String>,
    /// What to change, step by step.
    pub remedy: Vec<String>,
    /// How sure the rule is.
    pub confidence: String,
    /// What would prove it wrong.
    pub disproved_by: String,
}
