//! How far a run has come, in a file: so that it can be ended at any moment and gone on with.
//!
//! Lines are written first, the state after them. It says how many bytes of the output it speaks for; what stands
//! behind them when the run is gone on with, perhaps half a line, is cut off, and those targets are asked again. So each
//! target is reported once, even where the process was killed. The state is as large as what is in flight: it names
//! how far the list was read and those before that point who are not done.
//!
//! Beside it stands a file that is locked as long as a run goes on with it: on Windows nobody could read one that is.

use std::fs::{self, File, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::list::Mark;
use super::tally::Tally;

/// How the name of the file ends in which a state is written, to be put in the old one's place.
pub(crate) const DRAFT: &str = ".new";

/// How the name of the file ends that is locked.
pub(crate) const LOCK: &str = ".lock";

const SCHEMA: &str = "tlsprobe-resume/1";

/// What the file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    schema: String,
    /// A digest of what is asked, and how it is told.
    options: String,
    /// What the order of blocks is drawn from.
    seed: u64,
    /// Bytes of the output that this speaks for.
    output_bytes: u64,
    /// Targets before this place have been taken from the list.
    pub(super) issued: u64,
    /// Those of them that are not done.
    pub(super) pending: Vec<u64>,
    /// How much of the list that was.
    pub(super) list: Mark,
    /// What came of those that are done.
    pub(super) tally: Tally,
}

/// A state and the output that it speaks for.
#[derive(Debug)]
pub struct Resume {
    path: PathBuf,
    state: State,
    output: File,
    /// Locked until it is closed.
    _lock: File,
}

