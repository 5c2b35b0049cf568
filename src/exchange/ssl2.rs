//! One question of SSL 2.0 over one open stream. Its answer is one record; whoever does not speak it closes, resets, stays
//! silent, or answers by an alert of TLS.

use std::io;
use std::time::Duration;

use rand::CryptoRng;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::ending::{Ending, after_alert, aftermath, alert_answer, ending_of, malformed_answer};
use super::not_tls::{FIRST_BYTES, looks_like};
use super::summary::Learned;
use super::{Limits, Recorded};
use crate::outcome::{Answer, CertificatesState, NamedCipherSpec, Outcome, Ssl2Server, Stage, TcpState, milliseconds};
use crate::registry::{AlertDescription, AlertLevel, ProtocolVersion};
use crate::wire::Wire;
use crate::wire::alert::Alert;
use crate::wire::record::{ContentType, Record};
use crate::wire::ssl2::{Ssl2CipherSpec, Ssl2ClientHello, Ssl2Error, Ssl2Record, Ssl2ServerHello};

/// No `SERVER-HELLO` is longer than a record.
const MOST: usize = 3 + 0x7fff;

/// A hello with every cipher of SSL 2.0, in a record with the short header.
#[expect(clippy::missing_panics_doc, reason = "seven ciphers always fit a record")]
pub fn ssl2_client_hello(random: &mut impl CryptoRng) -> Vec<u8> {
    let mut challenge = vec![0; 16];
    random.fill_bytes(&mut challenge);
    let cipher_specs = Ssl2CipherSpec::all().collect();
    let hello = Ssl2ClientHello { version: ProtocolVersion::SSL2, cipher_specs, session_id: Vec::new(), challenge };
    let data = hello.to_bytes();
    Ssl2Record { data: &data, long: None }.to_bytes().expect("seven ciphers fit a record")
}

/// What the bytes so far are.
enum Read {
    /// Not enough of them.
    More,
    /// Warnings, the last of which this is: it ends nothing, unless nothing else comes.
    Warning(Alert),
    ServerHello(Box<Ssl2ServerHello>),
    /// A refusal in TLS.
    Alert(Alert),
    /// A refusal of its own, by code and name.
    Error(u8, Option<String>),
    NotTls,
    Malformed(crate::wire::DecodeError),
}

/// Writes the hello and reads what comes back. `tcp_state` is asked when the peer stays silent.
pub async fn ask_ssl2<S>(
    stream: &mut S,
    hello: Vec<u8>,
    limits: Limits,
    tcp_state: impl Fn(&S) -> Option<TcpState>,
) -> io::Result<(Recorded, Option<Ssl2Server>)>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let began = Instant::now();
    let until = limits.deadline.min(began + limits.hello);
    let write = async {
        stream.write_all(&hello).await?;
        stream.flush().await
    };
    // A failed write ends nothing: what had come can still be read, and then the stream may seem to end well.
    let (was_reset, is_written) = match timeout_at(until, write).await {
        Ok(Err(error)) => (ending_of(error)? == Ending::Reset, false),
        written => (false, written.is_ok()),
    };
    let mut received = Vec::new();
    let (mut first_byte, mut told, mut told_at) = (None, Read::More, Duration::ZERO);
    let mut buffer = [0; 4096];
    let ended = loop {
        match timeout_at(until, stream.read(&mut buffer)).await {
            Err(_) => break Ending::Silence,
            Ok(Ok(0)) if was_reset => break Ending::Reset,
            Ok(Ok(0)) => break Ending::Fin,
            Ok(Err(error)) => break ending_of(error)?,
            Ok(Ok(count)) => {
                first_byte.get_or_insert_with(|| began.elapsed());
                received.extend_from_slice(buffer.get(..count).unwrap_or_default());
                (told, told_at) = (read(&received), began.elapsed());
                if !matches!(told, Read::More | Read::Warning(_)) || received.len() >= MOST {
                    break Ending::Silence;
                }
            }
        }
    };
    let after_ms = milliseconds(began.elapsed());
    let received_bytes = received.len();
    let mut learned = Learned::default();
    let mut server = None;
    let answer = match told {
        Read::ServerHello(hello) => {
            learned.certificates_state = CertificatesState::NotSent;
            if !hello.certificate.is_empty() {
                learned.certificates = vec![hello.certificate.clone()];
                learned.certificates_state = CertificatesState::Read;
            }
            server = Some(described(&hello));
            Answer::ServerHello { received_bytes, not_finished: None }
        }
        Read::Warning(alert) => alert_answer(alert, Some(ended), told_at),
        Read::Alert(alert) => alert_answer(alert, Some(behind(stream, was_reset).await), told_at),
        Read::Error(code, name) => {
            let level = "fatal".to_owned();
            let then = after_alert(Some(behind(stream, was_reset).await));
            Answer::Alert { level, code, name, then, after_ms }
        }
        Read::NotTls => {
            let first = received.get(..FIRST_BYTES).unwrap_or(&received);
            Answer::NotTls { first_bytes: hex::encode(first), looks_like: looks_like(first) }
        }
        Read::Malformed(error) => malformed_answer(&error),
        Read::More => match ended {
            Ending::Reset => Answer::Reset { received_bytes, after_ms },
            Ending::Fin => Answer::Fin { received_bytes, after_ms },
            Ending::Silence => {
                let waiting_for = if is_written { "SERVER-HELLO of SSL 2.0" } else { "room to write the hello" };
                let tcp = tcp_state(stream);
                Answer::Timeout { waiting_for: waiting_for.to_owned(), received_bytes, after_ms, tcp }
            }
        },
    };
    let mut recorded = Recorded::not_reached(Outcome::new(Stage::Hello, answer));
    (recorded.learned, recorded.first_byte, recorded.sent, recorded.received) = (learned, first_byte, hello, received);
    Ok((recorded, server))
}

