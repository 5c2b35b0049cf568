//! The JSON Schema of what the JSON formats write.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::json::Line;
use crate::report::{Document, SCHEMA};

/// The schema (draft 2020-12) of a `json` document. A line of `jsonl` is its definition `Line`.
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    generator.subschema_for::<Line<'_>>();
    let mut schema = generator.into_root_schema_for::<Document>();
    schema.insert("$id".to_owned(), SCHEMA.into());
    schema.insert("title".to_owned(), "A tlsprobe document".into());
    schema.to_value()
}

#[cfg(test)]
mod tests {
    use jsonschema::Validator;
    use serde_json::{Value, json};

    use super::super::{Format, Style, fixtures, render};
    use super::*;

    fn of_documents() -> Validator {
        jsonschema::draft202012::new(&schema()).unwrap()
    }

    fn of_lines() -> Validator {
        let definitions = schema()["$defs"].clone();
        jsonschema::draft202012::new(&json!({"$ref": "#/$defs/Line", "$defs": definitions})).unwrap()
    }

    fn parsed(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_schema_is_a_valid_one_and_names_itself() {
        let schema = schema();
        jsonschema::draft202012::meta::validate(&schema).unwrap();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["$id"], "tlsprobe/1");
        assert!(schema["title"].is_string());
    }

    #[test]
    fn every_document_and_every_line_fits_the_schema() {
        let (documents, lines) = (of_documents(), of_lines());
        for (name, document) in fixtures::all() {
            let json = parsed(&render(&document, Format::Json, &Style::default()));
            assert!(documents.validate(&json).is_ok(), "{name}: {}", documents.validate(&json).unwrap_err());
            for line in render(&document, Format::Jsonl, &Style::default()).lines() {
                assert!(lines.validate(&parsed(line)).is_ok(), "{name}: {line}");
            }
        }
    }

    #[test]
    fn wrong_types_and_missing_members_do_not_fit() {
        let good = parsed(&render(&fixtures::wsus(), Format::Json, &Style::default()));
        let documents = of_documents();
        assert!(documents.is_valid(&good));
        for (at, wrong) in [
            ("/schema", json!(1)),
            ("/reports", json!({})),
            ("/reports/0/target/port", json!("443")),
            ("/reports/0/exchanges/0/outcome/kind", json!("server hello")),
            ("/reports/0/exchanges/1/outcome/after_ms", json!("21 ms")),
            ("/reports/0/exchanges/0/server/cipher_suite", json!("TLS_RSA_WITH_AES_128_CBC_SHA")),
            ("/reports/0/exchanges/0/certificates/0/not_after", json!(17)),
            ("/reports/0/observations/versions/TLS1.0", json!("maybe")),
            ("/reports/0/observations/expectations/0/state", json!("kept")),
            ("/reports/0/findings/0/severity", json!("fatal")),
        ] {
            let mut document = good.clone();
            *document.pointer_mut(at).unwrap_or_else(|| panic!("nothing at {at}")) = wrong;
            assert!(!documents.is_valid(&document), "{at}");
        }
        for member in ["target", "route", "exchanges", "observations", "findings", "connections"] {
            let mut document = good.clone();
            document["reports"][0].as_object_mut().unwrap().remove(member);
            assert!(!documents.is_valid(&document), "without {member}");
        }
    }

    #[test]
    fn a_line_without_its_run_or_its_report_does_not_fit() {
        let line = render(&fixtures::probe(), Format::Jsonl, &Style::default());
        let line = parsed(line.lines().next().unwrap());
        let lines = of_lines();
        assert!(lines.is_valid(&line));
        for member in ["schema", "tool_version", "started", "target", "exchanges"] {
            let mut line = line.clone();
            line.as_object_mut().unwrap().remove(member);
            assert!(!lines.is_valid(&line), "without {member}");
        }
    }
}
