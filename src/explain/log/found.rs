//! What stands in one entry of a log, and which problem that is.

use super::spot::{Said, Spot};
use crate::machine::LegName;
use crate::registry::{AlertDescription, CmgStatus, ErrorText, SchannelEvent, WindowsCode};

/// What a problem is told from others by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) sign: Sign,
    /// Which connection of a WSUS it is of, where the entry says so.
    pub(super) leg: Option<LegName>,
    /// The flags of a secure failure.
    pub(super) flags: Flags,
}

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Text(&'static ErrorText),
    Code(WindowsCode),
    Status(&'static CmgStatus),
    Event(&'static SchannelEvent, Option<AlertDescription>),
    /// Configuration Manager's import of a driver.
    ImportFailed,
    NoClientCertificate,
    TokenExpired,
    /// IIS answered 403, with this sub-status, to a client of Configuration Manager or to another.
    Forbidden {
        sub_status: u16,
        to_configuration_manager: bool,
    },
    /// A socket failed, with this number where it is told; in the handshake or elsewhere.
    SocketException {
        number: Option<u32>,
        in_handshake: bool,
    },
    Win32Exception,
    AuthenticationException,
}

/// The failure that flags belong to.
pub(super) const SECURE_FAILURE: WindowsCode = WindowsCode::from_win32(12175);

impl Sign {
    /// Whether Configuration Manager's client tells of it in several entries.
    pub(super) fn may_have_a_first_half(&self) -> bool {
        matches!(self, Self::Status(_)) || *self == Self::Code(SECURE_FAILURE)
    }
}

/// The flags of a secure failure: as a sum, and one by one. The two should agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) sum: Option<u32>,
    pub(super) set: u32,
}

impl Flags {
    pub(super) fn merge(&mut self, later: Self) {
        self.sum = later.sum.or(self.sum);
        self.set |= later.set;
    }
}

/// Different codes of one entry beyond these are not looked at.
const AT_MOST: usize = 4;

/// Everything found in an entry.
#[derive(Debug, Default)]
pub(super) struct Found {
    said: Vec<Said>,
    texts: Vec<&'static ErrorText>,
    codes: Vec<WindowsCode>,
    status: Option<&'static CmgStatus>,
    pub(super) flags: Flags,
    event: Option<&'static SchannelEvent>,
    alert: Option<AlertDescription>,
    socket_error: Option<u32>,
    pub(super) valid_to: Option<String>,
    pub(super) current_time: Option<String>,
    /// Places of the hosts it names, among all that the log names.
    pub(super) hosts: Vec<usize>,
}

impl Found {
    /// Notes one spot; a URL is a matter of the whole log, and not noted here.
    pub(super) fn take(&mut self, spot: &Spot<'_>) {
        match *spot {
            Spot::Said(said) => self.say(said),
            Spot::Text(text) => add(&mut self.texts, text),
            Spot::Code(code) => add(&mut self.codes, code),
            Spot::Status(status) => self.status = Some(status),
            Spot::FlagSum(sum) => self.flags.sum = Some(sum),
            Spot::Flag(bit) => self.flags.set |= bit,
            Spot::Event(event, _) => self.event = self.event.or(Some(event)),
            Spot::Alert(number) => self.alert = self.alert.or(Some(AlertDescription(number))),
            Spot::ValidTo(time) => self.valid_to = Some(shortened(time)),
            Spot::CurrentTime(time) => self.current_time = Some(shortened(time)),
            Spot::SocketException(number) => {
                let error = number.and_then(|number| number.try_into().ok()).map(WindowsCode::from_win32);
                if let Some(text) = error.and_then(super::spot::text_of) {
                    add(&mut self.texts, text);
                } else {
                    self.say(Said::SocketException);
                    self.socket_error = self.socket_error.or(number);
                }
            }
            Spot::Url(_) => {}
        }
    }

    /// What stands in a later line of the same entry.
    pub(super) fn merge(&mut self, later: Self) {
        later.said.into_iter().for_each(|said| self.say(said));
        later.texts.into_iter().for_each(|text| add(&mut self.texts, text));
        later.codes.into_iter().for_each(|code| add(&mut self.codes, code));
        later.hosts.into_iter().for_each(|host| add(&mut self.hosts, host));
        self.status = self.status.or(later.status);
        self.flags.merge(later.flags);
        self.event = self.event.or(later.event);
        self.alert = self.alert.or(later.alert);
        self.socket_error = self.socket_error.or(later.socket_error);
        self.valid_to = self.valid_to.take().or(later.valid_to);
        self.current_time = self.current_time.take().or(later.current_time);
    }

    fn say(&mut self, said: Said) {
        if !self.says(said) {
            self.said.push(said);
        }
    }

    /// Whether a word stands in it.
    pub(super) fn says(&self, said: Said) -> bool {
        self.said.contains(&said)
    }

    /// Whether there is anything in it.
    pub(super) fn is_something(&self) -> bool {
        self.begins_an_entry() || self.is_detail()
    }

    /// Whether a line with this in it speaks of something new, where no time at its beginning tells.
    pub(super) fn begins_an_entry(&self) -> bool {
        let is_detail = |said: &Said| matches!(said, Said::StartUp | Said::SyncHelper | Said::TlsStream);
        let is_coded = !self.texts.is_empty() || !self.codes.is_empty() || self.status.is_some();
        is_coded || !self.said.iter().all(is_detail)
    }

    fn is_detail(&self) -> bool {
        self.event.is_some()
            || self.alert.is_some()
            || self.flags != Flags::default()
            || self.valid_to.is_some()
            || self.current_time.is_some()
            || self.says(Said::StartUp)
    }

    /// Whether it is the first half of a failure: its flags, or that there is a status, which an entry to come tells.
    pub(super) fn is_half_told(&self) -> bool {
        self.says(Said::BadStatus) || self.says(Said::SecureFailure) || self.flags != Flags::default()
    }

    /// Whether an event of Schannel still lacks the alert that its text names.
    pub(super) fn awaits_alert(&self) -> bool {
        self.says(Said::Schannel) && self.alert.is_none() && self.event.is_some_and(carries_alert)
    }

    pub(super) fn set_alert(&mut self, number: u8) {
        self.alert = Some(AlertDescription(number));
    }

    /// The connection that it is of, by what wrote it: import runs in the worker process of IIS.
    pub(super) fn leg(&self, speaker: &str) -> Option<LegName> {
        match speaker.split('.').next() {
            Some("w3wp") => Some(LegName::Import),
            Some("WsusService") => Some(LegName::Sync),
            _ => self.says(Said::SyncHelper).then_some(LegName::Sync),
        }
    }

    /// The problems of an entry: the most telling one, or each different code.
    pub(super) fn signs(&self) -> Vec<Sign> {
        let is_said = |said: Said, sign: Sign| self.says(said).then_some(sign);
        let alone = is_said(Said::ImportFailed, Sign::ImportFailed)
            .or_else(|| self.event.filter(|_| self.says(Said::Schannel)).map(|event| Sign::Event(event, self.alert)))
            .or_else(|| self.status.map(Sign::Status))
            .or_else(|| is_said(Said::TokenExpired, Sign::TokenExpired))
            .or_else(|| is_said(Said::NoClientCertificate, Sign::NoClientCertificate));
        if let Some(sign) = alone {
            return vec![sign];
        }
        let is_said_in_words = |code: &WindowsCode| self.texts.iter().any(|text| text.code == Some(*code));
        let codes = self.codes.iter().filter(|code| !is_said_in_words(code)).map(|code| Sign::Code(*code));
        let signs: Vec<Sign> = self.texts.iter().map(|text| Sign::Text(text)).chain(codes).collect();
        if !signs.is_empty() {
            return signs;
        }
        let socket = Sign::SocketException { number: self.socket_error, in_handshake: self.says(Said::TlsStream) };
        is_said(Said::SocketException, socket)
            .or_else(|| is_said(Said::Win32Exception, Sign::Win32Exception))
            .or_else(|| is_said(Said::AuthenticationException, Sign::AuthenticationException))
            .into_iter()
            .collect()
    }
}

/// Whether the text of an event names an alert.
pub(super) fn carries_alert(event: &SchannelEvent) -> bool {
    [SchannelEvent::ALERT_RECEIVED, SchannelEvent::ALERT_SENT].contains(&event.id)
}

/// The first number in a text that may be an alert's and is a number by itself.
pub(super) fn alert_in(text: &str) -> Option<u8> {
    let mut before = None;
    let mut rest = text;
    while let Some(at) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let (skipped, digits) = rest.split_at(at);
        let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
        let (number, after) = digits.split_at(end);
        let mut next = after.chars();
        let joins = |letter: char| letter.is_ascii_alphanumeric() || "-_/".contains(letter);
        let goes_on = match next.next() {
            Some('.' | ':' | ',') => next.next().is_some_and(|letter| letter.is_ascii_digit()),
            letter => letter.is_some_and(joins),
        };
        let is_joined =
            before.is_some_and(|letter: char| letter.is_ascii_digit()) && [".", ":", ","].contains(&skipped);
        let begins = !is_joined && !skipped.chars().next_back().or(before).is_some_and(joins);
        if begins
            && !goes_on
            && let Ok(alert) = number.parse()
        {
            return Some(alert);
        }
        before = number.chars().next_back();
        rest = after;
    }
    None
}

