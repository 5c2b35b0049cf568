//! Elimination against servers that are a function from hello to answer.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::candidates::candidates;
use super::*;
use crate::observation::{HelloLimitKind, SuiteOrder, Support};
use crate::offer::ExtensionOffer;
use crate::plan::{Ask, Estimate};
use crate::registry::ExtensionType;
use crate::wire::extension::{Extension, SupportedVersions};

const TLS1_0: ProtocolVersion = ProtocolVersion::TLS1_0;
const TLS1_2: ProtocolVersion = ProtocolVersion::TLS1_2;
const TLS1_3: ProtocolVersion = ProtocolVersion::TLS1_3;

/// What a simulated server sees of a hello.
struct Seen<'a> {
    version: ProtocolVersion,
    suites: &'a [CipherSuite],
    length: usize,
    /// Which question of all it is.
    number: usize,
}

/// What it does.
#[derive(Clone, Copy, PartialEq)]
enum Reply {
    Choose(CipherSuite),
    OtherVersion,
    Alert(u8),
    Reset,
    Silence,
}

const ALL: SuiteQuestions = SuiteQuestions { suites: true, order: false };
const ORDER: SuiteQuestions = SuiteQuestions { suites: true, order: true };

fn version_of(offer: &Offer) -> ProtocolVersion {
    match offer.extension(ExtensionType::SUPPORTED_VERSIONS) {
        Some(ExtensionOffer::Exactly(Extension::SupportedVersions(SupportedVersions::Offered(all)))) => all[0],
        _ => offer.legacy_version,
    }
}

fn length_of(offer: &Offer) -> usize {
    let padded = offer.extensions.iter().flatten().find_map(|extension| match extension {
        ExtensionOffer::PadTo(length) => Some(*length),
        _ => None,
    });
    let extensions = offer.extensions.as_ref().map_or(0, |_| 130);
    padded.unwrap_or(50 + 2 * offer.cipher_suites.len() + extensions)
}

/// What a whole elimination cost.
#[derive(Debug)]
struct Cost {
    questions: usize,
    /// With 50 ms each way and back, and a connection to open for each question.
    milliseconds: usize,
}

/// What a peer far away takes for a question, and what it works on it.
const FAR: usize = 100;
const WORK: usize = 1;

