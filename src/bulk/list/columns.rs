//! A list as CSV (RFC 4180): its header says which column is what.
//!
//! A record is one line: no field goes on behind a line's end.

use csv_core::{ReadRecordResult, Reader};

/// What a line names. What it leaves out is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Row<'a> {
    pub(super) word: &'a str,
    pub(super) port: Option<&'a str>,
    pub(super) sni: Option<&'a str>,
    pub(super) connect: Option<&'a str>,
    pub(super) pack: Option<&'a str>,
}

/// What a column holds, and the names that it may have.
const KNOWN: [(Column, &[&str]); 5] = [
    (Column::Word, &["target", "host"]),
    (Column::Port, &["port"]),
    (Column::Sni, &["sni"]),
    (Column::Connect, &["connect", "address"]),
    (Column::Pack, &["pack"]),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Word,
    Port,
    Sni,
    Connect,
    Pack,
}

/// The most columns that are looked at.
const MOST: usize = 256;

/// The columns of a list, and the buffers that its lines are read into.
#[derive(Debug)]
pub(super) struct Columns {
    names: Vec<Option<Column>>,
    reader: Reader,
    fields: Vec<u8>,
    ends: [usize; MOST],
}

impl Columns {
    /// The columns, if this line is a header: one of its fields is `target` or `host`.
    pub(super) fn of_header(line: &str) -> Option<Self> {
        let mut new = Self {
            names: Vec::new(),
            reader: Reader::new(),
            fields: vec![0; 2 * super::line::LONGEST],
            ends: [0; MOST],
        };
        let named = |field: &str| {
            let field = field.trim().to_ascii_lowercase();
            KNOWN.iter().find(|(_, names)| names.contains(&field.as_str())).map(|(column, _)| *column)
        };
        let columns: Vec<Option<Column>> = new.split(line)?.map(named).collect();
        columns.contains(&Some(Column::Word)).then(|| {
            new.names = columns;
            new
        })
    }

    /// The line's fields by their columns; nothing where it has more than a line can have.
    pub(super) fn row<'a>(&'a mut self, line: &str) -> Option<Row<'a>> {
        let columns = std::mem::take(&mut self.names);
        let count = self.read(line);
        self.names = columns;
        let mut row = Row::default();
        for (column, field) in self.names.iter().zip(self.fields_read(count?)) {
            let field = field.trim();
            let said = (!field.is_empty()).then_some(field);
            match column {
                Some(Column::Word) if row.word.is_empty() => row.word = field,
                Some(Column::Port) => row.port = said,
                Some(Column::Sni) => row.sni = said,
                Some(Column::Connect) => row.connect = said,
                Some(Column::Pack) => row.pack = said,
                Some(Column::Word) | None => {}
            }
        }
        Some(row)
    }

    fn split<'a>(&'a mut self, line: &str) -> Option<impl Iterator<Item = &'a str>> {
        let count = self.read(line)?;
        Some(self.fields_read(count))
    }

    fn fields_read(&self, count: usize) -> impl Iterator<Item = &str> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        let places = begins.zip(self.ends.iter().copied()).take(count);
        places.map(|(begin, end)| {
            self.fields.get(begin..end).and_then(|field| std::str::from_utf8(field).ok()).unwrap_or_default()
        })
    }

    /// Reads the line's fields into the buffers, and says how many they are.
    fn read(&mut self, line: &str) -> Option<usize> {
        self.reader.reset();
        let mut line = line.as_bytes();
        let (mut written, mut count) = (0, 0);
        // The second time with nothing to read says that the line is at its end.
        loop {
            let (fields, ends) = (self.fields.get_mut(written..)?, self.ends.get_mut(count..)?);
            let (result, read, wrote, ended) = self.reader.read_record(line, fields, ends);
            line = line.get(read..)?;
            written += wrote;
            count += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record | ReadRecordResult::End => return Some(count),
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_which_column_is_what_in_any_order_and_case() {
        let mut columns = Columns::of_header("note, Port ,HOST,sni,address").unwrap();
        let row = columns.row(r#""x,y",8443,a.example,,192.0.2.1:1"#).unwrap();
        let connect = Some("192.0.2.1:1");
        assert_eq!(row, Row { word: "a.example", port: Some("8443"), connect, ..Row::default() });
        let row = columns.row(r#"say ""hi"",,"b.example",-"#).unwrap();
        assert_eq!(row, Row { word: "b.example", sni: Some("-"), ..Row::default() });
    }

    #[test]
    fn a_line_that_names_no_column_is_no_header() {
        assert!(Columns::of_header("a.example").is_none());
        assert!(Columns::of_header("a.example,443").is_none());
        assert!(Columns::of_header("target").is_some());
    }

    #[test]
    fn more_columns_than_any_list_has_are_refused_and_the_next_line_is_read() {
        let mut columns = Columns::of_header("host,port").unwrap();
        assert_eq!(columns.row(&"x,".repeat(1000)), None);
        assert_eq!(columns.row("a,1").unwrap(), Row { word: "a", port: Some("1"), ..Row::default() });
        assert_eq!(columns.row("").unwrap(), Row::default());
    }
}
