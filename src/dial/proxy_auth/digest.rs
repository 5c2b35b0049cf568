//! Digest: a hash over a nonce and the password (RFC 7616), and the older form without `qop` (RFC 2069).

use md5::{Digest as _, Md5};
use rand::Rng;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::challenge::Challenge;
use crate::proxy::Credentials;

/// What a proxy asked for, as far as it can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digest {
    algorithm: Algorithm,
    /// As it was spelled; not repeated where the proxy named none.
    algorithm_word: Option<String>,
    realm: String,
    nonce: String,
    opaque: Option<String>,
    has_qop: bool,
    userhash: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Algorithm {
    hash: Hash,
    /// With nonces in the hash of the password (`-sess`).
    is_session: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hash {
    Md5,
    Sha256,
}

impl Hash {
    fn hex(self, parts: &[&str]) -> String {
        let text = Zeroizing::new(parts.join(":"));
        match self {
            Self::Md5 => hex::encode(Md5::digest(text.as_bytes())),
            Self::Sha256 => hex::encode(Sha256::digest(text.as_bytes())),
        }
    }
}

impl Algorithm {
    fn of(word: Option<&str>) -> Option<Self> {
        let word = word.unwrap_or("MD5").to_ascii_uppercase();
        let (name, is_session) = match word.strip_suffix("-SESS") {
            Some(name) => (name, true),
            None => (word.as_str(), false),
        };
        let hash = match name {
            "MD5" => Hash::Md5,
            "SHA-256" => Hash::Sha256,
            _ => return None,
        };
        Some(Self { hash, is_session })
    }
}

impl Digest {
    /// The strongest of the challenges that can be answered; why, if none can.
    pub(super) fn best(challenges: &[&Challenge]) -> Result<Self, String> {
        let mut why = "the proxy's challenge names no nonce".to_owned();
        let mut best: Option<Self> = None;
        for challenge in challenges {
            match Self::of(challenge) {
                Ok(digest) if best.as_ref().is_none_or(|best| best.algorithm < digest.algorithm) => best = Some(digest),
                Ok(_) => {}
                Err(reason) => why = reason,
            }
        }
        best.ok_or(why)
    }

    fn of(challenge: &Challenge) -> Result<Self, String> {
        let text = |name| challenge.parameter(name).map(str::to_owned);
        let algorithm_word = text("algorithm");
        let algorithm = Algorithm::of(algorithm_word.as_deref())
            .ok_or_else(|| format!("the proxy wants the algorithm {:?}", algorithm_word.clone().unwrap_or_default()))?;
        let qop = challenge.parameter("qop");
        if qop.is_some_and(|qop| !qop.split(',').any(|qop| qop.trim().eq_ignore_ascii_case("auth"))) {
            return Err("the proxy wants a quality of protection other than auth".to_owned());
        }
        Ok(Self {
            algorithm,
            algorithm_word,
            realm: text("realm").unwrap_or_default(),
            nonce: text("nonce").ok_or("the proxy's challenge names no nonce")?,
            opaque: text("opaque"),
            has_qop: qop.is_some(),
            userhash: challenge.parameter("userhash").is_some_and(|word| word.eq_ignore_ascii_case("true")),
        })
    }

    /// The value of `Proxy-Authorization` for this request, with a fresh client nonce.
    pub(super) fn authorization(
        &self,
        credentials: &Credentials,
        method: &str,
        uri: &str,
        random: &mut impl Rng,
    ) -> Zeroizing<String> {
        let mut nonce = [0; 16];
        random.fill_bytes(&mut nonce);
        self.answer(credentials, method, uri, &hex::encode(nonce))
    }

    /// RFC 7616 §3.4.
    fn answer(&self, credentials: &Credentials, method: &str, uri: &str, cnonce: &str) -> Zeroizing<String> {
        let Algorithm { hash, is_session } = self.algorithm;
        let (user, realm, nonce) = (credentials.user(), self.realm.as_str(), self.nonce.as_str());
        let mut a1 = Zeroizing::new(hash.hex(&[user, realm, credentials.password()]));
        if is_session {
            a1 = Zeroizing::new(hash.hex(&[&a1, nonce, cnonce]));
        }
        let a2 = hash.hex(&[method, uri]);
        let response = if self.has_qop {
            hash.hex(&[&a1, nonce, "00000001", cnonce, "auth", &a2])
        } else {
            hash.hex(&[&a1, nonce, &a2])
        };

        let mut fields = Vec::new();
        if self.userhash {
            fields.push(format!("username={}", quoted(&hash.hex(&[user, realm]))));
            fields.push("userhash=true".to_owned());
        } else if user.is_ascii() {
            fields.push(format!("username={}", quoted(user)));
        } else {
            // RFC 7616 §3.4 with RFC 5987 §3.2.
            let encoded = percent_encoding::utf8_percent_encode(user, percent_encoding::NON_ALPHANUMERIC);
            fields.push(format!("username*=UTF-8''{encoded}"));
        }
        fields.extend(
            [("realm", realm), ("nonce", nonce), ("uri", uri)].map(|(name, value)| format!("{name}={}", quoted(value))),
        );
        fields.extend(self.algorithm_word.iter().map(|word| format!("algorithm={word}")));
        if self.has_qop {
            fields.push(format!("cnonce={}, nc=00000001, qop=auth", quoted(cnonce)));
        } else if is_session {
            fields.push(format!("cnonce={}", quoted(cnonce)));
        }
        fields.push(format!("response={}", quoted(&response)));
        fields.extend(self.opaque.iter().map(|opaque| format!("opaque={}", quoted(opaque))));
        Zeroizing::new(format!("Digest {}", fields.join(", ")))
    }
}

/// A quoted string (RFC 9110 §5.6.4). Control characters, which could end the field, are left out.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars().filter(|letter| !letter.is_control()) {
        if matches!(letter, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenges(values: &[&str]) -> Vec<Challenge> {
        Challenge::all(values.iter().copied())
    }

    fn best(values: &[&str]) -> Result<Digest, String> {
        Digest::best(&challenges(values).iter().collect::<Vec<_>>())
    }

    fn parameter(answer: &str, name: &str) -> String {
        let challenge = challenges(&[answer]).into_iter().next().unwrap();
        challenge.parameter(name).unwrap_or_else(|| panic!("{name} in {answer}")).to_owned()
    }

    /// RFC 7616 §3.9.1.
    const EXAMPLE: [&str; 2] = [
        r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#,
        r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#,
    ];
    const CNONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

    #[test]
    fn the_examples_of_rfc_7616() {
        let mufasa = Credentials::new("Mufasa", "Circle of Life");
        for (challenge, response) in EXAMPLE.iter().zip([
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
            "8ca523f5e9506fed4657c9700eebdbec",
        ]) {
            let answer = best(&[challenge]).unwrap().answer(&mufasa, "GET", "/dir/index.html", CNONCE);
            assert_eq!(parameter(&answer, "response"), response);
            assert_eq!(parameter(&answer, "username"), "Mufasa");
            assert_eq!(parameter(&answer, "opaque"), "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS");
            assert!(answer.contains(", nc=00000001, qop=auth, "), "{}", *answer);
        }
    }

    #[test]
    fn sha_256_is_taken_before_md5_in_whatever_order_they_come() {
        let [sha256, md5] = EXAMPLE;
        for offered in [[sha256, md5], [md5, sha256]] {
            assert_eq!(best(&offered).unwrap().algorithm_word.as_deref(), Some("SHA-256"));
        }
        assert_eq!(best(&["Digest nonce=a", "Digest nonce=b, algorithm=SHA-512-256"]).unwrap().nonce, "a");
    }

    #[test]
    fn a_challenge_that_cant_be_answered_says_why() {
        assert!(best(&["Digest nonce=a, algorithm=SHA-512-256"]).unwrap_err().contains("SHA-512-256"));
        assert!(best(&["Digest nonce=a, qop=auth-int"]).unwrap_err().contains("other than auth"));
        assert!(best(&["Digest realm=a"]).unwrap_err().contains("no nonce"));
    }

    /// The example of RFC 2617 §3.5 without `qop` has the response of RFC 2069 with its erratum 749.
    #[test]
    fn without_qop_the_older_form_is_answered() {
        let digest =
            best(&[r#"Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093""#]).unwrap();
        let answer = digest.answer(&Credentials::new("Mufasa", "CircleOfLife"), "GET", "/dir/index.html", CNONCE);
        assert_eq!(parameter(&answer, "response"), "1949323746fe6a43ef61f9606e7febea");
        assert!(!answer.contains("cnonce") && !answer.contains("algorithm"), "{}", *answer);
    }

    /// Computed with Python's hashlib after RFC 7616 §3.4.2.
    #[test]
    fn a_session_puts_the_nonces_into_the_passwords_hash() {
        let digest = best(&["Digest realm=r, nonce=n, qop=auth, algorithm=MD5-sess"]).unwrap();
        let answer = digest.answer(&Credentials::new("u", "p"), "CONNECT", "a:443", "c");
        assert_eq!(parameter(&answer, "response"), "8a3de0c75a6f6e83c8c8d18e2dcb118f");
    }

    #[test]
    fn names_outside_ascii_and_signs_that_quote_are_encoded() {
        let digest = best(&["Digest realm=r, nonce=n, qop=auth"]).unwrap();
        let answer = |user| digest.answer(&Credentials::new(user, "p"), "CONNECT", "a:443", "c").to_string();
        assert!(answer("J\u{e4}s\u{f8}n Doe").contains("username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, "));
        assert!(answer("CORP\\bob").contains(r#"username="CORP\\bob", "#));
        assert!(answer("a\"\r\nX: y").contains(r#"username="a\"X: y", "#));
    }

    #[test]
    fn a_hashed_user_name_is_not_sent_in_clear() {
        // RFC 7616 §3.9.2 with SHA-256 in place of SHA-512/256.
        let digest = best(&["Digest realm=\"api@example.org\", nonce=n, qop=auth, userhash=true, algorithm=SHA-256"]);
        let answer = digest.unwrap().answer(&Credentials::new("bobby", "p"), "CONNECT", "a:443", "c");
        assert!(answer.contains("userhash=true") && !answer.contains("bobby"), "{}", *answer);
        assert_eq!(parameter(&answer, "username"), Hash::Sha256.hex(&["bobby", "api@example.org"]));
    }

    #[test]
    fn every_answer_has_a_nonce_of_its_own_drawn_from_the_given_source() {
        use rand::SeedableRng;
        let digest = best(&["Digest realm=r, nonce=n, qop=auth"]).unwrap();
        let credentials = Credentials::new("u", "p");
        let mut random = rand::rngs::StdRng::seed_from_u64(7);
        let first = digest.authorization(&credentials, "CONNECT", "a:443", &mut random);
        assert_ne!(first, digest.authorization(&credentials, "CONNECT", "a:443", &mut random));
        let again = digest.authorization(&credentials, "CONNECT", "a:443", &mut rand::rngs::StdRng::seed_from_u64(7));
        assert_eq!(first, again);
        assert_eq!(parameter(&first, "cnonce").len(), 32);
        assert_eq!(parameter(&first, "uri"), "a:443");
    }
}
