//! Test vectors that more than one module is held against.

/// A value of RFC 8448 by its section and its name in `testdata/vectors/rfc8448.csv`.
#[track_caller]
pub(super) fn rfc8448(section: &str, name: &str) -> Vec<u8> {
    let mut rows = csv::Reader::from_path("testdata/vectors/rfc8448.csv").unwrap();
    let mut rows = rows.records().map(Result::unwrap);
    let row = rows.find(|row| (&row[0], &row[1]) == (section, name));
    hex::decode(&row.unwrap_or_else(|| panic!("section {section} has {name}"))[2]).unwrap()
}
