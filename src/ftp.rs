//! What is said on an open control connection of FTP (RFC 959), up to where a data connection goes and what became of it.
//!
//! The stream may be anything; that it is inside TLS is the caller's matter. Each step is one command and its reply, every
//! reply is kept, and the password is in none of them.
//!
//! What it does not know: commands of extended login (ACCT), and active mode, in which the server connects to us.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

use crate::dial::{Replies, Reply, is_reset, is_silence};
use crate::outcome::{Answer, FtpReply, milliseconds};
use crate::proxy::Credentials;

/// The longest line that is read, and as much of one as a report keeps.
const LONGEST_LINE: usize = 8 * 1024;
const LONGEST_KEPT: usize = 512;

/// The most replies on one connection: a listing has some ten, announcements among them.
const MOST_REPLIES: usize = 64;

/// Who has no account says so (RFC 1635), and by custom gives an address.
const ANONYMOUS: (&str, &str) = ("anonymous", "tlsprobe@");

/// A control connection.
pub struct Control<'a, S> {
    stream: BufReader<S>,
    user: Option<&'a Credentials>,
    deadline: Instant,
    /// The command that replies are to, by its first word.
    command: &'static str,
    spoke_at: Instant,
    /// Writing found the connection reset. What came before can still be read, and then it may seem to end well.
    was_reset: bool,
    received_bytes: usize,
    line: Vec<u8>,
    replies: Replies,
    told: Vec<FtpReply>,
}

/// Why there is no going on.
#[derive(Debug)]
pub enum Ended {
    /// The server won't: its last reply says so.
    Declined,
    /// The control connection is at its end, or silent, or not FTP.
    Broken(Answer),
    /// This system failed.
    Local(io::Error),
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Control<'a, S> {
    /// Speaks for this user over that stream, as long as the deadline allows.
    pub fn new(stream: S, user: Option<&'a Credentials>, deadline: Instant) -> Self {
        Self {
            stream: BufReader::new(stream),
            user,
            deadline,
            command: "",
            spoke_at: Instant::now(),
            was_reset: false,
            received_bytes: 0,
            line: Vec::new(),
            replies: Replies::default(),
            told: Vec::new(),
        }
    }

    /// Waits for the greeting, which may be announced (RFC 959 §5.4).
    pub async fn greeting(&mut self) -> Result<(), Ended> {
        let greeting = self.final_reply().await?;
        if greeting.is_positive() { Ok(()) } else { Err(Ended::Declined) }
    }

    /// Says who we are (RFC 959 §4.1.1).
    pub async fn log_in(&mut self) -> Result<(), Ended> {
        let (user, password) = self.user.map_or(ANONYMOUS, |known| (known.user(), known.password()));
        match self.ask("USER", user).await?.code {
            230 | 232 => Ok(()),
            331 => self.wants("PASS", password).await,
            _ => Err(Ended::Declined),
        }
    }

    /// Has data connections protected as this one is (RFC 2228 §3, RFC 4217 §9).
    pub async fn protect(&mut self) -> Result<(), Ended> {
        self.wants("PBSZ", "0").await?;
        self.wants("PROT", "P").await
    }

    /// The port for a data connection. The address that a reply to PASV names besides is not looked at.
    pub async fn passive(&mut self) -> Result<u16, Ended> {
        let extended = self.ask("EPSV", "").await?;
        if extended.code == 229 {
            return extended_port(&extended.text).ok_or_else(|| malformed("EPSV", "(|||port|)"));
        }
        let passive = self.ask("PASV", "").await?;
        if passive.code != 227 {
            return Err(Ended::Declined);
        }
        passive_port(&passive.text).ok_or_else(|| malformed("PASV", "h1,h2,h3,h4,p1,p2"))
    }

    /// Asks for a listing. The replies come when there is, or is not, a data connection for it.
    pub async fn list(&mut self) -> Result<(), Ended> {
        self.say("LIST", "").await
    }

    /// The last reply to what was asked (RFC 959 §4.2: 1yz announces another).
    pub async fn final_reply(&mut self) -> Result<Reply, Ended> {
        loop {
            let reply = self.reply().await?;
            if reply.code >= 200 {
                return Ok(reply);
            }
        }
    }

    /// How long ago our last word was.
    pub fn since_our_word(&self) -> Duration {
        self.spoke_at.elapsed()
    }

    /// Says goodbye, and waits for nothing.
    pub async fn quit(&mut self) {
        self.say("QUIT", "").await.ok();
        self.stream.shutdown().await.ok();
    }

    /// The stream, and every reply.
    pub fn into_parts(self) -> (S, Vec<FtpReply>) {
        (self.stream.into_inner(), self.told)
    }

    async fn wants(&mut self, command: &'static str, argument: &str) -> Result<(), Ended> {
        let reply = self.ask(command, argument).await?;
        if reply.is_positive() { Ok(()) } else { Err(Ended::Declined) }
    }

