//! What the operating systems do differently: starting a connect, their error numbers, what their TCP tells, when it
//! acknowledges, how many sockets they allow, and how they share out processors among who works with very many.
//!
//! The only file with error numbers in it, and the only one with `unsafe`: no crate here offers `TCP_INFO`, the limit of
//! descriptors, or the scheduling of a thread.
#![cfg_attr(
    unix,
    expect(unsafe_code, reason = "getsockopt(TCP_INFO), setrlimit and sched_setscheduler, reviewed here in one place")
)]

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::TcpStream;

use crate::outcome::TcpState;

/// A socket that does not wait, and sends every write at once.
pub(super) fn open(address: SocketAddr) -> io::Result<Socket> {
    let (domain, protocol) = (Domain::for_address(address), Some(Protocol::TCP));
    // Where the system can, it is told so in the one call that opens the socket.
    #[cfg(any(target_os = "linux", target_os = "freebsd"))]
    let socket = Socket::new(domain, Type::STREAM.nonblocking(), protocol)?;
    #[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
    let socket = Socket::new(domain, Type::STREAM, protocol)?;
    #[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    Ok(socket)
}

/// Sends the SYN. The stream is writable once the connect has ended, in whatever way.
///
/// `tokio::net::TcpStream::connect` would do the same, but keeps the socket to itself until it has succeeded; ours can
/// still be asked for [`tcp_state`] when it has not.
pub(super) fn start_connect(socket: Socket, address: SocketAddr) -> io::Result<TcpStream> {
    match socket.connect(&address.into()) {
        Ok(()) => {}
        Err(error) if error.raw_os_error() == Some(errno::CONNECT_IN_PROGRESS) => {}
        Err(error) => return Err(error),
    }
    TcpStream::from_std(socket.into())
}

/// Lets the stream end in a RST when it is dropped: without time to linger there is nothing to wait for, and what was
/// not sent is thrown away (`SO_LINGER` of zero).
pub(super) fn close_by_reset(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_linger(Some(Duration::ZERO))
}

/// Leaves what comes to be acknowledged by what is said next (`TCP_QUICKACK` off, tcp(7)). False where that can't be wished
/// for.
#[cfg(target_os = "linux")]
pub(super) fn acknowledge_later(stream: &TcpStream) -> bool {
    SockRef::from(stream).set_tcp_quickack(false).is_ok()
}

/// Acknowledges what came, and what comes from here on, without delay. Where that fails, the connection is at its end.
#[cfg(target_os = "linux")]
pub(super) fn acknowledge_at_once(stream: &TcpStream) {
    SockRef::from(stream).set_tcp_quickack(true).ok();
}

/// Other systems acknowledge as they see fit.
#[cfg(not(target_os = "linux"))]
pub(super) fn acknowledge_later(_: &TcpStream) -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
pub(super) fn acknowledge_at_once(_: &TcpStream) {}

/// What the system knows of segments sent and not acknowledged.
pub(super) fn tcp_state(stream: &TcpStream) -> Option<TcpState> {
    let info = tcp_info(stream)?;
    Some(TcpState { unacked: info.unacked, retransmits: info.retransmits })
}

/// How long the SYN-ACK of an open connection was on its way, by the system's own clock: it stops when the segment is
/// there, ours when this process is given the time to look. Nothing where there is more to say of the connection, such as
/// that a segment had to be sent twice or that it has ended, or where the system does not tell.
pub(super) fn round_trip(stream: &TcpStream) -> Option<Duration> {
    let info = tcp_info(stream)?;
    (info.is_open && info.all_retransmits == 0 && !info.round_trip.is_zero()).then_some(info.round_trip)
}

/// What we read of the system's account of a connection.
struct TcpInfo {
    /// From both sides.
    is_open: bool,
    unacked: u32,
    /// Of what is not acknowledged now.
    retransmits: u32,
    all_retransmits: u32,
    /// Smoothed, which is to say the first one as long as nothing but the SYN was acknowledged.
    round_trip: Duration,
}

#[cfg(target_os = "linux")]
fn tcp_info(stream: &TcpStream) -> Option<TcpInfo> {
    use std::os::fd::AsRawFd;

    /// `TCP_ESTABLISHED` of `include/net/tcp_states.h`.
    const ESTABLISHED: u8 = 1;
    // SAFETY: `tcp_info` is made of integers alone, for which zero bytes are a value.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let mut length = libc::socklen_t::try_from(size_of_val(&info)).ok()?;
    // SAFETY: the descriptor is open, since `stream` is borrowed. `info` and `length` are exclusively ours for the
    // call, `length` is the size of `info`, and the kernel writes no more than that many bytes.
    let result = unsafe {
        libc::getsockopt(
            stream.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            (&raw mut info).cast::<libc::c_void>(),
            &raw mut length,
        )
    };
    (result == 0).then(|| TcpInfo {
        is_open: info.tcpi_state == ESTABLISHED,
        unacked: info.tcpi_unacked,
        retransmits: u32::from(info.tcpi_retransmits),
        all_retransmits: info.tcpi_total_retrans,
        round_trip: Duration::from_micros(info.tcpi_rtt.into()),
    })
}

