//! Basic: the user name and the password themselves (RFC 7617).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::proxy::Credentials;

/// The value of `Proxy-Authorization`, or why there is none.
pub(in crate::dial) fn authorization(credentials: &Credentials) -> Result<Zeroizing<String>, String> {
    if credentials.user().contains(':') {
        return Err("a user name with a colon can't be told from its password (RFC 7617 §2)".to_owned());
    }
    let pair = Zeroizing::new([credentials.user(), ":", credentials.password()].concat());
    let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    Ok(Zeroizing::new(["Basic ", &encoded].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_7617() {
        let of = |user, password| authorization(&Credentials::new(user, password)).unwrap().to_string();
        assert_eq!(of("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(of("test", "123£"), "Basic dGVzdDoxMjPCow==");
    }

    #[test]
    fn a_user_name_with_a_colon_is_not_sent() {
        let why = authorization(&Credentials::new("bobby:x", "hunter2")).unwrap_err();
        assert!(why.contains("colon") && !why.contains("bobby"), "{why}");
    }
}
