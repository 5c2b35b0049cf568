//! The table of signature schemes: IANA's TLS `SignatureScheme`, and the pairs of a hash and a signature algorithm that
//! TLS 1.2 has besides (RFC 5246 §7.4.1.4.1, RFC 9189).
//!
//! Columns: code, IANA name, OpenSSL name; key, hash, padding; usable in TLS 1.2, in TLS 1.3; Recommended, reference.

use super::{SignatureHash, SignatureKey, SignaturePadding, SignatureScheme, SignatureSchemeInfo, Tls13Use};
use crate::registry::Recommended;
use crate::registry::code_point::unless_empty;

macro_rules! schemes {
    ($(
        $code:literal $name:literal $openssl_name:literal $key:ident $hash:ident $padding:ident
        $tls12:literal $tls13:ident $recommended:ident $reference:literal;
    )+) => {
        &[$(
            SignatureSchemeInfo {
                code: SignatureScheme($code),
                name: $name,
                openssl_name: unless_empty($openssl_name),
                key: SignatureKey::$key,
                hash: SignatureHash::$hash,
                padding: SignaturePadding::$padding,
                tls12: $tls12,
                tls13: Tls13Use::$tls13,
                recommended: Recommended::$recommended,
                reference: $reference,
            },
        )+]
    };
}

