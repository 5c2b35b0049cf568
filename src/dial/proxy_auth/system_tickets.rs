//! The tickets of the user who runs this program, by the system's GSS-API (RFC 2743): no password is asked for.

use libgssapi::context::{ClientCtx, CtxFlags};
use libgssapi::name::Name;
use libgssapi::oid::{GSS_MECH_SPNEGO, GSS_NT_HOSTBASED_SERVICE};
use tokio::time::{Instant, timeout_at};

use crate::proxy::Proxy;

/// A proof under way.
pub(super) struct SystemTickets {
    /// Lent out while the library works, which may ask a KDC and wait for it.
    context: Option<ClientCtx>,
}

impl SystemTickets {
    /// Begins a proof for the proxy's service.
    pub(super) fn new(proxy: &Proxy) -> Result<Self, String> {
        let service = format!("HTTP@{}", proxy.host);
        let name = Name::new(service.as_bytes(), Some(GSS_NT_HOSTBASED_SERVICE)).map_err(|error| error.to_string())?;
        Ok(Self { context: Some(ClientCtx::new(None, name, CtxFlags::empty(), Some(GSS_MECH_SPNEGO))) })
    }

    /// Our answer to the proxy's token; the first one answers none.
    pub(super) async fn step(&mut self, token: Vec<u8>, deadline: Instant) -> Result<Vec<u8>, String> {
        let mut context = self.context.take().ok_or("the proof was given up before")?;
        let work = tokio::task::spawn_blocking(move || {
            let answer = context.step((!token.is_empty()).then_some(token.as_slice()), None);
            let answer = answer.map(|answer| answer.map(|token| token.to_vec()).unwrap_or_default());
            (context, answer)
        });
        let Ok(worked) = timeout_at(deadline, work).await else {
            return Err("the system's Kerberos did not answer in time".to_owned());
        };
        let (context, answer) = worked.map_err(|_| "the system's Kerberos library failed")?;
        self.context = Some(context);
        answer.map_err(|error| error.to_string())
    }
}
