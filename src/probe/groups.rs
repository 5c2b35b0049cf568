//! In which groups keys are agreed: ECDHE and the finite field up to TLS 1.2, and all that TLS 1.3 has.
//!
//! In TLS 1.3 no key share is sent, so the server says by HelloRetryRequest which group it wants: that needs no key of a
//! group, and asks about those that no key can be made in here.
//!
//! Up to TLS 1.2 the curve of an ECDSA certificate has to be among the groups too (RFC 8422 §5.1). Where only such
//! certificates were seen, what was refused without that curve is offered again with the curve in the last place.

use std::collections::BTreeMap;

use super::choosing::{Choosing, Told, replay, told};
use super::finished::offer_with;
use super::leading_zero::weakness;
use super::reading::{Verdict, verdict};
use super::{Answers, Probe, Unasked, note_missing};
use crate::observation::{Choices, ChoicesOfVersion, DheGroup, Groups as Seen, Observations, Support};
use crate::offer::{ExtensionOffer, Offer};
use crate::outcome::{Exchange, KeyExchange as ServersKeyExchange, Server};
use crate::question::{Hello, Question};
use crate::registry::{GroupKind, KeyExchange, NamedGroup, ProtocolVersion};
use crate::wire::extension::Extension;

pub(super) struct Groups;

const KEY: &str = "groups";

/// The eliminations that run at the same time, and the one behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    UpToTls12,
    Tls13,
    /// Groups of RFC 7919, up to TLS 1.2.
    FiniteField,
    /// Up to TLS 1.2, each set with this one in the last place.
    Beside(NamedGroup),
}

impl Kind {
    const FIRST: [Self; 3] = [Self::UpToTls12, Self::Tls13, Self::FiniteField];

    fn question(self, set: &[NamedGroup]) -> Question {
        let mut offer = match self {
            Self::UpToTls12 | Self::Beside(_) => offer_with(ProtocolVersion::TLS1_2, KeyExchange::Ecdhe),
            Self::FiniteField => offer_with(ProtocolVersion::TLS1_2, KeyExchange::Dhe),
            Self::Tls13 => Offer::for_version(ProtocolVersion::TLS1_3),
        };
        let mut groups = set.to_vec();
        if let Self::Beside(curve) = self {
            groups.push(curve);
        }
        offer.put_extension(ExtensionOffer::Exactly(Extension::SupportedGroups(groups)));
        if self == Self::Tls13 {
            offer.put_extension(ExtensionOffer::KeyShare(Vec::new()));
        }
        let purpose = match self {
            Self::UpToTls12 | Self::Beside(_) => format!("groups up to tls1.2: {}", set.len()),
            Self::FiniteField => format!("finite field groups: {}", set.len()),
            Self::Tls13 => format!("groups of tls1.3: {}", set.len()),
        };
        Question::new(purpose, Hello::Built(offer))
    }

    /// What an answer tells about the groups that were offered.
    fn told(self, set: &[NamedGroup], exchange: &Exchange) -> Told<NamedGroup> {
        let chosen = |server: &Server| {
            let is_tls13 = server.version == ProtocolVersion::TLS1_3;
            let key_exchange = server.key_exchange.as_ref();
            match self {
                // The other versions were not asked about here.
                Self::Tls13 if !is_tls13 => Some(None),
                Self::FiniteField => key_exchange.map(finite_field_group),
                _ => key_exchange.and_then(|it| it.group).map(Some),
            }
        };
        match (self, told(exchange, set, chosen)) {
            (Self::Beside(curve), Told::NotOffered(used)) if used == curve => Told::Refused,
            (_, told) => told,
        }
    }
}

/// The group of RFC 7919 whose prime it is, if it is one.
fn finite_field_group(key_exchange: &ServersKeyExchange) -> Option<NamedGroup> {
    let name = key_exchange.prime.as_ref()?.name.as_deref()?;
    NamedGroup::from_name(name).filter(|group| is_finite_field(*group))
}

