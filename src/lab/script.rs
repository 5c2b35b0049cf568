//! What a scripted endpoint or proxy does, as data: it is written here, listed in `endpoints` and `proxies`, and played by
//! `conversation`.

use std::time::Duration;

use super::conduct::Conduct;
use crate::registry::{CipherSuite, ExtensionType, NamedGroup, ProtocolVersion};

/// An endpoint or a proxy before it has an address.
#[derive(Clone, Copy, Debug)]
pub struct Scripted {
    /// What to call it.
    pub name: &'static str,
    /// The host it stands for, or `<name>.lab.test`.
    pub host: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// The kind of outcome that a probe with a default hello sees; through a proxy, a probe of an endpoint that accepts it.
    pub shows: &'static str,
    /// What it does.
    pub behaviour: Behaviour,
}

impl Scripted {
    /// The certificates of the server that it answers as first, if it answers as one.
    pub(super) fn chain(&self) -> Option<Chain> {
        let (Behaviour::Plays(script) | Behaviour::PlaysAtTwo { here: script, .. }) = self.behaviour else {
            return None;
        };
        script.iter().find_map(|step| match step {
            Step::Serve(server) | Step::ServerHello(server) => Some(server.chain),
            _ => None,
        })
    }
}

/// What an endpoint does, from the connection on.
#[derive(Clone, Copy, Debug)]
pub enum Behaviour {
    /// Its port is bound, but nobody listens: a SYN is answered by RST.
    Refuses,
    /// It listens, but its backlog is full already: a SYN is not answered.
    LeavesWaiting,
    /// It accepts, and plays these steps on each connection. After the last one, unless that ended the connection, it
    /// keeps it open and discards what comes.
    Plays(&'static [Step]),
    /// The same at two addresses with one port, which differ: this at 127.0.0.1, that at 127.0.0.2.
    PlaysAtTwo {
        /// The steps at the address that it is found by.
        here: &'static [Step],
        /// The steps at the other.
        there: &'static [Step],
    },
}

/// One thing to do on a connection.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Reads up to the end of the next ClientHello, or of what came in its place.
    ReadHello,
    /// Reads one segment, and takes it for all there is: a hello that it does not hold whole, or that is longer than
    /// this, goes unanswered.
    ReadFirstSegment {
        /// The most bytes of it.
        longest: usize,
    },
    /// Plays these steps in place of the rest, if the last hello is like this.
    If(HelloLike, &'static [Step]),
    /// Plays these steps in place of the rest, if so many connections have come lately. Those do not count themselves.
    Beyond(Allowance, &'static [Step]),
    /// Waits so long for each connection that has come lately beyond so many.
    SlowerBeyond(Allowance, Duration),
    /// Sends these bytes as they are.
    Send(&'static [u8]),
    /// Waits so long.
    Pause(Duration),
    /// Sends these bytes so many times in a row.
    Repeat(&'static [u8], usize),
    /// Sends these bytes again and again, with a short pause between.
    SendForever(&'static [u8]),
    /// From here on sends single bytes, with a pause before each.
    Drip,
    /// Answers the last hello as this server, and serves the connection to its end.
    Serve(&'static Server),
    /// Answers the last hello by this server's own and nothing after it. A hello that the server refuses ends the script.
    ServerHello(&'static Server),
    /// Reads the head of an HTTP request.
    ReadRequest,
    /// Answers an HTTP request with these bytes, and closes: a web server without TLS. A hello is answered by 400.
    AnswerInClear(&'static [u8]),
    /// Answers every HTTP request with these bytes.
    AnswerRequests(&'static [u8]),
    /// Reads a CONNECT, connects to the lab's endpoint that it names, says 200, and carries bytes both ways to the end.
    /// Another request or destination is forbidden, and that ends the script.
    Tunnel(TunnelEnd),
    /// The same, but nobody connects to the endpoint: the next hello is answered as this server, with a certificate for
    /// the endpoint's name that the lab's inspecting authority issues.
    Inspect(&'static Server),
    /// Closes its side in good order, and discards what comes until the peer does the same.
    Fin,
    /// Resets the connection. What was sent before is delivered first on loopback.
    Reset,
}

/// What a device on the way, or a server, may look for in a hello. Lengths are those on the wire, with record headers.
#[derive(Clone, Copy, Debug)]
pub enum HelloLike {
    /// It has this extension.
    With(ExtensionType),
    /// Its length is between these, both included.
    LongBetween(usize, usize),
    /// It is longer than this.
    LongerThan(usize),
    /// It came in more than one record.
    Split,
    /// It offers more cipher suites than this.
    MoreSuitesThan(usize),
    /// It is the CLIENT-HELLO of SSL 2.0, and offers nothing newer.
    OfSsl2,
}

/// How many connections a server takes in how much time.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// So many.
    pub connections: usize,
    /// In so long a time.
    pub within: Duration,
}

/// What a proxy makes of the endpoint's RST, and of its alerts.
#[derive(Clone, Copy, Debug)]
pub enum TunnelEnd {
    /// A RST to its client.
    AsItIs,
    /// A FIN to its client.
    FinForReset,
    /// A RST to its client; an answer that begins with an alert becomes a FIN.
    FinForAlert,
}

/// A TLS server: what it accepts, what it prefers, and how it refuses the rest.
#[derive(Clone, Copy, Debug)]
pub struct Server {
    /// The versions it speaks, best first, each with its suites in its own order.
    pub versions: &'static [(ProtocolVersion, &'static [CipherSuite])],
    /// Which it takes of the suites that both have.
    pub choice: Choice,
    /// The groups of its ephemeral keys in the order it chooses them.
    pub groups: &'static [NamedGroup],
    /// What it does with a hello that has nothing in common with the above.
    pub refusal: Refusal,
    /// The certificates it sends.
    pub chain: Chain,
    /// The prime of its DHE keys, in hexadecimal. Their generator is 2.
    pub dh_prime: &'static str,
    /// How it goes on from there.
    pub conduct: Conduct,
}

/// The prime of ffdhe2048 (RFC 7919 §A.1).
pub const FFDHE2048: &str = include_str!("primes/ffdhe2048.hex");

/// The prime of Oakley group 2 (RFC 2409 §6.2), which is too small today.
pub const OAKLEY_GROUP_2: &str = include_str!("primes/oakley-group-2.hex");

/// Which suite a server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The first in its own order.
    Own,
    /// The first in the client's order.
    Clients,
    /// The first in its own order; but one with `ChaCha20` for a client that prefers those, which has no AES in hardware.
    OwnButChaCha20,
    /// The first in its own order, if the first that it knows of the client's is AES-GCM with a key of its own; else one with
    /// `ChaCha20` before all others. So do servers written in Go.
    AsGo,
    /// Any.
    AtRandom,
    /// The first of all it has, offered or not.
    Regardless,
}

/// How a server says no.
#[derive(Clone, Copy, Debug)]
pub enum Refusal {
    /// Not at all.
    Silence,
    /// By FIN and nothing else.
    Fin,
    /// By RST and nothing else.
    Reset,
    /// By the fitting fatal alert and FIN.
    Alert,
}

/// Which certificates a server sends, leaf first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// A good leaf for its host, and the intermediate.
    Good,
    /// The same and the root, which clients have anyway.
    WithRoot,
    /// A leaf that has expired, and the intermediate.
    Expired,
    /// A leaf for another host, and the intermediate.
    WrongName,
    /// A good leaf, and bytes that are no certificate.
    Unreadable,
    /// A good leaf with a key of RSA, and for those who can verify it one with a key of ECDSA; with each the intermediate.
    OfTwoKinds,
    /// A good leaf for hellos that name a host, and one for another host for those that name none.
    OfTwoSites,
}
