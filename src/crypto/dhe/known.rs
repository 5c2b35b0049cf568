//! Primes that many servers have: those of RFCs, and those that came with a program.

use crate::crypto::hash::HashAlgorithm;

/// A prime that is known by name.
#[derive(Debug, PartialEq, Eq)]
pub struct KnownPrime {
    /// What it is called.
    pub name: &'static str,
    /// Its size.
    pub bits: u16,
    /// Where it is from.
    pub source: &'static str,
    /// Its SHA-256, as a number of the shortest form: the whole numbers stand in `testdata/vectors/dh-primes.csv`.
    sha256: &'static str,
}

impl KnownPrime {
    /// Every one of them, by size.
    pub const ALL: &[Self] = PRIMES;

    pub(super) fn find(prime: &[u8]) -> Option<&'static Self> {
        let sha256 = hex::encode(&*HashAlgorithm::Sha256.digest(&[prime]));
        PRIMES.iter().find(|known| known.sha256 == sha256)
    }
}

const fn known(bits: u16, name: &'static str, source: &'static str, sha256: &'static str) -> KnownPrime {
    KnownPrime { name, bits, source, sha256 }
}

const MOD_SSL: &str = "Apache mod_ssl up to 2.4.6, built in";
const JAVA: &str = "Java up to 7, built in";

#[rustfmt::skip]
const PRIMES: &[KnownPrime] = &[
    known(512, "mod_ssl 512", MOD_SSL, "db01e702899166da28c9bc7896af62bcdf0c96d0fb341950ba80e68bd51a57ef"),
    known(512, "Java 512", JAVA, "73b391ec8da33ee197aed17d7cfce1321b94e04c5b55b3c02c1c7198eb88715b"),
    known(768, "Oakley group 1", "RFC 2409 §6.1", "b52ba6a3026520a6c49d37e4587601801bee500123b3259b6bf03e7cecc3e63d"),
    known(768, "Java 768", JAVA, "ee5483fe4b96caa10cb5b863ec409aab2762e6bf43af4a8a0a42817fef4dd7f3"),
    known(1024, "Oakley group 2", "RFC 2409 §6.2", "3f35a3f5f6c4376a744acad409bb22f8d897f949d2311d885adaa890981b67a0"),
    known(1024, "dh_1024_160", "RFC 5114 §2.1", "44c55cfee5c075927cf682da5b681bdecbd5c3eb0784c14f5dce7610f0ef133d"),
    known(1024, "mod_ssl 1024", MOD_SSL, "bf910d9df4e0b2e76cda7443f592aa118e33ba2c224ebc27fb8978d873c8c2e3"),
    known(1024, "nginx 1024", "nginx before 1.11.0, built in", "8ae47dca3d24e9b64640062686da234dcabada26b0da6f090c5449c1338d9a11"),
    known(1536, "modp1536", "RFC 3526 §2", "64fcc83ec403930bf18393dbc883ccaa1fbb08ac876f77f7aa99748ca945019b"),
    known(2048, "modp2048", "RFC 3526 §3", "d66436f79bbd6b2e38c0ffbd079be904d2641415e2e67140e09448be9a60890e"),
    known(2048, "dh_2048_224", "RFC 5114 §2.2", "bfe545862ca102ad1eeddb5fbfa5bf855ac4995c56a8b408ce3fe099dce93a9d"),
    known(2048, "dh_2048_256", "RFC 5114 §2.3", "0b7835722cb619827610c2549fdda5587421686c4409a13865e76225522ddcc9"),
    known(2048, "ffdhe2048", "RFC 7919 §A.1", "9cd3b7f336872f46c09428d1bbc19877a4d440512cda8d1c1cf0cd6e33698966"),
    known(3072, "modp3072", "RFC 3526 §4", "48cf8b092fbce4359d9871abf74f98e25b6163379eaa15cd9087e800c6d1c55c"),
    known(3072, "ffdhe3072", "RFC 7919 §A.2", "0eaf67db3a839156d5013494a5318a772b5697d270d721f37f092efc69ea5a17"),
    known(4096, "modp4096", "RFC 3526 §5", "4ee95187682bcb230ad26a95205f6920e84708f6251b3894329b09ec23919e33"),
    known(4096, "ffdhe4096", "RFC 7919 §A.3", "4648414224ac881b3d0dc59b466f96d06a558278776807797ecf1f66ff397b3e"),
    known(6144, "modp6144", "RFC 3526 §6", "d1bfe6d0925ce7e4da262b62861514a7755e35831e429f343e7b864848657efd"),
    known(6144, "ffdhe6144", "RFC 7919 §A.4", "227ac9066b3ddd9e193670cda2388fa884f65ba0cf98b742d1fe77a6687c79c7"),
    known(8192, "modp8192", "RFC 3526 §7", "39ab4feab950a3128fb71accb9fc3965d857012e081998a85996e3ea8b3c3bcf"),
    known(8192, "ffdhe8192", "RFC 7919 §A.5", "770b14efaf6f049929c523113b3fa99a8d11dab1b18af3609590122075d19833"),
];
