//! What cipher suites are made of. The words are those of `testdata/registry/iana-cipher-suites.csv`.

use std::fmt;

use crate::registry::words::words;

words! {
    /// How client and server agree on the pre-master secret.
    KeyExchange {
        /// None at all: the suite every connection begins with.
        Null = "NULL",
        /// The client encrypts it to the server's RSA key.
        Rsa = "RSA",
        /// The Diffie-Hellman key is in the certificate.
        Dh = "DH",
        /// Ephemeral Diffie-Hellman.
        Dhe = "DHE",
        /// The elliptic curve key is in the certificate.
        Ecdh = "ECDH",
        /// Ephemeral elliptic curve Diffie-Hellman.
        Ecdhe = "ECDHE",
        /// A key both have already, and nothing besides.
        Psk = "PSK",
        /// Secure Remote Password (RFC 5054).
        Srp = "SRP",
        /// A Kerberos ticket (RFC 2712).
        Krb5 = "KRB5",
        /// Key transport of GOST R 34.10-94.
        Gost1994 = "GOSTR341094",
        /// Key transport of GOST R 34.10-2001.
        Gost2001 = "GOSTR341001",
        /// Key transport of GOST R 34.10-2012 (RFC 9189).
        Gost2012 = "GOSTR341012",
        /// Google's experiment of 2016: X25519 and the lattice scheme `NewHope`.
        Cecpq1 = "CECPQ1",
        /// A password over elliptic curves (RFC 8492).
        EccPwd = "ECCPWD",
        /// Password-authenticated J-PAKE, as in Thread.
        EcJpake = "ECJPAKE",
        /// TLCP's ephemeral exchange over SM2.
        EcdheSm2 = "ECDHE-SM2",
        /// TLCP: encrypted to the server's SM2 key.
        Sm2 = "SM2-key-transport",
        /// TLCP's ephemeral identity-based exchange.
        IbsdhSm9 = "IBSDH-SM9",
        /// TLCP: encrypted to the server's identity.
        Sm9 = "SM9-key-transport",
        /// The Fortezza card of SSL 3.0.
        Fortezza = "FORTEZZA-KEA",
        /// Any: TLS 1.3 negotiates it apart from the suite (RFC 8446 §1.2).
        Tls13 = "TLS1.3-any",
        /// None: a signal in the place of a suite.
        Signalling = "SCSV",
        /// None: the value is reserved to stand for nothing (RFC 8701).
        Grease = "GREASE",
        /// Only a name is known of the suite.
        Unknown = "unknown",
    }
}

impl KeyExchange {
    /// Whether traffic recorded today stays secret when the server's key is lost tomorrow; `None` where there is no
    /// exchange or it is not known. In TLS 1.3 it does unless a key of old is used alone, `psk_ke`, which no suite says.
    pub const fn forward_secrecy(self) -> Option<bool> {
        match self {
            Self::Dhe
            | Self::Ecdhe
            | Self::Srp
            | Self::Cecpq1
            | Self::EccPwd
            | Self::EcJpake
            | Self::EcdheSm2
            | Self::IbsdhSm9
            | Self::Tls13 => Some(true),
            Self::Null
            | Self::Rsa
            | Self::Dh
            | Self::Ecdh
            | Self::Psk
            | Self::Krb5
            | Self::Gost1994
            | Self::Gost2001
            | Self::Gost2012
            | Self::Sm2
            | Self::Sm9
            | Self::Fortezza => Some(false),
            Self::Signalling | Self::Grease | Self::Unknown => None,
        }
    }
}

words! {
    /// How the server proves who it is.
    Authentication {
        /// It does not.
        Null = "NULL",
        /// It does not: the exchange is anonymous.
        Anonymous = "anon",
        /// By an RSA key.
        Rsa = "RSA",
        /// By a DSA key.
        Dss = "DSS",
        /// By an elliptic curve key.
        Ecdsa = "ECDSA",
        /// By knowing the shared key.
        Psk = "PSK",
        /// By knowing the shared key, and by an RSA key.
        PskRsa = "PSK+RSA",
        /// By knowing the password's verifier.
        SrpSha = "SRP-SHA",
        /// By its Kerberos ticket.
        Krb5 = "KRB5",
        /// By a key of GOST R 34.10-94.
        Gost1994 = "GOSTR341094",
        /// By a key of GOST R 34.10-2001.
        Gost2001 = "GOSTR341001",
        /// By a key of GOST R 34.10-2012.
        Gost2012 = "GOSTR341012",
        /// By an SM2 key.
        Sm2 = "SM2",
        /// By its identity.
        Sm9 = "SM9",
        /// By knowing the password (RFC 8492).
        EccPwd = "ECCPWD",
        /// By knowing the password, as in Thread.
        EcJpake = "ECJPAKE",
        /// Any: TLS 1.3 negotiates it apart from the suite (RFC 8446 §1.2).
        Tls13 = "TLS1.3-any",
        /// None: a signal in the place of a suite.
        Signalling = "SCSV",
        /// None: the value is reserved to stand for nothing (RFC 8701).
        Grease = "GREASE",
        /// Only a name is known of the suite.
        Unknown = "unknown",
    }
}

