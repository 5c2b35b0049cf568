//! One line of a list at a time, whatever a file holds: lines are bounded, and what is read is remembered by a digest.

use std::io::{self, BufRead, BufReader, Read};

/// The longest line: no target needs as much.
pub(crate) const LONGEST: usize = 4096;

/// How much of a list was read: its lines, and a digest of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Mark {
    /// Lines of all sources.
    pub(crate) lines: u64,
    /// FNV-1a of their bytes: to notice a list that is another one, not to withstand who makes one on purpose.
    pub(crate) digest: u64,
}

impl Default for Mark {
    fn default() -> Self {
        Self { lines: 0, digest: 0xCBF2_9CE4_8422_2325 }
    }
}

impl Mark {
    fn add(&mut self, line: &[u8]) {
        self.lines += 1;
        for byte in line.iter().chain(b"\n") {
            self.digest = (self.digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
}

/// What is to be read.
pub(super) type Input = BufReader<Box<dyn Read + Send>>;

/// How a line came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Whole; its bytes are in the buffer, without their end.
    Whole,
    /// Too long; what went beyond is lost.
    TooLong,
}

/// Reads the next line of a list into `buffer`; nothing at the end.
pub(super) fn read(input: &mut Input, buffer: &mut Vec<u8>, mark: &mut Mark) -> io::Result<Option<Line>> {
    let line = read_bounded(input, buffer, LONGEST)?;
    if line.is_some() {
        mark.add(buffer);
    }
    Ok(line)
}

/// Reads the next line of at most so many bytes into `buffer`; nothing at the end.
pub(crate) fn read_bounded(input: &mut impl BufRead, buffer: &mut Vec<u8>, longest: usize) -> io::Result<Option<Line>> {
    buffer.clear();
    let most = u64::try_from(longest).unwrap_or(u64::MAX);
    if input.by_ref().take(most.saturating_add(1)).read_until(b'\n', buffer)? == 0 {
        return Ok(None);
    }
    let ended = buffer.last() == Some(&b'\n');
    if !ended && buffer.len() > longest {
        skip_rest(input)?;
        buffer.truncate(longest);
        return Ok(Some(Line::TooLong));
    }
    if ended {
        buffer.pop();
    }
    if buffer.last() == Some(&b'\r') {
        buffer.pop();
    }
    Ok(Some(Line::Whole))
}

fn skip_rest(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffered = input.fill_buf()?;
        if buffered.is_empty() {
            return Ok(());
        }
        if let Some(end) = memchr::memchr(b'\n', buffered) {
            input.consume(end + 1);
            return Ok(());
        }
        let all = buffered.len();
        input.consume(all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> (Vec<(Line, Vec<u8>)>, Mark) {
        let mut input: Input = BufReader::new(Box::new(io::Cursor::new(text.to_vec())));
        let (mut buffer, mut mark, mut lines) = (Vec::new(), Mark::default(), Vec::new());
        while let Some(line) = read(&mut input, &mut buffer, &mut mark).unwrap() {
            lines.push((line, buffer.clone()));
        }
        (lines, mark)
    }

    #[test]
    fn lines_end_as_on_any_system_or_with_the_file() {
        let (found, mark) = lines(b"a\r\nb\n\nc");
        let words: Vec<&[u8]> = found.iter().map(|(_, line)| line.as_slice()).collect();
        assert_eq!(words, [&b"a"[..], b"b", b"", b"c"]);
        assert_eq!(mark.lines, 4);
        assert_eq!(mark, lines(b"a\nb\n\nc\n").1, "the same lines");
        assert_ne!(mark, lines(b"a\nb\nc\n\n").1, "in another order");
    }

    #[test]
    fn an_endless_line_takes_no_more_memory_than_a_long_one_and_the_next_is_read() {
        let mut text = vec![b'x'; 5_000_000];
        text.extend(b"\nb\n");
        let (found, _) = lines(&text);
        assert_eq!(found.len(), 2);
        assert_eq!((&found[0].0, found[0].1.len()), (&Line::TooLong, LONGEST));
        assert!(found[0].1.capacity() <= 4 * LONGEST);
        assert_eq!(found[1], (Line::Whole, b"b".to_vec()));
        let (longest, _) = lines(&[vec![b'x'; LONGEST - 1], b"\n".to_vec()].concat());
        assert_eq!(longest[0].0, Line::Whole);
    }
}
