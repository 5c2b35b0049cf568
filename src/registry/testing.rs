//! What the tests of the registries share: the tables of `testdata/registry/`, and the laws that every one obeys.

use std::collections::HashMap;
use std::fmt::Debug;

use serde_json::Value;

/// A row of a table in `testdata/registry/`, its cells by the names of their columns.
pub(super) type CsvRow = HashMap<String, String>;

/// The rows of a table in `testdata/registry/`.
pub(super) fn csv_table(file: &str) -> Vec<CsvRow> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/registry").join(file);
    let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

/// `testdata/registry/windows-error-codes.json`
pub(super) fn json_file() -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/registry/windows-error-codes.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// One table of that file.
pub(super) fn json_rows(table: &str) -> Vec<Value> {
    json_file()[table].as_array().unwrap_or_else(|| panic!("no table {table}")).clone()
}

/// A row of that file in our words, which differ where its own lean on another cell of the file.
pub(super) fn reworded(mut row: Value) -> Value {
    for (column, cell) in row.as_object_mut().unwrap() {
        reword(column, cell);
    }
    row.as_object_mut().unwrap().retain(|_, cell| !cell.is_null());
    row
}

fn reword(column: &str, cell: &mut Value) {
    match cell {
        Value::Array(items) => items.iter_mut().for_each(|item| reword(column, item)),
        Value::String(words) => {
            if let Some((.., ours)) = REWORDED.iter().find(|(place, theirs, _)| *place == column && theirs == words) {
                *cell = ours.map_or(Value::Null, Value::from);
            }
        }
        _ => {}
    }
}

/// A column of the file, what it says, and what we say in its place, if anything.
const REWORDED: &[(&str, &str, Option<&str>)] = &[
    // The row above is meant.
    ("caused_by", "as above", Some("client sends no or an empty Certificate after CertificateRequest")),
    // Too short to be read alone; other rows of the file say it in full.
    ("caused_by", "EKU", Some("EKU mismatch")),
    ("caused_by", "CRL/OCSP", Some("CRL or OCSP says revoked")),
    // The value, said again.
    ("notes", "0x80090308", None),
    (
        "notes",
        "value in hexadecimal 0x2F0C; WSUS must be set to ignore client certificates",
        Some("WSUS must be set to ignore client certificates"),
    ),
    (
        "notes",
        "0x2F8F; as HRESULT 0x80072F8F. In WinINet the same number is ERROR_INTERNET_DECODING_FAILED.",
        Some("in WinINet the same number is ERROR_INTERNET_DECODING_FAILED"),
    ),
    // How the article writes the number.
    ("named_in", "SCCM Troubleshooting SUP Failover part 2 (German blog article) (0x80072ee2)", Some(SUP_FAILOVER)),
    ("named_in", "SCCM Troubleshooting SUP Failover part 2 (German blog article) (0x80072f0c)", Some(SUP_FAILOVER)),
    (
        "named_in",
        "SCCM Troubleshooting SUP Failover part 2 (German blog article) (which prints \"4019\" for 401)",
        Some(SUP_FAILOVER),
    ),
    // Another table of the file.
    ("typical_network_picture", "see alert_mapping", None),
    ("typical_network_picture", "", None),
];

const SUP_FAILOVER: &str = "SCCM Troubleshooting SUP Failover part 2 (German blog article)";

/// Asserts that two tables are the same, row for row, neither having one more.
pub(super) fn assert_same_rows<R: PartialEq + Debug>(
    ours: impl IntoIterator<Item = R>,
    csv: impl IntoIterator<Item = R>,
) {
    let (ours, csv): (Vec<_>, Vec<_>) = (ours.into_iter().collect(), csv.into_iter().collect());
    for (ours, csv) in ours.iter().zip(&csv) {
        assert_eq!(ours, csv);
    }
    assert_eq!(ours.len(), csv.len());
}

/// The laws of a registry, as tests; `$parse` is how its code points are read from what a person types.
macro_rules! registry_laws {
    ($type:ident($integer:ty), $parse:expr) => {
        #[test]
        fn codes_are_unique_and_sorted() {
            assert!($type::all().is_sorted_by(|one, next| one.code < next.code));
        }

        #[test]
        fn names_are_unique_and_one_word() {
            for row in $type::all() {
                assert_eq!($type::from_name(row.name), Some(row.code));
                let splits_a_list = |c: char| c.is_whitespace() || c == ',';
                assert!(!row.name.contains(splits_a_list), "{:?} can't stand in a list", row.name);
            }
        }

        #[test]
        fn every_spelling_stands_for_one_code_point_in_any_case() {
            for (spelling, code) in $type::spellings() {
                assert_eq!($parse(spelling), Ok(code));
                assert_eq!($parse(&spelling.to_ascii_lowercase()), Ok(code));
                assert_eq!($parse(&spelling.to_ascii_uppercase()), Ok(code));
            }
        }

        #[test]
        fn every_constant_bears_its_registered_name() {
            for &(name, code) in $type::CONSTANTS {
                assert_eq!($parse(name), Ok(code));
                assert!(code.info().is_some(), "{name}");
            }
        }

        #[test]
        fn every_value_registered_or_not_comes_back_from_its_text() {
            for value in 0..=<$integer>::MAX {
                let code = $type(value);
                assert_eq!($parse(&code.hex()), Ok(code));
                assert_eq!($parse(&code.to_string()), Ok(code));
                let json = serde_json::to_string(&code).unwrap();
                assert_eq!(serde_json::from_str::<$type>(&json).unwrap(), code);
            }
        }
    };
}
pub(super) use registry_laws;
