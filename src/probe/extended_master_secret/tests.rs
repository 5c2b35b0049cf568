use super::*;
use crate::observation::{Compliance, Failed, ResumptionCell};
use crate::outcome::testing::{alert as refused_by, completed, failed_after_finished};
use crate::question::ResumeBy;

/// Plays a server: `answer` gives what comes back to a question. Gives what is seen, and how many questions were asked.
fn play(answer: impl Fn(&Question, usize) -> Exchange) -> (Observations, usize) {
    let mut answers: Vec<Exchange> = Vec::new();
    loop {
        let so_far: Vec<Option<&Exchange>> = answers.iter().map(Some).collect();
        let questions = ExtendedMasterSecret.ask(&so_far);
        if questions.is_empty() {
            let mut seen = Observations::default();
            ExtendedMasterSecret.read(&so_far, &Unasked::Pointless, &mut seen);
            return (seen, answers.len());
        }
        for question in questions {
            let id = answers.len() + 1;
            answers.push(Exchange { id, ..answer(&question, id) });
        }
    }
}

/// A server of TLS 1.2 alone, in its ECDHE alone, that answers so to a hello with the extension or without.
fn server(
    question: &Question,
    resumed: fn(session_with: bool, hello_with: bool) -> Exchange,
    full: fn(with: bool, otherwise: bool) -> Exchange,
) -> Exchange {
    let purpose = question.purpose.as_str();
    let finish = question.finish.as_ref().unwrap();
    let hello_with = {
        let crate::question::Hello::Built(offer) = &question.hello else { panic!() };
        offer.extension(crate::registry::ExtensionType::EXTENDED_MASTER_SECRET).is_some()
    };
    if !purpose.starts_with("tls1.2") || purpose.contains(" dhe ") || purpose.contains(" rsa ") {
        return refused_by(0, 40);
    }
    match finish.resume {
        Some(_) => resumed(purpose.contains(" with then"), hello_with),
        None => full(hello_with, finish.derive_otherwise),
    }
}

fn echoing(mut exchange: Exchange, echoed: bool) -> Exchange {
    exchange.server.as_mut().unwrap().extended_master_secret = echoed;
    exchange
}

const BOTH: &[ResumeBy] = &[ResumeBy::SessionId, ResumeBy::Ticket];

fn sound_full(with: bool, _: bool) -> Exchange {
    echoing(completed(0, false, BOTH), with)
}

fn sound_resumed(session: bool, hello: bool) -> Exchange {
    match (session, hello) {
        (true, false) => refused_by(0, 40),
        (false, true) => echoing(completed(0, false, BOTH), true),
        (both, _) => echoing(completed(0, true, BOTH), both),
    }
}

#[test]
fn a_sound_server_follows_the_rfc_in_every_cell() {
    let (seen, asked) = play(|question, _| server(question, sound_resumed, sound_full));
    let told = seen.extended_master_secret.unwrap();
    assert_eq!((told.echoed, told.required), (Some(true), Some(false)));
    assert_eq!(told.derivation, Some(MasterSecretDerivation::AsAgreed));
    assert_eq!(told.handshakes.len(), 2);
    assert_eq!(told.resumption.len(), 8);
    assert!(told.resumption.iter().all(|cell| cell.rfc7627 == Compliance::Follows), "{:#?}", told.resumption);
    assert_eq!(asked, 18 + 8 + 8);
    assert!(seen.inconclusive.is_empty());
}

#[test]
fn a_session_resumed_without_its_extension_violates_the_rfc() {
    let resumed = |session, hello| match (session, hello) {
        (true, false) => completed(0, true, BOTH),
        other => sound_resumed(other.0, other.1),
    };
    let (seen, _) = play(|question, _| server(question, resumed, sound_full));
    let cells = seen.extended_master_secret.unwrap().resumption;
    let violating: Vec<String> =
        cells.iter().filter(|cell| cell.rfc7627 == Compliance::Violates).map(ResumptionCell::spoken).collect();
    assert_eq!(violating, ["with/without", "with/without"]);
}

#[test]
fn which_derivation_completes_tells_what_the_server_does() {
    let echoed_not_used = |with, otherwise| match (with, otherwise) {
        (true, false) => echoing(failed_after_finished(0, 20), true),
        (with, _) => echoing(completed(0, false, &[]), with),
    };
    let used_not_echoed = |with, otherwise| match (with, otherwise) {
        (true, false) => failed_after_finished(0, 20),
        _ => completed(0, false, &[]),
    };
    let never = |with, _| echoing(failed_after_finished(0, 20), with);
    let derivation = |full: fn(bool, bool) -> Exchange| {
        let (seen, _) = play(|question, _| server(question, sound_resumed, full));
        let open = seen.inconclusive.len();
        let told = seen.extended_master_secret.unwrap();
        assert_eq!(told.handshakes[0].failed, Some(Failed::OurFinished));
        (told.derivation.unwrap(), open)
    };
    assert_eq!(derivation(echoed_not_used), (MasterSecretDerivation::EchoedNotUsed, 0));
    assert_eq!(derivation(used_not_echoed), (MasterSecretDerivation::UsedNotEchoed, 0));
    assert_eq!(derivation(never), (MasterSecretDerivation::Inconclusive, 1));
}