pub(super) static ROWS: &[SignatureSchemeInfo] = schemes! {
    0x0101 "rsa_md5"                           "RSA+MD5"              Rsa           Md5         Pkcs1 true  No              NotListed "[RFC5246]";
    0x0102 "dsa_md5"                           "DSA+MD5"              Dsa           Md5         None  true  No              NotListed "[RFC5246]";
    0x0103 "ecdsa_md5"                         "ECDSA+MD5"            Ecdsa         Md5         None  true  No              NotListed "[RFC5246]";
    0x0201 "rsa_pkcs1_sha1"                    "RSA+SHA1"             Rsa           Sha1        Pkcs1 true  CertificateOnly No        "[RFC8446]";
    0x0202 "dsa_sha1"                          "DSA+SHA1"             Dsa           Sha1        None  true  No              NotListed "[RFC5246]";
    0x0203 "ecdsa_sha1"                        "ECDSA+SHA1"           Ecdsa         Sha1        None  true  CertificateOnly No        "[RFC8446]";
    0x0301 "rsa_sha224"                        "RSA+SHA224"           Rsa           Sha224      Pkcs1 true  No              NotListed "[RFC5246]";
    0x0302 "dsa_sha224"                        "DSA+SHA224"           Dsa           Sha224      None  true  No              NotListed "[RFC5246]";
    0x0303 "ecdsa_sha224"                      "ECDSA+SHA224"         Ecdsa         Sha224      None  true  No              NotListed "[RFC5246]";
    0x0401 "rsa_pkcs1_sha256"                  "RSA+SHA256"           Rsa           Sha256      Pkcs1 true  CertificateOnly Yes       "[RFC8446]";
    0x0402 "dsa_sha256"                        "DSA+SHA256"           Dsa           Sha256      None  true  No              NotListed "[RFC5246]";
    0x0403 "ecdsa_secp256r1_sha256"            "ECDSA+SHA256"         Ecdsa         Sha256      None  true  Yes             Yes       "[RFC8446]";
    0x0420 "rsa_pkcs1_sha256_legacy"           ""                     Rsa           Sha256      Pkcs1 false ClientOnly      No        "[RFC-ietf-tls-tls13-pkcs1]";
    0x0501 "rsa_pkcs1_sha384"                  "RSA+SHA384"           Rsa           Sha384      Pkcs1 true  CertificateOnly Yes       "[RFC8446]";
    0x0502 "dsa_sha384"                        "DSA+SHA384"           Dsa           Sha384      None  true  No              NotListed "[RFC5246]";
    0x0503 "ecdsa_secp384r1_sha384"            "ECDSA+SHA384"         Ecdsa         Sha384      None  true  Yes             Yes       "[RFC8446]";
    0x0520 "rsa_pkcs1_sha384_legacy"           ""                     Rsa           Sha384      Pkcs1 false ClientOnly      No        "[RFC-ietf-tls-tls13-pkcs1]";
    0x0601 "rsa_pkcs1_sha512"                  "RSA+SHA512"           Rsa           Sha512      Pkcs1 true  CertificateOnly Yes       "[RFC8446]";
    0x0602 "dsa_sha512"                        "DSA+SHA512"           Dsa           Sha512      None  true  No              NotListed "[RFC5246]";
    0x0603 "ecdsa_secp521r1_sha512"            "ECDSA+SHA512"         Ecdsa         Sha512      None  true  Yes             Yes       "[RFC8446]";
    0x0620 "rsa_pkcs1_sha512_legacy"           ""                     Rsa           Sha512      Pkcs1 false ClientOnly      No        "[RFC-ietf-tls-tls13-pkcs1]";
    0x0704 "eccsi_sha256"                      ""                     IdentityBased None        None  false Yes             No        "[draft-wang-tls-raw-public-key-with-ibc]";
    0x0705 "iso_ibs1"                          ""                     IdentityBased None        None  false Yes             No        "[draft-wang-tls-raw-public-key-with-ibc]";
    0x0706 "iso_ibs2"                          ""                     IdentityBased None        None  false Yes             No        "[draft-wang-tls-raw-public-key-with-ibc]";
    0x0707 "iso_chinese_ibs"                   ""                     IdentityBased None        None  false Yes             No        "[draft-wang-tls-raw-public-key-with-ibc]";
    0x0708 "sm2sig_sm3"                        "sm2sig_sm3"           Sm2           Sm3         None  false Yes             No        "[RFC8998]";
    0x0709 "gostr34102012_256a"                ""                     Gost256       Streebog256 None  false Yes             No        "[RFC9367]";
    0x070A "gostr34102012_256b"                ""                     Gost256       Streebog256 None  false Yes             No        "[RFC9367]";
    0x070B "gostr34102012_256c"                ""                     Gost256       Streebog256 None  false Yes             No        "[RFC9367]";
    0x070C "gostr34102012_256d"                ""                     Gost256       Streebog256 None  false Yes             No        "[RFC9367]";
    0x070D "gostr34102012_512a"                ""                     Gost512       Streebog512 None  false Yes             No        "[RFC9367]";
    0x070E "gostr34102012_512b"                ""                     Gost512       Streebog512 None  false Yes             No        "[RFC9367]";
    0x070F "gostr34102012_512c"                ""                     Gost512       Streebog512 None  false Yes             No        "[RFC9367]";
    0x0804 "rsa_pss_rsae_sha256"               "rsa_pss_rsae_sha256"  RsaEncryption Sha256      Pss   true  Yes             Yes       "[RFC8446]";
    0x0805 "rsa_pss_rsae_sha384"               "rsa_pss_rsae_sha384"  RsaEncryption Sha384      Pss   true  Yes             Yes       "[RFC8446]";
    0x0806 "rsa_pss_rsae_sha512"               "rsa_pss_rsae_sha512"  RsaEncryption Sha512      Pss   true  Yes             Yes       "[RFC8446]";
    0x0807 "ed25519"                           "ed25519"              Ed25519       Intrinsic   None  true  Yes             Yes       "[RFC8446][RFC8422]";
    0x0808 "ed448"                             "ed448"                Ed448         Intrinsic   None  true  Yes             Yes       "[RFC8446][RFC8422]";
    0x0809 "rsa_pss_pss_sha256"                "rsa_pss_pss_sha256"   RsaPss        Sha256      Pss   true  Yes             Yes       "[RFC8446]";
    0x080A "rsa_pss_pss_sha384"                "rsa_pss_pss_sha384"   RsaPss        Sha384      Pss   true  Yes             Yes       "[RFC8446]";
    0x080B "rsa_pss_pss_sha512"                "rsa_pss_pss_sha512"   RsaPss        Sha512      Pss   true  Yes             Yes       "[RFC8446]";
    0x081A "ecdsa_brainpoolP256r1tls13_sha256" "ecdsa_brainpoolP256r1tls13_sha256" Ecdsa         Sha256      None  false Yes             No        "[RFC8734]";
    0x081B "ecdsa_brainpoolP384r1tls13_sha384" "ecdsa_brainpoolP384r1tls13_sha384" Ecdsa         Sha384      None  false Yes             No        "[RFC8734]";
    0x081C "ecdsa_brainpoolP512r1tls13_sha512" "ecdsa_brainpoolP512r1tls13_sha512" Ecdsa         Sha512      None  false Yes             No        "[RFC8734]";
    0x0840 "gostr34102012_256"                 ""                     Gost256       Intrinsic   None  true  No              NotListed "[RFC9189]";
    0x0841 "gostr34102012_512"                 ""                     Gost512       Intrinsic   None  true  No              NotListed "[RFC9189]";
    0x0904 "mldsa44"                           "mldsa44"              MlDsa44       Intrinsic   None  false Yes             No        "[draft-ietf-tls-mldsa]";
    0x0905 "mldsa65"                           "mldsa65"              MlDsa65       Intrinsic   None  false Yes             No        "[draft-ietf-tls-mldsa]";
    0x0906 "mldsa87"                           "mldsa87"              MlDsa87       Intrinsic   None  false Yes             No        "[draft-ietf-tls-mldsa]";
    0x0911 "slhdsa_sha2_128s"                  ""                     SlhDsa        Intrinsic   None  false Yes             No        "[draft-reddy-tls-slhdsa]";
    0x0912 "slhdsa_sha2_128f"                  ""                     SlhDsa        Intrinsic   None  false Yes             No        "[draft-reddy-tls-slhdsa]";
    0x0913 "slhdsa_sha2_192s"                  ""                     SlhDsa        Intrinsic   None  false Yes             No        "[draft-reddy-tls-slhdsa]";
    0x0914 "slhdsa_sha2_192f"                  ""                     SlhDsa        Intrinsic   None  false Yes             No        "[draft-reddy-tls-slhdsa]";
    0x0915 "slhdsa_sha2_256s"                  ""                     SlhDsa        Intrinsic   None  false Yes             No        "[draft-reddy-tls-slhdsa]";
    0x0916 "slhdsa_sha2_256f"                  ""                     SlhDsa        Intrinsic   None  false Yes             No        "[draft-reddy-tls-slhdsa]";
    0x0917 "slhdsa_shake_128s"                 ""                     SlhDsa        Intrinsic   None  false Yes             No        "[draft-reddy-tls-slhdsa]";
    0x0918 "slhdsa_shake_128f"                 ""                     SlhDsa        Intrinsic   None  false Yes             No        "[draft-reddy-tls-slhdsa]";
    0x0919 "slhdsa_shake_192s"                 ""                     SlhDsa        Intrinsic   None  false Yes             No        "[draft-reddy-tls-slhdsa]";
    0x091A "slhdsa_shake_192f"                 ""                     SlhDsa        Intrinsic   None  false Yes             No        "[draft-reddy-tls-slhdsa]";
    0x091B "slhdsa_shake_256s"                 ""                     SlhDsa        Intrinsic   None  false Yes             No        "[draft-reddy-tls-slhdsa]";
    0x091C "slhdsa_shake_256f"                 ""                     SlhDsa        Intrinsic   None  false Yes             No        "[draft-reddy-tls-slhdsa]";
};
