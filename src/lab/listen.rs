//! Sockets of the three ways to meet a SYN. All are on loopback: nobody else can reach the lab.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};
use tokio::net::TcpListener;

/// Listens there, or for port 0 on a free one.
pub(super) fn listening(address: SocketAddr) -> io::Result<TcpListener> {
    let (_, socket) = bound(address)?;
    socket.listen(1024)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}

/// Binds the port without listening, as long as the socket is held: the system answers a SYN by RST.
pub(super) fn refusing(port: u16) -> io::Result<(SocketAddr, Vec<Socket>)> {
    let (address, socket) = bound(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    Ok((address, vec![socket]))
}

/// Listens with a backlog that is full, as long as the sockets are held. Linux then leaves a SYN unanswered.
pub(super) fn full(port: u16) -> io::Result<(SocketAddr, Vec<Socket>)> {
    let (address, listener) = bound(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    listener.listen(0)?;
    let mut sockets = vec![listener];
    // A backlog of 0 has room for one connection that nobody accepts. The second finds out whether it is full.
    for _ in 0..2 {
        let filler = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        filler.set_nonblocking(true)?;
        // On loopback it is established at once or never; the error only says that this is not known yet.
        let _ = filler.connect(&address.into());
        sockets.push(filler);
    }
    Ok((address, sockets))
}

fn bound(address: SocketAddr) -> io::Result<(SocketAddr, Socket)> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    // So that a lab can follow another on the same ports. On Windows it would let two have a port at once.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    let address = socket.local_addr()?.as_socket().expect("an IPv4 socket is bound to an IPv4 address");
    Ok((address, socket))
}
