//! The certificates of `testdata/certificates/`, by their path there.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use x509_parser::pem::parse_x509_pem;

use super::{Certificate, Details};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/certificates")
}

pub(super) fn text(file: &str) -> String {
    let path = folder().join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(super) fn der(file: &str) -> Vec<u8> {
    parse_x509_pem(text(file).as_bytes()).unwrap().1.contents
}

pub(super) fn certificate(file: &str) -> Certificate {
    Certificate::read(&der(file))
}

pub(super) fn details(file: &str) -> Details {
    let certificate = certificate(file);
    certificate.details().unwrap_or_else(|| panic!("{file}: {:?}", certificate.contents)).clone()
}

/// Every certificate there is, in order.
pub(super) fn files() -> impl Iterator<Item = String> {
    let mut files: Vec<_> = ["roots", "intermediates", "leafs", "odd"]
        .into_iter()
        .flat_map(|kind| {
            fs::read_dir(folder().join(kind))
                .unwrap()
                .map(move |entry| format!("{kind}/{}", entry.unwrap().file_name().to_str().unwrap()))
        })
        .collect();
    files.sort();
    files.into_iter()
}

/// The rows of a CSV file beside them, by column.
pub(super) fn table(file: &str) -> Vec<HashMap<String, String>> {
    csv::Reader::from_path(folder().join(file)).unwrap().deserialize().map(Result::unwrap).collect()
}
