//! What the endpoint answers over HTTP.
//!
//! Through TLS each path is asked for in TLS 1.2, the version of the Windows clients whose failures are looked for: in it a
//! server can ask for a client certificate for one path alone. A server that refuses that hello, by whatever alert or end,
//! is asked again with the hello of today.

use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{HttpObservation, Observations, http_key};
use crate::offer::Offer;
use crate::outcome::{Exchange, HttpExchange, Stage, WindowsError, wants_certificate};
use crate::question::{HttpRequest, Question};
use crate::registry::WindowsCode;

pub(super) struct Requests {
    requests: Vec<HttpRequest>,
    offer: Offer,
}

impl Requests {
    pub(super) fn new(requests: &[HttpRequest], offer: &Offer) -> Self {
        Self { requests: requests.to_vec(), offer: offer.clone() }
    }

    /// The requests that are asked once more, given the first answers.
    fn again<'a>(&'a self, answers: &Answers<'a>) -> impl Iterator<Item = &'a HttpRequest> {
        let asked = self.requests.iter().zip(answers.to_vec());
        asked.filter_map(|(request, exchange)| refuses_the_hello(exchange?).then_some(request))
    }
}

fn refuses_the_hello(exchange: &Exchange) -> bool {
    exchange.outcome.stage == Stage::Hello && exchange.outcome.answer.is_refusal()
}

impl Probe for Requests {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        if answers.is_empty() {
            return self.requests.iter().map(|request| Question::http(request.clone(), &self.offer)).collect();
        }
        if answers.len() > self.requests.len() {
            return Vec::new();
        }
        let modern = Offer::modern();
        self.again(answers).map(|request| Question::http(request.clone(), &modern)).collect()
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        let (first, mut second) = match answers.split_at_checked(self.requests.len()) {
            Some((first, second)) => (first, second.iter()),
            None => (answers, [].iter()),
        };
        for (place, request) in self.requests.iter().enumerate() {
            let first = first.get(place).copied().flatten();
            let again = first.filter(|exchange| refuses_the_hello(exchange)).and_then(|_| second.next().copied());
            let asked: Vec<&Exchange> = [first, again.flatten()].into_iter().flatten().collect();
            match asked.last() {
                Some(last) => observe(request, last, &asked, seen),
                None => {
                    note_missing(&format!("http.{}", request.path), unasked, seen);
                }
            }
        }
    }
}

fn observe(request: &HttpRequest, exchange: &Exchange, asked: &[&Exchange], seen: &mut Observations) {
    let Some(http) = &exchange.http else { return };
    let because: Vec<usize> = asked.iter().map(|exchange| exchange.id).collect();
    let response = http.response.as_ref();
    let field = |name| response.and_then(|response| response.field(name)).map(str::to_owned);
    let key = http_key(&http.url);
    match response {
        Some(_) => seen.rests_on(&key, &because),
        None => seen.could_not_tell(&key, exchange.outcome.answer.kind(), &because),
    }
    seen.http.push(HttpObservation {
        url: http.url.clone(),
        status: response.map(|response| response.status),
        reason: response.map(|response| response.reason.clone()),
        sub_status: response.and_then(|response| response.sub_status.clone()),
        kind: exchange.outcome.answer.kind().to_owned(),
        windows_codes: windows_codes(exchange, http),
        server: field("Server"),
        location: field("Location"),
        asked_for_certificate: http.asked_for_certificate || exchange.certificate_request.is_some(),
        says_certificate_is_missing: response
            .is_some_and(|response| wants_certificate(response.status, &response.body_start)),
        forwarded: http.forwarded,
        first_byte_ms: response.map(|response| response.first_byte_ms),
        total_ms: response.map(|response| response.total_ms),
        assumed: request.assumed.clone(),
        because,
    });
}

