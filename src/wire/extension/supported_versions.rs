//! `supported_versions` (RFC 8446 §4.2.1).

use super::Context;
use crate::registry::ProtocolVersion;
use crate::wire::{DecodeError, Reader, Writer};

/// The versions a client offers, or the one a server selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SupportedVersions {
    /// ClientHello's list, best first.
    Offered(Vec<ProtocolVersion>),
    /// ServerHello's or HelloRetryRequest's choice.
    Selected(ProtocolVersion),
}

impl SupportedVersions {
    pub(super) fn encode(&self, out: &mut Writer) {
        match self {
            Self::Offered(versions) => out.vec8(|out| versions.iter().for_each(|version| out.u16(version.0))),
            Self::Selected(version) => out.u16(version.0),
        }
    }

    pub(super) fn decode(context: Context, body: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        match context {
            Context::ClientHello => {
                const FIELD: &str = "supported_versions.versions";
                let mut list = body.vec8(FIELD)?.of_length(2.., "2..254")?;
                let versions = list.list(|list| list.u16(FIELD).map(ProtocolVersion))?;
                Ok(Some(Self::Offered(versions)))
            }
            Context::ServerHello | Context::HelloRetryRequest => {
                let version = body.u16("supported_versions.selected_version")?;
                Ok(Some(Self::Selected(ProtocolVersion(version))))
            }
            _ => Ok(None),
        }
    }
}
