//! Statuses that say what is wrong, whoever gives them. A gateway's own are in `cmg`.

use super::{Case, Judgement, WU_TABLE};
use crate::diagnose::Rule;
use crate::finding::Severity;
use crate::outcome::Stage;

const STATUS_DOCUMENTED: &str = "documented (status); typical causes inferred";

impl Case<'_> {
    /// Speaks where this status was the answer, and no gateway gave it.
    fn status_judgement(&self, status: u16) -> Option<Judgement> {
        self.http_judgement(|http| http.status == Some(status) && !http.is_of_cmg())
    }
}

pub(in crate::diagnose::rules) const UNAUTHORIZED: Rule = Rule {
    id: "http-status-401",
    severity: Severity::Error,
    title: "The server wants to know who asks (401)",
    rests_on: "a request was answered by 401",
    windows_symptoms: &["WindowsUpdate.log: 0x80244017 (WU_E_PT_HTTP_STATUS_DENIED)"],
    remedy: &[
        "In IIS Manager, on the virtual directory that was asked for: Authentication, enable Anonymous Authentication. The update agent asks as nobody.",
        "See that the account of anonymous access may read the directory's files (NTFS permissions).",
    ],
    disproved_by: "the same answer from a server whose directory allows anonymous access: then something before it asks",
    source: WU_TABLE,
    confidence: STATUS_DOCUMENTED,
    judge: |case| case.status_judgement(401),
};

pub(in crate::diagnose::rules) const FORBIDDEN: Rule = Rule {
    id: "http-status-403",
    severity: Severity::Error,
    title: "The server refuses what was asked for (403)",
    rests_on: "a request was answered by 403, not by a gateway, and neither for want of a client certificate nor, in the clear, where TLS may be demanded",
    windows_symptoms: &["WindowsUpdate.log: 0x80244018 (WU_E_PT_HTTP_STATUS_FORBIDDEN)"],
    remedy: &[
        "403.6: take the address out of IP Address and Domain Restrictions of the directory.",
        "403 with a page that is not IIS's comes from something before the server: see the header fields, and ask the owner of the proxy or the filter.",
    ],
    disproved_by: "a line in the server's IIS log with another status at that time: then the answer is not the server's",
    source: WU_TABLE,
    confidence: STATUS_DOCUMENTED,
    judge: forbidden,
};

fn forbidden(case: &Case<'_>) -> Option<Judgement> {
    case.http_judgement(|http| {
        http.status == Some(403)
            && !http.is_of_cmg()
            && !http.wants_certificate()
            && !http.may_demand_tls()
            && !http.self_update_demands_tls()
    })
}

pub(in crate::diagnose::rules) const NOT_FOUND: Rule = Rule {
    id: "http-status-404",
    severity: Severity::Error,
    title: "What was asked for is not there (404)",
    rests_on: "a request was answered by 404, not by a gateway",
    windows_symptoms: &["WindowsUpdate.log: 0x80244019 (WU_E_PT_HTTP_STATUS_NOT_FOUND)"],
    remedy: &[
        "See that it is the WSUS site that listens on this port, and not another one of the server: IIS Manager, Sites, Bindings.",
        "See whether the virtual directory that was asked for is there at all, SelfUpdate among them.",
    ],
    disproved_by: "the same path answered by 200 on another port of the server: then the port is the wrong one",
    source: WU_TABLE,
    confidence: STATUS_DOCUMENTED,
    judge: |case| case.status_judgement(404),
};

pub(in crate::diagnose::rules) const REQUEST_TIMEOUT: Rule = Rule {
    id: "http-status-408",
    severity: Severity::Error,
    title: "The server gave up on the request (408)",
    rests_on: "a request was answered by 408",
    windows_symptoms: &["WindowsUpdate.log: 0x8024401C (WU_E_PT_HTTP_STATUS_REQUEST_TIMEOUT)"],
    remedy: &[
        "The application pool WsusPool is too slow to answer: see its memory limit and its queue in IIS Manager, Application Pools, WsusPool, Advanced Settings.",
    ],
    disproved_by: "a quick 200 for the same path while no client synchronizes",
    source: WU_TABLE,
    confidence: STATUS_DOCUMENTED,
    judge: |case| case.status_judgement(408),
};

