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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::ExtensionType;
    use crate::wire::extension::{Extension, testing};

    const TYPE: ExtensionType = ExtensionType::SUPPORTED_VERSIONS;
    const OFFERED: [u8; 7] = [6, 0x0a, 0x0a, 3, 4, 3, 3];
    const SELECTED: [u8; 2] = [3, 4];

    #[test]
    fn supported_versions_reads_and_writes_the_same_bytes_from_both_sides() {
        let versions = vec![ProtocolVersion(0x0a0a), ProtocolVersion::TLS1_3, ProtocolVersion::TLS1_2];
        let offered = Extension::SupportedVersions(SupportedVersions::Offered(versions));
        testing::reads_and_writes(Context::ClientHello, &OFFERED, &offered);
        let selected = Extension::SupportedVersions(SupportedVersions::Selected(ProtocolVersion::TLS1_3));
        testing::reads_and_writes(Context::ServerHello, &SELECTED, &selected);
        testing::reads_and_writes(Context::HelloRetryRequest, &SELECTED, &selected);
    }

    #[test]
    fn rejects_an_empty_list() {
        let error = testing::error_of(TYPE, Context::ClientHello, &[0]);
        assert_eq!((error.field(), error.offset()), ("supported_versions.versions", 1));
    }

    #[test]
    fn rejects_every_truncation_of_supported_versions() {
        testing::rejects_every_truncation(TYPE, Context::ClientHello, &OFFERED);
        testing::rejects_every_truncation(TYPE, Context::ServerHello, &SELECTED);
    }

    #[test]
    fn never_panics() {
        testing::never_panics(TYPE, Context::ClientHello, &OFFERED);
        testing::never_panics(TYPE, Context::ServerHello, &SELECTED);
    }
}
