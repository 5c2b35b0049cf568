//! The table of alerts: IANA's TLS Alerts, and what Schannel makes of each.
//!
//! Columns: number, name; the level it is sent at, the first version that has it, reference; the error that Schannel
//! hands its caller on receiving it (Microsoft, "Schannel Error Codes for TLS and SSL Alerts").

use super::{AlertDescription, AlertInfo, SchannelError, UsualLevel};
use crate::registry::ProtocolVersion;

const NONE: Option<SchannelError> = None;
const SEC_E_ALGORITHM_MISMATCH: Option<SchannelError> = Some(error("SEC_E_ALGORITHM_MISMATCH", 0x8009_0331));
// Microsoft's table prints SEC_E_ILLEGAL_MESSAGE in this row, but this number; winerror.h has the name for it.
const SEC_E_APPLICATION_PROTOCOL_MISMATCH: Option<SchannelError> =
    Some(error("SEC_E_APPLICATION_PROTOCOL_MISMATCH", 0x8009_0367));
const SEC_E_CERT_EXPIRED: Option<SchannelError> = Some(error("SEC_E_CERT_EXPIRED", 0x8009_0328));
const SEC_E_CERT_UNKNOWN: Option<SchannelError> = Some(error("SEC_E_CERT_UNKNOWN", 0x8009_0327));
const CRYPT_E_REVOKED: Option<SchannelError> = Some(error("CRYPT_E_REVOKED", 0x8009_2010));
const SEC_E_DECRYPT_FAILURE: Option<SchannelError> = Some(error("SEC_E_DECRYPT_FAILURE", 0x8009_0330));
const SEC_E_ILLEGAL_MESSAGE: Option<SchannelError> = Some(error("SEC_E_ILLEGAL_MESSAGE", 0x8009_0326));
const SEC_E_INTERNAL_ERROR: Option<SchannelError> = Some(error("SEC_E_INTERNAL_ERROR", 0x8009_0304));
const SEC_E_LOGON_DENIED: Option<SchannelError> = Some(error("SEC_E_LOGON_DENIED", 0x8009_030C));
const SEC_E_MESSAGE_ALTERED: Option<SchannelError> = Some(error("SEC_E_MESSAGE_ALTERED", 0x8009_030F));
const SEC_E_UNFINISHED_CONTEXT_DELETED: Option<SchannelError> =
    Some(error("SEC_E_UNFINISHED_CONTEXT_DELETED", 0x8009_0333));
const SEC_E_UNSUPPORTED_FUNCTION: Option<SchannelError> = Some(error("SEC_E_UNSUPPORTED_FUNCTION", 0x8009_0302));
const SEC_E_UNTRUSTED_ROOT: Option<SchannelError> = Some(error("SEC_E_UNTRUSTED_ROOT", 0x8009_0325));
// Microsoft's table has no row for the alert, only one called "Default".
const DEFAULT: Option<SchannelError> =
    Some(SchannelError { by_default: true, ..error("SEC_E_ILLEGAL_MESSAGE", 0x8009_0326) });

const fn error(symbol: &'static str, hresult: u32) -> SchannelError {
    SchannelError { symbol, hresult, by_default: false }
}

macro_rules! alerts {
    ($($code:literal $name:literal $level:ident $first_protocol:ident $reference:literal $schannel_error:ident;)+) => {
        &[$(
            AlertInfo {
                code: AlertDescription($code),
                name: $name,
                level: UsualLevel::$level,
                first_protocol: ProtocolVersion::$first_protocol,
                reference: $reference,
                schannel_error_when_received: $schannel_error,
            },
        )+]
    };
}

