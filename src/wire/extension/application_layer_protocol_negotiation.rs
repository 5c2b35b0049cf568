//! `application_layer_protocol_negotiation` (RFC 7301 §3.1): the same form from both sides.

use crate::wire::{DecodeError, Reader, Writer};

pub(super) fn encode(protocols: &[Vec<u8>], out: &mut Writer) {
    out.vec16(|out| protocols.iter().for_each(|protocol| out.vec8(|out| out.bytes(protocol))));
}

pub(super) fn decode(body: &mut Reader<'_>) -> Result<Vec<Vec<u8>>, DecodeError> {
    const FIELD: &str = "application_layer_protocol_negotiation.protocol_name_list";
    body.vec16(FIELD)?.of_length(2.., "2..65535")?.list(protocol_name)
}

/// `opaque ProtocolName<1..2^8-1>`.
fn protocol_name(list: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    const FIELD: &str = "application_layer_protocol_negotiation.protocol_name";
    Ok(list.vec8(FIELD)?.of_length(1.., "1..255")?.rest().to_vec())
}
