//! `--keylog`: the secrets of every connection, in the file that Wireshark reads them from.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::message::{CliError, cause};
use crate::survey::KeyLog;

/// An open key log file. Lines are added behind those that are there, as every program does that knows such files.
pub(super) struct KeyLogFile {
    path: PathBuf,
    file: Arc<Mutex<Lines>>,
}

struct Lines {
    file: File,
    /// The first line that could not be written.
    failure: Option<io::Error>,
}

impl KeyLogFile {
    /// Opens it before anything is asked, so that a place that can't be written to is known first. Nobody else may
    /// read a file that is made here.
    pub(super) fn open(path: &Path) -> Result<Self, CliError> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| cannot_write(path, &error))?;
        let lines = Lines { file, failure: None };
        Ok(Self { path: path.to_owned(), file: Arc::new(Mutex::new(lines)) })
    }

    /// Writes each line as it comes, so that none is lost when the program is ended.
    pub(super) fn writer(&self) -> KeyLog {
        let lines = Arc::clone(&self.file);
        Box::new(move |line| {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            // In one call: other programs may be writing to the same file.
            let written = lines.file.write_all(format!("{}\n", line.as_str()).as_bytes());
            if let Err(error) = written {
                lines.failure.get_or_insert(error);
            }
        })
    }

    /// Tells of a line that could not be written.
    pub(super) fn finish(self) -> Result<(), CliError> {
        let mut lines = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        match lines.failure.take() {
            Some(error) => Err(cannot_write(&self.path, &error)),
            None => Ok(()),
        }
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> CliError {
    CliError::new(format!("cannot write {}: {}", path.display(), cause(error))).needed_for("the key log (--keylog)")
}
