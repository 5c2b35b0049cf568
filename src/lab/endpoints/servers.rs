//! The servers that endpoints are.

use crate::lab::conduct::{
    Asked, ClientCertificate, Conduct, ExtendedMasterSecret, Finished, Ftp, Renegotiation, Resumed, Resumption,
    WithoutOne,
};
use crate::lab::script::{Chain, Choice, FFDHE2048, Refusal, Server};
use crate::registry::{CipherSuite, NamedGroup, ProtocolVersion};

/// sws as Microsoft documents it since 2020: TLS 1.2 alone, these four suites, and RST for the rest; the first suite
/// is the one that a WSUS on Windows Server 2016 was seen to get.
pub(super) const SWS: Server = Server {
    versions: &[(ProtocolVersion::TLS1_2, SWS_SUITES)],
    choice: Choice::Own,
    groups: GROUPS,
    refusal: Refusal::Reset,
    chain: Chain::Good,
    dh_prime: FFDHE2048,
    conduct: Conduct::SOUND,
};

const SWS_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
];

/// sws1 is documented by its versions alone; these are suites that Windows servers of its time had.
pub(super) const SWS1: Server = Server {
    versions: &[
        (ProtocolVersion::TLS1_2, SWS1_SUITES),
        (ProtocolVersion::TLS1_1, RSA_CBC_SUITES),
        (ProtocolVersion::TLS1_0, RSA_CBC_SUITES),
    ],
    refusal: Refusal::Alert,
    ..SWS
};

const SWS1_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
    TLS_RSA_WITH_3DES_EDE_CBC_SHA,
];

pub(super) const RSA_CBC_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
    TLS_RSA_WITH_3DES_EDE_CBC_SHA,
];

const TLS_RSA_WITH_3DES_EDE_CBC_SHA: CipherSuite = CipherSuite(0x000A);

/// A cloud management gateway: its connection points and clients need TLS 1.2, and may have to show a certificate.
pub(super) const CMG: Server = Server { conduct: ASKS_FOR_A_CERTIFICATE, ..TLS12 };

const ASKS_FOR_A_CERTIFICATE: Conduct = Conduct {
    client_certificate: ClientCertificate { asked: Asked::InTheHandshake, without: WithoutOne::Accepts },
    ..Conduct::SOUND
};

/// A sound server, for the endpoints that go wrong in one way.
pub(super) const TLS12: Server = Server { refusal: Refusal::Alert, ..SWS };

pub(super) const TLS13: Server = Server { versions: &[(ProtocolVersion::TLS1_3, TLS13_SUITES)], ..TLS12 };

pub(super) const TLS13_SECP384R1: Server =
    Server { groups: &[NamedGroup::SECP384R1], conduct: Conduct { retries: true, ..Conduct::SOUND }, ..TLS13 };

pub(super) const TLS13_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_AES_128_GCM_SHA256,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
];

pub(super) const GROUPS: &[NamedGroup] = &[NamedGroup::SECP384R1, NamedGroup::SECP256R1, NamedGroup::X25519];

/// Sound in all that a client may want to try, best first.
pub(super) const ALL_VERSIONS: Server = Server {
    versions: &[
        (ProtocolVersion::TLS1_3, ALL_TLS13_SUITES),
        (ProtocolVersion::TLS1_2, ALL_SUITES),
        (ProtocolVersion::TLS1_1, OLD_SUITES),
        (ProtocolVersion::TLS1_0, OLD_SUITES),
    ],
    groups: &[
        NamedGroup::X25519,
        NamedGroup::SECP256R1,
        NamedGroup::SECP384R1,
        NamedGroup::SECP521R1,
        NamedGroup::X25519MLKEM768,
    ],
    ..TLS12
};

const ALL_TLS13_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_AES_256_GCM_SHA384,
    CipherSuite::TLS_AES_128_GCM_SHA256,
    CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_AES_128_CCM_SHA256,
    CipherSuite::TLS_AES_128_CCM_8_SHA256,
];

/// Every suite of TLS 1.2 that an RSA key goes with and that records can be protected by, AEAD before CBC.
const ALL_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    TLS_DHE_RSA_WITH_AES_256_CCM,
    TLS_DHE_RSA_WITH_AES_128_CCM_8,
    CipherSuite::TLS_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_DHE_RSA_WITH_AES_256_CBC_SHA256,
    CipherSuite::TLS_DHE_RSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_DHE_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_DHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
    TLS_RSA_WITH_3DES_EDE_CBC_SHA,
];

const OLD_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_DHE_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_DHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
    TLS_RSA_WITH_3DES_EDE_CBC_SHA,
];

const TLS_DHE_RSA_WITH_AES_256_CCM: CipherSuite = CipherSuite(0xC09F);
const TLS_DHE_RSA_WITH_AES_128_CCM_8: CipherSuite = CipherSuite(0xC0A2);

