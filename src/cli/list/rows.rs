//! The registries and the packs as tables: the columns that a person compares, and the JSON with all there is.

use serde_json::json;

use super::table::{Row, Table};
use crate::diagnose::{RULES, Rule};
use crate::pack::{Expectation, PACKS, Pack, PackKind};
use crate::profile::{PROFILES, Profile, describe};
use crate::registry::{
    AlertDescription, AlertInfo, CipherSuite, CipherSuiteInfo, ExtensionInfo, ExtensionType, NamedGroup,
    NamedGroupInfo, ProtocolVersion, SignatureScheme, SignatureSchemeInfo, Versions, WindowsCode, WindowsCodeInfo,
};

pub(super) fn suites() -> Table {
    let row = |suite: &CipherSuiteInfo| Row {
        code: suite.code.hex(),
        names: names(suite.name, suite.openssl_name),
        cells: vec![
            suite.code.hex(),
            suite.name.to_owned(),
            short_word(suite.key_exchange.as_str()),
            short_word(suite.authentication.as_str()),
            short_versions(suite.versions),
        ],
        json: json!({
            "code": suite.code.hex(),
            "name": suite.name,
            "openssl_name": suite.openssl_name,
            "first_version": suite.versions.first,
            "last_version": suite.versions.last,
            "key_exchange": suite.key_exchange,
            "authentication": suite.authentication,
            "cipher": suite.cipher.algorithm,
            "cipher_bits": suite.cipher.bits,
            "cipher_mode": suite.cipher.mode,
            "mac": suite.mac,
            "prf_hash": suite.prf_hash,
            "forward_secrecy": suite.forward_secrecy(),
            "recommended": suite.recommended,
            "reference": suite.reference,
        }),
    };
    // The cipher and the hash stand in the name.
    let columns = &[("CODE", 6), ("NAME", 45), ("KEYS", 6), ("SERVER", 6), ("TLS", 8)];
    Table { columns, rows: CipherSuite::all().iter().map(row).collect() }
}

pub(super) fn groups() -> Table {
    let row = |group: &NamedGroupInfo| Row {
        code: group.code.hex(),
        names: names(group.name, group.openssl_name),
        cells: vec![
            group.code.hex(),
            group.name.to_owned(),
            group.kind.to_string(),
            group.bits.map(|bits| bits.to_string()).unwrap_or_default(),
            short_versions(group.versions),
        ],
        json: json!({
            "code": group.code.hex(),
            "name": group.name,
            "openssl_name": group.openssl_name,
            "kind": group.kind,
            "bits": group.bits,
            "ml_kem": group.ml_kem,
            "first_version": group.versions.first,
            "last_version": group.versions.last,
            "recommended": group.recommended,
            "reference": group.reference,
        }),
    };
    let columns = &[("CODE", 6), ("NAME", 24), ("KIND", 20), ("BITS", 4), ("TLS", 8)];
    Table { columns, rows: NamedGroup::all().iter().map(row).collect() }
}

pub(super) fn signature_schemes() -> Table {
    let row = |scheme: &SignatureSchemeInfo| Row {
        code: scheme.code.hex(),
        names: names(scheme.name, scheme.openssl_name),
        cells: vec![
            scheme.code.hex(),
            scheme.name.to_owned(),
            scheme.hash.to_string(),
            if scheme.tls12 { "yes" } else { "no" }.to_owned(),
            scheme.tls13.to_string(),
            scheme.key.to_string(),
        ],
        json: json!({
            "code": scheme.code.hex(),
            "name": scheme.name,
            "openssl_name": scheme.openssl_name,
            "key": scheme.key,
            "hash": scheme.hash,
            "padding": scheme.padding,
            "tls12": scheme.tls12,
            "tls13": scheme.tls13,
            "recommended": scheme.recommended,
            "reference": scheme.reference,
        }),
    };
    let columns = &[("CODE", 6), ("NAME", 22), ("HASH", 7), ("1.2", 3), ("1.3", 9), ("KEY", 23)];
    Table { columns, rows: SignatureScheme::all().iter().map(row).collect() }
}

pub(super) fn extensions() -> Table {
    let row = |extension: &ExtensionInfo| {
        let messages: Vec<&str> = extension.tls13_messages.iter().map(|message| message.as_str()).collect();
        Row {
            code: extension.code.hex(),
            names: names(extension.name, None),
            cells: vec![
                extension.code.hex(),
                extension.code.0.to_string(),
                extension.name.to_owned(),
                messages.join(" "),
            ],
            json: json!({
                "code": extension.code.hex(),
                "number": extension.code.0,
                "name": extension.name,
                "tls13_messages": messages,
                "recommended": extension.recommended,
                "reference": extension.reference,
            }),
        }
    };
    let columns = &[("CODE", 6), ("NUMBER", 6), ("NAME", 38), ("IN TLS 1.3", 20)];
    Table { columns, rows: ExtensionType::all().iter().map(row).collect() }
}

