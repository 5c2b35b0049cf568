//! What became of a hello on its way to a reflector, with what a proxy team needs to check it for themselves.

use super::{MOST_NAMED, Row, plain};
use crate::observation::{Change, Difference, Digest, Reflection, ReflectionVerdict};
use crate::render::text::words::{count, name, sentence, some};

/// The result, then the proof.
pub(super) fn rows(reflection: &Reflection) -> Vec<Row> {
    let Reflection { verdict, why, sent, arrived, differences, reads, seen_from, issuer } = reflection;
    let verdict = match verdict {
        ReflectionVerdict::Identical => "identical",
        ReflectionVerdict::Altered => "altered",
        ReflectionVerdict::NotTheReflector => "not the reflector",
        ReflectionVerdict::Unreadable => "could not tell",
    };
    let mut rows = vec![row("reflection", format!("{verdict}: {}", sentence(why)))];
    rows.extend(issuer.as_ref().map(|issuer| row("its issuer", name(issuer))));
    rows.extend(differences.iter().take(MOST_NAMED).enumerate().map(|(place, difference)| {
        row(if place == 0 { "first difference" } else { "and" }, difference_text(difference))
    }));
    rows.push(row("sent", digest(sent)));
    if let Some(arrived) = arrived {
        rows.push(row("arrived", format!("{}{}", digest(arrived), in_reads(reads))));
    }
    rows.extend(seen_from.as_ref().map(|from| row("seen from", name(from))));
    rows
}

fn row(label: &str, text: String) -> Row {
    (label.to_owned(), vec![plain(text)])
}

fn difference_text(Difference { field, change, sent, arrived }: &Difference) -> String {
    let field = format!("{} {}", name(field), change.word());
    match change {
        Change::Removed | Change::GreaseRemoved => format!("{field}: {}", sentence(sent)),
        Change::Added => format!("{field}: {}", sentence(arrived)),
        Change::Changed | Change::Reordered => {
            format!("{field}: sent {}, arrived {}", sentence(sent), sentence(arrived))
        }
    }
}

fn digest(Digest { length, sha256 }: &Digest) -> String {
    format!("{}, SHA-256 {}", count(*length, "byte"), name(sha256))
}

/// TCP splits as it likes, and proxies put together: no difference.
fn in_reads(reads: &[usize]) -> String {
    match reads {
        [] | [_] => String::new(),
        many => format!(", in reads of {}", some(many.iter().map(usize::to_string), 8).join(", ")),
    }
}