#[test]
fn a_server_that_refuses_hellos_without_it_requires_it() {
    let full = |with, _| if with { sound_full(true, false) } else { refused_by(0, 40) };
    let (seen, _) = play(|question, _| server(question, sound_resumed, full));
    assert_eq!(seen.extended_master_secret.unwrap().required, Some(true));
}

#[test]
fn a_hello_is_compared_with_its_own_counterpart_alone() {
    let refused = refused_by(0, 40);
    let taken = sound_full(false, false);
    // The first answer is missing: the second is of a hello without the extension, the third of another key exchange's.
    let mut answers = vec![Some(&refused); Combination::all().count()];
    (answers[0], answers[1]) = (None, Some(&taken));
    let mut seen = Observations::default();
    ExtendedMasterSecret.read(&answers, &Unasked::Stopped("interrupted".to_owned()), &mut seen);
    assert_eq!(seen.extended_master_secret.unwrap().required, None);
}

#[test]
fn a_server_that_does_not_know_it_is_bound_by_nothing() {
    let (seen, _) =
        play(|question, _| server(question, |_, _| completed(0, true, BOTH), |_, _| completed(0, false, BOTH)));
    let told = seen.extended_master_secret.unwrap();
    assert_eq!(told.echoed, Some(false));
    let bound = told.resumption.iter().filter(|cell| cell.first || cell.second);
    assert!(bound.clone().count() == 6 && bound.clone().all(|cell| cell.rfc7627 == Compliance::Inconclusive));
}

#[test]
fn a_server_of_tls_1_3_alone_has_nothing_to_tell() {
    let (seen, asked) = play(|_, _| refused_by(0, 70));
    assert_eq!(asked, 18);
    assert_eq!(seen.extended_master_secret.unwrap(), Seen::default());
    assert!(seen.inconclusive.is_empty());
}

#[test]
fn a_handshake_that_fails_once_and_not_again_fails_at_nothing() {
    let (seen, asked) = play(|question, id| {
        if id == 1 { echoing(failed_after_finished(0, 20), true) } else { server(question, sound_resumed, sound_full) }
    });
    let told = seen.extended_master_secret.unwrap();
    assert_eq!(told.derivation, Some(MasterSecretDerivation::AsAgreed));
    assert_eq!((told.handshakes[0].result.as_str(), told.handshakes[0].failed), ("alert", None));
    assert_eq!(asked, 18 + 2 + 8 + 8);
    assert_eq!(seen.inconclusive[0].what, "extended_master_secret.handshakes.tls1.2.ecdhe.with.ems");
}

#[test]
fn a_session_that_is_refused_once_and_not_again_is_not_said_to_be() {
    let with_accident = |refusals: usize| {
        let left = std::cell::Cell::new(refusals);
        let (seen, _) = play(|question, _| {
            let is_it = question.purpose == "tls1.2 session id with then with ems: resumed" && left.get() > 0;
            if is_it {
                left.set(left.get() - 1);
                return refused_by(0, 40);
            }
            server(question, sound_resumed, sound_full)
        });
        let cells = seen.extended_master_secret.unwrap().resumption;
        let refused = cells.iter().filter(|cell| cell.refused && cell.second).count();
        (refused, seen.inconclusive.iter().map(|entry| entry.what.clone()).collect::<Vec<_>>())
    };
    assert_eq!(with_accident(1), (0, vec!["extended_master_secret.resumption.TLS1.2.session_id.with/with".to_owned()]));
    assert_eq!(with_accident(2), (1, Vec::new()));
}

#[test]
fn an_end_at_a_proxy_or_in_the_middle_of_an_answer_refuses_nothing() {
    use crate::outcome::testing::ended;
    use crate::outcome::{Answer, Stage};
    for (stage, received_bytes) in [(Stage::Proxy, 0), (Stage::Connect, 0), (Stage::Hello, 900)] {
        let full = move |with: bool| {
            if with {
                sound_full(true, false)
            } else {
                ended(0, stage, Answer::Reset { received_bytes, after_ms: 1.0 })
            }
        };
        let (seen, _) = play(|question, _| {
            let purpose = question.purpose.as_str();
            let is_asked = purpose.starts_with("tls1.2 ecdhe");
            if is_asked { full(purpose.contains("with ems")) } else { server(question, sound_resumed, sound_full) }
        });
        assert_eq!(seen.extended_master_secret.unwrap().required, None, "{stage:?}");
    }
}