fn is_finite_field(group: NamedGroup) -> bool {
    group.info().is_some_and(|row| row.kind == GroupKind::FiniteField)
}

/// Every group that can be negotiated so, GREASE being none.
fn candidates(kind: Kind) -> Vec<NamedGroup> {
    let tls13 = ProtocolVersion::TLS1_3;
    let rows = NamedGroup::all().iter().filter(|row| !row.code.is_grease());
    rows.filter(|row| match kind {
        Kind::Tls13 => row.versions.last >= tls13,
        Kind::FiniteField => row.kind == GroupKind::FiniteField,
        Kind::UpToTls12 | Kind::Beside(_) => row.versions.first < tls13 && row.kind != GroupKind::FiniteField,
    })
    .map(|row| row.code)
    .collect()
}

/// Diffie-Hellman over whatever finite field the server takes: no group of RFC 7919 is offered.
fn finite_field_of_its_own() -> Question {
    let offer = offer_with(ProtocolVersion::TLS1_2, KeyExchange::Dhe);
    Question::new("finite field", Hello::Built(offer))
}

/// How far the questions have come.
struct Course<'a> {
    dhe: Option<&'a Exchange>,
    first: Vec<Choosing<NamedGroup>>,
    beside: Option<(NamedGroup, Choosing<NamedGroup>)>,
}

impl<'a> Course<'a> {
    fn of(answers: &Answers<'a>) -> Self {
        let (dhe, rest) = answers.split_first().map_or((None, [].as_slice()), |(first, rest)| (*first, rest));
        let begin = |kind: Kind| match kind {
            Kind::FiniteField => Choosing::one_by_one(candidates(kind)),
            _ => Choosing::new(candidates(kind)),
        };
        let mut rest = rest.iter();
        let read = |place: usize, set: &[NamedGroup], exchange: &Exchange| match Kind::FIRST.get(place) {
            Some(kind) => kind.told(set, exchange),
            None => Told::Refused,
        };
        let first = replay(Kind::FIRST.map(begin).to_vec(), &mut rest, read);
        let is_over = first.iter().all(|it| it.open().is_empty());
        let curve = first.first().filter(|_| is_over).and_then(|it| needed_beside(it, answers));
        let beside = curve.zip(first.first()).map(|(curve, up_to_tls12)| {
            let refused = up_to_tls12.refused.iter().flat_map(|(set, _)| set).copied().collect();
            let kind = Kind::Beside(curve);
            let mut done = replay(vec![Choosing::new(refused)], &mut rest, |_, set, it| kind.told(set, it));
            (curve, done.remove(0))
        });
        Self { dhe, first, beside }
    }

    /// Every elimination with what it asks.
    fn all(&self) -> impl Iterator<Item = (Kind, &Choosing<NamedGroup>)> {
        let beside = self.beside.iter().map(|(curve, it)| (Kind::Beside(*curve), it));
        Kind::FIRST.into_iter().zip(&self.first).chain(beside)
    }
}

/// The curve that has to be offered beside the others: that of the server's certificate, where it was the only kind to be
/// seen.
fn needed_beside(up_to_tls12: &Choosing<NamedGroup>, answers: &Answers<'_>) -> Option<NamedGroup> {
    let shown = |id: usize| answers.iter().copied().flatten().find(|exchange| exchange.id == id);
    let curve = |exchange: &Exchange| {
        let key = &exchange.certificates.first()?.details()?.public_key;
        NamedGroup::from_name(key.curve.as_deref()?)
    };
    let curves: Option<Vec<NamedGroup>> =
        up_to_tls12.accepted.iter().map(|(_, id)| shown(*id).and_then(curve)).collect();
    let curve = *curves?.first()?;
    let is_accepted = up_to_tls12.accepted.iter().any(|(group, _)| *group == curve);
    (is_accepted && !up_to_tls12.refused.is_empty()).then_some(curve)
}

impl Probe for Groups {
    fn ask(&self, answers: &Answers<'_>) -> Vec<Question> {
        let course = Course::of(answers);
        let sets = course.all().flat_map(|(kind, it)| it.open().iter().map(move |set| kind.question(set)));
        let dhe = answers.is_empty().then(finite_field_of_its_own);
        dhe.into_iter().chain(sets).collect()
    }