    async fn ask(&mut self, command: &'static str, argument: &str) -> Result<Reply, Ended> {
        self.say(command, argument).await?;
        self.final_reply().await
    }

    async fn say(&mut self, command: &'static str, argument: &str) -> Result<(), Ended> {
        self.command = command;
        let space = if argument.is_empty() { "" } else { " " };
        let words = Zeroizing::new(format!("{command}{space}{argument}\r\n"));
        let write = async {
            self.stream.write_all(words.as_bytes()).await?;
            self.stream.flush().await
        };
        let written = timeout_at(self.deadline, write).await;
        self.spoke_at = Instant::now();
        self.received_bytes = 0;
        match written {
            Err(_) => Err(self.silence("room to write")),
            // What the server said before can still be read.
            Ok(Err(error)) if is_reset(&error) => {
                self.was_reset = true;
                Ok(())
            }
            Ok(Err(error)) if is_silence(&error) => Err(self.silence("room to write")),
            Ok(written) => written.map_err(Ended::Local),
        }
    }

    /// The next reply. It may be cancelled: what was read of it is kept.
    async fn reply(&mut self) -> Result<Reply, Ended> {
        loop {
            let line = self.line().await?;
            let reply = self.replies.take(line).map_err(|expected| malformed("reply", expected))?;
            if let Some(reply) = reply {
                if self.told.len() == MOST_REPLIES {
                    return Err(malformed("reply", "the last one within 64"));
                }
                // Cut off behind, for a part of a password is one too.
                let mut text = self.without_password(&String::from_utf8_lossy(&reply.text));
                text.truncate(text.floor_char_boundary(LONGEST_KEPT));
                self.told.push(FtpReply { command: self.command.to_owned(), code: reply.code, text });
                return Ok(reply);
            }
        }
    }

    /// The next line without its end.
    async fn line(&mut self) -> Result<Vec<u8>, Ended> {
        loop {
            let read = timeout_at(self.deadline, self.stream.fill_buf()).await;
            let available = match read {
                Err(_) => return Err(self.silence(self.waiting_for())),
                Ok(Ok([])) if self.was_reset => return Err(Ended::Broken(self.reset())),
                Ok(Ok([])) => return Err(Ended::Broken(self.fin())),
                Ok(Ok(available)) => available,
                Ok(Err(error)) if is_reset(&error) => return Err(Ended::Broken(self.reset())),
                Ok(Err(error)) if is_silence(&error) => return Err(self.silence(self.waiting_for())),
                Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err(Ended::Broken(self.fin()));
                }
                Ok(Err(error)) => return Err(Ended::Local(error)),
            };
            let end = available.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(available.len(), |end| end + 1);
            self.line.extend(available.get(..taken).unwrap_or_default());
            self.received_bytes += taken;
            self.stream.consume(taken);
            if self.line.len() > LONGEST_LINE {
                return Err(malformed("line", "its end within 8 KiB"));
            }
            if end.is_some() {
                let mut line = std::mem::take(&mut self.line);
                line.pop();
                line.pop_if(|byte| *byte == b'\r');
                return Ok(line);
            }
        }
    }

    fn without_password(&self, text: &str) -> String {
        let password = self.user.map_or("", Credentials::password);
        if password.is_empty() { text.to_owned() } else { text.replace(password, "…") }
    }

    fn waiting_for(&self) -> &'static str {
        match self.command {
            "" => "the server's greeting",
            "LIST" => "the server's answer to LIST",
            _ => "the server's reply",
        }
    }

    fn reset(&self) -> Answer {
        Answer::Reset { received_bytes: self.received_bytes, after_ms: milliseconds(self.spoke_at.elapsed()) }
    }

    fn fin(&self) -> Answer {
        Answer::Fin { received_bytes: self.received_bytes, after_ms: milliseconds(self.spoke_at.elapsed()) }
    }

    fn silence(&self, waiting_for: &str) -> Ended {
        Ended::Broken(Answer::Timeout {
            waiting_for: waiting_for.to_owned(),
            received_bytes: self.received_bytes,
            after_ms: milliseconds(self.spoke_at.elapsed()),
            tcp: None,
        })
    }
}

/// The port in `(|||6446|)` (RFC 2428 §3), whatever character stands for the bars.
fn extended_port(text: &[u8]) -> Option<u16> {
    let open = text.iter().position(|byte| *byte == b'(')?;
    let inside = text.get(open + 1..)?;
    let bar = *inside.first()?;
    let mut fields = inside.split(|byte| *byte == bar);
    // Before the first bar there is nothing, and protocol and address stay empty.
    let empty = [fields.next()?, fields.next()?, fields.next()?];
    let port: u16 = std::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
    (empty.iter().all(|field| field.is_empty()) && port > 0).then_some(port)
}

