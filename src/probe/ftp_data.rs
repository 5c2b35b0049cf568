//! Whether FTP's data connections demand, take or refuse the control connection's session.
//!
//! Each listing has a control connection of its own, and one is asked for after the other: some servers allow few
//! connections to one client.

use super::finished::{alert, echoed, for_sessions, is_completed, offer_up_to, with_ems};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{FtpData as Seen, FtpTransfer, Observations, SessionReuse, TransferResult};
use crate::offer::Offer;
use crate::outcome::{Answer, Exchange, FtpExchange, Stage};
use crate::question::{Finish, FtpList, Question, ResumeBy};
use crate::registry::{AlertDescription, ProtocolVersion};

pub(super) struct FtpData;

/// The name under which the observation stands.
const KEY: &str = "ftp_data";

/// What the two connections of a listing have in common, and what the second begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Listing {
    /// Whether `extended_master_secret` is offered; none for TLS 1.3.
    ems: Option<bool>,
    list: FtpList,
}

const LISTINGS: [Listing; 5] = [
    Listing { ems: Some(true), list: FtpList::InFull },
    Listing { ems: Some(true), list: FtpList::Resumed },
    Listing { ems: Some(false), list: FtpList::Resumed },
    Listing { ems: None, list: FtpList::InFull },
    Listing { ems: None, list: FtpList::Resumed },
];

impl Listing {
    fn question(self) -> Question {
        let offer = match self.ems {
            Some(offered) => with_ems(for_sessions(offer_up_to(ProtocolVersion::TLS1_2), ResumeBy::Ticket), offered),
            None => Offer::for_version(ProtocolVersion::TLS1_3),
        };
        let version = if self.ems.is_some() { "up to tls1.2" } else { "tls1.3" };
        let ems = if self.ems == Some(false) { " without ems" } else { "" };
        let how = match self.list {
            FtpList::InFull => "in full",
            FtpList::Resumed => "resumed",
        };
        let finish = Finish { list: Some(self.list), ..Finish::default() };
        Question::finished(format!("{KEY} {how}, {version}{ems}"), offer, finish)
    }
}

/// A listing, and its answer where one came.
type Asked<'a> = (Listing, Option<&'a Exchange>);

/// Gives each answer to its listing; then what to ask next.
fn asked<'a>(answers: &Answers<'a>) -> (Vec<Asked<'a>>, Option<Listing>) {
    let mut asked: Vec<Asked<'a>> = Vec::new();
    let mut answers = answers.iter();
    for listing in LISTINGS {
        // Who is not let in once is not let in at the next try, and some servers count the tries.
        let is_out = |(_, answer): &Asked<'_>| answer.is_some_and(|it| is_completed(it) && !had_data(it));
        if asked.iter().any(is_out) {
            break;
        }
        let of_its_version = |(other, _): &&Asked<'_>| other.ems.is_some() == listing.ems.is_some();
        // Where there is no control connection in that version, there is no session of it either.
        let failed = |(_, answer): &Asked<'_>| !answer.is_some_and(is_completed);
        if asked.iter().find(of_its_version).is_some_and(failed) {
            continue;
        }
        match answers.next() {
            Some(answer) => asked.push((listing, *answer)),
            None => return (asked, Some(listing)),
        }
    }
    (asked, None)
}

/// Whether it came as far as a data connection.
fn had_data(exchange: &Exchange) -> bool {
    exchange.ftp.as_ref().is_some_and(|ftp| ftp.data.is_some())
}

impl Probe for FtpData {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        asked(answers).1.map(Listing::question).into_iter().collect()
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        let (asked, next) = asked(answers);
        if next.is_some() || asked.iter().any(|(_, answer)| answer.is_none()) {
            note_missing(KEY, unasked, seen);
        }
        let answered = asked.iter().filter_map(|(listing, answer)| Some((*listing, (*answer)?)));
        let answered: Vec<(Listing, &Exchange)> = answered.collect();
        if answered.is_empty() {
            return;
        }
        let because: Vec<usize> = answered.iter().map(|(_, exchange)| exchange.id).collect();
        seen.rests_on(KEY, &because);
        let transfers: Vec<FtpTransfer> =
            answered.iter().map(|(listing, exchange)| transfer(*listing, exchange)).collect();
        if let Some(why) = open(&answered, &transfers) {
            seen.could_not_tell(KEY, &why, &because);
        }
        let reuse = |ems: Option<bool>| {
            let of = answered
                .iter()
                .zip(&transfers)
                .find(|((listing, _), _)| listing.ems == ems && listing.list == FtpList::Resumed);
            of.map_or(SessionReuse::Inconclusive, |(_, transfer)| reused(transfer))
        };
        seen.ftp_data = Some(Seen {
            demanded: demanded(&transfers),
            with_extended_master_secret: reuse(Some(true)),
            without_extended_master_secret: reuse(Some(false)),
            tls13: reuse(None),
            transfers,
        });
    }
}

