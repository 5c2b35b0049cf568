//! Where a report goes: standard output, or a file that appears whole or not at all.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::message::{CliError, cause};
use super::settings::Output;

/// Takes a report, piece by piece. It is opened before a run begins, so that a place that can't be written to is known
/// before anything is asked.
#[derive(Debug)]
pub struct ReportWriter {
    place: Place,
    color: bool,
    /// What is written, for whoever has to be told that it can't be.
    what: &'static str,
}

pub(super) const REPORT: &str = "the report (--output)";
const CAPTURE: &str = "the capture (--pcap)";

#[derive(Debug)]
enum Place {
    Stdout,
    /// The reader went away, as `head` does. There is nobody to write to, and nothing wrong.
    Nobody,
    File {
        file: File,
        path: PathBuf,
    },
    /// A new file beside the old one, to be put in its place when the report is whole.
    Draft {
        file: File,
        draft: PathBuf,
        path: PathBuf,
    },
}

impl ReportWriter {
    /// Opens the place that the options name.
    pub fn open(output: &Output) -> Result<Self, CliError> {
        let place = match &output.file {
            None => Place::Stdout,
            Some(path) => Place::open(path).map_err(|error| cannot_write(path, &error, REPORT))?,
        };
        let to_terminal = matches!(place, Place::Stdout) && io::stdout().is_terminal();
        Ok(Self { place, color: output.color.colors(to_terminal), what: REPORT })
    }

    /// Opens the file for a capture.
    pub fn open_capture(path: &Path) -> Result<Self, CliError> {
        let place = Place::open(path).map_err(|error| cannot_write(path, &error, CAPTURE))?;
        Ok(Self { place, color: false, what: CAPTURE })
    }

    /// Whether to write in colour.
    pub fn color(&self) -> bool {
        self.color
    }

    /// Whether the reader went away: whoever writes line by line may stop asking.
    pub fn is_closed(&self) -> bool {
        matches!(self.place, Place::Nobody)
    }

    /// Writes the next piece.
    pub fn write(&mut self, text: &str) -> Result<(), CliError> {
        self.write_bytes(text.as_bytes())
    }

    /// Writes the next piece, whatever it is.
    pub fn write_bytes(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        let written = match &mut self.place {
            Place::Stdout => write_stdout(bytes),
            Place::Nobody => Ok(()),
            Place::File { file, .. } | Place::Draft { file, .. } => file.write_all(bytes),
        };
        match (written, &self.place) {
            (Ok(()), _) => Ok(()),
            (Err(error), Place::Stdout) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.place = Place::Nobody;
                Ok(())
            }
            (Err(error), Place::File { path, .. } | Place::Draft { path, .. }) => {
                Err(cannot_write(path, &error, self.what))
            }
            (Err(error), _) => Err(CliError::new(format!("cannot write to standard output: {}", cause(&error)))
                .needed_for("the report")
                .advise("--output FILE")),
        }
    }

    /// Ends the report: a file now stands in its place.
    pub fn finish(mut self) -> Result<(), CliError> {
        let Place::Draft { file, draft, path } = &mut self.place else { return Ok(()) };
        let what = self.what;
        file.sync_all().and_then(|()| fs::rename(&*draft, &*path)).map_err(|error| cannot_write(path, &error, what))
    }
}

/// A draft that did not become the file is not left behind; after the renaming there is none.
impl Drop for ReportWriter {
    fn drop(&mut self) {
        if let Place::Draft { draft, .. } = &self.place {
            fs::remove_file(draft).ok();
        }
    }
}

impl Place {
    fn open(path: &Path) -> io::Result<Self> {
        // A link stays a link, to a new file.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let old = fs::metadata(&path).ok();
        if old.as_ref().is_some_and(|old| !old.is_file()) {
            // A device or a pipe is written to, never replaced. A folder is an error.
            return Ok(Self::File { file: File::options().write(true).open(&path)?, path });
        }
        let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?.to_string_lossy();
        let draft = path.with_file_name(format!(".{name}.{}", std::process::id()));
        let file = File::options().write(true).create_new(true).open(&draft)?;
        if let Some(old) = old {
            file.set_permissions(old.permissions())?;
        }
        Ok(Self::Draft { file, draft, path })
    }
}

fn write_stdout(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

pub(super) fn cannot_write(path: &Path, error: &io::Error, needed_for: &str) -> CliError {
    CliError::new(format!("cannot write {}: {}", path.display(), cause(error)))
        .needed_for(needed_for)
        .advise("a file in a folder that this user can write to")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path) -> Result<ReportWriter, CliError> {
        ReportWriter::open(&Output { file: Some(path.to_owned()), ..Output::default() })
    }

    fn names(folder: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        fs::read_dir(folder).unwrap().map(name).collect()
    }

    #[test]
    fn a_file_appears_whole_in_the_place_of_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "old").unwrap();
        let mut writer = open(&path).unwrap();
        writer.write("ne").unwrap();
        writer.write("w").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        writer.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(folder.path()), ["report.json"]);
    }

    #[test]
    fn a_report_that_is_given_up_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "old").unwrap();
        open(&path).unwrap().write("half").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(folder.path()), ["report.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_and_a_link_and_its_rights_stay() {
        use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

        let mut null = open(Path::new("/dev/null")).unwrap();
        null.write("nothing").unwrap();
        null.finish().unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());

        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("report"), folder.path().join("link"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&path, &link).unwrap();
        let mut writer = open(&link).unwrap();
        writer.write("new").unwrap();
        writer.finish().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_place_that_cannot_be_written_to_is_named_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let error = open(&folder.path().join("none/report.json")).unwrap_err().to_string();
        assert!(error.starts_with("cannot write ") && error.contains("report.json: no such file"), "{error}");
        assert!(open(folder.path()).is_err());
    }

    #[test]
    fn a_file_has_no_colour_unless_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!open(&folder.path().join("report")).unwrap().color());
    }
}
