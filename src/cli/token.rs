//! The token that requests take along.

use std::fs;
use std::path::Path;

use zeroize::Zeroizing;

use super::message::{CliError, cause};
use crate::plan::BearerToken;

/// Reads a token's file.
pub(super) fn read(file: &Path) -> Result<BearerToken, CliError> {
    let place = file.display();
    let text = fs::read_to_string(file).map(Zeroizing::new);
    let text = text.map_err(|error| {
        CliError::new(format!("cannot read token file {place}: {}", cause(&error))).needed_for("--bearer-file")
    })?;
    BearerToken::parse(&text).ok_or_else(|| {
        CliError::new(format!("{place} holds no token"))
            .needed_for("--bearer-file")
            .advise("a file with the token alone, as it stands behind Bearer")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_token_is_refused_and_not_repeated() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "hunter 2").unwrap();
        let told = read(file.path()).unwrap_err().to_string();
        assert!(told.contains("holds no token") && !told.contains("hunter"), "{told}");
        assert!(read(Path::new("nonexistent/token")).unwrap_err().to_string().contains("cannot read token file"));
    }
}
