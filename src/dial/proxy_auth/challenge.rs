//! `Proxy-Authenticate`: the schemes that a proxy offers, and what each one asks (RFC 9110 §11.6.1, §11.7.1).

/// One challenge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Challenge {
    /// The scheme, as it was spelled.
    pub(super) scheme: String,
    token: Option<String>,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// All challenges of a field's values; what is none is passed over.
    pub(super) fn all<'a>(values: impl Iterator<Item = &'a str>) -> Vec<Self> {
        let mut challenges = Vec::new();
        for value in values {
            Text(value).challenges(&mut challenges);
        }
        challenges
    }

    /// The one value of schemes that have no parameters (`token68`). squid 5 sends its Kerberos helper's as `token=…`.
    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref().or_else(|| self.parameter("token"))
    }

    /// A parameter's value; names are the same in capitals.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// What is left of a field's value.
struct Text<'a>(&'a str);

impl Text<'_> {
    fn challenges(&mut self, challenges: &mut Vec<Challenge>) {
        let mut belongs_to_a_scheme = false;
        loop {
            self.0 = self.0.trim_start_matches([',', ' ', '\t']);
            let word = self.token();
            if word.is_empty() {
                match self.0.char_indices().nth(1) {
                    // A sign that begins nothing: the rest may still be understood.
                    Some((next, _)) => self.0 = self.0.get(next..).unwrap_or_default(),
                    None => return,
                }
                continue;
            }
            match (self.value(), challenges.last_mut()) {
                (Some(value), Some(challenge)) if belongs_to_a_scheme => challenge.parameters.push((word, value)),
                (Some(_), _) => {}
                (None, _) => {
                    challenges.push(Challenge { scheme: word, token: self.token68(), parameters: Vec::new() });
                    belongs_to_a_scheme = true;
                }
            }
        }
    }

    /// A word (RFC 9110 §5.6.2).
    fn token(&mut self) -> String {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter);
        let (token, rest) = self.0.split_at(self.0.find(|letter| !is_part(letter)).unwrap_or(self.0.len()));
        self.0 = rest;
        token.to_owned()
    }

    /// `=` and a value, with white space around it as old servers send it.
    fn value(&mut self) -> Option<String> {
        let rest = self.0.trim_start().strip_prefix('=')?.trim_start();
        let Some(quoted) = rest.strip_prefix('"') else {
            // More than a token's letters: squid sends base64 so.
            let (value, rest) = rest.split_at(rest.find([',', ' ', '\t']).unwrap_or(rest.len()));
            self.0 = rest;
            return Some(value.to_owned());
        };
        let mut value = String::new();
        let mut letters = quoted.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.0 = quoted.get(at + 1..).unwrap_or_default();
                    return Some(value);
                }
                '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
                letter => value.push(letter),
            }
        }
        self.0 = "";
        Some(value)
    }

    /// The one value behind a scheme: letters and padding up to a comma or the end.
    fn token68(&mut self) -> Option<String> {
        let text = self.0.strip_prefix(' ')?.trim_start();
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-._~+/".contains(letter);
        let letters = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
        let padding = text.get(letters..)?.bytes().take_while(|byte| *byte == b'=').count();
        let (token, rest) = text.split_at_checked(letters + padding)?;
        if letters == 0 || !(rest.trim_start().is_empty() || rest.trim_start().starts_with(',')) {
            return None;
        }
        self.0 = rest;
        Some(token.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Vec<Challenge> {
        Challenge::all(values.iter().copied())
    }

    fn schemes(values: &[&str]) -> Vec<String> {
        read(values).into_iter().map(|challenge| challenge.scheme).collect()
    }

    #[test]
    fn schemes_are_told_in_the_proxys_order_and_spelling_from_one_field_or_many() {
        assert_eq!(schemes(&["Negotiate", "NTLM", "basic realm=\"corp\""]), ["Negotiate", "NTLM", "basic"]);
        assert_eq!(
            schemes(&["Negotiate, NTLM , Basic realm=\"a, b\", Digest nonce=x"]),
            ["Negotiate", "NTLM", "Basic", "Digest"]
        );
        assert_eq!(schemes(&["", " , "]), [""; 0]);
    }

    #[test]
    fn parameters_are_words_or_quoted_and_names_are_the_same_in_capitals() {
        let all = read(&[r#"Digest REALM="a \"b\" \\ c", nonce=abc , qop = "auth,auth-int", stale=TRUE, x="#]);
        let digest = all.first().unwrap();
        assert_eq!(digest.parameter("realm"), Some(r#"a "b" \ c"#));
        assert_eq!(digest.parameter("Nonce"), Some("abc"));
        assert_eq!(digest.parameter("qop"), Some("auth,auth-int"));
        assert_eq!(digest.parameter("stale"), Some("TRUE"));
        assert_eq!(digest.parameter("opaque"), None);
        assert_eq!(all.len(), 1);
    }

    #[test]
    fn a_token_with_its_padding_is_no_parameter() {
        let all = read(&["NTLM TlRMTVNTUAACAAAA==, Negotiate oRQwEg+/, Basic realm=x"]);
        let tokens: Vec<_> = all.iter().map(Challenge::token).collect();
        assert_eq!(tokens, [Some("TlRMTVNTUAACAAAA=="), Some("oRQwEg+/"), None]);
        assert_eq!(all.last().unwrap().parameter("realm"), Some("x"));
    }

    /// As squid 5.7 sends what `negotiate_kerberos_auth` says.
    #[test]
    fn a_token_that_came_as_a_parameter_is_taken_whole() {
        let all = read(&["Negotiate token=oYGZMIGW+AR/TlRM=, Basic realm=x"]);
        assert_eq!(all.len(), 2);
        assert_eq!(all.first().unwrap().token(), Some("oYGZMIGW+AR/TlRM="));
    }

    #[test]
    fn what_is_no_challenge_does_not_hide_the_next_one() {
        assert_eq!(schemes(&["=;, \u{fc}\u{fc}, Basic realm=\"never ends", "realm=\"x\"", "NTLM"]), ["Basic", "NTLM"]);
    }
}
