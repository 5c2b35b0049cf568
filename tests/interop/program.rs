//! The installed programs the tests run: found, or named as missing; run for their output, within a bound.

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

/// How often a condition is looked at again while a test waits for it.
const TICK: Duration = Duration::from_millis(5);

/// Returns from the test, naming the first of these programs that is not installed; in CI that fails it.
macro_rules! needs {
    ($($program:expr),+ $(,)?) => {
        if ![$($program),+].into_iter().all($crate::program::is_installed_or_skipped) {
            return;
        }
    };
}

/// Whether a test can use `program`. A missing one is named on stderr past the test runner's capture: a skipped test
/// counts as passed, and nobody reads what passed tests print.
pub(crate) fn is_installed_or_skipped(program: &str) -> bool {
    let installed = find(program).is_some();
    assert!(installed || std::env::var_os("CI").is_none(), "{program} is not installed; scripts/setup installs it");
    if !installed {
        let _ = writeln!(std::io::stderr(), "skipped: {program} is not installed");
    }
    installed
}

/// A command for an installed program. It sees none of the system's crypto policy, which could forbid old versions.
pub(crate) fn command(program: &str) -> Command {
    let path = find(program).unwrap_or_else(|| panic!("the test asked for {program} by needs! first"));
    let mut command = Command::new(path);
    command.env("OPENSSL_CONF", "/dev/null").env("GNUTLS_SYSTEM_PRIORITY_FILE", "/dev/null");
    command
}

/// Runs an installed program to its end and returns what it printed; the test fails if the program does.
pub(crate) fn run<Argument: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = Argument>) -> Vec<u8> {
    let output = command(program).args(arguments).output().expect("an installed program starts");
    assert!(output.status.success(), "{program}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Waits until `condition` gives a value, or for at most `limit`.
pub(crate) fn wait_until<T>(limit: Duration, mut condition: impl FnMut() -> Option<T>) -> Option<T> {
    let began = Instant::now();
    loop {
        let value = condition();
        if value.is_some() || began.elapsed() > limit {
            return value;
        }
        thread::sleep(TICK);
    }
}

/// How `child` ended, unless it still runs.
pub(crate) fn ended(child: &mut Child) -> Option<ExitStatus> {
    child.try_wait().expect("a child can be waited for")
}

/// Where `program` is. Debian keeps servers in /usr/sbin, which is not on every user's path.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
