//! The proxy's policy says no, before the tunnel or in its place.

use super::proxy::{About, OUTCOME_ITSELF, about};
use super::{Case, Judgement, Rule};
use crate::finding::Severity;
use crate::outcome::{Answer, Exchange, ProxyStatus, Stage};
use crate::plan::RouteKind;

pub(super) const RULE: Rule = Rule {
    id: "proxy-block-page",
    severity: Severity::Error,
    title: "The proxy's policy blocks the endpoint",
    rests_on: "the proxy answered CONNECT with 403 or 451, or a SOCKS proxy by its ruleset; or what came out of the tunnel \
               in answer to the hello is HTTP or HTML",
    windows_symptoms: &[
        "WindowsUpdate.log: 0x80244018 (WU_E_PT_HTTP_STATUS_FORBIDDEN) where CONNECT is refused",
        "0x80072F78 (ERROR_WINHTTP_INVALID_SERVER_RESPONSE) or 0x80090308 (SEC_E_INVALID_TOKEN) where a page comes out of \
         the tunnel",
    ],
    remedy: &[
        "Have the proxy's owner allow CONNECT to the endpoint's name and port 443 for this machine; the page and the \
         header fields name the rule that refused it.",
        "Allow the other update endpoints with it: those of Microsoft's firewall list for WSUS.",
    ],
    disproved_by: "the same CONNECT allowed from the same machine and user",
    source: OUTCOME_ITSELF,
    confidence: "seen",
    judge,
};

fn judge(case: &Case<'_>) -> Option<Judgement> {
    before_the_tunnel(case).or_else(|| out_of_the_tunnel(case))
}

fn before_the_tunnel(case: &Case<'_>) -> Option<Judgement> {
    let refused = case.refused_by_proxy(|status| about(status) == About::Permission)?;
    let page = first_words(refused.status).map(|words| format!("; its page begins \u{201c}{words}\u{201d}"));
    Some(Judgement {
        seen: refused.told(case.proxy()) + &page.unwrap_or_default(),
        because: refused.exchanges,
        ..Judgement::default()
    })
}

/// A 200, and then a page in answer to the hello: not what an endpoint says that speaks TLS.
fn out_of_the_tunnel(case: &Case<'_>) -> Option<Judgement> {
    if case.report.route.kind == RouteKind::Direct {
        return None;
    }
    let page = |exchange: &Exchange| match &exchange.outcome.answer {
        Answer::NotTls { looks_like: Some(like), .. } if exchange.outcome.stage == Stage::Hello && is_page(like) => {
            Some((exchange.id, like.clone()))
        }
        _ => None,
    };
    let (because, pages): (Vec<usize>, Vec<String>) = case.report.exchanges.iter().filter_map(page).unzip();
    let first = pages.first()?;
    let seen = format!("{} opened the tunnel, and what answered the hello is {first}", case.proxy());
    Some(Judgement { because, seen, ..Judgement::default() })
}

fn is_page(looks_like: &str) -> bool {
    looks_like.starts_with("an HTTP answer") || looks_like.starts_with("HTML")
}

/// The page's title, or what it begins with, without markup.
fn first_words(status: &ProxyStatus) -> Option<String> {
    const AT_MOST: usize = 80;
    let page = &status.body_start;
    let lower = page.to_ascii_lowercase();
    let title = lower.find("<title>").and_then(|at| page.get(at + "<title>".len()..)).unwrap_or(page);
    let text = title.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let words = text.map(str::trim).find(|text| !text.is_empty())?;
    Some(words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(AT_MOST).collect())
}
