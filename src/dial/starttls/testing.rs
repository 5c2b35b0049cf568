//! A server that speaks by a script.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use super::starttls;
use crate::dial::{Connection, Failure, connect};
use crate::outcome::Outcome;
use crate::target::Starttls;

/// One thing that the server does.
pub(super) enum Line {
    /// Says this.
    Says(&'static [u8]),
    /// Hears exactly this.
    Hears(&'static [u8]),
}

pub(super) use Line::{Hears, Says};

/// What comes of asking a server that plays these lines and then closes.
pub(super) async fn play(protocol: Starttls, lines: Vec<Line>) -> Result<Connection, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        speak(&mut stream, lines).await;
        stream
    };
    let client = async {
        let connection = connect(address, Duration::from_secs(5)).await.unwrap();
        starttls(protocol, connection, Instant::now() + Duration::from_secs(5)).await
    };
    let (_kept_open, asked) = tokio::join!(server, client);
    asked
}

/// Plays lines, then closes this side.
pub(super) async fn speak(stream: &mut TcpStream, lines: Vec<Line>) {
    for line in lines {
        match line {
            Says(words) => stream.write_all(words).await.unwrap(),
            Hears(words) => {
                let mut heard = vec![0; words.len()];
                stream.read_exact(&mut heard).await.unwrap();
                assert_eq!(heard.escape_ascii().to_string(), words.escape_ascii().to_string());
            }
        }
    }
    stream.shutdown().await.unwrap();
}

/// How asking ended, where no TLS began.
pub(super) async fn outcome(protocol: Starttls, lines: Vec<Line>) -> Outcome {
    match play(protocol, lines).await {
        Err(Failure::Ended(outcome)) => outcome,
        other => panic!("expected an outcome, got {other:?}"),
    }
}