/// Asks a server so many questions at a time, and gives how many they were in all.
fn ask(wanted: SuiteQuestions, at_once: usize, server: impl FnMut(&Seen<'_>) -> Reply) -> (Elimination, usize) {
    let (elimination, cost) = ask_from_afar(wanted, at_once, server);
    (elimination, cost.questions)
}

/// As [`ask`], by a clock of its own; answers come in the order of the questions.
fn ask_from_afar(
    wanted: SuiteQuestions,
    at_once: usize,
    server: impl FnMut(&Seen<'_>) -> Reply,
) -> (Elimination, Cost) {
    ask_in_disorder(wanted, at_once, server, |_| 0)
}

/// As [`ask_from_afar`], where of so many answers that come at nearly the same time any may be the first.
fn ask_in_disorder(
    wanted: SuiteQuestions,
    at_once: usize,
    mut server: impl FnMut(&Seen<'_>) -> Reply,
    mut first_of: impl FnMut(usize) -> usize,
) -> (Elimination, Cost) {
    let mut elimination = Elimination::new(wanted);
    let (mut under_way, mut cost) = (VecDeque::new(), Cost { questions: 0, milliseconds: 0 });
    let mut works_until = 0;
    loop {
        let room = at_once.saturating_sub(under_way.len());
        if room > 0 {
            let from = elimination.asked.len();
            for (place, question) in elimination.next(room).into_iter().enumerate() {
                works_until = (cost.milliseconds + FAR).max(works_until) + WORK;
                under_way.push_back((from + place, question, works_until));
            }
        }
        let Some(earliest) = under_way.front().map(|(_, _, answered)| *answered) else { return (elimination, cost) };
        let same_time = under_way.iter().take_while(|(_, _, answered)| *answered < earliest + FAR / 2).count();
        let (place, question, answered) = under_way.remove(first_of(same_time)).unwrap();
        cost.questions += 1;
        cost.milliseconds = cost.milliseconds.max(answered);
        let number = cost.questions;
        assert!(number < 3000, "it ends");
        let Hello::Built(offer) = question.hello else { panic!("suites are asked by offers") };
        assert!(offer.cipher_suites.len() <= 128);
        let (version, length) = (version_of(&offer), length_of(&offer));
        let reply = server(&Seen { version, suites: &offer.cipher_suites, length, number });
        let asked = &elimination.asked[place];
        let round = &elimination.rounds[asked.round];
        let said = match reply {
            Reply::Choose(suite) => match round.place(suite).filter(|place| asked.suites.contains(place)) {
                Some(chosen) => Said::Chose(chosen),
                None => Said::Strange("it was not offered".into()),
            },
            Reply::OtherVersion => Said::Refused { kind: "server_hello", code: None, ends_version: true },
            Reply::Alert(code) => Said::Refused { kind: "alert", code: Some(code), ends_version: code == 70 },
            Reply::Reset => Said::Refused { kind: "reset", code: None, ends_version: false },
            Reply::Silence => Said::Nothing("timeout".into()),
        };
        elimination.take(place, &said, number, length);
    }
}

fn observed(elimination: &Elimination) -> Observations {
    let mut seen = Observations::default();
    elimination.write_down(&[], &Unasked::Pointless, &mut seen);
    seen
}

fn accepted(seen: &Observations, version: ProtocolVersion) -> Vec<CipherSuite> {
    seen.cipher_suites
        .get(&version)
        .map(|suites| suites.accepted.iter().map(|it| it.code).collect())
        .unwrap_or_default()
}

/// A server that has these suites, in its own order.
fn by_its_order(has: &BTreeMap<ProtocolVersion, Vec<CipherSuite>>) -> impl FnMut(&Seen<'_>) -> Reply {
    move |seen| match has.get(&seen.version) {
        None => Reply::Alert(70),
        Some(own) => own.iter().find(|it| seen.suites.contains(it)).map_or(Reply::Alert(40), |it| Reply::Choose(*it)),
    }
}

fn suites(codes: &[u16]) -> Vec<CipherSuite> {
    codes.iter().copied().map(CipherSuite).collect()
}

/// What sws.update.microsoft.com has.
const SWS: [u16; 4] = [0xc030, 0xc02f, 0xc028, 0xc027];

/// What nginx has with everything that OpenSSL has, an RSA key and parameters for Diffie-Hellman.
fn everything() -> BTreeMap<ProtocolVersion, Vec<CipherSuite>> {
    use crate::registry::{Authentication as A, CipherAlgorithm as C, KeyExchange as K, Mac};
    let has = |version| {
        let one = |suite: &CipherSuite| {
            let row = suite.info().unwrap();
            let is_built_in = matches!(row.cipher.algorithm, C::Aes | C::Aria | C::Camellia | C::ChaCha20 | C::Null);
            version == TLS1_3 && [0x1301, 0x1302, 0x1303].contains(&suite.0)
                || version != TLS1_3
                    && matches!(row.key_exchange, K::Rsa | K::Dhe | K::Ecdhe)
                    && matches!(row.authentication, A::Rsa | A::Anonymous)
                    && is_built_in
                    && (row.mac == Mac::Aead || row.mac == Mac::HmacSha1 || row.mac == Mac::HmacSha256)
        };
        candidates(version).into_iter().map(|it| it.suite).filter(one).collect()
    };
    [TLS1_0, ProtocolVersion::TLS1_1, TLS1_2, TLS1_3].into_iter().map(|version| (version, has(version))).collect()
}

/// What nginx with OpenSSL 3 and an RSA key has at security level 0, in its order.
const OPENSSL: [u16; 61] = [
    0xc030, 0x009f, 0xcca8, 0xccaa, 0xc0a3, 0xc09f, 0xc061, 0xc053, 0x00a7, 0xc02f, 0x009e, 0xc0a2, 0xc09e, 0xc060,
    0xc052, 0x00a6, 0xc028, 0x006b, 0xc077, 0x00c4, 0x006d, 0x00c5, 0xc027, 0x0067, 0xc076, 0x00be, 0x006c, 0x00bf,
    0xc014, 0x0039, 0x0088, 0xc019, 0x003a, 0x0089, 0xc013, 0x0033, 0x0045, 0xc018, 0x0034, 0x0046, 0x009d, 0xc0a1,
    0xc09d, 0xc051, 0x009c, 0xc0a0, 0xc09c, 0xc050, 0x003d, 0x00c0, 0x003c, 0x00ba, 0x0035, 0x0084, 0x002f, 0x0041,
    0xc010, 0xc015, 0x003b, 0x0002, 0x0001,
];

fn openssl() -> BTreeMap<ProtocolVersion, Vec<CipherSuite>> {
    let in_version = |version| {
        let has = |it: &CipherSuite| it.info().is_some_and(|row| row.versions.contains(version));
        suites(&OPENSSL).into_iter().filter(has).collect()
    };
    let mut has: BTreeMap<_, Vec<_>> =
        [TLS1_0, ProtocolVersion::TLS1_1, TLS1_2].into_iter().map(|version| (version, in_version(version))).collect();
    has.insert(TLS1_3, suites(&[0x1302, 0x1303, 0x1301]));
    has
}

#[test]
fn a_server_with_four_suites_costs_few_questions() {
    let has = BTreeMap::from([(TLS1_2, suites(&SWS))]);
    let (elimination, questions) = ask(ALL, 8, by_its_order(&has));
    let seen = observed(&elimination);
    assert_eq!(accepted(&seen, TLS1_2).into_iter().collect::<BTreeSet<_>>(), suites(&SWS).into_iter().collect());
    assert_eq!(seen.cipher_suites[&TLS1_2].order, Some(SuiteOrder::Server));
    assert_eq!(seen.versions[&TLS1_0], Support::Refused);
    assert!(questions <= 23, "{questions}");
}

/// But for the two baselines, the first of which may tell a suite.
#[test]
fn no_server_costs_less_than_a_plan_says() {
    for (version, suite) in [(TLS1_0, 0xc014), (TLS1_2, 0xc030), (TLS1_3, 0x1301)] {
        let has = BTreeMap::from([(version, suites(&[suite]))]);
        for wanted in [ALL, ORDER] {
            let least = Estimate::of(&[Ask::Suites(wanted)]).least - 2;
            for at_once in [1, 8, 32] {
                let (_, questions) = ask(wanted, at_once, by_its_order(&has));
                assert!(questions > least, "{version}, {at_once} at once: {questions}, {least} by the plan");
            }
        }
    }
}

#[test]
fn a_server_with_everything_costs_little_more_than_a_question_for_each_suite() {
    let has = everything();
    let many: usize = has.values().map(Vec::len).sum();
    let (elimination, questions) = ask(ALL, 8, by_its_order(&has));
    let seen = observed(&elimination);
    for (version, own) in &has {
        let found: BTreeSet<_> = accepted(&seen, *version).into_iter().collect();
        assert_eq!(found, own.iter().copied().collect(), "{version}");
    }
    assert!(questions <= many + 16, "{questions} for {many}");
}

#[test]
fn answers_from_afar_are_awaited_side_by_side() {
    let few = BTreeMap::from([(TLS1_2, suites(&SWS))]);
    let many = openssl();
    // So many at once, of so many suites: at most so many questions and milliseconds.
    for (has, at_once, questions, milliseconds) in
        [(&few, 8, 20, 420), (&many, 8, 125, 1650), (&many, 16, 130, 1050), (&many, 32, 142, 650)]
    {
        let (elimination, cost) = ask_from_afar(ALL, at_once, by_its_order(has));
        let seen = observed(&elimination);
        for (version, own) in has {
            let found: BTreeSet<_> = accepted(&seen, *version).into_iter().collect();
            assert_eq!(found, own.iter().copied().collect(), "{version}");
        }
        assert!(cost.questions <= questions && cost.milliseconds <= milliseconds, "{at_once} at once: {cost:?}");
    }
}

/// Of forty orders in which answers of one time can come, more than half must do as well as the best.
#[test]
fn whichever_answer_comes_first_few_round_trips_are_made() {
    let has = openssl();
    for (at_once, most, milliseconds) in [(8, 130, 1720), (32, 150, 720)] {
        let costs: Vec<Cost> = (0..40)
            .map(|seed| {
                let mut random = StdRng::seed_from_u64(seed);
                let first_of = |count| random.random_range(0..count);
                ask_in_disorder(ALL, at_once, by_its_order(&has), first_of).1
            })
            .collect();
        assert!(costs.iter().all(|cost| cost.questions <= most), "{at_once} at once: {costs:?}");
        let quick = costs.iter().filter(|cost| cost.milliseconds <= milliseconds).count();
        assert!(quick > costs.len() / 2, "{at_once} at once: {quick} of {costs:?}");
    }
}

#[test]
fn a_server_that_goes_by_the_client_is_found_out() {
    let has = BTreeMap::from([(TLS1_2, suites(&SWS))]);
    let (elimination, _) = ask(ALL, 8, |seen| match has.get(&seen.version) {
        None => Reply::OtherVersion,
        Some(own) => seen.suites.iter().find(|it| own.contains(it)).map_or(Reply::Alert(40), |it| Reply::Choose(*it)),
    });
    let seen = observed(&elimination);
    assert_eq!(seen.cipher_suites[&TLS1_2].order, Some(SuiteOrder::Client));
    assert_eq!(accepted(&seen, TLS1_2).len(), 4);
}

#[test]
fn chacha20_that_is_chosen_where_it_comes_first_is_found_out() {
    let own = suites(&[0xc030, 0xc02f, 0xcca8]);
    for exception in [false, true] {
        let (elimination, _) = ask(ALL, 8, |seen| {
            if seen.version != TLS1_2 {
                return Reply::Alert(70);
            }
            let chacha = CipherSuite(0xcca8);
            if exception && seen.suites.first() == Some(&chacha) {
                return Reply::Choose(chacha);
            }
            own.iter().find(|it| seen.suites.contains(it)).map_or(Reply::Alert(40), |it| Reply::Choose(*it))
        });
        let expected = if exception { SuiteOrder::ServerChacha } else { SuiteOrder::Server };
        assert_eq!(observed(&elimination).cipher_suites[&TLS1_2].order, Some(expected));
    }
}

#[test]
fn the_order_of_servers_written_in_go_is_that_for_clients_with_aes_in_hardware() {
    // Its two orders, for a key of RSA, and what it knows besides.
    let with_aes = suites(&[0xc02f, 0xc030, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035]);
    let without_aes = suites(&[0xcca8, 0xc02f, 0xc030, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035]);
    let known = [&with_aes[..], &suites(&[0xc02b, 0xc02c, 0xcca9, 0xc027, 0xc012, 0x000a, 0xc011, 0x0005])].concat();
    let shows_aes = suites(&[0xc02f, 0xc030, 0xc02b, 0xc02c]);
    let (elimination, questions) = ask(ORDER, 8, |seen| {
        if seen.version != TLS1_2 {
            return Reply::Alert(70);
        }
        let first = seen.suites.iter().find(|it| known.contains(it));
        let own = if first.is_some_and(|it| shows_aes.contains(it)) { &with_aes } else { &without_aes };
        own.iter().find(|it| seen.suites.contains(it)).map_or(Reply::Alert(40), |it| Reply::Choose(*it))
    });
    let seen = observed(&elimination);
    assert_eq!(seen.cipher_suites[&TLS1_2].order, Some(SuiteOrder::ServerChacha));
    assert_eq!(accepted(&seen, TLS1_2), with_aes);
    assert!(questions < 50, "{questions}");
}

#[test]
fn the_whole_order_is_found_where_it_is_wanted() {
    let mut own = suites(&[0x002f, 0xc030, 0x0035, 0xc02f, 0xc028, 0x009c, 0xc027, 0xc014, 0x003c, 0xc013]);
    let has = BTreeMap::from([(TLS1_2, own.clone())]);
    let (elimination, questions) = ask(ORDER, 8, by_its_order(&has));
    let seen = observed(&elimination);
    assert_eq!(accepted(&seen, TLS1_2), own);
    assert_eq!(seen.cipher_suites[&TLS1_2].order_is_whole, Some(true));
    assert!(questions < 50, "{questions}");

    own.sort_unstable();
    let (elimination, _) = ask(ORDER, 8, by_its_order(&BTreeMap::from([(TLS1_2, own.clone())])));
    assert_eq!(accepted(&observed(&elimination), TLS1_2), own);
}

#[test]
fn choices_at_random_are_noticed_and_end() {
    let own = suites(&[0xc030, 0xc02f, 0xc028, 0xc027, 0x009c, 0x009d, 0x003c, 0x003d]);
    let (elimination, questions) = ask(ORDER, 4, |seen| {
        let offered: Vec<_> = own.iter().filter(|it| seen.suites.contains(it)).collect();
        match offered.len() {
            _ if seen.version != TLS1_2 => Reply::Alert(70),
            0 => Reply::Alert(40),
            many => Reply::Choose(*offered[seen.number * 7 % many]),
        }
    });
    let seen = observed(&elimination);
    assert_eq!(accepted(&seen, TLS1_2).len(), own.len());
    let order = seen.cipher_suites[&TLS1_2].order;
    assert!(matches!(order, Some(SuiteOrder::Inconclusive | SuiteOrder::Server)), "{order:?}");
    assert!(questions < 60);
}

#[test]
fn silence_is_no_refusal() {
    let has = BTreeMap::from([(TLS1_2, suites(&SWS))]);
    let mut speaking = by_its_order(&has);
    let (elimination, questions) = ask(ALL, 8, |seen| match speaking(seen) {
        Reply::Alert(_) => Reply::Silence,
        reply => reply,
    });
    let seen = observed(&elimination);
    assert_eq!(accepted(&seen, TLS1_2).len(), 4);
    assert!(seen.cipher_suites[&TLS1_2].refused.is_empty());
    assert_eq!(seen.versions[&TLS1_0], Support::Inconclusive);
    assert!(seen.inconclusive.iter().any(|it| it.what == "cipher_suites.TLS1.2" && it.why.starts_with("timeout")));
    assert!(questions < 30, "{questions}");
}

#[test]
fn a_suite_that_was_not_offered_tells_nothing_and_ends() {
    let (elimination, questions) =
        ask(ALL, 8, |seen| if seen.version == TLS1_2 { Reply::Choose(CipherSuite(0xc02f)) } else { Reply::Alert(70) });
    let seen = observed(&elimination);
    assert_eq!(accepted(&seen, TLS1_2), suites(&[0xc02f]));
    assert!(seen.cipher_suites[&TLS1_2].refused.is_empty());
    assert!(questions < 20, "{questions}");
}

#[test]
fn too_many_suites_are_found_to_be_the_reason_and_the_rest_is_found_all_the_same() {
    let has = BTreeMap::from([(TLS1_2, suites(&SWS)), (TLS1_0, suites(&[0xc014]))]);
    for reply in [Reply::Reset, Reply::Silence, Reply::Alert(47)] {
        let mut sound = by_its_order(&has);
        let (elimination, questions) = ask(ALL, 8, |seen| if seen.suites.len() > 40 { reply } else { sound(seen) });
        let seen = observed(&elimination);
        assert_eq!(accepted(&seen, TLS1_2).len(), 4);
        assert_eq!(accepted(&seen, TLS1_0), suites(&[0xc014]));
        let limit = seen.hello_limit.unwrap();
        assert!(limit.suites <= 40 && limit.refused_suites > 40, "{limit:?}");
        assert!(questions < 90, "{questions}");
    }
}

#[test]
fn long_hellos_are_told_from_many_suites() {
    let has = BTreeMap::from([(TLS1_2, suites(&SWS))]);
    let mut sound = by_its_order(&has);
    let (elimination, _) = ask(ALL, 8, |seen| if seen.length > 255 { Reply::Reset } else { sound(seen) });
    let seen = observed(&elimination);
    assert_eq!(accepted(&seen, TLS1_2).len(), 4);
    assert_eq!(seen.hello_limit.unwrap().of, HelloLimitKind::Length);
}

#[test]
fn extensions_that_are_not_borne_are_left_out() {
    let has = BTreeMap::from([(TLS1_0, suites(&[0x002f, 0x0035])), (TLS1_2, suites(&[0x002f, 0x0035]))]);
    let mut sound = by_its_order(&has);
    let (elimination, _) = ask(ALL, 8, |seen| {
        let has_extensions = seen.length > 50 + 2 * seen.suites.len();
        if has_extensions { Reply::Reset } else { sound(seen) }
    });
    let seen = observed(&elimination);
    assert_eq!(seen.hello_limit.as_ref().unwrap().of, HelloLimitKind::Extensions);
    assert_eq!(accepted(&seen, TLS1_2).len(), 2);
    assert_eq!(accepted(&seen, TLS1_0).len(), 2);
}

#[test]
fn an_endpoint_that_refuses_everything_is_not_asked_for_ever() {
    for reply in [Reply::Reset, Reply::Alert(40), Reply::Silence] {
        let (elimination, questions) = ask(ALL, 8, |_| reply);
        let seen = observed(&elimination);
        let expected = if reply == Reply::Silence { Support::Inconclusive } else { Support::Refused };
        assert!(seen.versions.values().all(|support| *support == expected), "{:?}", seen.versions);
        assert!(questions < 25, "{questions}");
    }
}

#[test]
fn versions_alone_are_asked_no_further_than_they_show_themselves() {
    let (elimination, questions) = ask(SuiteQuestions::default(), 8, by_its_order(&everything()));
    let seen = observed(&elimination);
    assert_eq!(seen.versions.values().filter(|it| **it == Support::Accepted).count(), 4);
    assert!(seen.cipher_suites.is_empty());
    assert_eq!(questions, 5);
}

#[test]
fn what_was_said_in_trouble_is_asked_again() {
    let has = BTreeMap::from([(TLS1_2, suites(&SWS))]);
    let (mut elimination, first) = ask(ALL, 8, by_its_order(&BTreeMap::new()));
    assert!(!elimination.rounds.iter().any(Round::is_accepted));
    for question in 0..first {
        elimination.forgets(question);
    }
    assert!(elimination.rounds.iter().all(|round| !round.is_over()));
    let mut again = 0;
    let mut sound = by_its_order(&has);
    loop {
        let from = elimination.asked.len();
        let questions = elimination.next(8);
        if questions.is_empty() {
            break;
        }
        for (place, question) in questions.into_iter().enumerate() {
            again += 1;
            let Hello::Built(offer) = question.hello else { panic!() };
            let reply =
                sound(&Seen { version: version_of(&offer), suites: &offer.cipher_suites, length: 1, number: 1 });
            let said = match reply {
                Reply::Choose(suite) => {
                    Said::Chose(elimination.rounds[elimination.asked[from + place].round].place(suite).unwrap())
                }
                // A version that it has is not refused whole by whichever set comes first.
                _ if has.contains_key(&version_of(&offer)) => {
                    Said::Refused { kind: "alert", code: Some(40), ends_version: false }
                }
                _ => Said::Refused { kind: "alert", code: Some(70), ends_version: true },
            };
            elimination.take(from + place, &said, 100 + again, 1);
        }
    }
    assert_eq!(accepted(&observed(&elimination), TLS1_2).len(), 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_accepted_is_found_and_nothing_else(
        seed in any::<u64>(),
        density in 1_u64..60,
        at_once in 1_usize..33,
        versions in proptest::collection::btree_set(0_usize..5, 1..4),
    ) {
        let mut state = seed | 1;
        let mut draw = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let mut has = BTreeMap::new();
        for version in versions {
            let version = ProtocolVersion::ALL[version + 1];
            let mut own: Vec<(u64, CipherSuite)> = Vec::new();
            for candidate in candidates(version) {
                if draw() % 100 < density {
                    own.push((draw(), candidate.suite));
                }
            }
            own.sort_unstable();
            has.insert(version, own.into_iter().map(|(_, suite)| suite).collect::<Vec<_>>());
        }
        has.retain(|_, own| !own.is_empty());
        let (elimination, questions) = ask(ALL, at_once, by_its_order(&has));
        let seen = observed(&elimination);
        for version in ProtocolVersion::ALL.into_iter().skip(1) {
            let found: BTreeSet<_> = accepted(&seen, version).into_iter().collect();
            let own: BTreeSet<_> = has.get(&version).into_iter().flatten().copied().collect();
            prop_assert_eq!(found, own);
        }
        let many: usize = has.values().map(Vec::len).sum();
        // A refusal ends a whole set, and a version that wastes too many questions is asked in large sets alone.
        let refusals = many / 4 + has.len() * (12 + at_once) + 16;
        prop_assert!(questions <= many + refusals, "{} for {}", questions, many);
    }
}
