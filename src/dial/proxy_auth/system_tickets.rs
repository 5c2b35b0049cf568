//! The tickets of the user who runs this program, by the system that keeps them: SSPI on Windows, elsewhere GSS-API
//! (RFC 2743), where the cargo feature `gssapi` is on. No password is asked for.

use tokio::time::{Instant, timeout_at};

use self::system::Context;
use crate::proxy::Proxy;

/// Whether this build can ask the system who runs it.
pub(super) const CAN_BE_USED: bool = cfg!(any(windows, feature = "gssapi"));

/// A proof under way.
pub(super) struct SystemTickets {
    /// Lent out while the system works, which may ask a KDC and wait for it.
    context: Option<Context>,
}

impl SystemTickets {
    /// Begins a proof for the proxy's service.
    pub(super) fn new(proxy: &Proxy) -> Result<Self, String> {
        Ok(Self { context: Some(Context::new(&proxy.host.to_string())?) })
    }

    /// Our answer to the proxy's token; the first one answers none.
    pub(super) async fn step(&mut self, token: Vec<u8>, deadline: Instant) -> Result<Vec<u8>, String> {
        let mut context = self.context.take().ok_or("the proof was given up before")?;
        let work = tokio::task::spawn_blocking(move || {
            let answer = context.step(&token);
            (context, answer)
        });
        let Ok(worked) = timeout_at(deadline, work).await else {
            return Err("the system's Kerberos did not answer in time".to_owned());
        };
        let (context, answer) = worked.map_err(|_| "the system's Kerberos library failed")?;
        self.context = Some(context);
        answer.and_then(no_ntlm)
    }
}

/// Lets a token pass, unless the system proves itself by NTLM in it, for want of a ticket.
fn no_ntlm(token: Vec<u8>) -> Result<Vec<u8>, String> {
    const SIGNATURE: &[u8] = b"NTLMSSP\0";
    if token.windows(SIGNATURE.len()).any(|bytes| bytes == SIGNATURE) {
        return Err("the system has no Kerberos ticket for the proxy, only NTLM".to_owned());
    }
    Ok(token)
}

/// SSPI's package Negotiate, which speaks SPNEGO as a proxy expects it.
#[cfg(windows)]
mod system {
    use cross_krb5::{ClientCtx, InitiateFlags, PendingClientCtx, Step};

    pub(super) struct Context {
        service: String,
        /// What goes on with the proof, once the first token is made.
        begun: Option<Box<PendingClientCtx>>,
    }

    impl Context {
        #[expect(clippy::unnecessary_wraps, reason = "GSS-API may refuse a name; here the first step does")]
        pub(super) fn new(host: &str) -> Result<Self, String> {
            Ok(Self { service: format!("HTTP/{host}"), begun: None })
        }

        pub(super) fn step(&mut self, token: &[u8]) -> Result<Vec<u8>, String> {
            let (begun, answer) = match self.begun.take() {
                None if token.is_empty() => {
                    // A proxy is shown who we are and no more: nothing is encrypted by this, and TLS names the proxy.
                    let flags = InitiateFlags::NEGOTIATE_TOKEN
                        | InitiateFlags::DISABLE_MUTUAL_AUTH
                        | InitiateFlags::DISABLE_CONFIDENTIALITY;
                    let (begun, answer) =
                        ClientCtx::new(flags, None, &self.service, None).map_err(|error| one_line(&error))?;
                    (Some(Box::new(begun)), Some(answer.to_vec()))
                }
                None => (None, None),
                Some(begun) => match begun.step(token).map_err(|error| one_line(&error))? {
                    Step::Continue((begun, answer)) => (Some(Box::new(begun)), Some(answer.to_vec())),
                    Step::Finished((_, answer)) => (None, answer.map(|answer| answer.to_vec())),
                },
            };
            self.begun = begun;
            answer.ok_or_else(|| "the proxy asks for more than the system's proof holds".to_owned())
        }
    }

    /// What failed and Windows' words for it, which end with a line's end.
    fn one_line(error: &(impl std::fmt::Display + ?Sized)) -> String {
        format!("{error:#}").split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

#[cfg(all(not(windows), feature = "gssapi"))]
mod system {
    use libgssapi::context::{ClientCtx, CtxFlags};
    use libgssapi::name::Name;
    use libgssapi::oid::{GSS_MECH_SPNEGO, GSS_NT_HOSTBASED_SERVICE};

    pub(super) struct Context(ClientCtx);

    impl Context {
        pub(super) fn new(host: &str) -> Result<Self, String> {
            let service = format!("HTTP@{host}");
            let name = Name::new(service.as_bytes(), Some(GSS_NT_HOSTBASED_SERVICE));
            let name = name.map_err(|error| error.to_string())?;
            Ok(Self(ClientCtx::new(None, name, CtxFlags::empty(), Some(GSS_MECH_SPNEGO))))
        }

        pub(super) fn step(&mut self, token: &[u8]) -> Result<Vec<u8>, String> {
            let answer = self.0.step((!token.is_empty()).then_some(token), None);
            let answer = answer.map_err(|error| error.to_string())?;
            Ok(answer.map(|token| token.to_vec()).unwrap_or_default())
        }
    }
}

/// This build does not know who runs it.
#[cfg(not(any(windows, feature = "gssapi")))]
mod system {
    pub(super) enum Context {}

    impl Context {
        pub(super) fn new(_: &str) -> Result<Self, String> {
            Err("this build can't use the tickets of the logged-on user".to_owned())
        }

        pub(super) fn step(&mut self, _: &[u8]) -> Result<Vec<u8>, String> {
            match *self {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_kerberos_passes_and_one_of_ntlm_does_not() {
        assert_eq!(no_ntlm(b"\x60\x06\x06\x04spnego".to_vec()), Ok(b"\x60\x06\x06\x04spnego".to_vec()));
        assert_eq!(no_ntlm(Vec::new()), Ok(Vec::new()));
        let why = no_ntlm(b"\x60\x20NTLMSSP\0\x01\0\0\0".to_vec());
        assert!(why.is_err_and(|why| why.contains("only NTLM")));
    }
}