/// Other systems have no such call, or one of another form.
#[cfg(not(target_os = "linux"))]
fn tcp_info(_: &TcpStream) -> Option<TcpInfo> {
    None
}

/// Raises the number of descriptors that this process may have as far as it may, and says how many they are; nothing
/// where the system sets no such limit.
#[cfg(unix)]
pub fn raise_descriptor_limit() -> Option<usize> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is exclusively ours for the call, and all that is written to.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } != 0 {
        return None;
    }
    // macOS takes no more than this from who asks for everything.
    let most = if cfg!(target_os = "macos") { limit.rlim_max.min(10_240) } else { limit.rlim_max };
    let raised = libc::rlimit { rlim_cur: most, ..limit };
    // SAFETY: `raised` is only read.
    let is_raised = most > limit.rlim_cur && unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const raised) } == 0;
    let now = if is_raised { most } else { limit.rlim_cur };
    usize::try_from(now).ok()
}

/// Windows' sockets are handles, of which there are as many as memory allows.
#[cfg(not(unix))]
pub fn raise_descriptor_limit() -> Option<usize> {
    None
}

/// Has this thread, and those that it starts from here on, take a processor when one is free and not the moment that
/// something comes for them (`SCHED_BATCH`, sched(7)): who waits for a thousand answers loses nothing by taking them some
/// at a time, and does not interrupt whoever else works here for each. A policy that somebody chose for us stays.
#[cfg(target_os = "linux")]
pub fn schedule_as_batch() {
    const THIS_THREAD: libc::pid_t = 0;
    // No static priority, which is all that this policy takes. The call itself is made, for musl's library has none.
    let parameters: libc::c_int = 0;
    // SAFETY: both calls take integers, and the second reads one more, which is ours and outlives it.
    unsafe {
        if libc::syscall(libc::SYS_sched_getscheduler, THIS_THREAD) == libc::c_long::from(libc::SCHED_OTHER) {
            libc::syscall(libc::SYS_sched_setscheduler, THIS_THREAD, libc::SCHED_BATCH, &raw const parameters);
        }
    }
}

/// Other systems have no such policy.
#[cfg(not(target_os = "linux"))]
pub fn schedule_as_batch() {}

/// What an error of a socket means for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// RST in answer to our SYN.
    Refused,
    /// RST later than that.
    Reset,
    /// The system gave up waiting.
    TimedOut,
    /// There is no way to the address, by the word of a router, of a rule, or of this machine.
    Unreachable,
    /// This machine has no more file descriptors.
    NoDescriptors,
    /// This machine has no more ports, or no address, to connect from.
    NoLocalAddress,
    /// This machine has no more memory for sockets.
    NoMemory,
    /// Nothing that a peer can cause.
    Unexpected,
}

impl Fault {
    /// What an error means: by its kind, which is the same on every system; by its number where std has no kind for it.
    pub(super) fn of(kind: ErrorKind, raw: Option<i32>) -> Self {
        match kind {
            ErrorKind::ConnectionRefused => return Self::Refused,
            ErrorKind::ConnectionReset => return Self::Reset,
            ErrorKind::TimedOut => return Self::TimedOut,
            // EACCES is the answer of a `prohibit` route and of ICMPv6 "administratively prohibited" (RFC 4443 §3.1),
            // EPERM that of a local rule; EINVAL that of a `blackhole` route, and of a link-local address without zone.
            ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::PermissionDenied
            | ErrorKind::InvalidInput => return Self::Unreachable,
            ErrorKind::AddrInUse | ErrorKind::AddrNotAvailable => return Self::NoLocalAddress,
            ErrorKind::OutOfMemory => return Self::NoMemory,
            _ => {}
        }
        match raw {
            Some(errno::EMFILE | errno::ENFILE | winsock::EMFILE) => Self::NoDescriptors,
            Some(errno::ENOBUFS | winsock::ENOBUFS) => Self::NoMemory,
            Some(raw) if errno::NO_WAY.contains(&raw) || winsock::NO_WAY.contains(&raw) => Self::Unreachable,
            _ => Self::Unexpected,
        }
    }

    /// The same, of an error at hand.
    pub(super) fn of_error(error: &io::Error) -> Self {
        Self::of(error.kind(), error.raw_os_error())
    }

    /// Whether this machine ran out of something; such an error says nothing of the peer.
    pub(super) fn is_exhaustion(self) -> bool {
        matches!(self, Self::NoDescriptors | Self::NoLocalAddress | Self::NoMemory)
    }

    /// What to do about a fault of this machine.
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::NoDescriptors => "ask fewer endpoints at a time, or raise the limit of open files (ulimit -n)",
            Self::NoLocalAddress => {
                "ask fewer endpoints at a time, or widen the range of local ports; \
                 see that this machine has an address of that family"
            }
            Self::NoMemory => "ask fewer endpoints at a time, or give this machine more memory for sockets",
            _ => "see whether a security policy or a sandbox keeps this program from using the network",
        }
    }
}