pub(in crate::diagnose::rules) const SERVER_ERROR: Rule = Rule {
    id: "http-status-500",
    severity: Severity::Error,
    title: "The web service failed (500)",
    rests_on: "a request was answered by 500",
    windows_symptoms: &["WindowsUpdate.log: 0x8024401F (WU_E_PT_HTTP_STATUS_SERVER_ERROR)"],
    remedy: &["On the server, see the Application event log and SoftwareDistribution.log at the time of the request."],
    disproved_by: "the same request answered well from the server itself",
    source: WU_TABLE,
    confidence: STATUS_DOCUMENTED,
    judge: |case| case.status_judgement(500),
};

pub(in crate::diagnose::rules) const BAD_GATEWAY: Rule = Rule {
    id: "http-status-502",
    severity: Severity::Error,
    title: "Something before the server got no good answer from it (502)",
    rests_on: "a request was answered by 502",
    windows_symptoms: &["WindowsUpdate.log: 0x80244021 (WU_E_PT_HTTP_STATUS_BAD_GATEWAY)"],
    remedy: &[
        "A proxy or load balancer before the server could not reach it, or its handshake with it failed: give its owner the time and the header fields.",
        "See whether the server answers when it is asked directly (--direct).",
    ],
    disproved_by: "the same answer on the direct way",
    source: WU_TABLE,
    confidence: STATUS_DOCUMENTED,
    judge: |case| case.status_judgement(502),
};

pub(in crate::diagnose::rules) const UNAVAILABLE: Rule = Rule {
    id: "http-status-503",
    severity: Severity::Error,
    title: "The service is not running, or has too much to do (503)",
    rests_on: "a request was answered by 503",
    windows_symptoms: &["WindowsUpdate.log: 0x80244022 (WU_E_PT_HTTP_STATUS_SERVICE_UNAVAIL)"],
    remedy: &[
        "IIS Manager, Application Pools: start WsusPool where it is stopped, which IIS does when it fails too often.",
        "Where it runs, its queue is full or its private memory limit is reached: raise both in its Advanced Settings.",
    ],
    disproved_by: "WsusPool started and its queue short at that time: then something before the server answers",
    source: WU_TABLE,
    confidence: STATUS_DOCUMENTED,
    judge: |case| case.status_judgement(503),
};

pub(in crate::diagnose::rules) const GATEWAY_TIMEOUT: Rule = Rule {
    id: "http-status-504",
    severity: Severity::Error,
    title: "Something before the server waited for it in vain (504)",
    rests_on: "a request was answered by 504",
    windows_symptoms: &["WindowsUpdate.log: 0x80244023 (WU_E_PT_HTTP_STATUS_GATEWAY_TIMEOUT)"],
    remedy: &[
        "A proxy or load balancer before the server got no answer in time: see whether the server answers when it is asked directly (--direct), and how fast.",
    ],
    disproved_by: "the same answer on the direct way",
    source: WU_TABLE,
    confidence: STATUS_DOCUMENTED,
    judge: |case| case.status_judgement(504),
};

pub(in crate::diagnose::rules) const UNANSWERED: Rule = Rule {
    id: "http-unanswered",
    severity: Severity::Error,
    title: "The connection is good, and the request is not answered",
    rests_on: "a request went out on an open connection, and there came silence, an end or something that is not HTTP",
    windows_symptoms: &[
        "0x80072EE2 (ERROR_WINHTTP_TIMEOUT) where there is silence",
        "0x80072EFE (ERROR_WINHTTP_CONNECTION_ERROR) where the connection ends",
    ],
    remedy: &[
        "See in the server's HTTPERR log (C:\\Windows\\System32\\LogFiles\\HTTPERR) whether HTTP.sys has let the request go, \
         and why.",
        "Silence: the application pool behind the path does not work off its queue; see WsusPool in IIS Manager.",
    ],
    disproved_by: "an answer to the same request from the server itself: then something on the way holds it back",
    source: "the outcome itself; where to look in Windows is general knowledge, not re-read",
    confidence: "seen",
    judge: unanswered,
};

fn unanswered(case: &Case<'_>) -> Option<Judgement> {
    let ended_at_http = |id: &usize| case.exchange(*id).is_some_and(|exchange| exchange.outcome.stage == Stage::Http);
    case.http_judgement(|http| {
        http.status.is_none() && !http.asked_for_certificate && http.because.last().is_some_and(ended_at_http)
    })
}
