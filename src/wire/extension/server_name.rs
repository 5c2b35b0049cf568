//! `server_name` (RFC 6066 §3).

use super::Context;
use crate::wire::{DecodeError, Reader, Writer};

/// The names a client asks for, or a server's sign that it used one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerName {
    /// `ServerNameList`: one `host_name` in all sane hellos.
    Offered(Vec<ServerNameEntry>),
    /// The empty answer.
    Acknowledged,
}

/// `ServerName`: a name and its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerNameEntry {
    /// `NameType`: 0 is `host_name`, and there is no other yet.
    pub name_type: u8,
    /// For a host name its ASCII form without a final dot.
    pub name: Vec<u8>,
}

impl ServerName {
    /// `NameType.host_name`.
    pub const HOST_NAME: u8 = 0;

    /// Asks for one host.
    pub fn host(name: &str) -> Self {
        Self::Offered(vec![ServerNameEntry { name_type: Self::HOST_NAME, name: name.as_bytes().to_vec() }])
    }

    /// The first host name asked for.
    pub fn host_name(&self) -> Option<&[u8]> {
        let Self::Offered(entries) = self else { return None };
        entries.iter().find(|entry| entry.name_type == Self::HOST_NAME).map(|entry| entry.name.as_slice())
    }

    pub(super) fn encode(&self, out: &mut Writer) {
        let Self::Offered(entries) = self else { return };
        out.vec16(|out| {
            for entry in entries {
                out.u8(entry.name_type);
                out.vec16(|out| out.bytes(&entry.name));
            }
        });
    }

    pub(super) fn decode(context: Context, body: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        match context {
            Context::ClientHello => {
                let mut list = body.vec16("server_name.server_name_list")?.of_length(1.., "1..65535")?;
                list.list(ServerNameEntry::decode).map(|entries| Some(Self::Offered(entries)))
            }
            Context::ServerHello | Context::EncryptedExtensions => {
                body.nothing("server_name");
                Ok(Some(Self::Acknowledged))
            }
            _ => Ok(None),
        }
    }
}

impl ServerNameEntry {
    /// Any type is read as RFC 6066 promises that new ones will be written: with a two-byte length.
    fn decode(list: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let name_type = list.u8("server_name.name_type")?;
        let mut name = list.vec16("server_name.host_name")?.of_length(1.., "1..65535")?;
        Ok(Self { name_type, name: name.rest().to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::ExtensionType;
    use crate::wire::extension::{Extension, testing};

    const TYPE: ExtensionType = ExtensionType::SERVER_NAME;
    const WSUS: [u8; 9] = [0, 7, 0, 0, 4, b'w', b's', b'u', b's'];

    #[test]
    fn server_name_reads_and_writes_the_same_bytes_from_both_sides() {
        testing::reads_and_writes(Context::ClientHello, &WSUS, &Extension::ServerName(ServerName::host("wsus")));
        let acknowledged = Extension::ServerName(ServerName::Acknowledged);
        testing::reads_and_writes(Context::ServerHello, &[], &acknowledged);
        testing::reads_and_writes(Context::EncryptedExtensions, &[], &acknowledged);
    }

    #[test]
    fn a_name_of_another_type_is_kept_but_is_no_host_name() {
        let entry = ServerNameEntry { name_type: 9, name: vec![1] };
        let name = ServerName::Offered(vec![entry]);
        assert_eq!(name.host_name(), None);
        testing::reads_and_writes(Context::ClientHello, &[0, 4, 9, 0, 1, 1], &Extension::ServerName(name));
        assert_eq!(ServerName::host("wsus").host_name(), Some(&b"wsus"[..]));
    }

    #[test]
    fn rejects_an_empty_list_and_an_empty_name() {
        let error = testing::error_of(TYPE, Context::ClientHello, &[0, 0]);
        assert_eq!((error.field(), error.offset()), ("server_name.server_name_list", 2));
        let error = testing::error_of(TYPE, Context::ClientHello, &[0, 3, 0, 0, 0]);
        assert_eq!((error.field(), error.offset()), ("server_name.host_name", 5));
    }

    #[test]
    fn rejects_a_server_that_says_more_than_nothing() {
        let error = testing::error_of(TYPE, Context::ServerHello, &WSUS);
        assert_eq!(error, DecodeError::Trailing { field: "server_name", offset: 0, extra: 9 });
    }

    #[test]
    fn rejects_every_truncation_of_server_name() {
        testing::rejects_every_truncation(TYPE, Context::ClientHello, &WSUS);
    }

    #[test]
    fn never_panics() {
        testing::never_panics(TYPE, Context::ClientHello, &WSUS);
        testing::never_panics(TYPE, Context::ServerHello, &[]);
    }
}
