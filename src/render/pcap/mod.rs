//! A document as a capture for Wireshark: what went to and fro on each connection, in the form of pcapng.
//!
//! The bytes are those of the exchanges' evidence. What carried them is made up: the TCP and IP headers, sequence numbers
//! from nought, one connection after another. A comment in the file says so.
//! The conversation with a proxy before its tunnel is left out, so that no credential can be in a capture.

mod file;
mod packet;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::outcome::{AfterAlert, Answer, Exchange};
use crate::report::{Document, Report};
use file::Capture;
use packet::{Flags, Segment, Sender};

/// The capture of a run whose exchanges kept their evidence.
pub fn pcap(document: &Document) -> Vec<u8> {
    let mut capture = Capture::begin(&document.tool_version);
    let mut clock = Clock::starting(&document.started);
    let mut port = FIRST_PORT;
    for report in &document.reports {
        for exchange in &report.exchanges {
            write(&mut capture, &mut clock, report, exchange, port);
            port = port.checked_add(1).unwrap_or(FIRST_PORT);
        }
    }
    capture.into_bytes()
}

/// Where the ports begin that a system gives out (RFC 6335 §6). No report knows the real ones.
const FIRST_PORT: u16 = 49152;

/// As much as a segment carries over Ethernet.
const SEGMENT: usize = 1440;

/// The time of the next packet.
struct Clock(Duration);

impl Clock {
    /// The clock of a run; at the epoch, where its beginning can't be read.
    fn starting(started: &str) -> Self {
        let start = OffsetDateTime::parse(started, &Rfc3339).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Self(Duration::try_from(start - OffsetDateTime::UNIX_EPOCH).unwrap_or_default())
    }

    /// Time goes on to so many milliseconds after `since`, and never back.
    fn at(&mut self, since: Duration, milliseconds: f64) {
        let later = Duration::try_from_secs_f64(milliseconds / 1e3).unwrap_or_default();
        self.0 = self.0.max(since.saturating_add(later));
    }
}

fn write(capture: &mut Capture, clock: &mut Clock, report: &Report, exchange: &Exchange, port: u16) {
    let Some(evidence) = &exchange.evidence else { return };
    let bytes = |hex: &str| hex::decode(hex).unwrap_or_default();
    let (sent, received) = (bytes(&evidence.sent), bytes(&evidence.received));
    if !is_open(exchange) {
        return;
    }
    let (client, server) = ends(report, port);
    let mut flow = Flow { capture, client, server, sent: 0, received: 0 };
    let (timing, start) = (&exchange.timing_ms, clock.0);

    let comment =
        format!("{}: {}, which ended in {}", report.target, purpose(exchange), exchange.outcome.answer.kind());
    flow.put(clock, Sender::Client, Flags::SYN, &[], Some(&comment));
    let connected = timing.connect.unwrap_or_default();
    clock.at(start, connected);
    flow.put(clock, Sender::Server, Flags::SYN | Flags::ACK, &[], None);
    flow.put(clock, Sender::Client, Flags::ACK, &[], None);
    let asked = connected + timing.proxy.unwrap_or_default();
    clock.at(start, asked);
    let (mut said, mut heard) = (sent.as_slice(), received.as_slice());
    let answered = asked + timing.first_byte.unwrap_or_default();
    for turn in &evidence.turns {
        flow.data(clock, Sender::Client, take(&mut said, turn.sent));
        clock.at(start, answered);
        flow.data(clock, Sender::Server, take(&mut heard, turn.received));
    }
    flow.data(clock, Sender::Client, said);
    clock.at(start, answered);
    flow.data(clock, Sender::Server, heard);
    clock.at(start, timing.total);
    flow.end(clock, &exchange.outcome.answer);
}

/// The first so many of these bytes, which are then no longer among them.
fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (first, rest) = bytes.split_at(count.min(bytes.len()));
    *bytes = rest;
    first
}

/// Whether a connection to the endpoint came about: without one there was nothing to send.
fn is_open(exchange: &Exchange) -> bool {
    use crate::outcome::Stage::{Connect, Proxy, Resolve};
    !matches!(exchange.outcome.stage, Resolve | Connect | Proxy)
}

fn purpose(exchange: &Exchange) -> String {
    format!("#{} {}", exchange.id, exchange.purpose)
}

/// Who speaks to whom. What no report knows are addresses of documentation (RFC 5737, RFC 3849): this machine's, and the
/// endpoint's where the proxy alone knows it.
fn ends(report: &Report, port: u16) -> (SocketAddr, SocketAddr) {
    let unknown = SocketAddr::new(Ipv4Addr::new(198, 51, 100, 1).into(), report.target.port);
    let server = report.target.address.unwrap_or(unknown);
    let client: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::new(192, 0, 2, 1).into(),
        SocketAddr::V6(_) => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
    };
    (SocketAddr::new(client, port), server)
}

/// One connection, and how far each side has come.
struct Flow<'a> {
    capture: &'a mut Capture,
    client: SocketAddr,
    server: SocketAddr,
    sent: u32,
    received: u32,
}

impl Flow<'_> {
    fn data(&mut self, clock: &Clock, sender: Sender, bytes: &[u8]) {
        for chunk in bytes.chunks(SEGMENT) {
            self.put(clock, sender, Flags::ACK | Flags::PSH, chunk, None);
        }
        if !bytes.is_empty() {
            self.put(clock, sender.other(), Flags::ACK, &[], None);
        }
    }

    /// The end as it was seen. A connection that was still open then was closed by us.
    fn end(&mut self, clock: &Clock, answer: &Answer) {
        let by_the_server = match answer {
            Answer::Reset { .. } | Answer::Alert { then: AfterAlert::Reset, .. } => {
                return self.put(clock, Sender::Server, Flags::RST | Flags::ACK, &[], None);
            }
            Answer::Fin { .. } | Answer::Alert { then: AfterAlert::Fin, .. } => true,
            _ => false,
        };
        let first = if by_the_server { Sender::Server } else { Sender::Client };
        self.put(clock, first, Flags::FIN | Flags::ACK, &[], None);
        self.put(clock, first.other(), Flags::FIN | Flags::ACK, &[], None);
        self.put(clock, first, Flags::ACK, &[], None);
    }

    fn put(&mut self, clock: &Clock, sender: Sender, flags: Flags, payload: &[u8], comment: Option<&str>) {
        let (source, destination, sequence, acknowledged) = match sender {
            Sender::Client => (self.client, self.server, self.sent, self.received),
            Sender::Server => (self.server, self.client, self.received, self.sent),
        };
        let segment = Segment { source, destination, sequence, acknowledged, flags, payload };
        self.capture.packet(clock.0, &segment.to_bytes(), comment);
        let own = match sender {
            Sender::Client => &mut self.sent,
            Sender::Server => &mut self.received,
        };
        *own = own.wrapping_add(segment.length());
    }
}

#[cfg(test)]
mod tests;
