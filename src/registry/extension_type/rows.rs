//! The table of extensions: IANA's TLS `ExtensionType` values, and those that others took for themselves.
//!
//! Columns: number, name; the messages of TLS 1.3 it may stand in, as RFC 8446 §4.2 abbreviates them; Recommended,
//! reference.

use super::Tls13Message::{
    Certificate as CT, CertificateRequest as CR, ClientHello as CH, EncryptedExtensions as EE,
    HelloRetryRequest as HRR, NewSessionTicket as NST, ServerHello as SH,
};
use super::{ExtensionInfo, ExtensionType};
use crate::registry::Recommended;

macro_rules! extensions {
    ($($code:literal $name:literal [$($message:ident)*] $recommended:ident $reference:literal;)+) => {
        &[$(
            ExtensionInfo {
                code: ExtensionType($code),
                name: $name,
                tls13_messages: &[$($message),*],
                recommended: Recommended::$recommended,
                reference: $reference,
            },
        )+]
    };
}

pub(super) static ROWS: &[ExtensionInfo] = extensions! {
        0 "server_name"                            [CH EE CR]       Yes         "[RFC6066][RFC9261]";
        1 "max_fragment_length"                    [CH EE]          No          "[RFC6066][RFC8449]";
        2 "client_certificate_url"                 []               No          "[RFC6066]";
        3 "trusted_ca_keys"                        []               No          "[RFC6066]";
        4 "truncated_hmac"                         []               Discouraged "[RFC6066][IESG Action 2018-08-16]";
        5 "status_request"                         [CH CR CT]       Yes         "[RFC6066]";
        6 "user_mapping"                           []               No          "[RFC4681]";
        7 "client_authz"                           []               No          "[RFC5878]";
        8 "server_authz"                           []               No          "[RFC5878]";
        9 "cert_type"                              []               No          "[RFC6091]";
       10 "supported_groups"                       [CH EE]          Yes         "[RFC8422][RFC7919]";
       11 "ec_point_formats"                       []               Yes         "[RFC8422]";
       12 "srp"                                    []               No          "[RFC5054]";
       13 "signature_algorithms"                   [CH CR]          Yes         "[RFC8446]";
       14 "use_srtp"                               [CH EE]          Yes         "[RFC5764]";
       15 "heartbeat"                              [CH EE]          Yes         "[RFC6520]";
       16 "application_layer_protocol_negotiation" [CH EE]          Yes         "[RFC7301]";
       17 "status_request_v2"                      []               Yes         "[RFC6961]";
       18 "signed_certificate_timestamp"           [CH CR CT]       No          "[RFC6962]";
       19 "client_certificate_type"                [CH EE]          Yes         "[RFC7250]";
       20 "server_certificate_type"                [CH EE]          Yes         "[RFC7250]";
       21 "padding"                                [CH]             No          "[RFC7685]";
       22 "encrypt_then_mac"                       []               Yes         "[RFC7366]";
       23 "extended_master_secret"                 []               Yes         "[RFC7627]";
       24 "token_binding"                          []               Yes         "[RFC8472]";
       25 "cached_info"                            []               Yes         "[RFC7924]";
       26 "tls_lts"                                []               No          "[draft-gutmann-tls-lts]";
       27 "compress_certificate"                   [CH CR]          Yes         "[RFC8879]";
       28 "record_size_limit"                      [CH EE]          Yes         "[RFC8449]";
       29 "pwd_protect"                            [CH]             No          "[RFC8492]";
       30 "pwd_clear"                              [CH]             No          "[RFC8492]";
       31 "password_salt"                          [CH SH HRR]      No          "[RFC8492]";
       32 "ticket_pinning"                         [CH EE]          No          "[RFC8672]";
       33 "tls_cert_with_extern_psk"               [CH SH]          Yes         "[RFC8773]";
       34 "delegated_credential"                   [CH CR CT]       Yes         "[RFC9345]";
       35 "session_ticket"                         []               Yes         "[RFC5077][RFC8447]";
       36 "TLMSP"                                  []               No          "[ETSI TS 103 523-2]";
       37 "TLMSP_proxying"                         []               No          "[ETSI TS 103 523-2]";
       38 "TLMSP_delegate"                         []               No          "[ETSI TS 103 523-2]";
       39 "supported_ekt_ciphers"                  [CH EE]          Yes         "[RFC8870]";
       40 "key_share_before_draft_23"              []               Discouraged "[tls-reg-review]";
       41 "pre_shared_key"                         [CH SH]          Yes         "[RFC8446]";
       42 "early_data"                             [CH EE NST]      Yes         "[RFC8446]";
       43 "supported_versions"                     [CH SH HRR]      Yes         "[RFC8446]";
       44 "cookie"                                 [CH HRR]         Yes         "[RFC8446]";
       45 "psk_key_exchange_modes"                 [CH]             Yes         "[RFC8446]";
       46 "ticket_early_data_info"                 []               Discouraged "[tls-reg-review]";
       47 "certificate_authorities"                [CH CR]          Yes         "[RFC8446]";
       48 "oid_filters"                            [CR]             Yes         "[RFC8446]";
       49 "post_handshake_auth"                    [CH]             Yes         "[RFC8446]";
       50 "signature_algorithms_cert"              [CH CR]          Yes         "[RFC8446]";
       51 "key_share"                              [CH SH HRR]      Yes         "[RFC8446]";
       52 "transparency_info"                      [CH CR CT]       Yes         "[RFC9162]";
       53 "connection_id_deprecated"               []               Discouraged "[RFC9146]";
       54 "connection_id"                          [CH SH]          No          "[RFC9146]";
       55 "external_id_hash"                       [CH EE]          Yes         "[RFC8844]";
       56 "external_session_id"                    [CH EE]          Yes         "[RFC8844]";
       57 "quic_transport_parameters"              [CH EE]          Yes         "[RFC9001]";
       58 "ticket_request"                         [CH EE]          Yes         "[RFC9149]";
       59 "dnssec_chain"                           [CH CT]          No          "[RFC9102]";
       60 "sequence_number_encryption_algorithms"  [CH SH HRR]      No          "[draft-pismenny-tls-dtls-plaintext-sequence-number]";
       61 "rrc"                                    [CH SH]          No          "[draft-ietf-tls-dtls-rrc]";
       62 "tls_flags"                              [CH SH EE CR CT NST] Yes         "[draft-ietf-tls-tlsflags]";
     2570 "GREASE_0A0A"                            [CH CR NST]      No          "[RFC8701]";
     4832 "server_padding"                         [CH]             NotListed   "[vendor/draft]";
     6682 "GREASE_1A1A"                            [CH CR NST]      No          "[RFC8701]";
    10794 "GREASE_2A2A"                            [CH CR NST]      No          "[RFC8701]";
    13172 "next_protocol_negotiation"              []               NotListed   "[draft-agl-tls-nextprotoneg]";
    14906 "GREASE_3A3A"                            [CH CR NST]      No          "[RFC8701]";
    17513 "application_settings_old"               [CH EE]          NotListed   "[draft-vvv-tls-alps]";
    17613 "application_settings"                   [CH EE]          NotListed   "[draft-vvv-tls-alps]";
    19018 "GREASE_4A4A"                            [CH CR NST]      No          "[RFC8701]";
    21760 "token_binding_draft"                    [CH]             NotListed   "[observed in captured Schannel hellos; early draft-ietf-tokbind-negotiation]";
    23130 "GREASE_5A5A"                            [CH CR NST]      No          "[RFC8701]";
    27242 "GREASE_6A6A"                            [CH CR NST]      No          "[RFC8701]";
    30031 "channel_id_old"                         []               NotListed   "[draft-balfanz-tls-channelid]";
    30032 "channel_id"                             []               NotListed   "[draft-balfanz-tls-channelid]";
    31354 "GREASE_7A7A"                            [CH CR NST]      No          "[RFC8701]";
    35466 "GREASE_8A8A"                            [CH CR NST]      No          "[RFC8701]";
    39578 "GREASE_9A9A"                            [CH CR NST]      No          "[RFC8701]";
    43690 "GREASE_AAAA"                            [CH CR NST]      No          "[RFC8701]";
    47802 "GREASE_BABA"                            [CH CR NST]      No          "[RFC8701]";
    51764 "trust_anchors"                          [CH EE CT]       NotListed   "[draft-ietf-tls-trust-anchor-ids]";
    51914 "GREASE_CACA"                            [CH CR NST]      No          "[RFC8701]";
    56026 "GREASE_DADA"                            [CH CR NST]      No          "[RFC8701]";
    60138 "GREASE_EAEA"                            [CH CR NST]      No          "[RFC8701]";
    64250 "GREASE_FAFA"                            [CH CR NST]      No          "[RFC8701]";
    64768 "ech_outer_extensions"                   [CH]             No          "[draft-ietf-tls-esni]";
    65037 "encrypted_client_hello"                 [CH HRR EE]      Yes         "[draft-ietf-tls-esni]";
    65281 "renegotiation_info"                     []               Yes         "[RFC5746]";
    65445 "quic_transport_parameters_draft"        [CH EE]          NotListed   "[draft-ietf-quic-tls]";
    65486 "encrypted_server_name"                  [CH]             NotListed   "[draft-ietf-tls-esni-01..06]";
};
