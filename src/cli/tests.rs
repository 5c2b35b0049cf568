use std::path::PathBuf;
use std::time::Duration;

use clap::CommandFactory;
use tracing::level_filters::LevelFilter;

use super::args::ClientArgs;
use super::*;
use crate::plan::{AddressChoice, Waits};
use crate::proxy::{ProxyChoice, ProxyOptions};
use crate::render::Format;

fn invocation(line: &str) -> Invocation {
    parse(line.split_whitespace(), &Variables::new()).unwrap()
}

fn check(line: &str) -> CheckRun {
    match invocation(line).command {
        Command::Check(run) => *run,
        other => panic!("{other:?}"),
    }
}

fn probe(line: &str) -> ProbeRun {
    match invocation(line).command {
        Command::Probe(run) => *run,
        other => panic!("{other:?}"),
    }
}

fn refused(line: &str) -> String {
    match parse(line.split_whitespace(), &Variables::new()) {
        Err(Refusal::Usage(error)) => error.to_string(),
        Err(Refusal::Run(error)) => error.to_string(),
        Ok(invocation) => panic!("{invocation:?}"),
    }
}

#[test]
fn the_definition_of_the_arguments_is_sound() {
    Arguments::command().debug_assert();
}

#[test]
fn check_without_options_has_the_defaults_of_the_contract() {
    let run = check("tlsprobe check sws");
    assert_eq!(run.assignments[0].target.to_string(), "sws.update.microsoft.com:443");
    assert_eq!(
        run.settings,
        Settings {
            keylog: None,
            client: ClientArgs::default(),
            trust: TrustChoice { stores: vec!["windows".to_owned()], ..TrustChoice::default() },
            parallel: None,
            max_connections: None,
            token: None,
            ftp_user: None,
            cmg_id: None,
            machine: None,
            compare_routes: false,
            connect_to: Vec::new(),
            dns: None,
            addresses: AddressChoice::First,
            proxy: ProxyChoice::Unset,
            proxy_options: ProxyOptions::default(),
            waits: Waits::default(),
            deadline: None,
            pem: false,
            evidence: false,
            pcap: None,
            output: Output { format: Format::Text, file: None, color: ColorChoice::Auto },
        }
    );
}

#[test]
fn every_option_of_check_reaches_its_settings() {
    let run = check(
        "tlsprobe check sws --connect-to sws.update.microsoft.com:443:127.0.0.1:8443 --dns 192.0.2.53 --ip all \
         --sni other.example --direct --timeout-connect 1 --timeout-proxy 5 --timeout-hello 2 --timeout 3 \
         --timeout-finished 6 --keylog keys.txt --client-cert client.pem --client-key client.key --client-key-password-file client.pw \
         --deadline 4 --pem --evidence bytes --pcap a.pcapng --trust mozilla --trust roots.pem --at 2024-01-01 \
         --fetch-aia --revocation --cmg-id 3456 --expiry-warn 60 --expiry-critical 14 \
         --format jsonl --output report.jsonl --color never",
    );
    assert_eq!(run.assignments[0].target.sni.as_deref(), Some("other.example"));
    let seconds = Duration::from_secs;
    assert_eq!(
        run.settings,
        Settings {
            keylog: Some(PathBuf::from("keys.txt")),
            client: ClientArgs {
                client_cert: Some(PathBuf::from("client.pem")),
                client_key: Some(PathBuf::from("client.key")),
                client_key_password_file: Some(PathBuf::from("client.pw")),
            },
            trust: TrustChoice {
                stores: vec!["mozilla".to_owned(), "roots.pem".to_owned()],
                at: Some(time::macros::datetime!(2024-01-01 00:00 UTC)),
                fetch_aia: true,
                revocation: true,
                expiry: crate::plan::ExpiryLimits { warn: 60, critical: 14 },
                was_asked_for: true,
            },
            parallel: None,
            max_connections: None,
            token: None,
            ftp_user: None,
            cmg_id: Some("3456".to_owned()),
            machine: None,
            compare_routes: false,
            connect_to: vec!["sws.update.microsoft.com:443:127.0.0.1:8443".parse().unwrap()],
            dns: Some("192.0.2.53:53".parse().unwrap()),
            addresses: AddressChoice::All,
            proxy: ProxyChoice::Direct,
            proxy_options: ProxyOptions::default(),
            waits: Waits {
                connect: seconds(1),
                proxy: seconds(5),
                hello: seconds(2),
                finished: seconds(6),
                exchange: seconds(3),
                exchange_through_proxy: seconds(3),
            },
            deadline: Some(seconds(4)),
            pem: true,
            evidence: true,
            pcap: Some("a.pcapng".into()),
            output: Output {
                format: Format::Jsonl,
                file: Some(PathBuf::from("report.jsonl")),
                color: ColorChoice::Never
            },
        }
    );
}

