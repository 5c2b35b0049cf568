//! `SignatureScheme` code points: a key, a hash and, for RSA, a padding.

use std::iter;

use super::code_point::{constants, registry};
use super::typed::{self, NameKind, UnknownName};
use super::words::words;
use super::{Recommended, code_point};

mod rows;

code_point! {
    /// `SignatureScheme` (RFC 8446 §4.2.3); in TLS 1.2 its bytes are a `HashAlgorithm` and a `SignatureAlgorithm`
    /// (RFC 5246 §7.4.1.4.1).
    SignatureScheme(u16), 4
}

registry!(SignatureScheme, SignatureSchemeInfo, rows::ROWS, ALIASES);

/// One way to sign a handshake or a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureSchemeInfo {
    /// The value on the wire.
    pub code: SignatureScheme,
    /// The name in IANA's registry, or for a pair of TLS 1.2 the names of its halves.
    pub name: &'static str,
    /// The name OpenSSL has for it.
    pub openssl_name: Option<&'static str>,
    /// The key it is made with.
    pub key: SignatureKey,
    /// What is signed in the message's stead.
    pub hash: SignatureHash,
    /// How an RSA signature is padded.
    pub padding: SignaturePadding,
    /// Whether it may be used in TLS 1.2.
    pub tls12: bool,
    /// What it may be used for in TLS 1.3.
    pub tls13: Tls13Use,
    /// IANA's advice.
    pub recommended: Recommended,
    /// Where it is defined.
    pub reference: &'static str,
}

impl SignatureSchemeInfo {
    fn spellings(&self) -> impl Iterator<Item = &'static str> + use<> {
        iter::once(self.name).chain(self.openssl_name)
    }
}

words! {
    /// The key a signature is made with.
    SignatureKey {
        Rsa = "RSA",
        /// A key of the old OID, signing with PSS.
        RsaEncryption = "RSA (rsaEncryption key)",
        /// A key that may sign with PSS alone.
        RsaPss = "RSA (id-RSASSA-PSS key)",
        Dsa = "DSA",
        /// Since TLS 1.3 the scheme says which curve.
        Ecdsa = "ECDSA",
        Ed25519 = "Ed25519",
        Ed448 = "Ed448",
        Sm2 = "SM2",
        Gost256 = "GOST R 34.10-2012 256",
        Gost512 = "GOST R 34.10-2012 512",
        MlDsa44 = "ML-DSA-44",
        MlDsa65 = "ML-DSA-65",
        MlDsa87 = "ML-DSA-87",
        SlhDsa = "SLH-DSA",
        IdentityBased = "identity-based",
    }
}

words! {
    /// What is signed in the message's stead.
    SignatureHash {
        /// The registry does not say.
        None = "",
        /// The scheme hashes in its own way.
        Intrinsic = "(intrinsic)",
        Md5 = "MD5",
        Sha1 = "SHA1",
        Sha224 = "SHA224",
        Sha256 = "SHA256",
        Sha384 = "SHA384",
        Sha512 = "SHA512",
        Sm3 = "SM3",
        Streebog256 = "STREEBOG256",
        Streebog512 = "STREEBOG512",
    }
}

words! {
    /// How an RSA signature is padded (RFC 8017 §8).
    SignaturePadding {
        /// It is no RSA signature.
        None = "",
        Pkcs1 = "PKCS1-v1_5",
        Pss = "PSS",
    }
}

words! {
    /// What a scheme may be used for in TLS 1.3.
    Tls13Use {
        /// Handshakes and certificates.
        Yes = "yes",
        No = "no",
        /// Certificates, not handshakes (RFC 8446 §4.2.3).
        CertificateOnly = "cert-only",
        /// The client's `CertificateVerify`, for keys that can't do better.
        ClientOnly = "client-CertificateVerify only",
    }
}

/// OpenSSL's other words for PSS, which name the scheme for keys of the old OID.
const ALIASES: &[(&str, SignatureScheme)] = &[
    ("RSA-PSS+SHA256", SignatureScheme::RSA_PSS_RSAE_SHA256),
    ("RSA-PSS+SHA384", SignatureScheme::RSA_PSS_RSAE_SHA384),
    ("RSA-PSS+SHA512", SignatureScheme::RSA_PSS_RSAE_SHA512),
    ("PSS+SHA256", SignatureScheme::RSA_PSS_RSAE_SHA256),
    ("PSS+SHA384", SignatureScheme::RSA_PSS_RSAE_SHA384),
    ("PSS+SHA512", SignatureScheme::RSA_PSS_RSAE_SHA512),
];

impl SignatureScheme {
    /// The scheme that `typed` stands for: its IANA or OpenSSL name in any case, or its number as in `0x0403` or
    /// `0403`.
    pub fn parse(typed: &str) -> Result<Self, UnknownName> {
        let number = |word: &str| typed::hex_or_four_digits(word).map(Self);
        typed::resolve(NameKind::SignatureScheme, typed, number, Self::spellings())
    }
}

