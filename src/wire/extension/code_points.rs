//! Extensions that are one list of code points.

use crate::registry::{NamedGroup, SignatureScheme};
use crate::wire::{DecodeError, Reader};

/// `NamedGroupList` (RFC 8446 §4.2.7).
pub(super) fn supported_groups(body: &mut Reader<'_>) -> Result<Vec<NamedGroup>, DecodeError> {
    const FIELD: &str = "supported_groups.named_group_list";
    body.vec16(FIELD)?.of_length(2.., "2..65535")?.list(|list| list.u16(FIELD).map(NamedGroup))
}

/// `SignatureSchemeList` (RFC 8446 §4.2.3).
pub(super) fn signature_schemes(
    field: &'static str,
    body: &mut Reader<'_>,
) -> Result<Vec<SignatureScheme>, DecodeError> {
    body.vec16(field)?.of_length(2.., "2..65534")?.list(|list| list.u16(field).map(SignatureScheme))
}

/// `ECPointFormatList` (RFC 8422 §5.1.2).
pub(super) fn ec_point_formats(body: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    let mut list = body.vec8("ec_point_formats.ec_point_format_list")?.of_length(1.., "1..255")?;
    Ok(list.rest().to_vec())
}

/// `PskKeyExchangeModes` (RFC 8446 §4.2.9).
pub(super) fn psk_key_exchange_modes(body: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    let mut list = body.vec8("psk_key_exchange_modes.ke_modes")?.of_length(1.., "1..255")?;
    Ok(list.rest().to_vec())
}

/// `CertificateCompressionAlgorithms` (RFC 8879 §3).
pub(super) fn compress_certificate(body: &mut Reader<'_>) -> Result<Vec<u16>, DecodeError> {
    const FIELD: &str = "compress_certificate.algorithms";
    body.vec8(FIELD)?.of_length(2.., "2..254")?.list(|list| list.u16(FIELD))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::ExtensionType;
    use crate::wire::extension::{Context, Extension, testing};

    const TWO_AFTER_TWO_BYTES: [u8; 6] = [0, 4, 0x0a, 0x0a, 4, 3];
    const TWO_AFTER_ONE_BYTE: [u8; 5] = [4, 0, 2, 0, 1];
    const TWO_BYTES: [u8; 3] = [2, 0, 1];

    /// Type, body, name of the list, what the body is.
    fn cases() -> [(ExtensionType, &'static [u8], &'static str, Extension); 6] {
        let schemes = || vec![SignatureScheme(0x0a0a), SignatureScheme(0x0403)];
        let groups = vec![NamedGroup(0x0a0a), NamedGroup(0x0403)];
        [
            (
                ExtensionType::SUPPORTED_GROUPS,
                &TWO_AFTER_TWO_BYTES,
                "supported_groups.named_group_list",
                Extension::SupportedGroups(groups),
            ),
            (
                ExtensionType::EC_POINT_FORMATS,
                &TWO_BYTES,
                "ec_point_formats.ec_point_format_list",
                Extension::EcPointFormats(vec![0, 1]),
            ),
            (
                ExtensionType::SIGNATURE_ALGORITHMS,
                &TWO_AFTER_TWO_BYTES,
                "signature_algorithms",
                Extension::SignatureAlgorithms(schemes()),
            ),
            (
                ExtensionType::COMPRESS_CERTIFICATE,
                &TWO_AFTER_ONE_BYTE,
                "compress_certificate.algorithms",
                Extension::CompressCertificate(vec![2, 1]),
            ),
            (
                ExtensionType::PSK_KEY_EXCHANGE_MODES,
                &TWO_BYTES,
                "psk_key_exchange_modes.ke_modes",
                Extension::PskKeyExchangeModes(vec![0, 1]),
            ),
            (
                ExtensionType::SIGNATURE_ALGORITHMS_CERT,
                &TWO_AFTER_TWO_BYTES,
                "signature_algorithms_cert",
                Extension::SignatureAlgorithmsCert(schemes()),
            ),
        ]
    }

    #[test]
    fn every_list_reads_and_writes_the_same_bytes_in_its_order() {
        for (_, body, _, extension) in cases() {
            testing::reads_and_writes(Context::ClientHello, body, &extension);
        }
    }

    #[test]
    fn rejects_every_list_when_empty_and_names_it() {
        for (extension_type, body, field, _) in cases() {
            let length_bytes = if body[0] == 0 { 2 } else { 1 };
            let error = testing::error_of(extension_type, Context::ClientHello, &[0, 0][..length_bytes]);
            assert!(matches!(error, DecodeError::Length { found: 0, .. }), "{error}");
            assert_eq!((error.field(), error.offset()), (field, length_bytes));
        }
    }

    #[test]
    fn rejects_half_a_code_point() {
        let error = testing::error_of(ExtensionType::SUPPORTED_GROUPS, Context::ClientHello, &[0, 3, 0, 29, 0]);
        let field = "supported_groups.named_group_list";
        assert_eq!(error, DecodeError::Truncated { field, offset: 4, needed: 1 });
    }

    #[test]
    fn rejects_every_truncation_of_every_list() {
        for (extension_type, body, _, _) in cases() {
            testing::rejects_every_truncation(extension_type, Context::ClientHello, body);
        }
    }

    #[test]
    fn never_panics() {
        for (extension_type, body, _, _) in cases() {
            testing::never_panics(extension_type, Context::ClientHello, body);
        }
    }
}
