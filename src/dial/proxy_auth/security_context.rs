//! NTLM and Negotiate (RFC 4559), token by token: by the `sspi` crate, or by the system ([`SystemTickets`]).
//!
//! The crate does no I/O: what it wants of a KDC it says, and gets ([`kdc`]). It takes randomness and the time from the
//! system, which both are part of its protocols. Its log would show user names and keys, so nobody hears it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sspi::generator::{GeneratorInitSecurityContext, GeneratorState};
use sspi::ntlm::NtlmConfig;
use sspi::{
    AuthIdentity, AuthIdentityBuffers, BufferType, ClientRequestFlags, CredentialUse, CredentialsBuffers,
    DataRepresentation, KerberosConfig, Negotiate, NegotiateConfig, Ntlm, SecurityBuffer, SecurityStatus, Sspi,
    SspiImpl, Username,
};
use tokio::time::Instant;
use tracing::subscriber::{NoSubscriber, with_default};
use zeroize::Zeroizing;

use super::kdc;
use super::system_tickets::SystemTickets;
use crate::dial::Destination;
use crate::proxy::{AuthScheme, Credentials, Kdc, Proxy};

/// What stands in our messages for the name of this computer.
const COMPUTER: &str = "tlsprobe";

/// A proof of several messages, and how far it has come.
pub(super) struct SecurityContext {
    scheme: AuthScheme,
    package: Package,
    /// The proxy as a Kerberos service: `HTTP/proxy.example.net`.
    service: String,
    deadline: Instant,
}

enum Package {
    Ntlm { context: Box<Ntlm>, credentials: Option<AuthIdentityBuffers> },
    Negotiate { context: Box<Negotiate>, credentials: Option<CredentialsBuffers> },
    System(SystemTickets),
}

impl SecurityContext {
    /// Begins a proof by NTLM.
    pub(super) fn ntlm(credentials: &Credentials, proxy: &Proxy, deadline: Instant) -> Result<Self, String> {
        let identity = identity(credentials)?;
        let mut context = Box::new(Ntlm::new());
        let acquired = unheard(|| {
            let builder = context.acquire_credentials_handle().with_credential_use(CredentialUse::Outbound);
            builder.with_auth_data(&identity).execute(&mut *context)
        });
        let credentials = acquired.map_err(|error| reason(&error))?.credentials_handle;
        Ok(Self::new(AuthScheme::Ntlm, Package::Ntlm { context, credentials }, proxy, deadline))
    }

    /// Begins a proof by Kerberos, or by NTLM where no KDC is known or none can be reached.
    pub(super) fn negotiate(
        credentials: &Credentials,
        kdc: Option<&Kdc>,
        proxy: &Proxy,
        deadline: Instant,
    ) -> Result<Self, String> {
        let identity = identity(credentials)?.into();
        let protocol: Box<dyn sspi::negotiate::ProtocolConfig> = match kdc {
            Some(Kdc { host, port }) => {
                let place = Destination { host: host.clone(), port: *port };
                Box::new(KerberosConfig::new_with_kdc_url(&format!("tcp://{place}"), COMPUTER.to_owned()))
            }
            None => Box::new(NtlmConfig::default()),
        };
        let config = NegotiateConfig::from_protocol_config(protocol, COMPUTER.to_owned());
        let begun = unheard(|| {
            let mut context = Negotiate::new_client(config)?;
            let builder = context.acquire_credentials_handle().with_credential_use(CredentialUse::Outbound);
            let acquired = builder.with_auth_data(&identity).execute(&mut context)?;
            Ok((context, acquired.credentials_handle))
        });
        let (context, credentials) = begun.map_err(|error: sspi::Error| reason(&error))?;
        let package = Package::Negotiate { context: Box::new(context), credentials };
        Ok(Self::new(AuthScheme::Negotiate, package, proxy, deadline))
    }

    /// Begins a proof by the ticket of the user who runs this program.
    pub(super) fn of_the_system(proxy: &Proxy, deadline: Instant) -> Result<Self, String> {
        let package = Package::System(SystemTickets::new(proxy)?);
        Ok(Self::new(AuthScheme::Negotiate, package, proxy, deadline))
    }

