//! One TCP connection to one address, and how it ended where it did not come about.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::socket::{self, Fault};
use super::{Connection, DialError, Failure};
use crate::outcome::{Answer, Outcome, Stage, TcpState, milliseconds};

/// Opens a connection to exactly this address, or says how that ended within `wait`.
///
/// Nagle's algorithm is off: what is written in one call leaves at once.
pub async fn connect(address: SocketAddr, wait: Duration) -> Result<Connection, Failure> {
    let socket = socket::open(address).map_err(|error| not_opened(error, address))?;
    let start = Instant::now();
    let stream = socket::start_connect(socket, address).map_err(|error| ended(error, address, start, None))?;
    let Ok(handshake) = timeout(wait, handshake(&stream)).await else {
        return Err(Outcome::new(Stage::Connect, silence(start, socket::tcp_state(&stream))).into());
    };
    let elapsed = start.elapsed();
    let round_trip = handshake.map_err(|error| ended(error, address, start, socket::tcp_state(&stream)))?;
    // Where this machine is busy, our own clock stops late.
    let elapsed = round_trip.map_or(elapsed, |round_trip| round_trip.min(elapsed));
    Ok(Connection::new(stream, address, elapsed))
}

/// Waits for the end of the TCP handshake: the stream becomes writable then, whether there is an error or not. Gives the
/// round trip, where the system has measured it.
///
/// A reset is no failure of the handshake, for a SYN is answered by "refused": it came behind the SYN-ACK, perhaps with
/// bytes before it, which can still be read. The next write fails, and so the reset is not lost.
async fn handshake(stream: &TcpStream) -> io::Result<Option<Duration>> {
    stream.writable().await?;
    if let Some(round_trip) = socket::round_trip(stream) {
        return Ok(Some(round_trip));
    }
    match stream.take_error()? {
        Some(error) if Fault::of_error(&error) != Fault::Reset => Err(error),
        _ => Ok(None),
    }
}

/// No socket: a machine without IPv6 has no way to an IPv6 address; all else is ours.
fn not_opened(error: io::Error, address: SocketAddr) -> Failure {
    match Fault::of_error(&error) {
        Fault::Unreachable if error.kind() != io::ErrorKind::PermissionDenied => unreachable(&error),
        fault => local("open a socket to", address, error, fault),
    }
}

/// What the system's error on a connect says of the peer, if anything.
fn ended(error: io::Error, address: SocketAddr, start: Instant, tcp: Option<TcpState>) -> Failure {
    let after_ms = milliseconds(start.elapsed());
    let answer = match Fault::of_error(&error) {
        Fault::Refused => Answer::Refused { after_ms },
        Fault::Reset => Answer::Reset { received_bytes: 0, after_ms },
        Fault::TimedOut => silence(start, tcp),
        Fault::Unreachable => return unreachable(&error),
        fault => return local("connect to", address, error, fault),
    };
    Outcome::new(Stage::Connect, answer).into()
}

fn silence(start: Instant, tcp: Option<TcpState>) -> Answer {
    let after_ms = milliseconds(start.elapsed());
    Answer::Timeout { waiting_for: "SYN-ACK".to_owned(), received_bytes: 0, after_ms, tcp }
}

fn unreachable(error: &io::Error) -> Failure {
    Outcome::new(Stage::Connect, Answer::Unreachable { error: error.to_string() }).into()
}

