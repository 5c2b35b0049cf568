//! A password, as the first line of a file.

use std::fs;
use std::path::Path;

use zeroize::Zeroizing;

use super::message::{CliError, cause};

/// The file's first line, without its end. Whoever asks says what for.
pub(super) fn read(file: &Path) -> Result<Zeroizing<String>, CliError> {
    let content = fs::read_to_string(file).map(Zeroizing::new).map_err(|error| {
        CliError::new(format!("cannot read password file {}: {}", file.display(), cause(&error)))
            .advise("make the file readable for this user")
    })?;
    Ok(Zeroizing::new(content.lines().next().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_one_line_of_text_and_nothing_is_put_in_the_place_of_what_is_not() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let read = |content: &[u8]| {
            fs::write(file.path(), content).unwrap();
            read(file.path()).map(|password| password.to_string()).map_err(|error| error.to_string())
        };
        assert_eq!(read(b"hunter2\r\nsecond").as_deref(), Ok("hunter2"));
        assert_eq!(read(b" with spaces \n").as_deref(), Ok(" with spaces "));
        assert_eq!(read(b"").as_deref(), Ok(""));
        let latin = read(b"h\xfcnter2\n").unwrap_err();
        assert!(latin.contains("cannot read password file") && latin.contains("UTF-8"), "{latin}");
    }
}
