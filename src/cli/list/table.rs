//! Rows with their columns, as text that fits a terminal wherever its words do.

use std::fmt;

use serde_json::Value;

/// The width of a terminal that everybody has.
const TERMINAL: usize = 80;

/// A list before it is printed.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) columns: &'static [Column],
    pub(super) rows: Vec<Row>,
}

/// A column's title, and how wide it may grow: a longer cell pushes the rest of its own line aside, not the others'.
pub(super) type Column = (&'static str, usize);

/// One thing in a list.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// What tells it from the others.
    pub(super) code: String,
    /// The names a filter is looked for in.
    pub(super) names: Vec<String>,
    /// What a table shows of it.
    pub(super) cells: Vec<String>,
    /// All that is known of it.
    pub(super) json: Value,
}

impl Table {
    /// The same table with those rows alone that have `part` in a name, or this code.
    pub(super) fn matching(&self, part: &str, code: Option<&str>) -> Self {
        let part = part.to_lowercase();
        let has_part = |row: &Row| row.names.iter().any(|name| name.to_lowercase().contains(&part));
        let matches = |row: &&Row| has_part(row) || Some(row.code.as_str()) == code;
        Self { rows: self.rows.iter().filter(matches).cloned().collect(), ..*self }
    }

    /// Widths that fit the cells, except those that are too long for their column.
    fn widths(&self) -> Vec<usize> {
        let width = |(column, &(title, most)): (usize, &Column)| {
            let cells = self.rows.iter().filter_map(|row| row.cells.get(column));
            let lengths = cells.map(|cell| length(cell)).filter(|length| *length <= most);
            lengths.chain([length(title)]).max().unwrap_or_default()
        };
        self.columns.iter().enumerate().map(width).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        let header: Vec<String> = self.columns.iter().map(|(title, _)| (*title).to_owned()).collect();
        [&header]
            .into_iter()
            .chain(self.rows.iter().map(|row| &row.cells))
            .try_for_each(|cells| line(f, cells, &widths))
    }
}

/// One row; the words of its last cell go on beneath where they reach beyond the terminal.
fn line(f: &mut fmt::Formatter<'_>, cells: &[String], widths: &[usize]) -> fmt::Result {
    let Some((last, first)) = cells.split_last() else { return Ok(()) };
    let padded = first.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}  "));
    let mut text = padded.collect::<Vec<_>>().concat();
    let indent = length(&text);
    for word in last.split_whitespace() {
        if length(&text) + length(word) > TERMINAL && length(&text) > indent {
            writeln!(f, "{}", text.trim_end())?;
            text = " ".repeat(indent);
        }
        text.push_str(word);
        text.push(' ');
    }
    writeln!(f, "{}", text.trim_end())
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[[&str; 2]]) -> Table {
        let row = |(index, cells): (usize, &[&str; 2])| Row {
            code: format!("0x0{index}"),
            names: vec![cells[0].to_owned()],
            cells: cells.map(str::to_owned).to_vec(),
            json: Value::Null,
        };
        Table { columns: &[("NAME", 9), ("KIND", 9)], rows: rows.iter().enumerate().map(row).collect() }
    }

    #[test]
    fn columns_stand_beneath_each_other_without_space_behind() {
        let fruit = table(&[["ähre", "corn"], ["pineapple", ""]]);
        assert_eq!(fruit.to_string(), "NAME       KIND\nähre       corn\npineapple\n");
    }

    #[test]
    fn a_cell_too_long_for_its_column_pushes_its_own_line_aside() {
        let fruit = table(&[["apple", "pome"], ["pomegranate", "berry"]]);
        assert_eq!(fruit.to_string(), "NAME   KIND\napple  pome\npomegranate  berry\n");
    }

    #[test]
    fn a_long_last_cell_goes_on_beneath() {
        let text = table(&[["apple", &"word ".repeat(20)]]).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[2], format!("       {}", "word ".repeat(6).trim_end()));
        assert!(text.lines().all(|line| line.len() <= TERMINAL));
    }

    #[test]
    fn a_part_of_a_name_or_the_code_picks_rows() {
        let fruit = table(&[["Apple", "pome"], ["pineapple", "berry"]]);
        let picked = |part, code| fruit.matching(part, code).rows.into_iter().map(|row| row.code).collect::<Vec<_>>();
        assert_eq!(picked("apple", None), ["0x00", "0x01"]);
        assert_eq!(picked("0x01", Some("0x01")), ["0x01"]);
        assert_eq!(picked("pome", None), [""; 0]);
    }
}
