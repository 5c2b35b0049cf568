//! What completed handshakes told: `extended_master_secret`, resumption, leading zeros, renegotiation.

use super::Row;
use crate::observation::{
    Attempts, ClientInitiated, Compliance, ExtendedMasterSecret, FtpData, LeadingZero, MasterSecretDerivation,
    Renegotiation, Resumption, ResumptionCell, SessionReuse, ZeroVerdict,
};
use crate::render::text::layout::phrases;
use crate::render::text::words::{count, name};

/// What is made of the extension, then the matrix of resumption.
pub(super) fn extended_master_secret(seen: &ExtendedMasterSecret) -> Vec<Row> {
    let label = "extended master secret".to_owned();
    if seen.handshakes.is_empty() {
        return vec![(label, phrases(["no handshake up to TLS 1.2, and TLS 1.3 needs no such extension".to_owned()]))];
    }
    let echoed = match seen.echoed {
        Some(true) => "echoed whenever it is offered",
        Some(false) if seen.handshakes.iter().any(|row| row.echoed == Some(true)) => "echoed now and then",
        Some(false) => "never echoed",
        None => "whether it is echoed could not be told",
    };
    let required = match seen.required {
        Some(true) => "required: refuses hellos without it",
        Some(false) => "not required",
        None => "whether it is required could not be told",
    };
    let derivation = match seen.derivation {
        Some(MasterSecretDerivation::AsAgreed) => "used as agreed",
        Some(MasterSecretDerivation::EchoedNotUsed) => "but not used: keys are derived as of old",
        Some(MasterSecretDerivation::UsedNotEchoed) => "but used all the same: keys are derived with it",
        Some(MasterSecretDerivation::Inconclusive) => "handshakes fail whichever way keys are derived",
        None => "no handshake came to its end",
    };
    let mut rows = vec![(label, phrases([echoed, required, derivation].map(str::to_owned)))];
    rows.extend(matrices(&seen.resumption).into_iter().enumerate().map(|(place, matrix)| {
        let label = if place == 0 { "  session/resumed" } else { "" };
        (label.to_owned(), phrases(matrix))
    }));
    rows
}

/// The matrix of resumption in few words: sessions of which all went the same way are told together.
fn matrices(cells: &[ResumptionCell]) -> Vec<Vec<String>> {
    let of_one_way = cells.chunk_by(|one, other| (one.version, one.by) == (other.version, other.by));
    let mut told: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for cells in of_one_way {
        let outcomes: Vec<String> = cells.iter().map(cell_text).collect();
        let of = cells.first().map(|cell| format!("{} by {}", cell.version.spoken(), cell.by));
        match told.iter_mut().find(|(known, _)| *known == outcomes) {
            Some((_, whom)) => whom.extend(of),
            None => told.push((outcomes, of.into_iter().collect())),
        }
    }
    told.into_iter()
        .map(|(outcomes, whom)| outcomes.into_iter().chain([format!("in {}", whom.join(", "))]).collect())
        .collect()
}

fn cell_text(cell: &ResumptionCell) -> String {
    let against = match cell.rfc7627 {
        Compliance::Violates => " against RFC 7627",
        Compliance::Follows | Compliance::Inconclusive => "",
    };
    format!("{} {}{against}", cell.spoken(), name(&cell.done()))
}

pub(super) fn resumption(seen: &Resumption) -> Row {
    let Resumption { session_id, ticket, psk, psk_ke } = seen;
    let ways = [("session id", session_id), ("ticket", ticket), ("PSK", psk), ("PSK without key exchange", psk_ke)];
    ("resumption".to_owned(), phrases(ways.into_iter().filter_map(|(way, attempts)| way_text(way, attempts))))
}

/// A way for which no handshake came to its end is nothing to tell.
fn way_text(way: &str, attempts: &Attempts) -> Option<String> {
    let Attempts { resumed, of, given, lifetime_s, .. } = attempts;
    if !(*given)? {
        return Some(format!("by {way} none: the server gives no session"));
    }
    let lifetime = lifetime_s.map(|seconds| format!(", ticket good for {}", count_seconds(seconds)));
    Some(format!("by {way} {resumed} of {of}{}", lifetime.unwrap_or_default()))
}

fn count_seconds(seconds: u64) -> String {
    match seconds {
        hours if hours >= 3600 && hours % 3600 == 0 => count(usize::try_from(hours / 3600).unwrap_or_default(), "hour"),
        other => format!("{other} s"),
    }
}

pub(super) fn leading_zero(seen: &LeadingZero) -> Row {
    let verdict = |verdict: ZeroVerdict| match verdict {
        ZeroVerdict::Ok => "taken".to_owned(),
        ZeroVerdict::Fails => match seen.alert {
            Some(code) => format!("fails each time, by alert {code}"),
            None => "fails each time".to_owned(),
        },
        ZeroVerdict::NotOffered => "not offered".to_owned(),
        ZeroVerdict::Inconclusive => "could not tell".to_owned(),
    };
    let group = seen.group_bits.map(|bits| {
        let named = seen.group.as_ref().map_or("a prime of the server's own".to_owned(), |known| name(known));
        let weak = seen.weak.as_ref().map(|why| format!(", weak: {}", name(why))).unwrap_or_default();
        format!("DHE group {named} of {bits} bits{weak}")
    });
    let told = [format!("DHE {}", verdict(seen.dhe)), format!("ECDHE {}", verdict(seen.ecdhe))];
    ("leading zeros".to_owned(), phrases(told.into_iter().chain(group)))
}

pub(super) fn renegotiation(seen: &Renegotiation) -> Row {
    let secure = match seen.secure {
        Some(true) => "secure (RFC 5746)",
        Some(false) => "not secure: no renegotiation_info",
        None => "no handshake up to TLS 1.2",
    };
    let begun = seen.client_initiated.map(|became| match became {
        ClientInitiated::Accepted => "begun by a client it is accepted".to_owned(),
        ClientInitiated::NoRenegotiation => "begun by a client it is declined by no_renegotiation".to_owned(),
        ClientInitiated::Alert => match seen.alert {
            Some(code) => format!("begun by a client it ends the connection by alert {code}"),
            None => "begun by a client it ends the connection by an alert".to_owned(),
        },
        ClientInitiated::Closed => "begun by a client it ends the connection".to_owned(),
        ClientInitiated::Ignored => "begun by a client it is ignored".to_owned(),
        ClientInitiated::Inconclusive => "begun by a client: could not tell".to_owned(),
    });
    ("renegotiation".to_owned(), phrases([secure.to_owned()].into_iter().chain(begun)))
}

pub(super) fn ftp_data(seen: &FtpData) -> Row {
    let demanded = match seen.demanded {
        Some(true) => "a resumed session is demanded",
        Some(false) => "a handshake of their own is taken",
        None => "whether a session is demanded could not be told",
    };
    let ways = [
        ("with extended master secret", seen.with_extended_master_secret),
        ("without it", seen.without_extended_master_secret),
        ("of TLS 1.3", seen.tls13),
    ];
    let told = ways.map(|(way, reuse)| {
        let became = match reuse {
            SessionReuse::Accepted => "resumed",
            SessionReuse::Declined => "answered by a full handshake",
            SessionReuse::Refused => "refused",
            SessionReuse::Inconclusive => "could not tell",
        };
        format!("a session {way} {became}")
    });
    ("FTP data connections".to_owned(), phrases([demanded.to_owned()].into_iter().chain(told)))
}
