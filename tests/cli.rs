//! The binary as a user meets it: what it says, where it says it, and its exit code.

use std::io::Write;
use std::process::{Command, Output, Stdio};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tlsprobe"));
    command.args(arguments).stdin(Stdio::null());
    for variable in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(variable);
    }
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the binary starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("a report is text")
}

/// What stderr says of a run that did not come to pass.
fn refusal(arguments: &[&str]) -> String {
    let output = run(arguments);
    let said = String::from_utf8(output.stderr.clone()).expect("messages are text");
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    assert_eq!(stdout(&output), "", "{arguments:?}");
    assert!(said.starts_with("error: "), "{arguments:?}: {said}");
    said
}

/// Asserts that a refusal says what is wrong, where, and what to do.
#[track_caller]
fn assert_refused(arguments: &[&str], what: &str, place: &str, what_to_do: &str) {
    let said = refusal(arguments);
    for part in [what, place, what_to_do] {
        assert!(said.contains(part), "{part:?} is missing in\n{said}");
    }
}

#[test]
fn an_unknown_suite_is_refused_with_the_nearest_ones() {
    assert_refused(
        &["probe", "--ciphers", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA348", "a.example"],
        "unknown cipher suite \"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA348\"",
        "--ciphers <LIST>",
        "did you mean TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    );
}

#[test]
fn unknown_names_of_any_kind_are_refused_with_the_nearest_ones() {
    for (option, typed, meant) in [
        ("--groups", "secp348r1", "secp384r1"),
        ("--sigalgs", "rsa_pkcs1_sha265", "rsa_pkcs1_sha256"),
        ("--without", "server_nam", "server_name"),
        ("--record-version", "TLS1.9", "TLS1."),
    ] {
        assert_refused(&["probe", option, typed, "a.example"], typed, option, &format!("did you mean {meant}"));
    }
}

#[test]
fn a_bad_target_is_refused() {
    assert_refused(&["probe", "ftp://a.example"], "the scheme \"ftp\"", "ftp://a.example", "give host, host:port");
    assert_refused(&["probe", "1.2.3.400"], "is not a host name", "1.2.3.400", "try: host, host:port");
    assert_refused(&["check", "a b"], "\"a b\" is not a host name", "cannot understand", "try: host, host:port");
}

#[test]
fn port_70000_is_refused() {
    let allowed = "give a number from 1 to 65535";
    assert_refused(&["probe", "a.example:70000"], "\"70000\" is not a port", "a.example:70000", allowed);
    assert_refused(&["check", "a.example:70000"], "\"70000\" is not a port", "a.example:70000", allowed);
    assert_refused(&["lab", "--port", "70000"], "70000 is not in 1..=65535", "--port <BASE>", "--help");
    let rule = "a.example:443:127.0.0.1:70000";
    assert_refused(&["check", "sws", "--connect-to", rule], "\"70000\" is not a port", "--connect-to", allowed);
}

#[test]
fn an_unreadable_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let missing = format!("{folder}/none.hex");
    assert_refused(
        &["probe", "--hello-hex", &missing, "a.example"],
        &format!("cannot read {missing}: no such file or directory"),
        &format!("needed for: --hello-hex {missing}"),
        "try: a file that this user can read",
    );
    assert_refused(&["probe", "--hello-hex", folder, "a.example"], "is a directory", folder, "try: ");
}

#[test]
fn a_file_that_is_not_hex_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hello.hex");
    std::fs::write(&path, "16 03 01\nzz\n").unwrap();
    let path = path.to_str().unwrap();
    assert_refused(
        &["probe", "--hello-hex", path, "a.example"],
        "line 2 has 'z', which is no hex digit",
        path,
        "try: hex digits",
    );
}

#[test]
fn a_hello_may_come_from_standard_input() {
    let mut child = command(&["probe", "--hello-hex", "-", "a.example"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"160").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("cannot understand standard input: it has 3 hex digits"), "{said}");
}

