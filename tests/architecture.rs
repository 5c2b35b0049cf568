//! The one-way flow, kept by a test: which module may use which, where `unsafe` may stand and where one may print.

#[path = "support/rust_source.rs"]
mod rust_source;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rust_source::RustSource;

/// The things that flow, in the order of the flow: each may use the ones before it.
const NOUNS: [&str; 10] =
    ["target", "proxy", "offer", "question", "outcome", "reflected", "plan", "observation", "finding", "report"];

/// What a noun may use besides the nouns before it.
const NOUNS_MAY_USE: &[&str] = &["wire", "certificate"];

/// Every other module, and what it may use besides itself and `registry`; "nouns" stands for all of them.
const MODULES: [(&str, &[&str]); 27] = [
    ("escape", &[]),
    ("registry", &[]),
    ("wire", &[]),
    ("crypto", &[]),
    ("certificate", &["crypto"]),
    ("profile", &["nouns", "wire"]),
    ("machine", &["nouns", "profile"]),
    ("pack", &["nouns", "certificate"]),
    ("handshake", &["wire", "crypto", "certificate"]),
    ("dial", &["nouns"]),
    ("exchange", &["nouns", "wire", "certificate", "handshake"]),
    ("http", &["nouns", "wire", "exchange", "handshake"]),
    ("ftp", &["nouns", "dial"]),
    ("probe", &["nouns", "wire", "certificate", "profile", "handshake"]),
    ("survey", &["nouns", "dial", "exchange", "http", "ftp", "probe"]),
    ("routes", &["nouns", "certificate"]),
    ("diagnose", &["nouns", "certificate", "profile", "machine", "pack"]),
    ("explain", &["nouns", "escape", "machine", "diagnose"]),
    ("render", &["nouns", "escape", "certificate"]),
    ("check", &["nouns", "certificate", "profile", "machine", "pack", "survey", "routes", "diagnose"]),
    ("bulk", &["nouns", "certificate", "pack", "survey", "check", "render"]),
    ("history", &["nouns"]),
    ("config", &["nouns", "profile", "machine", "pack"]),
    ("daemon", &["nouns", "check", "config", "history", "render"]),
    // The lab may not use pack, profile or handshake: it must not agree with them by construction.
    ("lab", &["wire", "crypto"]),
    ("reflect", &["nouns", "wire", "crypto"]),
    // lib.rs declares the modules and names none of their contents.
    ("lib", &[]),
];

/// Where the program is put together: these may use every module, and print.
const TOP: [&str; 2] = ["cli", "main"];

/// The one reviewed file with `unsafe` in it, for socket options that no crate offers.
const UNSAFE_FILE: &str = "dial/socket.rs";

/// Standard output is the report and standard error is for people; `cli` writes to both, nobody else to either.
const PRINTING: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];

/// The modules that `module` may use, or `None` for a module that the tables don't know.
fn allowed(module: &str) -> Option<BTreeSet<&'static str>> {
    let mut allowed = BTreeSet::from(["registry"]);
    if let Some(place) = NOUNS.iter().position(|noun| *noun == module) {
        allowed.extend(NOUNS.iter().take(place + 1));
        allowed.extend(NOUNS_MAY_USE);
    } else if let Some((name, uses)) = MODULES.iter().find(|(name, _)| *name == module) {
        allowed.insert(name);
        allowed.extend(uses.iter().filter(|used| **used != "nouns"));
        if uses.contains(&"nouns") {
            allowed.extend(NOUNS);
        }
    } else if TOP.contains(&module) {
        allowed.extend(MODULES.iter().map(|(name, _)| *name).chain(NOUNS).chain(TOP));
    } else {
        return None;
    }
    Some(allowed)
}

/// What is wrong with one file, `path` being relative to `src`; nothing, if it keeps to the tables.
fn faults(path: &Path, text: &str) -> Vec<String> {
    let names: Vec<String> = path.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let module = names.first().map_or("", String::as_str);
    let Some(allowed) = allowed(module) else {
        return vec![format!("src/{}: module `{module}` has no row in tests/architecture.rs", path.display())];
    };
    let depth = names.iter().filter(|name| !["mod", "lib", "main"].contains(&name.as_str())).count();
    let everything = RustSource::read(text);
    let code = if names.iter().any(|name| name == "tests") { RustSource::read("") } else { everything.without_tests() };

    let mut faults = Vec::new();
    for used in code.modules_named(depth).iter().filter(|used| !allowed.contains(used.as_str())) {
        faults.push(format!("src/{}: `{module}` may not use `{used}`", path.display()));
    }
    if everything.has_word("unsafe") && path != Path::new(UNSAFE_FILE) {
        faults.push(format!("src/{}: `unsafe` may stand in src/{UNSAFE_FILE} alone", path.display()));
    }
    for printing in PRINTING.iter().filter(|name| code.calls_macro(name) && !TOP.contains(&module)) {
        faults.push(format!("src/{}: `{printing}!` belongs to src/cli", path.display()));
    }
    faults
}