/// Why nothing at all could be told, where that is so: no listing came to be, and none was refused.
fn open(answered: &[(Listing, &Exchange)], transfers: &[FtpTransfer]) -> Option<String> {
    if transfers.iter().any(|transfer| transfer.result != TransferResult::Inconclusive) {
        return None;
    }
    let furthest = answered.iter().map(|(_, exchange)| exchange).max_by_key(|exchange| exchange.ftp.is_some())?;
    Some(match &furthest.ftp {
        None => furthest.outcome.answer.kind().to_owned(),
        Some(ftp) => match (&ftp.data, &ftp.ended, ftp.replies.last()) {
            (Some(data), ..) if data.outcome.stage < Stage::Hello => {
                format!("no way to the data connection's port {}: {}", data.port, data.outcome.answer.kind())
            }
            (_, Some(ended), _) => format!("the control connection ended: {}", ended.answer.kind()),
            (.., Some(reply)) => format!("the server says {:?} to {}", reply.text, reply.command),
            (.., None) => "the server says nothing".to_owned(),
        },
    })
}

fn transfer(listing: Listing, exchange: &Exchange) -> FtpTransfer {
    let data = exchange.ftp.as_ref().and_then(|ftp| ftp.data.as_ref());
    FtpTransfer {
        version: exchange.server.as_ref().map(|server| server.version),
        extended_master_secret: listing.ems,
        echoed: listing.ems.and_then(|_| echoed(exchange)),
        session_offered: data.is_some_and(|data| data.session_offered),
        resumed: data.and_then(|data| data.resumed),
        result: exchange.ftp.as_ref().map_or(TransferResult::Inconclusive, |ftp| result(listing, ftp)),
        data: data.map(|data| data.outcome.answer.kind().to_owned()),
        alert: match data.map(|data| &data.outcome.answer) {
            Some(Answer::Alert { code, .. }) => Some(*code),
            Some(_) => None,
            None => alert(exchange),
        },
        reply: exchange.ftp.as_ref().and_then(|ftp| ftp.replies.last()).map(|reply| reply.text.clone()),
        because: exchange.id,
    }
}

fn result(listing: Listing, ftp: &FtpExchange) -> TransferResult {
    let Some(data) = &ftp.data else { return TransferResult::Inconclusive };
    // Without a session there was nothing to resume, and what came of it is no answer.
    if listing.list == FtpList::Resumed && !data.session_offered && data.outcome.stage >= Stage::Hello {
        return TransferResult::Inconclusive;
    }
    let last = ftp.replies.last().filter(|reply| reply.command == "LIST").map(|reply| reply.code);
    let is_refused = match data.outcome.answer {
        Answer::Alert { code, .. } => code != AlertDescription::CLOSE_NOTIFY.0 || !is_negative(last),
        // A server that gives another reason closes a connection for which it has no use.
        Answer::Fin { .. } | Answer::Reset { .. } => !is_negative(last),
        _ => false,
    };
    match last {
        Some(200..300) if data.resumed.is_some() => TransferResult::Transferred,
        // What says that there is no directory, or no right to it, says nothing of the connection.
        Some(code) if NO_CONNECTION.contains(&code) && data.outcome.stage >= Stage::Hello => TransferResult::Refused,
        _ if is_refused && data.resumed.is_none() && data.outcome.stage >= Stage::Hello => TransferResult::Refused,
        _ => TransferResult::Inconclusive,
    }
}

fn is_negative(reply: Option<u16>) -> bool {
    reply.is_some_and(|code| code >= 400)
}

/// Replies that say that the data connection is not as it should be: it could not be opened, was broken off (RFC 959
/// §4.2.2), or its protection is not enough (RFC 2228 §5.1, RFC 4217).
const NO_CONNECTION: [u16; 7] = [425, 426, 431, 521, 522, 533, 534];

fn demanded(transfers: &[FtpTransfer]) -> Option<bool> {
    let is = |full: bool, result: TransferResult| {
        let fits = move |transfer: &&FtpTransfer| {
            transfer.result == result && if full { !transfer.session_offered } else { transfer.resumed == Some(true) }
        };
        transfers.iter().any(|transfer| fits(&transfer))
    };
    if is(true, TransferResult::Transferred) {
        return Some(false);
    }
    (is(true, TransferResult::Refused) && is(false, TransferResult::Transferred)).then_some(true)
}

