//! A list of targets, read as it is needed: words, CSV with a header, blocks of addresses, comments.
//!
//! | line | what it is |
//! |---|---|
//! | empty, or `#` and anything | nothing; a comment may also stand behind a target, after a space |
//! | a first line with the field `target` or `host` | the header of a CSV, whose columns are read by their names |
//! | `192.0.2.0/24`, `2001:db8::/112` | each address of the block, in a random order |
//! | anything else | a word as on the command line |
//!
//! Blocks that follow each other are one field: the order goes to and fro between them. What a list gives, and in which
//! order, is a function of its lines and of the seed, so a target is known by its place.

mod block;
mod columns;
mod line;
mod permutation;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, BufReader, Cursor, Read};
use std::net::SocketAddr;

use crate::pack::Assignment;
use crate::target::{self, ConnectTo, Host};

pub(crate) use block::number_of;
pub use block::{Block, BlockError};
pub(crate) use line::{LONGEST, Line, Mark, read_bounded};

use block::Field;
use columns::{Columns, Row};
use line::Input;
use permutation::Permutation;

/// A file, standard input or the command line, and what to call it.
pub struct Source {
    name: String,
    input: Input,
    may_have_header: bool,
}

impl Source {
    /// Reads a list from here.
    pub fn new(name: impl Into<String>, input: Box<dyn Read + Send>) -> Self {
        Self { name: name.into(), input: BufReader::with_capacity(64 * 1024, input), may_have_header: true }
    }

    /// Words, none of which is the header of a CSV.
    pub fn words(name: impl Into<String>, words: &[String]) -> Self {
        let lines = words.iter().flat_map(|word| [word.as_str(), "\n"]).collect::<String>();
        Self { may_have_header: false, ..Self::new(name, Box::new(Cursor::new(lines))) }
    }
}

/// What a word stands for, with the port that it has where it names none itself; or why it can't be understood.
pub type Words = Box<dyn Fn(&str, Option<u16>) -> Result<Vec<Assignment>, String> + Send + Sync>;

/// How the lines of a list are understood.
pub struct Reading {
    /// The port of targets that name none, where it is said.
    pub port: Option<u16>,
    /// What a word stands for.
    pub words: Words,
    /// What the order of blocks is drawn from.
    pub seed: u64,
}

/// One target of a list.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its place in the list's order, from 0.
    pub(crate) position: u64,
    /// Whom to ask; of a pack that stands for several, all of them.
    pub(crate) assignments: Vec<Assignment>,
    /// Where to connect in the place of each of them.
    pub(crate) connect: Option<ConnectTo>,
    /// How much of the list had been read when it was known.
    pub(crate) mark: Mark,
}

/// A line that can't be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The file.
    pub source: String,
    /// The line's number in it, from 1.
    pub line: u64,
    /// Why.
    pub why: String,
}

/// What comes next out of a list.
#[derive(Debug)]
pub(crate) enum Item {
    Entry(Entry),
    Bad(BadLine),
}

/// A list being read.
pub(crate) struct List {
    sources: VecDeque<Source>,
    reading: std::sync::Arc<Reading>,
    buffer: Vec<u8>,
    mark: Mark,
    /// The current source's lines so far, and its columns.
    line: u64,
    columns: Option<Columns>,
    is_begun: bool,
    /// Blocks that are still being gathered, and the mark of the last of them.
    gathered: (Field, Mark),
    /// A field whose addresses are being given out.
    drawn: Option<Drawn>,
    /// What was read behind the gathered blocks.
    held: Option<Understood>,
    position: u64,
}

struct Drawn {
    field: Field,
    order: Permutation,
    next: u64,
    mark: Mark,
}

/// What a line says.
#[derive(Debug)]
enum Understood {
    Nothing,
    Block(Block),
    Target(Vec<Assignment>, Option<ConnectTo>, Mark),
    Bad(BadLine),
}

impl List {
    pub(crate) fn new(sources: Vec<Source>, reading: std::sync::Arc<Reading>) -> Self {
        Self {
            sources: sources.into(),
            reading,
            buffer: Vec::new(),
            mark: Mark::default(),
            line: 0,
            columns: None,
            is_begun: false,
            gathered: (Field::default(), Mark::default()),
            drawn: None,
            held: None,
            position: 0,
        }
    }

