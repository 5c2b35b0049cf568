//! Lists and answers made by rcgen and by hand; `tests/trust.rs` has those of `openssl ca` and `openssl ocsp`.

use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, CrlDistributionPoint,
    CrlIssuingDistributionPoint, CrlScope, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevocationReason, RevokedCertParams, SigningKey,
};
use time::macros::datetime;

use super::der::{ENUMERATED, GENERALIZED_TIME, OCTET_STRING, OID, SEQUENCE, context, sha1, wrap};
use super::*;

const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);
const SINCE: OffsetDateTime = datetime!(2026-11-01 00:00 UTC);

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn issuer() -> Issuer {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Issuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn certificate(issuer: &Issuer, serial: u64, purposes: &[ExtendedKeyUsagePurpose]) -> (Vec<u8>, KeyPair) {
    let mut params = CertificateParams::new(["host.test".to_owned()]).unwrap();
    params.serial_number = Some(serial.into());
    params.extended_key_usages = purposes.to_vec();
    let key = KeyPair::generate().unwrap();
    (params.signed_by(&key, issuer).unwrap().der().to_vec(), key)
}

struct List {
    this_update: OffsetDateTime,
    next_update: OffsetDateTime,
    revoked: Vec<u64>,
    scope: Option<CrlScope>,
    points: usize,
}

const LIST: List = List {
    this_update: datetime!(2026-11-20 00:00 UTC),
    next_update: datetime!(2026-11-27 00:00 UTC),
    revoked: Vec::new(),
    scope: None,
    points: 1,
};

fn crl(issuer: &Issuer, list: List) -> Vec<u8> {
    let revoked = list.revoked.into_iter().map(|serial| RevokedCertParams {
        serial_number: serial.into(),
        revocation_time: SINCE,
        reason_code: Some(RevocationReason::KeyCompromise),
        invalidity_date: None,
    });
    let point = |scope| CrlIssuingDistributionPoint {
        distribution_point: CrlDistributionPoint { uris: vec!["http://pki.test/a.crl".to_owned(); list.points] },
        scope: Some(scope),
    };
    let params = CertificateRevocationListParams {
        this_update: list.this_update,
        next_update: list.next_update,
        crl_number: 1.into(),
        issuing_distribution_point: list.scope.map(point),
        revoked_certs: revoked.collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(issuer).unwrap().der().to_vec()
}

fn fault(status: &RevocationStatus) -> RevocationFault {
    let RevocationStatus::Unusable { fault, .. } = status else { panic!("usable: {status:?}") };
    *fault
}

#[test]
fn a_list_tells_what_is_on_it_and_what_is_not() {
    let issuer = issuer();
    let (subject, _) = certificate(&issuer, 0x90, &[]);
    let asked = Asked { subject: &subject, issuer: issuer.der(), at: NOW };
    let read = |list| asked.read_crl(&crl(&issuer, list));
    assert_eq!(read(LIST), RevocationStatus::Good { next_update: Some(LIST.next_update) });
    assert_eq!(
        read(List { revoked: vec![7, 8], ..LIST }),
        RevocationStatus::Good { next_update: Some(LIST.next_update) }
    );
    let reason = Some("keyCompromise".to_owned());
    assert_eq!(read(List { revoked: vec![7, 0x90], ..LIST }), RevocationStatus::Revoked { since: SINCE, reason });
}

#[test]
fn an_old_list_one_to_come_and_one_for_others_are_told_apart() {
    let issuer = issuer();
    let (subject, _) = certificate(&issuer, 1, &[]);
    let asked = Asked { subject: &subject, issuer: issuer.der(), at: NOW };
    let fault = |list| fault(&asked.read_crl(&crl(&issuer, list)));
    assert_eq!(fault(List { next_update: NOW - Duration::HOUR, ..LIST }), RevocationFault::Expired);
    assert_eq!(fault(List { this_update: NOW + Duration::HOUR, ..LIST }), RevocationFault::NotYetValid);
    assert_eq!(fault(List { scope: Some(CrlScope::CaCertsOnly), ..LIST }), RevocationFault::NotCovered);
    let users = asked.read_crl(&crl(&issuer, List { scope: Some(CrlScope::UserCertsOnly), ..LIST }));
    assert!(matches!(users, RevocationStatus::Good { .. }), "{users:?}");
}

#[test]
fn a_list_of_another_distribution_point_says_nothing() {
    let issuer = issuer();
    for (uris, covers) in [
        (&["http://pki.test/a.crl"][..], true),
        (&["ldap:///CN=a", "HTTP://pki.test/a.crl"], true),
        (&["http://pki.test/b.crl"], false),
    ] {
        let mut params = CertificateParams::default();
        let uris = uris.iter().map(|uri| (*uri).to_owned()).collect();
        params.crl_distribution_points = vec![CrlDistributionPoint { uris }];
        let subject = params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
        let asked = Asked { subject: subject.der(), issuer: issuer.der(), at: NOW };
        let status = asked.read_crl(&crl(&issuer, List { scope: Some(CrlScope::UserCertsOnly), ..LIST }));
        let is_good = matches!(status, RevocationStatus::Good { .. });
        assert_eq!(is_good, covers, "{status:?}");
        assert!(is_good || fault(&status) == RevocationFault::NotCovered, "{status:?}");
    }
}

#[test]
fn a_list_and_a_certificate_of_countless_points_are_compared_at_once() {
    let issuer = issuer();
    let mut params = CertificateParams::default();
    let uris = (0..30_000).map(|number| format!("http://pki.test/{number}.crl")).collect();
    params.crl_distribution_points = vec![CrlDistributionPoint { uris }];
    let subject = params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
    let asked = Asked { subject: subject.der(), issuer: issuer.der(), at: NOW };
    let list = crl(&issuer, List { scope: Some(CrlScope::UserCertsOnly), points: 200_000, ..LIST });
    // Each name against each would take minutes.
    let begun = std::time::Instant::now();
    assert_eq!(fault(&asked.read_crl(&list)), RevocationFault::NotCovered);
    assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[test]
fn a_list_that_another_signed_is_no_list() {
    let [issuer, other] = [issuer(), issuer()];
    let (subject, _) = certificate(&issuer, 1, &[]);
    let asked = Asked { subject: &subject, issuer: issuer.der(), at: NOW };
    assert_eq!(fault(&asked.read_crl(&crl(&other, LIST))), RevocationFault::WrongSigner, "same name, other key");
    let mut forged = crl(&issuer, LIST);
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(fault(&asked.read_crl(&forged)), RevocationFault::WrongSigner);
    assert_eq!(fault(&asked.read_crl(b"<html>")), RevocationFault::Malformed);
    let RevocationStatus::Unusable { why, .. } = asked.read_crl(b"-----BEGIN X509 CRL-----") else { panic!() };
    assert!(why.contains("PEM"), "{why}");
}

/// A list of changes: the one of rcgen with another extension behind its own, signed anew.
#[test]
fn a_delta_list_is_no_base_list() {
    let issuer = issuer();
    let (subject, _) = certificate(&issuer, 1, &[]);
    let whole = crl(&issuer, LIST);
    let mut parts = der::Der(der::Der(&whole).expect(SEQUENCE, "").unwrap().body);
    let mut fields = der::Der(parts.expect(SEQUENCE, "").unwrap().body);
    let algorithm = parts.expect(SEQUENCE, "").unwrap().raw;
    let mut before = Vec::new();
    let own = loop {
        let field = fields.any("").unwrap();
        if field.tag == context(0) {
            break der::Der(field.body).expect(SEQUENCE, "").unwrap().body;
        }
        before.extend(field.raw);
    };
    let indicator = [wrap(OID, &[0x55, 0x1d, 27]), wrap(1, &[255]), wrap(OCTET_STRING, &[2, 1, 1])].concat();
    let extensions = wrap(context(0), &wrap(SEQUENCE, &[own, &wrap(SEQUENCE, &indicator)].concat()));
    let signed = wrap(SEQUENCE, &[before, extensions].concat());
    let bits = [vec![0], issuer.key().sign(&signed).unwrap()].concat();
    let delta = wrap(SEQUENCE, &[&signed, algorithm, &wrap(der::BIT_STRING, &bits)].concat());
    let asked = Asked { subject: &subject, issuer: issuer.der(), at: NOW };
    assert_eq!(fault(&asked.read_crl(&delta)), RevocationFault::DeltaCrl);
}

/// An answer of a responder, made by hand.
struct Answer<'a> {
    asked: Asked<'a>,
    status: Vec<u8>,
    /// When each answer in it ends, all about the same certificate.
    next_update: &'static [&'static str],
    certificate: Option<Vec<u8>>,
    key: &'a KeyPair,
}

impl Answer<'_> {
    fn der(&self) -> Vec<u8> {
        let pair = Pair::read(&self.asked).unwrap();
        let time = |text: &str| wrap(GENERALIZED_TIME, text.as_bytes());
        let sha1_algorithm = wrap(SEQUENCE, &wrap(OID, &[0x2b, 14, 3, 2, 26]));
        let key = sha1(&pair.issuer.public_key().subject_public_key.data);
        let id = [
            sha1_algorithm,
            wrap(OCTET_STRING, &sha1(pair.issuer.subject().as_raw())),
            wrap(OCTET_STRING, &key),
            wrap(der::INTEGER, pair.subject.raw_serial()),
        ];
        let single = |next: &&str| {
            let next = wrap(context(0), &time(next));
            let parts = [wrap(SEQUENCE, &id.concat()), self.status.clone(), time("20261120000000Z"), next];
            wrap(SEQUENCE, &parts.concat())
        };
        let responses = wrap(SEQUENCE, &self.next_update.iter().flat_map(single).collect::<Vec<u8>>());
        let by_key = wrap(context(2), &wrap(OCTET_STRING, &key));
        let data = wrap(SEQUENCE, &[by_key, time("20261120000000Z"), responses].concat());
        let ecdsa_sha256 = wrap(SEQUENCE, &wrap(OID, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]));
        let bits = wrap(der::BIT_STRING, &[vec![0], self.key.sign(&data).unwrap()].concat());
        let certificates = self.certificate.iter().map(|der| wrap(context(0), &wrap(SEQUENCE, der)));
        let basic = wrap(SEQUENCE, &[data, ecdsa_sha256, bits, certificates.collect::<Vec<_>>().concat()].concat());
        let bytes = [wrap(OID, &[0x2b, 6, 1, 5, 5, 7, 48, 1, 1]), wrap(OCTET_STRING, &basic)].concat();
        let bytes = wrap(context(0), &wrap(SEQUENCE, &bytes));
        wrap(SEQUENCE, &[wrap(ENUMERATED, &[0]), bytes].concat())
    }
}

