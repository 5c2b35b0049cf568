//! The matrix of resumption (RFC 7627 §5.3): a session with or without the extension, resumed with or without it.

use super::{Finish, Question, Resume};
use super::{KEY, alert, echoed, for_sessions, left_session, offer_up_to, refused, with_ems};
use crate::observation::{Compliance, Observations, ResumptionCell, WindowsClient};
use crate::outcome::{Answer, Exchange, Stage};
use crate::question::ResumeBy;
use crate::registry::ProtocolVersion;

/// One cell, before it is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) version: ProtocolVersion,
    by: ResumeBy,
    first: bool,
    second: bool,
}

/// The cells of one version.
pub(super) fn cells(version: ProtocolVersion) -> impl Iterator<Item = Cell> {
    const ON_AND_OFF: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];
    let by = [ResumeBy::SessionId, ResumeBy::Ticket];
    by.into_iter().flat_map(move |by| ON_AND_OFF.map(|(first, second)| Cell { version, by, first, second }))
}

impl Cell {
    /// Makes the session.
    pub(super) fn first_question(self) -> Question {
        self.question(self.first, "session", None)
    }

    /// Whether the first handshake left a session for this cell.
    pub(super) fn is_resumable(self, first: &Exchange) -> bool {
        left_session(first, self.by) && first.server.as_ref().is_some_and(|server| server.version == self.version)
    }

    /// Resumes it.
    pub(super) fn second_question(self, first: &Exchange) -> Question {
        self.question(self.second, "resumed", Some(Resume { exchange: first.id, by: self.by }))
    }

    fn question(self, offered: bool, what: &str, resume: Option<Resume>) -> Question {
        let with = |offered| if offered { "with" } else { "without" };
        let offer = for_sessions(with_ems(offer_up_to(self.version), offered), self.by);
        let version = self.version.to_string().to_lowercase();
        let cell = format!("{} then {} ems", with(self.first), with(self.second));
        Question::finished(
            format!("{version} {} {cell}: {what}", self.by),
            offer,
            Finish { resume, ..Finish::default() },
        )
    }

    /// What was done. `is_known` says whether the server knows the extension at all: one that has never heard of it is
    /// bound by nothing where it is offered.
    pub(super) fn read(
        self,
        first: &Exchange,
        second: &Exchange,
        is_known: bool,
        seen: &Observations,
    ) -> ResumptionCell {
        let session = echoed(first) == Some(true);
        let done = Done::of(second, seen);
        let (requires, rfc7627) = judge(session, self.second, done);
        ResumptionCell {
            first: self.first,
            second: self.second,
            by: self.by,
            version: self.version,
            result: match done {
                Done::Resumed { .. } => "resumed".to_owned(),
                Done::Full => "full".to_owned(),
                Done::Refused | Done::Unclear => second.outcome.answer.kind().to_owned(),
            },
            alert: alert(second),
            session,
            echoed: echoed(second),
            requires: requires.to_owned(),
            rfc7627: if is_known || !(self.first || self.second) { rfc7627 } else { Compliance::Inconclusive },
            windows: windows(session, self.second, done),
            refused: done == Done::Refused,
            because: vec![first.id, second.id],
        }
    }

    /// Whether the hello that named the session was refused where no abort is called for: it is asked once more.
    pub(super) fn is_refused_without_need(self, first: &Exchange, second: &Exchange) -> bool {
        let must_abort = echoed(first) == Some(true) && !self.second;
        !must_abort && second.outcome.stage == Stage::Hello && second.outcome.answer.is_refusal()
    }
}

impl ResumptionCell {
    /// Nothing is said of this cell, for this reason.
    pub(super) fn is_open(&mut self, why: &str, seen: &mut Observations) {
        self.refused = false;
        self.rfc7627 = Compliance::Inconclusive;
        let what = format!("{KEY}.resumption.{}.{}.{}", self.version, self.by.word(), self.spoken());
        seen.could_not_tell(&what, why, &self.because);
    }
}

/// What the server did with the session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    Resumed { echoed: bool },
    Full,
    Refused,
    Unclear,
}

