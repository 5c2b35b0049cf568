//! Proving to a proxy who we are, scheme by scheme (RFC 9110 §11.7).
//!
//! Of the schemes that the proxy offers and the user allows, the strongest comes first, and each is tried once: with
//! wrong credentials that is one refusal for each scheme in a whole run ([`Standing`]), and no locked account.

mod basic;
mod challenge;
mod digest;
mod kdc;
mod redact;
mod security_context;
mod standing;
mod system_tickets;

use rand::rngs::StdRng;
use tokio::time::Instant;
use zeroize::Zeroizing;

use challenge::Challenge;
use digest::Digest;
pub(super) use redact::Redactor;
use security_context::SecurityContext;
pub(super) use standing::Standing;
use standing::Turn;

use super::Failure;
use crate::outcome::HeaderField;
use crate::plan::ThroughProxy;
use crate::proxy::{AuthChoice, AuthScheme, Credentials};

/// Why a scheme is not tried a second time.
const REFUSED: &str = "the proxy refused these credentials";

/// The most messages of one proof: NTLM in SPNEGO takes three.
const MOST_STEPS: usize = 5;

/// What an answer leaves of its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It is good for another request.
    Open,
    /// The proxy has closed it, or is about to.
    Closed,
    /// The answer was longer, or slower, than it was read.
    Unread,
}

/// The proof under way for one request, over as many tries as it takes.
pub(super) struct Authentication<'a> {
    through: &'a ThroughProxy,
    credentials: Option<&'a Credentials>,
    /// The request's method and target, which Digest hashes.
    method: &'static str,
    uri: String,
    standing: &'a Standing,
    random: &'a mut StdRng,
    deadline: Instant,
    turn: Option<Turn<'a>>,
    under_way: Option<Mechanism>,
    /// Messages of the mechanism under way.
    steps: usize,
    authorization: Option<Zeroizing<String>>,
    redactor: Redactor,
    offered: Vec<Challenge>,
    /// The schemes that had their turn for this request.
    begun: Vec<AuthScheme>,
    /// Those by which something was shown to the proxy.
    tried: Vec<AuthScheme>,
    not_tried: Vec<String>,
}

/// A scheme that was begun, with what it needs to go on.
enum Mechanism {
    Basic,
    Digest {
        /// Whether a nonce that had become stale was answered already.
        was_stale: bool,
    },
    /// NTLM or Negotiate, whose messages belong to one connection.
    Context(SecurityContext),
}

impl Mechanism {
    fn scheme(&self) -> AuthScheme {
        match self {
            Self::Basic => AuthScheme::Basic,
            Self::Digest { .. } => AuthScheme::Digest,
            Self::Context(context) => context.scheme(),
        }
    }
}