/// DHE for whoever has it, in every version up to TLS 1.2.
pub(super) const DHE: Server = Server {
    versions: &[
        (ProtocolVersion::TLS1_2, DHE_SUITES),
        (ProtocolVersion::TLS1_1, OLD_DHE_SUITES),
        (ProtocolVersion::TLS1_0, OLD_DHE_SUITES),
    ],
    ..TLS12
};

const DHE_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_DHE_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_DHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
];

const OLD_DHE_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_DHE_RSA_WITH_AES_256_CBC_SHA,
    CipherSuite::TLS_DHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
];

/// TLS 1.0 to 1.2 with sessions and tickets, resumed so.
pub(super) const fn resuming(resumption: Resumption) -> Server {
    Server { conduct: Conduct { resumption, ..Conduct::SOUND }, ..SWS1 }
}

/// TLS 1.2 and 1.3 whose handshakes end so.
pub(super) const fn ending(finished: Finished) -> Server {
    Server { conduct: Conduct { finished, ..Conduct::SOUND }, ..TLS12_AND_13 }
}

/// TLS 1.2 and 1.3 that asks for a client certificate.
pub(super) const fn asking(asked: Asked, without: WithoutOne) -> Server {
    let client_certificate = ClientCertificate { asked, without };
    Server { conduct: Conduct { client_certificate, ..Conduct::SOUND }, ..TLS12_AND_13 }
}

/// TLS 1.2 that makes this of a client's wish to negotiate again.
pub(super) const fn refusing(renegotiation: Renegotiation) -> Server {
    Server { conduct: Conduct { renegotiation, ..Conduct::SOUND }, ..TLS12 }
}

pub(super) const TLS12_AND_13: Server =
    Server { versions: &[(ProtocolVersion::TLS1_3, TLS13_SUITES), (ProtocolVersion::TLS1_2, SWS_SUITES)], ..TLS12 };

/// FTP with TLS first, whose data connections this server answers.
pub(super) const fn ftp(control: Server, data: &'static Server) -> Server {
    Server { conduct: Conduct { ftp: Some(Ftp { data, ..FTP }), ..control.conduct }, ..control }
}

/// The same, and a data connection has to resume the control connection's session.
pub(super) const fn ftp_demanding(control: Server, data: &'static Server) -> Server {
    let ftp = Ftp { data, demands_a_session: true, ..FTP };
    Server { conduct: Conduct { ftp: Some(ftp), ..control.conduct }, ..control }
}

/// The same, without EPSV and without a demand.
pub(super) const FTP_WITHOUT_EPSV: Server =
    Server { conduct: Conduct { ftp: Some(Ftp { knows_epsv: false, ..FTP }), ..Conduct::SOUND }, ..TLS12_AND_13 };

/// The same with a listing of some 100 KiB, which says so where it is broken off.
pub(super) const FTP_WITH_MANY_FILES: Server =
    Server { conduct: Conduct { ftp: Some(Ftp { files: 2400, ..FTP }), ..Conduct::SOUND }, ..TLS12_AND_13 };

/// FTP whose data connections stay open behind their listing.
pub(super) const FTP_KEEPING_DATA_OPEN: Server =
    Server { conduct: Conduct { ftp: Some(Ftp { keeps_data_open: true, ..FTP }), ..Conduct::SOUND }, ..TLS12_AND_13 };

const FTP: Ftp =
    Ftp { data: &TLS12_AND_13, demands_a_session: false, knows_epsv: true, files: 1, keeps_data_open: false };

/// TLS 1.2 that resumes sessions so.
pub(super) const fn resuming_in_tls12(resumption: Resumption) -> Server {
    Server { conduct: Conduct { resumption, ..Conduct::SOUND }, ..TLS12 }
}

/// TLS 1.2 that knows no `extended_master_secret`, and so resumes whether it is offered or not.
pub(super) const TLS12_WITHOUT_EMS: Server = Server {
    conduct: Conduct {
        extended_master_secret: ExtendedMasterSecret::Unknown,
        resumption: Resumption { second_only: Resumed::Resumes, ..Resumption::SOUND },
        ..Conduct::SOUND
    },
    ..TLS12
};
/// Suites whose order shows.
pub(super) const ORDERED: Server =
    Server { versions: &[(ProtocolVersion::TLS1_3, TLS13_SUITES), (ProtocolVersion::TLS1_2, ORDERED_SUITES)], ..TLS12 };

const ORDERED_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256,
];

/// Suites of RSA and of ECDSA.
pub(super) const TWO_KINDS_OF_SUITES: &[CipherSuite] = &[
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA,
];

/// What SSL 3.0 has for an RSA key, without that of little worth.
pub(super) const SSL3_SUITES: &[CipherSuite] =
    &[TLS_RSA_WITH_3DES_EDE_CBC_SHA, CipherSuite(0x0005), CipherSuite(0x0004)];