    fn read(&self, answers: &Answers<'_>, unasked: &Unasked, seen: &mut Observations) {
        if answers.iter().all(Option::is_none) {
            note_missing(KEY, unasked, seen);
            return;
        }
        let Course { dhe, mut first, beside } = Course::of(answers);
        let (finite_field, tls13) = (first.pop(), first.pop());
        let mut by_version = BTreeMap::new();
        let mut keep = |read: ChoicesOfVersion, version| by_version.insert(version, read);
        if let Some(mut up_to_tls12) = first.pop() {
            let mut proofs = up_to_tls12.accepted.iter().map(|(_, id)| *id);
            let version = proofs.find_map(|id| spoken(answers, id)).unwrap_or(ProtocolVersion::TLS1_2);
            if let Some((_, beside)) = &beside {
                // What was refused without the curve is what is asked beside it.
                up_to_tls12.refused.clear();
                up_to_tls12.continued_by(beside);
            }
            keep(up_to_tls12.read(&format!("{KEY}.{version}"), answers, unasked, seen), version);
        }
        if let Some(tls13) = tls13 {
            let version = ProtocolVersion::TLS1_3;
            keep(tls13.read(&format!("{KEY}.{version}"), answers, unasked, seen), version);
        }
        let dhe = finite_field.and_then(|negotiated| read_dhe(dhe, negotiated, answers, unasked, seen));
        let beside = beside.map(|(curve, _)| curve.to_string());
        seen.groups = Some(Seen { choices: Choices::of(by_version), beside, dhe });
    }
}

/// The version that was spoken in an exchange.
fn spoken(answers: &Answers<'_>, id: usize) -> Option<ProtocolVersion> {
    let exchange = answers.iter().copied().flatten().find(|exchange| exchange.id == id)?;
    exchange.server.as_ref().map(|server| server.version)
}

