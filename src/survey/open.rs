//! What a question wants on a connection whose handshake is complete.

use std::io;
use std::sync::atomic::AtomicUsize;

use rand::rngs::StdRng;

use super::ftp::Listing;
use super::path::Path;
use super::{Context, SurveyError, request};
use crate::dial::Connection;
use crate::exchange::{self, AskedForContent, Limits, Recorded};
use crate::outcome::{FtpExchange, HttpExchange};
use crate::plan::Plan;
use crate::question::Question;

/// A question whose handshake is complete.
#[derive(Clone, Copy)]
pub(super) struct Open<'a> {
    pub(super) plan: &'a Plan,
    pub(super) path: &'a Path,
    pub(super) context: &'a Context,
    pub(super) question: &'a Question,
    pub(super) limits: Limits,
    pub(super) connections: &'a AtomicUsize,
}

/// What was said inside TLS.
#[derive(Default)]
pub(super) struct Said {
    pub(super) http: Option<Box<HttpExchange>>,
    pub(super) ftp: Option<Box<FtpExchange>>,
}

impl Open<'_> {
    /// Asks for what the question wants, adds to the record what came of it, and closes the connection.
    pub(super) async fn go_on(
        self,
        mut connection: Connection,
        mut recorded: Recorded,
        random: &mut StdRng,
    ) -> Result<(Recorded, Said), SurveyError> {
        let Self { plan, question, limits, .. } = self;
        let failed = |source| self.failed(source);
        let finish = question.finish.as_ref();
        let mut said = Said::default();
        if finish.is_some_and(|finish| finish.renegotiate)
            && let Some(open) = recorded.open.take()
        {
            let asked = exchange::renegotiate(&mut connection, open, limits, random);
            let (came, open) = asked.await.map_err(failed)?;
            recorded.open = open;
            if let Some((outcome, further)) = came {
                recorded.renegotiation = Some(Box::new(outcome));
                recorded.go_on(further);
            }
        }
        if finish.is_some_and(|finish| finish.ask_for_content) && plan.target.starttls.is_none() {
            ask_for_content(plan, &mut connection, &mut recorded, limits, random).await.map_err(failed)?;
        }
        if let Some(list) = finish.and_then(|finish| finish.list)
            && let Some(open) = recorded.open.take()
        {
            let asked = Listing { of: self, list }.ask(&mut connection, *open, &mut recorded, random);
            said.ftp = Some(Box::new(Box::pin(asked).await?));
        }
        if let Some(request) = &question.request
            && let Some(open) = recorded.open.take()
        {
            let asked =
                request::over_tls(plan, &mut connection, *open, &mut recorded, request, limits.deadline, random);
            said.http = Some(Box::new(Box::pin(asked).await.map_err(failed)?));
        }
        if let Some(open) = recorded.open.take() {
            exchange::close(&mut connection, open, random).await;
        }
        Ok((recorded, said))
    }

    /// What this system could not do with the connection.
    pub(super) fn failed(self, source: io::Error) -> SurveyError {
        SurveyError::Exchange { target: self.plan.target.to_string(), source }
    }
}

/// Asks for `/` on a connection whose handshake is complete: some servers ask who we are only then.
async fn ask_for_content(
    plan: &Plan,
    connection: &mut Connection,
    recorded: &mut Recorded,
    limits: Limits,
    random: &mut StdRng,
) -> io::Result<()> {
    let (Some(open), Some(server)) = (recorded.open.take(), &recorded.learned.server) else { return Ok(()) };
    let content = request::first_page(plan);
    let asked = exchange::ask_for_content(connection, open, &content, server.version, limits, random).await?;
    let AskedForContent { content, request, tickets, further, open } = asked;
    recorded.learned.tickets.extend(tickets);
    recorded.go_on(further);
    recorded.heard_late(&content.outcome);
    (recorded.late_certificate_request, recorded.content) = (request.map(Box::new), Some(Box::new(content)));
    recorded.open = open;
    Ok(())
}