/// Every `.rs` file under `folder`, sorted.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("src is readable") {
        let path = entry.expect("src is readable").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn every_module_uses_only_what_the_table_says() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = rust_files(&source);
    assert!(files.contains(&source.join("lib.rs")), "{} has no lib.rs", source.display());
    let faults: Vec<String> = files
        .iter()
        .flat_map(|path| {
            let text = fs::read_to_string(path).expect("src is readable");
            faults(path.strip_prefix(&source).expect("found under src"), &text)
        })
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_tables_name_only_modules_they_know_and_each_once() {
    let mut known = BTreeSet::new();
    for name in MODULES.iter().map(|(name, _)| *name).chain(NOUNS).chain(TOP) {
        assert!(known.insert(name), "{name} stands twice");
    }
    for used in MODULES.iter().flat_map(|(_, uses)| *uses).chain(NOUNS_MAY_USE).filter(|used| **used != "nouns") {
        assert!(known.contains(used), "{used} is no module");
    }
}

#[test]
fn the_lab_cannot_agree_with_what_it_tests_by_construction() {
    let lab = allowed("lab").unwrap();
    for module in ["pack", "profile", "handshake"] {
        assert!(!lab.contains(module), "{module}");
    }
}

#[test]
fn a_forbidden_path_is_caught_in_every_form() {
    for text in [
        "use crate::render::text;",
        "use crate::{wire::Record, render};",
        "use crate::{\n    wire::{Record, Alert},\n    render::{self, Format},\n};",
        "fn f() { crate::render::text() }",
        "fn f() { let t = 'x'; crate :: render::text() }",
        "macro_rules! m { () => { $crate::render::text() } }",
        "use super::super::render::text;",
        "mod inner { use super::super::super::render::text; }",
        "#[cfg(test)]\nmod tests { use crate::pack::Pack; }\nuse crate::render::text;",
        "#[cfg(test)]\nuse crate::pack::{A, B};\nuse crate::render::text;",
        "#[cfg(test)]\nconst N: [u8; 2] = [0; 2];\nuse crate::render::text;",
        r##"const A: &str = r#" " "#; use crate::render::text;"##,
        "/* one /* two */ */ use crate::render::text;",
    ] {
        assert_eq!(
            faults(Path::new("wire/record.rs"), text),
            ["src/wire/record.rs: `wire` may not use `render`"],
            "{text}"
        );
    }
}

#[test]
fn prose_strings_and_tests_may_name_any_module() {
    for text in [
        "//! Shown by [`crate::render`].",
        "/* crate::render */",
        "/* one /* two */ crate::render */",
        "const A: &str = \"\\\" crate::render::text\";",
        r##"const A: &str = r#"" crate::render::text"#;"##,
        "#[cfg(test)]\nmod tests { use crate::render::text; }",
        "#[cfg(all(test, unix))]\n#[allow(x)]\nmod tests { use crate::render::text; }",
        "use super::frame; use self::inner::render;",
        "mod inner { use super::super::render; }",
        "pub(crate) fn render() {} pub(in crate::wire) fn text() {}",
    ] {
        assert_eq!(faults(Path::new("wire/record.rs"), text), [""; 0], "{text}");
    }
}

#[test]
fn a_noun_may_use_the_nouns_before_it_and_none_after() {
    let text = "use crate::{offer::Offer, registry::CipherSuite, report::Report, wire::Record};";
    assert_eq!(faults(Path::new("outcome.rs"), text), ["src/outcome.rs: `outcome` may not use `report`"]);
    assert_eq!(faults(Path::new("report.rs"), text), [""; 0]);
}

#[test]
fn super_at_the_top_of_src_is_the_root_of_the_crate() {
    let text = "use super::report::Report;";
    assert_eq!(faults(Path::new("outcome.rs"), text), ["src/outcome.rs: `outcome` may not use `report`"]);
    assert_eq!(faults(Path::new("wire/mod.rs"), text), ["src/wire/mod.rs: `wire` may not use `report`"]);
}

#[test]
fn a_module_without_a_row_is_caught() {
    let expected = |path| format!("src/{path}: module `helpers` has no row in tests/architecture.rs");
    assert_eq!(faults(Path::new("helpers.rs"), ""), [expected("helpers.rs")]);
    assert_eq!(faults(Path::new("helpers/deep.rs"), ""), [expected("helpers/deep.rs")]);
    assert_eq!(faults(Path::new("wire/codec.rs"), "use crate::helpers;").len(), 1);
    assert_eq!(faults(Path::new("wire/codec.rs"), "use crate::*;").len(), 1);
}

#[test]
fn unsafe_and_printing_are_caught_outside_their_places() {
    let text = "fn f() { unsafe { g() } println!(\"{}\", 1); }";
    assert_eq!(faults(Path::new("dial/socket.rs"), text), ["src/dial/socket.rs: `println!` belongs to src/cli"]);
    assert_eq!(
        faults(Path::new("cli/probe.rs"), text),
        ["src/cli/probe.rs: `unsafe` may stand in src/dial/socket.rs alone"]
    );
    assert_eq!(faults(Path::new("main.rs"), "fn main() { eprintln!() }"), [""; 0]);
    assert_eq!(faults(Path::new("survey/mod.rs"), "fn f() { writeln!(out, \"println!\") } // unsafe"), [""; 0]);
}
