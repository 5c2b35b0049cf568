//! Takes out of what a report keeps what says who we are: some servers and proxies echo the request in their pages.

use zeroize::Zeroizing;

use crate::http::{Heard, Response};
use crate::outcome::ApplicationData;

/// What stands in their place.
const REDACTED: &str = "[redacted]";

/// The values of authorization fields that went out with a request, without the names of their schemes.
#[derive(Default)]
pub(super) struct Secrets(Vec<Zeroizing<String>>);

impl Secrets {
    /// Those in these values.
    pub(super) fn of<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let secret = |value: &'a str| value.split_once(' ').map_or(value, |(_, secret)| secret).trim();
        let secrets = values.into_iter().map(secret).filter(|secret| !secret.is_empty());
        Self(secrets.map(|secret| Zeroizing::new(secret.to_owned())).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An answer without them.
    pub(super) fn clean(&self, response: Response) -> Response {
        if self.is_empty() {
            return response;
        }
        let mut clean = Response { reason: self.clean_text(&response.reason), ..response };
        clean.body = self.clean_bytes(&clean.body);
        for field in &mut clean.headers {
            field.value = self.clean_text(&field.value);
        }
        clean
    }

    /// What went to and fro without them, as a report has it.
    pub(super) fn application_data(&self, heard: &Heard) -> ApplicationData {
        ApplicationData {
            sent: hex::encode(self.clean_bytes(&heard.sent)),
            received: hex::encode(self.clean_bytes(&heard.received)),
            is_whole: heard.is_whole,
        }
    }

    fn clean_text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), REDACTED))
    }

    fn clean_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.iter().fold(bytes.to_vec(), |bytes, secret| {
            let mut clean = Vec::with_capacity(bytes.len());
            let mut rest = bytes.as_slice();
            while let Some(at) = memchr::memmem::find(rest, secret.as_bytes()) {
                clean.extend_from_slice(rest.get(..at).unwrap_or_default());
                clean.extend_from_slice(REDACTED.as_bytes());
                rest = rest.get(at + secret.len()..).unwrap_or_default();
            }
            clean.extend_from_slice(rest);
            clean
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_taken_out_wherever_it_stands_and_nothing_else_is() {
        let secrets = Secrets::of(["Bearer ab.cd", "Basic cDpw"]);
        let heard = |text: &str| Heard { sent: text.into(), received: text.into(), is_whole: true };
        let data = secrets.application_data(&heard("A: Bearer ab.cd\r\nB: cDpw cDpw ab.c"));
        let expected = hex::encode("A: Bearer [redacted]\r\nB: [redacted] [redacted] ab.c");
        assert_eq!((data.sent, data.received), (expected.clone(), expected));
        assert!(Secrets::of([]).is_empty() && Secrets::of(["Bearer "]).is_empty());
        assert_eq!(Secrets::default().application_data(&heard("as it is")).sent, hex::encode("as it is"));
    }
}
