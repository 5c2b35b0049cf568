//! Sockets for questions to a resolver, which remember what hickory forgets.
//!
//! hickory's own UDP sockets hear every sender, and so the system can't tell them of ICMP's "port unreachable": a
//! resolver that is not running would look like a silent one. Ours are connected. And its pool of servers makes one
//! error of all that go wrong with sockets; what this machine lacked is kept here, so that it is never taken for the
//! resolver's failure.

use std::future::Future;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hickory_resolver::net::runtime::{DnsUdpSocket, RuntimeProvider, TokioHandle, TokioRuntimeProvider, TokioTime};
use socket2::SockRef;
use tokio::io::{Interest, ReadBuf};
use tokio::net::UdpSocket;
use tokio::time::Instant;

use super::socket::Fault;

type Pending<'a, T> = Pin<Box<dyn Send + Future<Output = io::Result<T>> + 'a>>;

/// hickory's tokio runtime with sockets of ours.
#[derive(Clone, Default)]
pub(super) struct DnsTransport {
    runtime: TokioRuntimeProvider,
    lack: Arc<Mutex<Option<Lack>>>,
}

/// When this machine could not open a socket, and why.
struct Lack {
    at: Instant,
    error: io::Error,
}

impl DnsTransport {
    /// Why this machine could not open a socket since then, if that is what went wrong.
    pub(super) fn lack_since(&self, start: Instant) -> Option<io::Error> {
        let lack = self.lack.lock().ok()?.take()?;
        (lack.at >= start).then_some(lack.error)
    }

    async fn watch<T>(self, socket: impl Future<Output = io::Result<T>>) -> io::Result<T> {
        let result = socket.await;
        if let Err(error) = &result
            && Fault::of_error(error).is_exhaustion()
            && let Some(number) = error.raw_os_error()
            && let Ok(mut lack) = self.lack.lock()
        {
            *lack = Some(Lack { at: Instant::now(), error: io::Error::from_raw_os_error(number) });
        }
        result
    }
}

impl RuntimeProvider for DnsTransport {
    type Handle = TokioHandle;
    type Timer = TokioTime;
    type Udp = ConnectedUdpSocket;
    type Tcp = <TokioRuntimeProvider as RuntimeProvider>::Tcp;

    fn create_handle(&self) -> Self::Handle {
        self.runtime.create_handle()
    }

    fn connect_tcp(
        &self,
        server: SocketAddr,
        local: Option<SocketAddr>,
        wait: Option<Duration>,
    ) -> Pending<'static, Self::Tcp> {
        Box::pin(self.clone().watch(self.runtime.connect_tcp(server, local, wait)))
    }

    fn bind_udp(&self, local: SocketAddr, server: SocketAddr) -> Pending<'static, Self::Udp> {
        Box::pin(self.clone().watch(ConnectedUdpSocket::open(local, server)))
    }
}

/// A UDP socket that sends to one resolver, and hears only that one.
pub(super) struct ConnectedUdpSocket {
    socket: UdpSocket,
    server: SocketAddr,
}

impl ConnectedUdpSocket {
    async fn open(local: SocketAddr, server: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind(local).await?;
        socket.connect(server).await?;
        Ok(Self { socket, server })
    }
}

impl DnsUdpSocket for ConnectedUdpSocket {
    type Time = TokioTime;

    /// Waits for errors as well: Linux does not call a socket readable that has nothing but an error to tell, and then
    /// tokio's own `recv` sleeps on. The signature is what `async_trait` makes of hickory's `async fn`.
    fn recv_from<'socket, 'buffer, 'both>(
        &'socket self,
        buffer: &'buffer mut [u8],
    ) -> Pending<'both, (usize, SocketAddr)>
    where
        'socket: 'both,
        'buffer: 'both,
    {
        Box::pin(async move {
            let receive = || (&*SockRef::from(&self.socket)).read(buffer);
            let length = self.socket.async_io(Interest::READABLE | Interest::ERROR, receive).await?;
            Ok((length, self.server))
        })
    }

    fn poll_recv_from(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<(usize, SocketAddr)>> {
        let mut buffer = ReadBuf::new(buffer);
        ready!(self.socket.poll_recv(cx, &mut buffer))?;
        Poll::Ready(Ok((buffer.filled().len(), self.server)))
    }

    /// Without the address: some systems refuse it on a connected socket, even when it is the right one.
    fn poll_send_to(&self, cx: &mut Context<'_>, bytes: &[u8], _: SocketAddr) -> Poll<io::Result<usize>> {
        self.socket.poll_send(cx, bytes)
    }
}
