//! Comma-separated lists.

use std::fmt::Display;

/// The items of an option's list, in order. (A bare `Vec` would be an option that may be repeated.)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::cli) struct List<T>(pub(in crate::cli) Vec<T>);

/// A parser of lists from one of items, as clap wants it.
pub(super) fn list<T, E: Display>(
    item: impl Fn(&str) -> Result<T, E> + Clone,
) -> impl Fn(&str) -> Result<List<T>, String> + Clone {
    move |text| {
        let parse = |word: &str| match word.trim() {
            "" => Err("an item of the list is empty".to_owned()),
            word => item(word).map_err(|error| error.to_string()),
        };
        split(text).into_iter().map(parse).collect::<Result<_, _>>().map(List)
    }
}

/// Splits at the commas outside braces: RFCs print a suite as `{0xC0,0x30}`.
fn split(text: &str) -> Vec<&str> {
    let mut inside = false;
    text.split(|letter| {
        match letter {
            '{' => inside = true,
            '}' => inside = false,
            _ => {}
        }
        letter == ',' && !inside
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Result<Vec<u8>, String> {
        list(str::parse::<u8>)(text).map(|List(numbers)| numbers)
    }

    #[test]
    fn a_list_keeps_its_order_and_may_have_space_around_commas() {
        assert_eq!(numbers("3, 1,2"), Ok(vec![3, 1, 2]));
    }

    #[test]
    fn a_comma_inside_braces_parts_nothing() {
        assert_eq!(split("{0xC0,0x30},A,{0xC0, 0x2F}"), ["{0xC0,0x30}", "A", "{0xC0, 0x2F}"]);
        assert_eq!(split("{0xC0,0x30"), ["{0xC0,0x30"]);
    }

    #[test]
    fn an_empty_or_unreadable_item_is_refused() {
        for text in ["", "1,", ",1", "1,,2"] {
            assert_eq!(numbers(text), Err("an item of the list is empty".to_owned()), "{text:?}");
        }
        assert!(numbers("1,x").unwrap_err().contains("invalid digit"));
    }
}
