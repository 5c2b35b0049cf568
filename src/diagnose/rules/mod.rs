//! The rules: a file with one `const` each, and a line in [`RULES`].

mod certificate;
mod client_certificate_required;
mod configmgr_surface_drivers;
mod dhe_group_weak;
mod dhe_leading_zero;
mod ecdhe_leading_zero;
mod ems_echoed_not_used;
mod ems_required;
mod ems_resumption_violates_rfc7627;
mod ems_used_not_echoed;
mod endpoint_not_reached;
mod extended_master_secret_not_echoed;
mod finished_fails;
mod ftp_data;
mod hello_refused;
mod hello_refused_by_length;
mod hello_refused_by_name;
mod hello_size_limit;
mod hello_unanswered;
mod http;
mod proxy;
mod proxy_alters;
mod proxy_authentication_required;
mod proxy_bad_gateway;
mod proxy_block_page;
mod proxy_does_not_answer;
mod proxy_intercepts;
mod proxy_list_malformed;
mod proxy_name_not_resolved;
mod proxy_refuses_connect;
mod reset_on_the_path;
mod session_resumption_refused;
mod wsus_import_nothing_to_send;
mod wsus_import_tls10;
mod wsus_suite_policy;
mod wsus_sync_security_only;
mod wsus_sync_works;
mod wsus_wrong_endpoint;

use super::{Case, Judgement, Rule};
use crate::machine::OperatingSystem;
use crate::observation::{LegObservation, LegState, Support};
use crate::outcome::Exchange;
use crate::registry::ProtocolVersion;

/// Every rule, by id.
pub const RULES: &[&Rule] = &[
    &certificate::expired::RULE,
    &certificate::expires_soon::RULE,
    &certificate::expiry_critical::RULE,
    &certificate::missing_intermediate::RULE,
    &certificate::names_deployment::RULE,
    &certificate::refused::RULE,
    &certificate::revocation_unreachable::RULE,
    &certificate::revoked::RULE,
    &certificate::untrusted_root::RULE,
    &certificate::wrong_name::RULE,
    &client_certificate_required::RULE,
    &http::cmg::CLIENT_CERTIFICATE_REQUIRED,
    &http::cmg::FORBIDDEN,
    &http::cmg::INVALID_TOKEN,
    &configmgr_surface_drivers::RULE,
    &dhe_group_weak::RULE,
    &dhe_leading_zero::RULE,
    &ecdhe_leading_zero::RULE,
    &ems_echoed_not_used::RULE,
    &ems_required::RULE,
    &ems_resumption_violates_rfc7627::RULE,
    &ems_used_not_echoed::RULE,
    &endpoint_not_reached::RULE,
    &extended_master_secret_not_echoed::RULE,
    &finished_fails::RULE,
    &ftp_data::FAILS,
    &ftp_data::DEMANDED,
    &ftp_data::REFUSED,
    &ftp_data::DEMANDED_WITHOUT_EMS,
    &hello_refused::RULE,
    &hello_refused_by_length::RULE,
    &hello_refused_by_name::RULE,
    &hello_size_limit::RULE,
    &hello_unanswered::RULE,
    &http::status::UNAUTHORIZED,
    &http::status::FORBIDDEN,
    &http::status::NOT_FOUND,
    &http::status::REQUEST_TIMEOUT,
    &http::status::SERVER_ERROR,
    &http::status::BAD_GATEWAY,
    &http::status::UNAVAILABLE,
    &http::status::GATEWAY_TIMEOUT,
    &http::status::UNANSWERED,
    &proxy_alters::RULE,
    &proxy_authentication_required::RULE,
    &proxy_bad_gateway::RULE,
    &proxy_block_page::RULE,
    &proxy_does_not_answer::RULE,
    &proxy_intercepts::RULE,
    &proxy_list_malformed::RULE,
    &proxy_name_not_resolved::RULE,
    &proxy_refuses_connect::RULE,
    &reset_on_the_path::RULE,
    &session_resumption_refused::RULE,
    &http::wsus::CLIENT_CERTIFICATE_ASKED,
    &http::wsus::CLIENT_CERTIFICATE_REQUIRED,
    &wsus_import_nothing_to_send::RULE,
    &wsus_import_tls10::RULE,
    &http::wsus::SELF_UPDATE_DEMANDS_TLS,
    &wsus_suite_policy::RULE,
    &wsus_sync_security_only::RULE,
    &wsus_sync_works::RULE,
    &wsus_wrong_endpoint::RULE,
];

