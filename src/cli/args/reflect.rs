//! The arguments of `reflect`.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;

use super::typed;
use crate::reflect::Limits;

const EXAMPLES: &str = "\
Examples:
  tlsprobe reflect --listen 0.0.0.0:443
          beyond the proxy, at a port that it lets through; until Ctrl-C
  tlsprobe probe --reflect far.example --proxy http://proxy.corp:8080
          on this side of it: does the hello arrive as it was sent?
  tlsprobe reflect --raw
          plain JSON for other clients, on this machine

The report is a certificate's comment, so any TLS client can show it:
  openssl s_client -connect far.example:443 -tls1_2 </dev/null |
    openssl x509 -noout -ext nsComment";

/// Be the far end of a passthrough proof: send back the hello that arrived
///
/// Reads a ClientHello and answers by a TLS flight with a self-signed certificate that carries the bytes that arrived
/// and how they were split. What a device on the way changed shows in them; one that answers by itself shows by its
/// certificate. A hello of TLS 1.3 alone is refused: its certificate would be encrypted.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ReflectArgs {
    /// Where to listen; 0.0.0.0 and [::] stand for all of this machine's addresses
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8443")]
    pub(in crate::cli) listen: SocketAddr,
    /// Send the report as plain JSON in place of a TLS flight
    #[arg(long)]
    pub(in crate::cli) raw: bool,
    /// Connections at once; more wait
    #[arg(long, value_name = "N", default_value = "64", value_parser = clap::value_parser!(u16).range(1..))]
    max_connections: u16,
    /// Bytes of a connection that are read and sent back (64 to 40960)
    #[arg(long, value_name = "N", default_value = "32768", value_parser = clap::value_parser!(u16).range(64..=MOST))]
    max_bytes: u16,
    /// For a hello to come whole, and again for the answer to be taken
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = typed::seconds)]
    max_seconds: Duration,
}

/// [`MAX_REFLECTED`](crate::reflected::MAX_REFLECTED), as the parser wants it.
const MOST: i64 = 40_960;

impl ReflectArgs {
    pub(in crate::cli) fn limits(&self) -> Limits {
        Limits {
            connections: usize::from(self.max_connections),
            bytes: usize::from(self.max_bytes),
            time: self.max_seconds,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Reflect {
        #[command(flatten)]
        arguments: ReflectArgs,
    }

    #[test]
    fn the_limits_are_the_reflectors_unless_said() {
        let limits = |options: &[&str]| {
            Reflect::try_parse_from(["tlsprobe"].iter().chain(options)).map(|parsed| parsed.arguments.limits())
        };
        assert_eq!(limits(&[]).unwrap(), Limits::default());
        let said = Limits { connections: 1, bytes: 64, time: Duration::from_millis(500) };
        assert_eq!(limits(&["--max-connections=1", "--max-bytes=64", "--max-seconds=0.5"]).unwrap(), said);
        assert_eq!(limits(&["--max-bytes=40960"]).unwrap().bytes, crate::reflected::MAX_REFLECTED);
        for too_much in ["--max-bytes=40961", "--max-bytes=63", "--max-connections=0"] {
            assert!(limits(&[too_much]).is_err(), "{too_much}");
        }
    }
}