impl Done {
    fn of(second: &Exchange, seen: &Observations) -> Self {
        match &second.outcome.answer {
            Answer::Completed { resumed: true, .. } => Self::Resumed { echoed: echoed(second) == Some(true) },
            Answer::Completed { resumed: false, .. } => Self::Full,
            _ if refused(second, seen) => Self::Refused,
            _ => Self::Unclear,
        }
    }
}

/// What RFC 7627 §5.3 requires of a server where the session has the extension or not and the hello has it or not, and
/// whether that is what was done.
fn judge(session: bool, hello: bool, done: Done) -> (&'static str, Compliance) {
    use Compliance::{Follows, Inconclusive, Violates};
    match (session, hello) {
        (false, false) => (
            "may resume, should not",
            match done {
                Done::Resumed { echoed: true } => Violates,
                Done::Resumed { echoed: false } | Done::Full | Done::Refused => Follows,
                Done::Unclear => Inconclusive,
            },
        ),
        (false, true) => (
            "must not resume, should go on with a full handshake",
            match done {
                Done::Full => Follows,
                Done::Resumed { .. } => Violates,
                // What it should do is no more than that: a refusal resumes nothing either.
                Done::Refused | Done::Unclear => Inconclusive,
            },
        ),
        (true, false) => (
            "must abort the abbreviated handshake",
            match done {
                Done::Full | Done::Refused => Follows,
                Done::Resumed { .. } => Violates,
                Done::Unclear => Inconclusive,
            },
        ),
        (true, true) => (
            "may resume, and must then echo the extension",
            match done {
                Done::Resumed { echoed: true } | Done::Full => Follows,
                Done::Resumed { echoed: false } => Violates,
                // It need not resume, but nothing in here lets it refuse.
                Done::Refused | Done::Unclear => Inconclusive,
            },
        ),
    }
}

/// What updated Windows, which always offers the extension, makes of it.
fn windows(session: bool, hello: bool, done: Done) -> WindowsClient {
    match done {
        _ if !hello => WindowsClient::NotSent,
        // Its session has no extension, and so a client must end what brings one (RFC 7627 §5.3); what Windows does is
        // not known.
        Done::Resumed { echoed: true } if !session => WindowsClient::Unknown,
        Done::Resumed { echoed: true } | Done::Full => WindowsClient::Accepts,
        Done::Resumed { echoed: false } => WindowsClient::Refuses,
        Done::Refused | Done::Unclear => WindowsClient::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cell_is_judged_as_the_rfc_has_it() {
        use Compliance::{Follows, Inconclusive, Violates};
        let (echoed, silent) = (Done::Resumed { echoed: true }, Done::Resumed { echoed: false });
        for (session, hello, done, expected) in [
            (false, false, silent, Follows),
            (false, false, echoed, Violates),
            (false, false, Done::Refused, Follows),
            (false, true, Done::Full, Follows),
            (false, true, echoed, Violates),
            (false, true, silent, Violates),
            (false, true, Done::Refused, Inconclusive),
            (true, false, Done::Refused, Follows),
            (true, false, Done::Full, Follows),
            (true, false, silent, Violates),
            (true, true, echoed, Follows),
            (true, true, Done::Full, Follows),
            (true, true, silent, Violates),
            (true, true, Done::Refused, Inconclusive),
            (true, false, Done::Unclear, Inconclusive),
        ] {
            assert_eq!(judge(session, hello, done).1, expected, "session {session}, hello {hello}");
        }
    }

    #[test]
    fn updated_windows_refuses_a_session_resumed_without_the_extension() {
        assert_eq!(windows(true, true, Done::Resumed { echoed: false }), WindowsClient::Refuses);
        assert_eq!(windows(true, true, Done::Resumed { echoed: true }), WindowsClient::Accepts);
        assert_eq!(windows(false, true, Done::Resumed { echoed: true }), WindowsClient::Unknown);
        assert_eq!(windows(true, false, Done::Resumed { echoed: false }), WindowsClient::NotSent);
        assert_eq!(windows(true, true, Done::Refused), WindowsClient::Unknown);
    }
}
