//! What an FTP server makes of sessions on data connections.

use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::observation::{FtpData, FtpTransfer, SessionReuse, TransferResult};
use crate::outcome::Stage;

/// Who saw it; Microsoft's article on `extended_master_secret` has FTP for its third point.
const SEEN_WITH_FTP: &str = "FTP TLS encrypted data connections fail (EMS) (limilabs.com, 2019-10-16); Transport Layer \
                             Security (TLS) connections might fail or timeout when connecting or attempting a \
                             resumption (Microsoft, 2019-10-08)";

/// How to let data connections be without a session, where that is known.
const NOT_DEMANDED: &str = "Or let the server do without it: require_ssl_reuse=NO in vsftpd.conf, TLSOptions \
                            NoSessionReuseRequired in proftpd.conf. Who finds the data connection's port before the \
                            client does may then take the client's place.";

pub(super) const DEMANDED: Rule = Rule {
    id: "ftp-data-resumption-demanded",
    severity: Severity::Info,
    title: "The FTP server wants the control connection's session resumed on data connections",
    rests_on: "a listing over a data connection with a handshake of its own, refused, and one that resumed the control \
               connection's session, sent",
    windows_symptoms: &["clients that do not resume log in, and fail at the first listing or file"],
    remedy: &["Use clients that resume the control connection's session on data connections.", NOT_DEMANDED],
    disproved_by: "a listing over a data connection with a handshake of its own",
    source: "RFC 4217: a server may insist on a session that it knows, and say so by 522",
    confidence: "seen",
    judge: demanded,
};

pub(super) const DEMANDED_WITHOUT_EMS: Rule = Rule {
    id: "ftp-data-resumption-without-ems",
    severity: Severity::Error,
    title: "The FTP server wants a session resumed on data connections that updated Windows does not resume",
    rests_on: "data connections refused without the control connection's session, and that session without \
               extended_master_secret, or refused with it",
    windows_symptoms: &["from the updates of October 2019 on, Windows clients log in, and every data connection fails"],
    remedy: &[
        "Have the FTP server, or the device in front of it, support extended_master_secret (RFC 7627) in full handshakes \
         and in resumed ones: with OpenSSL, version 1.1.0 or later.",
        NOT_DEMANDED,
    ],
    disproved_by: "extended_master_secret echoed on the control connection, and its session resumed on the data connection",
    source: SEEN_WITH_FTP,
    confidence: "observed-by-third-party; documented-by-Microsoft, not re-read",
    judge: demanded_without_ems,
};

pub(super) const REFUSED: Rule = Rule {
    id: "ftp-data-resumption-refused",
    severity: Severity::Warning,
    title: "The FTP server ends data connections that resume the control connection's session",
    rests_on: "a listing over a data connection that offered the session that the control connection had been given, \
               refused, where a handshake in full would have done",
    windows_symptoms: &["clients that resume log in, and fail at the first listing or file"],
    remedy: &[
        "On the FTP server see that a session that is not to be resumed leads to a full handshake (RFC 5246 §7.4.1.2); \
         several servers behind one address must share their sessions or give out none.",
        "Until then turn session ids and tickets off there.",
    ],
    disproved_by: "a listing over a data connection that offered the session",
    source: "RFC 5246 §7.4.1.2: a server that does not resume a session begins a new one",
    confidence: "seen",
    judge: refused,
};

pub(super) const FAILS: Rule = Rule {
    id: "ftp-data-fails",
    severity: Severity::Error,
    title: "The FTP server refuses every data connection inside TLS",
    rests_on: "a login, and every listing after it refused: with a handshake of its own, and with the control connection's \
               session where there was one",
    windows_symptoms: &["every client logs in, and fails at the first listing or file"],
    remedy: &[
        "Where it refuses for want of a session, have it give out sessions on the control connection.",
        NOT_DEMANDED,
        "See that no firewall or NAT device between takes part in FTP: inside TLS it can't.",
    ],
    disproved_by: "a listing that was sent",
    source: "RFC 4217: the data connection is secured as the control connection is",
    confidence: "seen; why it refuses is in its own words, if at all",
    judge: fails,
};

