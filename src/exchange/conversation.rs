//! Writing and reading at the same time, for a peer may answer before it has read all.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rand::CryptoRng;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use super::Limits;
use super::ending::{AFTERMATH, Ending, ending_of};
use super::flight::{Flight, Progress};

/// Between two pieces of a hello: longer than TCP waits before it sends what it has, short against any wait for an answer.
const BETWEEN_PIECES: Duration = Duration::from_millis(30);

/// How much is read at once: a flight with a long chain. It stands on the stack while a read is tried, and nowhere while
/// one is waited for.
const READ: usize = 16 * 1024;

/// How many times longer the peer's word is waited for on a long way: what held up its first byte may have been a queue,
/// which would grow with each wait.
const LONGER: u32 = 3;

/// How long writing what the peer is owed may take, once nothing more is awaited from it.
const SETTLING: Duration = Duration::from_millis(100);

/// How a conversation went on our side; what the peer said is in its flight.
pub(super) struct Conversation {
    /// Whether all that we wanted to write went out.
    pub(super) written: bool,
    /// How the stream ended, if it was not we who had enough.
    pub(super) ending: Option<Ending>,
    /// From our last write to the end.
    pub(super) after: Duration,
    /// From our hello to the first byte back.
    pub(super) first_byte: Option<Duration>,
    /// All that we wrote, or were to.
    pub(super) sent: Vec<u8>,
    /// Where it went back and forth.
    pub(super) turns: Turns,
}

/// The turns of a conversation but the last. Most have one alone, and so nothing to remember.
#[derive(Debug, Default)]
pub(super) struct Turns {
    done: Vec<Turn>,
    current: Turn,
}

/// What was said and what came back before more was said, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// What we wrote.
    pub sent: usize,
    /// What came back.
    pub received: usize,
}

impl Turns {
    /// So much came, when so much had been written in all.
    fn read(&mut self, written: usize, count: usize) {
        let before: usize = self.done.iter().map(|turn| turn.sent).sum();
        let sent = written.saturating_sub(before);
        if self.current.received > 0 && sent > self.current.sent {
            let current = std::mem::take(&mut self.current);
            self.done.push(current);
            return self.read(written, count);
        }
        self.current = Turn { sent, received: self.current.received + count };
    }

    /// Those before the last.
    pub(super) fn before_the_last(self) -> Vec<Turn> {
        self.done
    }
}

/// Writes the hello and all that the flight answers, until the answer is known or the stream ends.
pub(super) async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    hello: Vec<u8>,
    segments: usize,
    limits: Limits,
    flight: &mut Flight,
    random: &mut impl CryptoRng,
) -> io::Result<Conversation> {
    let mut outgoing = Outgoing::new(hello, segments);
    let mut hello_at = outgoing.at;
    let mut quiet_until = outgoing.at + limits.hello;
    let mut first_byte = None;
    let mut last_progress = Progress::MoreWanted;
    let mut turns = Turns::default();
    let ending = loop {
        let step = poll_fn(|context| {
            poll_step(context, stream, &mut outgoing, |bytes, outgoing| {
                first_byte.get_or_insert_with(|| hello_at.elapsed());
                turns.read(outgoing.written, bytes.len());
                let (progress, write) = flight.push(bytes, outgoing.at.elapsed(), hello_at.elapsed(), random);
                outgoing.add(write);
                progress
            })
        });
        match timeout_at(quiet_until.min(limits.deadline), step).await {
            Err(_) => break Some(Ending::Silence),
            Ok(Step::Failed(error)) => return Err(error),
            Ok(Step::Wrote) => {
                if first_byte.is_none() {
                    hello_at = outgoing.at;
                }
                quiet_until = Instant::now() + limits.quiet(last_progress, first_byte);
            }
            Ok(Step::Ended(ending)) => break Some(ending),
            Ok(Step::Read(progress)) => {
                let is_new = progress != last_progress;
                last_progress = progress;
                match progress {
                    Progress::Complete => break None,
                    // However often something comes that settles nothing, the wait is not prolonged.
                    Progress::OnlyTheEndWanted | Progress::WordWanted if !is_new => {}
                    progress => quiet_until = Instant::now() + limits.quiet(progress, first_byte),
                }
            }
        }
    };
    if ending.is_none() && outgoing.is_going() {
        // The keys have moved on with what the peer is owed: who goes on without it can't be understood.
        let owed = async {
            while outgoing.is_going() {
                poll_fn(|context| outgoing.poll_write_some(context, stream)).await?;
            }
            io::Result::Ok(())
        };
        timeout_at(limits.deadline.min(Instant::now() + SETTLING), owed).await.unwrap_or(Ok(()))?;
    }
    Ok(Conversation {
        turns,
        written: outgoing.state == Going::Whole,
        ending,
        after: outgoing.at.elapsed(),
        first_byte,
        sent: outgoing.bytes,
    })
}

/// What moves a conversation on.
enum Step {
    Wrote,
    Read(Progress),
    Ended(Ending),
    /// This system failed.
    Failed(io::Error),
}

