//! `machine.json`, as `scripts/collect-machine.ps1` writes it.
//!
//! ```json
//! { "schema": "tlsprobe-machine/1", "collected": "2026-11-22T10:00:00Z", "computer": "WSUS01", "powershell": "3.0",
//!   "hotfixes": ["KB4022720"],
//!   "registry": [ {"key": "HKLM\\…", "name": "Enabled", "kind": "DWord", "data": 0} ],
//!   "w3wp_config": {"path": "C:\\Windows\\…", "text": null},
//!   "wsus": {"mu_url": "https://sws.update.microsoft.com", "proxy": null},
//!   "winhttp_proxy": "…what netsh prints…",
//!   "problems": [] }
//! ```
//!
//! `registry` has an entry for each value that was looked for; `kind` and `data` are null where it is not set. `kind`
//! is the name PowerShell has for it, and binary data is hex. `w3wp_config` has the file's text, null where there is
//! no such file; it, `wsus` and `winhttp_proxy` are null as a whole where they could not be read, and `problems` says
//! why.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::registry::{Data, put};
use super::{File, w3wp_config};
use crate::machine::{Fact, Machine, Proxy, proxy};

const SCHEMA: &str = "tlsprobe-machine/1";

/// No machine has more.
const MAX_HOTFIXES: usize = 4096;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: String,
    #[serde(default, rename = "collected")]
    _collected: Option<String>,
    #[serde(default, rename = "computer")]
    _computer: Option<String>,
    #[serde(default, rename = "powershell")]
    _powershell: Option<String>,
    #[serde(default)]
    hotfixes: Vec<String>,
    #[serde(default)]
    registry: Vec<Value>,
    #[serde(default)]
    w3wp_config: Option<Config>,
    #[serde(default)]
    wsus: Option<Wsus>,
    #[serde(default)]
    winhttp_proxy: Option<String>,
    #[serde(default)]
    problems: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Value {
    key: String,
    name: String,
    kind: Option<String>,
    data: serde_json::Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    path: String,
    text: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wsus {
    mu_url: Option<String>,
    proxy: Option<WsusProxy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WsusProxy {
    host: String,
    port: u16,
}

/// What the script found.
pub(super) fn read(text: &str, file: File<'_>) -> Result<Machine, String> {
    let document: Document = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if document.schema != SCHEMA {
        return Err(format!("its schema is {:?}, and {SCHEMA:?} is understood", document.schema));
    }
    let mut machine = Machine::default();
    for value in document.registry {
        let source = file.at(format!(r"{}\{}", value.key, value.name));
        match data(value.kind.as_deref(), value.data) {
            Ok(data) => put(&mut machine, &value.key, &value.name, data, &source),
            Err(()) => machine.note(format!("{} could not be understood ({source})", value.name)),
        }
    }

    let hotfixes: BTreeSet<String> = document.hotfixes.into_iter().take(MAX_HOTFIXES).collect();
    machine.hotfixes =
        hotfixes.into_iter().map(|id| Fact { source: file.at(format!("hotfixes, {id}")), value: id }).collect();

    if let Some(config) = document.w3wp_config {
        let switch = config.text.as_deref().and_then(w3wp_config::switch);
        let source = file.at(config.path);
        machine.dotnet.dont_enable_system_default_tls_versions = Some(Fact { value: switch, source });
    }
    if let Some(wsus) = document.wsus {
        machine.mu_url = wsus.mu_url.map(|value| Fact { value, source: file.at("wsus, mu_url") });
        let proxy = wsus.proxy.map_or(Proxy::Direct, |proxy| Proxy::Named {
            servers: format!("{}:{}", proxy.host, proxy.port),
            bypass: None,
        });
        machine.wsus_proxy = Some(Fact { value: proxy, source: file.at("wsus, proxy") });
    }
    // What netsh says of the value is surer than the value itself, whose form is not documented.
    if let Some(value) = document.winhttp_proxy.as_deref().and_then(proxy::from_netsh) {
        machine.winhttp_proxy = Some(Fact { value, source: file.at("winhttp_proxy") });
    }
    for problem in document.problems {
        machine.note(format!("{}: {problem}", file.path));
    }
    Ok(machine)
}

/// A value's data; `None` where it is not set, an error where it is not of its kind.
fn data(kind: Option<&str>, data: serde_json::Value) -> Result<Option<Data>, ()> {
    use serde_json::Value::{Array, Null, Number, String};
    let data = match (kind, data) {
        (None, Null) => return Ok(None),
        // PowerShell has DWORDs as signed numbers.
        (Some("DWord"), Number(number)) => {
            let signed = number.as_i64().ok_or(())?;
            let unsigned = u32::try_from(signed).or_else(|_| i32::try_from(signed).map(i32::cast_unsigned));
            Data::Number(unsigned.map_err(|_| ())?)
        }
        (Some("String" | "ExpandString"), String(text)) => Data::Text(text),
        (Some("MultiString"), Array(texts)) => {
            let each = texts.into_iter().map(|text| if let String(text) = text { Ok(text) } else { Err(()) });
            Data::Texts(each.collect::<Result<_, ()>>()?)
        }
        (Some("Binary"), String(digits)) => Data::Bytes(hex::decode(digits).map_err(|_| ())?),
        _ => return Err(()),
    };
    Ok(Some(data))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::FileKind;
    use serde_json::json;

    fn read_json(document: &serde_json::Value) -> Result<Machine, String> {
        read(&document.to_string(), File { path: "machine.json", kind: FileKind::MachineJson })
    }

    #[test]
    fn another_schema_and_an_unknown_member_are_refused_by_name() {
        let error = read_json(&json!({"schema": "tlsprobe-machine/2"})).unwrap_err();
        assert_eq!(error, r#"its schema is "tlsprobe-machine/2", and "tlsprobe-machine/1" is understood"#);
        let error = read_json(&json!({"schema": SCHEMA, "hotfix": []})).unwrap_err();
        assert!(error.contains("unknown field `hotfix`"), "{error}");
    }

    #[test]
    fn every_kind_of_value_is_read_and_null_is_not_set() {
        use serde_json::Value::Null;
        assert_eq!(data(None, Null), Ok(None));
        assert_eq!(data(Some("DWord"), json!(1)), Ok(Some(Data::Number(1))));
        assert_eq!(data(Some("DWord"), json!(-1)), Ok(Some(Data::Number(u32::MAX))));
        assert_eq!(data(Some("String"), json!("a")), Ok(Some(Data::Text("a".to_owned()))));
        assert_eq!(data(Some("MultiString"), json!(["a"])), Ok(Some(Data::Texts(vec!["a".to_owned()]))));
        assert_eq!(data(Some("Binary"), json!("18ff")), Ok(Some(Data::Bytes(vec![0x18, 0xff]))));
        for (kind, wrong) in [
            (None, json!(1)),
            (Some("DWord"), json!("1")),
            (Some("DWord"), json!(0x1_0000_0000_u64)),
            (Some("MultiString"), json!([1])),
            (Some("Binary"), json!("1")),
            (Some("QWord"), json!(1)),
        ] {
            assert_eq!(data(kind, wrong.clone()), Err(()), "{kind:?} {wrong}");
        }
    }

    #[test]
    fn a_file_that_is_missing_has_no_switch_and_one_that_was_not_read_is_unknown() {
        let of = |config| read_json(&json!({"schema": SCHEMA, "w3wp_config": config})).unwrap().dotnet;
        let missing = of(json!({"path": "w3wp.exe.config", "text": null}));
        assert_eq!(missing.dont_enable_system_default_tls_versions.unwrap().value, None);
        assert_eq!(of(json!(null)).dont_enable_system_default_tls_versions, None);
    }

    #[test]
    fn the_proxy_of_wsus_is_direct_only_where_wsus_was_asked() {
        let of = |wsus| read_json(&json!({"schema": SCHEMA, "wsus": wsus})).unwrap().wsus_proxy.map(|fact| fact.value);
        assert_eq!(of(json!(null)), None);
        assert_eq!(of(json!({"mu_url": null, "proxy": null})), Some(Proxy::Direct));
        let named = Proxy::Named { servers: "proxy:8080".to_owned(), bypass: None };
        assert_eq!(of(json!({"mu_url": null, "proxy": {"host": "proxy", "port": 8080}})), Some(named));
    }

    #[test]
    fn what_the_script_could_not_do_becomes_a_note() {
        let machine = read_json(&json!({"schema": SCHEMA, "problems": ["no WSUS"]})).unwrap();
        assert_eq!(machine.notes, ["machine.json: no WSUS"]);
    }
}
