//! Where a gateway's service name leads in DNS.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The names that the host's name is an alias of (RFC 1034 §3.6.2), and which of all these the certificate has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DnsAlias {
    /// The host's own name, by which clients ask.
    pub host: String,
    /// The name that its CNAME leads to, and the one that that one's leads to, and so on; empty where it has none.
    pub leads_to: Vec<String>,
    /// Those of them, the host's own included, that every leaf names that was seen; null where none could be read.
    pub certificate_names: Option<Vec<String>>,
}

impl DnsAlias {
    /// The names behind the host's own that the certificate has, where it does not have the host's own.
    pub fn named_in_the_hosts_place(&self) -> &[String] {
        match self.certificate_names.as_deref() {
            Some(names) if !names.contains(&self.host) => names,
            _ => &[],
        }
    }
}