    /// The next target or bad line; nothing at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Item>> {
        loop {
            if let Some(entry) = self.draw() {
                return Ok(Some(Item::Entry(entry)));
            }
            let understood = match self.held.take() {
                Some(held) => Some(held),
                None => self.read_line()?,
            };
            let Some(understood) = understood else {
                if self.gathered.0.size() == 0 {
                    return Ok(None);
                }
                self.begin_field();
                continue;
            };
            match understood {
                Understood::Nothing => {}
                Understood::Bad(bad) => return Ok(Some(Item::Bad(bad))),
                Understood::Block(block) if self.gathered.0.add(block) => self.gathered.1 = self.mark,
                behind if self.gathered.0.size() > 0 => {
                    self.begin_field();
                    self.held = Some(behind);
                }
                Understood::Block(_) => {}
                Understood::Target(assignments, connect, mark) => {
                    return Ok(Some(Item::Entry(self.entry(assignments, connect, mark))));
                }
            }
        }
    }

    /// Whether the next target is at hand without a read that may have to wait.
    pub(crate) fn is_at_hand(&self) -> bool {
        self.drawn.is_some() || self.sources.front().is_some_and(|source| !source.input.buffer().is_empty())
    }

    /// How many targets have been given out.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Goes on at this place, as far as the addresses that are being given out reach. Lines have to be read one by one.
    pub(crate) fn skip_to(&mut self, position: u64) {
        if let Some(drawn) = &mut self.drawn {
            let skipped = position.saturating_sub(self.position).min(drawn.field.size() - drawn.next);
            drawn.next += skipped;
            self.position += skipped;
        }
    }

    /// How many targets are left.
    pub(crate) fn count(mut self) -> io::Result<u64> {
        while self.next()?.is_some() {
            self.skip_to(u64::MAX);
        }
        Ok(self.position)
    }

    fn entry(&mut self, assignments: Vec<Assignment>, connect: Option<ConnectTo>, mark: Mark) -> Entry {
        let position = self.position;
        self.position += 1;
        Entry { position, assignments, connect, mark }
    }

    fn begin_field(&mut self) {
        let (field, mark) = std::mem::take(&mut self.gathered);
        // Each field has an order of its own.
        let order = Permutation::new(field.size(), self.reading.seed.wrapping_add(self.position));
        self.drawn = Some(Drawn { field, order, next: 0, mark });
    }

    fn draw(&mut self) -> Option<Entry> {
        let drawn = self.drawn.as_mut()?;
        let address = (drawn.next < drawn.field.size()).then(|| drawn.field.nth(drawn.order.nth(drawn.next))).flatten();
        let Some(address) = address else {
            self.drawn = None;
            return None;
        };
        drawn.next += 1;
        let mark = drawn.mark;
        let reading = std::sync::Arc::clone(&self.reading);
        let assignments = (reading.words)(&address.to_string(), reading.port).unwrap_or_default();
        Some(self.entry(assignments, None, mark))
    }

    fn read_line(&mut self) -> io::Result<Option<Understood>> {
        let line = loop {
            let Some(source) = self.sources.front_mut() else { return Ok(None) };
            let read = line::read(&mut source.input, &mut self.buffer, &mut self.mark)
                .map_err(|error| io::Error::new(error.kind(), format!("cannot read {}: {error}", source.name)))?;
            if let Some(line) = read {
                break line;
            }
            self.sources.pop_front();
            (self.line, self.columns, self.is_begun) = (0, None, false);
        };
        self.line += 1;
        let buffer = std::mem::take(&mut self.buffer);
        let understood = match line {
            Line::TooLong => Err(format!("it has more than {LONGEST} bytes")),
            Line::Whole => match std::str::from_utf8(&buffer) {
                Ok(text) => self.understand(text.strip_prefix('\u{feff}').unwrap_or(text)),
                Err(_) => Err("it is not UTF-8".to_owned()),
            },
        };
        self.buffer = buffer;
        let source = self.sources.front().map(|source| source.name.clone());
        Ok(Some(understood.unwrap_or_else(|why| {
            Understood::Bad(BadLine { source: source.unwrap_or_default(), line: self.line, why })
        })))
    }

    fn understand(&mut self, line: &str) -> Result<Understood, String> {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            return Ok(Understood::Nothing);
        }
        let is_first = !std::mem::replace(&mut self.is_begun, true);
        if is_first && self.sources.front().is_some_and(|source| source.may_have_header) {
            self.columns = Columns::of_header(text);
            if self.columns.is_some() {
                return Ok(Understood::Nothing);
            }
        }
        let row = match &mut self.columns {
            Some(columns) => columns.row(text).ok_or("it has more columns than can be read")?,
            None => Row { word: without_comment(text), ..Row::default() },
        };
        understood(&row, &self.reading, self.mark)
    }
}

fn without_comment(text: &str) -> &str {
    text.find(" #").or_else(|| text.find("\t#")).and_then(|end| text.get(..end)).unwrap_or(text).trim_end()
}

fn understood(row: &Row<'_>, reading: &Reading, mark: Mark) -> Result<Understood, String> {
    let port = row.port.map_or(Ok(reading.port), |port| {
        let number = port.parse().ok().filter(|port| *port > 0);
        number.map(Some).ok_or_else(|| format!("{port:?} is not a port: give 1 to 65535"))
    })?;
    let word = match row.pack {
        Some(pack) => Cow::Owned(format!("{pack}:{}", row.word)),
        None => Cow::Borrowed(row.word),
    };
    if let Some(block) = Block::parse(&word) {
        let block = block.map_err(|error| format!("cannot understand {word:?}: {error}"))?;
        if block.size().is_none() {
            return Err(format!("cannot ask the block {word}: it has more than 2^40 addresses"));
        }
        if row.port.is_some() || row.sni.is_some() || row.connect.is_some() {
            return Err(format!(
                "cannot ask the block {word} so: its columns for port, sni and connect have to be empty"
            ));
        }
        return Ok(Understood::Block(block));
    }
    let mut assignments = (reading.words)(&word, port)?;
    if let Some(sni) = row.sni {
        let sni = match sni {
            "-" => None,
            name => match name.parse::<Host>() {
                Ok(Host::Name(name)) => Some(name),
                _ => return Err(format!("cannot send {name:?} in server_name: it is no name")),
            },
        };
        for assignment in &mut assignments {
            assignment.target.sni.clone_from(&sni);
        }
    }
    let connect = row.connect.map(connect).transpose()?;
    Ok(Understood::Target(assignments, connect, mark))
}

/// Where to connect: an address or a name, with each target's port unless it has its own.
fn connect(place: &str) -> Result<ConnectTo, String> {
    let socket_address = place.parse::<SocketAddr>().ok().map(|it| (Host::Address(it.ip()), Some(it.port())));
    socket_address
        .or_else(|| target::authority(place))
        .map(|(host, port)| ConnectTo::everything(host, port))
        .ok_or_else(|| format!("cannot connect to {place:?}: give ADDRESS or ADDRESS:PORT"))
}

#[cfg(test)]
mod tests;
