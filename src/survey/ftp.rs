//! A listing over FTP on a connection that was just secured: the control connection's words, and the data connection.

use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};

use super::SurveyError;
use super::ask::{Prepared, dial, prepare, seed};
use super::open::Open;
use crate::dial::{Connection, Failure, Reply};
use crate::exchange::{self, Client, Ending, Kept, Recorded};
use crate::ftp::{Control, Ended};
use crate::http::Secured;
use crate::outcome::{Answer, FtpDataConnection, FtpExchange, Outcome, Stage, milliseconds};
use crate::question::{Finish, FtpList, Question, Resume, ResumeBy};
use crate::registry::AlertDescription;

/// How long the data connection has after the server said on the other one that it won't.
const GRACE: Duration = Duration::from_millis(500);

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_millis(100);

/// A question that wants a directory listed.
#[derive(Clone, Copy)]
pub(super) struct Listing<'a> {
    pub(super) of: Open<'a>,
    pub(super) list: FtpList,
}

impl Listing<'_> {
    /// Has a directory listed by the server at the other end of this connection, whose handshake told that. What the server
    /// says to our Finished in place of its first reply is added to the record.
    pub(super) async fn ask(
        self,
        connection: &mut Connection,
        client: Client,
        recorded: &mut Recorded,
        random: &mut StdRng,
    ) -> Result<FtpExchange, SurveyError> {
        let session = Kept::of(&recorded.learned);
        let spoken = std::mem::take(&mut recorded.learned.spoken);
        let stream = Secured::new(connection, client, StdRng::from_rng(random)).after(spoken);
        let mut control = Control::new(stream, self.of.plan.ftp_user.as_ref(), self.of.limits.deadline);
        let mut data = None;
        let came = self.through(&mut control, session.as_ref(), &mut data, random).await;
        let after = control.since_our_word();
        timeout(GOODBYE, control.quit()).await.ok();
        let (stream, replies) = control.into_parts();
        let (connection, told) = stream.into_parts();
        recorded.learned.key_log.extend(told.key_log.iter().cloned());
        let ended = match came {
            Ok(()) | Err(Ended::Declined) => None,
            Err(Ended::Local(source)) => return Err(self.of.failed(source)),
            Err(Ended::Broken(answer)) => {
                let is_alert = told.complaint().is_some();
                let then = if is_alert { exchange::aftermath(connection).await } else { Ending::Silence };
                Some(Outcome::new(Stage::Handshake, told.ending(then, after).unwrap_or(answer)))
            }
        };
        if let Some(ended) = ended.as_ref().filter(|_| replies.is_empty()) {
            recorded.heard_late(ended);
        }
        let data = data.transpose()?;
        Ok(FtpExchange { replies, ended, data })
    }

    /// From the greeting to the listing's last reply. What becomes of the data connection is left in `data`.
    async fn through(
        self,
        control: &mut Control<'_, Secured<&mut Connection, StdRng>>,
        session: Option<&Kept>,
        data: &mut Option<Result<FtpDataConnection, SurveyError>>,
        random: &mut StdRng,
    ) -> Result<(), Ended> {
        // Where TLS came first the server has not spoken yet.
        let is_implicit = self.of.plan.target.starttls.is_none();
        if is_implicit {
            control.greeting().await?;
        }
        control.log_in().await?;
        match control.protect().await {
            // There a server may take it for granted, and the command for a mistake (MS-FTPS §3.1.5.1).
            Err(Ended::Declined) if is_implicit => {}
            protected => protected?,
        }
        let port = control.passive().await?;
        let path = self.of.path.with_port(port);
        let mut random = StdRng::from_rng(random);
        let dialled = dial(self.of.plan, &path, self.of.limits.deadline, seed(&mut random), self.of.connections).await;
        let mut connection = match dialled.result {
            Ok(connection) => Some(connection),
            Err(Failure::Local(error)) => {
                *data = Some(Err(error.into()));
                return Ok(());
            }
            Err(Failure::Ended(outcome)) => {
                *data = Some(Ok(FtpDataConnection::not_open(port, outcome)));
                return Ok(());
            }
        };
        control.list().await?;
        let asked = Instant::now();
        let last = {
            let mut transfer = Box::pin(self.transfer(&mut connection, port, session, random, data));
            let mut last_reply = Box::pin(control.final_reply());
            tokio::select! {
                () = &mut transfer => last_reply.await,
                last = &mut last_reply => {
                    // Who says that it won't may leave the data connection to itself.
                    let until = Instant::now() + if is_positive(&last) { self.of.limits.hello } else { GRACE };
                    timeout_at(until, transfer).await.ok();
                    last
                }
            }
        };
        data.get_or_insert_with(|| {
            let (waiting_for, received_bytes) = ("the server's answer on the data connection".to_owned(), 0);
            let tcp = connection.as_ref().and_then(Connection::tcp_state);
            let after_ms = milliseconds(asked.elapsed());
            let answer = Answer::Timeout { waiting_for, received_bytes, after_ms, tcp };
            Ok(FtpDataConnection::not_open(port, Outcome::new(Stage::Hello, answer)))
        });
        last.map(drop)
    }

    /// The handshake on the data connection, and the listing. What is known is left in `data` as it comes: who waits no
    /// longer has that. At the end the connection is closed, for which some servers wait before they reply.
    async fn transfer(
        self,
        slot: &mut Option<Connection>,
        port: u16,
        session: Option<&Kept>,
        mut random: StdRng,
        data: &mut Option<Result<FtpDataConnection, SurveyError>>,
    ) {
        let Some(connection) = slot else { return };
        let by = session.filter(|_| self.list == FtpList::Resumed).and_then(Kept::named_by);
        let resume = by.map(|by: ResumeBy| Resume { exchange: 0, by });
        let question = Question { finish: Some(Finish { resume, ..Finish::default() }), ..self.of.question.clone() };
        let Prepared { mut opening, .. } = prepare(self.of.plan, &Arc::new(question), session, &mut random);
        opening.options.certificate = self.of.context.client_certificate();
        let asked = exchange::ask(connection, opening, self.of.limits, &mut random, Connection::tcp_state).await;
        let Recorded { outcome, learned, open, .. } = match asked {
            Ok(recorded) => recorded,
            Err(source) => {
                *data = Some(Err(self.of.failed(source)));
                return;
            }
        };
        self.of.context.log_keys(&learned.key_log);
        let known = data.insert(Ok(FtpDataConnection {
            port,
            session_offered: resume.is_some(),
            resumed: is_complete(&outcome).then_some(learned.resumed),
            outcome,
            received_bytes: learned.spoken.len(),
        }));
        if let (Some(open), Ok(known)) = (open, known) {
            let mut stream = Secured::new(connection, *open, random);
            read_out(&mut stream, self.of.limits.deadline, &mut known.received_bytes).await;
            timeout(GOODBYE, stream.shutdown()).await.ok();
        }
        *slot = None;
    }
}

fn is_positive(reply: &Result<Reply, Ended>) -> bool {
    reply.as_ref().is_ok_and(Reply::is_positive)
}

/// Reads what comes, up to its end, and counts it: to break a listing off would make the server say that it failed. How it
/// ends is told on the control connection.
async fn read_out(stream: &mut Secured<&mut Connection, StdRng>, deadline: Instant, count: &mut usize) {
    let mut bytes = [0; 4096];
    while let Ok(Ok(read)) = timeout_at(deadline, stream.read(&mut bytes)).await
        && read > 0
    {
        *count += read;
    }
}

/// Whether the handshake is: an empty listing is over with the first word behind it.
fn is_complete(outcome: &Outcome) -> bool {
    match outcome.answer {
        Answer::Completed { .. } => true,
        Answer::Alert { code, .. } => outcome.stage == Stage::Handshake && code == AlertDescription::CLOSE_NOTIFY.0,
        _ => false,
    }
}
