//! SSL 2.0: one hello with all its ciphers, and the server's own list of them in the answer.

use super::reading::{Verdict, verdict};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{Observations, SuiteSupport, Support, version_key};
use crate::question::{Hello, Question};
use crate::registry::ProtocolVersion;

pub(super) struct Ssl2;

impl Probe for Ssl2 {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        if answers.is_empty() { vec![Question::new("ssl2", Hello::Ssl2)] } else { Vec::new() }
    }

    fn may_go_on(&self) -> bool {
        false
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        const VERSION: ProtocolVersion = ProtocolVersion::SSL2;
        let key = version_key(VERSION);
        let Some(exchange) = answers.first().copied().flatten() else {
            if note_missing(&key, unasked, seen) {
                seen.versions.insert(VERSION, Support::Inconclusive);
            }
            return;
        };
        let support = match (&exchange.ssl2, verdict(exchange, seen, |_| false)) {
            // A server that shares no cipher lists none.
            (Some(server), _) if server.cipher_specs.is_empty() => Support::Refused,
            (Some(server), _) => {
                let cipher_specs = server.cipher_specs.clone();
                seen.cipher_suites.insert(VERSION, SuiteSupport { cipher_specs, ..SuiteSupport::default() });
                Support::Accepted
            }
            (None, Verdict::Accepted | Verdict::Refused) => Support::Refused,
            (None, Verdict::Inconclusive(why)) => {
                seen.could_not_tell(&key, &why, &[exchange.id]);
                Support::Inconclusive
            }
        };
        if support != Support::Inconclusive {
            seen.rests_on(&key, &[exchange.id]);
        }
        seen.versions.insert(VERSION, support);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::testing::{alert, ended};
    use crate::outcome::{Answer, NamedCipherSpec, Ssl2Server, Stage};

    fn read(exchange: &crate::outcome::Exchange) -> Observations {
        let mut seen = Observations::default();
        Ssl2.read(&[Some(exchange)], &Unasked::Pointless, &mut seen);
        seen
    }

    #[test]
    fn the_servers_list_is_what_it_accepts_and_an_empty_one_is_a_refusal() {
        let mut exchange = ended(2, Stage::Hello, Answer::ServerHello { received_bytes: 9, not_finished: None });
        let spec = NamedCipherSpec { code: "0x0700C0".into(), name: "SSL_CK_DES_192_EDE3_CBC_WITH_MD5".into() };
        let version = ProtocolVersion::SSL2;
        exchange.ssl2 = Some(Ssl2Server { version, cipher_specs: vec![spec.clone()], connection_id_length: 16 });
        let seen = read(&exchange);
        assert_eq!(seen.versions[&version], Support::Accepted);
        assert_eq!(seen.cipher_suites[&version].cipher_specs, [spec]);

        exchange.ssl2.as_mut().unwrap().cipher_specs.clear();
        assert_eq!(read(&exchange).versions[&version], Support::Refused);
    }

    #[test]
    fn an_alert_refuses_and_silence_does_not() {
        assert_eq!(read(&alert(2, 70)).versions[&ProtocolVersion::SSL2], Support::Refused);
        let silence = Answer::Timeout { waiting_for: "x".into(), received_bytes: 0, after_ms: 1.0, tcp: None };
        assert_eq!(read(&ended(2, Stage::Hello, silence)).versions[&ProtocolVersion::SSL2], Support::Inconclusive);
    }
}