#[test]
fn a_responder_says_good_revoked_or_that_it_does_not_know() {
    let issuer = issuer();
    let (subject, _) = certificate(&issuer, 0xabcd, &[]);
    let asked = Asked { subject: &subject, issuer: issuer.der(), at: NOW };
    let answer = |status: Vec<u8>, next_update: &'static [&'static str]| {
        asked.read_ocsp(&Answer { asked, status, next_update, certificate: None, key: issuer.key() }.der())
    };
    let next_update = Some(datetime!(2026-11-27 00:00 UTC));
    assert_eq!(answer(wrap(0x80, &[]), &["20261127000000Z"]), RevocationStatus::Good { next_update });
    assert_eq!(answer(wrap(0x82, &[]), &["20261127000000Z"]), RevocationStatus::Unknown);
    let since = wrap(GENERALIZED_TIME, b"20261101000000Z");
    let superseded = wrap(context(0), &wrap(ENUMERATED, &[4]));
    assert_eq!(
        answer(wrap(0xa1, &[since, superseded].concat()), &["20261127000000Z"]),
        RevocationStatus::Revoked { since: SINCE, reason: Some("superseded".to_owned()) }
    );
    assert_eq!(fault(&answer(wrap(0x80, &[]), &["20261121000000Z"])), RevocationFault::Expired);
    let twice = answer(wrap(0x80, &[]), &["20261121000000Z", "20261127000000Z"]);
    assert_eq!(twice, RevocationStatus::Good { next_update }, "an old answer before the current one");
}

