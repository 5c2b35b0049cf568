//! `status_request` (RFC 6066 §8, RFC 8446 §4.4.2.1).

use super::Context;
use crate::wire::handshake::CertificateStatus;
use crate::wire::{DecodeError, Reader, Wire, Writer};

/// The wish for a stapled OCSP response, and what answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusRequest {
    /// `CertificateStatusRequest` with an `OCSPStatusRequest`: the lists are empty in most hellos.
    Ocsp {
        /// The DER of each `ResponderID` trusted.
        responder_ids: Vec<Vec<u8>>,
        /// The DER of `Extensions` for the responder.
        request_extensions: Vec<u8>,
    },
    /// `CertificateStatusRequest` of another type.
    OtherType {
        /// `CertificateStatusType`.
        status_type: u8,
        /// All that follows it.
        request: Vec<u8>,
    },
    /// A server's promise of a `CertificateStatus` message, or its wish for one in a TLS 1.3 `CertificateRequest`.
    Empty,
    /// The response itself, beside its certificate in TLS 1.3.
    Response(CertificateStatus),
}

impl StatusRequest {
    pub(super) fn encode(&self, out: &mut Writer) {
        match self {
            Self::Ocsp { responder_ids, request_extensions } => {
                out.u8(CertificateStatus::OCSP);
                out.vec16(|out| responder_ids.iter().for_each(|id| out.vec16(|out| out.bytes(id))));
                out.vec16(|out| out.bytes(request_extensions));
            }
            Self::OtherType { status_type, request } => {
                out.u8(*status_type);
                out.bytes(request);
            }
            Self::Empty => {}
            Self::Response(status) => status.encode(out),
        }
    }

    pub(super) fn decode(context: Context, body: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let status = match context {
            Context::ClientHello => Self::decode_request(body)?,
            Context::ServerHello | Context::CertificateRequest => {
                body.nothing("status_request");
                Self::Empty
            }
            Context::Certificate => Self::Response(CertificateStatus::decode(body)?),
            _ => return Ok(None),
        };
        Ok(Some(status))
    }

    fn decode_request(body: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let status_type = body.u8("status_request.status_type")?;
        if status_type != CertificateStatus::OCSP {
            return Ok(Self::OtherType { status_type, request: body.rest().to_vec() });
        }
        let responder_ids = body.vec16("status_request.responder_id_list")?.list(|list| {
            let mut id = list.vec16("status_request.responder_id")?.of_length(1.., "1..65535")?;
            Ok(id.rest().to_vec())
        })?;
        let request_extensions = body.vec16("status_request.request_extensions")?.rest().to_vec();
        Ok(Self::Ocsp { responder_ids, request_extensions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::ExtensionType;
    use crate::wire::extension::{Extension, testing};

    const TYPE: ExtensionType = ExtensionType::STATUS_REQUEST;
    /// What Schannel and OpenSSL send.
    const ANY_RESPONDER: [u8; 5] = [1, 0, 0, 0, 0];
    const ONE_RESPONDER: [u8; 10] = [1, 0, 3, 0, 1, 7, 0, 2, 0x30, 0];
    const RESPONSE: [u8; 6] = [1, 0, 0, 2, 0x30, 0];

    #[test]
    fn status_request_reads_and_writes_the_same_bytes_in_every_message() {
        let any = StatusRequest::Ocsp { responder_ids: vec![], request_extensions: vec![] };
        let one = StatusRequest::Ocsp { responder_ids: vec![vec![7]], request_extensions: vec![0x30, 0] };
        let response = StatusRequest::Response(CertificateStatus {
            status_type: CertificateStatus::OCSP,
            response: vec![0x30, 0],
        });
        for (context, body, status) in [
            (Context::ClientHello, &ANY_RESPONDER[..], any),
            (Context::ClientHello, &ONE_RESPONDER, one),
            (Context::ServerHello, &[], StatusRequest::Empty),
            (Context::CertificateRequest, &[], StatusRequest::Empty),
            (Context::Certificate, &RESPONSE, response),
        ] {
            testing::reads_and_writes(context, body, &Extension::StatusRequest(status));
        }
    }

    #[test]
    fn a_request_of_another_type_is_kept_whole() {
        let other = StatusRequest::OtherType { status_type: 2, request: vec![9, 9] };
        testing::reads_and_writes(Context::ClientHello, &[2, 9, 9], &Extension::StatusRequest(other));
    }

    #[test]
    fn rejects_an_empty_responder_and_a_promise_with_content() {
        let error = testing::error_of(TYPE, Context::ClientHello, &[1, 0, 2, 0, 0, 0, 0]);
        assert_eq!((error.field(), error.offset()), ("status_request.responder_id", 5));
        let error = testing::error_of(TYPE, Context::ServerHello, &RESPONSE);
        assert_eq!(error, DecodeError::Trailing { field: "status_request", offset: 0, extra: 6 });
    }

    #[test]
    fn rejects_every_truncation_of_status_request() {
        testing::rejects_every_truncation(TYPE, Context::ClientHello, &ONE_RESPONDER);
        testing::rejects_every_truncation(TYPE, Context::Certificate, &RESPONSE);
    }

    #[test]
    fn never_panics() {
        testing::never_panics(TYPE, Context::ClientHello, &ONE_RESPONDER);
        testing::never_panics(TYPE, Context::Certificate, &RESPONSE);
    }
}
