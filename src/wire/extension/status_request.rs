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