#[test]
fn only_the_issuer_and_whom_it_made_a_responder_may_answer() {
    let [issuer, other] = [issuer(), issuer()];
    let (subject, _) = certificate(&issuer, 2, &[]);
    let asked = Asked { subject: &subject, issuer: issuer.der(), at: NOW };
    let good = |certificate, key: &KeyPair| {
        let status = wrap(0x80, &[]);
        asked.read_ocsp(&Answer { asked, status, next_update: &["20261127000000Z"], certificate, key }.der())
    };
    let (responder, key) = certificate(&issuer, 3, &[ExtendedKeyUsagePurpose::OcspSigning]);
    assert!(matches!(good(Some(responder), &key), RevocationStatus::Good { .. }));
    let for_servers = certificate(&issuer, 4, &[ExtendedKeyUsagePurpose::ServerAuth]);
    let of_another = certificate(&other, 5, &[ExtendedKeyUsagePurpose::OcspSigning]);
    assert_eq!(fault(&good(None, &key)), RevocationFault::WrongSigner, "its certificate did not come along");
    for (signer, key) in [for_servers, of_another] {
        assert_eq!(fault(&good(Some(signer), &key)), RevocationFault::WrongSigner);
    }
    // With its key on a curve that is not known here.
    let (mut unknown, key) = certificate(&issuer, 6, &[ExtendedKeyUsagePurpose::OcspSigning]);
    let p256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    let at = unknown.windows(p256.len()).position(|octets| octets == p256).unwrap();
    unknown[at + p256.len() - 1] = 6;
    assert_eq!(fault(&good(Some(unknown), &key)), RevocationFault::Unsupported);
}

