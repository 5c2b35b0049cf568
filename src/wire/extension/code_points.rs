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