/// Why a run can't be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    /// The state can't be read or written.
    #[error("cannot use the state {path}: {why}")]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The state is that of another run.
    #[error(
        "the state {path} is that of another run: {what}\n  try: the options and the list that it was begun with, or \
         another file for a new run"
    )]
    OtherRun {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: String,
    },
    /// The output is not the one that the state speaks for.
    #[error("cannot go on with {output}: {why}")]
    Output {
        /// The file.
        output: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl Resume {
    /// Opens the state, or makes a new one, with the output that belongs to it. `options` is a digest of what is asked.
    pub fn open(path: &Path, output: &Path, options: &str, seed: u64) -> Result<Self, ResumeError> {
        let fail = |why: String| ResumeError::State { path: path.to_owned(), why };
        let state = match fs::read(path) {
            Ok(bytes) => Some(
                serde_json::from_slice::<State>(&bytes)
                    .map_err(|error| fail(format!("it is no state of a run ({error})")))?,
            ),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(fail(error.to_string())),
        };
        let other_run = |what: &str| ResumeError::OtherRun { path: path.to_owned(), what: what.to_owned() };
        match &state {
            Some(state) if state.schema != SCHEMA => return Err(other_run("another version wrote it")),
            Some(state) if state.options != options => return Err(other_run("its options are others")),
            _ => {}
        }
        let lock = lock(path).map_err(fail)?;
        let file = open_output(output, state.as_ref())
            .map_err(|why| ResumeError::Output { output: output.to_owned(), why })?;
        let state = state.unwrap_or_else(|| State {
            schema: SCHEMA.to_owned(),
            options: options.to_owned(),
            seed,
            output_bytes: 0,
            issued: 0,
            pending: Vec::new(),
            list: Mark::default(),
            tally: Tally::default(),
        });
        let mut new = Self { path: path.to_owned(), state, output: file, _lock: lock };
        // Whoever can't write the state is to know it before anything is asked.
        new.save().map_err(|error| fail(error.to_string()))?;
        Ok(new)
    }

    /// What the order of blocks is drawn from: the first part's seed, whatever this part was given.
    pub fn seed(&self) -> u64 {
        self.state.seed
    }

    /// Targets that are done.
    pub fn done(&self) -> u64 {
        self.state.tally.targets
    }

    /// Whether the output holds what an earlier part of the run wrote, its head first.
    pub(super) fn has_output(&self) -> bool {
        self.state.output_bytes > 0
    }

    /// The output, to write to behind what it holds.
    pub fn output(&self) -> io::Result<File> {
        self.output.try_clone()
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// The state is of another list.
    pub(super) fn other_list(path: &Path, what: &str) -> ResumeError {
        ResumeError::OtherRun { path: path.to_owned(), what: what.to_owned() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Notes how far the run has come. All that it speaks for is in the output, and there for good, before it is.
    pub(super) fn note(&mut self, (issued, list): (u64, Mark), pending: Vec<u64>, tally: Tally) -> io::Result<()> {
        self.output.sync_data()?;
        let output_bytes = self.output.metadata()?.len();
        self.state = State { output_bytes, issued, pending, list, tally, ..self.state.clone() };
        self.save()
    }

    /// A new file in the old one's place: whatever happens, one of them is there whole.
    fn save(&mut self) -> io::Result<()> {
        let draft = beside(&self.path, DRAFT);
        let mut file = File::create(&draft)?;
        file.write_all(&serde_json::to_vec(&self.state)?)?;
        file.sync_data()?;
        drop(file);
        fs::rename(&draft, &self.path)
    }
}

/// The file beside a state whose name ends so.
pub(crate) fn beside(state: &Path, ending: &str) -> PathBuf {
    let mut path = state.to_owned().into_os_string();
    path.push(ending);
    path.into()
}

/// Takes the state, for as long as the file is open. It stays: who removed it would take another's lock from it.
fn lock(state: &Path) -> Result<File, String> {
    let path = beside(state, LOCK);
    let file = File::options().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(|error| format!("cannot open {}: {error}", path.display()))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err("another run goes on with it".to_owned()),
        // A file system without locks is no reason not to go on.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

/// The output, cut off behind what the state speaks for.
fn open_output(path: &Path, state: Option<&State>) -> Result<File, String> {
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(state.is_none())
        .truncate(false)
        .open(path)
        .map_err(|error| error.to_string())?;
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is no file, and only a file can be gone on with".to_owned());
    }
    match state {
        None if metadata.len() > 0 => {
            return Err(
                "it is there already, and the state is not: name another file, or the state of its run".to_owned()
            );
        }
        Some(state) if metadata.len() < state.output_bytes => {
            return Err("it holds less than the state says was written".to_owned());
        }
        _ => {}
    }
    let bytes = state.map_or(0, |state| state.output_bytes);
    file.set_len(bytes).and_then(|()| file.seek(SeekFrom::Start(bytes))).map_err(|error| error.to_string())?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Files {
        folder: tempfile::TempDir,
    }

    impl Files {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().unwrap() }
        }

        fn output(&self) -> PathBuf {
            self.folder.path().join("out")
        }

        fn open(&self, options: &str) -> Result<Resume, ResumeError> {
            Resume::open(&self.folder.path().join("state"), &self.output(), options, 7)
        }
    }

    #[test]
    fn what_was_written_behind_the_state_is_cut_off_and_asked_again() {
        let files = Files::new();
        let mut resume = files.open("o").unwrap();
        assert!(!resume.has_output());
        resume.output().unwrap().write_all(b"one\ntwo\n").unwrap();
        let mark = Mark { lines: 3, digest: 5 };
        resume.note((3, mark), vec![1], Tally { targets: 2, ..Tally::default() }).unwrap();
        resume.output().unwrap().write_all(b"three\nhal").unwrap();
        drop(resume);

        let resume = files.open("o").unwrap();
        assert!(resume.has_output());
        let state = resume.state();
        assert_eq!((state.issued, state.pending.as_slice(), state.list, resume.done()), (3, &[1][..], mark, 2));
        resume.output().unwrap().write_all(b"four\n").unwrap();
        assert_eq!(fs::read_to_string(files.output()).unwrap(), "one\ntwo\nfour\n");
    }

    #[test]
    fn a_state_of_other_options_and_an_output_that_is_not_its_own_are_refused() {
        let files = Files::new();
        let mut resume = files.open("o").unwrap();
        resume.output().unwrap().write_all(b"one\n").unwrap();
        resume.note((1, Mark::default()), Vec::new(), Tally::default()).unwrap();
        assert!(files.open("o").unwrap_err().to_string().contains("another run goes on with it"));
        assert_eq!(fs::read_to_string(files.output()).unwrap(), "one\n", "whoever wants may read it meanwhile");
        drop(resume);
        assert!(files.open("p").unwrap_err().to_string().contains("its options are others"));
        assert!(files.open("o").unwrap().has_output());
        fs::write(files.output(), "on").unwrap();
        assert!(files.open("o").unwrap_err().to_string().contains("less than the state says"));
        fs::write(files.folder.path().join("state"), "{}").unwrap();
        assert!(files.open("o").unwrap_err().to_string().contains("no state of a run"));
        fs::remove_file(files.folder.path().join("state")).unwrap();
        assert!(files.open("o").unwrap_err().to_string().contains("there already"));
        assert_eq!(fs::read_to_string(files.output()).unwrap(), "on", "nothing is lost by a refusal");
    }
}
