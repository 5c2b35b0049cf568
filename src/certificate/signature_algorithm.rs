//! The name of the algorithm that signed a certificate.

use x509_parser::asn1_rs::oid;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::AlgorithmIdentifier;

use super::oid::{HASHES, Names, named};

/// RFC 3279 §2.2, RFC 4055 §5, RFC 5758, RFC 8410, RFC 8702, RFC 9881, RFC 8998; and the two of OIW that old Windows
/// tools wrote.
const ALGORITHMS: &Names = &[
    ("1.2.840.113549.1.1.2", "md2WithRSAEncryption"),
    ("1.2.840.113549.1.1.4", "md5WithRSAEncryption"),
    ("1.2.840.113549.1.1.5", "sha1WithRSAEncryption"),
    ("1.2.840.113549.1.1.10", "rsassaPss"),
    ("1.2.840.113549.1.1.11", "sha256WithRSAEncryption"),
    ("1.2.840.113549.1.1.12", "sha384WithRSAEncryption"),
    ("1.2.840.113549.1.1.13", "sha512WithRSAEncryption"),
    ("1.2.840.113549.1.1.14", "sha224WithRSAEncryption"),
    ("1.3.14.3.2.3", "md5WithRSA"),
    ("1.3.14.3.2.29", "sha1WithRSA"),
    ("1.2.840.10045.4.1", "ecdsa-with-SHA1"),
    ("1.2.840.10045.4.3.1", "ecdsa-with-SHA224"),
    ("1.2.840.10045.4.3.2", "ecdsa-with-SHA256"),
    ("1.2.840.10045.4.3.3", "ecdsa-with-SHA384"),
    ("1.2.840.10045.4.3.4", "ecdsa-with-SHA512"),
    ("1.2.840.10040.4.3", "dsa-with-sha1"),
    ("2.16.840.1.101.3.4.3.1", "dsa-with-sha224"),
    ("2.16.840.1.101.3.4.3.2", "dsa-with-sha256"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
    ("1.3.6.1.5.5.7.6.30", "RSASSA-PSS-SHAKE128"),
    ("1.3.6.1.5.5.7.6.31", "RSASSA-PSS-SHAKE256"),
    ("1.2.156.10197.1.501", "SM2-with-SM3"),
];

/// `sha256WithRSAEncryption`, `rsassaPss with sha256` …, dotted where it has no row.
///
/// RSASSA-PSS keeps its hash in the parameters (RFC 4055 §3.1). A mask made by another hash is said as well, for TLS has
/// no name for such a pair (RFC 8446 §4.2.3): `rsassaPss with sha256, mgf1 with sha1`.
pub(super) fn signature_algorithm(algorithm: &AlgorithmIdentifier<'_>) -> String {
    let name = named(&algorithm.algorithm, ALGORITHMS);
    if name != "rsassaPss" {
        return name;
    }
    let Some(Ok(parameters)) = algorithm.parameters.as_ref().map(RsaSsaPssParams::try_from) else { return name };
    let hash = named(parameters.hash_algorithm_oid(), HASHES);
    match parameters.mask_gen_algorithm() {
        Ok(mask) if mask.mgf == oid!(1.2.840.113549.1.1.8) => match named(&mask.hash, HASHES) {
            mask if mask == hash => format!("{name} with {hash}"),
            mask => format!("{name} with {hash}, mgf1 with {mask}"),
        },
        _ => format!("{name} with {hash}, another mask"),
    }
}

#[cfg(test)]
mod tests {
    use x509_parser::asn1_rs::{Any, FromDer};

    use super::super::testdata::details;
    use super::*;

    #[test]
    fn signatures_of_every_kind_tell_their_algorithm() {
        for (file, algorithm) in [
            ("roots/microsoft-root-certificate-authority-2001.pem", "sha1WithRSAEncryption"),
            ("leafs/api.cdp.microsoft.com-2023.pem", "sha256WithRSAEncryption"),
            ("roots/digicert-global-root-g3.pem", "ecdsa-with-SHA384"),
            ("odd/dsa.pem", "dsa-with-sha256"),
            ("odd/ed25519.pem", "Ed25519"),
            ("odd/rsa-pss-signature.pem", "rsassaPss with sha256"),
            ("odd/rsa-pss-key.pem", "rsassaPss with sha384"),
            ("odd/rsa-pss-other-mgf1.pem", "rsassaPss with sha256, mgf1 with sha1"),
        ] {
            assert_eq!(details(file).signature_algorithm, algorithm, "{file}");
        }
    }

    fn pss(parameters: Option<&[u8]>) -> String {
        let parameters = parameters.map(|der| Any::from_der(der).unwrap().1);
        signature_algorithm(&AlgorithmIdentifier::new(oid!(1.2.840.113549.1.1.10), parameters))
    }

    #[test]
    fn pss_parameters_that_say_nothing_mean_sha1() {
        assert_eq!(pss(Some(&[0x30, 0])), "rsassaPss with sha1");
    }

    #[test]
    fn pss_without_readable_parameters_names_no_hash() {
        assert_eq!(pss(None), "rsassaPss");
        assert_eq!(pss(Some(&[5, 0])), "rsassaPss");
    }

    #[test]
    fn an_unknown_algorithm_is_dotted() {
        assert_eq!(signature_algorithm(&AlgorithmIdentifier::new(oid!(1.2.3.4), None)), "1.2.3.4");
    }
}
