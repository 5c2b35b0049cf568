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

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => f.pad(&format!(concat!("0x{:0", $width, "X}"), self.0)),
                }
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::from_name(&text)
                    .or_else(|| {
                        let digits = text.strip_prefix("0x")?;
                        <$integer>::from_str_radix(digits, 16).ok().map(Self)
                    })
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
