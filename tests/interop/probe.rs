//! Runs the real binary's `probe` against a server and reads the report as a user's script would.

use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::certificates;
use crate::program::{ended, wait_until};
use crate::server::Server;
use crate::settings::{Suite, Version};

/// More than one exchange may take; a program that is still there then hangs.
const LIMIT: Duration = Duration::from_mins(1);

/// The environment's proxies, which a probe of loopback must not meet.
const PROXIES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];

/// What the program said.
pub(crate) struct Answer {
    exit_code: Option<i32>,
    report: Value,
}

/// `tlsprobe probe` of this server with these options, separated by white space.
pub(crate) fn probe(server: &Server, options: &str) -> Answer {
    probe_target(&server.address().to_string(), options)
}

/// `tlsprobe probe` of this target with these options, separated by white space.
pub(crate) fn probe_target(target: &str, options: &str) -> Answer {
    answer("probe", target, options)
}

/// `tlsprobe scan` of this server with these options, separated by white space.
pub(crate) fn scan(server: &Server, options: &str) -> Answer {
    answer("scan", &server.address().to_string(), options)
}

/// `tlsprobe scan` of this target with these options, separated by white space.
pub(crate) fn scan_target(target: &str, options: &str) -> Answer {
    answer("scan", target, options)
}

fn answer(what: &str, target: &str, options: &str) -> Answer {
    let folder = certificates::folder();
    let file = |name| folder.path().join(name);
    let create = |name| File::create(file(name)).expect("the folder is writable");
    let read = |name| fs::read_to_string(file(name)).expect("the file was just written");

    let mut command = tlsprobe();
    command.args([what, target, "--format", "json"]).args(options.split_whitespace());
    command.stdin(Stdio::null()).stdout(create("stdout")).stderr(create("stderr"));
    let mut process = command.spawn().expect("the binary starts");
    let status = wait_until(LIMIT, || ended(&mut process));
    if status.is_none() {
        let _ = process.kill();
        let _ = process.wait();
    }
    let (stdout, stderr) = (read("stdout"), read("stderr"));
    let status = status.unwrap_or_else(|| panic!("still running after {} s: {stderr}", LIMIT.as_secs()));
    let document: Value = serde_json::from_str(&stdout)
        .unwrap_or_else(|error| panic!("no JSON on stdout ({error}), {status}\n{stdout}\n{stderr}"));
    let report = document.pointer("/reports/0").cloned().unwrap_or_default();
    Answer { exit_code: status.code(), report }
}

/// What the sweep of hello sizes finds at this server, which is content with all of them.
pub(crate) fn sweep(server: &Server) -> Value {
    let answer = probe_target(&server.address().to_string(), "--sweep-size");
    assert_eq!(answer.observation("/trust"), Value::Null, "nobody asked for a judgement of its chain");
    answer.exits(0).observation("/hello_size")
}

/// The binary, which sees none of this machine's proxies.
pub(crate) fn tlsprobe() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tlsprobe"));
    for proxy in PROXIES {
        command.env_remove(proxy);
    }
    command
}

impl Answer {
    /// The program ended with this exit code.
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.exit_code, Some(code), "exit code, with this report:\n{:#}", self.report);
        self
    }

    /// The only exchange has this value here; a member that is not there counts as null.
    #[track_caller]
    pub(crate) fn says(&self, pointer: &str, expected: impl Into<Value>) -> &Self {
        assert_eq!(self.get(pointer), expected.into(), "{pointer} in this report:\n{:#}", self.report);
        self
    }

    /// A ServerHello came, of this version and with this suite, and the program is content.
    #[track_caller]
    pub(crate) fn accepted(&self, version: Version, suite: Suite) -> &Self {
        self.exits(0)
            .says("/outcome/stage", "hello")
            .says("/outcome/kind", "server_hello")
            .says("/server/version", version.name)
            .says("/server/cipher_suite/code", suite.code)
            .says("/server/cipher_suite/name", suite.name)
    }

    /// A fatal alert came instead of a ServerHello, one of these, and the program says so by its exit code.
    #[track_caller]
    pub(crate) fn refused_by_alert(&self, codes: &[u8]) -> &Self {
        self.exits(1).says("/outcome/stage", "hello").says("/outcome/kind", "alert").says("/outcome/level", "fatal");
        let code = self.get("/outcome/code");
        assert!(codes.iter().any(|expected| code == *expected), "alert {code} in this report:\n{:#}", self.report);
        self
    }

    /// A member of the only exchange.
    #[track_caller]
    pub(crate) fn get(&self, pointer: &str) -> Value {
        let exchanges = self.report.get("exchanges").and_then(Value::as_array).map_or(0, Vec::len);
        assert_eq!(exchanges, 1, "exchanges in this report:\n{:#}", self.report);
        self.report.pointer(&format!("/exchanges/0{pointer}")).cloned().unwrap_or_default()
    }

    /// A member of the report.
    pub(crate) fn report(&self, pointer: &str) -> Value {
        self.report.pointer(pointer).cloned().unwrap_or_default()
    }

    /// A member of the observations.
    pub(crate) fn observation(&self, pointer: &str) -> Value {
        self.report(&format!("/observations{pointer}"))
    }

    /// The SHA-256 fingerprints of the certificates, in the order in which they came.
    pub(crate) fn fingerprints(&self) -> Vec<String> {
        let certificates = self.get("/certificates");
        let sha256 = |certificate: &Value| certificate.get("sha256").and_then(Value::as_str).map(str::to_owned);
        certificates.as_array().into_iter().flatten().filter_map(sha256).collect()
    }
}
