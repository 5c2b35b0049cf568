//! A token that says who we are to a web service (RFC 6750).

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// A bearer token. It has no text form, so no report can carry it.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken(Arc<Zeroizing<String>>);

/// What is read of a token's claims (RFC 7519 §4.1).
#[derive(Deserialize)]
struct Claims {
    exp: f64,
}

impl BearerToken {
    /// The token in this text, white space around it aside; `None` for what could not stand in a header field.
    pub fn parse(text: &str) -> Option<Self> {
        let token = text.trim();
        let is_token = !token.is_empty() && token.bytes().all(|octet| octet.is_ascii_graphic());
        is_token.then(|| Self(Arc::new(Zeroizing::new(token.to_owned()))))
    }

    /// The value of `Authorization`.
    pub fn authorization(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("Bearer {}", **self.0))
    }

    /// When it ends by its own word, where it is a JSON Web Token that says so. Its signature is not looked at.
    pub fn expires(&self) -> Option<OffsetDateTime> {
        let claims = self.0.split('.').nth(1)?;
        let claims = Zeroizing::new(URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?);
        let Claims { exp } = serde_json::from_slice(&claims).ok()?;
        // What has no place in a calendar is no time.
        #[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates")]
        OffsetDateTime::from_unix_timestamp(exp as i64).ok()
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken")
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn with_claims(claims: &str) -> BearerToken {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        BearerToken::parse(&format!("{}.{}.sig", encode(r#"{"alg":"none"}"#), encode(claims))).unwrap()
    }

    #[test]
    fn a_tokens_end_is_read_from_its_claims() {
        // The time of Microsoft's sample: ValidTo '10/01/2020 22:03:24'.
        assert_eq!(with_claims(r#"{"exp":1601589804}"#).expires(), Some(datetime!(2020-10-01 22:03:24 UTC)));
        for other in [r#"{"exp":"soon"}"#, r#"{"exp":1e300}"#, "{}", "[]", ""] {
            assert_eq!(with_claims(other).expires(), None, "{other}");
        }
        for other in ["opaque", "a.b.c", "a.@@@.c"] {
            assert_eq!(BearerToken::parse(other).unwrap().expires(), None, "{other}");
        }
    }

    #[test]
    fn what_could_break_a_header_is_no_token() {
        for text in ["", " \n", "a b", "a\r\nX: y", "t\u{e9}"] {
            assert_eq!(BearerToken::parse(text), None, "{text:?}");
        }
        assert_eq!(*BearerToken::parse(" abc\n").unwrap().authorization(), "Bearer abc");
    }

    #[test]
    fn it_has_no_text_form() {
        assert!(!format!("{:?}", with_claims("hunter2")).contains("hunter2"));
    }
}