fn seen<'a>(case: &Case<'a>) -> Option<&'a FtpData> {
    case.report.observations.ftp_data.as_ref()
}

fn demanded(case: &Case<'_>) -> Option<Judgement> {
    let seen = seen(case).filter(|seen| seen.demanded == Some(true))?;
    let in_full: Vec<&FtpTransfer> = seen.transfers.iter().filter(|transfer| !transfer.session_offered).collect();
    told(&in_full)
}

fn demanded_without_ems(case: &Case<'_>) -> Option<Judgement> {
    let seen = seen(case).filter(|seen| seen.demanded == Some(true))?;
    // Of the listings whose hellos offer the extension, the one that resumes.
    let with_ems = |transfer: &&FtpTransfer| transfer.extended_master_secret == Some(true) && transfer.session_offered;
    let resuming = seen.transfers.iter().find(with_ems)?;
    let is_without = resuming.echoed == Some(false) || resuming.result == TransferResult::Refused;
    is_without.then(|| {
        let said = match resuming.echoed {
            Some(false) => "extended_master_secret was offered on the control connection and not echoed".to_owned(),
            _ => format!("a session with extended_master_secret was refused: {}", resuming.refused_by()),
        };
        Judgement { because: vec![resuming.because], seen: said, ..Judgement::default() }
    })
}

/// Whether any listing was sent.
fn is_any_sent(seen: &FtpData) -> bool {
    seen.transfers.iter().any(|transfer| transfer.result == TransferResult::Transferred)
}

/// Whether a listing that could not be told might have been sent.
fn is_open(case: &Case<'_>, seen: &FtpData) -> bool {
    // Where the server refuses the version there is no listing in it.
    let has_control = |transfer: &FtpTransfer| {
        let exchange = case.exchange(transfer.because);
        exchange.is_none_or(|it| it.outcome.stage != Stage::Hello || !it.outcome.answer.is_refusal())
    };
    let is_untold = |transfer: &FtpTransfer| {
        let may_have_come = transfer.session_offered || (transfer.data.is_none() && has_control(transfer));
        transfer.result == TransferResult::Inconclusive && may_have_come
    };
    let is_cut_off = case.report.observations.inconclusive.iter().any(|entry| entry.what == "ftp_data");
    is_cut_off || seen.transfers.iter().any(is_untold)
}

fn fails(case: &Case<'_>) -> Option<Judgement> {
    let seen = seen(case).filter(|seen| !is_any_sent(seen) && !is_open(case, seen))?;
    told(&seen.transfers.iter().collect::<Vec<_>>())
}

fn refused(case: &Case<'_>) -> Option<Judgement> {
    let seen = seen(case).filter(|seen| is_any_sent(seen))?;
    let ways = [
        (Some(true), seen.with_extended_master_secret),
        (Some(false), seen.without_extended_master_secret),
        (None, seen.tls13),
    ];
    let is_refused = |transfer: &&FtpTransfer| {
        let way = ways.iter().find(|(ems, _)| *ems == transfer.extended_master_secret);
        // Where a session is demanded, one that the server would not go on from is refused for that.
        transfer.session_offered
            && transfer.resumed != Some(false)
            && way.is_some_and(|(_, reuse)| *reuse == SessionReuse::Refused)
    };
    let refused: Vec<&FtpTransfer> = seen.transfers.iter().filter(is_refused).collect();
    told(&refused)
}

fn told(transfers: &[&FtpTransfer]) -> Option<Judgement> {
    let refused = transfers.iter().filter(|transfer| transfer.result == TransferResult::Refused);
    let (mut because, mut words) = (Vec::new(), Vec::new());
    for transfer in refused {
        because.push(transfer.because);
        let ems = match transfer.extended_master_secret {
            Some(true) => "with extended_master_secret",
            Some(false) => "without extended_master_secret",
            None => "in TLS 1.3",
        };
        words.push(format!("{ems}: {}", transfer.refused_by()));
    }
    (!because.is_empty()).then(|| Judgement { because, seen: words.join("; "), ..Judgement::default() })
}
