//! The options that only FTP servers are asked with: who we are to them, and a part of their own.

use super::args::FtpArgs;
use super::message::CliError;
use super::password_file;
use crate::plan::{FTP_DATA, Part};
use crate::proxy::Credentials;

/// Who we are. The password's file is read.
pub(super) fn user(options: &FtpArgs) -> Result<Option<Credentials>, CliError> {
    let (Some(user), Some(file)) = (&options.ftp_user, &options.ftp_password_file) else { return Ok(None) };
    let password = password_file::read(file).map_err(|error| error.needed_for("--ftp-user"))?;
    let user = Credentials::new(&*user.0, &*password);
    // A line's end would begin another command.
    let is_one_word = [user.user(), user.password()].iter().all(|text| !text.contains(['\r', '\n', '\0']));
    is_one_word
        .then_some(Some(user))
        .ok_or_else(|| CliError::new("the FTP user's name or password has a line's end in it").needed_for("--ftp-user"))
}

/// Refuses what is for FTP servers where none is to be asked for its data connections; whether one of the targets
/// speaks FTP comes last.
pub(super) fn insist(options: &FtpArgs, parts: &[Part], parts_are_named: bool, speaks: bool) -> Result<(), CliError> {
    let is_asked = parts.iter().any(|part| part.name == FTP_DATA);
    let for_nothing = if options.ftp_user.is_some() && !(is_asked && speaks) {
        Some("--ftp-user")
    } else if parts_are_named && is_asked && !speaks {
        Some("--only ftp-data")
    } else {
        None
    };
    for_nothing.map_or(Ok(()), |option| {
        Err(CliError::new(format!("{option} is for FTP servers, and none is asked for its data connections"))
            .advise("--starttls ftp, or a target with port 990, where TLS comes first; with check, --deep besides"))
    })
}

#[cfg(test)]
mod tests {
    use crate::cli::{Command, Invocation, Refusal, ScanRun, parse};
    use crate::plan::FTP_DATA;
    use crate::proxy::Credentials;

    fn parsed(line: &str) -> Result<Invocation, Refusal> {
        parse(line.split_whitespace(), &[].into())
    }

    fn scan(line: &str) -> ScanRun {
        match parsed(&format!("tlsprobe scan {line}")).unwrap().command {
            Command::Scan(run) => *run,
            other => panic!("{other:?}"),
        }
    }

    fn refused(line: &str) -> String {
        match parsed(line) {
            Err(Refusal::Usage(error)) => error.to_string(),
            Err(Refusal::Run(error)) => error.to_string(),
            Ok(invocation) => panic!("{invocation:?}"),
        }
    }

    #[test]
    fn the_user_is_read_from_the_option_and_the_password_from_its_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "hunter2\n").unwrap();
        let run =
            scan(&format!("--starttls ftp a.example --ftp-user bobby --ftp-password-file {}", file.path().display()));
        assert_eq!(run.settings.ftp_user, Some(Credentials::new("bobby", "hunter2")));
        assert_eq!(run.targets.first().unwrap().port, 21);
        assert!(!format!("{run:?}").contains("hunter2"));
    }

    #[test]
    fn a_part_for_ftp_is_asked_of_ftp_servers_alone() {
        let asks = |line| {
            let run = scan(line);
            let part = run.parts.iter().find(|part| part.name == FTP_DATA).unwrap();
            part.asks_of(run.targets.first().unwrap()).len()
        };
        assert_eq!(asks("a.example"), 0);
        assert_eq!(asks("--starttls smtp a.example"), 0);
        assert_eq!(asks("--starttls ftp a.example"), 1);
        assert_eq!(asks("a.example:990"), 1);
        assert_eq!(asks("--only ftp-data a.example:990"), 1);
    }

    #[test]
    fn what_would_be_ignored_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let user = format!("--ftp-user bobby --ftp-password-file {}", file.path().display());
        for line in [
            "tlsprobe scan --only ftp-data a.example".to_owned(),
            format!("tlsprobe scan a.example {user}"),
            format!("tlsprobe scan --only ems --starttls ftp a.example {user}"),
            format!("tlsprobe check --starttls ftp a.example {user}"),
            format!("tlsprobe check --starttls smtp --deep --targets l {user}"),
            format!("tlsprobe check --starttls ftp --targets l {user}"),
        ] {
            let told = refused(&line);
            assert!(told.contains("is for FTP servers") && told.contains("--starttls ftp"), "{line}: {told}");
        }
        for line in ["--starttls ftp", ""].map(|how| format!("tlsprobe check --deep {how} --targets l {user}")) {
            assert!(parsed(&line).is_ok(), "a list may name FTP servers: {line}");
        }
        assert!(refused("tlsprobe scan --starttls ftp a --ftp-user bobby").contains("--ftp-password-file"));
        let absent = refused("tlsprobe scan --starttls ftp a --ftp-user bobby --ftp-password-file nonexistent/pw");
        assert!(absent.contains("cannot read password file nonexistent/pw"), "{absent}");
    }
}
