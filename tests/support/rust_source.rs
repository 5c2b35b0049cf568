//! Reads Rust source as far as a rule about layout needs: which top-level modules it names, which words it uses.
//!
//! It is a scanner, not a parser. Comments and literals are dropped first, so that a rule never trips over prose;
//! what is left are words and single marks. Macros are read as written, not expanded.

#![expect(clippy::indexing_slicing, reason = "it reads this project's own source: a wrong index is a failed test")]

use std::collections::BTreeSet;

/// How an attribute begins that keeps an item to test builds: `#[cfg(test)]` and `#[cfg(all(test, …))]`.
const TEST_ONLY: [&[&str]; 2] =
    [&["#", "[", "cfg", "(", "test", ")"], &["#", "[", "cfg", "(", "all", "(", "test", ","]];

/// One file's code: its words and marks, in order.
pub(crate) struct RustSource {
    tokens: Vec<String>,
}

impl RustSource {
    pub(crate) fn read(text: &str) -> Self {
        Self { tokens: tokenize(text) }
    }

    /// The same code without the items that only test builds have.
    pub(crate) fn without_tests(&self) -> Self {
        let mut tokens = Vec::new();
        let mut rest = self.tokens.as_slice();
        while let Some((first, after)) = rest.split_first() {
            if TEST_ONLY.iter().any(|attribute| after_prefix(rest, attribute).is_some()) {
                rest = after_item(rest);
            } else {
                tokens.push(first.clone());
                rest = after;
            }
        }
        Self { tokens }
    }

    /// Whether `word` occurs as a word of the code.
    pub(crate) fn has_word(&self, word: &str) -> bool {
        self.tokens.iter().any(|token| token == word)
    }

    /// Whether `name!` is called.
    pub(crate) fn calls_macro(&self, name: &str) -> bool {
        self.tokens.windows(2).any(|pair| pair[0] == name && pair[1] == "!")
    }

    /// The top-level modules that this code names, by `crate::…` or by enough `super::` to come out at the crate's
    /// root. `depth` is how deep the file's own module lies: 1 for `src/offer.rs`, 2 for `src/wire/record.rs`.
    pub(crate) fn modules_named(&self, depth: usize) -> BTreeSet<String> {
        let mut named = BTreeSet::new();
        let mut braces = Vec::new(); // for each open brace, whether a `mod name {` opened it
        for (at, token) in self.tokens.iter().enumerate() {
            let rest = &self.tokens[at..];
            match token.as_str() {
                "{" => braces.push(at >= 2 && self.tokens[at - 2] == "mod"),
                "}" => drop(braces.pop()),
                "crate" => {
                    if let Some(path) = after_prefix(rest, &["crate", ":", ":"]) {
                        named.extend(first_segments(path));
                    }
                }
                "super" if at < 3 || self.tokens[at - 3] != "super" => {
                    let (levels, path) = climb(rest);
                    if levels >= depth + braces.iter().filter(|is_module| **is_module).count() {
                        named.extend(first_segments(path));
                    }
                }
                _ => {}
            }
        }
        named
    }
}

/// How many `super::` the path that starts here climbs, and what follows them.
fn climb(mut path: &[String]) -> (usize, &[String]) {
    let mut levels = 0;
    while let Some(after) = after_prefix(path, &["super", ":", ":"]) {
        levels += 1;
        path = after;
    }
    (levels, path)
}

/// The first names of a path that starts here: one, or each of a group's `{a::x, b}`.
fn first_segments(path: &[String]) -> Vec<String> {
    match path.first().map(String::as_str) {
        Some("{") => {
            let mut depth = 0;
            let mut names = Vec::new();
            for pair in path.windows(2) {
                match pair[0].as_str() {
                    "{" => depth += 1,
                    "}" => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
                if depth == 1 && matches!(pair[0].as_str(), "{" | ",") && pair[1] != "}" {
                    names.push(pair[1].clone());
                }
            }
            names
        }
        Some(name) => vec![name.to_owned()],
        None => Vec::new(),
    }
}

/// What follows `prefix`, if `tokens` starts with it.
fn after_prefix<'a>(tokens: &'a [String], prefix: &[&str]) -> Option<&'a [String]> {
    let (start, rest) = tokens.split_at_checked(prefix.len())?;
    start.iter().eq(prefix.iter()).then_some(rest)
}

/// What follows the item that starts here, attributes included: it ends with its first `;` or `}` outside brackets, or
/// before the brace that closes what it stands in.
fn after_item(tokens: &[String]) -> &[String] {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        match token.as_str() {
            _ if depth < 0 => return &tokens[at..],
            ";" | "}" if depth == 0 => return &tokens[at + 1..],
            _ => {}
        }
    }
    &[]
}

/// Words and single marks, without comments, white space and literals.
fn tokenize(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = comment_or_literal(rest).unwrap_or_else(|| {
            let length = word_length(rest).max(first.len_utf8());
            if !first.is_whitespace() {
                tokens.push(rest[..length].to_owned());
            }
            length
        });
        rest = &rest[length..];
    }
    tokens
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// The length of the comment or literal that `text` starts with, if it starts with one. Numbers count as words.
fn comment_or_literal(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return Some(block_comment(text));
    }
    let (prefix, quoted) = text.split_at(word_length(text));
    let literal = match (prefix, quoted.bytes().next()?) {
        ("" | "b" | "c", b'"') => Some(string(quoted)),
        ("" | "b", b'\'') => character(quoted),
        ("r" | "br" | "cr", b'"' | b'#') => raw_string(quoted),
        _ => None,
    };
    literal.map(|length| prefix.len() + length)
}

/// A block comment; they nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let step = match text.as_bytes()[at..] {
            [b'/', b'*', ..] => {
                depth += 1;
                2
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                2
            }
            _ => 1,
        };
        at += step;
        if depth == 0 {
            break;
        }
    }
    at
}

/// A string with escapes, from its opening quote.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A raw string, from its `#`s or opening quote; `r#name` is none.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text.bytes().take_while(|byte| *byte == b'#').count();
    let body = text[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", &text[..hashes]);
    Some(hashes + 1 + body.find(&end).map_or(body.len(), |at| at + end.len()))
}

/// A character, from its quote; a lifetime is none.
fn character(text: &str) -> Option<usize> {
    let mut characters = text.char_indices().skip(1);
    let (_, first) = characters.next()?;
    if first == '\\' {
        characters.next(); // what is escaped, so that '\'' does not end here
        return characters.find(|(_, character)| *character == '\'').map(|(at, _)| at + 1);
    }
    characters.next().filter(|(_, character)| *character == '\'').map(|(at, _)| at + 1)
}