pub(super) fn alerts() -> Table {
    let row = |alert: &AlertInfo| {
        let schannel = alert.schannel_error_when_received;
        Row {
            code: alert.code.hex(),
            names: names(alert.name, schannel.map(|error| error.symbol)),
            cells: vec![
                alert.code.0.to_string(),
                alert.name.to_owned(),
                alert.level.to_string(),
                schannel.map(|error| error.symbol.to_owned()).unwrap_or_default(),
            ],
            json: json!({
                "code": alert.code.0,
                "name": alert.name,
                "level": alert.level,
                "first_version": alert.first_protocol,
                "reference": alert.reference,
                "schannel_error": schannel.map(|error| json!({
                    "symbol": error.symbol,
                    "hresult": format!("0x{:08X}", error.hresult),
                    "by_default": error.by_default,
                })),
            }),
        }
    };
    let columns = &[("CODE", 4), ("NAME", 28), ("LEVEL", 7), ("SCHANNEL SAYS", 35)];
    Table { columns, rows: AlertDescription::all().iter().map(row).collect() }
}

pub(super) fn errors() -> Table {
    let row = |error: &WindowsCodeInfo| {
        let win32_error = error.code.win32_error();
        let numbers = [Some(error.code.hex()), win32_error.map(|number| number.to_string())];
        Row {
            code: error.code.hex(),
            names: error.spellings().map(str::to_owned).chain(numbers.into_iter().flatten()).collect(),
            cells: vec![
                error.code.hex(),
                win32_error.map(|number| number.to_string()).unwrap_or_default(),
                format!("{}: {} ({})", error.name, error.meaning, error.layer),
            ],
            json: json!({
                "code": error.code.hex(),
                "signed_decimal": error.code.signed(),
                "win32_error": win32_error,
                "name": error.name,
                "wininet_name": error.wininet_name,
                "family": error.family,
                "layer": error.layer,
                "meaning": error.meaning,
                "caused_by": error.caused_by,
                "cause_confidence": error.cause_confidence,
                "http_status": error.http_status,
                "value_source": error.value_source,
                "named_in": error.named_in,
                "note": error.note,
            }),
        }
    };
    let columns = &[("CODE", 10), ("WIN32", 5), ("NAME: WHAT IT SAYS (WHERE)", 40)];
    Table { columns, rows: WindowsCode::all().iter().map(row).collect() }
}

pub(super) fn profiles() -> Table {
    let row = |profile: &&Profile| {
        let described = describe(profile);
        let highest = described.versions.last().map(|version| version.spoken()).unwrap_or_default();
        let client = format!("{}; up to {highest}; {}", described.title, described.confidence);
        Row {
            code: described.id.to_owned(),
            names: names(described.id, None),
            cells: vec![described.id.to_owned(), client],
            json: json!(described),
        }
    };
    let columns = &[("PROFILE", 33), ("CLIENT; ITS HIGHEST VERSION; HOW IT IS KNOWN", 40)];
    Table { columns, rows: PROFILES.iter().map(row).collect() }
}

pub(super) fn packs() -> Table {
    let row = |&(name, kind, pack): &(&'static str, PackKind, Option<&'static Pack>)| {
        let (asks, host, members) = match kind {
            PackKind::Host(host) => (host.to_owned(), Some(host), None),
            PackKind::NeedsHost => (format!("{name}:HOST"), None, None),
            PackKind::NeedsHostOnPorts(_) => (format!("{name}:HOST[:PORT]"), None, None),
            PackKind::Group { members, .. } => (members.join(", "), None, Some(members)),
        };
        let about = match kind {
            PackKind::Group { about, .. } => Some(about),
            _ => pack.map(|pack| pack.about),
        };
        Row {
            code: name.to_owned(),
            names: names(name, None),
            cells: vec![name.to_owned(), asks, about.unwrap_or_default().to_owned()],
            json: json!({
                "name": name,
                "about": about,
                "host": host,
                "needs_host": matches!(kind, PackKind::NeedsHost | PackKind::NeedsHostOnPorts(_)),
                "stands_for": members,
                "expectations": pack.map(|pack| {
                    let expectation = |one: &Expectation| json!({"id": one.id, "text": one.text});
                    pack.expectations.iter().map(expectation).collect::<Vec<_>>()
                }),
            }),
        }
    };
    let columns = &[("PACK", 12), ("ASKS", 26), ("ABOUT", 40)];
    Table { columns, rows: PACKS.iter().map(row).collect() }
}

pub(super) fn rules() -> Table {
    let row = |rule: &&Rule| Row {
        code: rule.id.to_owned(),
        names: names(rule.id, None),
        cells: vec![rule.id.to_owned(), rule.severity.word().to_owned(), rule.title.to_owned()],
        json: json!(rule),
    };
    Table { columns: &[("RULE", 33), ("SEVERITY", 8), ("TITLE", 40)], rows: RULES.iter().map(row).collect() }
}

fn names(registered: &str, other: Option<&str>) -> Vec<String> {
    [registered].into_iter().chain(other).map(str::to_owned).collect()
}

/// `any` for `TLS1.3-any`: the versions stand beside it.
fn short_word(word: &str) -> String {
    word.trim_start_matches("TLS1.3-").to_owned()
}

/// `1.0-1.2`, `SSL3-1.2`.
fn short_versions(versions: Versions) -> String {
    let short = |version: ProtocolVersion| version.to_string().trim_start_matches("TLS").to_owned();
    let (first, last) = (short(versions.first), short(versions.last));
    if first == last { first } else { format!("{first}-{last}") }
}
