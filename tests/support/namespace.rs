//! Runs a test a second time in a network and mount namespace of its own, where it can have routes, ports and a
//! `resolv.conf` that harm nobody, and from which no packet leaves.
#![expect(clippy::unwrap_used, clippy::print_stderr, unreachable_pub, reason = "a helper that tests include")]

use std::process::Command;

const INSIDE: &str = "TLSPROBE_TEST_IN_NAMESPACE";

/// Whether this is the run inside. Outside, this runs the test `name` inside, after the shell commands `setup`, and
/// fails if it fails.
///
/// Where no namespace can be made (not root, or a container without the right to), the test is named as skipped; in
/// CI that is a failure.
pub fn inside(name: &str, setup: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(["--net", "--mount"]);
        command
    };
    if !unshare().arg("true").output().is_ok_and(|run| run.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "{name}: `unshare --net --mount` must work in CI");
        eprintln!("skipped: {name} needs root, for a network namespace of its own");
        return false;
    }
    let run = unshare()
        .args(["sh", "-c", &format!("set -e; ip link set lo up\n{setup}\n\"$@\""), "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "inside the namespace:\n{stdout}{stderr}");
    // A misspelt name would run no test at all, and that succeeds.
    assert!(stdout.contains("1 passed"), "{name} did not run:\n{stdout}{stderr}");
    false
}
