//! The `Recommended` column that every TLS registry has (RFC 8447 §5).

use super::words::words;

words! {
    /// What IANA's `Recommended` column says (RFC 8447 §5, and `D` from its successor, RFC 9847 §3).
    Recommended {
        /// Reviewed by the IETF and good for general use.
        Yes = "Y",
        /// Not reviewed, or of limited use; not necessarily flawed.
        No = "N",
        /// Not to be used.
        Discouraged = "D",
        /// The code point is not in IANA's registry, or stands there as reserved.
        NotListed = "not listed",
    }
}

#[cfg(test)]
impl Recommended {
    /// The value that a cell of `testdata/registry/` stands for.
    pub(super) fn from_cell(cell: &str) -> Self {
        match cell {
            "Y" => Self::Yes,
            "N" => Self::No,
            "D" => Self::Discouraged,
            "unknown" | "not listed" | "-" => Self::NotListed,
            _ => panic!("{cell:?} is no value of the Recommended column"),
        }
    }
}
