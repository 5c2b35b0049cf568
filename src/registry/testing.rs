//! What the tests of the five registries share: the tables of `testdata/registry/`, and the laws that every one obeys.

use std::collections::HashMap;
use std::fmt::Debug;

/// A row of a table in `testdata/registry/`, its cells by the names of their columns.
pub(super) type CsvRow = HashMap<String, String>;

/// The rows of a table in `testdata/registry/`.
pub(super) fn csv_table(file: &str) -> Vec<CsvRow> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/registry").join(file);
    let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

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