#[test]
fn probe_takes_targets_a_hello_and_the_same_settings() {
    let run = probe("tlsprobe probe a.example wsus.corp:8531 --no-sni --tls 1.2 --ip 6 --format json");
    let targets: Vec<String> = run.targets.iter().map(ToString::to_string).collect();
    assert_eq!(targets, ["a.example:443", "wsus.corp:8531"]);
    assert!(run.targets.iter().all(|target| target.sni.is_none()));
    assert!(
        matches!(run.hello, Hello::Built(offer) if offer == crate::offer::Offer::for_version(crate::registry::ProtocolVersion::TLS1_2))
    );
    assert_eq!(run.settings.addresses, AddressChoice::V6);
    assert_eq!(run.settings.output.format, Format::Json);
}

#[test]
fn probe_sends_the_bytes_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hello.hex");
    std::fs::write(&path, "16 03 01 # a record that ends early").unwrap();
    let run = probe(&format!("tlsprobe probe a.example --hello-hex {}", path.display()));
    assert_eq!(run.hello, Hello::Exactly(vec![0x16, 3, 1]));
}

#[test]
fn lab_and_demo_take_their_own_options() {
    let lab = |line| match invocation(line).command {
        Command::Lab(run) => run,
        other => panic!("{other:?}"),
    };
    assert_eq!(lab("tlsprobe lab"), LabRun { first_port: None, only: Vec::new() });
    let only = vec!["sws".to_owned(), "fe2".to_owned()];
    assert_eq!(lab("tlsprobe lab --port 9000 --only sws fe2"), LabRun { first_port: Some(9000), only });

    let Command::Demo(demo) = invocation("tlsprobe demo --format json --output r.json --color always").command else {
        panic!("demo was asked for")
    };
    let file = Some(PathBuf::from("r.json"));
    assert_eq!(demo.output, Output { format: Format::Json, file, color: ColorChoice::Always });
    assert!(refused("tlsprobe demo --pem").contains("unexpected argument '--pem'"));
}

#[test]
fn reflect_listens_on_loopback_unless_said_and_logs_each_connection() {
    let reflect = |line| match invocation(line) {
        Invocation { command: Command::Reflect(run), logging, .. } => (run, logging.level),
        other => panic!("{other:?}"),
    };
    let (run, level) = reflect("tlsprobe reflect");
    assert_eq!(
        run,
        ReflectRun { listen: "127.0.0.1:8443".parse().unwrap(), settings: crate::reflect::Settings::default() }
    );
    assert_eq!(level, LevelFilter::INFO);
    let (run, level) = reflect("tlsprobe reflect --listen [::]:443 --raw -q");
    assert!(run.settings.raw && run.listen.port() == 443 && level == LevelFilter::ERROR);
}

#[test]
fn list_takes_what_a_filter_and_a_form() {
    let Command::List(list) = invocation("tlsprobe list signature-schemes rsa --format json").command else {
        panic!("list was asked for")
    };
    let filter = Some("rsa".to_owned());
    assert_eq!(list, ListRun { what: What::SignatureSchemes, filter, format: ListFormat::Json });
}

#[test]
fn what_is_said_on_stderr_is_chosen_before_or_behind_the_command() {
    let before = invocation("tlsprobe -vv --log-format json list packs");
    assert_eq!(before.logging, Logging { level: LevelFilter::DEBUG, json: true });
    let behind = invocation("tlsprobe list packs -q --color never");
    assert_eq!(behind.logging, Logging { level: LevelFilter::ERROR, json: false });
    assert_eq!(behind.color, ColorChoice::Never);
    assert!(refused("tlsprobe -q -v list packs").contains("cannot be used with"));
}

#[test]
fn every_option_of_the_contract_stands_under_a_heading_with_help() {
    for command in Arguments::command().get_subcommands() {
        for argument in command.get_arguments().filter(|argument| !argument.is_positional()) {
            let name = argument.get_id();
            assert!(argument.get_help().is_some(), "{name} of {}", command.get_name());
            let heading = argument.get_help_heading();
            let has_its_own =
                ["port", "only", "listen", "raw", "max_connections", "max_bytes", "max_seconds", "kind", "probe"]
                    .contains(&name.as_str());
            assert!(heading.is_some() || has_its_own, "{name} of {}", command.get_name());
        }
        let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(examples.contains(&format!("tlsprobe {}", command.get_name())), "{}", command.get_name());
    }
}

#[test]
fn every_example_in_the_help_is_understood() {
    let commands = Arguments::command();
    let helps = [&commands].into_iter().chain(commands.get_subcommands()).filter_map(clap::Command::get_after_help);
    let helps: Vec<String> = helps.map(ToString::to_string).collect();
    let examples: Vec<&str> =
        helps.iter().flat_map(|help| help.lines()).filter_map(|line| line.strip_prefix("  tlsprobe")).collect();
    assert!(examples.len() > 15, "{examples:?}");
    for example in examples {
        match parse(format!("tlsprobe{example}").split_whitespace(), &Variables::new()) {
            Ok(_) => {}
            Err(Refusal::Run(error)) => {
                assert!(error.to_string().contains("cannot read hello.hex"), "{example}: {error}");
            }
            Err(Refusal::Usage(error)) => panic!("{example}: {error}"),
        }
    }
}
