//! Why no TLS came through the proxy: whose word that is, and whether it is a "no".

use super::{Compared, shown};
use crate::observation::RouteReason;
use crate::observation::RouteVerdict::Blocked;
use crate::outcome::{Answer, Exchange, ProxyProtocol, ProxyStatus};

/// Told from the first answer, for all that came after it is like it: none is TLS.
pub(super) fn reason(compared: &Compared<'_>) -> Option<RouteReason> {
    let first = compared.proxied.exchanges.first()?;
    // The endpoint is there, and it is TLS that it speaks.
    let answers_directly = compared.direct.is_some();
    let (id, blocked, what) = judge(first, answers_directly);
    let text = if answers_directly { format!("{what}, while the endpoint answers directly") } else { what };
    let ids = |exchanges: &[Exchange]| exchanges.iter().map(|exchange| exchange.id).collect();
    let told = super::reason(id, blocked.then_some(Blocked), text);
    Some(shown(told, ids(compared.direct_exchanges()), ids(&compared.proxied.exchanges)))
}

/// Which reason it is, whether the way is blocked, and what was seen.
fn judge(first: &Exchange, answers_directly: bool) -> (&'static str, bool, String) {
    let kind = first.outcome.answer.kind();
    match &first.outcome.answer {
        Answer::ProxyStatus(status) if is_the_proxys_no(status) => {
            ("proxy-refuses", true, format!("the proxy refuses to connect: {}", told(status)))
        }
        Answer::ProxyStatus(status) => (
            "proxy-cannot-connect",
            answers_directly,
            format!("the proxy says that it cannot connect: {}", told(status)),
        ),
        _ if first.outcome.ended_at_the_proxy() => {
            ("proxy-not-reached", false, format!("no tunnel was opened: {kind} at the proxy"))
        }
        Answer::NotTls { looks_like, .. } => {
            let like = looks_like.as_deref().map(|like| format!(", {like}")).unwrap_or_default();
            ("answer-not-tls", answers_directly || is_a_page(&like), format!("through the tunnel comes no TLS{like}"))
        }
        _ => ("no-tls-through-proxy", answers_directly, format!("through the tunnel comes no TLS, but {kind}")),
    }
}

/// Whether the proxy speaks for itself. A gateway's failure is about the endpoint (RFC 9110 §15.6, RFC 1928 §6), and
/// tinyproxy's 500 is what others call 502.
fn is_the_proxys_no(status: &ProxyStatus) -> bool {
    match status.protocol {
        ProxyProtocol::Http => !(500..600).contains(&status.status),
        ProxyProtocol::Socks5 => !(1..=6).contains(&status.status) || status.status == NOT_ALLOWED,
    }
}

/// "Connection not allowed by ruleset" (RFC 1928 §6).
const NOT_ALLOWED: u16 = 2;

fn told(status: &ProxyStatus) -> String {
    let protocol = match status.protocol {
        ProxyProtocol::Http => "HTTP",
        ProxyProtocol::Socks5 => "SOCKS 5",
    };
    format!("{protocol} {} {}", status.status, status.reason)
}

/// A web server without TLS takes a ClientHello for a bad request and says 400. Whoever says something else in HTTP did
/// not read it, but wants to be read.
fn is_a_page(like: &str) -> bool {
    like.contains("HTML") || (like.contains("HTTP/") && !like.contains(" 400 "))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{Known, compare};
    use super::*;
    use crate::observation::RouteVerdict::{self, Inconclusive};
    use crate::outcome::Stage;

    fn verdict(proxied: &Built, direct: &Built) -> (RouteVerdict, String) {
        let comparison = compare(proxied, Some(direct), &Known::default());
        let told = |id: &&str| !["no-direct-route"].contains(id);
        let reason = ids(&comparison).into_iter().find(told).unwrap().to_owned();
        (comparison.verdict, reason)
    }

    fn status(protocol: ProxyProtocol, status: u16) -> Built {
        let status = ProxyStatus {
            protocol,
            status,
            reason: "reason".to_owned(),
            auth_schemes: Vec::new(),
            auth_tried: Vec::new(),
            auth_not_tried: Vec::new(),
            headers: Vec::new(),
            body_start: String::new(),
        };
        server().ends_with(Stage::Proxy, Answer::ProxyStatus(status))
    }

    fn page(status_line: &str) -> Built {
        let looks_like = Some(format!("an HTTP answer: {status_line}"));
        server().ends_with(Stage::Hello, Answer::NotTls { first_bytes: String::new(), looks_like })
    }

    const RESET: Answer = Answer::Reset { received_bytes: 0, after_ms: 1.0 };

    #[test]
    fn a_proxys_own_no_blocks_whatever_the_endpoint_does() {
        for refusal in [
            status(ProxyProtocol::Http, 403),
            status(ProxyProtocol::Http, 407),
            status(ProxyProtocol::Socks5, 2),
            status(ProxyProtocol::Socks5, 255),
        ] {
            for direct in [server(), server().unreachable()] {
                assert_eq!(verdict(&refusal, &direct), (Blocked, "proxy-refuses".to_owned()));
            }
        }
    }

    #[test]
    fn a_gateways_failure_blocks_only_where_the_endpoint_is_there() {
        for failure in [502, 503, 504].map(|code| status(ProxyProtocol::Http, code)) {
            assert_eq!(verdict(&failure, &server()), (Blocked, "proxy-cannot-connect".to_owned()));
            assert_eq!(verdict(&failure, &server().unreachable()).0, Inconclusive);
        }
        assert_eq!(verdict(&status(ProxyProtocol::Socks5, 5), &server().unreachable()).0, Inconclusive);
    }

    #[test]
    fn a_proxy_that_was_not_reached_says_nothing() {
        let gone = server().ends_with(Stage::Proxy, Answer::Refused { after_ms: 0.1 });
        assert_eq!(verdict(&gone, &server()), (Inconclusive, "proxy-not-reached".to_owned()));
    }

    #[test]
    fn a_page_in_the_place_of_tls_blocks_unless_it_may_be_a_web_servers_answer() {
        let forbidden = page("HTTP/1.1 403 Forbidden");
        assert_eq!(verdict(&forbidden, &server().unreachable()), (Blocked, "answer-not-tls".to_owned()));
        let bad_request = page("HTTP/1.1 400 Bad Request");
        assert_eq!(verdict(&bad_request, &server().unreachable()).0, Inconclusive);
        assert_eq!(verdict(&bad_request, &server()).0, Blocked);
    }

    #[test]
    fn a_tunnel_that_ends_at_every_hello_blocks_where_the_endpoint_answers_directly() {
        let ended = server().ends_with(Stage::Hello, RESET);
        assert_eq!(verdict(&ended, &server()), (Blocked, "no-tls-through-proxy".to_owned()));
        assert_eq!(verdict(&ended, &server().ends_with(Stage::Hello, RESET)).0, Inconclusive);
    }
}