fn read(mut bytes: &[u8]) -> Read {
    let mut nothing = Read::More;
    while bytes.first().is_some_and(|first| (20..=24).contains(first)) {
        let (record, rest) = match Record::parse(bytes) {
            _ if bytes.get(1).is_some_and(|major| *major != 3) => return Read::NotTls,
            Ok(None) => return nothing,
            Ok(Some((record, length))) => (record, bytes.get(length..).unwrap_or_default()),
            Err(error) => return Read::Malformed(error),
        };
        if record.content_type != ContentType::ALERT {
            return Read::NotTls;
        }
        match Alert::from_bytes(record.fragment) {
            Ok(alert) if is_mere_warning(alert) => (nothing, bytes) = (Read::Warning(alert), rest),
            Ok(alert) => return Read::Alert(alert),
            Err(error) => return Read::Malformed(error),
        }
    }
    if bytes.is_empty() {
        return nothing;
    }
    // Nothing is encrypted yet, so nothing needs the padding of a long header.
    if bytes.first().is_some_and(|first| first & 0x80 == 0) {
        return Read::NotTls;
    }
    match Ssl2Record::parse(bytes) {
        Ok(None) => nothing,
        Ok(Some((record, _))) if record.data.first() == Some(&Ssl2Error::MSG_TYPE) => {
            match Ssl2Error::from_bytes(record.data) {
                Ok(error) => Read::Error(u8::try_from(error.code).unwrap_or(u8::MAX), error_name(error.code)),
                Err(error) => Read::Malformed(error),
            }
        }
        Ok(Some((record, _))) => match Ssl2ServerHello::from_bytes(record.data) {
            Ok(hello) => Read::ServerHello(Box::new(hello)),
            Err(error) => Read::Malformed(error),
        },
        Err(error) => Read::Malformed(error),
    }
}

/// Whether what goes on may still be an answer: closing is none, by whatever level (RFC 5246 §7.2.1).
fn is_mere_warning(alert: Alert) -> bool {
    alert.level == AlertLevel::WARNING && alert.description != AlertDescription::CLOSE_NOTIFY
}

/// The draft's name of an error.
fn error_name(code: u16) -> Option<String> {
    let name = match code {
        1 => "NO-CIPHER-ERROR",
        2 => "NO-CERTIFICATE-ERROR",
        4 => "BAD-CERTIFICATE-ERROR",
        6 => "UNSUPPORTED-CERTIFICATE-TYPE-ERROR",
        _ => return None,
    };
    Some(name.to_owned())
}

fn described(hello: &Ssl2ServerHello) -> Ssl2Server {
    let named = |spec: &crate::wire::ssl2::Ssl2CipherSpec| NamedCipherSpec {
        code: format!("0x{:06X}", spec.0),
        name: spec.to_string(),
    };
    Ssl2Server {
        version: hello.version,
        cipher_specs: hello.cipher_specs.iter().map(named).collect(),
        connection_id_length: hello.connection_id.len(),
    }
}

/// What comes behind a refusal, where writing may have found the connection reset.
async fn behind<S: AsyncRead + Unpin>(stream: &mut S, was_reset: bool) -> Ending {
    match aftermath(stream).await {
        Ending::Fin if was_reset => Ending::Reset,
        ending => ending,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::AfterAlert;

    /// What is told of a peer that says this and then closes, or stays silent.
    async fn answered(says: &[u8], closes: bool) -> Answer {
        let (mut ours, mut theirs) = tokio::io::duplex(1024);
        theirs.write_all(says).await.unwrap();
        if closes {
            theirs.shutdown().await.unwrap();
        }
        let hello = Duration::from_secs(2);
        let limits = Limits { hello, finished: hello, deadline: Instant::now() + 2 * hello };
        let tcp = TcpState { unacked: 1, retransmits: 2 };
        let asked = ask_ssl2(&mut ours, vec![0x80, 0], limits, |_| Some(tcp)).await.unwrap();
        drop(theirs);
        asked.0.outcome.answer
    }

    #[tokio::test(start_paused = true)]
    async fn an_alert_has_its_own_level_and_what_comes_behind_it() {
        const WARNING: &[u8] = &[21, 3, 1, 0, 2, 1, 112];
        const FATAL: &[u8] = &[21, 3, 1, 0, 2, 2, 70];
        for (says, closes, expected) in [
            (WARNING.to_vec(), false, ("warning", 112, AfterAlert::Open)),
            (WARNING.to_vec(), true, ("warning", 112, AfterAlert::Fin)),
            ([WARNING, FATAL].concat(), true, ("fatal", 70, AfterAlert::Fin)),
            (FATAL.to_vec(), false, ("fatal", 70, AfterAlert::Open)),
            ([FATAL, b"rest"].concat(), true, ("fatal", 70, AfterAlert::Fin)),
            (vec![0x80, 3, 0, 0, 1], true, ("fatal", 1, AfterAlert::Fin)),
        ] {
            match answered(&says, closes).await {
                Answer::Alert { level, code, then, .. } => assert_eq!((level.as_str(), code, then), expected),
                other => panic!("{says:?}: {other:?}"),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_told_with_what_tcp_knows() {
        let Answer::Timeout { waiting_for, tcp, .. } = answered(&[], false).await else { panic!("no timeout") };
        assert_eq!((waiting_for.as_str(), tcp.is_some()), ("SERVER-HELLO of SSL 2.0", true));
    }
}
