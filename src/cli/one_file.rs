//! One file named for two purposes: what is written to it would be the end of what it holds.

use std::fs;
use std::path::{Path, PathBuf};

use super::message::CliError;

/// Files by the options that name them, and by what a run does to them.
#[derive(Clone, Debug, Default)]
pub(super) struct Files {
    written: Vec<(&'static str, PathBuf)>,
    read: Vec<(&'static str, PathBuf)>,
}

impl Files {
    /// This one is written, if it is named.
    pub(super) fn written(mut self, option: &'static str, path: Option<&Path>) -> Self {
        self.written.extend(path.map(|path| (option, identity(path))));
        self
    }

    /// This one is read.
    pub(super) fn read(mut self, option: &'static str, path: Option<&Path>) -> Self {
        self.read.extend(path.map(|path| (option, identity(path))));
        self
    }

    /// Refuses what would write to a file that another option names.
    pub(super) fn refuse_one_twice(&self) -> Result<(), CliError> {
        for (place, (option, path)) in self.written.iter().enumerate() {
            let others = self.written.iter().skip(place + 1).chain(&self.read);
            // A device or a pipe holds nothing that could be lost.
            let is_special = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
            if let Some((other, _)) = others.filter(|_| !is_special).find(|(_, other)| other == path) {
                return Err(CliError::new(format!(
                    "cannot write to {}: it is named by {option} and by {other}, and what it holds would be lost",
                    path.display()
                ))
                .needed_for(*option)
                .advise("another file for each of them"));
            }
        }
        Ok(())
    }
}

/// The same for each path that leads to a file, which need not be there yet.
fn identity(path: &Path) -> PathBuf {
    let in_its_folder = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(fs::canonicalize(folder).ok()?.join(path.file_name()?))
    };
    fs::canonicalize(path).ok().or_else(in_its_folder).unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_read_or_written_by_another_option_is_not_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("list"), "a.example").unwrap();
        let refused = |output: &Path| {
            let files = Files::default().written("--output", Some(output)).written("--resume", Some(&at("state")));
            files.read("--targets", Some(&at("list"))).refuse_one_twice().map_err(|error| error.to_string())
        };
        assert!(refused(&at("list")).unwrap_err().contains("by --output and by --targets"));
        assert!(refused(&at("./list")).is_err() && refused(&at("../").join(at("list"))).is_err());
        assert!(
            refused(&at("state")).unwrap_err().contains("by --output and by --resume"),
            "one that is not there yet"
        );
        assert_eq!(refused(&at("out")), Ok(()));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_leads_to_its_file_and_a_device_holds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("list"), "a.example").unwrap();
        std::os::unix::fs::symlink(at("list"), at("link")).unwrap();
        let both = |written: &Path, read: &Path| {
            Files::default().written("--output", Some(written)).read("--targets", Some(read)).refuse_one_twice()
        };
        assert!(both(&at("link"), &at("list")).is_err());
        assert!(both(Path::new("/dev/null"), Path::new("/dev/null")).is_ok());
    }
}
