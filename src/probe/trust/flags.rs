//! The flags in which WinHTTP would put what is wrong.

use crate::certificate::{TrustVerdict, Verdict};
use crate::observation::{Observations, RevocationVerdict, WinhttpFlags};
use crate::outcome::{Answer, Exchange, Stage};
use crate::plan::Trust;
use crate::registry::WinhttpFlag;

/// What every flag's name begins with.
const PREFIX: &str = "WINHTTP_CALLBACK_STATUS_FLAG_";

/// Nothing where neither a chain was judged nor the handshake failed.
pub(super) fn read(trust: &Trust, exchanges: &[Exchange], seen: &Observations) -> Option<WinhttpFlags> {
    let mut names: Vec<&str> = Vec::new();
    let mut not_known = Vec::new();
    // A client has one store or another: what all of them find wrong is wrong. The best one finds no more than that.
    let best = seen.trust.values().map(final_word).max_by_key(|verdict| verdict.verdict);
    match best {
        Some(verdict) => {
            for problem in &verdict.problems {
                match flag(problem.kind) {
                    Some(name) => names.push(name),
                    None if problem.kind == Verdict::CommonNameOnly => {}
                    None => not_known.push(format!("{} ({})", problem.kind.word(), problem.certificate)),
                }
            }
        }
        None if handshake_failed(exchanges) => names.push("SECURITY_CHANNEL_ERROR"),
        None => return None,
    }
    match seen.revocation.as_ref().map(|revocation| revocation.verdict) {
        Some(RevocationVerdict::Revoked) => names.push("CERT_REVOKED"),
        Some(verdict) if verdict.fails_the_check() => names.push("CERT_REV_FAILED"),
        _ => {}
    }
    let set: Vec<&WinhttpFlag> = WinhttpFlag::all().iter().filter(|flag| names.contains(&short(flag))).collect();
    let value: u32 = set.iter().fold(0, |sum, flag| sum | flag.bit);
    Some(WinhttpFlags {
        value: format!("0x{value:08X}"),
        names: set.into_iter().map(|flag| short(flag).to_owned()).collect(),
        stores: trust.stores.iter().map(|store| store.name().to_owned()).collect(),
        not_known,
    })
}

/// What is said once all that could be fetched was: Windows fetches by itself.
fn final_word(verdict: &TrustVerdict) -> &TrustVerdict {
    verdict.with_fetched.as_deref().unwrap_or(verdict)
}

fn short(flag: &WinhttpFlag) -> &'static str {
    flag.name.strip_prefix(PREFIX).unwrap_or(flag.name)
}

/// Which flag says it, where that is known. Windows fetches a missing certificate where it can, and how it flags a root
/// that its list no longer trusts, or a signature that is too weak, is not known here. A common name alone is no fault to
/// it.
fn flag(problem: Verdict) -> Option<&'static str> {
    match problem {
        Verdict::UnknownIssuer | Verdict::SelfSigned => Some("INVALID_CA"),
        Verdict::Expired | Verdict::NotYetValid => Some("CERT_DATE_INVALID"),
        Verdict::WrongName => Some("CERT_CN_INVALID"),
        Verdict::WrongUsage => Some("CERT_WRONG_USAGE"),
        Verdict::Unreadable | Verdict::BadSignature | Verdict::PathTooLong | Verdict::ConstraintBroken => {
            Some("INVALID_CERT")
        }
        Verdict::MissingIntermediate
        | Verdict::Distrusted
        | Verdict::Weak
        | Verdict::Unsupported
        | Verdict::CommonNameOnly
        | Verdict::Trusted => None,
    }
}

/// Whether every hello was refused, in TLS or by a closed connection.
fn handshake_failed(exchanges: &[Exchange]) -> bool {
    let is_refused = |exchange: &Exchange| {
        let outcome = &exchange.outcome;
        matches!(outcome.stage, Stage::Hello | Stage::Handshake) && matches!(outcome.answer, Answer::Alert { .. })
    };
    !exchanges.is_empty() && exchanges.iter().all(is_refused)
}