/// What Windows reports of it. A CMG's answers are not for the update agent, and a client of a CMG has a certificate.
fn windows_codes(exchange: &Exchange, http: &HttpExchange) -> Vec<WindowsError> {
    let is_of_cmg = http.url.to_ascii_lowercase().contains("/ccm_proxy_");
    let asked_for_certificate = http.asked_for_certificate || exchange.certificate_request.is_some();
    let needs_certificate = (asked_for_certificate && !is_of_cmg)
        .then(|| WindowsError::of(WindowsCode::ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED));
    let of_the_end = match &http.response {
        Some(_) if is_of_cmg => Vec::new(),
        Some(response) => response.windows_code().into_iter().collect(),
        None => exchange.outcome.windows_codes(),
    };
    needs_certificate.flatten().into_iter().chain(of_the_end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{alert, ended};
    use crate::outcome::{Answer, ConfirmedBy, HttpResponse};
    use crate::question::HttpScheme;

    fn request(scheme: HttpScheme) -> HttpRequest {
        HttpRequest { scheme, path: "/a".to_owned(), with_token: false, assumed: None }
    }

    fn probe() -> Requests {
        Requests::new(&[request(HttpScheme::Https)], &Offer::for_version(crate::registry::ProtocolVersion::TLS1_2))
    }

    fn not_answered(mut exchange: Exchange) -> Exchange {
        let url = "https://wsus.corp:8531/a".to_owned();
        let http = HttpExchange { url, response: None, asked_for_certificate: false, forwarded: false };
        exchange.http = Some(Box::new(http));
        exchange
    }

    fn answered(id: usize, status: u16) -> Exchange {
        let status_line = Some(status.to_string());
        let (received_bytes, resumed, confirmed_by) = (9, false, ConfirmedBy::ApplicationData);
        let answer = Answer::Completed { received_bytes, resumed, confirmed_by, status_line };
        let mut exchange = not_answered(ended(id, Stage::Http, answer));
        exchange.http.as_mut().unwrap().response = Some(HttpResponse {
            status,
            reason: "Because".to_owned(),
            interim: Vec::new(),
            sub_status: None,
            headers: Vec::new(),
            body_start: String::new(),
            body_bytes: 0,
            body_is_whole: true,
            first_byte_ms: 1.0,
            total_ms: 2.0,
        });
        exchange
    }

    fn observed(exchanges: &[Exchange]) -> (Option<u16>, String, Vec<String>, Vec<usize>) {
        let answers: Vec<_> = exchanges.iter().map(Some).collect();
        let mut seen = Observations::default();
        probe().read(&answers, &Unasked::Pointless, &mut seen);
        let HttpObservation { status, kind, windows_codes, because, .. } = seen.http.remove(0);
        (status, kind, windows_codes.into_iter().map(|error| error.symbol).collect(), because)
    }

    #[test]
    fn a_status_is_told_with_the_error_it_leads_to() {
        let told = observed(&[answered(1, 503)]);
        let symbols = vec!["WU_E_PT_HTTP_STATUS_SERVICE_UNAVAIL".to_owned()];
        assert_eq!(told, (Some(503), "completed".to_owned(), symbols, vec![1]));
        assert_eq!(observed(&[answered(1, 200)]).2, Vec::<String>::new());
    }

    #[test]
    fn a_certificate_that_is_asked_for_is_an_error_of_its_own() {
        let mut exchange = answered(1, 200);
        exchange.http.as_mut().unwrap().asked_for_certificate = true;
        assert_eq!(observed(&[exchange]).2, ["ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED"]);
    }

    #[test]
    fn a_status_of_a_gateway_is_none_of_the_update_agents() {
        let mut exchange = answered(1, 403);
        exchange.http.as_mut().unwrap().url = "https://cmg.corp/CCM_Proxy_MutualAuth/ServiceMetadata".to_owned();
        assert_eq!(observed(&[exchange]).2, Vec::<String>::new());
    }

    #[test]
    fn whoever_refuses_the_hello_is_asked_with_that_of_today() {
        let reset = ended(1, Stage::Hello, Answer::Reset { received_bytes: 0, after_ms: 1.0 });
        assert_eq!(probe().ask(&[Some(&not_answered(reset))]).len(), 1);
        let refused = not_answered(alert(1, 70));
        let asked = probe().ask(&[Some(&refused)]);
        assert_eq!(asked.len(), 1);
        assert_ne!(asked, probe().ask(&[]));
        assert!(probe().ask(&[Some(&refused), Some(&refused)]).is_empty());
        assert!(probe().ask(&[Some(&answered(1, 200))]).is_empty());
        assert_eq!(observed(&[refused, answered(2, 200)]).3, [1, 2]);
    }

    #[test]
    fn an_end_without_an_answer_is_open_and_has_its_own_errors() {
        let reset = ended(1, Stage::Http, Answer::Reset { received_bytes: 0, after_ms: 1.0 });
        let (status, kind, symbols, _) = observed(&[not_answered(reset)]);
        assert_eq!((status, kind.as_str()), (None, "reset"));
        assert_eq!(symbols.first().map(String::as_str), Some("ERROR_WINHTTP_CONNECTION_ERROR"));
    }

    #[test]
    fn the_words_of_a_page_that_want_a_certificate_are_carried_on() {
        let mut exchange = answered(1, 400);
        let says = |exchange: &Exchange| {
            let mut seen = Observations::default();
            probe().read(&[Some(exchange)], &Unasked::Pointless, &mut seen);
            seen.http.remove(0).says_certificate_is_missing
        };
        assert!(!says(&exchange));
        let response = exchange.http.as_mut().and_then(|http| http.response.as_mut()).unwrap();
        response.body_start = "<center>No required SSL certificate was sent</center>".to_owned();
        assert!(says(&exchange));
    }
}
