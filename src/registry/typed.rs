//! What a person types for a code point: a number, or one of its names in any case. What is neither is answered with
//! the names that come nearest.

use super::words::words;

words! {
    /// The registry a name was looked for in, as an error speaks of it.
    NameKind {
        CipherSuite = "cipher suite",
        NamedGroup = "group",
        SignatureScheme = "signature scheme",
        ExtensionType = "extension",
        ProtocolVersion = "protocol version",
        AlertDescription = "alert",
        WindowsCode = "Windows code",
    }
}

impl NameKind {
    /// What would have been understood.
    fn accepted(self) -> &'static str {
        match self {
            Self::CipherSuite => "its IANA, OpenSSL or Windows name, or its number as in 0xC030",
            Self::NamedGroup => "its IANA, OpenSSL or NIST name, or its number as in 0x001D or 29",
            Self::SignatureScheme => "its IANA or OpenSSL name, or its number as in 0x0403",
            Self::ExtensionType => "its IANA name, or its number as in 0x000A or 10",
            Self::ProtocolVersion => "it as in 1.2, TLS1.2, TLSv1.2 or SSL3, or its number as in 0x0303",
            Self::AlertDescription => "its name in RFC 8446, or its number as in 40",
            Self::WindowsCode => {
                "its name as in SEC_E_ILLEGAL_MESSAGE, its HRESULT as in 0x80072F8F or -2147012721, or its Win32 \
                 number as in 12175"
            }
        }
    }
}

/// A name that stands for nothing, with what may have been meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind} {typed:?}: {}", advice(*.kind, .suggestions))]
pub struct UnknownName {
    /// What it should have named.
    pub kind: NameKind,
    /// As it was typed.
    pub typed: String,
    /// Up to three names that come near it, nearest first.
    pub suggestions: Vec<&'static str>,
}

fn advice(kind: NameKind, suggestions: &[&str]) -> String {
    did_you_mean(suggestions).unwrap_or_else(|| format!("give {}", kind.accepted()))
}

/// The end of an error that has names to suggest.
pub(crate) fn did_you_mean<S: AsRef<str>>(suggestions: &[S]) -> Option<String> {
    let names: Vec<_> = suggestions.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        [] => None,
        [only] => Some(format!("did you mean {only}?")),
        [first @ .., last] => Some(format!("did you mean {} or {last}?", first.join(", "))),
    }
}

/// The code point that `typed` stands for: as `number` reads it, or else the one of the spellings that it equals.
pub(super) fn resolve<T: Copy + PartialEq>(
    kind: NameKind,
    typed: &str,
    number: impl FnOnce(&str) -> Option<T>,
    spellings: impl Iterator<Item = (&'static str, T)>,
) -> Result<T, UnknownName> {
    let word = typed.trim();
    if let Some(value) = number(word) {
        return Ok(value);
    }
    let spellings: Vec<_> = spellings.collect();
    match spellings.iter().find(|(spelling, _)| spelling.eq_ignore_ascii_case(word)) {
        Some(&(_, value)) => Ok(value),
        None => Err(UnknownName { kind, typed: typed.to_owned(), suggestions: nearest(word, &spellings) }),
    }
}

/// The spellings nearest to `word`, at most one for each code point: those that begin with it, then by distance.
///
/// Near is what `word` is a part of, or where a third of its letters or fewer have to change.
pub(crate) fn nearest<'a, T: PartialEq>(word: &str, spellings: &[(&'a str, T)]) -> Vec<&'a str> {
    const AT_MOST: usize = 3;
    const SHORTEST_PART: usize = 3;
    let word = word.to_ascii_uppercase();
    let mut near: Vec<_> = spellings
        .iter()
        .filter_map(|(spelling, value)| {
            let upper = spelling.to_ascii_uppercase();
            let distance = strsim::damerau_levenshtein(&word, &upper);
            let is_near = distance * 3 <= word.len() || word.len() >= SHORTEST_PART && upper.contains(&word);
            is_near.then(|| (!upper.starts_with(&word), distance, *spelling, value))
        })
        .collect();
    near.sort_by_key(|&(elsewhere, distance, ..)| (elsewhere, distance));

    let mut chosen: Vec<(&str, &T)> = Vec::new();
    for (.., spelling, value) in near {
        if chosen.len() < AT_MOST && chosen.iter().all(|&(_, other)| other != value) {
            chosen.push((spelling, value));
        }
    }
    chosen.into_iter().map(|(spelling, _)| spelling).collect()
}

/// `0xC030`, or its two bytes as RFCs and `openssl ciphers -V` print them: `0xC0,0x30`, `{0xC0,0x30}`.
pub(crate) fn hex(word: &str) -> Option<u16> {
    let word = word.strip_prefix('{').and_then(|word| word.strip_suffix('}')).unwrap_or(word);
    match word.split_once(',') {
        Some((high, low)) => {
            Some(u16::from_be_bytes([prefixed(high)?.try_into().ok()?, prefixed(low.trim_start())?.try_into().ok()?]))
        }
        None => prefixed(word),
    }
}

