//! A short word for the settings of tests.

use super::{Fact, Setting, Source};

/// A setting that `--test` tells.
#[expect(clippy::unnecessary_wraps, reason = "it goes into fields that may be absent")]
pub(super) fn told<T>(value: Option<T>) -> Setting<T> {
    Some(Fact { value, source: Source::Option("--test".to_owned()) })
}
