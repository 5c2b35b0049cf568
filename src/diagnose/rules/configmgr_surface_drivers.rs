//! Problem 4: Configuration Manager imports Surface drivers by the import leg.

use super::{Case, DOCUMENTED, Judgement, Rule, STRONG_CRYPTO, WSUS_ARTICLE, spoken};
use crate::finding::Severity;
use crate::observation::LegState;

pub(super) const RULE: Rule = Rule {
    id: "configmgr-surface-drivers",
    // Only a Configuration Manager with Surface drivers turned on has it; its cause is the import leg's error.
    severity: Severity::Info,
    title: "Configuration Manager's synchronization of Surface drivers fails with it: it uses the import leg",
    rests_on: "the import leg was refused, or has nothing to send",
    windows_symptoms: &[
        "wsyncmgr.log: \"Calling ImportUpdateFromCatalogSite for driver update GUIDs\", then \"Generic exception : \
         ImportUpdateFromCatalogSite failed … An unexpected error occurred on a receive\"",
    ],
    remedy: &STRONG_CRYPTO,
    disproved_by: "an import by hand from the Microsoft Update Catalog that works on the same server",
    source: WSUS_ARTICLE,
    confidence: DOCUMENTED,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    let leg = case.leg("import").filter(|_| case.import_is_in_the_article())?;
    let seen = match leg.state {
        LegState::Refused if case.accepts_tls12() => format!("the import leg's hello ended in {}", spoken(&leg.why)),
        LegState::NotSent if case.pack.is_in_use() => "the import leg has nothing to send".to_owned(),
        _ => return None,
    };
    Some(Judgement { because: leg.because.clone(), seen, ..Judgement::default() })
}
