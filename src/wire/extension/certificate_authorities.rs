//! Distinguished names: the body of `certificate_authorities` (RFC 8446 §4.2.4) and the end of a `CertificateRequest`
//! (RFC 5246 §7.4.4). They stay DER here.

use crate::wire::{DecodeError, Reader, Writer};

pub(crate) fn encode(names: &[Vec<u8>], out: &mut Writer) {
    out.vec16(|out| names.iter().for_each(|name| out.vec16(|out| out.bytes(name))));
}

/// No name at all is allowed: TLS 1.1 and 1.2 say so, and servers of other versions send it.
pub(crate) fn decode(field: &'static str, input: &mut Reader<'_>) -> Result<Vec<Vec<u8>>, DecodeError> {
    input.vec16(field)?.list(|list| {
        let mut name = list.vec16(field)?.of_length(1.., "1..65535")?;
        Ok(name.rest().to_vec())
    })
}
