//! One question of SSL 2.0 over one open stream. Its answer is one record; whoever does not speak it closes, resets, stays
//! silent, or answers by an alert of TLS.

use std::io;
use std::time::Duration;

use rand::CryptoRng;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::not_tls::{FIRST_BYTES, looks_like};
use super::summary::Learned;
use super::{Ending, Limits, Recorded, ending_of};
use crate::outcome::{
    AfterAlert, Answer, CertificatesState, NamedCipherSpec, Outcome, Ssl2Server, Stage, milliseconds,
};
use crate::registry::ProtocolVersion;
use crate::wire::Wire;
use crate::wire::alert::Alert;
use crate::wire::record::{ContentType, Record};
use crate::wire::ssl2::{Ssl2CipherSpec, Ssl2ClientHello, Ssl2Error, Ssl2Record, Ssl2ServerHello};

/// No `SERVER-HELLO` is longer than a record.
const MOST: usize = 3 + 0x7fff;

/// How long to look for the FIN or RST behind an alert.
const AFTERMATH: Duration = Duration::from_secs(1);

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
    ServerHello(Box<Ssl2ServerHello>),
    /// A refusal, by code and name.
    Refusal(u8, Option<String>),
    NotTls,
    Malformed(crate::wire::DecodeError),
}

/// Writes the hello and reads what comes back.
pub async fn ask_ssl2<S>(stream: &mut S, hello: Vec<u8>, limits: Limits) -> io::Result<(Recorded, Option<Ssl2Server>)>
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
    let was_reset = match timeout_at(until, write).await {
        Ok(Err(error)) => ending_of(error)? == Ending::Reset,
        _ => false,
    };
    let mut received = Vec::new();
    let (mut first_byte, mut told) = (None, Read::More);
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
                told = read(&received);
                if !matches!(told, Read::More) || received.len() >= MOST {
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
        Read::Refusal(code, name) => {
            let then = aftermath(stream, &mut buffer).await;
            Answer::Alert { level: "fatal".to_owned(), code, name, then, after_ms }
        }
        Read::NotTls => {
            let first = received.get(..FIRST_BYTES).unwrap_or(&received);
            Answer::NotTls { first_bytes: hex::encode(first), looks_like: looks_like(first) }
        }
        Read::Malformed(error) => {
            Answer::Malformed { field: error.field().to_owned(), offset: error.offset(), expected: error.expected() }
        }
        Read::More => match ended {
            Ending::Reset => Answer::Reset { received_bytes, after_ms },
            Ending::Fin => Answer::Fin { received_bytes, after_ms },
            Ending::Silence => {
                let waiting_for = "SERVER-HELLO of SSL 2.0".to_owned();
                Answer::Timeout { waiting_for, received_bytes, after_ms, tcp: None }
            }
        },
    };
    let mut recorded = Recorded::not_reached(Outcome::new(Stage::Hello, answer));
    (recorded.learned, recorded.first_byte, recorded.sent, recorded.received) = (learned, first_byte, hello, received);
    Ok((recorded, server))
}

fn read(bytes: &[u8]) -> Read {
    let is_tls = bytes.first().is_some_and(|first| (20..=24).contains(first));
    if is_tls {
        return match (bytes.get(1), Record::parse(bytes)) {
            (Some(major), _) if *major != 3 => Read::NotTls,
            (_, Ok(None)) => Read::More,
            (_, Ok(Some((record, _)))) if record.content_type == ContentType::ALERT => {
                match Alert::from_bytes(record.fragment) {
                    Ok(alert) => Read::Refusal(alert.description.0, alert.description.name().map(str::to_owned)),
                    Err(error) => Read::Malformed(error),
                }
            }
            (_, Ok(Some(_))) => Read::NotTls,
            (_, Err(error)) => Read::Malformed(error),
        };
    }
    // Nothing is encrypted yet, so nothing needs the padding of a long header.
    if bytes.first().is_some_and(|first| first & 0x80 == 0) {
        return Read::NotTls;
    }
    match Ssl2Record::parse(bytes) {
        Ok(None) => Read::More,
        Ok(Some((record, _))) if record.data.first() == Some(&Ssl2Error::MSG_TYPE) => {
            match Ssl2Error::from_bytes(record.data) {
                Ok(error) => Read::Refusal(u8::try_from(error.code).unwrap_or(u8::MAX), error_name(error.code)),
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

async fn aftermath<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut [u8]) -> AfterAlert {
    match timeout_at(Instant::now() + AFTERMATH, stream.read(buffer)).await {
        Ok(Ok(0)) => AfterAlert::Fin,
        Ok(Err(_)) => AfterAlert::Reset,
        _ => AfterAlert::Open,
    }
}
