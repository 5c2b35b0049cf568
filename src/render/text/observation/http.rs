//! What HTTP answered: a row for each request.

use super::Row;
use crate::observation::{HttpObservation, TokenObservation};
use crate::render::text::layout::plain;
use crate::render::text::words::{because, name, sentence};

pub(super) fn rows(all: &[HttpObservation], token: Option<&TokenObservation>) -> Vec<Row> {
    let label = |place| if place == 0 { "http".to_owned() } else { String::new() };
    let requests = all.iter().enumerate().map(|(place, http)| (label(place), vec![plain(request(http))]));
    requests.chain(token.map(|token| ("token".to_owned(), vec![plain(sent(token))]))).collect()
}

fn request(http: &HttpObservation) -> String {
    let HttpObservation {
        url,
        status,
        reason,
        sub_status,
        kind,
        windows_codes,
        server,
        location,
        forwarded,
        assumed,
        ..
    } = http;
    let end = match status {
        Some(status) => format!("{status} {}", name(reason.as_deref().unwrap_or_default())).trim_end().to_owned(),
        None => name(kind),
    };
    let mut told = vec![format!("{}: {end}", name(url))];
    told.extend(sub_status.as_ref().map(|status| format!("IIS {status}")));
    told.extend(http.asked_for_certificate.then(|| "asks for a client certificate".to_owned()));
    told.extend(http.says_certificate_is_missing.then(|| "refuses for want of one".to_owned()));
    told.extend(location.as_ref().map(|location| format!("to {}", name(location))));
    told.extend(forwarded.then(|| "carried on by the proxy".to_owned()));
    told.extend(server.as_ref().map(|server| format!("by {}", name(server))));
    told.extend(windows_codes.iter().map(|error| format!("Windows {} {}", error.code, error.symbol)));
    told.extend(assumed.as_ref().map(|assumed| sentence(assumed)));
    format!("{}{}", told.join(", "), because(&http.because))
}

fn sent(token: &TokenObservation) -> String {
    let TokenObservation { expires, expired } = token;
    match (expires, expired) {
        (Some(expires), Some(true)) => format!("went along, and was over by its own word: {}", name(expires)),
        (Some(expires), _) => format!("went along, good until {} by its own word", name(expires)),
        (None, _) => "went along; when it ends it does not say".to_owned(),
    }
}