#[test]
fn contradictory_options_are_refused_by_both_their_names() {
    for (options, one, other) in [
        (&["--sni", "b.example", "--no-sni"][..], "--sni", "--no-sni"),
        (&["--hello-hex", "-", "--grease"], "--hello-hex", "--grease"),
        (&["--tls", "ssl3", "--alpn", "h2"], "--tls ssl3", "--alpn"),
        (&["--groups", "x25519", "--without", "supported_groups"], "--groups", "--without supported_groups"),
        (&["-q", "-v"], "--quiet", "--verbose"),
    ] {
        let arguments: Vec<&str> = ["probe", "a.example"].into_iter().chain(options.iter().copied()).collect();
        assert_refused(&arguments, one, other, "cannot be used with");
    }
}

#[test]
fn words_that_are_almost_packs_are_refused() {
    assert_refused(&["check", "cmg"], "the pack cmg", "without a host", "try: cmg:HOST");
    assert_refused(
        &["check", "cgm:cmg.contoso.com"],
        "is not a port",
        "cgm:cmg.contoso.com",
        "try: cmg:cmg.contoso.com",
    );
    assert_refused(&["check", "foo:bar"], "\"bar\" is not a port", "\"foo:bar\"", "a pack that takes a host is cmg");
    assert_refused(&["check", "sws:b.example"], "the pack sws takes no host", "sws:b.example", "try: sws alone");
}

#[test]
fn no_target_is_refused_with_examples() {
    assert_refused(&["check"], "nothing to check", "check", "try: tlsprobe check wsus");
    assert_refused(&["probe"], "no target", "probe", "try: tlsprobe probe sws.update.microsoft.com");
}

#[test]
fn a_wait_of_no_time_is_refused() {
    assert_refused(&["probe", "--timeout", "0", "a.example"], "'0'", "--timeout <SECONDS>", "give seconds from");
}

#[test]
fn an_unknown_command_is_refused_with_its_like() {
    assert_refused(&["chekc"], "'chekc'", "subcommand", "'check'");
}

#[test]
fn without_arguments_the_help_is_shown_as_an_error() {
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stdout(&output), "");
    assert!(String::from_utf8(output.stderr).unwrap().contains("Usage: tlsprobe"));
}

#[test]
fn every_command_explains_itself_with_examples() {
    for name in ["", "check", "probe", "scan", "reflect", "lab", "demo", "list", "explain"] {
        let arguments: Vec<&str> = [name, "--help"].into_iter().filter(|word| !word.is_empty()).collect();
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(0));
        let help = stdout(&output);
        assert!(help.contains("\nExamples:\n  tlsprobe "), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
        insta::assert_snapshot!(format!("help {name}").trim_end().replace(' ', "_"), help);
    }
}

#[test]
fn lists_are_printed_as_tables_and_as_json() {
    let table = run(&["list", "suites", "ECDHE_RSA_WITH_AES_256"]);
    assert_eq!(table.status.code(), Some(0));
    assert_eq!(
        stdout(&table).lines().collect::<Vec<_>>(),
        [
            "CODE    NAME                                   KEYS   SERVER  TLS",
            "0xC014  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA     ECDHE  RSA     1.0-1.2",
            "0xC028  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384  ECDHE  RSA     1.2",
            "0xC030  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384  ECDHE  RSA     1.2",
        ]
    );

    let json = run(&["list", "alerts", "--format", "json"]);
    let alerts: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert!(alerts.as_array().unwrap().iter().any(|alert| alert["name"] == "handshake_failure" && alert["code"] == 40));
}

#[test]
fn the_schema_is_one_json_document() {
    let output = run(&["list", "schema"]);
    assert_eq!(output.status.code(), Some(0));
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(schema.is_object());
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child =
        command(&["list", "suites", "--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let stdout = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command(&["list", "packs"]).stdout(stdout).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("error: cannot write to standard output: no space left on device"), "{said}");
}
