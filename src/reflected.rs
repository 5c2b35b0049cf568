//! What arrived at the far end of a proof, as that end tells it: what `reflect` writes and `probe --reflect` reads.
//!
//! It travels as JSON, by itself or as the comment of a certificate. Whoever reads it reads a peer's bytes: they are
//! bounded, and kept only if they are what their own length and hash say.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::wire::record::Record;

/// The name and version of the JSON form.
pub const REFLECTED_SCHEMA: &str = "tlsprobe-reflect/1";

/// The most bytes that are reflected: as base64 they leave a certificate room in a message of 64 KiB.
pub const MAX_REFLECTED: usize = 40 * 1024;

/// The most lengths of reads and of records that are told one by one.
const MAX_LENGTHS: usize = 256;

/// The first bytes of a connection, and how they arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reflected {
    /// Where they came from, as the far end saw it: behind a proxy, the proxy's address.
    pub from: String,
    /// What they are.
    pub arrived: Arrived,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How many came with each read of the far end's, the first 256 reads. What TCP and the systems made of it: only for information.
    pub reads: Vec<usize>,
}

/// What the bytes of a connection are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrived {
    /// A whole ClientHello.
    Hello,
    /// The beginning of one: then the connection ended, or its time did.
    PartOfAHello,
    /// More than the far end takes.
    TooMuch,
    /// Something else.
    NoHello,
}

impl Arrived {
    /// The word in JSON and in logs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::PartOfAHello => "part_of_a_hello",
            Self::TooMuch => "too_much",
            Self::NoHello => "no_hello",
        }
    }
}

/// Why a text is not what a far end says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReflected {
    /// It is no JSON, or JSON of another form.
    #[error("it is not what a reflector writes: {0}")]
    Form(String),
    /// It is of another version.
    #[error("its form is {0:?}, and {REFLECTED_SCHEMA} is known here")]
    Schema(String),
    /// Its bytes are not what it says of them.
    #[error("its bytes do not agree with the {0} that it gives for them")]
    Damaged(&'static str),
}

/// The form on the wire. Records are told for whoever reads it by eye: they follow from the bytes.
#[derive(Serialize, Deserialize)]
struct Document {
    schema: String,
    tool_version: String,
    from: String,
    arrived: Arrived,
    length: usize,
    sha256: String,
    reads: Vec<usize>,
    records: Vec<usize>,
    bytes: String,
}

impl Reflected {
    /// The JSON form, in one line of ASCII.
    #[expect(clippy::missing_panics_doc, reason = "plain data always has a JSON form")]
    pub fn to_json(&self) -> String {
        let document = Document {
            schema: REFLECTED_SCHEMA.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            from: self.from.clone(),
            arrived: self.arrived,
            length: self.bytes.len(),
            sha256: sha256(&self.bytes),
            reads: self.reads.iter().copied().take(MAX_LENGTHS).collect(),
            records: record_lengths(&self.bytes).take(MAX_LENGTHS).collect(),
            bytes: BASE64.encode(&self.bytes),
        };
        serde_json::to_string(&document).expect("plain data has a JSON form")
    }

    /// Reads the JSON form.
    pub fn from_json(text: &str) -> Result<Self, NotReflected> {
        #[derive(Deserialize)]
        struct Schema {
            schema: String,
        }
        let form = |error: serde_json::Error| NotReflected::Form(error.to_string());
        let Schema { schema } = serde_json::from_str(text).map_err(form)?;
        if schema != REFLECTED_SCHEMA {
            return Err(NotReflected::Schema(schema.chars().take(MAX_LENGTHS).collect()));
        }
        let document: Document = serde_json::from_str(text).map_err(form)?;
        let bytes = BASE64.decode(&document.bytes).map_err(|error| NotReflected::Form(error.to_string()))?;
        if bytes.len() != document.length {
            return Err(NotReflected::Damaged("length"));
        }
        if sha256(&bytes) != document.sha256 {
            return Err(NotReflected::Damaged("hash"));
        }
        let mut reads = document.reads;
        reads.truncate(MAX_LENGTHS);
        Ok(Self { from: document.from, arrived: document.arrived, bytes, reads })
    }
}

/// The lengths of the fragments of the records that these bytes begin with.
pub fn record_lengths(mut bytes: &[u8]) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let (record, used) = Record::parse(bytes).ok()??;
        bytes = bytes.get(used..).unwrap_or_default();
        Some(record.fragment.len())
    })
}

/// SHA-256 in lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reflected() -> Reflected {
        let bytes = vec![22, 3, 1, 0, 2, 1, 0, 22, 3, 1, 0, 1, 0];
        Reflected { from: "192.0.2.1:50000".into(), arrived: Arrived::PartOfAHello, bytes, reads: vec![7, 6] }
    }

    #[test]
    fn what_is_reflected_reads_back_the_same() {
        let json = reflected().to_json();
        assert!(json.is_ascii() && json.contains(r#""schema":"tlsprobe-reflect/1""#), "{json}");
        assert!(json.contains(r#""records":[2,1]"#), "{json}");
        assert_eq!(Reflected::from_json(&json), Ok(reflected()));
    }

    #[test]
    fn bytes_that_are_not_what_is_said_of_them_are_damaged() {
        let json = reflected().to_json();
        let damaged = |from: &str, to: &str| Reflected::from_json(&json.replace(from, to)).unwrap_err();
        assert_eq!(damaged("\"length\":13", "\"length\":12"), NotReflected::Damaged("length"));
        assert_eq!(damaged("FgMB", "FgMC"), NotReflected::Damaged("hash"));
        assert_eq!(damaged("reflect/1", "reflect/2"), NotReflected::Schema("tlsprobe-reflect/2".into()));
        assert!(matches!(damaged("FgMB", "\\u0000gMB"), NotReflected::Form(_)));
        assert!(matches!(Reflected::from_json("OpenSSL Generated Certificate"), Err(NotReflected::Form(_))));
        assert!(matches!(Reflected::from_json(&"[".repeat(60_000)), Err(NotReflected::Form(_))), "no deep recursion");
    }

    #[test]
    fn the_most_that_is_reflected_fits_a_certificate() {
        let most = Reflected { bytes: vec![0; MAX_REFLECTED], reads: vec![1; MAX_REFLECTED], ..reflected() };
        assert!(most.to_json().len() < 60_000, "{}", most.to_json().len());
    }
}