fn local(step: &'static str, place: SocketAddr, source: io::Error, fault: Fault) -> Failure {
    DialError::Socket { step, place, source, remedy: fault.remedy() }.into()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const SOON: Duration = Duration::from_secs(5);

    async fn outcome_of(address: SocketAddr, wait: Duration) -> Outcome {
        match connect(address, wait).await {
            Err(Failure::Ended(outcome)) => outcome,
            other => panic!("expected an outcome, got {other:?}"),
        }
    }

    #[tokio::test]
    async fn an_open_port_gives_a_connection_that_carries_bytes_both_ways() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut connection = connect(address, SOON).await.unwrap();
        let (mut far_end, from) = listener.accept().await.unwrap();

        connection.write_all(b"hello").await.unwrap();
        let mut bytes = [0; 5];
        far_end.read_exact(&mut bytes).await.unwrap();
        far_end.write_all(&bytes).await.unwrap();
        connection.read_exact(&mut bytes).await.unwrap();

        assert_eq!(&bytes, b"hello");
        assert_eq!((connection.peer_address(), connection.local_address().unwrap()), (address, from));
        assert!(connection.elapsed() > Duration::ZERO);
        assert!(connection.tcp().nodelay().unwrap());
        assert_eq!(connection.tcp_state().is_some(), cfg!(target_os = "linux"));
    }

    #[tokio::test]
    async fn a_reset_right_behind_the_handshake_leaves_what_came_before_it_to_be_read() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let socket = socket::start_connect(socket::open(address).unwrap(), address).unwrap();
        let (mut far_end, _) = listener.accept().await.unwrap();
        far_end.write_all(b"alert").await.unwrap();
        socket2::SockRef::from(&far_end).set_linger(Some(Duration::ZERO)).unwrap();
        drop(far_end);

        handshake(&socket).await.unwrap();
        let mut connection = Connection::new(socket, address, Duration::ZERO);
        assert!(connection.write_all(b"hello").await.is_err());
        let mut bytes = Vec::new();
        connection.read_to_end(&mut bytes).await.unwrap();
        assert_eq!(bytes, b"alert");
    }

    #[tokio::test]
    async fn a_connection_ends_in_fin_unless_it_is_to_end_in_a_reset() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        for (by_reset, expected) in [(false, Ok(0)), (true, Err(io::ErrorKind::ConnectionReset))] {
            let connection = connect(address, SOON).await.unwrap();
            let (mut far_end, _) = listener.accept().await.unwrap();
            if by_reset {
                connection.close_by_reset().unwrap();
            }
            drop(connection);
            assert_eq!(far_end.read(&mut [0]).await.map_err(|error| error.kind()), expected);
        }
    }

    #[tokio::test]
    async fn a_closed_port_is_refused() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let outcome = outcome_of(address, SOON).await;
        assert_eq!(outcome.stage, Stage::Connect);
        assert!(matches!(outcome.answer, Answer::Refused { after_ms } if after_ms < 5000.0), "{outcome:?}");
    }

    /// Linux drops a SYN when the queue of connections to accept is full. The SYN is sent again after one second.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_full_backlog_is_a_timeout_and_the_unanswered_syn_is_its_proof() {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queued = Vec::new();
        while let Ok(connection) = connect(address, Duration::from_millis(100)).await {
            queued.push(connection);
            assert!(queued.len() < 64, "the backlog never fills");
        }

        let outcome = outcome_of(address, Duration::from_millis(1400)).await;

        let Answer::Timeout { waiting_for, received_bytes: 0, after_ms, tcp: Some(tcp) } = outcome.answer else {
            panic!("expected a timeout, got {outcome:?}");
        };
        assert_eq!((outcome.stage, waiting_for.as_str()), (Stage::Connect, "SYN-ACK"));
        assert!((1400.0..5000.0).contains(&after_ms), "{after_ms}");
        assert_eq!(tcp, TcpState { unacked: 1, retransmits: 1 });
    }

    #[test]
    fn a_lack_of_this_machine_says_step_place_cause_and_remedy() {
        let address = "192.0.2.1:443".parse().unwrap();
        let error = io::Error::from(io::ErrorKind::AddrNotAvailable);
        let Failure::Local(error) = ended(error, address, Instant::now(), None) else { panic!("not ours") };
        let text = error.to_string();
        assert!(text.starts_with("cannot connect to 192.0.2.1:443: "), "{text}");
        assert!(text.contains("\n  try: ask fewer endpoints at a time"), "{text}");
    }

    #[test]
    fn a_socket_that_may_not_be_opened_is_ours_but_a_missing_address_family_is_the_ways() {
        let address = "[2001:db8::1]:443".parse().unwrap();
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(matches!(not_opened(denied, address), Failure::Local(_)));
        if cfg!(target_os = "linux") {
            let no_family = io::Error::from_raw_os_error(97);
            let Failure::Ended(outcome) = not_opened(no_family, address) else { panic!("not the way's") };
            assert_eq!(outcome.answer.kind(), "unreachable");
        }
    }
}
