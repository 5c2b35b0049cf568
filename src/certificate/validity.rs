//! Whether a certificate is valid at a given time. The clock is the caller's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::details::Details;

/// Where a time lies to a certificate's validity period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Validity {
    /// Within it.
    Valid {
        /// Whole days that remain; 0 on the last one.
        days_left: i64,
    },
    /// Before it.
    NotYetValid {
        /// Its beginning.
        #[serde(with = "time::serde::rfc3339")]
        #[schemars(with = "String", extend("format" = "date-time"))]
        from: OffsetDateTime,
    },
    /// After it.
    Expired {
        /// Its last second.
        #[serde(with = "time::serde::rfc3339")]
        #[schemars(with = "String", extend("format" = "date-time"))]
        since: OffsetDateTime,
    },
}

/// Judges `certificate` at the time `at`. Both ends of the period belong to it (RFC 5280 §4.1.2.5), and a period that
/// ends before it begins is over.
pub fn validity(certificate: &Details, at: OffsetDateTime) -> Validity {
    if at > certificate.not_after {
        Validity::Expired { since: certificate.not_after }
    } else if at < certificate.not_before {
        Validity::NotYetValid { from: certificate.not_before }
    } else {
        Validity::Valid { days_left: (certificate.not_after - at).whole_days() }
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::super::testdata::details;
    use super::*;

    #[test]
    fn both_ends_of_the_period_belong_to_it() {
        let leaf = details("leafs/api.cdp.microsoft.com-2023.pem");
        let (from, since) = (leaf.not_before, leaf.not_after);
        for (at, found) in [
            (from - Duration::SECOND, Validity::NotYetValid { from }),
            (from, Validity::Valid { days_left: 366 }),
            (since - Duration::DAY, Validity::Valid { days_left: 1 }),
            (since - Duration::SECOND, Validity::Valid { days_left: 0 }),
            (since, Validity::Valid { days_left: 0 }),
            (since + Duration::SECOND, Validity::Expired { since }),
        ] {
            assert_eq!(validity(&leaf, at), found, "{at}");
        }
    }

    #[test]
    fn a_certificate_without_expiration_lasts_to_the_year_9999() {
        let leaf = details("odd/no-expiration.pem");
        let at = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        assert_eq!(validity(&leaf, at), Validity::Valid { days_left: 2_912_063 });
    }

    #[test]
    fn a_period_that_ends_before_it_begins_is_over() {
        let mut leaf = details("odd/no-expiration.pem");
        (leaf.not_before, leaf.not_after) = (leaf.not_after, leaf.not_before);
        let since = leaf.not_after;
        assert_eq!(validity(&leaf, OffsetDateTime::UNIX_EPOCH), Validity::Expired { since });
    }

    #[test]
    fn a_judgement_reads_back_from_its_json() {
        let expired = Validity::Expired { since: OffsetDateTime::UNIX_EPOCH };
        let json = serde_json::to_value(expired).unwrap();
        assert_eq!(json, serde_json::json!({"state": "expired", "since": "1970-01-01T00:00:00Z"}));
        assert_eq!(serde_json::from_value::<Validity>(json).unwrap(), expired);
    }
}
