//! Web servers of this field: gateways and WSUS servers, sound or with one fault each. The statuses are those that clients
//! log; what a gateway says in its reason phrase is from Microsoft's article on it.

use super::servers::CMG;
use crate::lab::conduct::Conduct;
use crate::lab::script::{Behaviour, Scripted, Server, Step};
use Behaviour::Plays;
use Step::{AnswerInClear, ReadHello, Serve};

/// What they answer.
macro_rules! answer {
    ($status:literal, $fields:literal, $page:literal) => {
        concat!("HTTP/1.1 ", $status, "\r\nServer: Microsoft-IIS/10.0\r\n", $fields, "Connection: close\r\n\r\n", $page)
            .as_bytes()
    };
}

/// A gateway that answers every request by this.
macro_rules! gateway {
    ($name:literal, $status:literal) => {
        Scripted {
            name: $name,
            host: concat!($name, ".lab.test"),
            about: concat!("a gateway that answers ", $status),
            shows: "server_hello",
            behaviour: Plays(&[
                ReadHello,
                Serve(&Server { conduct: Conduct { response: answer!($status, "", ""), ..CMG.conduct }, ..CMG }),
            ]),
        }
    };
}

/// A WSUS server without TLS that answers every request by this status, with these fields and this page.
macro_rules! wsus {
    ($name:literal, $status:literal, $fields:literal, $page:literal) => {
        Scripted {
            name: $name,
            host: concat!($name, ".lab.test"),
            about: concat!("a WSUS server without TLS that answers ", $status),
            shows: "not_tls",
            behaviour: Plays(&[AnswerInClear(answer!($status, $fields, $page))]),
        }
    };
}

pub(super) const CMG_INVALID_TOKEN: Scripted = gateway!("cmg-invalid-token", "401 CMGService_Invalid_Token");
pub(super) const CMG_FORBIDDEN: Scripted = gateway!("cmg-forbidden", "403 CMGConnector_Forbidden");
pub(super) const CMG_CLIENT_CERTIFICATE: Scripted =
    gateway!("cmg-client-certificate", "403 CMGConnector_Clientcertificaterequired");

/// A sound one.
pub(super) const WSUS: Scripted =
    Scripted { host: "wsus.contoso.com", ..wsus!("wsus-server", "200 OK", "Content-Type: text/xml\r\n", "<wsus/>") };
pub(super) const WSUS_401: Scripted = wsus!("wsus-401", "401 Unauthorized", "WWW-Authenticate: Negotiate\r\n", "");
pub(super) const WSUS_403: Scripted = wsus!("wsus-403", "403 Forbidden", "", "");
pub(super) const WSUS_404: Scripted = wsus!("wsus-404", "404 Not Found", "", "");
pub(super) const WSUS_408: Scripted = wsus!("wsus-408", "408 Request Timeout", "", "");
pub(super) const WSUS_500: Scripted = wsus!("wsus-500", "500 Internal Server Error", "", "");
pub(super) const WSUS_502: Scripted = wsus!("wsus-502", "502 Bad Gateway", "", "");
pub(super) const WSUS_503: Scripted = wsus!("wsus-503", "503 Service Unavailable", "", "");
pub(super) const WSUS_504: Scripted = wsus!("wsus-504", "504 Gateway Timeout", "", "");
/// One whose whole site demands TLS, the self-update tree too, with the page of IIS.
pub(super) const WSUS_403_4: Scripted = wsus!(
    "wsus-403-4",
    "403 Forbidden",
    "Content-Type: text/html\r\n",
    "<h3>HTTP Error 403.4 - Forbidden</h3>\r\n<h4>The page you are trying to access is secured with SSL.</h4>\r\n"
);
/// One that closes in place of an answer.
pub(super) const WSUS_FIN: Scripted = Scripted {
    name: "wsus-fin",
    host: "wsus-fin.lab.test",
    about: "a WSUS server without TLS that closes in place of an answer",
    shows: "not_tls",
    behaviour: Plays(&[AnswerInClear(b"")]),
};