/// [`hex`], or exactly four hex digits without `0x`.
pub(super) fn hex_or_four_digits(word: &str) -> Option<u16> {
    hex(word).or_else(|| if word.len() == 4 { hex_digits(word)?.try_into().ok() } else { None })
}

/// [`hex`], or a decimal number.
pub(super) fn hex_or_decimal(word: &str) -> Option<u16> {
    hex(word).or_else(|| decimal(word)?.try_into().ok())
}

fn prefixed(word: &str) -> Option<u16> {
    hex32(word)?.try_into().ok()
}

/// `0x80072F8F`
pub(crate) fn hex32(word: &str) -> Option<u32> {
    hex_digits(word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"))?)
}

/// `80072F8F`
pub(super) fn hex_digits(word: &str) -> Option<u32> {
    // `from_str_radix` would also take a sign.
    let all_hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    if all_hex { u32::from_str_radix(word, 16).ok() } else { None }
}

/// `12175`
pub(crate) fn decimal(word: &str) -> Option<u32> {
    // `parse` would also take a sign.
    let all_decimal = word.bytes().all(|byte| byte.is_ascii_digit());
    if all_decimal { word.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRUIT: [(&str, u16); 5] = [("apple", 1), ("APPEL", 1), ("apricot", 2), ("plum", 3), ("apples", 4)];

    fn resolve_fruit(typed: &str) -> Result<u16, UnknownName> {
        resolve(NameKind::NamedGroup, typed, hex, FRUIT.into_iter())
    }

    #[test]
    fn names_are_taken_in_any_case_and_with_space_around() {
        assert_eq!(resolve_fruit(" PLUM\t"), Ok(3));
    }

    #[test]
    fn numbers_are_taken_whether_or_not_they_have_a_name() {
        assert_eq!(resolve_fruit("0xFFFF"), Ok(0xFFFF));
    }

    #[test]
    fn the_nearest_names_are_suggested_once_for_each_code_point_nearest_first() {
        assert_eq!(resolve_fruit("appl").unwrap_err().suggestions, ["apple", "apples"]);
        assert_eq!(resolve_fruit("aprcot").unwrap_err().suggestions, ["apricot"]);
        assert_eq!(resolve_fruit("cot").unwrap_err().suggestions, ["apricot"]);
        assert_eq!(resolve_fruit("banana").unwrap_err().suggestions, [""; 0]);
        assert_eq!(resolve_fruit("").unwrap_err().suggestions, [""; 0]);
    }

    #[test]
    fn at_most_three_names_are_suggested() {
        let many = (0..40).map(|value| ("same", value));
        let unknown = resolve(NameKind::NamedGroup, "sam", hex, many).unwrap_err();
        assert_eq!(unknown.suggestions.len(), 3);
    }

    #[test]
    fn the_error_says_what_was_typed_and_what_to_type_instead() {
        let error = |suggestions: &[&'static str]| {
            let suggestions = suggestions.to_vec();
            UnknownName { kind: NameKind::NamedGroup, typed: "X\"".to_owned(), suggestions }.to_string()
        };
        assert_eq!(error(&["a"]), r#"unknown group "X\"": did you mean a?"#);
        assert_eq!(error(&["a", "b"]), r#"unknown group "X\"": did you mean a or b?"#);
        assert_eq!(error(&["a", "b", "c"]), r#"unknown group "X\"": did you mean a, b or c?"#);
        assert_eq!(
            error(&[]),
            r#"unknown group "X\"": give its IANA, OpenSSL or NIST name, or its number as in 0x001D or 29"#
        );
    }

    #[test]
    fn hex_is_read_as_one_number_or_as_two_bytes() {
        for typed in ["0xC030", "0xc030", "0XC030", "0xc0,0x30", "{0xC0,0x30}", "{0xC0, 0x30}"] {
            assert_eq!(hex(typed), Some(0xC030), "{typed}");
        }
        assert_eq!(hex("0x5"), Some(5));
    }

    #[test]
    fn what_only_resembles_a_number_is_none() {
        for typed in ["", "0x", "0x+1", "0x12345", "C030", "{0xC0,0x30", "0xC0,0x130", "0xC0,", "0xC0,0x30,0x00"] {
            assert_eq!(hex(typed), None, "{typed}");
        }
        assert_eq!(hex_or_four_digits("C03"), None);
        assert_eq!(hex_or_four_digits("+C03"), None);
        assert_eq!(hex_or_decimal("+29"), None);
        assert_eq!(hex_or_decimal("65536"), None);
        assert_eq!(hex_or_decimal(""), None);
    }

    #[test]
    fn without_0x_a_number_is_four_hex_digits_or_decimal_as_its_registry_has_it() {
        assert_eq!(hex_or_four_digits("0029"), Some(0x0029));
        assert_eq!(hex_or_decimal("0029"), Some(29));
    }
}