/// Writes what there is to write, else reads. Writing comes first: what a failed write tells must be known when the
/// stream then seems to end well.
fn poll_step<S: AsyncRead + AsyncWrite + Unpin>(
    context: &mut Context<'_>,
    stream: &mut S,
    outgoing: &mut Outgoing,
    take: impl FnOnce(&[u8], &mut Outgoing) -> Progress,
) -> Poll<Step> {
    if outgoing.is_going()
        && let Poll::Ready(written) = outgoing.poll_write_some(context, stream)
    {
        return Poll::Ready(written.map_or_else(Step::Failed, |()| Step::Wrote));
    }
    let mut buffer = [const { MaybeUninit::uninit() }; READ];
    let mut buffer = ReadBuf::uninit(&mut buffer);
    let read = ready!(Pin::new(stream).poll_read(context, &mut buffer));
    Poll::Ready(match (read, buffer.filled()) {
        (Err(error), _) => ending_of(error).map_or_else(Step::Failed, Step::Ended),
        (Ok(()), []) if outgoing.state == Going::Reset => Step::Ended(Ending::Reset),
        (Ok(()), []) => Step::Ended(Ending::Fin),
        (Ok(()), bytes) => Step::Read(take(bytes, outgoing)),
    })
}

impl Limits {
    /// How long to wait for the next byte. On a long way the peer's word takes as long as its first byte did.
    fn quiet(&self, progress: Progress, first_byte: Option<Duration>) -> Duration {
        match progress {
            Progress::MoreWanted | Progress::Complete => self.hello,
            Progress::WordWanted => self.finished.max(first_byte.unwrap_or_default()).min(self.finished * LONGER),
            Progress::OnlyTheEndWanted => AFTERMATH,
        }
    }
}

/// What we write, and how far that has come.
struct Outgoing {
    bytes: Vec<u8>,
    written: usize,
    state: Going,
    /// When the last part was handed over. Taken before the call: its answer may be here before that returns.
    at: Instant,
    /// How much of it is the hello, and how much of that goes out at a time.
    hello: usize,
    piece: usize,
    /// Whether a part is being handed over, and there was no room for it yet.
    is_trying: bool,
    /// What is waited for before the next piece.
    pause: Option<Pin<Box<Sleep>>>,
}

/// What becomes of what we write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Going {
    /// There is more to write, or to flush.
    On,
    /// All of it is written.
    Whole,
    /// The connection was reset before or while we wrote. What had come by then can still be read, and then the
    /// system may report a clean close: having told us of the reset once, it forgets it.
    Reset,
    /// The system gave up sending.
    GaveUp,
}

impl Outgoing {
    fn new(hello: Vec<u8>, segments: usize) -> Self {
        let piece = hello.len().div_ceil(segments.max(1)).max(1);
        Self {
            hello: hello.len(),
            bytes: hello,
            written: 0,
            state: Going::On,
            at: Instant::now(),
            piece,
            is_trying: false,
            pause: None,
        }
    }

    fn is_going(&self) -> bool {
        self.state == Going::On
    }

    fn add(&mut self, bytes: Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        self.bytes.extend(bytes);
        if self.state == Going::Whole {
            self.state = Going::On;
        }
    }

    /// Writes the next part, and flushes behind the last one. What a failure says about the peer is kept; one that says
    /// nothing about it is ours.
    fn poll_write_some<W: AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        writer: &mut W,
    ) -> Poll<io::Result<()>> {
        match ready!(self.poll_write_part(context, Pin::new(writer))) {
            Ok(0) if self.written == self.bytes.len() => self.state = Going::Whole,
            Ok(count) => self.written += count,
            Err(error) => {
                self.state = match ending_of(error)? {
                    Ending::Silence => Going::GaveUp,
                    Ending::Reset | Ending::Fin => Going::Reset,
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Writes of what is left as much as may go out now; nothing, and flushes, where that is all.
    fn poll_write_part<W: AsyncWrite>(
        &mut self,
        context: &mut Context<'_>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<usize>> {
        let (mut end, begun) = (self.bytes.len(), self.written % self.piece);
        if self.written < self.hello {
            if begun == 0 && self.written > 0 {
                if self.pause.is_none() {
                    ready!(writer.as_mut().poll_flush(context))?;
                }
                let pause = self.pause.get_or_insert_with(|| Box::pin(sleep_until(self.at + BETWEEN_PIECES)));
                ready!(pause.as_mut().poll(context));
            }
            end = self.hello.min(self.written - begun + self.piece);
        }
        let rest = self.bytes.get(self.written..end).unwrap_or_default();
        if rest.is_empty() {
            return writer.poll_flush(context).map_ok(|()| 0);
        }
        if !self.is_trying {
            (self.at, self.is_trying) = (Instant::now(), true);
        }
        let written = ready!(writer.poll_write(context, rest));
        (self.is_trying, self.pause) = (false, None);
        Poll::Ready(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_begins_with_our_next_words_and_what_was_said_once_needs_no_turns() {
        let mut turns = Turns::default();
        turns.read(200, 50);
        turns.read(200, 30);
        assert_eq!(turns.done, []);
        turns.read(260, 10);
        turns.read(261, 1);
        let first = Turn { sent: 200, received: 80 };
        assert_eq!(turns.before_the_last(), [first, Turn { sent: 60, received: 10 }]);
    }
}
