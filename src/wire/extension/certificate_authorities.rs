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

#[cfg(test)]
mod tests {
    use crate::registry::ExtensionType;
    use crate::wire::extension::{Context, Extension, testing};

    const TYPE: ExtensionType = ExtensionType::CERTIFICATE_AUTHORITIES;
    const TWO_NAMES: [u8; 9] = [0, 7, 0, 2, 0x30, 0, 0, 1, 0x31];

    #[test]
    fn certificate_authorities_read_and_write_the_same_bytes() {
        let extension = Extension::CertificateAuthorities(vec![vec![0x30, 0], vec![0x31]]);
        testing::reads_and_writes(Context::CertificateRequest, &TWO_NAMES, &extension);
        testing::reads_and_writes(Context::ClientHello, &TWO_NAMES, &extension);
    }

    #[test]
    fn rejects_an_empty_name() {
        let error = testing::error_of(TYPE, Context::CertificateRequest, &[0, 2, 0, 0]);
        assert_eq!((error.field(), error.offset()), ("certificate_authorities", 4));
    }

    #[test]
    fn rejects_every_truncation_of_certificate_authorities() {
        testing::rejects_every_truncation(TYPE, Context::CertificateRequest, &TWO_NAMES);
    }

    #[test]
    fn never_panics() {
        testing::never_panics(TYPE, Context::CertificateRequest, &TWO_NAMES);
    }
}
