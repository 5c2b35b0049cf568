//! The shape every registry's code points share: a newtype over the wire integer.

/// Defines a code point: a newtype over its wire integer that prints, parses and serializes as its registered name.
///
/// A value that no registry knows is still a value: it prints as `0x…` in upper-case hex and comes back from it.
/// The type must have `fn name(self) -> Option<&'static str>` and `fn from_name(&str) -> Option<Self>`.
macro_rules! code_point {
    ($(#[$attribute:meta])* $type:ident($integer:ty), $width:literal) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub $integer);

        impl $type {
            /// The value as it stands beside the name in a report: `0x`, and upper-case hex of full width.
            pub fn hex(self) -> String {
                self.in_hex().to_string()
            }

            /// The same, to be written elsewhere.
            pub(crate) fn in_hex(self) -> impl std::fmt::Display {
                std::fmt::from_fn(move |f| write!(f, concat!("0x{:0", $width, "X}"), self.0))
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => f.pad(&self.hex()),
                }
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self.name() {
                    Some(name) => serializer.serialize_str(name),
                    None => serializer.collect_str(&self.in_hex()),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::from_name(&text)
                    .or_else(|| $crate::registry::hex(&text)?.try_into().ok().map(Self))
                    .ok_or_else(|| {
                        serde::de::Error::custom(format!(concat!("no ", stringify!($type), " is called {:?}"), text))
                    })
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": concat!("Registered name of the ", stringify!($type), ", or 0x… where it has none"),
                })
            }
        }
    };
}
pub(crate) use code_point;

/// Gives a code point its table: rows with a `code` and a `name`, sorted by code.
///
/// The row must have `fn spellings(&self)`, the names it answers to; `$aliases` are those that stand in no row.
macro_rules! registry {
    ($type:ident, $info:ident, $rows:expr, $aliases:expr) => {
        impl $type {
            /// Every row of the registry, sorted by code point.
            pub fn all() -> &'static [$info] {
                $rows
            }

            /// The row of this code point, where it has one.
            pub fn info(self) -> Option<&'static $info> {
                // Looked through by themselves: a code has two bytes, and a row a hundred.
                static CODES: std::sync::LazyLock<Vec<$type>> =
                    std::sync::LazyLock::new(|| $type::all().iter().map(|row| row.code).collect());
                let index = CODES.binary_search(&self).ok()?;
                Self::all().get(index)
            }

            /// The registered name.
            pub fn name(self) -> Option<&'static str> {
                self.info().map(|row| row.name)
            }

            /// The code point with exactly this registered name; [`parse`](Self::parse) reads what a person types.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::all().iter().find(|row| row.name == name).map(|row| row.code)
            }

            /// Every name a person may type, and the code point it stands for.
            fn spellings() -> impl Iterator<Item = (&'static str, Self)> {
                let rows = Self::all().iter().flat_map(|row| row.spellings().map(|spelling| (spelling, row.code)));
                rows.chain($aliases.iter().copied())
            }
        }
    };
}
pub(super) use registry;

/// Names code points in the code itself: `NamedGroup::X25519`.
macro_rules! constants {
    ($type:ident { $($name:ident = $value:literal,)+ }) => {
        impl $type {
            $(
                #[doc = concat!("The code point ", stringify!($value), ".")]
                pub const $name: Self = Self($value);
            )+

            /// Each constant's name and value, for the test that compares them with the rows.
            #[cfg(test)]
            const CONSTANTS: &'static [(&'static str, Self)] = &[$((stringify!($name), Self::$name),)+];
        }
    };
}
pub(super) use constants;

/// The cell of a table that a row may leave out.
macro_rules! optional {
    () => {
        None
    };
    ($cell:expr) => {
        Some($cell)
    };
}
pub(super) use optional;

/// The cell of a table, or nothing where it is empty.
pub(super) const fn unless_empty(cell: &'static str) -> Option<&'static str> {
    if cell.is_empty() { None } else { Some(cell) }
}

/// The cell of a table, or nothing where it is 0.
pub(super) const fn unless_zero(cell: u16) -> Option<u16> {
    if cell == 0 { None } else { Some(cell) }
}
