//! Products that end TLS in an endpoint's place, by the names that they put into the certificates they make.

/// One product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InspectionProduct {
    /// What it is called.
    pub name: &'static str,
    /// A part of the issuer's distinguished name, as [`crate::certificate::Details::issuer`] writes it.
    issuer_has: &'static str,
    /// Where that name is told or shown.
    pub source: &'static str,
}

/// The products whose names are known here. A product whose customer signs with an authority of his own has none.
pub const INSPECTION_PRODUCTS: &[InspectionProduct] = &[
    InspectionProduct {
        name: "Burp Suite",
        issuer_has: "CN=PortSwigger CA",
        source: "issuers shown in public bug reports: O=PortSwigger, OU=PortSwigger CA, CN=PortSwigger CA",
    },
    InspectionProduct {
        name: "Cisco Umbrella",
        issuer_has: "CN=Cisco Umbrella ",
        source: "docs.umbrella.com, \"Cisco Umbrella root certificate\"; support.umbrella.com article 360051373131 for \
                 the intermediate authorities' names",
    },
    InspectionProduct {
        name: "Cloudflare Gateway",
        issuer_has: "CN=Gateway CA - Cloudflare Managed",
        source: "issuers shown in public bug reports; developers.cloudflare.com, \"User-side certificates\"",
    },
    InspectionProduct {
        name: "Fiddler",
        issuer_has: "CN=DO_NOT_TRUST_FiddlerRoot",
        source: "issuers shown in public bug reports, and the product's own file name",
    },
    InspectionProduct {
        name: "Fortinet FortiGate",
        issuer_has: "O=Fortinet, OU=Certificate Authority",
        source: "community.fortinet.com article 198478 and issuers shown in public bug reports",
    },
    InspectionProduct {
        name: "mitmproxy",
        issuer_has: "CN=mitmproxy",
        source: "docs.mitmproxy.org, \"Certificates\", and the authority that it makes",
    },
    InspectionProduct {
        name: "Netskope",
        issuer_has: ".goskope.com",
        source: "issuers shown in public bug reports: CN=ca.TENANT.goskope.com; docs.netskope.com, \"Certificates\"",
    },
    InspectionProduct {
        name: "Zscaler",
        issuer_has: "O=Zscaler Inc.",
        source: "help.zscaler.com, \"Choosing the CA Certificate for SSL Inspection\": the issuer is the Zscaler \
                 intermediate certificate",
    },
];

/// The product that made a certificate with this issuer, if its name is known.
pub(super) fn named_by(issuer: &str) -> Option<&'static InspectionProduct> {
    INSPECTION_PRODUCTS.iter().find(|product| issuer.contains(product.issuer_has))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_sorted_and_each_has_a_source() {
        let names: Vec<String> = INSPECTION_PRODUCTS.iter().map(|product| product.name.to_lowercase()).collect();
        assert!(names.is_sorted_by(|one, next| one < next), "{names:?}");
        assert!(INSPECTION_PRODUCTS.iter().all(|product| !product.source.is_empty()));
    }

    #[test]
    fn issuers_as_they_were_seen_name_their_product() {
        for (issuer, name) in [
            (
                "C=US, ST=California, O=Zscaler Inc., OU=Zscaler Inc., CN=Zscaler Intermediate Root CA (zscalerthree.net) (t)",
                "Zscaler",
            ),
            (
                "C=US, ST=California, L=Sunnyvale, O=Fortinet, OU=Certificate Authority, CN=FG6H0FTB22903890",
                "Fortinet FortiGate",
            ),
            ("C=CL, O=Example, CN=ca.example.goskope.com, emailAddress=certadmin@netskope.com", "Netskope"),
            ("CN=Gateway CA - Cloudflare Managed G1 d4cab1c0e006138441e1f1b57bfde614", "Cloudflare Gateway"),
            ("O=Cisco, CN=Cisco Umbrella Root CA", "Cisco Umbrella"),
            ("CN=DO_NOT_TRUST_FiddlerRoot, O=DO_NOT_TRUST, OU=Created by http://www.fiddler2.com", "Fiddler"),
            ("CN=mitmproxy, O=mitmproxy", "mitmproxy"),
            ("C=PortSwigger, O=PortSwigger, OU=PortSwigger CA, CN=PortSwigger CA", "Burp Suite"),
        ] {
            assert_eq!(named_by(issuer).map(|product| product.name), Some(name), "{issuer}");
        }
    }

    #[test]
    fn public_authorities_and_companies_of_their_own_name_none() {
        for issuer in [
            "C=US, O=Microsoft Corporation, CN=Microsoft Update Secure Server CA 2.1",
            "C=US, O=Amazon, CN=Amazon RSA 2048 M02",
            "C=US, O=DigiCert Inc, CN=Cloudflare Inc ECC CA-3",
            "O=Contoso, CN=Contoso Issuing CA 1",
        ] {
            assert_eq!(named_by(issuer), None, "{issuer}");
        }
    }
}
