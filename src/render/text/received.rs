//! What came back, and when.

use super::exchange::Frame;
use super::proxy;
use super::words::{after, count, name, time};
use crate::outcome::{
    AfterAlert, Answer, CertificatesState, Choice, ConfirmedBy, Exchange, KeyExchange, Outcome, ResolveFailure, Server,
    Signature, Stage, TcpState, WarningAlert,
};

/// The frames of an answer in the order in which they came.
pub(super) fn received(exchange: &Exchange) -> Vec<Frame> {
    let warnings_at = |stage| earlier_warnings(exchange).iter().filter(move |it| it.stage == stage).map(warning);
    let mut frames: Vec<Frame> = warnings_at(Stage::Hello).collect();
    if exchange.outcome.stage >= Stage::Handshake
        && let Some(server) = &exchange.server
    {
        frames.push(server_hello(server, exchange));
    }
    frames.push(last(exchange).and_in_windows(&exchange.outcome));
    let place = if exchange.outcome.stage == Stage::Handshake { frames.len() - 1 } else { frames.len() };
    frames.splice(place..place, warnings_at(Stage::Handshake));
    frames
}

/// How an exchange ended, in a word or two.
pub(super) fn in_brief(exchange: &Exchange) -> String {
    match (&exchange.outcome.answer, &exchange.server) {
        (Answer::ServerHello { .. } | Answer::HelloRetryRequest { .. }, Some(server)) => {
            format!("chose {}", server.version.spoken())
        }
        (Answer::Completed { status_line: Some(line), .. }, _) => name(line),
        (Answer::Completed { .. }, Some(server)) => format!("completed {}", server.version.spoken()),
        (Answer::Alert { code, name, .. }, _) => format!("alert {}", described(*code, name.as_deref())),
        (Answer::Reset { .. }, _) => "RST".to_owned(),
        (Answer::Fin { .. }, _) => "FIN".to_owned(),
        (Answer::ProxyStatus(status), _) => format!("the proxy's {}", status.status),
        (answer, _) => answer.kind().to_owned(),
    }
}

/// The frame that ended the exchange.
fn last(exchange: &Exchange) -> Frame {
    let frame = ended(exchange);
    match exchange.outcome.after_message() {
        // That it came after the hello goes without saying.
        None | Some("client_hello") => frame,
        Some(message) => frame.with(format!("after our {message}")),
    }
}

/// An answer in HTTP.
fn http(exchange: &Exchange, status_line: &str) -> Frame {
    let response = exchange.http.as_ref().and_then(|http| http.response.as_ref());
    let time = after(response.map(|response| response.first_byte_ms));
    let frame = Frame::of(format!("HTTP {}{time}", name(status_line)));
    let Some(response) = response else { return frame };
    let whole = if response.body_is_whole { "" } else { " and more" };
    let frame = frame.with(format!("{} bytes of body{whole}", response.body_bytes));
    let shown = ["Server", "Location", "WWW-Authenticate"];
    let fields = shown.iter().filter_map(|field| Some(format!("{field}: {}", name(response.field(field)?))));
    fields.fold(frame, Frame::with)
}