pub(super) static ROWS: &[AlertInfo] = alerts! {
      0 "close_notify"                        Closure        SSL3    "[RFC8446]"                   NONE;
     10 "unexpected_message"                  Fatal          SSL3    "[RFC8446]"                   SEC_E_ILLEGAL_MESSAGE;
     20 "bad_record_mac"                      Fatal          SSL3    "[RFC8446]"                   SEC_E_MESSAGE_ALTERED;
     21 "decryption_failed_RESERVED"          Fatal          TLS1_0  "[RFC8446]"                   SEC_E_DECRYPT_FAILURE;
     22 "record_overflow"                     Fatal          TLS1_0  "[RFC8446]"                   SEC_E_ILLEGAL_MESSAGE;
     30 "decompression_failure_RESERVED"      Fatal          SSL3    "[RFC8446]"                   SEC_E_MESSAGE_ALTERED;
     40 "handshake_failure"                   Fatal          SSL3    "[RFC8446]"                   SEC_E_ILLEGAL_MESSAGE;
     41 "no_certificate_RESERVED"             WarningOrFatal SSL3    "[RFC8446]"                   DEFAULT;
     42 "bad_certificate"                     Fatal          SSL3    "[RFC8446]"                   SEC_E_CERT_UNKNOWN;
     43 "unsupported_certificate"             Fatal          SSL3    "[RFC8446]"                   SEC_E_CERT_UNKNOWN;
     44 "certificate_revoked"                 Fatal          SSL3    "[RFC8446]"                   CRYPT_E_REVOKED;
     45 "certificate_expired"                 Fatal          SSL3    "[RFC8446]"                   SEC_E_CERT_EXPIRED;
     46 "certificate_unknown"                 Fatal          SSL3    "[RFC8446]"                   SEC_E_CERT_UNKNOWN;
     47 "illegal_parameter"                   Fatal          SSL3    "[RFC8446]"                   SEC_E_ILLEGAL_MESSAGE;
     48 "unknown_ca"                          Fatal          TLS1_0  "[RFC8446]"                   SEC_E_UNTRUSTED_ROOT;
     49 "access_denied"                       Fatal          TLS1_0  "[RFC8446]"                   SEC_E_LOGON_DENIED;
     50 "decode_error"                        Fatal          TLS1_0  "[RFC8446]"                   SEC_E_ILLEGAL_MESSAGE;
     51 "decrypt_error"                       Fatal          TLS1_0  "[RFC8446]"                   SEC_E_DECRYPT_FAILURE;
     52 "too_many_cids_requested"             Fatal          DTLS1_3 "[RFC9147]"                   DEFAULT;
     60 "export_restriction_RESERVED"         Fatal          TLS1_0  "[RFC8446]"                   SEC_E_ILLEGAL_MESSAGE;
     70 "protocol_version"                    Fatal          TLS1_0  "[RFC8446]"                   SEC_E_UNSUPPORTED_FUNCTION;
     71 "insufficient_security"               Fatal          TLS1_0  "[RFC8446]"                   SEC_E_ALGORITHM_MISMATCH;
     80 "internal_error"                      Fatal          TLS1_0  "[RFC8446]"                   SEC_E_INTERNAL_ERROR;
     86 "inappropriate_fallback"              Fatal          TLS1_0  "[RFC7507][RFC8446]"          DEFAULT;
     90 "user_canceled"                       Warning        TLS1_0  "[RFC8446]"                   SEC_E_UNFINISHED_CONTEXT_DELETED;
    100 "no_renegotiation_RESERVED"           Warning        TLS1_0  "[RFC8446]"                   SEC_E_ILLEGAL_MESSAGE;
    109 "missing_extension"                   Fatal          TLS1_3  "[RFC8446]"                   DEFAULT;
    110 "unsupported_extension"               Fatal          TLS1_0  "[RFC8446]"                   SEC_E_ILLEGAL_MESSAGE;
    111 "certificate_unobtainable_RESERVED"   WarningOrFatal TLS1_0  "[RFC6066][RFC8446]"          DEFAULT;
    112 "unrecognized_name"                   WarningOrFatal TLS1_0  "[RFC6066]"                   DEFAULT;
    113 "bad_certificate_status_response"     Fatal          TLS1_0  "[RFC6066]"                   DEFAULT;
    114 "bad_certificate_hash_value_RESERVED" Fatal          TLS1_0  "[RFC6066][RFC8446]"          DEFAULT;
    115 "unknown_psk_identity"                Fatal          TLS1_0  "[RFC4279]"                   SEC_E_ILLEGAL_MESSAGE;
    116 "certificate_required"                Fatal          TLS1_3  "[RFC8446]"                   DEFAULT;
    117 "general_error"                       Fatal          TLS1_3  "[draft-ietf-tls-rfc8446bis]" DEFAULT;
    120 "no_application_protocol"             Fatal          TLS1_0  "[RFC7301][RFC8447]"          SEC_E_APPLICATION_PROTOCOL_MISMATCH;
    121 "ech_required"                        Fatal          TLS1_3  "[draft-ietf-tls-esni]"       DEFAULT;
};
