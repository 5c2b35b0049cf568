//! The table of groups: IANA's TLS Supported Groups.
//!
//! Columns: code, IANA name, OpenSSL name; kind, bits, ML-KEM parameter set; oldest and newest version; Recommended,
//! reference.

use super::{GroupKind, NamedGroup, NamedGroupInfo};
use crate::registry::code_point::{unless_empty, unless_zero};
use crate::registry::{ProtocolVersion, Recommended, Versions};

macro_rules! groups {
    ($(
        $code:literal $name:literal $openssl_name:literal $kind:ident $bits:literal $ml_kem:literal
        $first:ident $last:ident $recommended:ident $reference:literal;
    )+) => {
        &[$(
            NamedGroupInfo {
                code: NamedGroup($code),
                name: $name,
                openssl_name: unless_empty($openssl_name),
                kind: GroupKind::$kind,
                bits: unless_zero($bits),
                ml_kem: unless_zero($ml_kem),
                versions: Versions { first: ProtocolVersion::$first, last: ProtocolVersion::$last },
                recommended: Recommended::$recommended,
                reference: $reference,
            },
        )+]
    };
}

pub(super) static ROWS: &[NamedGroupInfo] = groups! {
    0x0001 "sect163k1"              "sect163k1"          Binary       163    0 TLS1_0 TLS1_2 Discouraged "[RFC8422]";
    0x0002 "sect163r1"              "sect163r1"          Binary       163    0 TLS1_0 TLS1_2 Discouraged "[RFC8422]";
    0x0003 "sect163r2"              "sect163r2"          Binary       163    0 TLS1_0 TLS1_2 Discouraged "[RFC8422]";
    0x0004 "sect193r1"              "sect193r1"          Binary       193    0 TLS1_0 TLS1_2 Discouraged "[RFC8422]";
    0x0005 "sect193r2"              "sect193r2"          Binary       193    0 TLS1_0 TLS1_2 Discouraged "[RFC8422]";
    0x0006 "sect233k1"              "sect233k1"          Binary       233    0 TLS1_0 TLS1_2 Discouraged "[RFC8422]";
    0x0007 "sect233r1"              "sect233r1"          Binary       233    0 TLS1_0 TLS1_2 Discouraged "[RFC8422]";
    0x0008 "sect239k1"              "sect239k1"          Binary       239    0 TLS1_0 TLS1_2 Discouraged "[RFC8422]";
    0x0009 "sect283k1"              "sect283k1"          Binary       283    0 TLS1_0 TLS1_2 No  "[RFC8422]";
    0x000A "sect283r1"              "sect283r1"          Binary       283    0 TLS1_0 TLS1_2 No  "[RFC8422]";
    0x000B "sect409k1"              "sect409k1"          Binary       409    0 TLS1_0 TLS1_2 No  "[RFC8422]";
    0x000C "sect409r1"              "sect409r1"          Binary       409    0 TLS1_0 TLS1_2 No  "[RFC8422]";
    0x000D "sect571k1"              "sect571k1"          Binary       571    0 TLS1_0 TLS1_2 No  "[RFC8422]";
    0x000E "sect571r1"              "sect571r1"          Binary       571    0 TLS1_0 TLS1_2 No  "[RFC8422]";
    0x000F "secp160k1"              "secp160k1"          Prime        160    0 TLS1_0 TLS1_2 Discouraged "[RFC8422]";
    0x0010 "secp160r1"              "secp160r1"          Prime        160    0 TLS1_0 TLS1_2 Discouraged "[RFC8422]";
    0x0011 "secp160r2"              "secp160r2"          Prime        160    0 TLS1_0 TLS1_2 Discouraged "[RFC8422]";
    0x0012 "secp192k1"              "secp192k1"          Prime        192    0 TLS1_0 TLS1_2 Discouraged "[RFC8422]";
    0x0013 "secp192r1"              "prime192v1"         Prime        192    0 TLS1_0 TLS1_2 Discouraged "[RFC8422]";
    0x0014 "secp224k1"              "secp224k1"          Prime        224    0 TLS1_0 TLS1_2 Discouraged "[RFC8422]";
    0x0015 "secp224r1"              "secp224r1"          Prime        224    0 TLS1_0 TLS1_2 Discouraged "[RFC8422]";
    0x0016 "secp256k1"              "secp256k1"          Prime        256    0 TLS1_0 TLS1_2 No  "[RFC8422]";
    0x0017 "secp256r1"              "prime256v1"         Prime        256    0 TLS1_0 TLS1_3 Yes "[RFC8422]";
    0x0018 "secp384r1"              "secp384r1"          Prime        384    0 TLS1_0 TLS1_3 Yes "[RFC8422]";
    0x0019 "secp521r1"              "secp521r1"          Prime        521    0 TLS1_0 TLS1_3 No  "[RFC8422]";
    0x001A "brainpoolP256r1"        "brainpoolP256r1"    Prime        256    0 TLS1_0 TLS1_2 No  "[RFC7027]";
    0x001B "brainpoolP384r1"        "brainpoolP384r1"    Prime        384    0 TLS1_0 TLS1_2 No  "[RFC7027]";
    0x001C "brainpoolP512r1"        "brainpoolP512r1"    Prime        512    0 TLS1_0 TLS1_2 No  "[RFC7027]";
    0x001D "x25519"                 "X25519"             Montgomery   255    0 TLS1_0 TLS1_3 Yes "[RFC8446][RFC8422]";
    0x001E "x448"                   "X448"               Montgomery   448    0 TLS1_0 TLS1_3 Yes "[RFC8446][RFC8422]";
    0x001F "brainpoolP256r1tls13"   "brainpoolP256r1tls13" Prime        256    0 TLS1_3 TLS1_3 No  "[RFC8734]";
    0x0020 "brainpoolP384r1tls13"   "brainpoolP384r1tls13" Prime        384    0 TLS1_3 TLS1_3 No  "[RFC8734]";
    0x0021 "brainpoolP512r1tls13"   "brainpoolP512r1tls13" Prime        512    0 TLS1_3 TLS1_3 No  "[RFC8734]";
    0x0022 "GC256A"                 ""                   Gost         256    0 TLS1_2 TLS1_3 No  "[RFC9189][RFC9367]";
    0x0023 "GC256B"                 ""                   Gost         256    0 TLS1_2 TLS1_3 No  "[RFC9189][RFC9367]";
    0x0024 "GC256C"                 ""                   Gost         256    0 TLS1_2 TLS1_3 No  "[RFC9189][RFC9367]";
    0x0025 "GC256D"                 ""                   Gost         256    0 TLS1_2 TLS1_3 No  "[RFC9189][RFC9367]";
    0x0026 "GC512A"                 ""                   Gost         512    0 TLS1_2 TLS1_3 No  "[RFC9189][RFC9367]";
    0x0027 "GC512B"                 ""                   Gost         512    0 TLS1_2 TLS1_3 No  "[RFC9189][RFC9367]";
    0x0028 "GC512C"                 ""                   Gost         512    0 TLS1_2 TLS1_3 No  "[RFC9189][RFC9367]";
    0x0029 "curveSM2"               "SM2"                Sm2          256    0 TLS1_3 TLS1_3 No  "[RFC8998]";
    0x0100 "ffdhe2048"              "ffdhe2048"          FiniteField 2048    0 TLS1_0 TLS1_3 No  "[RFC7919]";
    0x0101 "ffdhe3072"              "ffdhe3072"          FiniteField 3072    0 TLS1_0 TLS1_3 No  "[RFC7919]";
    0x0102 "ffdhe4096"              "ffdhe4096"          FiniteField 4096    0 TLS1_0 TLS1_3 No  "[RFC7919]";
    0x0103 "ffdhe6144"              "ffdhe6144"          FiniteField 6144    0 TLS1_0 TLS1_3 No  "[RFC7919]";
    0x0104 "ffdhe8192"              "ffdhe8192"          FiniteField 8192    0 TLS1_0 TLS1_3 No  "[RFC7919]";
    0x0200 "MLKEM512"               "MLKEM512"           MlKem          0  512 TLS1_3 TLS1_3 No  "[draft-connolly-tls-mlkem-key-agreement]";
    0x0201 "MLKEM768"               "MLKEM768"           MlKem          0  768 TLS1_3 TLS1_3 No  "[draft-connolly-tls-mlkem-key-agreement]";
    0x0202 "MLKEM1024"              "MLKEM1024"          MlKem          0 1024 TLS1_3 TLS1_3 No  "[draft-connolly-tls-mlkem-key-agreement]";
    0x0A0A "GREASE_0A0A"            ""                   Grease         0    0 TLS1_0 TLS1_3 No  "[RFC8701]";
    0x11EB "SecP256r1MLKEM768"      "SecP256r1MLKEM768"  Hybrid       256  768 TLS1_3 TLS1_3 No  "[draft-ietf-tls-ecdhe-mlkem]";
    0x11EC "X25519MLKEM768"         "X25519MLKEM768"     Hybrid       255  768 TLS1_3 TLS1_3 No  "[draft-ietf-tls-ecdhe-mlkem]";
    0x11ED "SecP384r1MLKEM1024"     "SecP384r1MLKEM1024" Hybrid       384 1024 TLS1_3 TLS1_3 No  "[draft-ietf-tls-ecdhe-mlkem]";
    0x11EE "curveSM2MLKEM768"       "curveSM2MLKEM768"   Hybrid       256  768 TLS1_3 TLS1_3 No  "[draft-yang-tls-hybrid-sm2-mlkem]";
    0x1A1A "GREASE_1A1A"            ""                   Grease         0    0 TLS1_0 TLS1_3 No  "[RFC8701]";
    0x2A2A "GREASE_2A2A"            ""                   Grease         0    0 TLS1_0 TLS1_3 No  "[RFC8701]";
    0x3A3A "GREASE_3A3A"            ""                   Grease         0    0 TLS1_0 TLS1_3 No  "[RFC8701]";
    0x4A4A "GREASE_4A4A"            ""                   Grease         0    0 TLS1_0 TLS1_3 No  "[RFC8701]";
    0x5A5A "GREASE_5A5A"            ""                   Grease         0    0 TLS1_0 TLS1_3 No  "[RFC8701]";
    0x6399 "X25519Kyber768Draft00"  ""                   HybridKyber  255  768 TLS1_3 TLS1_3 Discouraged "[draft-tls-westerbaan-xyber768d00-02]";
    0x639A "SecP256r1Kyber768Draft00" ""                   HybridKyber  256  768 TLS1_3 TLS1_3 Discouraged "[draft-kwiatkowski-tls-ecdhe-kyber-01]";
    0x6A6A "GREASE_6A6A"            ""                   Grease         0    0 TLS1_0 TLS1_3 No  "[RFC8701]";
    0x7A7A "GREASE_7A7A"            ""                   Grease         0    0 TLS1_0 TLS1_3 No  "[RFC8701]";
    0x8A8A "GREASE_8A8A"            ""                   Grease         0    0 TLS1_0 TLS1_3 No  "[RFC8701]";
    0x9A9A "GREASE_9A9A"            ""                   Grease         0    0 TLS1_0 TLS1_3 No  "[RFC8701]";
    0xAAAA "GREASE_AAAA"            ""                   Grease         0    0 TLS1_0 TLS1_3 No  "[RFC8701]";
    0xBABA "GREASE_BABA"            ""                   Grease         0    0 TLS1_0 TLS1_3 No  "[RFC8701]";
    0xCACA "GREASE_CACA"            ""                   Grease         0    0 TLS1_0 TLS1_3 No  "[RFC8701]";
    0xDADA "GREASE_DADA"            ""                   Grease         0    0 TLS1_0 TLS1_3 No  "[RFC8701]";
    0xEAEA "GREASE_EAEA"            ""                   Grease         0    0 TLS1_0 TLS1_3 No  "[RFC8701]";
    0xFAFA "GREASE_FAFA"            ""                   Grease         0    0 TLS1_0 TLS1_3 No  "[RFC8701]";
    0xFF01 "arbitrary_explicit_prime_curves" ""                   Explicit       0    0 TLS1_0 TLS1_2 No  "[RFC8422]";
    0xFF02 "arbitrary_explicit_char2_curves" ""                   Explicit       0    0 TLS1_0 TLS1_2 No  "[RFC8422]";
};
