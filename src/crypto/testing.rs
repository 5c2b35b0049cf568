//! Test vectors that more than one module is held against.

use std::convert::Infallible;

use rand::{TryCryptoRng, TryRng};

use super::rsa::{RsaPrivateKey, RsaPublicKey};
use super::signature::SigningKey;

/// Deals exactly these bytes, so that a test vector's private key comes out.
pub(crate) struct Dealt(std::vec::IntoIter<u8>);

impl Dealt {
    pub(crate) fn from_hex(digits: &str) -> Self {
        Self(hex::decode(digits).unwrap().into_iter())
    }
}

impl TryRng for Dealt {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("keys are made from bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("keys are made from bytes")
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.fill_with(|| self.0.next().expect("the vector is long enough"));
        Ok(())
    }
}

impl TryCryptoRng for Dealt {}

/// A value of RFC 8448 by its section and its name in `testdata/vectors/rfc8448.csv`.
#[track_caller]
pub(crate) fn rfc8448(section: &str, name: &str) -> Vec<u8> {
    let mut rows = csv::Reader::from_path("testdata/vectors/rfc8448.csv").unwrap();
    let mut rows = rows.records().map(Result::unwrap);
    let row = rows.find(|row| (&row[0], &row[1]) == (section, name));
    hex::decode(&row.unwrap_or_else(|| panic!("section {section} has {name}"))[2]).unwrap()
}

/// What is signed in `testdata/vectors/signatures.csv`.
pub(super) const MESSAGE: &[u8] = b"tlsprobe signs this";

/// The rows of that file: key, scheme or what else it is, and the bytes.
pub(super) fn signature_vectors() -> Vec<(String, String, Vec<u8>)> {
    let mut rows = csv::Reader::from_path("testdata/vectors/signatures.csv").unwrap();
    let rows = rows.records().map(Result::unwrap);
    rows.map(|row| (row[0].to_owned(), row[1].to_owned(), hex::decode(&row[2]).unwrap())).collect()
}

/// One of them.
#[track_caller]
pub(super) fn signature_vector(key: &str, name: &str) -> Vec<u8> {
    let row = signature_vectors().into_iter().find(|row| (row.0.as_str(), row.1.as_str()) == (key, name));
    row.unwrap_or_else(|| panic!("{key} has {name}")).2
}

/// A private key beside it, in PKCS #8.
#[track_caller]
pub(super) fn key_der(name: &str) -> Vec<u8> {
    let text = std::fs::read_to_string(format!("testdata/vectors/keys/{name}.pem")).unwrap();
    pem::parse(text).unwrap().into_contents()
}

/// Both halves of an RSA key.
#[track_caller]
pub(super) fn rsa_key(name: &str) -> (RsaPublicKey, RsaPrivateKey) {
    let key = SigningKey::from_der(&key_der(name)).unwrap();
    key.into_rsa().expect("an RSA key")
}