constants! {
    SignatureScheme {
        RSA_MD5 = 0x0101,
        DSA_MD5 = 0x0102,
        ECDSA_MD5 = 0x0103,
        RSA_PKCS1_SHA1 = 0x0201,
        DSA_SHA1 = 0x0202,
        ECDSA_SHA1 = 0x0203,
        RSA_SHA224 = 0x0301,
        DSA_SHA224 = 0x0302,
        ECDSA_SHA224 = 0x0303,
        RSA_PKCS1_SHA256 = 0x0401,
        DSA_SHA256 = 0x0402,
        ECDSA_SECP256R1_SHA256 = 0x0403,
        RSA_PKCS1_SHA256_LEGACY = 0x0420,
        RSA_PKCS1_SHA384 = 0x0501,
        DSA_SHA384 = 0x0502,
        ECDSA_SECP384R1_SHA384 = 0x0503,
        RSA_PKCS1_SHA384_LEGACY = 0x0520,
        RSA_PKCS1_SHA512 = 0x0601,
        DSA_SHA512 = 0x0602,
        ECDSA_SECP521R1_SHA512 = 0x0603,
        RSA_PKCS1_SHA512_LEGACY = 0x0620,
        SM2SIG_SM3 = 0x0708,
        RSA_PSS_RSAE_SHA256 = 0x0804,
        RSA_PSS_RSAE_SHA384 = 0x0805,
        RSA_PSS_RSAE_SHA512 = 0x0806,
        ED25519 = 0x0807,
        ED448 = 0x0808,
        RSA_PSS_PSS_SHA256 = 0x0809,
        RSA_PSS_PSS_SHA384 = 0x080A,
        RSA_PSS_PSS_SHA512 = 0x080B,
        ECDSA_BRAINPOOLP256R1TLS13_SHA256 = 0x081A,
        ECDSA_BRAINPOOLP384R1TLS13_SHA384 = 0x081B,
        ECDSA_BRAINPOOLP512R1TLS13_SHA512 = 0x081C,
        MLDSA44 = 0x0904,
        MLDSA65 = 0x0905,
        MLDSA87 = 0x0906,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::testing::{assert_same_rows, csv_table, registry_laws};

    registry_laws!(SignatureScheme(u16), SignatureScheme::parse);

    #[test]
    fn every_row_and_property_agrees_with_the_csv() {
        let ours = SignatureScheme::all().iter().map(|row| {
            [
                row.code.hex(),
                row.name.to_owned(),
                row.openssl_name.unwrap_or_default().to_owned(),
                row.key.to_string(),
                row.hash.to_string(),
                row.padding.to_string(),
                if row.tls12 { "yes".to_owned() } else { "no".to_owned() },
                row.tls13.to_string(),
                row.recommended.to_string(),
                row.reference.to_owned(),
            ]
        });
        let csv = csv_table("iana-signature-schemes.csv").into_iter().map(|row| {
            let cell = |column: &str| row[column].clone();
            // Two names have a remark after them: "gostr34102012_256 (TLS 1.2 pair 8,64)".
            let name = row["iana_name"].split(" (").next().unwrap_or_default().to_owned();
            [
                cell("code"),
                name,
                cell("openssl_name"),
                cell("key_type"),
                cell("hash"),
                cell("padding"),
                cell("usable_tls12"),
                cell("usable_tls13_handshake"),
                Recommended::from_cell(&row["recommended"]).to_string(),
                cell("reference"),
            ]
        });
        assert_same_rows(ours, csv);
    }

    #[test]
    fn every_form_names_the_same_scheme() {
        for typed in ["rsa_pkcs1_sha256", "RSA+SHA256", "rsa+sha256", "0x0401", "0401", "{0x04,0x01}"] {
            assert_eq!(SignatureScheme::parse(typed), Ok(SignatureScheme::RSA_PKCS1_SHA256), "{typed}");
        }
        for typed in ["ecdsa_secp256r1_sha256", "ECDSA+SHA256", "0x0403"] {
            assert_eq!(SignatureScheme::parse(typed), Ok(SignatureScheme::ECDSA_SECP256R1_SHA256), "{typed}");
        }
        for typed in ["rsa_pss_rsae_sha384", "RSA-PSS+SHA384", "PSS+SHA384"] {
            assert_eq!(SignatureScheme::parse(typed), Ok(SignatureScheme::RSA_PSS_RSAE_SHA384), "{typed}");
        }
    }

    #[test]
    fn an_unknown_name_brings_the_nearest_ones() {
        let error = SignatureScheme::parse("ecdsa_secp256_sha256").unwrap_err();
        assert_eq!(error.kind, NameKind::SignatureScheme);
        assert_eq!(error.suggestions.first(), Some(&"ecdsa_secp256r1_sha256"));
    }
}