fn ended(exchange: &Exchange) -> Frame {
    let first_byte = after(exchange.timing_ms.first_byte);
    match &exchange.outcome.answer {
        Answer::ServerHello { not_finished, .. } => {
            let frame = match &exchange.server {
                Some(server) => server_hello(server, exchange),
                None => Frame::of(format!("ServerHello{first_byte}")),
            };
            match not_finished {
                Some(why) => frame.with(format!("not finished: {}", name(why))),
                None => frame,
            }
        }
        Answer::Completed { status_line: Some(line), .. } => http(exchange, line),
        Answer::Completed { resumed, confirmed_by, .. } => {
            let what = if *resumed { "resumed" } else { "completed" };
            let frame = Frame::of(format!("handshake {what}{}", after(exchange.timing_ms.handshake)));
            match confirmed_by {
                ConfirmedBy::Finished => frame,
                ConfirmedBy::Ticket => frame.with("the server sent a ticket"),
                ConfirmedBy::ApplicationData => frame.with("the server sent application data"),
                ConfirmedBy::Silence => frame.with("the server said nothing to our Finished"),
            }
        }
        Answer::HelloRetryRequest { cookie } => {
            let mut frame = match &exchange.server {
                Some(server) => retry(server, exchange),
                None => Frame::of(format!("HelloRetryRequest{first_byte}")),
            };
            if *cookie {
                frame.details.push("with a cookie".to_owned());
            }
            frame
        }
        Answer::Alert { level, code, name: registered, then, after_ms } => {
            let described = described(*code, registered.as_deref());
            Frame::of(format!("Alert {} {described}{}", name(level), after(Some(*after_ms)))).and(match then {
                AfterAlert::Fin => "then FIN",
                AfterAlert::Reset => "then RST",
                AfterAlert::Open => "and the connection stayed open",
            })
        }
        Answer::Reset { received_bytes, after_ms } => proxys_word(ending("RST", *received_bytes, *after_ms), exchange),
        Answer::Fin { received_bytes, after_ms } => proxys_word(ending("FIN", *received_bytes, *after_ms), exchange),
        Answer::Timeout { waiting_for, received_bytes, after_ms, tcp } => {
            silence(exchange.outcome.stage, waiting_for, *received_bytes, *after_ms, tcp.as_ref())
        }
        Answer::Refused { after_ms } => Frame::of(format!("refused: RST to our SYN{}", after(Some(*after_ms))))
            .with("nothing listens on this port, or a firewall says so"),
        Answer::Unreachable { error } => Frame::of(format!("unreachable: {}", name(error))),
        Answer::NameNotResolved { reason } => Frame::of(format!(
            "name not resolved: {}",
            match reason {
                ResolveFailure::Nxdomain => "the name does not exist (NXDOMAIN)",
                ResolveFailure::NoAddress => "the name has no address of the kind asked for",
                ResolveFailure::ServerFailure => "the resolver could not be reached, or answered with an error",
                ResolveFailure::Timeout => "the resolver did not answer in time",
            }
        )),
        Answer::ProxyStatus(status) => proxy::status(status, exchange.timing_ms.proxy),
        Answer::StarttlsRefused { code, reply } => {
            Frame::of(format!("it does not begin TLS: {}", name(code))).and(name(reply))
        }
        Answer::NotTls { looks_like: Some(likeness), .. } => {
            Frame::of(format!("not TLS{first_byte}")).and(format!("looks like {}", name(likeness)))
        }
        Answer::NotTls { first_bytes, looks_like: None } => {
            Frame::of(format!("not TLS{first_byte}")).and("nothing that is known here").with(beginning(first_bytes))
        }
        Answer::Malformed { field, offset, expected } => {
            // Within the flight, the first byte was the ServerHello's.
            let first_byte = if exchange.outcome.stage == Stage::Hello { first_byte } else { String::new() };
            Frame::of(format!("malformed{first_byte}: {} at byte {offset}", name(field)))
                .and(format!("expected {}", name(expected)))
        }
    }
}

impl Frame {
    /// The same with the codes of what a Windows client would report.
    fn and_in_windows(mut self, outcome: &Outcome) -> Self {
        let codes: Vec<String> = outcome.windows_codes().into_iter().map(|error| error.code).collect();
        if !codes.is_empty() {
            self.details.push(format!("in Windows {}", codes.join(", ")));
        }
        self
    }
}

/// The end of a connection, which a proxy may make up; how soon it came helps to tell.
fn proxys_word(frame: Frame, exchange: &Exchange) -> Frame {
    match exchange.timing_ms.proxy {
        Some(tunnel) if exchange.outcome.stage > Stage::Proxy => {
            frame.with(format!("the proxy may speak for the endpoint: its tunnel took {}", time(tunnel)))
        }
        _ => frame,
    }
}

/// The warnings beside the answer. Where a warning is the answer itself, it is the last of them.
fn earlier_warnings(exchange: &Exchange) -> &[WarningAlert] {
    let warnings = exchange.warning_alerts.as_slice();
    match (&exchange.outcome.answer, warnings.split_last()) {
        (Answer::Alert { level, code, .. }, Some((last, before))) if level == "warning" && last.code == *code => before,
        _ => warnings,
    }
}

fn warning(alert: &WarningAlert) -> Frame {
    Frame::of(format!("Alert warning {}", described(alert.code, alert.name.as_deref())))
}

/// `70 protocol_version`.
pub(super) fn described(code: u8, registered: Option<&str>) -> String {
    format!("{code} {}", registered.map_or_else(|| "(not registered)".to_owned(), name))
}