/// Errno values that std has no [`ErrorKind`] for.
#[cfg(target_os = "linux")]
mod errno {
    pub(super) use libc::{EINPROGRESS as CONNECT_IN_PROGRESS, EMFILE, ENFILE, ENOBUFS};

    /// What ICMP reports become (`icmp_err_convert` in the kernel), and a machine without IPv6.
    pub(super) const NO_WAY: [i32; 5] =
        [libc::EHOSTDOWN, libc::ENONET, libc::ENOPROTOOPT, libc::EPROTO, libc::EAFNOSUPPORT];
}

/// The same on macOS and the BSDs; on Windows no socket returns the lower ones.
#[cfg(not(target_os = "linux"))]
mod errno {
    /// EINPROGRESS, WSAEWOULDBLOCK.
    pub(super) const CONNECT_IN_PROGRESS: i32 = if cfg!(windows) { 10035 } else { 36 };
    pub(super) const EMFILE: i32 = 24;
    pub(super) const ENFILE: i32 = 23;
    pub(super) const ENOBUFS: i32 = 55;
    /// EHOSTDOWN, ENOPROTOOPT, EAFNOSUPPORT.
    pub(super) const NO_WAY: [i32; 3] = [64, 42, 47];
}

/// Winsock's, known on every system: they collide with no errno, and so are tested wherever this is built.
mod winsock {
    pub(super) const EMFILE: i32 = 10024;
    pub(super) const ENOBUFS: i32 = 10055;
    /// WSAEHOSTDOWN, WSAEAFNOSUPPORT.
    pub(super) const NO_WAY: [i32; 2] = [10064, 10047];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each number with the kind that std gives it on its own system.
    #[test]
    fn faults_of_errno_and_winsock_are_the_same() {
        use ErrorKind::{AddrInUse, AddrNotAvailable, ConnectionRefused, ConnectionReset, HostUnreachable};
        use ErrorKind::{InvalidInput, NetworkDown, NetworkUnreachable, OutOfMemory, PermissionDenied, TimedOut};
        let uncategorized = io::Error::from_raw_os_error(i32::MAX).kind();
        let table = [
            (ConnectionRefused, 111, 10061, Fault::Refused),
            (ConnectionReset, 104, 10054, Fault::Reset),
            (TimedOut, 110, 10060, Fault::TimedOut),
            (NetworkUnreachable, 101, 10051, Fault::Unreachable),
            (HostUnreachable, 113, 10065, Fault::Unreachable),
            (NetworkDown, 100, 10050, Fault::Unreachable),
            (PermissionDenied, 13, 10013, Fault::Unreachable),
            (InvalidInput, 22, 10022, Fault::Unreachable),
            (uncategorized, 112, 10064, Fault::Unreachable),
            (uncategorized, 97, 10047, Fault::Unreachable),
            (AddrInUse, 98, 10048, Fault::NoLocalAddress),
            (AddrNotAvailable, 99, 10049, Fault::NoLocalAddress),
            (uncategorized, 24, 10024, Fault::NoDescriptors),
            (uncategorized, 105, 10055, Fault::NoMemory),
            (OutOfMemory, 12, 8, Fault::NoMemory),
            (uncategorized, 88, 10038, Fault::Unexpected),
        ];
        for (kind, errno, winsock, fault) in table {
            assert_eq!(Fault::of(kind, Some(winsock)), fault, "Winsock {winsock}");
            if cfg!(target_os = "linux") {
                assert_eq!(Fault::of_error(&io::Error::from_raw_os_error(errno)), fault, "errno {errno}");
            }
        }
    }

    #[test]
    fn what_this_machine_lacks_is_never_the_peers_answer() {
        let exhausted = [Fault::NoDescriptors, Fault::NoLocalAddress, Fault::NoMemory];
        assert!(exhausted.into_iter().all(Fault::is_exhaustion));
        let answers = [Fault::Refused, Fault::Reset, Fault::TimedOut, Fault::Unreachable];
        assert!(!answers.into_iter().any(Fault::is_exhaustion));
    }

    /// The policy stands behind the name, which may have spaces, and 38 other fields (`proc_pid_stat(5)`).
    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_of_a_batch_and_those_that_it_starts_are_scheduled_so_and_no_others() {
        let policy = || {
            let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
            let behind_the_name = stat.rsplit_once(')').unwrap().1;
            behind_the_name.split_whitespace().nth(38).unwrap().parse::<i32>().unwrap()
        };
        let before = policy();
        let of_both = std::thread::spawn(move || {
            schedule_as_batch();
            (policy(), std::thread::spawn(policy).join().unwrap())
        });
        let expected = if before == libc::SCHED_OTHER { libc::SCHED_BATCH } else { before };
        assert_eq!(of_both.join().unwrap(), (expected, expected));
        assert_eq!(policy(), before);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_quiet_connection_has_nothing_unacknowledged() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        assert_eq!(tcp_state(&stream), Some(TcpState { unacked: 0, retransmits: 0 }));
    }
}
