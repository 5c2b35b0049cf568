//! TLS to an `https` proxy: a carrier for CONNECT, and nothing that is asked about.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::socket::Fault;
use super::talk::at_proxy;
use super::tcp::Tcp;
use super::{DialError, Failure};
use crate::outcome::{AfterAlert, Answer, milliseconds};
use crate::proxy::{Proxy, ProxyTrust};
use crate::registry::AlertDescription;
use crate::target::Host;

/// How long to look for the FIN or RST behind the proxy's alert.
const AFTERMATH: Duration = Duration::from_secs(1);

/// Puts connections to one proxy inside TLS.
pub(super) struct ProxyTls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl ProxyTls {
    /// Reads the certificates to know the proxy by.
    pub(super) fn new(proxy: &Proxy, trust: &ProxyTrust) -> Result<Self, DialError> {
        let provider = Arc::new(ring::default_provider());
        let failed = |path: &Path, reason: String| DialError::ProxyTrust {
            path: path.to_owned(),
            proxy: proxy.to_string(),
            reason,
        };
        let verifier: Arc<dyn ServerCertVerifier> = match trust {
            ProxyTrust::Anyone => Arc::new(KnownCertificates { known: None, chain: None, provider: provider.clone() }),
            ProxyTrust::System => {
                let found = rustls_native_certs::load_native_certs();
                chain_verifier(found.certs, &provider).map_err(|reason| failed(&system_store(), reason))?
            }
            ProxyTrust::File(path) => {
                let known = certificates_in(path).map_err(|reason| failed(path, reason))?;
                let chain = chain_verifier(known.clone(), &provider).map_err(|reason| failed(path, reason))?;
                Arc::new(KnownCertificates { known: Some(known), chain: Some(chain), provider: provider.clone() })
            }
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has suites for TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        let name = match &proxy.host {
            Host::Address(address) => ServerName::from(*address),
            Host::Name(name) => ServerName::try_from(name.clone()).map_err(|_| DialError::Name {
                name: name.clone(),
                reason: "TLS to the proxy can't carry it as a server name".to_owned(),
            })?,
        };
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }

    /// The handshake, or how it ended.
    pub(super) async fn wrap(&self, tcp: Tcp, deadline: Instant) -> Result<TlsStream<Tcp>, Failure> {
        let start = Instant::now();
        let handshake = self.connector.connect(self.name.clone(), tcp).into_fallible();
        let (error, mut tcp) = match timeout_at(deadline, handshake).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(ended)) => ended,
            Err(_) => {
                let waiting_for = "the proxy's TLS handshake".to_owned();
                let after_ms = milliseconds(start.elapsed());
                return Err(at_proxy(Answer::Timeout { waiting_for, received_bytes: 0, after_ms, tcp: None }));
            }
        };
        let after_ms = milliseconds(start.elapsed());
        let answer = match answer_in(&error, after_ms) {
            Some(Answer::Alert { level, code, name, after_ms, .. }) => {
                Answer::Alert { level, code, name, then: aftermath(&mut tcp).await, after_ms }
            }
            Some(answer) => answer,
            None => match of_tcp(&error, after_ms) {
                Ok(answer) => answer,
                Err(remedy) => {
                    let place = tcp.stream().peer_addr().unwrap_or(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0));
                    return Err(DialError::Socket { step: "talk to", place, source: error, remedy }.into());
                }
            },
        };
        Err(at_proxy(answer))
    }
}

/// What an error of the TCP below says of the proxy or the way to it; the remedy of one that is ours.
fn of_tcp(error: &io::Error, after_ms: f64) -> Result<Answer, &'static str> {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    match error.kind() {
        UnexpectedEof => Ok(Answer::Fin { received_bytes: 0, after_ms }),
        ConnectionReset | ConnectionAborted | BrokenPipe => Ok(Answer::Reset { received_bytes: 0, after_ms }),
        _ => match Fault::of_error(error) {
            Fault::TimedOut | Fault::Unreachable => {
                let waiting_for = "the proxy's TLS handshake".to_owned();
                Ok(Answer::Timeout { waiting_for, received_bytes: 0, after_ms, tcp: None })
            }
            fault => Err(fault.remedy()),
        },
    }
}

/// What an error of the TLS stream says, where it is TLS that broke and not the TCP below it.
pub(super) fn answer_in(error: &io::Error, after_ms: f64) -> Option<Answer> {
    let error = error.get_ref()?.downcast_ref::<Error>()?;
    let malformed =
        |field: &str, expected: String| Some(Answer::Malformed { field: field.to_owned(), offset: 0, expected });
    match error {
        Error::AlertReceived(description) => {
            let description = AlertDescription(u8::from(*description));
            let name = description.name().map(str::to_owned);
            // In TLS 1.3 all errors are fatal whatever their level says, and before it rustls passes over warnings.
            let level = "fatal".to_owned();
            Some(Answer::Alert { level, code: description.0, name, then: AfterAlert::Open, after_ms })
        }
        Error::InvalidCertificate(reason) => {
            malformed("certificate of the proxy", format!("one to trust for it ({reason}); see --proxy-trust"))
        }
        error => malformed("TLS of the proxy", format!("a handshake that can be completed ({error})")),
    }
}

/// What follows an alert.
async fn aftermath(tcp: &mut Tcp) -> AfterAlert {
    let end = async {
        let mut buffer = [0; 512];
        loop {
            match tcp.read(&mut buffer).await {
                Ok(0) => return AfterAlert::Fin,
                Ok(_) => {}
                Err(_) => return AfterAlert::Reset,
            }
        }
    };
    timeout(AFTERMATH, end).await.unwrap_or(AfterAlert::Open)
}

fn certificates_in(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| error.to_string())?;
    certificates.collect::<Result<_, _>>().map_err(|error| error.to_string())
}

fn chain_verifier(
    roots: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, String> {
    let mut store = RootCertStore::empty();
    // A store may hold certificates of forms long gone; the others count.
    store.add_parsable_certificates(roots);
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone())
        .build()
        .map_err(|_| "there is no certificate in it that can be a root".to_owned())
}

/// What to call the system's store where a path is shown.
fn system_store() -> PathBuf {
    "the system's trusted roots".into()
}

/// Trusts the certificates that are known, with whatever names and dates they have, and those that a chain leads to;
/// without a list, whoever has the key to the certificate that it shows.
#[derive(Debug)]
struct KnownCertificates {
    known: Option<Vec<CertificateDer<'static>>>,
    chain: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for KnownCertificates {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let is_known = self.known.as_ref().is_none_or(|known| known.contains(end_entity));
        match &self.chain {
            Some(chain) if !is_known => {
                chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            }
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_reset_is_told_as_one() {
        let kind = |kind: io::ErrorKind| of_tcp(&io::Error::from(kind), 1.0).map(|answer| answer.kind());
        assert_eq!(kind(io::ErrorKind::ConnectionReset), Ok("reset"));
        assert_eq!(kind(io::ErrorKind::UnexpectedEof), Ok("fin"));
        assert_eq!(kind(io::ErrorKind::TimedOut), Ok("timeout"));
        assert_eq!(kind(io::ErrorKind::HostUnreachable), Ok("timeout"));
        assert!(kind(io::ErrorKind::OutOfMemory).is_err(), "that is ours");
    }
}
