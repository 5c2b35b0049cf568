//! Numbers, times and lists in words.

use super::escape::{cut, escape};
use super::layout::unbroken;
use crate::registry::ProtocolVersion;

/// The most columns of a name that a peer or a user gave.
pub(super) const NAME: usize = 120;

/// A name of a peer's or a user's choice, cut where it is too long to be read.
pub(super) fn name(text: &str) -> String {
    cut(&escape(text), NAME)
}

/// A sentence in which names of a peer's choice may stand, cut where it is too long to be read.
pub(super) fn sentence(text: &str) -> String {
    cut(&escape(text), 3 * NAME)
}

/// A few sentences, the same.
pub(super) fn sentences(text: &str) -> String {
    cut(&escape(text), 6 * NAME)
}

/// `1 suite`, `2 suites`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// `0.4 ms`, `21 ms`, `10 s`.
pub(super) fn time(milliseconds: f64) -> String {
    // Each limit is where the shorter form begins to say the same.
    let text = if milliseconds < 9.95 {
        format!("{milliseconds:.1} ms")
    } else if milliseconds < 9_999.5 {
        format!("{milliseconds:.0} ms")
    } else {
        let seconds = format!("{:.1}", milliseconds / 1e3);
        format!("{} s", seconds.strip_suffix(".0").unwrap_or(&seconds))
    };
    unbroken(&text)
}

/// ` after 21 ms`, or nothing where the time is not known.
pub(super) fn after(milliseconds: Option<f64>) -> String {
    milliseconds
        .map(|milliseconds| format!(" {}", unbroken(&format!("after {}", time(milliseconds)))))
        .unwrap_or_default()
}

/// `#1, #3 to #6`.
pub(super) fn exchanges(ids: &[usize]) -> String {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let runs = ids.chunk_by(|one, next| one + 1 == *next).flat_map(|run| match run {
        [first, _, .., last] => vec![unbroken(&format!("#{first} to #{last}"))],
        short => short.iter().map(|id| format!("#{id}")).collect(),
    });
    some(runs, 8).join(", ")
}

/// ` (#1, #3 to #6)`, or nothing where there are none.
pub(super) fn because(ids: &[usize]) -> String {
    if ids.is_empty() { String::new() } else { format!(" ({})", unbroken(&exchanges(ids))) }
}

/// An observation in a person's words: `TLS 1.3` for `versions.TLS1.3`.
pub(super) fn observation(key: &str) -> String {
    let spoken = |version: &str| match version.split_at_checked(3) {
        Some((family @ ("TLS" | "SSL"), number)) => format!("{family} {number}"),
        _ => version.to_owned(),
    };
    let told = match key.split_once('.') {
        Some(("versions", version)) => spoken(version),
        Some(("cipher_suites", suite)) => match suite.rsplit_once('.') {
            Some((version, suite)) => format!("{suite} in {}", spoken(version)),
            None => suite.to_owned(),
        },
        // `groups.TLS1.2.x25519`: the version has a point of its own.
        Some((what @ ("groups" | "signature_schemes"), rest)) => match rest.match_indices('.').nth(1) {
            Some((end, _)) => {
                let (version, value) = rest.split_at(end);
                format!("{} in {}", value.trim_start_matches('.'), spoken(version))
            }
            None => format!("{} of {}", what.replace('_', " "), spoken(rest)),
        },
        Some(("legs", leg)) => format!("the {leg} leg"),
        _ => key.replace('.', ", ").replace('_', " "),
    };
    name(&told)
}

/// The first `most` items, and how many more there are.
pub(super) fn some(items: impl IntoIterator<Item = String>, most: usize) -> Vec<String> {
    let mut items = items.into_iter();
    let mut shown: Vec<String> = items.by_ref().take(most).collect();
    match items.count() {
        0 => {}
        more => shown.push(unbroken(&format!("+{more} more"))),
    }
    shown
}

/// `TLS 1.3, 1.2 and 1.1`: a family's name once, as long as it stays the same.
pub(super) fn versions(versions: &[ProtocolVersion]) -> String {
    let mut told = Vec::new();
    let mut family = String::new();
    for spoken in versions.iter().map(|version| version.spoken()) {
        match spoken.split_once(' ') {
            Some((this, number)) if this == family => told.push(number.to_owned()),
            Some((this, _)) => {
                this.clone_into(&mut family);
                told.push(spoken);
            }
            None => told.push(spoken),
        }
    }
    match told.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        text.replace('\u{A0}', " ")
    }

    #[test]
    fn times_are_as_fine_as_they_matter() {
        for (milliseconds, told) in [
            (0.04, "0.0 ms"),
            (0.1, "0.1 ms"),
            (9.94, "9.9 ms"),
            (9.96, "10 ms"),
            (21.3, "21 ms"),
            (9_999.4, "9999 ms"),
            (9_999.6, "10 s"),
            (10_002.0, "10 s"),
            (12_345.0, "12.3 s"),
        ] {
            assert_eq!(plain(&time(milliseconds)), told);
        }
        assert_eq!(plain(&after(Some(21.3))), " after 21 ms");
        assert_eq!(after(None), "");
    }

    #[test]
    fn exchanges_in_a_row_are_told_by_their_ends() {
        assert_eq!(plain(&exchanges(&[4, 1, 5, 6, 5])), "#1, #4 to #6");
        assert_eq!(exchanges(&[2, 3]), "#2, #3");
        assert_eq!(because(&[]), "");
        let odd: Vec<usize> = (1..40).step_by(2).collect();
        assert_eq!(plain(&because(&odd)), " (#1, #3, #5, #7, #9, #11, #13, #15, +12 more)");
    }

    #[test]
    fn an_observation_is_named_as_a_person_would() {
        for (key, told) in [
            ("versions.TLS1.3", "TLS 1.3"),
            ("versions.SSL3", "SSL 3"),
            ("cipher_suites.TLS1.2.TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA in TLS 1.2"),
            ("legs.import", "the import leg"),
            ("baseline", "baseline"),
            ("certificate_request", "certificate request"),
            ("versions.é", "é"),
        ] {
            assert_eq!(observation(key), told);
        }
    }

    #[test]
    fn one_is_singular() {
        assert_eq!([count(0, "byte"), count(1, "byte"), count(2, "byte")], ["0 bytes", "1 byte", "2 bytes"]);
    }

    #[test]
    fn a_familys_name_is_told_once() {
        use ProtocolVersion as Version;
        assert_eq!(versions(&[]), "");
        assert_eq!(versions(&[Version::TLS1_2]), "TLS 1.2");
        assert_eq!(versions(&[Version::TLS1_3, Version::TLS1_2]), "TLS 1.3 and 1.2");
        let four = [Version::TLS1_1, Version::TLS1_0, Version::SSL3, ProtocolVersion(0x7F1C)];
        assert_eq!(versions(&four), "TLS 1.1, 1.0, SSL 3.0 and 0x7F1C");
    }
}
