//! A tunnel by SOCKS 5 (RFC 1928), with a user name and password where the proxy wants them (RFC 1929).

use std::net::IpAddr;

use super::proxy_auth::Standing;
use super::talk::{Talk, at_proxy, malformed};
use super::{Destination, Failure};
use crate::outcome::{Answer, ProxyProtocol, ProxyStatus};
use crate::proxy::Credentials;
use crate::target::Host;

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const USER_NAME_AND_PASSWORD: u8 = 2;
const NO_ACCEPTABLE_METHOD: u8 = 0xff;
const CONNECT: u8 = 1;
const SUCCEEDED: u8 = 0;

/// What the method is called in reports.
const METHOD: &str = "username/password";

/// Asks for a tunnel. Credentials are shown only if the proxy asks for them.
pub(super) async fn open(
    mut talk: Talk,
    destination: &Destination,
    credentials: Option<(&Credentials, &Standing)>,
) -> Result<Talk, Failure> {
    let methods: &[u8] = match credentials {
        Some(_) => &[NO_AUTHENTICATION, USER_NAME_AND_PASSWORD],
        None => &[NO_AUTHENTICATION],
    };
    talk.say(&[&[VERSION, u8::try_from(methods.len()).unwrap_or_default()], methods].concat()).await?;
    let mut tried = Vec::new();
    match (method(&mut talk).await?, credentials) {
        (NO_AUTHENTICATION, _) => {}
        (USER_NAME_AND_PASSWORD, Some((credentials, standing))) => {
            authenticate(&mut talk, credentials, standing).await?;
            tried.push(METHOD.to_owned());
        }
        (NO_ACCEPTABLE_METHOD, _) => {
            let reason = if methods.len() > 1 {
                "no acceptable method: it wants neither no authentication nor a user name and password"
            } else {
                "no acceptable method: it wants authentication"
            };
            return Err(status(NO_ACCEPTABLE_METHOD, reason, tried));
        }
        _ => return Err(malformed("method", 1, "one of the methods that were offered")),
    }
    let address = address(&destination.host);
    talk.say(&[&[VERSION, CONNECT, 0], address.as_slice(), &destination.port.to_be_bytes()].concat()).await?;
    match reply(&mut talk).await? {
        SUCCEEDED => Ok(talk),
        code => Err(status(code, meaning(code), tried)),
    }
}

/// The method that the proxy chose (§3).
async fn method(talk: &mut Talk) -> Result<u8, Failure> {
    loop {
        match *talk.heard() {
            [VERSION, method, ..] => {
                talk.take(2);
                return Ok(method);
            }
            [] | [VERSION] => talk.listen("the proxy's choice of a method").await?,
            [b'H', ..] => return Err(malformed("version", 0, "5; it seems to be an HTTP proxy")),
            _ => return Err(malformed("version", 0, "5")),
        }
    }
}

/// Shows who we are (RFC 1929 §2): once in a run, if that is refused.
async fn authenticate(talk: &mut Talk, credentials: &Credentials, standing: &Standing) -> Result<(), Failure> {
    let mut turn = standing.turn(talk.deadline()).await?;
    if turn.refusal(METHOD).is_some() {
        let reason = "it wants a user name and password, and refused ours earlier in this run";
        return Err(user_refused(USER_NAME_AND_PASSWORD, reason, Vec::new()));
    }
    let (user, password) = (credentials.user().as_bytes(), credentials.password().as_bytes());
    let length = |text: &[u8]| u8::try_from(text.len()).unwrap_or(u8::MAX);
    let words = [&[1, length(user)], user, &[length(password)], password];
    talk.say(&zeroize::Zeroizing::new(words.concat())).await?;
    loop {
        match *talk.heard() {
            // Some proxies repeat the version of SOCKS in place of that of the sub-negotiation.
            [1 | VERSION, SUCCEEDED, ..] => {
                talk.take(2);
                turn.accepted();
                return Ok(());
            }
            [1 | VERSION, code, ..] => {
                turn.refused(METHOD, "the proxy refused these credentials").await;
                let reason = "the user name or the password was refused";
                return Err(user_refused(code, reason, vec![METHOD.to_owned()]));
            }
            [] | [1 | VERSION] => talk.listen("the proxy's word on the user name and password").await?,
            _ => return Err(malformed("version of the sub-negotiation", 0, "1")),
        }
    }
}

/// The code of the reply (§6), whose bound address tells nothing about the endpoint.
async fn reply(talk: &mut Talk) -> Result<u8, Failure> {
    loop {
        let length = match *talk.heard() {
            // A refusal counts as soon as it is there: not every proxy sends the rest of it.
            [VERSION, code, ..] if code != SUCCEEDED => return Ok(code),
            [VERSION, _, _, 1, ..] => 4 + 4 + 2,
            [VERSION, _, _, 4, ..] => 4 + 16 + 2,
            [VERSION, _, _, 3, length, ..] => 4 + 1 + usize::from(length) + 2,
            [VERSION, _, _, 3] | [] | [VERSION] | [VERSION, _] | [VERSION, _, _] => usize::MAX,
            [VERSION, ..] => return Err(malformed("ATYP", 3, "1, 3 or 4")),
            _ => return Err(malformed("version", 0, "5")),
        };
        if talk.heard().len() >= length {
            talk.take(length);
            return Ok(SUCCEEDED);
        }
        talk.listen("the proxy's reply to CONNECT").await?;
    }
}

/// Type and value of an address (§5).
fn address(host: &Host) -> Vec<u8> {
    match host {
        Host::Address(IpAddr::V4(address)) => [&[1], address.octets().as_slice()].concat(),
        Host::Address(IpAddr::V6(address)) => [&[4], address.octets().as_slice()].concat(),
        // A host name has at most 253 letters.
        Host::Name(name) => [&[3, u8::try_from(name.len()).unwrap_or(u8::MAX)], name.as_bytes()].concat(),
    }
}

/// What a reply's code says (§6).
fn meaning(code: u8) -> &'static str {
    match code {
        1 => "general SOCKS server failure",
        2 => "connection not allowed by ruleset",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => "unassigned",
    }
}

fn status(code: u8, reason: &str, auth_tried: Vec<String>) -> Failure {
    at_proxy(Answer::ProxyStatus(refusal(code, reason, auth_tried)))
}

/// A refusal that is about who we are: it names the method that the proxy chose.
fn user_refused(code: u8, reason: &str, auth_tried: Vec<String>) -> Failure {
    let refusal = refusal(code, reason, auth_tried);
    at_proxy(Answer::ProxyStatus(ProxyStatus { auth_schemes: vec![METHOD.to_owned()], ..refusal }))
}

fn refusal(code: u8, reason: &str, auth_tried: Vec<String>) -> ProxyStatus {
    ProxyStatus {
        protocol: ProxyProtocol::Socks5,
        status: u16::from(code),
        reason: reason.to_owned(),
        auth_schemes: Vec::new(),
        auth_tried,
        auth_not_tried: Vec::new(),
        headers: Vec::new(),
        body_start: String::new(),
    }
}