/// What encrypts the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cipher {
    /// The block or stream cipher.
    pub algorithm: CipherAlgorithm,
    /// The strength of its key: 112 for 3DES, 40 for what was exported; 0 where nothing is encrypted or none is known.
    pub bits: u16,
    /// How it is applied to a record.
    pub mode: CipherMode,
}

impl fmt::Display for Cipher {
    /// As in `AES 256 GCM`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = if self.bits == 0 { String::new() } else { self.bits.to_string() };
        let words = [self.algorithm.as_str(), &bits, self.mode.as_str()];
        f.pad(&words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
    }
}

words! {
    /// The block or stream cipher.
    CipherAlgorithm {
        /// The value is no suite, so that nothing is encrypted by it.
        None = "",
        /// The records go in clear.
        Null = "NULL",
        Aes = "AES",
        Aria = "ARIA",
        Camellia = "Camellia",
        ChaCha20 = "ChaCha20",
        Des = "DES",
        TripleDes = "3DES",
        Rc2 = "RC2",
        Rc4 = "RC4",
        Idea = "IDEA",
        Seed = "SEED",
        Sm1 = "SM1",
        Sm4 = "SM4",
        Gost28147 = "GOST28147",
        Kuznyechik = "Kuznyechik",
        Magma = "Magma",
        Aegis128L = "AEGIS-128L",
        Aegis256 = "AEGIS-256",
        Salsa20 = "SALSA20",
        EstreamSalsa20 = "ESTREAM_SALSA20",
        Skipjack = "Fortezza-Skipjack",
        /// Only a name is known of the suite.
        Unknown = "unknown",
    }
}

words! {
    /// How a cipher is applied to a record.
    CipherMode {
        /// Nothing is encrypted, or it is not known how.
        None = "",
        Cbc = "CBC",
        Gcm = "GCM",
        Ccm = "CCM",
        /// CCM with a tag of eight bytes.
        Ccm8 = "CCM_8",
        Poly1305 = "Poly1305",
        Stream = "stream",
        Ctr = "CTR",
        /// GOST 28147-89 in counter mode.
        Cnt = "CNT",
        /// Multilinear Galois Mode, rekeyed rarely (RFC 9367).
        MgmL = "MGM-L",
        /// Multilinear Galois Mode, rekeyed often (RFC 9367).
        MgmS = "MGM-S",
        /// The cipher is authenticated by itself.
        Aead = "AEAD",
        /// Records go in clear, protected from change alone (RFC 9150).
        IntegrityOnly = "integrity-only",
    }
}

words! {
    /// What protects the records from change.
    Mac {
        /// The value is no suite, so that nothing is protected by it.
        None = "",
        /// They are not protected.
        Null = "NULL",
        /// The cipher does it.
        Aead = "AEAD",
        HmacMd5 = "HMAC-MD5",
        HmacSha1 = "HMAC-SHA1",
        HmacSha256 = "HMAC-SHA256",
        HmacSha384 = "HMAC-SHA384",
        HmacSm3 = "HMAC-SM3",
        HmacGost3411 = "HMAC-GOSTR3411",
        Gost28147Imit = "GOST28147-IMIT",
        Omac = "OMAC",
        /// Only a name is known of the suite.
        Unknown = "unknown",
    }
}

words! {
    /// The hash under the PRF (RFC 5246 §5), or under HKDF in TLS 1.3 (RFC 8446 §7.1).
    PrfHash {
        /// There is none, or it is not known.
        None = "",
        /// That of the version: MD5 with SHA-1 before TLS 1.2, SHA-256 in it.
        Default = "default",
        Sha1 = "SHA1",
        Sha256 = "SHA256",
        Sha384 = "SHA384",
        Sha512 = "SHA512",
        Sm3 = "SM3",
        Streebog256 = "STREEBOG-256",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::CipherSuite;

    #[test]
    fn a_cipher_is_spoken_of_by_name_strength_and_mode() {
        let cipher = |suite: u16| CipherSuite(suite).info().unwrap().cipher.to_string();
        assert_eq!(cipher(0xC030), "AES 256 GCM");
        assert_eq!(cipher(0x000A), "3DES 112 CBC");
        assert_eq!(cipher(0x0001), "NULL");
    }

    #[test]
    fn a_word_is_its_own_json() {
        assert_eq!(serde_json::to_string(&KeyExchange::Tls13).unwrap(), r#""TLS1.3-any""#);
    }
}