fn reused(transfer: &FtpTransfer) -> SessionReuse {
    match (transfer.result, transfer.resumed) {
        (TransferResult::Transferred, Some(true)) => SessionReuse::Accepted,
        (TransferResult::Transferred, _) => SessionReuse::Declined,
        (TransferResult::Refused, _) => SessionReuse::Refused,
        (TransferResult::Inconclusive, _) => SessionReuse::Inconclusive,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{alert as refused_by, completed};
    use crate::outcome::{FtpDataConnection, FtpReply, Outcome};

    /// A listing on which the data connection ended so and the server said that.
    fn listed(id: usize, offered: bool, resumed: Option<bool>, outcome: Outcome, code: u16) -> Exchange {
        let mut exchange = completed(id, false, &[]);
        let reply = FtpReply { command: "LIST".to_owned(), code, text: format!("{code} so") };
        let data = FtpDataConnection { port: 2, session_offered: offered, resumed, outcome, received_bytes: 0 };
        exchange.ftp = Some(Box::new(FtpExchange { replies: vec![reply], ended: None, data: Some(data) }));
        exchange
    }

    fn done() -> Outcome {
        completed(0, false, &[]).outcome
    }

    fn reset() -> Outcome {
        Outcome::new(Stage::Hello, Answer::Reset { received_bytes: 0, after_ms: 0.0 })
    }

    fn read(exchanges: &[Exchange]) -> Observations {
        let answers: Vec<Option<&Exchange>> = exchanges.iter().map(Some).collect();
        let mut seen = Observations::default();
        FtpData.read(&answers, &Unasked::Pointless, &mut seen);
        seen
    }

    #[test]
    fn each_listing_is_asked_for_by_itself_and_none_without_a_control_connection() {
        let ok = listed(1, false, Some(false), done(), 226);
        let refused = refused_by(4, 70);
        assert_eq!(FtpData.ask(&[]).len(), 1);
        let answers = [Some(&ok); 3];
        let next = FtpData.ask(&answers);
        assert_eq!(next.first().unwrap().purpose, "ftp_data in full, tls1.3");
        assert!(FtpData.ask(&[Some(&ok), Some(&ok), Some(&ok), Some(&refused)]).is_empty());
        let not_let_in = completed(1, false, &[]);
        assert!(FtpData.ask(&[Some(&not_let_in)]).is_empty());
        let old_refused = FtpData.ask(&[Some(&refused)]);
        assert_eq!(old_refused.first().unwrap().purpose, "ftp_data in full, tls1.3");
    }

    #[test]
    fn a_server_that_wants_its_session_back_demands_it() {
        let seen = read(&[
            listed(1, false, Some(false), done(), 522),
            listed(2, true, Some(true), done(), 226),
            listed(3, true, None, reset(), 425),
        ]);
        let data = seen.ftp_data.unwrap();
        assert_eq!(data.demanded, Some(true));
        assert_eq!(data.with_extended_master_secret, SessionReuse::Accepted);
        assert_eq!(data.without_extended_master_secret, SessionReuse::Refused);
        assert_eq!(data.tls13, SessionReuse::Inconclusive);
        assert_eq!(data.transfers.last().unwrap().refused_by(), "reset, \"425 so\"");
    }

    #[test]
    fn a_server_that_begins_anew_declines_and_one_that_takes_all_accepts() {
        let seen = read(&[
            listed(1, false, Some(false), done(), 226),
            listed(2, true, Some(false), done(), 226),
            listed(3, true, Some(true), done(), 250),
        ]);
        let data = seen.ftp_data.unwrap();
        assert_eq!(data.demanded, Some(false));
        assert_eq!(data.with_extended_master_secret, SessionReuse::Declined);
        assert_eq!(data.without_extended_master_secret, SessionReuse::Accepted);
        assert!(seen.inconclusive.is_empty(), "{:?}", seen.inconclusive);
    }

    #[test]
    fn what_says_nothing_of_the_connection_is_inconclusive() {
        let no_directory = read(&[listed(1, false, Some(false), done(), 550)]);
        let data = no_directory.ftp_data.unwrap();
        assert_eq!((data.demanded, data.transfers[0].result), (None, TransferResult::Inconclusive));
        assert!(no_directory.inconclusive[0].why.contains("550 so"), "{:?}", no_directory.inconclusive);

        for (outcome, result) in
            [(reset(), TransferResult::Inconclusive), (refused_by(1, 40).outcome, TransferResult::Refused)]
        {
            let before_tls = read(&[listed(1, false, None, outcome, 550)]);
            assert_eq!(before_tls.ftp_data.unwrap().transfers[0].result, result, "550, and the connection closed");
        }

        let closed = Outcome::new(Stage::Connect, Answer::Refused { after_ms: 0.0 });
        let no_way = read(&[listed(1, false, None, closed, 425)]);
        assert_eq!(no_way.ftp_data.unwrap().transfers[0].result, TransferResult::Inconclusive);
        assert!(no_way.inconclusive[0].why.contains("port 2"), "{:?}", no_way.inconclusive);

        let without_session =
            read(&[listed(1, false, Some(false), done(), 226), listed(2, false, Some(false), done(), 226)]);
        assert_eq!(without_session.ftp_data.unwrap().with_extended_master_secret, SessionReuse::Inconclusive);
    }
}