fn add<T: PartialEq>(all: &mut Vec<T>, new: T) {
    if all.len() < AT_MOST && !all.contains(&new) {
        all.push(new);
    }
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 40;
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::super::spot::spots;
    use super::*;

    fn signs(line: &str) -> Vec<Sign> {
        let mut found = Found::default();
        spots(line, |spot| found.take(&spot));
        found.signs()
    }

    #[test]
    fn the_alert_is_the_first_number_by_itself_in_any_language() {
        for (text, alert) in [
            ("The TLS protocol defined fatal alert code is 20.", Some(20)),
            ("Die schwerwiegende Warnung hat folgenden für das TLS-Protokoll definierten Code: 40.", Some(40)),
            ("TLS プロトコルで定義されている致命的なアラート コードは 70 です。", Some(70)),
            ("コードは70です。", Some(70)),
            ("Le code d’alerte irrécupérable défini par le protocole TLS est 46.", Some(46)),
            (",None,\"A fatal alert was generated: 10. The internal error state is 1203.\"", Some(10)),
            ("S-1-5-18 WSUS01 1.5 12:30 2019-10-15 10/15/2019 1203", None),
            ("", None),
        ] {
            assert_eq!(alert_in(text), alert, "{text}");
        }
    }

    #[test]
    fn a_text_and_its_code_are_one_problem_and_two_codes_are_two() {
        let both =
            "(0x80090331) The client and server cannot communicate, because they do not possess a common algorithm";
        assert!(matches!(signs(both)[..], [Sign::Text(_)]));
        assert_eq!(signs("0x80244021 then 0x8024401B").len(), 2);
    }

    #[test]
    fn a_class_says_what_no_number_or_text_does() {
        let socket = "IOException ---> System.Net.Sockets.SocketException: Eine Verbindung wurde geschlossen";
        assert_eq!(signs(socket), [Sign::SocketException { number: None, in_handshake: false }]);
        assert!(matches!(signs("SocketException (10054): 既存の接続")[..], [Sign::Text(_)]));
        assert!(matches!(
            signs("SocketException 10061 Win32Exception")[..],
            [Sign::SocketException { number: Some(10061), .. }]
        ));
        assert_eq!(signs("System.ComponentModel.Win32Exception: Le client"), [Sign::Win32Exception]);
        assert_eq!(signs("System.Net.WebException: (403) Forbidden"), []);
    }

    #[test]
    fn an_event_needs_the_name_of_its_source() {
        assert_eq!(signs("port 36887"), []);
        assert!(matches!(signs("Schannel 36887")[..], [Sign::Event(_, None)]));
    }
}
