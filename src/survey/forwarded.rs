//! A request that a proxy carries on by itself: sent to it as a whole URL, with who we are where it asks for that.

use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use rand::rngs::StdRng;

use super::secrets::Secrets;
use crate::dial::{DialError, Failure, LONGEST_PAGE, Left, ProxyDialer, ProxyWaits};
use crate::http::{self, Asked, Heard, Limits, Overheard, Request, Response};
use crate::outcome::{Answer, Outcome};

/// `Proxy Authentication Required` (RFC 9110 §15.5.8): no server behind a proxy says so.
const PROXY_AUTHENTICATION: u16 = 407;

/// The proxy, and how to reach it.
pub(super) struct Carrier<'a> {
    pub(super) dialer: &'a ProxyDialer,
    pub(super) address: SocketAddr,
    pub(super) waits: ProxyWaits,
    pub(super) connections: &'a AtomicUsize,
    /// Whether to keep what is said and heard.
    pub(super) evidence: bool,
}

/// What came of a request, without a trace of our credentials.
pub(super) struct Carried {
    /// The proxy's own demand for credentials is an end at the proxy.
    pub(super) asked: Asked,
    /// What was said and heard on the last connection.
    pub(super) heard: Option<Heard>,
    /// What no report may repeat.
    pub(super) secrets: Secrets,
    /// The TCP handshake of the last connection.
    pub(super) connect: Option<Duration>,
}

/// Why there is no answer to tell of.
pub(super) enum NotCarried {
    /// The way to the proxy, or the proof of who we are, ended so.
    Dial(Failure),
    /// This system failed in the middle of a connection.
    Local(std::io::Error),
}

impl From<Failure> for NotCarried {
    fn from(failure: Failure) -> Self {
        Self::Dial(failure)
    }
}

impl From<DialError> for NotCarried {
    fn from(error: DialError) -> Self {
        Self::Dial(error.into())
    }
}

impl Carrier<'_> {
    /// Sends the request, as often as the proof of who we are takes. `url` is what the proxy is asked for.
    pub(super) async fn ask(
        &self,
        method: &'static str,
        url: String,
        request: &Request<'_>,
        limits: Limits,
        mut random: StdRng,
    ) -> Result<Carried, NotCarried> {
        let mut proof = self.dialer.prove(method, url.clone(), &mut random, self.waits.deadline).await?;
        let (mut open, mut connect) = (None, None);
        loop {
            let is_used = open.is_some();
            let connection = match open.take() {
                Some(connection) => connection,
                None => self.dialer.connect(self.address, self.waits, self.connections).await?,
            };
            connect = connect.filter(|_| is_used).or(Some(connection.elapsed()));
            let mut fields = request.fields.to_vec();
            fields.extend(proof.authorization().map(|value| ("Proxy-Authorization", value)));
            let tried = Request {
                method,
                target: url.clone(),
                fields: &fields,
                keeps: proof.is_under_way(),
                ..request.clone()
            };
            let mut stream = Overheard::new(connection, self.evidence);
            // A proof that is tied to its connection goes on behind the whole of a refusal's page, as with CONNECT.
            let page = if proof.is_under_way() { LONGEST_PAGE } else { 0 };
            let patient = Limits { body: limits.body.max(page), ..limits };
            let asked = http::ask(&mut stream, &tried, patient).await.map_err(NotCarried::Local)?;
            let (connection, heard) = stream.into_parts();
            if is_used && !proof.is_bound_to_its_connection() && hung_up(&asked) {
                continue;
            }
            let asked = match asked {
                Asked::Answered(response) if response.status == PROXY_AUTHENTICATION => {
                    if proof.challenged(&response.headers, left(&response)).await? {
                        open = response.is_open.then_some(connection);
                        continue;
                    }
                    let Response { status, reason, headers, body, .. } = &response;
                    Asked::Ended(proof.refusal(*status, reason, headers, body))
                }
                Asked::Answered(response) => {
                    proof.passed(response.status, &response.headers).await;
                    Asked::Answered(response.cut_to(limits.body))
                }
                ended @ Asked::Ended(_) => ended,
            };
            let secrets = Secrets::default().and(proof.secrets());
            let asked = match asked {
                Asked::Answered(response) => Asked::Answered(secrets.clean(response)),
                ended @ Asked::Ended(_) => ended,
            };
            return Ok(Carried { asked, heard, secrets, connect });
        }
    }
}

fn left(response: &Response) -> Left {
    match response {
        Response { is_open: true, .. } => Left::Open,
        Response { is_whole: true, .. } => Left::Closed,
        _ => Left::Unread,
    }
}

/// Whether the proxy closed without a word: after a 407 some do, though they did not say that they would.
fn hung_up(asked: &Asked) -> bool {
    let Asked::Ended(Outcome { answer, .. }) = asked else { return false };
    matches!(answer, Answer::Fin { received_bytes: 0, .. } | Answer::Reset { received_bytes: 0, .. })
}
