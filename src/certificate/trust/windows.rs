//! Microsoft's trusted root list, with what it says of each root.
//!
//! `windows/windows-trust.csv` is the list of authroot.stl, field by field; `windows/windows-roots.pem` are the
//! certificates of those that it trusts for servers. `scripts/update-windows-trust` rebuilds both from a newer list.
//!
//! What the fields mean (the properties of Microsoft's list): `disallowed_from` is the date from which a root is not
//! trusted at all, `disallowed_usages` are purposes it is not trusted for, and `issued_before` is the date from which
//! certificates issued below it are not trusted, for the purposes beside it or for all. A date of 0 is none.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::links::may_issue;
use super::store::{Limit, Limits, Root};
use crate::certificate::Details;

const LIST: &str = include_str!("windows/windows-trust.csv");
const ROOTS: &str = include_str!("windows/windows-roots.pem");

/// A row of the list.
#[derive(Debug, Deserialize)]
struct Row {
    sha256: String,
    usages: String,
    disallowed_from: String,
    disallowed_usages: String,
    issued_before: String,
    issued_before_usages: String,
}

/// Every root whose certificate is there, with its limits; read once.
pub(super) fn roots() -> Result<&'static [Root], String> {
    static READ: OnceLock<Result<Vec<Root>, String>> = OnceLock::new();
    READ.get_or_init(read).as_deref().map_err(Clone::clone)
}

/// Whether the issuer of a certificate is one of these roots, by name and key identifier.
pub(super) fn issued(subject: &Details) -> bool {
    let issues = |root: &Root| root.link.details().is_some_and(|issuer| may_issue(issuer, subject));
    roots().is_ok_and(|roots| roots.iter().any(issues))
}

fn read() -> Result<Vec<Root>, String> {
    let mut rows = HashMap::new();
    for row in csv::Reader::from_reader(LIST.as_bytes()).into_deserialize::<Row>() {
        let row = row.map_err(|error| error.to_string())?;
        rows.insert(row.sha256.clone(), row);
    }
    let certificates = pem::parse_many(ROOTS).map_err(|error| error.to_string())?;
    let root = |block: &pem::Pem| {
        let root = Root::new(block.contents(), Limits::default());
        let row = rows.get(&root.link.certificate.sha256);
        let row = row.ok_or_else(|| format!("{} is not in the list", root.link.certificate.sha256))?;
        Ok(Root { limits: row.limits()?, ..root })
    };
    certificates.iter().map(root).collect()
}

impl Row {
    fn limits(&self) -> Result<Limits, String> {
        let usages = match self.usages.as_str() {
            "any" | "" => None,
            usages => Some(purposes(usages)),
        };
        Ok(Limits {
            usages,
            not_for: purposes(&self.disallowed_usages),
            disallowed_from: match self.disallowed_from.as_str() {
                "" => None,
                date => Some(time(date)?),
            },
            issued_before: match self.issued_before.as_str() {
                "" => None,
                date => Some(Limit { from: time(date)?, usages: purposes(&self.issued_before_usages) }),
            },
        })
    }
}

fn time(date: &str) -> Result<OffsetDateTime, String> {
    OffsetDateTime::parse(date, &Rfc3339).map_err(|error| format!("{date}: {error}"))
}

fn purposes(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
