//! HTML and XML as far as reports and settings need it: tags with their attributes, and the text between them.
//!
//! Nothing is ever a fault: what does not end is taken as text or left out. Comments, scripts and styles are passed
//! over, and so is what stands in attributes unless it is asked for, since `gpresult` keeps help texts there.

/// A piece of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// `<name …>`, also where it closes itself.
    Open {
        /// In the document's own case.
        name: &'a str,
        /// What stands between the name and the end.
        attributes: &'a str,
    },
    /// `</name>`.
    Close {
        /// In the document's own case.
        name: &'a str,
    },
    /// Characters, with their references as written.
    Text(&'a str),
}

/// The pieces of a document, one after the other.
pub(super) struct Pieces<'a> {
    rest: &'a str,
}

/// The pieces of this document.
pub(super) fn pieces(document: &str) -> Pieces<'_> {
    Pieces { rest: document }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let Some(tag) = self.rest.strip_prefix('<') else {
                let end = self.rest.find('<').unwrap_or(self.rest.len());
                return Some(Piece::Text(self.take(end)));
            };
            if let Some(comment) = tag.strip_prefix("!--") {
                self.rest = comment.split_once("-->").map_or("", |(_, after)| after);
                continue;
            }
            let Some(end) = end_of_tag(tag) else {
                return Some(Piece::Text(self.take(self.rest.len())));
            };
            let inside = tag.get(..end).unwrap_or_default();
            self.rest = tag.get(end + 1..).unwrap_or_default();
            if inside.starts_with(['!', '?']) {
                continue;
            }
            if let Some(name) = inside.strip_prefix('/') {
                return Some(Piece::Close { name: name.trim() });
            }
            let (name, attributes) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
            let name = name.trim_end_matches('/');
            if ["script", "style"].iter().any(|raw| name.eq_ignore_ascii_case(raw)) && !inside.ends_with('/') {
                self.skip_raw(name);
            }
            return Some(Piece::Open { name, attributes });
        }
    }
}

impl<'a> Pieces<'a> {
    fn take(&mut self, end: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Goes on to the closing tag of an element whose text is not text.
    fn skip_raw(&mut self, name: &str) {
        let mut rest = self.rest;
        while let Some((_, after)) = rest.split_once("</") {
            if after.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
                self.rest = after.split_once('>').map_or("", |(_, after)| after);
                return;
            }
            rest = after;
        }
        self.rest = "";
    }
}

/// Where a tag's `>` stands, one within quotes not counting.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (place, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(place),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// The value of an attribute, as written.
pub(super) fn attribute<'a>(attributes: &'a str, wanted: &str) -> Option<&'a str> {
    let mut rest = attributes;
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let quote = after.chars().next().filter(|quote| ['"', '\''].contains(quote))?;
        let (value, following) = after.get(1..)?.split_once(quote)?;
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = following;
    }
    None
}

/// Text with the character references that reports have in names.
pub(super) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let (character, following) = reference(after).unwrap_or(('&', after));
        plain.push(character);
        rest = following;
    }
    plain.push_str(rest);
    plain
}

/// The character that a reference stands for, and what follows it.
fn reference(after: &str) -> Option<(char, &str)> {
    // Looked for no further than names are long: a text may be nothing but ampersands.
    const LONGEST: usize = 10;
    let end = after.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let (name, following) = after.split_at_checked(end)?;
    Some((character(name)?, following.get(1..)?))
}

fn character(name: &str) -> Option<char> {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => match name.strip_prefix('#')? {
            hex if hex.starts_with(['x', 'X']) => number(hex.get(1..)?, 16),
            decimal => number(decimal, 10),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tags_texts_and_attributes_come_one_by_one() {
        let document = r#"<!DOCTYPE html><p class="a > b" id='c'>one<br/>two</P><!-- <td>no</td> -->"#;
        let all: Vec<_> = pieces(document).collect();
        assert_eq!(
            all,
            [
                Piece::Open { name: "p", attributes: r#"class="a > b" id='c'"# },
                Piece::Text("one"),
                Piece::Open { name: "br", attributes: "" },
                Piece::Text("two"),
                Piece::Close { name: "P" },
            ]
        );
        assert_eq!(attribute(r#"class="a > b" ID='c'"#, "id"), Some("c"));
        assert_eq!(attribute("class=bare id='c'", "id"), None);
    }

    #[test]
    fn scripts_and_styles_are_no_text() {
        let texts = |document| {
            let of_text = |piece| if let Piece::Text(text) = piece { Some(text) } else { None };
            pieces(document).filter_map(of_text).collect::<Vec<_>>()
        };
        assert_eq!(texts("a<script>if (1 < 2) '</td>'</SCRIPT>b"), ["a", "b"]);
        assert_eq!(texts("a<style>td > p {}"), ["a"]);
        assert_eq!(texts("a<unclosed"), ["a", "<unclosed"]);
    }

    #[test]
    fn references_stand_for_their_characters() {
        assert_eq!(unescape("R&amp;D &lt;1&gt; &#228;&#xE4; &unknown; &"), "R&D <1> ää &unknown; &");
    }

    proptest! {
        #[test]
        fn never_panics(document in "[<>/!\\-\"'=&;#a-dä ]{0,200}") {
            for piece in pieces(&document) {
                if let Piece::Open { attributes, .. } = piece {
                    let _ = attribute(attributes, "a");
                }
            }
            let _ = unescape(&document);
        }
    }
}
