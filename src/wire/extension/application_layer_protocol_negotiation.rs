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

#[cfg(test)]
mod tests {
    use crate::registry::ExtensionType;
    use crate::wire::extension::{Context, Extension, testing};

    const TYPE: ExtensionType = ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION;
    const H2_HTTP1: [u8; 14] = [0, 12, 2, b'h', b'2', 8, b'h', b't', b't', b'p', b'/', b'1', b'.', b'1'];

    #[test]
    fn alpn_reads_and_writes_the_same_bytes_from_both_sides() {
        let protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let extension = Extension::ApplicationLayerProtocolNegotiation(protocols);
        for context in [Context::ClientHello, Context::ServerHello, Context::EncryptedExtensions] {
            testing::reads_and_writes(context, &H2_HTTP1, &extension);
        }
    }

    #[test]
    fn rejects_an_empty_list_and_an_empty_name() {
        let error = testing::error_of(TYPE, Context::ClientHello, &[0, 0]);
        assert_eq!(error.field(), "application_layer_protocol_negotiation.protocol_name_list");
        let error = testing::error_of(TYPE, Context::ClientHello, &[0, 4, 0, 2, b'h', b'2']);
        assert_eq!((error.field(), error.offset()), ("application_layer_protocol_negotiation.protocol_name", 3));
    }

    #[test]
    fn rejects_every_truncation_of_alpn() {
        testing::rejects_every_truncation(TYPE, Context::ClientHello, &H2_HTTP1);
    }

    #[test]
    fn never_panics() {
        testing::never_panics(TYPE, Context::ClientHello, &H2_HTTP1);
    }
}