impl<'a> Authentication<'a> {
    /// Begins a proof. A scheme that was named is not waited for: what needs no challenge goes with the first request.
    pub(super) async fn begin(
        through: &'a ThroughProxy,
        (method, uri): (&'static str, String),
        standing: &'a Standing,
        random: &'a mut StdRng,
        deadline: Instant,
    ) -> Result<Self, Failure> {
        let credentials = through.credentials();
        let mut this = Self {
            through,
            credentials,
            method,
            uri,
            standing,
            random,
            deadline,
            turn: None,
            under_way: None,
            steps: 0,
            authorization: None,
            redactor: Redactor::new(credentials),
            offered: Vec::new(),
            begun: Vec::new(),
            tried: Vec::new(),
            not_tried: Vec::new(),
        };
        if let AuthChoice::Only(scheme) = through.options.auth
            && scheme != AuthScheme::Digest
        {
            this.begin_one_of(&[scheme]).await?;
        }
        Ok(this)
    }

    /// The value of `Proxy-Authorization` for the next request.
    pub(super) fn authorization(&self) -> Option<&str> {
        self.authorization.as_ref().map(|value| value.as_str())
    }

    /// The proxy let us through, or refused for another reason than who we are: it knows us, or does not care.
    pub(super) async fn passed(&mut self, status: u16) {
        let Some(turn) = &mut self.turn else { return };
        match self.under_way.as_ref().map(Mechanism::scheme) {
            // tinyproxy answers 401 to wrong credentials, which in a proxy's mouth has no other meaning.
            Some(refused) if status == 401 => turn.refused(refused.word(), REFUSED).await,
            _ => turn.accepted(),
        }
    }

    /// Whether the next request belongs to the connection on which the last answer came.
    pub(super) fn is_bound_to_its_connection(&self) -> bool {
        matches!(self.under_way, Some(Mechanism::Context(_))) && self.steps > 1
    }

    /// Whether the answer to the next request is a step of the way, and not the end of it: its connection is to stay open.
    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.under_way, Some(Mechanism::Context(_)))
    }

    /// Answers a 407 with these fields. False, if there is nothing more to say.
    pub(super) async fn challenged(&mut self, headers: &[HeaderField], left: Left) -> Result<bool, Failure> {
        let named = headers.iter().filter(|field| field.name.eq_ignore_ascii_case("Proxy-Authenticate"));
        self.offered = Challenge::all(named.map(|field| field.value.as_str()));
        self.authorization = None;
        if self.go_on(left).await {
            return Ok(true);
        }
        if let (Some(refused), Some(turn)) = (self.under_way.take(), &mut self.turn) {
            turn.refused(refused.scheme().word(), REFUSED).await;
        }
        let is_offered = |scheme: &AuthScheme| self.offered.iter().any(|challenge| names(challenge, *scheme));
        let offered: Vec<AuthScheme> = AuthScheme::ALL.into_iter().filter(is_offered).collect();
        self.begin_one_of(&offered).await
    }

    /// What was tried, and what was not although it was offered and allowed.
    pub(super) fn history(&self) -> (Vec<String>, Vec<String>) {
        (self.tried.iter().map(|scheme| scheme.word().to_owned()).collect(), self.not_tried.clone())
    }

    /// The schemes that the last 407 offered, in its spelling; one that is offered twice stands once.
    pub(super) fn offered(&self) -> Vec<String> {
        let mut offered: Vec<String> = Vec::new();
        for challenge in &self.offered {
            if !offered.contains(&challenge.scheme) {
                offered.push(challenge.scheme.clone());
            }
        }
        offered
    }

    /// Takes our credentials out of what the proxy sent.
    pub(super) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// The next step of the scheme under way, if the proxy asks for one.
    async fn go_on(&mut self, left: Left) -> bool {
        let next = match &mut self.under_way {
            Some(Mechanism::Digest { was_stale }) if !*was_stale && is_stale(&self.offered) => {
                *was_stale = true;
                self.digest().ok()
            }
            Some(Mechanism::Context(context)) => {
                let scheme = context.scheme();
                let challenge = self.offered.iter().find(|challenge| names(challenge, scheme));
                match challenge.and_then(Challenge::token) {
                    // No token: the proof was refused, or is to begin again.
                    None => None,
                    Some(_) if left == Left::Closed => {
                        self.not_done(scheme, "the proxy closed the connection to which its challenge belongs");
                        None
                    }
                    Some(_) if left == Left::Unread => {
                        let why = "the page of its 407 has no end that came in time, and the challenge belongs to that connection";
                        self.not_done(scheme, why);
                        None
                    }
                    Some(_) if self.steps >= MOST_STEPS => None,
                    Some(token) => match context.step(Some(token)).await {
                        Ok(value) => Some(value),
                        Err(why) => {
                            self.not_done(scheme, &why);
                            None
                        }
                    },
                }
            }
            _ => None,
        };
        self.send(next)
    }

    /// Begins the first of these schemes that can be begun.
    async fn begin_one_of(&mut self, schemes: &[AuthScheme]) -> Result<bool, Failure> {
        let choice = self.through.options.auth;
        let allowed = schemes.iter().copied().filter(|scheme| choice.allows(*scheme));
        let known = allowed.filter(|scheme| self.credentials.is_some() || can_do_without_credentials(*scheme));
        let left: Vec<AuthScheme> = known.filter(|scheme| !self.begun.contains(scheme)).collect();
        for scheme in left {
            if self.turn.is_none() {
                self.turn = Some(self.standing.turn(self.deadline).await?);
            }
            self.begun.push(scheme);
            if let Some(why) = self.turn.as_ref().and_then(|turn| turn.refusal(scheme.word())) {
                self.not_done(scheme, &format!("{why} earlier in this run"));
                continue;
            }
            match self.begin_by(scheme).await {
                Ok((mechanism, value)) => {
                    self.tried.push(scheme);
                    self.under_way = Some(mechanism);
                    self.steps = 0;
                    return Ok(self.send(Some(value)));
                }
                Err(why) => {
                    self.not_done(scheme, &why);
                    // A KDC refuses as a proxy does, and one that does not answer is not to be waited for again.
                    if let (Some(turn), AuthScheme::Negotiate) = (&mut self.turn, scheme) {
                        turn.refused(scheme.word(), &why).await;
                    }
                }
            }
        }
        Ok(false)
    }

    /// The first message of a scheme.
    async fn begin_by(&mut self, scheme: AuthScheme) -> Result<(Mechanism, Zeroizing<String>), String> {
        let ThroughProxy { proxy, options } = self.through;
        let mut context = match (scheme, self.credentials) {
            (_, None) => SecurityContext::of_the_system(proxy, self.deadline)?,
            (AuthScheme::Basic, Some(who)) => return Ok((Mechanism::Basic, basic::authorization(who)?)),
            (AuthScheme::Digest, Some(_)) => return Ok((Mechanism::Digest { was_stale: false }, self.digest()?)),
            (AuthScheme::Ntlm, Some(who)) => SecurityContext::ntlm(who, proxy, self.deadline)?,
            (AuthScheme::Negotiate, Some(who)) => {
                SecurityContext::negotiate(who, options.kdc.as_ref(), proxy, self.deadline)?
            }
        };
        let value = context.step(None).await?;
        Ok((Mechanism::Context(context), value))
    }

    /// Notes why a scheme could not be tried, or not to its end.
    fn not_done(&mut self, scheme: AuthScheme, why: &str) {
        let why = self.redactor.clean(why);
        self.not_tried.push(format!("{}: {why}", scheme.word()));
    }

    fn digest(&mut self) -> Result<Zeroizing<String>, String> {
        let credentials = self.credentials.ok_or("there are no credentials")?;
        let challenges: Vec<&Challenge> =
            self.offered.iter().filter(|challenge| names(challenge, AuthScheme::Digest)).collect();
        Ok(Digest::best(&challenges)?.authorization(credentials, self.method, &self.uri, self.random))
    }

    /// Puts this into the next request.
    fn send(&mut self, value: Option<Zeroizing<String>>) -> bool {
        if let Some((_, secret)) = value.as_ref().and_then(|value| value.split_once(' ')) {
            self.redactor.hide(secret);
        }
        self.steps += usize::from(value.is_some());
        self.authorization = value;
        self.authorization.is_some()
    }
}

/// Whether the system may know who we are, where nobody has told us.
fn can_do_without_credentials(scheme: AuthScheme) -> bool {
    system_tickets::CAN_BE_USED && scheme == AuthScheme::Negotiate
}

fn names(challenge: &Challenge, scheme: AuthScheme) -> bool {
    challenge.scheme.eq_ignore_ascii_case(scheme.word())
}

/// Whether the hash was right and only the nonce too old (RFC 7616 §3.3).
fn is_stale(offered: &[Challenge]) -> bool {
    let mut digests = offered.iter().filter(|challenge| names(challenge, AuthScheme::Digest));
    digests.any(|challenge| challenge.parameter("stale").is_some_and(|word| word.eq_ignore_ascii_case("true")))
}
