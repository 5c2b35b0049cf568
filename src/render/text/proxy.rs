//! What a proxy says in place of a tunnel.

use super::exchange::Frame;
use super::words::{after, name, sentence};
use crate::outcome::{HeaderField, ProxyProtocol, ProxyStatus};

/// Fields that tell who answered, and why.
const TELLING: [&str; 8] =
    ["Via", "X-Squid-Error", "Server", "Proxy-Agent", "Proxy-Status", "Location", "Retry-After", "X-Cache"];

/// The proxy's answer as a frame.
pub(super) fn status(status: &ProxyStatus, milliseconds: Option<f64>) -> Frame {
    let ProxyStatus { protocol, status: code, reason, auth_schemes, auth_tried, auth_not_tried, headers, body_start } =
        status;
    let protocol = match protocol {
        ProxyProtocol::Http => "HTTP",
        ProxyProtocol::Socks5 => "SOCKS 5",
    };
    let time = after(milliseconds);
    let mut frame = Frame::of(format!("the proxy answered {protocol} {code} {}{time}", name(reason)));
    if !auth_schemes.is_empty() {
        frame.details.push(format!("offers {}", listed(auth_schemes)));
    }
    if !auth_tried.is_empty() {
        frame.details.push(format!("tried {}", listed(auth_tried)));
    }
    frame.details.extend(auth_not_tried.iter().map(|why| format!("not tried: {}", sentence(why))));
    let tells = |field: &&HeaderField| TELLING.iter().any(|telling| telling.eq_ignore_ascii_case(&field.name));
    let fields = headers.iter().filter(tells);
    frame.details.extend(fields.map(|field| format!("{}: {}", name(&field.name), name(&field.value))));
    frame
        .details
        .extend(first_words(body_start).map(|words| format!("its page begins \u{201c}{}\u{201d}", name(&words))));
    frame
}

fn listed(words: &[String]) -> String {
    words.iter().map(|word| name(word)).collect::<Vec<_>>().join(", ")
}

/// The first words of a page, without its markup: a browser would show the title first.
fn first_words(page: &str) -> Option<String> {
    let body = page.split_once("<title>").or_else(|| page.split_once("<TITLE>")).map_or(page, |(_, title)| title);
    let mut words = String::new();
    let mut in_markup = false;
    for letter in body.chars() {
        match letter {
            '<' if !words.trim().is_empty() => break,
            '<' => in_markup = true,
            '>' => in_markup = false,
            _ if in_markup => {}
            letter => words.push(letter),
        }
    }
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forbidden() -> ProxyStatus {
        ProxyStatus {
            protocol: ProxyProtocol::Http,
            status: 407,
            reason: "Proxy Authentication Required".to_owned(),
            auth_schemes: vec!["Negotiate".to_owned(), "Basic".to_owned()],
            auth_tried: vec!["basic".to_owned()],
            auth_not_tried: vec!["negotiate: no ticket".to_owned()],
            headers: [("Date", "today"), ("via", "1.1 proxy"), ("X-Squid-Error", "ERR_CACHE_ACCESS_DENIED 0")]
                .map(|(name, value)| HeaderField { name: name.to_owned(), value: value.to_owned() })
                .to_vec(),
            body_start: "<html><head>\n<title>Denied</title><body>Sorry".to_owned(),
        }
    }

    #[test]
    fn a_refusal_is_told_with_all_that_explains_it() {
        let frame = status(&forbidden(), None);
        assert_eq!(frame.told, ["the proxy answered HTTP 407 Proxy Authentication Required"]);
        assert_eq!(
            frame.details,
            [
                "offers Negotiate, Basic",
                "tried basic",
                "not tried: negotiate: no ticket",
                "via: 1.1 proxy",
                "X-Squid-Error: ERR_CACHE_ACCESS_DENIED 0",
                "its page begins “Denied”",
            ]
        );
    }

    #[test]
    fn a_page_begins_with_its_title_or_its_first_words() {
        assert_eq!(first_words("<h1>The  host\nis down.</h1>").as_deref(), Some("The host is down."));
        assert_eq!(first_words("no markup at all").as_deref(), Some("no markup at all"));
        assert_eq!(first_words("<html><body>"), None);
        assert_eq!(first_words("<!-- a comment that never en"), None);
    }

    #[test]
    fn what_a_proxy_sends_cant_move_the_terminal() {
        let nasty =
            ProxyStatus { reason: "\u{1b}[2J".to_owned(), body_start: "\u{1b}]0;x\u{7}".to_owned(), ..forbidden() };
        let frame = status(&nasty, Some(1.0));
        assert!(frame.told.iter().chain(&frame.details).all(|text| !text.contains('\u{1b}')), "{frame:?}");
    }
}
