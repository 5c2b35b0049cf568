//! Servers of the customer's own by their names in DNS: what becomes of a gateway's service name, and which name its
//! certificate has; a WSUS server that has no address, and one that the machine's policy names.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "so a test fails, and says why")]

use std::net::{IpAddr, Ipv4Addr};

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;
use serde_json::Value;
use time::OffsetDateTime;
use tlsprobe::lab::{Lab, Settings};
use tokio::process::Command;

#[path = "support/scripted_resolver.rs"]
mod scripted_resolver;

use scripted_resolver::{Reply, ScriptedResolver};

/// The name in the certificate of the lab's gateway.
const NAMED: &str = "cmg.contoso.com";

/// The gateway's names as they stand in DNS.
fn names(name: &str, record_type: RecordType) -> Reply {
    let alias = |to, record_type| match record_type {
        RecordType::CNAME => Reply::Alias(to),
        _ => Reply::AliasWith(to, vec![IpAddr::from(Ipv4Addr::LOCALHOST)]),
    };
    match name {
        "cmg.contoso.com." => alias("granitefalls.eastus.cloudapp.azure.com.", record_type),
        "service.contoso.com." => alias("cmg.contoso.com.", record_type),
        "granitefalls.eastus.cloudapp.azure.com." | "plain.contoso.com." => {
            Reply::Addresses(vec![IpAddr::from(Ipv4Addr::LOCALHOST)])
        }
        "half.contoso.com." if record_type == RecordType::CNAME => Reply::Code(ResponseCode::ServFail),
        "half.contoso.com." => Reply::Addresses(vec![IpAddr::from(Ipv4Addr::LOCALHOST)]),
        _ => Reply::Code(ResponseCode::NXDomain),
    }
}

/// `check cmg:HOST` of the lab's gateway, with these options and the names looked up at the scripted resolver.
async fn check(lab: &Lab, dns: &ScriptedResolver, host: &str, options: &[&str]) -> Value {
    let port = lab.find("cmg").unwrap().address.port();
    let output = Command::new(env!("CARGO_BIN_EXE_tlsprobe"))
        .args(["check", &format!("cmg:{host}:{port}"), "--direct", "--format", "json", "--dns"])
        .arg(dns.address.to_string())
        .args(options)
        .output()
        .await
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    document["reports"][0].clone()
}

fn findings(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().filter_map(|finding| finding["id"].as_str()).collect()
}

async fn field() -> (Lab, ScriptedResolver) {
    let lab = Lab::start(&Settings::new(OffsetDateTime::now_utc(), [5; 32])).await.unwrap();
    (lab, ScriptedResolver::start(names).await)
}