/// The finite field, where there is one.
fn read_dhe(
    own: Option<&Exchange>,
    groups: Choosing<NamedGroup>,
    answers: &Answers<'_>,
    unasked: &Unasked,
    seen: &mut Observations,
) -> Option<DheGroup> {
    let key = format!("{KEY}.dhe");
    let dhe_of = |exchange: &Exchange| -> Option<ServersKeyExchange> {
        exchange.server.as_ref()?.key_exchange.clone().filter(|it| it.kind == "dhe" && it.bits.is_some())
    };
    let Some(own) = own else {
        note_missing(&key, unasked, seen);
        return None;
    };
    if let Verdict::Inconclusive(why) = verdict(own, seen, |_| true) {
        seen.could_not_tell(&key, &why, &[own.id]);
        return None;
    }
    let shown: Vec<&Exchange> =
        answers.iter().copied().flatten().filter(|it| groups.exchanges().contains(&it.id)).collect();
    // A server that keeps to RFC 7919 has perhaps no group but those.
    let used = dhe_of(own).or_else(|| shown.iter().find_map(|exchange| dhe_of(exchange)))?;
    let overrides = groups.refused.iter().any(|(_, id)| shown.iter().any(|it| it.id == *id && dhe_of(it).is_some()));
    let open = !groups.untold().is_empty();
    let read = groups.read(&key, answers, unasked, seen);
    let ids: Vec<usize> = [own.id].into_iter().chain(seen.because(&key)).collect();
    seen.rests_on(&key, &ids);
    Some(DheGroup {
        bits: used.bits,
        weak: weakness(&used),
        prime: used.prime,
        negotiated: match () {
            () if overrides => Support::Refused,
            () if open => Support::Inconclusive,
            () if read.accepted.is_empty() => Support::Refused,
            () => Support::Accepted,
        },
        ffdhe: read.accepted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Prime;
    use crate::outcome::testing::alert;
    use crate::probe::testing::{agreed, cut_off, ecdhe, groups, is_tls13, opening, p521_certificate, run, silence};
    use crate::registry::CipherSuite;

    const X25519: NamedGroup = NamedGroup::X25519;
    const P256: NamedGroup = NamedGroup::SECP256R1;
    const HYBRID: NamedGroup = NamedGroup::X25519MLKEM768;

    fn dhe(id: usize, name: &str) -> Exchange {
        let prime = Some(Prime { name: Some(name.into()), is_prime: Some(true) });
        let key_exchange =
            ServersKeyExchange { kind: "dhe".into(), group: None, bits: Some(1024), prime, signature_scheme: None };
        agreed(id, ProtocolVersion::TLS1_2, key_exchange)
    }

    fn is_dhe(offer: &Offer) -> bool {
        offer
            .cipher_suites
            .iter()
            .all(|suite: &CipherSuite| suite.info().is_some_and(|row| row.key_exchange == KeyExchange::Dhe))
    }

    /// A server that takes these groups, the first of the client's, and this prime.
    fn server<'a>(
        tls12: &'a [NamedGroup],
        tls13: &'a [NamedGroup],
        prime: Option<&'a str>,
    ) -> impl Fn(&Question, &Offer, usize) -> Exchange + 'a {
        move |_, offer, id| {
            let taken = if is_tls13(offer) { tls13 } else { tls12 };
            let version = if is_tls13(offer) { ProtocolVersion::TLS1_3 } else { ProtocolVersion::TLS1_2 };
            if is_dhe(offer) {
                return prime.map_or_else(|| alert(id, 40), |name| dhe(id, name));
            }
            let chosen = groups(offer).into_iter().find(|group| taken.contains(group));
            chosen.map_or_else(|| alert(id, 40), |group| agreed(id, version, ecdhe(group, None)))
        }
    }

    #[test]
    fn groups_of_each_version_are_found_exactly() {
        let (seen, connections) =
            run(&mut Groups, &opening(X25519), server(&[P256, X25519], &[HYBRID, X25519, NamedGroup::FFDHE2048], None));
        let groups = seen.groups.unwrap();
        let mut accepted = groups.choices.accepted.clone();
        accepted.sort();
        assert_eq!(accepted, ["X25519MLKEM768", "ffdhe2048", "secp256r1", "x25519"]);
        assert_eq!(groups.choices.by_version[&ProtocolVersion::TLS1_2].accepted.len(), 2);
        assert_eq!(groups.choices.by_version[&ProtocolVersion::TLS1_3].accepted.len(), 3);
        assert_eq!((groups.dhe, groups.choices.inconclusive), (None, vec![]));
        assert!(seen.inconclusive.is_empty());
        assert!(connections <= 20, "{connections}");
    }

    #[test]
    fn no_key_share_is_sent_in_tls_1_3() {
        for question in Groups.ask(&[]) {
            let Hello::Built(offer) = question.hello else { panic!() };
            assert!(offer.key_share_groups().is_empty());
            assert_eq!(offer.extension(crate::registry::ExtensionType::KEY_SHARE).is_some(), is_tls13(&offer));
        }
    }

    #[test]
    fn a_prime_of_the_servers_own_is_not_negotiated_and_weak_by_its_size() {
        let (seen, _) = run(&mut Groups, &opening(X25519), server(&[], &[], Some("Oakley group 2")));
        let dhe = seen.groups.unwrap().dhe.unwrap();
        assert_eq!((dhe.negotiated, dhe.ffdhe), (Support::Refused, vec![]));
        assert!(dhe.weak.unwrap().starts_with("1024 bits"));
    }

    #[test]
    fn groups_of_rfc_7919_are_negotiated_where_the_choice_follows_the_offer() {
        let wanted = [NamedGroup::FFDHE2048, NamedGroup::FFDHE3072];
        let negotiates = |offer: &Offer, id| {
            let any = !groups(offer).iter().any(|group| is_finite_field(*group));
            let chosen = wanted.iter().find(|group| any || groups(offer).contains(group));
            chosen.map_or_else(|| alert(id, 40), |group| dhe(id, &group.to_string()))
        };
        let (seen, _) =
            run(
                &mut Groups,
                &opening(X25519),
                |_, offer, id| {
                    if is_dhe(offer) { negotiates(offer, id) } else { alert(id, 40) }
                },
            );
        let told = seen.groups.unwrap().dhe.unwrap();
        assert_eq!((told.negotiated, told.ffdhe), (Support::Accepted, vec!["ffdhe2048".into(), "ffdhe3072".into()]));

        let (seen, _) = run(&mut Groups, &opening(X25519), server(&[], &[], Some("ffdhe2048")));
        assert_eq!(seen.groups.unwrap().dhe.unwrap().negotiated, Support::Refused, "it is used without being offered");
    }

    #[test]
    fn a_group_that_was_not_offered_is_told_as_such() {
        let stubborn = |_: &Question, offer: &Offer, id| {
            if is_dhe(offer) || is_tls13(offer) {
                return alert(id, 40);
            }
            agreed(id, ProtocolVersion::TLS1_2, ecdhe(P256, None))
        };
        let (seen, _) = run(&mut Groups, &opening(X25519), stubborn);
        let told = &seen.groups.unwrap().choices.by_version[&ProtocolVersion::TLS1_2];
        assert_eq!(
            (told.accepted.clone(), told.not_offered.clone()),
            (vec!["secp256r1".into()], vec!["secp256r1".into()])
        );
    }

    #[test]
    fn the_curve_of_the_only_certificate_is_offered_beside_the_others() {
        const P521: NamedGroup = NamedGroup::SECP521R1;
        let taken = [X25519, P256, P521];
        let with_ec_certificate = |_: &Question, offer: &Offer, id| {
            if is_dhe(offer) || is_tls13(offer) || !groups(offer).contains(&P521) {
                return alert(id, 40);
            }
            let chosen = groups(offer).into_iter().find(|group| taken.contains(group)).unwrap();
            let mut exchange = agreed(id, ProtocolVersion::TLS1_2, ecdhe(chosen, None));
            exchange.certificates = vec![p521_certificate()];
            exchange
        };
        let (seen, _) = run(&mut Groups, &opening(X25519), with_ec_certificate);
        let groups = seen.groups.unwrap();
        let mut accepted = groups.choices.accepted;
        accepted.sort();
        assert_eq!(accepted, ["secp256r1", "secp521r1", "x25519"]);
        assert_eq!(groups.beside.as_deref(), Some("secp521r1"));

        // The run ends before anything is asked beside it: what was refused without it is open.
        let mut answers: Vec<Exchange> = Vec::new();
        loop {
            let so_far: Vec<Option<&Exchange>> = answers.iter().map(Some).collect();
            if Course::of(&so_far).beside.is_some() {
                let mut seen = Observations::default();
                Groups.read(&so_far, &Unasked::Stopped("interrupted".to_owned()), &mut seen);
                let told = &seen.groups.unwrap().choices.by_version[&ProtocolVersion::TLS1_2];
                assert!(told.inconclusive.contains(&"x25519".to_owned()), "{told:?}");
                assert!(seen.inconclusive.iter().any(|open| open.what == "groups.TLS1.2"));
                break;
            }
            for question in Groups.ask(&so_far) {
                let Hello::Built(offer) = &question.hello else { panic!("groups are asked by offers") };
                let exchange = with_ec_certificate(&question, offer, answers.len() + 2);
                answers.push(exchange);
            }
        }
    }

    #[test]
    fn silence_is_no_refusal_and_what_was_cut_off_is_open() {
        let (seen, connections) = run(&mut Groups, &opening(X25519), |_, _, id| silence(id));
        let groups = seen.groups.unwrap();
        assert!(groups.choices.accepted.is_empty() && groups.choices.inconclusive.contains(&"x25519".to_owned()));
        assert!(seen.inconclusive.iter().any(|open| open.what == "groups.dhe"));
        assert!(connections < 25, "{connections}");
        assert_eq!(cut_off(&Groups).inconclusive[0].what, "groups");
    }
}
