//! What proxies were seen to make of a refusal that passes through them.

use super::CauseConfidence;

/// One thing seen of proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProxyObservation {
    /// What was seen.
    pub observation: &'static str,
    /// How far it holds.
    pub note: &'static str,
    /// Who saw it.
    pub source: &'static str,
    /// How well it is known.
    pub confidence: CauseConfidence,
}

impl ProxyObservation {
    /// A server's refusal in TCP is not what its client sees.
    pub const FIN_IN_PLACE_OF_RST: Self = Self {
        observation: "FIN instead of RST from a proxy when version or cipher do not fit",
        note: "proxies tend to send FIN; some send RST or something else; the capture shows CONNECT host:443 first",
        source: "Troubleshoot WSUS synchronization and import issues, Microsoft (2023-12-05)",
        confidence: CauseConfidence::Documented,
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry::testing::{assert_same_rows, json_rows};

    #[test]
    fn what_was_seen_agrees_with_the_json() {
        let ProxyObservation { observation, note, source, confidence } = ProxyObservation::FIN_IN_PLACE_OF_RST;
        let ours = json!({ "observation": observation, "note": note, "source": source, "confidence": confidence });
        assert_same_rows([ours], json_rows("proxy_observations"));
    }
}
