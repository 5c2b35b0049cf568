//! Takes our own credentials out of what a proxy sends back: some echo the request in their error pages.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::proxy::Credentials;

/// What stands in their place.
const REDACTED: &str = "[redacted]";

/// The words that no report may repeat.
#[derive(Default)]
pub(in crate::dial) struct Redactor {
    /// Wherever they stand.
    secrets: Vec<Zeroizing<String>>,
    /// Where they stand as words of their own: a user may be called `a`.
    names: Vec<Zeroizing<String>>,
}

impl Redactor {
    pub(in crate::dial) fn new(credentials: Option<&Credentials>) -> Self {
        let mut redactor = Self::default();
        if let Some(credentials) = credentials {
            let pair = Zeroizing::new([credentials.user(), ":", credentials.password()].concat());
            redactor.hide(&STANDARD.encode(pair.as_bytes()));
            redactor.hide(credentials.password());
            if !credentials.user().is_empty() {
                redactor.names.push(Zeroizing::new(credentials.user().to_owned()));
            }
        }
        redactor
    }

    /// Hides the value of an authorization that was sent, without the scheme's name.
    pub(in crate::dial) fn hide(&mut self, secret: &str) {
        if !secret.is_empty() {
            self.secrets.push(Zeroizing::new(secret.to_owned()));
        }
    }

    /// What is hidden wherever it stands.
    pub(in crate::dial) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(|secret| secret.as_str())
    }

    /// The text without them.
    pub(in crate::dial) fn clean(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        // Longer ones first: a secret may be part of another.
        let mut secrets: Vec<&str> = self.secrets.iter().map(|secret| secret.as_str()).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        for secret in secrets {
            clean = clean.replace(secret, REDACTED);
        }
        for name in &self.names {
            clean = without_word(&clean, name);
        }
        clean
    }
}

fn without_word(text: &str, word: &str) -> String {
    let mut clean = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(word) {
        let joins = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        let stands_alone =
            !joins(before.chars().next_back().or_else(|| clean.chars().next_back())) && !joins(after.chars().next());
        clean.push_str(before);
        clean.push_str(if stands_alone { REDACTED } else { word });
        rest = after;
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_of_the_request_shows_no_credentials_in_any_form() {
        let mut redactor = Redactor::new(Some(&Credentials::new("bobby", "hunter2")));
        redactor.hide("TlRMTVNTUAADAAAA");
        let echo = "<pre>Proxy-Authorization: Basic Ym9iYnk6aHVudGVyMg==\nNTLM TlRMTVNTUAADAAAA\nbobby:hunter2</pre>";
        let clean = redactor.clean(echo);
        assert_eq!(clean, "<pre>Proxy-Authorization: Basic [redacted]\nNTLM [redacted]\n[redacted]:[redacted]</pre>");
    }

    #[test]
    fn a_user_name_is_taken_out_as_a_word_and_left_inside_others() {
        let redactor = Redactor::new(Some(&Credentials::new("a", "hunter2")));
        assert_eq!(redactor.clean("a page for \"a\" and aa, ba"), "[redacted] page for \"[redacted]\" and aa, ba");
    }

    #[test]
    fn without_credentials_text_is_as_it_came() {
        assert_eq!(Redactor::new(None).clean("as it came"), "as it came");
        assert_eq!(Redactor::new(Some(&Credentials::new("", ""))).clean("as it came"), "as it came");
    }
}
