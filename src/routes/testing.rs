//! Reports of ways for tests of what compares them.

use std::ops::Deref;

use crate::certificate::{Certificate, Contents, Details};
use crate::observation::{RouteComparison, Support};
use crate::outcome::testing::{accepted, alert, ended};
use crate::outcome::{Answer, CertificatesState, Exchange, Server, Stage};
use crate::plan::Route;
use crate::registry::{CipherSuite, ExtensionType, ProtocolVersion};
use crate::report::Report;

pub(super) const TLS1_2: ProtocolVersion = ProtocolVersion::TLS1_2;
const SUITE: CipherSuite = CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384;

/// A report under construction.
pub(super) struct Built(pub(super) Report);

impl Deref for Built {
    type Target = Report;

    fn deref(&self) -> &Report {
        &self.0
    }
}

/// An endpoint with a public chain that answers TLS 1.2 to each of four questions: the baseline, twice, and two more.
pub(super) fn server() -> Built {
    let exchange = |(id, purpose): (usize, &str)| {
        let mut exchange = accepted(id, TLS1_2, SUITE);
        exchange.purpose = purpose.to_owned();
        let types = [ExtensionType::RENEGOTIATION_INFO, ExtensionType::EXTENDED_MASTER_SECRET];
        exchange.server.as_mut().unwrap().extensions = types.to_vec();
        exchange.server.as_mut().unwrap().session_id_length = 32;
        exchange.certificates_state = CertificatesState::Read;
        exchange.certificates = public();
        exchange.timing_ms.connect = Some(1.0);
        exchange.timing_ms.proxy = Some(40.0);
        exchange.timing_ms.first_byte = Some(45.0);
        exchange
    };
    let exchanges = [(1, "baseline"), (2, "tls1.2"), (3, "leg:sync"), (4, "baseline")].map(exchange).to_vec();
    Built(Report {
        target: "sws.update.microsoft.com".parse().unwrap(),
        pack: None,
        route: Route::direct(),
        addresses_not_asked: Vec::new(),
        exchanges,
        observations: Box::default(),
        findings: Vec::new(),
        connections: 4,
        cost: None,
    })
}

impl Built {
    /// Every exchange is changed like that.
    pub(super) fn alters(mut self, alter: impl FnMut(&mut Exchange)) -> Self {
        self.0.exchanges.iter_mut().for_each(alter);
        self
    }

    pub(super) fn shows(self, chain: &[Certificate]) -> Self {
        self.alters(|exchange| exchange.certificates = chain.to_vec())
    }

    pub(super) fn shows_in(mut self, id: usize, chain: &[Certificate]) -> Self {
        self.exchange(id).certificates = chain.to_vec();
        self
    }

    pub(super) fn hides_certificates(self) -> Self {
        self.alters(|exchange| {
            exchange.certificates.clear();
            exchange.certificates_state = CertificatesState::Encrypted;
        })
    }

    pub(super) fn refuses(self, id: usize) -> Self {
        self.answers(id, Stage::Hello, alert(id, 70).outcome.answer)
    }

    /// The exchange ends so.
    pub(super) fn answers(mut self, id: usize, stage: Stage, answer: Answer) -> Self {
        let (purpose, timing_ms) = (self.exchange(id).purpose.clone(), self.exchange(id).timing_ms);
        *self.exchange(id) = Exchange { purpose, timing_ms, ..ended(id, stage, answer) };
        self
    }

    /// Only this came, to the first question.
    pub(super) fn ends_with(mut self, stage: Stage, answer: Answer) -> Self {
        self.0.exchanges.truncate(1);
        self.answers(1, stage, answer)
    }

    pub(super) fn unreachable(self) -> Self {
        self.ends_with(Stage::Connect, Answer::Refused { after_ms: 0.1 })
    }

    pub(super) fn version(mut self, version: ProtocolVersion, support: Support, exchange: usize) -> Self {
        self.0.observations.versions.insert(version, support);
        self.0.observations.rests_on(&crate::observation::version_key(version), &[exchange]);
        self
    }

    pub(super) fn exchange(&mut self, id: usize) -> &mut Exchange {
        self.0.exchanges.iter_mut().find(|exchange| exchange.id == id).unwrap()
    }
}

pub(super) fn choice(exchange: &mut Exchange) -> &mut Server {
    exchange.server.as_mut().unwrap()
}

pub(super) fn details(certificate: &mut Certificate) -> &mut Details {
    let Contents::Readable(details) = &mut certificate.contents else { panic!("unreadable") };
    std::sync::Arc::make_mut(details)
}

/// The reasons' ids, in order.
pub(super) fn ids(comparison: &RouteComparison) -> Vec<&str> {
    comparison.reasons.iter().map(|reason| reason.id.as_str()).collect()
}

/// A chain to Microsoft's root of 2011, as it was seen.
pub(super) fn public() -> Vec<Certificate> {
    ["leafs/api.cdp.microsoft.com-2023.pem", "intermediates/microsoft-update-secure-server-ca-2.1.pem"]
        .map(|file| {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/certificates").join(file);
            let text = std::fs::read(path).unwrap();
            Certificate::read(pem::parse(text).unwrap().contents())
        })
        .to_vec()
}

/// Another leaf of the same authority.
pub(super) fn other_front_end() -> Vec<Certificate> {
    let mut chain = public();
    chain[0].sha256 = "another leaf".to_owned();
    details(&mut chain[0]).spki_sha256 = "another key".to_owned();
    chain
}

/// A leaf of a private authority.
fn issued_by(issuer: &str) -> Vec<Certificate> {
    let mut leaf = public().remove(0);
    leaf.sha256 = format!("leaf by {issuer}");
    let contents = details(&mut leaf);
    issuer.clone_into(&mut contents.issuer);
    contents.issuer_sha256 = format!("name {issuer}");
    contents.spki_sha256 = format!("key by {issuer}");
    contents.authority_key_id = None;
    vec![leaf]
}

/// The endpoint's own chain, of a company's authority.
pub(super) fn company() -> Vec<Certificate> {
    issued_by("CN=Contoso Issuing CA 1")
}

/// What an inspecting proxy shows.
pub(super) fn inspected() -> Vec<Certificate> {
    issued_by("CN=Contoso Web Inspection")
}

/// What a product shows that has a name of its own.
pub(super) fn zscaler() -> Vec<Certificate> {
    issued_by("C=US, O=Zscaler Inc., CN=Zscaler Intermediate Root CA (zscalerthree.net)")
}
