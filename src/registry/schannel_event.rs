//! Events that Schannel writes to the System log, by their numbers.

use super::CauseConfidence;
use super::code_point::optional;
use super::words::words;

/// One event of the provider Schannel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchannelEvent {
    /// Its number.
    pub id: u16,
    /// What it says.
    pub meaning: &'static str,
    /// What it is about.
    pub area: EventArea,
    /// How the network looks where it is written. Inferred, as the number and the meaning are not.
    pub network_picture: Option<&'static str>,
}

words! {
    /// What an event is about.
    EventArea {
        Info = "info",
        Certificate = "certificate",
        PrivateKey = "certificate/private key permission",
        ClientCertificate = "client certificate",
        LocalConfiguration = "local configuration",
        /// Written where TLS is served.
        ServerSide = "server side",
        ServerSideWsus = "server side, seen on WSUS/IIS",
        PeerSentAlert = "peer sent an alert",
        ThisMachineSentAlert = "this machine sent an alert",
    }
}

impl SchannelEvent {
    /// A fatal alert came; the event's text has its number.
    pub const ALERT_RECEIVED: u16 = 36887;
    /// A fatal alert was sent; the event's text has its number.
    pub const ALERT_SENT: u16 = 36888;

    /// Where numbers and meanings are from.
    pub const SOURCE: &'static str = "Schannel Events, Microsoft (dn786445); event list cross-checked with a published \
                                      manifest dump of the provider";
    /// How well number and meaning are known.
    pub const CONFIDENCE: CauseConfidence = CauseConfidence::DocumentedForEvent;

    /// Every event known here, sorted by number.
    pub fn all() -> &'static [Self] {
        ROWS
    }

    /// The event of this number.
    pub fn from_id(id: u16) -> Option<&'static Self> {
        let index = ROWS.binary_search_by_key(&id, |event| event.id).ok()?;
        ROWS.get(index)
    }
}

/// Columns: number, what it is about; meaning; how the network looks.
macro_rules! events {
    ($($id:literal $area:ident $meaning:literal $(=> $network_picture:literal)?;)+) => {
        &[$(
            SchannelEvent {
                id: $id,
                meaning: $meaning,
                area: EventArea::$area,
                network_picture: optional!($($network_picture)?),
            },
        )+]
    };
}

static ROWS: &[SchannelEvent] = events! {
    36864 Info "the Schannel package was loaded";
    36870 PrivateKey "accessing the private key of a TLS credential failed"
        => "server or client certificate whose key the service cannot read";
    36871 LocalConfiguration "creating a TLS client or server credential failed; internal state often 10013"
        => "all usable protocols or suites disabled, SCHANNEL Client keys wrong, .NET without strong crypto after \
            TLS 1.0/1.1 were switched off: no Client Hello leaves the machine";
    36872 Certificate "chain of the own certificate could not be retrieved";
    36873 LocalConfiguration "no supported cipher suite when starting a connection"
        => "cipher-order policy leaves nothing usable";
    36874 ServerSideWsus "a remote client offered a protocol version and suites none of which this server supports"
        => "server answers alert 40 handshake_failure, or the connection is reset";
    36875 ClientCertificate "remote server asked for a client certificate and none was suitable"
        => "CertificateRequest seen; empty Certificate sent";
    36876 Certificate "server certificate did not validate";
    36880 Info "handshake completed"
        => "success event; only with verbose logging";
    36881 Certificate "server certificate expired or not yet valid"
        => "client sends alert 45";
    36882 Certificate "server certificate issued by an untrusted authority"
        => "client sends alert 48 unknown_ca";
    36883 Certificate "server certificate revoked"
        => "client sends alert 44";
    36884 Certificate "server certificate does not contain the expected name"
        => "client sends alert 42 or 46, or just closes";
    36885 ServerSide "list of trusted client-certificate authorities was too long and was truncated";
    36886 ServerSide "no suitable default server credential";
    36887 PeerSentAlert
        "a fatal alert was received from the remote endpoint; the event text carries the TLS alert number";
    36888 ThisMachineSentAlert
        "a fatal alert was generated and sent to the remote endpoint; the event text carries the TLS alert number and \
         an internal error state";
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry::testing::{assert_same_rows, json_rows, reworded};

    #[test]
    fn every_event_and_property_agrees_with_the_json() {
        let ours = SchannelEvent::all().iter().map(|event| {
            let mut json = json!({
                "event_id": event.id,
                "meaning": event.meaning,
                "area": event.area,
                "typical_network_picture": event.network_picture,
                "source": SchannelEvent::SOURCE,
                "confidence": SchannelEvent::CONFIDENCE,
            });
            json.as_object_mut().unwrap().retain(|_, cell| !cell.is_null());
            json
        });
        assert_same_rows(ours, json_rows("schannel_events").into_iter().map(reworded));
    }

    #[test]
    fn every_event_is_found_by_its_number() {
        assert!(SchannelEvent::all().is_sorted_by(|one, next| one.id < next.id));
        for event in SchannelEvent::all() {
            assert_eq!(SchannelEvent::from_id(event.id), Some(event));
        }
        assert_eq!(SchannelEvent::from_id(1), None);
    }

    #[test]
    fn alerts_received_and_sent_have_an_event_each() {
        let area = |id| SchannelEvent::from_id(id).unwrap().area;
        assert_eq!(area(SchannelEvent::ALERT_RECEIVED), EventArea::PeerSentAlert);
        assert_eq!(area(SchannelEvent::ALERT_SENT), EventArea::ThisMachineSentAlert);
    }
}