/// A server's choice, as ServerHello and HelloRetryRequest tell it.
fn choice(message: &str, server: &Server, exchange: &Exchange) -> Frame {
    let suite = name(&server.cipher_suite.name);
    Frame::of(format!("{message} {}", server.version.spoken()))
        .and(format!("{suite}{}", after(exchange.timing_ms.first_byte)))
}

fn retry(server: &Server, exchange: &Exchange) -> Frame {
    let frame = choice("HelloRetryRequest", server, exchange);
    match server.key_exchange.as_ref().and_then(|chosen| chosen.group) {
        Some(group) => frame.with(format!("asks for a key share of {group}")),
        None => frame,
    }
}

fn server_hello(server: &Server, exchange: &Exchange) -> Frame {
    let Frame { told, mut details } = choice("ServerHello", server, exchange);
    details.extend(server.not_offered.iter().map(|choice| match choice {
        Choice::Version => "a version that was not offered".to_owned(),
        Choice::CipherSuite => "a suite that was not offered".to_owned(),
    }));
    details.extend(server.key_exchange.as_ref().map(key_exchange));
    if server.extended_master_secret {
        details.push("extended_master_secret".to_owned());
    }
    details.extend(server.alpn.as_ref().map(|protocol| format!("ALPN {}", name(protocol))));
    if server.compression_method != 0 {
        details.push(format!("compression method {}", server.compression_method));
    }
    match server.signature {
        Some(Signature::Invalid) => details.push("a signature that its certificate's key did not make".to_owned()),
        Some(Signature::Unknown) => details.push("a signature that could not be checked".to_owned()),
        Some(Signature::Valid) | None => {}
    }
    if server.ocsp_stapled {
        details.push("OCSP response stapled".to_owned());
    }
    match exchange.certificates_state {
        CertificatesState::Read => details.push(count(exchange.certificates.len(), "certificate")),
        CertificatesState::Encrypted => details.push("certificates encrypted".to_owned()),
        CertificatesState::Unreadable => details.push("certificates that can't be read".to_owned()),
        CertificatesState::NotSent => {}
    }
    if exchange.certificate_request.is_some() {
        details.push("asks for a client certificate".to_owned());
    }
    Frame { told, details }
}

/// `ECDHE secp384r1`, `DHE 2048 bits`, `RSA 2048 bits`.
fn key_exchange(chosen: &KeyExchange) -> String {
    let KeyExchange { kind, group, bits, prime: _, signature_scheme } = chosen;
    let kind = name(&kind.to_uppercase());
    let agreed = match (group, bits) {
        (Some(group), _) => format!("{kind} {group}"),
        (None, Some(bits)) => format!("{kind} {bits} bits"),
        (None, None) => kind,
    };
    match signature_scheme {
        Some(scheme) => format!("{agreed} signed by {scheme}"),
        None => agreed,
    }
}

fn ending(kind: &str, received_bytes: usize, after_ms: f64) -> Frame {
    let after = after(Some(after_ms));
    match received_bytes {
        0 => Frame::of(format!("{kind}{after}")),
        some => Frame::of(format!("{kind}{after}")).with(format!("{} had come before it", count(some, "byte"))),
    }
}

fn silence(stage: Stage, waiting_for: &str, received_bytes: usize, after_ms: f64, tcp: Option<&TcpState>) -> Frame {
    let time = time(after_ms);
    if stage == Stage::Connect {
        return Frame::of(format!("timeout: no answer to our SYN for {time}"));
    }
    let told = if received_bytes == 0 { "nothing for" } else { "not complete after" };
    let mut frame = Frame::of(format!("timeout: {told} {time}")).and(format!("waiting for {}", name(waiting_for)));
    if received_bytes > 0 {
        frame.details.push(format!("{} had come before", count(received_bytes, "byte")));
    }
    match tcp {
        None => frame,
        Some(TcpState { unacked: 0, .. }) => frame.with("TCP acknowledged all that was sent"),
        Some(TcpState { unacked, retransmits }) => frame
            .with(format!("{} not acknowledged", counted(*unacked, "segment")))
            .with(counted(*retransmits, "retransmission")),
    }
}

fn counted(number: u32, noun: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), noun)
}

/// The first bytes, in hex, of an answer that nobody knows.
fn beginning(hex: &str) -> String {
    const SHOWN: usize = 16;
    match hex.char_indices().nth(2 * SHOWN) {
        Some((end, _)) => format!("it begins {}…", hex.get(..end).unwrap_or(hex)),
        None if hex.is_empty() => "it is empty".to_owned(),
        None => format!("it is {hex}"),
    }
}
