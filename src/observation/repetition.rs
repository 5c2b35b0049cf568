//! The same question many times: how it ended how often, and how long it took.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What came of asking the same again and again (`probe --repeat`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Repetition {
    /// How often it was asked to the end.
    pub of: usize,
    /// Each way in which it ended, the most frequent first.
    pub outcomes: Vec<Share>,
    /// From SYN to the open connection, where there was one; milliseconds.
    pub connect_ms: Option<Spread>,
    /// From the hello to the first byte back, where one came; milliseconds.
    pub first_byte_ms: Option<Spread>,
    /// The whole exchange; milliseconds.
    pub total_ms: Option<Spread>,
}

/// How often something was the case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// How far it had come.
    pub stage: String,
    /// The kind of outcome.
    pub kind: String,
    /// The number of the alert, or the proxy's status, where it was one.
    pub code: Option<u16>,
    /// How often.
    pub count: usize,
    /// Between which shares of all such questions the true one lies, at 95 % (Wilson's score interval): from 0 to 1.
    pub interval_95: (f64, f64),
    /// The first exchange that ended so.
    pub example: usize,
}

/// How times are spread: each is one that was measured (nearest rank).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spread {
    /// The shortest.
    pub min: f64,
    /// Half took no longer.
    pub p50: f64,
    /// 95 of 100 took no longer.
    pub p95: f64,
    /// 99 of 100 took no longer.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

impl Spread {
    /// The spread of these times; none where there are none.
    pub fn of(times: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut times: Vec<f64> = times.into_iter().collect();
        times.sort_by(f64::total_cmp);
        // The nearest rank: the smallest time that at least so many of a hundred do not exceed.
        let rank = |percent: usize| times.get((times.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        Some(Self { min: rank(0)?, p50: rank(50)?, p95: rank(95)?, p99: rank(99)?, max: rank(100)? })
    }
}

/// Wilson's score interval at 95 % for `count` of `of`: unlike the textbook's, it is right for few trials and for shares
/// near 0 and 1 (Wilson 1927).
pub fn interval_95(count: usize, of: usize) -> (f64, f64) {
    /// The normal distribution's quantile at 97.5 %.
    const Z: f64 = 1.959_963_984_540_054;
    if of == 0 {
        return (0.0, 1.0);
    }
    #[expect(clippy::cast_precision_loss, reason = "a run repeats a question some thousand times")]
    let (count, of) = (count as f64, of as f64);
    let share = count / of;
    let weight = Z * Z / of;
    let middle = (share + weight / 2.0) / (1.0 + weight);
    let reach = Z * (share * (1.0 - share) / of + weight / (4.0 * of)).sqrt() / (1.0 + weight);
    let to_a_thousandth = |value: f64| (value.clamp(0.0, 1.0) * 1000.0).round() / 1000.0;
    (to_a_thousandth(middle - reach), to_a_thousandth(middle + reach))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_the_published_tables() {
        // Newcombe (1998), table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
        for (count, of, low, high) in
            [(81, 263, 0.255, 0.366), (15, 148, 0.062, 0.160), (0, 20, 0.0, 0.161), (1, 29, 0.006, 0.172)]
        {
            let (from, to) = interval_95(count, of);
            assert!((from - low).abs() < 0.0006 && (to - high).abs() < 0.0006, "{count} of {of}: {from} {to}");
        }
        assert_eq!(interval_95(0, 0), (0.0, 1.0));
    }

    #[test]
    fn a_spread_names_times_that_were_measured() {
        let spread = Spread::of((1..=200).rev().map(f64::from)).unwrap();
        assert_eq!(spread, Spread { min: 1.0, p50: 100.0, p95: 190.0, p99: 198.0, max: 200.0 });
        assert_eq!(Spread::of([7.0]).unwrap(), Spread { min: 7.0, p50: 7.0, p95: 7.0, p99: 7.0, max: 7.0 });
        assert_eq!(Spread::of([]), None);
    }
}
