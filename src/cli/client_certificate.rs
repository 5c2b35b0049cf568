//! `--client-cert`, `--client-key`: a certificate and its key, in the files that other programs write.

use std::fs;
use std::path::Path;

use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use pem::Pem;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::Decode;
use zeroize::Zeroizing;

use super::args::ClientArgs;
use super::message::{CliError, cause};
use super::password_file;
use crate::crypto::signature::SigningKey;
use crate::exchange::ClientCertificate;

const CERTIFICATE: &str = "--client-cert";
const KEY: &str = "--client-key";
const PASSWORD: &str = "--client-key-password-file";

/// The certificate that the options name, with its key.
pub(super) fn read(files: &ClientArgs) -> Result<Option<ClientCertificate>, CliError> {
    let Some(file) = &files.client_cert else { return Ok(None) };
    let password = files.client_key_password_file.as_deref().map(password_file::read).transpose();
    let password = password.map_err(|error| error.needed_for(PASSWORD))?;
    let bytes = contents(file, CERTIFICATE)?;
    let Ok(blocks) = pem::parse_many(&*bytes) else {
        return from_pkcs12(file, &bytes, password.as_deref().map_or("", String::as_str)).map(Some);
    };
    let chain: Vec<Vec<u8>> =
        blocks.iter().filter(|block| block.tag() == "CERTIFICATE").map(|block| block.contents().to_vec()).collect();
    if chain.is_empty() {
        return from_pkcs12(file, &bytes, password.as_deref().map_or("", String::as_str)).map(Some);
    }
    let (key_file, option, blocks) = match &files.client_key {
        Some(key_file) => (key_file, KEY, pem::parse_many(&*contents(key_file, KEY)?).unwrap_or_default()),
        None => (file, CERTIFICATE, blocks),
    };
    let unusable = |why: &str| CliError::new(format!("no key in {}: {why}", key_file.display())).needed_for(option);
    let block = blocks.iter().find(|block| block.tag().ends_with("PRIVATE KEY")).ok_or_else(|| {
        unusable("it has no PEM block of a private key").advise("name the key's file: --client-key FILE")
    })?;
    let key =
        decrypted(block, password.as_deref()).map_err(|why| unusable(&why).advise(format!("give {PASSWORD} FILE")))?;
    let key = SigningKey::from_der(&key).map_err(|error| unusable(&error.to_string()))?;
    Ok(Some(ClientCertificate { chain, key }))
}

/// The DER of a key, whose block may be encrypted.
fn decrypted(block: &Pem, password: Option<&String>) -> Result<Zeroizing<Vec<u8>>, String> {
    if block.headers().get("Proc-Type").is_some() {
        return Err(
            "it is encrypted in OpenSSL's old form; `openssl pkcs8 -topk8` makes a PKCS #8 key of it".to_owned()
        );
    }
    if block.tag() != "ENCRYPTED PRIVATE KEY" {
        return Ok(Zeroizing::new(block.contents().to_vec()));
    }
    let password = password.ok_or("it is encrypted, and there is no password")?;
    let encrypted = EncryptedPrivateKeyInfoRef::from_der(block.contents()).map_err(|error| error.to_string())?;
    let key = encrypted.decrypt(password).map_err(|_| "the password does not open it")?;
    Ok(Zeroizing::new(key.as_bytes().to_vec()))
}

fn from_pkcs12(file: &Path, bytes: &[u8], password: &str) -> Result<ClientCertificate, CliError> {
    let unusable = |why: &str| {
        CliError::new(format!("no certificate and key in {}: {why}", file.display()))
            .needed_for(CERTIFICATE)
            .advise(format!("give a PEM file, or a PKCS #12 file and {PASSWORD} FILE"))
    };
    let store = KeyStore::from_pkcs12(bytes, password, Pkcs12ImportPolicy::Strict);
    let store = store.map_err(|error| unusable(&error.to_string()))?;
    let (_, chain) = store.private_key_chain().ok_or_else(|| unusable("it has no private key with a certificate"))?;
    let key = SigningKey::from_der(chain.key().as_der()).map_err(|error| unusable(&error.to_string()))?;
    let chain = chain.certs().iter().map(|certificate| certificate.as_der().to_vec()).collect();
    Ok(ClientCertificate { chain, key })
}

fn contents(file: &Path, option: &str) -> Result<Zeroizing<Vec<u8>>, CliError> {
    let bytes = fs::read(file).map_err(|error| {
        CliError::new(format!("cannot read {}: {}", file.display(), cause(&error)))
            .needed_for(option)
            .advise("give the path of a file that this user can read")
    })?;
    Ok(Zeroizing::new(bytes))
}