#[test]
fn an_answer_about_another_certificate_and_a_refusal_say_nothing() {
    let issuer = issuer();
    let ((subject, _), (neighbour, _)) = (certificate(&issuer, 1, &[]), certificate(&issuer, 2, &[]));
    let asked = Asked { subject: &subject, issuer: issuer.der(), at: NOW };
    let about = Asked { subject: &neighbour, ..asked };
    let status = wrap(0x80, &[]);
    let answer =
        Answer { asked: about, status, next_update: &["20261127000000Z"], certificate: None, key: issuer.key() };
    assert_eq!(fault(&asked.read_ocsp(&answer.der())), RevocationFault::NotCovered);
    let RevocationStatus::Unusable { fault, why } = asked.read_ocsp(&[0x30, 3, 0x0a, 1, 6]) else { panic!() };
    assert_eq!((fault, why.as_str()), (RevocationFault::Refused, "the responder answered unauthorized"));
}

#[test]
fn a_question_has_the_serial_number_and_the_issuers_hashes() {
    let issuer = issuer();
    let (subject, _) = certificate(&issuer, 0x1234, &[]);
    let request = Asked { subject: &subject, issuer: issuer.der(), at: NOW }.ocsp_request().unwrap();
    let mut inside = der::Der(&request);
    for _ in 0..5 {
        inside = der::Der(inside.expect(SEQUENCE, "").unwrap().body);
    }
    inside.expect(SEQUENCE, "").unwrap();
    assert_eq!(inside.expect(OCTET_STRING, "").unwrap().body.len(), 20);
    assert_eq!(inside.expect(OCTET_STRING, "").unwrap().body.len(), 20);
    assert_eq!(inside.expect(der::INTEGER, "").unwrap().body, [0x12, 0x34]);
}

proptest! {
    #[test]
    fn never_panics(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), cut in any::<prop::sample::Index>()) {
        let issuer = issuer();
        let (subject, _) = certificate(&issuer, 1, &[]);
        let asked = Asked { subject: &subject, issuer: issuer.der(), at: NOW };
        let answer = Answer { asked, status: wrap(0x80, &[]), next_update: &["20261127000000Z"], certificate: Some(subject.clone()), key: issuer.key() };
        for mut bytes in [crl(&issuer, List { revoked: vec![1], ..LIST }), answer.der()] {
            for (place, octet) in &changes {
                let place = place.index(bytes.len());
                bytes[place] = *octet;
            }
            asked.read_crl(&bytes);
            asked.read_ocsp(&bytes);
            asked.read_crl(&bytes[..cut.index(bytes.len())]);
            asked.read_ocsp(&bytes[..cut.index(bytes.len())]);
        }
    }
}