/// Microsoft's article on the five problems, the source of most rules.
const WSUS_ARTICLE: &str = "Troubleshoot WSUS synchronization and import issues (Microsoft, 2023-12-05)";

const DOCUMENTED: &str = "documented-by-Microsoft";

/// What Windows shows of keys that differ on the two sides: it cannot open a record, or is told so.
const ALERT_20_SYMPTOMS: &[&str] = &[
    "Schannel event 36887 with alert 20 (bad_record_mac), 0x8009030F (SEC_E_MESSAGE_ALTERED)",
    "\"The request was aborted: Could not create SSL/TLS secure Channel\"",
];

/// What .NET logs of a RST that answers its hello.
const FORCIBLY_CLOSED: &str = "SoftwareDistribution.log, where the refusal arrives as RST: \"An unexpected error \
                               occurred on a send … An existing connection was forcibly closed by the remote host\" \
                               (SocketException 10054)";

/// What .NET logs when it has nothing to send.
const NO_COMMON_ALGORITHM: &str = "SoftwareDistribution.log: \"An unexpected error occurred on a receive … The client \
                                   and server cannot communicate, because they do not possess a common algorithm\" \
                                   (0x80090331)";

/// How to let .NET use TLS 1.2: the remedy of problems 1, 2 and 4.
const STRONG_CRYPTO: [&str; 3] = [
    "In the registry, under HKLM\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319 and its copy under \
     HKLM\\SOFTWARE\\WOW6432Node\\Microsoft, set the DWORD values SchUseStrongCrypto = 1 and \
     SystemDefaultTlsVersions = 1.",
    "Or, for IIS alone, put Switch.System.Net.DontEnableSystemDefaultTlsVersions=false among the \
     AppContextSwitchOverrides of w3wp.exe.config.",
    "Run iisreset.",
];

/// A kind of answer in a person's words.
fn spoken(kind: &str) -> &str {
    match kind {
        "server_hello" => "a ServerHello",
        "hello_retry_request" => "a HelloRetryRequest",
        "alert" => "an alert",
        "reset" => "RST",
        "fin" => "FIN",
        "timeout" => "silence",
        other => other,
    }
}

impl<'a> Case<'a> {
    /// Whether the endpoint has shown that it accepts TLS 1.2: then a refusal of something older is about the age.
    fn accepts_tls12(&self) -> bool {
        self.report.observations.versions.get(&ProtocolVersion::TLS1_2) == Some(&Support::Accepted)
    }

    /// Whether the baseline ended the same way at the end as at the beginning, so that it was no passing fault.
    fn ended_as_it_began(&self) -> bool {
        let baseline = self.report.observations.baseline.as_ref();
        baseline.is_some_and(|baseline| baseline.closing.as_ref() == Some(&baseline.opening))
    }

    /// Whether the machine is one of those whose import Microsoft's article is about. WSUS 3.0 SP2 on Server 2008 R2 runs on
    /// another .NET, which the remedies do not reach.
    fn import_is_in_the_article(&self) -> bool {
        let system = self.machine.and_then(|machine| machine.operating_system.as_ref());
        system.is_none_or(|system| system.value > OperatingSystem::Server2008R2)
    }

    /// What became of a leg.
    fn leg(&self, name: &str) -> Option<&'a LegObservation> {
        self.report.observations.legs.get(name)
    }

    fn leg_is(&self, name: &str, state: LegState) -> bool {
        self.leg(name).is_some_and(|leg| leg.state == state)
    }

    /// The highest version that a leg's hello offered.
    fn leg_offers(&self, name: &str) -> Option<ProtocolVersion> {
        let exchange = self.leg(name)?.because.first()?;
        self.exchange(*exchange)?.offer.highest_version()
    }

    pub(super) fn exchange(&self, id: usize) -> Option<&'a Exchange> {
        self.report.exchanges.iter().find(|exchange| exchange.id == id)
    }

    fn leg_exchange(&self, name: &str) -> Option<&'a Exchange> {
        self.exchange(*self.leg(name)?.because.first()?)
    }
}

#[cfg(test)]
mod tests;