/// The port in the six numbers of a reply to PASV (RFC 1123 §4.1.2.6: wherever they stand in it).
fn passive_port(text: &[u8]) -> Option<u16> {
    let words = text.get(3..)?.split(|byte| !byte.is_ascii_digit() && *byte != b',');
    let mut numbers = words.filter_map(|word| {
        let numbers: Option<Vec<u8>> = word
            .split(|byte| *byte == b',')
            .map(|number| std::str::from_utf8(number).ok()?.parse::<u8>().ok())
            .collect();
        <[u8; 6]>::try_from(numbers?).ok()
    });
    let [.., high, low] = numbers.next_back()?;
    Some(u16::from_be_bytes([high, low])).filter(|port| *port > 0)
}

fn malformed(field: &str, expected: &str) -> Ended {
    Ended::Broken(Answer::Malformed { field: field.to_owned(), offset: 0, expected: expected.to_owned() })
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    /// What becomes of a login and the wish for a port with a server that says this, and what it was told.
    async fn against(says: &str, user: Option<&Credentials>) -> (Result<u16, Ended>, Vec<FtpReply>, String) {
        let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
        theirs.write_all(says.as_bytes()).await.unwrap();
        let (mut reading, mut writing) = tokio::io::split(theirs);
        writing.shutdown().await.unwrap();
        let mut control = Control::new(ours, user, Instant::now() + Duration::from_secs(5));
        let came = async {
            control.greeting().await?;
            control.log_in().await?;
            control.protect().await?;
            control.passive().await
        };
        let came = came.await;
        let (stream, told) = control.into_parts();
        drop(stream);
        let mut heard = String::new();
        reading.read_to_string(&mut heard).await.unwrap();
        (came, told, heard)
    }

    #[tokio::test]
    async fn the_port_comes_after_who_we_are_and_that_data_is_protected() {
        let says = "120 Soon\r\n220-Hello\r\n you\r\n220 Hello\r\n331 Who?\r\n230 In\r\n200 0\r\n200 P\r\n229 Go (|||6446|)\r\n";
        let (port, told, heard) = against(says, None).await;
        assert_eq!(port.unwrap(), 6446);
        assert_eq!(heard, "USER anonymous\r\nPASS tlsprobe@\r\nPBSZ 0\r\nPROT P\r\nEPSV\r\n");
        let codes: Vec<u16> = told.iter().map(|reply| reply.code).collect();
        assert_eq!(codes, [120, 220, 331, 230, 200, 200, 229]);
    }

    #[tokio::test]
    async fn without_epsv_the_port_is_pasvs_and_its_address_is_not_looked_at() {
        let says = "220 a\r\n230 b\r\n200 c\r\n200 d\r\n500 what?\r\n227 Entering (10,9,8,7,4,1).\r\n";
        let (port, told, heard) = against(says, None).await;
        assert_eq!(port.unwrap(), 1025);
        assert!(heard.ends_with("EPSV\r\nPASV\r\n"), "{heard}");
        assert_eq!(told.last().unwrap().command, "PASV");
    }

    #[tokio::test]
    async fn a_password_that_comes_back_is_not_kept() {
        let user = Credentials::new("bobby", "hunter2");
        let (port, told, heard) = against("220 a\r\n331 b\r\n530 hunter2 is wrong\r\n", Some(&user)).await;
        assert!(matches!(port, Err(Ended::Declined)), "{port:?}");
        assert!(heard.ends_with("USER bobby\r\nPASS hunter2\r\n"), "{heard}");
        assert_eq!(told.last().unwrap().text, "530 … is wrong");
        let at_the_cut = format!("220 a\r\n331 b\r\n530 {}hunter2\r\n", "x".repeat(505));
        let (_, told, _) = against(&at_the_cut, Some(&user)).await;
        assert!(!told.last().unwrap().text.contains('h'), "{told:?}");
    }

    #[tokio::test]
    async fn each_end_has_its_kind_and_no_port_is_made_up() {
        let logged_in = "220 a\r\n230 b\r\n200 c\r\n200 d\r\n";
        for (says, kind) in [
            (String::new(), "fin"),
            ("SSH-2.0-x\r\n".to_owned(), "malformed"),
            (format!("220 {}", "a".repeat(9000)), "malformed"),
            ("120 soon\r\n".repeat(1000), "malformed"),
            (format!("{logged_in}229 (|||0|)\r\n"), "malformed"),
            (format!("{logged_in}229 (|1|10.0.0.1|99|)\r\n"), "malformed"),
            (format!("{logged_in}229 (\r\n"), "malformed"),
            (format!("{logged_in}500 no\r\n227 1,2,3,4,5\r\n"), "malformed"),
            (format!("{logged_in}500 no\r\n227 1,2,3,4,256,1\r\n"), "malformed"),
        ] {
            let (port, ..) = against(&says, None).await;
            match port {
                Err(Ended::Broken(answer)) => assert_eq!(answer.kind(), kind, "{says}"),
                other => panic!("{says}: {other:?}"),
            }
        }
    }
}
