//! The sweep of hello sizes against a real server, which has no limit below 16 KiB.

use crate::certificates::{Identity, Key};
use crate::probe::sweep;
use crate::server::Program;
use crate::settings::{AES_256_GCM, ECDHE_RSA_AES256_GCM, Settings, TLS12, TLS13};

#[test]
fn openssl_takes_hellos_of_every_size_whole_and_split() {
    needs!("openssl");
    let identity = Identity::self_signed(Key::Rsa2048, "name.test");
    for (version, suite) in [(TLS12, ECDHE_RSA_AES256_GCM), (TLS13, AES_256_GCM)] {
        let server = Program::Openssl.serve(&Settings::new(&identity, version, &[suite]));
        let sizes = sweep(&server);
        assert_eq!(sizes.as_array().map(Vec::len), Some(6), "{sizes:#}");
        for size in sizes.as_array().into_iter().flatten() {
            let told = |member: &str| size.get(member).cloned().unwrap_or_default();
            assert_eq!(told("answer"), "server_hello", "{size:#}");
            assert_eq!((told("largest"), told("changes_at")), (16_384.into(), serde_json::Value::Null), "{size:#}");
        }
    }
}
