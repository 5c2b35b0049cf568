//! What is wrong behind a good handshake: statuses of HTTP, by the side that gives them.

pub(super) mod cmg;
pub(super) mod forwarded;
pub(super) mod status;
#[cfg(test)]
mod tests;
pub(super) mod wsus;

use super::{Case, Judgement};
use crate::observation::HttpObservation;

/// What Microsoft's article on a gateway says.
const CMG_ARTICLE: &str = "Troubleshoot CMG client communication (Microsoft, KB 4503442, 4495265)";

/// The article on WSUS servers that do not answer their clients.
const SUP_ARTICLE: &str = "SCCM Troubleshooting SUP Failover part 2";

/// The table of the update agent's errors.
const WU_TABLE: &str = "wuerror.h (MicrosoftDocs/win32, wua-networking-error-codes-.md); the causes are inferred, and \
                        where to look in IIS and WSUS is general knowledge, not re-read";

/// A status that IIS gives where TLS is demanded.
const TLS_REQUIRED: &str = "403.4";

/// A status that IIS gives where a client certificate is demanded, and none came.
const CERTIFICATE_REQUIRED: &str = "403.7";

impl<'a> Case<'a> {
    /// What HTTP answered that this is true of.
    fn http(&self, speaks: impl Fn(&HttpObservation) -> bool) -> Vec<&'a HttpObservation> {
        self.report.observations.http.iter().filter(|http| speaks(http)).collect()
    }

    /// Speaks where some answer is so, and is the server's.
    fn http_judgement(&self, is_so: impl Fn(&HttpObservation) -> bool) -> Option<Judgement> {
        let found = self.http(|http| !http.may_be_the_proxys() && is_so(http));
        (!found.is_empty()).then(|| judgement(&found))
    }
}

/// What these answers show.
fn judgement(found: &[&HttpObservation]) -> Judgement {
    let seen: Vec<String> = found.iter().map(|http| told(http)).collect();
    let because = found.iter().flat_map(|http| http.because.iter().copied()).collect();
    Judgement { because, seen: seen.join("; "), ..Judgement::default() }
}

/// An answer in a few words.
fn told(http: &HttpObservation) -> String {
    let end = match http.status {
        Some(status) => format!("{status} {}", http.reason.as_deref().unwrap_or_default()).trim_end().to_owned(),
        None => super::spoken(&http.kind).to_owned(),
    };
    let sub = http.sub_status.as_ref().map(|sub| format!(" (IIS {sub})")).unwrap_or_default();
    let way = if http.forwarded { ", through a proxy that carried the request on" } else { "" };
    format!("{} was answered by {end}{sub}{way}", http.url)
}

impl HttpObservation {
    /// Whether it is a request to a gateway, whose statuses have meanings of their own.
    fn is_of_cmg(&self) -> bool {
        self.path().to_ascii_lowercase().starts_with("/ccm_proxy_")
    }

    /// Whether a gateway said this, in words that stand where HTTP has its reason phrase.
    fn gateway_says(&self, status: u16, text: &str) -> bool {
        let reason = self.reason.as_deref().unwrap_or_default();
        self.status == Some(status) && reason.trim().eq_ignore_ascii_case(text)
    }

    /// Whether it was refused for want of a client certificate: the answer says so or, where one was asked for, is 403
    /// without a word of another reason, or none but the end of the connection.
    fn wants_certificate(&self) -> bool {
        if self.says_certificate_is_missing {
            return true;
        }
        match (self.sub_status.as_deref(), self.status) {
            (Some(sub), _) => sub == CERTIFICATE_REQUIRED,
            (None, Some(status)) => self.asked_for_certificate && status == 403,
            (None, None) => self.asked_for_certificate && matches!(self.kind.as_str(), "alert" | "reset" | "fin"),
        }
    }

    /// Whether TLS is demanded where it was asked for without, and may be: in the clear only the self-update tree has to
    /// be there.
    fn may_demand_tls(&self) -> bool {
        self.is_in_clear() && self.status == Some(403) && !self.is_of_self_update()
    }

    /// Whether TLS is demanded where it may not be.
    fn self_update_demands_tls(&self) -> bool {
        self.is_in_clear() && self.is_of_self_update() && self.sub_status.as_deref() == Some(TLS_REQUIRED)
    }

    fn is_of_self_update(&self) -> bool {
        self.path().to_ascii_lowercase().starts_with("/selfupdate/")
    }
}
