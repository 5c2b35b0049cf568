//! What asking will take, as far as it can be said before: a server that has little costs little.

use std::time::Duration;

use super::{Ask, Part};

/// What asking some parts of one endpoint is likely to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Connections, at least: of a server that has one version and few suites.
    pub least: usize,
    /// Connections, at most: of a server that has all that common libraries have.
    pub most: usize,
}

/// Round trips of one connection: TCP's, and that of the hellos.
const ROUND_TRIPS: usize = 2;

/// The two baselines.
const BASELINES: usize = 2;

impl Estimate {
    /// For one part.
    pub fn of_part(part: &Part) -> Self {
        (part.asks)().iter().map(Self::of_ask).fold(Self { least: 0, most: 0 }, Self::and)
    }

    /// For these questions, with the baselines.
    pub fn of(asks: &[Ask]) -> Self {
        let baselines = Self { least: BASELINES, most: BASELINES };
        asks.iter().map(Self::of_ask).fold(baselines, Self::and)
    }

    fn of_ask(ask: &Ask) -> Self {
        let (least, most) = match ask {
            // With a single suite there is no order to ask for.
            Ask::Suites(wanted) if wanted.order => (6, 220),
            Ask::Suites(wanted) if wanted.suites => (6, 140),
            Ask::Suites(_) => (5, 24),
            Ask::Versions(versions) => (versions.len(), versions.len()),
            Ask::CipherSuites { suites, .. } => (suites.len(), suites.len()),
            // Each version and key exchange, with and without it; then what its matrix and a second look take.
            Ask::ExtendedMasterSecret => (18, 84),
            // Four ways, and ten attempts for each that gives a session.
            Ask::Resumption => (4, 44),
            Ask::Repeated(_, times) => (*times, *times),
            Ask::Hello(_) | Ask::Leg { .. } | Ask::Ssl2 | Ask::Reflection(_) | Ask::Renegotiation => (1, 1),
            Ask::ClientCertificate => (2, 4),
            Ask::LeadingZero => (2, 12),
            // Five listings, each with a data connection.
            Ask::FtpData => (1, 10),
            Ask::Groups => (4, 40),
            Ask::SignatureSchemes => (2, 24),
            Ask::ApplicationProtocols => (3, 14),
            Ask::Certificates => (8, 9),
            Ask::Features => (7, 9),
            Ask::Tolerance => (17, 17),
            Ask::Fingerprints => (10, 10),
            // Those whose hello is refused are asked again.
            Ask::Http(requests, _) => (requests.len(), 2 * requests.len()),
            Ask::HelloSizes(_) => (3, 150),
            // Only where the baseline's hello was refused.
            Ask::Refusal(_) => (0, 3),
        };
        Self { least, most }
    }

    fn and(self, other: Self) -> Self {
        Self { least: self.least + other.least, most: self.most + other.most }
    }

    /// Round trips one after the other, with so many connections at the same time.
    pub fn round_trips(connections: usize, at_once: usize) -> usize {
        let between = connections.saturating_sub(BASELINES).div_ceil(at_once.max(1));
        (between + BASELINES.min(connections)) * ROUND_TRIPS
    }

    /// How long that takes where a round trip takes so long, and connections start this far apart.
    pub fn time(connections: usize, at_once: usize, round_trip: Duration, pace: Duration) -> Duration {
        let trips = u32::try_from(Self::round_trips(connections, at_once)).unwrap_or(u32::MAX);
        let starts = u32::try_from(connections).unwrap_or(u32::MAX);
        round_trip.saturating_mul(trips).max(pace.saturating_mul(starts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{PARTS, SuiteQuestions};

    #[test]
    fn every_part_costs_something_and_never_less_than_it_at_least_costs() {
        for part in PARTS {
            let Estimate { least, most } = Estimate::of_part(part);
            assert!(least > 0 && most >= least, "{}", part.name);
        }
    }

    #[test]
    fn connections_at_the_same_time_share_their_round_trips() {
        assert_eq!(Estimate::round_trips(122, 8), 2 * 17);
        let pace = Duration::from_secs(1);
        assert_eq!(Estimate::time(122, 8, Duration::from_millis(50), Duration::ZERO).as_millis(), 1700);
        assert_eq!(Estimate::time(122, 8, Duration::from_millis(50), pace).as_secs(), 122);
        let suites = Ask::Suites(SuiteQuestions { suites: true, order: false });
        assert!(Estimate::of(&[suites, Ask::Ssl2]).most < 150);
    }
}