#[tokio::test]
async fn a_certificate_that_names_the_service_is_right_though_it_does_not_name_the_deployment() {
    let (lab, dns) = field().await;
    let report = check(&lab, &dns, NAMED, &[]).await;
    let alias = &report["observations"]["dns_alias"];
    assert_eq!(alias["leads_to"], serde_json::json!(["granitefalls.eastus.cloudapp.azure.com"]), "{report:#}");
    assert_eq!(alias["certificate_names"], serde_json::json!([NAMED]));
    let found = findings(&report);
    assert!(
        !found.contains(&"certificate-names-deployment") && !found.contains(&"certificate-wrong-name"),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_certificate_that_names_only_where_the_service_name_leads_is_wrong_for_clients() {
    let (lab, dns) = field().await;
    let report = check(&lab, &dns, "service.contoso.com", &[]).await;
    let alias = &report["observations"]["dns_alias"];
    assert_eq!(alias["leads_to"], serde_json::json!([NAMED, "granitefalls.eastus.cloudapp.azure.com"]), "{report:#}");
    assert_eq!(alias["certificate_names"], serde_json::json!([NAMED]));
    let found = findings(&report);
    assert!(found.contains(&"certificate-names-deployment") && found.contains(&"certificate-wrong-name"), "{found:?}");
}

#[tokio::test]
async fn whoever_asks_by_the_deployment_name_is_sent_to_the_service_name() {
    let (lab, dns) = field().await;
    let report = check(&lab, &dns, "granitefalls.eastus.cloudapp.azure.com", &[]).await;
    assert_eq!(report["observations"]["dns_alias"]["leads_to"], serde_json::json!([]));
    let findings = report["findings"].as_array().unwrap();
    let wrong_name = findings.iter().find(|finding| finding["id"] == "certificate-wrong-name").unwrap();
    assert!(wrong_name["remedy"][0].as_str().unwrap().contains("cmg:NAME"), "{wrong_name:#}");
}

#[tokio::test]
async fn a_name_that_is_no_alias_and_a_look_up_that_fails_are_told_apart() {
    let (lab, dns) = field().await;
    let plain = check(&lab, &dns, "plain.contoso.com", &[]).await;
    assert_eq!(plain["observations"]["dns_alias"]["leads_to"], serde_json::json!([]), "{plain:#}");
    let half = check(&lab, &dns, "half.contoso.com", &[]).await;
    assert_eq!(half["observations"]["dns_alias"], Value::Null);
    let open = half["observations"]["inconclusive"].as_array().unwrap();
    assert!(open.iter().any(|open| open["what"] == "dns_alias" && open["why"] == "server_failure"), "{half:#}");
}

#[tokio::test]
async fn a_gateway_is_asked_with_its_own_number_or_the_sample_is_marked() {
    let (lab, dns) = field().await;
    let asked = |report: &Value| {
        let http = report["observations"]["http"].as_array().unwrap().clone();
        let told = http.iter().map(|http| (http["url"].as_str().unwrap().to_owned(), http["assumed"].is_string()));
        told.collect::<Vec<_>>()
    };
    let sample = asked(&check(&lab, &dns, NAMED, &[]).await);
    assert_eq!(
        sample.iter().map(|(_, assumed)| *assumed).collect::<Vec<_>>(),
        [false, false, true, true],
        "{sample:?}"
    );
    let own = asked(&check(&lab, &dns, NAMED, &["--cmg-id", "3456"]).await);
    assert!(own.iter().all(|(_, assumed)| !assumed), "{own:?}");
    assert!(own[2].0.ends_with("/CCM_Proxy_ServerAuth/3456/CCM_STS"), "{own:?}");
}

#[tokio::test]
async fn a_wsus_server_whose_name_does_not_resolve_leads_to_the_update_agents_error() {
    let dns = ScriptedResolver::start(names).await;
    for port in ["8530", "8531"] {
        let output = Command::new(env!("CARGO_BIN_EXE_tlsprobe"))
            .args([
                "check",
                &format!("wsus-server:missing.contoso.com:{port}"),
                "--direct",
                "--format",
                "json",
                "--dns",
            ])
            .arg(dns.address.to_string())
            .output()
            .await
            .unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let report = &document["reports"][0];
        assert_eq!((output.status.code(), findings(report)), (Some(1), vec!["endpoint-not-reached"]), "{report:#}");
        let outcome = &report["exchanges"][0]["outcome"];
        assert_eq!((&outcome["kind"], &outcome["reason"]), (&"name_not_resolved".into(), &"nxdomain".into()));
        let codes = outcome["windows_codes"].as_array().unwrap();
        assert!(codes.iter().any(|error| error["code"] == "0x8024402C"), "{outcome:#}");
    }
}

#[tokio::test]
async fn the_pack_of_a_wsus_server_without_a_host_asks_the_one_of_the_machines_policy() {
    let lab = Lab::start(&Settings::new(OffsetDateTime::now_utc(), [5; 32])).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.reg");
    let key = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate";
    let text = format!(
        "Windows Registry Editor Version 5.00\r\n\r\n[{key}]\r\n\"WUServer\"=\"http://wsus.contoso.com:8530\"\r\n"
    );
    std::fs::write(&policy, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tlsprobe"))
        .args(["check", "wsus-server", "--direct", "--format", "json", "--connect-to"])
        .arg(format!("::{}", lab.find("wsus-server").unwrap().address))
        .arg("--machine")
        .arg(&policy)
        .output()
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {told}"));
    let http = document["reports"][0]["observations"]["http"].as_array().unwrap();
    assert_eq!(http[0]["url"], "http://wsus.contoso.com:8530/selfupdate/wuident.cab");
    assert!(http.iter().all(|http| http["status"] == 200), "{http:#?}");
}
