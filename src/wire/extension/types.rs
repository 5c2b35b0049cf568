//! The code points of the extensions that are read here (IANA's registry of them).

use crate::registry::ExtensionType;

pub(super) const SERVER_NAME: ExtensionType = ExtensionType(0);
pub(super) const MAX_FRAGMENT_LENGTH: ExtensionType = ExtensionType(1);
pub(super) const STATUS_REQUEST: ExtensionType = ExtensionType(5);
pub(super) const SUPPORTED_GROUPS: ExtensionType = ExtensionType(10);
pub(super) const EC_POINT_FORMATS: ExtensionType = ExtensionType(11);
pub(super) const SIGNATURE_ALGORITHMS: ExtensionType = ExtensionType(13);
pub(super) const APPLICATION_LAYER_PROTOCOL_NEGOTIATION: ExtensionType = ExtensionType(16);
pub(super) const SIGNED_CERTIFICATE_TIMESTAMP: ExtensionType = ExtensionType(18);
pub(super) const PADDING: ExtensionType = ExtensionType(21);
pub(super) const ENCRYPT_THEN_MAC: ExtensionType = ExtensionType(22);
pub(super) const EXTENDED_MASTER_SECRET: ExtensionType = ExtensionType(23);
pub(super) const COMPRESS_CERTIFICATE: ExtensionType = ExtensionType(27);
pub(super) const RECORD_SIZE_LIMIT: ExtensionType = ExtensionType(28);
pub(super) const SESSION_TICKET: ExtensionType = ExtensionType(35);
pub(super) const PRE_SHARED_KEY: ExtensionType = ExtensionType(41);
pub(super) const EARLY_DATA: ExtensionType = ExtensionType(42);
pub(super) const SUPPORTED_VERSIONS: ExtensionType = ExtensionType(43);
pub(super) const COOKIE: ExtensionType = ExtensionType(44);
pub(super) const PSK_KEY_EXCHANGE_MODES: ExtensionType = ExtensionType(45);
pub(super) const CERTIFICATE_AUTHORITIES: ExtensionType = ExtensionType(47);
pub(super) const POST_HANDSHAKE_AUTH: ExtensionType = ExtensionType(49);
pub(super) const SIGNATURE_ALGORITHMS_CERT: ExtensionType = ExtensionType(50);
pub(super) const KEY_SHARE: ExtensionType = ExtensionType(51);
pub(super) const RENEGOTIATION_INFO: ExtensionType = ExtensionType(0xff01);
