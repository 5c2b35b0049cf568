//! A listing over FTP on a connection that was just secured: the control connection's words, and the data connection.

use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};

use super::ask::{Prepared, dial, prepare};
use super::path::Path;
use super::{Context, SurveyError};
use crate::dial::{Connection, Failure, Reply};
use crate::exchange::{self, Client, Kept, Learned, Limits};
use crate::ftp::{Control, Ended};
use crate::http::Secured;
use crate::outcome::{AfterAlert, Answer, FtpDataConnection, FtpExchange, Outcome, Stage};
use crate::plan::Plan;
use crate::question::{Finish, FtpList, Question, Resume, ResumeBy};
use crate::registry::AlertDescription;

/// As much of a listing as is read.
const MOST_READ: usize = 64 * 1024;

/// How long the data connection has after the server said on the other one that it won't.
const GRACE: Duration = Duration::from_millis(500);

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_millis(100);

/// What a listing needs to know of the question that it belongs to.
#[derive(Clone, Copy)]
pub(super) struct Listing<'a> {
    pub(super) plan: &'a Plan,
    pub(super) path: &'a Path,
    pub(super) context: &'a Context,
    pub(super) question: &'a Question,
    pub(super) list: FtpList,
    pub(super) limits: Limits,
    pub(super) connections: &'a AtomicUsize,
}

impl Listing<'_> {
    /// Has a directory listed by the server at the other end of this connection, whose handshake told that.
    pub(super) async fn ask(
        self,
        connection: &mut Connection,
        client: Client,
        learned: &mut Learned,
        random: &mut StdRng,
    ) -> Result<FtpExchange, SurveyError> {
        let session = Kept::of(learned);
        let spoken = std::mem::take(&mut learned.spoken);
        let stream = Secured::new(connection, client, StdRng::from_rng(random)).after(spoken);
        let mut control = Control::new(stream, self.plan.ftp_user.as_ref(), self.limits.deadline);
        let mut data = None;
        let came = self.through(&mut control, session.as_ref(), &mut data, random).await;
        timeout(GOODBYE, control.quit()).await.ok();
        let (stream, replies) = control.into_parts();
        let (_, told) = stream.into_parts();
        learned.key_log.extend(told.key_log.iter().cloned());
        let ended = match came {
            Ok(()) | Err(Ended::Declined) => None,
            Err(Ended::Local(source)) => return Err(self.failed(source)),
            Err(Ended::Broken(answer)) => {
                let in_tls = told.ending(AfterAlert::Open, Duration::ZERO);
                Some(Outcome::new(Stage::Handshake, in_tls.unwrap_or(answer)))
            }
        };
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
        let is_implicit = self.plan.target.starttls.is_none();
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
        let path = self.path.with_port(port);
        let mut random = StdRng::from_rng(random);
        let dialled =
            dial(self.plan, &path, self.limits.deadline, StdRng::from_rng(&mut random), self.connections).await;
        let connection = match dialled.result {
            Ok(connection) => connection,
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
        let (came, last) = {
            let mut transfer = Box::pin(self.transfer(connection, port, session, random));
            let mut last_reply = Box::pin(control.final_reply());
            tokio::select! {
                came = &mut transfer => (Some(came), last_reply.await),
                last = &mut last_reply => {
                    // Who says that it won't may leave the data connection to itself.
                    let until = Instant::now() + if is_positive(&last) { self.limits.hello } else { GRACE };
                    (timeout_at(until, transfer).await.ok(), last)
                }
            }
        };
        let unanswered = || {
            let (waiting_for, received_bytes) = ("the server's answer on the data connection".to_owned(), 0);
            let answer = Answer::Timeout { waiting_for, received_bytes, after_ms: 0.0, tcp: None };
            Ok(FtpDataConnection::not_open(port, Outcome::new(Stage::Hello, answer)))
        };
        *data = Some(came.unwrap_or_else(unanswered));
        last.map(drop)
    }

    /// The handshake on the data connection, and the listing.
    async fn transfer(
        self,
        mut connection: Connection,
        port: u16,
        session: Option<&Kept>,
        mut random: StdRng,
    ) -> Result<FtpDataConnection, SurveyError> {
        let by = session.filter(|_| self.list == FtpList::Resumed).and_then(Kept::named_by);
        let resume = by.map(|by: ResumeBy| Resume { exchange: 0, by });
        let question = Question { finish: Some(Finish { resume, ..Finish::default() }), ..self.question.clone() };
        let Prepared { mut opening, .. } = prepare(self.plan, &question, session, &mut random);
        opening.options.certificate = self.context.client_certificate();
        let asked = exchange::ask(&mut connection, opening, self.limits, &mut random, Connection::tcp_state);
        let mut recorded = asked.await.map_err(|source| self.failed(source))?;
        self.context.log_keys(&recorded.learned.key_log);
        let spoken = std::mem::take(&mut recorded.learned.spoken);
        let mut received_bytes = spoken.len();
        if let Some(open) = recorded.open.take() {
            let mut stream = Secured::new(&mut connection, open, random);
            received_bytes += read_out(&mut stream, self.limits.deadline).await;
            timeout(GOODBYE, stream.shutdown()).await.ok();
        }
        let is_complete = is_complete(&recorded.outcome);
        Ok(FtpDataConnection {
            port,
            session_offered: resume.is_some(),
            resumed: is_complete.then_some(recorded.learned.resumed),
            outcome: recorded.outcome,
            received_bytes,
        })
    }

    fn failed(self, source: std::io::Error) -> SurveyError {
        SurveyError::Exchange { target: self.plan.target.to_string(), source }
    }
}

fn is_positive(reply: &Result<Reply, Ended>) -> bool {
    reply.as_ref().is_ok_and(Reply::is_positive)
}

/// Reads what comes, up to an end or a bound, and counts it. How a listing ends is told on the control connection.
async fn read_out(stream: &mut Secured<&mut Connection, StdRng>, deadline: Instant) -> usize {
    let (mut count, mut bytes) = (0, [0; 4096]);
    while count < MOST_READ {
        match timeout_at(deadline, stream.read(&mut bytes)).await {
            Ok(Ok(read)) if read > 0 => count += read,
            _ => break,
        }
    }
    count
}

/// Whether the handshake is: an empty listing is over with the first word behind it.
fn is_complete(outcome: &Outcome) -> bool {
    match outcome.answer {
        Answer::Completed { .. } => true,
        Answer::Alert { code, .. } => outcome.stage == Stage::Handshake && code == AlertDescription::CLOSE_NOTIFY.0,
        _ => false,
    }
}