    fn new(scheme: AuthScheme, package: Package, proxy: &Proxy, deadline: Instant) -> Self {
        Self { scheme, package, service: format!("HTTP/{}", proxy.host), deadline }
    }

    /// Which scheme this is.
    pub(super) fn scheme(&self) -> AuthScheme {
        self.scheme
    }

    /// The value of `Proxy-Authorization` that answers the proxy's token; the first one answers none.
    pub(super) async fn step(&mut self, token: Option<&str>) -> Result<Zeroizing<String>, String> {
        let token = match token {
            Some(token) => STANDARD.decode(token).map_err(|_| "the proxy's token is not base64".to_owned())?,
            None => Vec::new(),
        };
        let output = match &mut self.package {
            Package::Ntlm { context, credentials } => {
                token_from(&mut **context, credentials, token, &self.service, self.deadline).await?
            }
            Package::Negotiate { context, credentials } => {
                token_from(&mut **context, credentials, token, &self.service, self.deadline).await?
            }
            Package::System(tickets) => tickets.step(token, self.deadline).await?,
        };
        let scheme = match self.scheme {
            AuthScheme::Negotiate => "Negotiate ",
            _ => "NTLM ",
        };
        Ok(Zeroizing::new([scheme, &Zeroizing::new(STANDARD.encode(output))].concat()))
    }
}

/// One step of a package: a token in, a token out, and maybe questions to a KDC between.
async fn token_from<P: Sspi + SspiImpl>(
    package: &mut P,
    credentials: &mut P::CredentialsHandle,
    token: Vec<u8>,
    service: &str,
    deadline: Instant,
) -> Result<Vec<u8>, String> {
    let mut input = [SecurityBuffer::new(token, BufferType::Token)];
    let mut output = [SecurityBuffer::new(Vec::new(), BufferType::Token)];
    let status = {
        let mut builder = package
            .initialize_security_context()
            .with_credentials_handle(credentials)
            .with_context_requirements(ClientRequestFlags::ALLOCATE_MEMORY)
            .with_target_data_representation(DataRepresentation::Native)
            .with_target_name(service)
            .with_input(&mut input)
            .with_output(&mut output);
        let generator = unheard(|| package.initialize_security_context_impl(&mut builder));
        run(generator.map_err(|error| reason(&error))?, deadline).await?
    };
    if matches!(status, SecurityStatus::CompleteNeeded | SecurityStatus::CompleteAndContinue) {
        unheard(|| package.complete_auth_token(&mut output)).map_err(|error| reason(&error))?;
    }
    let [output] = output;
    Ok(output.buffer)
}

/// Lets the package go on until it has its token; what it wants of a KDC is asked for.
async fn run(mut generator: GeneratorInitSecurityContext<'_>, deadline: Instant) -> Result<SecurityStatus, String> {
    let mut state = unheard(|| generator.start());
    loop {
        match state {
            GeneratorState::Completed(Ok(context)) => return Ok(context.status),
            GeneratorState::Completed(Err(error)) => return Err(reason(&error)),
            GeneratorState::Suspended(request) => {
                let answer = kdc::ask(&request, deadline).await;
                state = unheard(|| generator.resume(answer));
            }
        }
    }
}

/// Calls the crate without anybody hearing its log.
fn unheard<T>(call: impl FnOnce() -> T) -> T {
    with_default(NoSubscriber::default(), call)
}

fn identity(credentials: &Credentials) -> Result<AuthIdentity, String> {
    let username = Username::parse(credentials.user())
        .map_err(|_| "the user name is neither user, DOMAIN\\user nor user@domain".to_owned())?;
    Ok(AuthIdentity { username, password: credentials.password().to_owned().into() })
}

/// The crate's words, without the bytes that it puts behind them.
fn reason(error: &sspi::Error) -> String {
    let words = error.description.split(". Additional error").next().unwrap_or_default();
    format!("{words} ({:?})", error.error_type)
}
