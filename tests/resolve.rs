//! How look-ups end, at resolvers that answer as scripted.
#![expect(clippy::unwrap_used, clippy::panic, reason = "so a test fails, and says why")]

use std::net::IpAddr;
use std::time::{Duration, Instant};

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;
use tlsprobe::dial::{Failure, Families, Resolver};
use tlsprobe::outcome::{Answer, ResolveFailure, Stage};
use tlsprobe::target::Host;

#[cfg(target_os = "linux")]
#[path = "support/namespace.rs"]
mod namespace;
#[path = "support/scripted_resolver.rs"]
mod scripted_resolver;

use scripted_resolver::{Reply, ScriptedResolver};

const WAIT: Duration = Duration::from_secs(5);

fn ips<const N: usize>(addresses: [&str; N]) -> Vec<IpAddr> {
    addresses.map(|address| address.parse().unwrap()).to_vec()
}

/// The addresses, or how the look-up ended; both families unless the test says otherwise.
async fn look_up(resolver: &Resolver, host: &str) -> Result<Vec<IpAddr>, ResolveFailure> {
    look_up_within(resolver, host, Families::Any, WAIT).await
}

async fn look_up_within(
    resolver: &Resolver,
    host: &str,
    families: Families,
    wait: Duration,
) -> Result<Vec<IpAddr>, ResolveFailure> {
    match resolver.addresses(&host.parse::<Host>().unwrap(), families, wait).await {
        Ok(addresses) => Ok(addresses),
        Err(Failure::Ended(outcome)) => match outcome.answer {
            Answer::NameNotResolved { reason } if outcome.stage == Stage::Resolve => Err(reason),
            _ => panic!("not a look-up's end: {outcome:?}"),
        },
        Err(Failure::Local(error)) => panic!("{error}"),
    }
}

async fn scripted(script: impl Fn(&str, RecordType) -> Reply + Send + Sync + 'static) -> (ScriptedResolver, Resolver) {
    let server = ScriptedResolver::start(script).await;
    let resolver = Resolver::with_server(server.address).unwrap();
    (server, resolver)
}

/// Every answer that a resolver can give, by the name that is asked for.
fn every_reply(name: &str, _: RecordType) -> Reply {
    match name {
        "address.example." => Reply::Addresses(ips(["127.0.0.2", "127.0.0.1"])),
        "alias.example." => Reply::Alias("address.example."),
        "long.example." => Reply::Alias("alias.example."),
        "whole.example." => Reply::AliasWith("else.example.", ips(["127.0.0.4"])),
        "to-nothing.example." => Reply::Alias("nodata.example."),
        "to-nowhere.example." => Reply::Alias("nxdomain.example."),
        "circle.example." => Reply::Alias("circle.example."),
        "nodata.example." => Reply::Addresses(Vec::new()),
        "servfail.example." => Reply::Code(ResponseCode::ServFail),
        "refused.example." => Reply::Code(ResponseCode::Refused),
        "not-implemented.example." => Reply::Code(ResponseCode::NotImp),
        "garbage.example." => Reply::Garbage,
        "truncated.example." => Reply::OnlyOverTcp(ips(["127.0.0.5"])),
        _ => Reply::Code(ResponseCode::NXDomain),
    }
}

#[tokio::test]
async fn each_answer_of_a_resolver_is_told_apart() {
    use ResolveFailure::{NoAddress, Nxdomain, ServerFailure};
    let (_server, resolver) = scripted(every_reply).await;
    let table = [
        ("address.example", Ok(ips(["127.0.0.2", "127.0.0.1"]))),
        ("alias.example", Ok(ips(["127.0.0.2", "127.0.0.1"]))),
        ("long.example", Ok(ips(["127.0.0.2", "127.0.0.1"]))),
        ("whole.example", Ok(ips(["127.0.0.4"]))),
        ("truncated.example", Ok(ips(["127.0.0.5"]))),
        ("nxdomain.example", Err(Nxdomain)),
        ("to-nowhere.example", Err(Nxdomain)),
        ("nodata.example", Err(NoAddress)),
        ("to-nothing.example", Err(NoAddress)),
        ("circle.example", Err(NoAddress)),
        ("servfail.example", Err(ServerFailure)),
        ("refused.example", Err(ServerFailure)),
        ("not-implemented.example", Err(ServerFailure)),
        ("garbage.example", Err(ServerFailure)),
    ];
    for (host, expected) in table {
        let start = Instant::now();
        assert_eq!(look_up(&resolver, host).await, expected, "{host}");
        assert!(start.elapsed() < Duration::from_secs(2), "{host} was waited for");
    }
}

#[tokio::test]
async fn silence_is_a_timeout_after_the_time_given() {
    let (_server, resolver) = scripted(|_, _| Reply::Silence).await;
    let start = Instant::now();
    let wait = Duration::from_millis(300);
    let found = look_up_within(&resolver, "a.example", Families::Any, wait).await;
    assert_eq!(found, Err(ResolveFailure::Timeout));
    assert!(start.elapsed() >= wait && start.elapsed() < WAIT, "{:?}", start.elapsed());
}

#[tokio::test]
async fn an_answer_with_another_questions_id_is_silence() {
    let (_server, resolver) = scripted(|_, _| Reply::WrongId(ips(["127.0.0.6"]))).await;
    let found = look_up_within(&resolver, "a.example", Families::V4, Duration::from_millis(300)).await;
    assert_eq!(found, Err(ResolveFailure::Timeout));
}

#[tokio::test]
async fn a_resolver_that_is_not_running_is_a_server_failure_at_once() {
    let closed = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let resolver = Resolver::with_server(closed).unwrap();
    let start = Instant::now();
    assert_eq!(look_up(&resolver, "a.example").await, Err(ResolveFailure::ServerFailure));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test]
async fn one_family_is_enough_when_the_other_fails_or_stays_silent() {
    let script = |good: RecordType| {
        move |name: &str, record_type: RecordType| match name {
            _ if record_type == good => Reply::Addresses(ips(["127.0.0.7", "::1"])),
            "servfail.example." => Reply::Code(ResponseCode::ServFail),
            "nodata.example." => Reply::Addresses(Vec::new()),
            _ => Reply::Silence,
        }
    };
    for (good, address) in [(RecordType::A, "127.0.0.7"), (RecordType::AAAA, "::1")] {
        let (_server, resolver) = scripted(script(good)).await;
        for host in ["servfail.example", "nodata.example", "silence.example"] {
            let start = Instant::now();
            assert_eq!(look_up(&resolver, host).await, Ok(ips([address])), "{host} {good}");
            assert!(start.elapsed() < Duration::from_secs(3), "{host} was waited for to its deadline");
        }
    }
}

#[tokio::test]
async fn only_the_family_that_is_wanted_is_asked_for() {
    let (server, resolver) = scripted(|_, _| Reply::Addresses(ips(["127.0.0.8", "::1"]))).await;
    assert_eq!(look_up_within(&resolver, "a.example", Families::V4, WAIT).await, Ok(ips(["127.0.0.8"])));
    assert!(server.asked().iter().all(|asked| asked.record_type == RecordType::A));
    assert_eq!(look_up_within(&resolver, "b.example", Families::V6, WAIT).await, Ok(ips(["::1"])));
    assert!(server.asked().iter().all(|asked| (asked.record_type == RecordType::A) == (asked.name == "a.example.")));
}

#[tokio::test]
async fn a_truncated_answer_is_fetched_over_tcp() {
    let (server, resolver) = scripted(every_reply).await;
    assert_eq!(look_up_within(&resolver, "truncated.example", Families::V4, WAIT).await, Ok(ips(["127.0.0.5"])));
    assert_eq!(server.asked().iter().map(|asked| asked.over_tcp).collect::<Vec<_>>(), [false, true]);
}

#[tokio::test]
async fn nothing_is_kept_from_one_look_up_to_the_next() {
    let count = std::sync::atomic::AtomicU8::new(1);
    let script = move |_: &str, _| {
        let last = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Reply::Addresses(vec![IpAddr::from([127, 0, 0, last])])
    };
    let (_server, resolver) = scripted(script).await;
    let first = look_up_within(&resolver, "a.example", Families::V4, WAIT).await;
    let second = look_up_within(&resolver, "a.example", Families::V4, WAIT).await;
    assert_eq!((first, second), (Ok(ips(["127.0.0.1"])), Ok(ips(["127.0.0.2"]))));
}

#[tokio::test]
async fn with_a_server_names_without_dots_are_asked_as_they_stand() {
    let (server, resolver) = scripted(|_, _| Reply::Addresses(ips(["127.0.0.9"]))).await;
    assert_eq!(look_up(&resolver, "wsus").await, Ok(ips(["127.0.0.9"])));
    assert_eq!(server.names(), ["wsus."]);
}

#[tokio::test]
async fn aliases_are_followed_one_by_one_and_a_name_without_one_has_none() {
    use ResolveFailure::{Nxdomain, ServerFailure, Timeout};
    let (server, resolver) = scripted(|name, record_type| match name {
        "silent.example." => Reply::Silence,
        name => every_reply(name, record_type),
    })
    .await;
    let aliases =
        async |host: &str| resolver.aliases(&host.parse().unwrap(), Duration::from_millis(900)).await.unwrap();
    let named = |names: &[&str]| Ok(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    assert_eq!(aliases("long.example").await, named(&["alias.example", "address.example"]));
    assert_eq!(aliases("address.example").await, named(&[]));
    assert_eq!(aliases("to-nowhere.example").await, named(&["nxdomain.example"]), "that there is nothing is told");
    assert_eq!(aliases("circle.example").await, named(&["circle.example"]));
    assert_eq!(aliases("missing.example").await, Err(Nxdomain));
    assert_eq!(aliases("servfail.example").await, Err(ServerFailure));
    assert_eq!(aliases("silent.example").await, Err(Timeout));
    assert!(server.asked().iter().all(|asked| asked.record_type == RecordType::CNAME), "{:?}", server.asked());
    let asked = server.asked().len();
    assert_eq!((aliases("192.0.2.1").await, aliases("localhost").await), (named(&[]), named(&[])));
    assert_eq!(server.asked().len(), asked);
}

#[tokio::test]
async fn addresses_and_localhost_need_no_resolver() {
    let (server, resolver) = scripted(|_, _| Reply::Code(ResponseCode::NXDomain)).await;
    assert_eq!(look_up(&resolver, "192.0.2.1").await, Ok(ips(["192.0.2.1"])));
    assert_eq!(look_up(&resolver, "2001:db8::1").await, Ok(ips(["2001:db8::1"])));
    let localhost = look_up(&resolver, "localhost").await.unwrap();
    assert!(localhost.contains(&ips(["127.0.0.1"])[0]) && localhost.iter().all(IpAddr::is_loopback), "{localhost:?}");
    assert_eq!(server.asked(), []);
}

/// The whole system path, with a hosts file and a `resolv.conf` laid over the machine's own.
#[cfg(target_os = "linux")]
mod system {
    use std::net::SocketAddr;

    use tlsprobe::dial::DialError;

    use super::*;

    const FILES: &str = "
        directory=$(mktemp -d)
        trap 'rm -rf $directory' EXIT
        lay_over() { cat > $directory/$1; mount --bind $directory/$1 /etc/$1; }
    ";

    fn inside(test: &str, files: &str) -> bool {
        namespace::inside(&format!("system::{test}"), &format!("{FILES}{files}"))
    }

    fn server(number: u8) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, number], 53))
    }

    #[tokio::test]
    async fn ndots_never_turns_a_full_name_into_a_local_one() {
        let files = "printf 'nameserver 127.0.0.2\\nsearch corp.example example\\noptions ndots:5\\n' \
                     | lay_over resolv.conf";
        if !inside("ndots_never_turns_a_full_name_into_a_local_one", files) {
            return;
        }
        let script = |name: &str, _| match name {
            "wsus.example." | "sws.update.microsoft.com." => Reply::Addresses(ips(["127.0.0.10"])),
            name if name.ends_with(".corp.example.") => Reply::Code(ResponseCode::NXDomain),
            _ => Reply::Addresses(ips(["127.0.0.66"])),
        };
        let dns = ScriptedResolver::start_at(server(2), script).await;
        let resolver = Resolver::system().unwrap();
        assert_eq!(look_up(&resolver, "sws.update.microsoft.com").await, Ok(ips(["127.0.0.10"])));
        assert_eq!(dns.names(), ["sws.update.microsoft.com."]);
        assert_eq!(look_up(&resolver, "wsus").await, Ok(ips(["127.0.0.10"])));
        assert_eq!(dns.names(), ["sws.update.microsoft.com.", "wsus.corp.example.", "wsus.example."]);
    }

    #[tokio::test]
    async fn the_search_does_not_go_past_a_failure() {
        let files = "printf 'nameserver 127.0.0.2\\nsearch corp.example example\\n' | lay_over resolv.conf";
        if !inside("the_search_does_not_go_past_a_failure", files) {
            return;
        }
        let script = |name: &str, _| match name {
            "wsus.corp.example." => Reply::Code(ResponseCode::ServFail),
            "empty.corp.example." => Reply::Addresses(Vec::new()),
            "wsus.example." => Reply::Addresses(ips(["127.0.0.66"])),
            _ => Reply::Code(ResponseCode::NXDomain),
        };
        let dns = ScriptedResolver::start_at(server(2), script).await;
        let resolver = Resolver::system().unwrap();
        assert_eq!(look_up(&resolver, "wsus").await, Err(ResolveFailure::ServerFailure));
        assert_eq!(dns.names(), ["wsus.corp.example."]);
        assert_eq!(look_up(&resolver, "empty").await, Err(ResolveFailure::NoAddress));
        assert_eq!(look_up(&resolver, "missing").await, Err(ResolveFailure::Nxdomain));
    }

    #[tokio::test]
    async fn servers_are_asked_in_their_order_until_one_can_tell() {
        let files = "for n in 2 3 4 5; do echo nameserver 127.0.0.$n; done | lay_over resolv.conf";
        if !inside("servers_are_asked_in_their_order_until_one_can_tell", files) {
            return;
        }
        // Nothing listens at 127.0.0.2.
        let _silent = ScriptedResolver::start_at(server(3), |name, _| match name {
            "inner.example." => Reply::Addresses(ips(["127.0.0.11"])),
            _ => Reply::Silence,
        })
        .await;
        let telling = ScriptedResolver::start_at(server(4), |name, _| match name {
            "outer.example." => Reply::Addresses(ips(["127.0.0.12"])),
            _ => Reply::Code(ResponseCode::NXDomain),
        })
        .await;
        let last = ScriptedResolver::start_at(server(5), |_, _| Reply::Addresses(ips(["127.0.0.66"]))).await;
        let resolver = Resolver::system().unwrap();
        let look_up = |host| look_up_within(&resolver, host, Families::Any, Duration::from_millis(900));

        assert_eq!(look_up("inner.example").await, Ok(ips(["127.0.0.11"])));
        assert_eq!(telling.asked(), []);
        assert_eq!(look_up("outer.example").await, Ok(ips(["127.0.0.12"])));
        assert_eq!(look_up("missing.example").await, Err(ResolveFailure::Nxdomain));
        assert_eq!(last.asked(), []);
    }

    #[tokio::test]
    async fn the_hosts_file_comes_first_and_a_given_server_goes_without_it() {
        let files = "printf '127.0.0.20 sws.update.microsoft.com wsus\\n' | lay_over hosts
                     printf 'nameserver 127.0.0.2\\nsearch corp.example\\n' | lay_over resolv.conf";
        if !inside("the_hosts_file_comes_first_and_a_given_server_goes_without_it", files) {
            return;
        }
        let dns = ScriptedResolver::start_at(server(2), |_, _| Reply::Addresses(ips(["127.0.0.66", "::1"]))).await;
        let resolver = Resolver::system().unwrap();
        assert_eq!(look_up(&resolver, "sws.update.microsoft.com").await, Ok(ips(["127.0.0.20"])));
        assert_eq!(look_up(&resolver, "wsus").await, Ok(ips(["127.0.0.20"])));
        assert_eq!(look_up_within(&resolver, "wsus", Families::V6, WAIT).await, Err(ResolveFailure::NoAddress));
        assert_eq!(dns.asked(), []);

        let given = Resolver::with_server(server(2)).unwrap();
        assert_eq!(look_up_within(&given, "wsus", Families::V4, WAIT).await, Ok(ips(["127.0.0.66"])));
    }

    #[tokio::test]
    async fn a_look_up_without_descriptors_is_our_error_and_not_the_resolvers() {
        if !inside("a_look_up_without_descriptors_is_our_error_and_not_the_resolvers", "ulimit -n 24") {
            return;
        }
        let (_server, resolver) = scripted(every_reply).await;
        let mut taken = Vec::new();
        while let Ok(socket) = std::net::UdpSocket::bind("127.0.0.1:0") {
            taken.push(socket);
        }
        let host = "address.example".parse().unwrap();
        let Err(Failure::Local(error)) = resolver.addresses(&host, Families::Any, WAIT).await else {
            panic!("it was not noticed")
        };
        let text = error.to_string();
        assert!(text.starts_with("cannot ask the resolver at 127.0.0.1:"), "{text}");
        assert!(text.contains("Too many open files") && text.contains("ulimit -n"), "{text}");
        drop(taken);
        assert!(look_up(&resolver, "address.example").await.is_ok());
    }

    #[tokio::test]
    async fn a_system_without_a_resolver_is_our_error_and_says_what_to_try() {
        if !inside("a_system_without_a_resolver_is_our_error_and_says_what_to_try", "lay_over resolv.conf </dev/null") {
            return;
        }
        let resolver = Resolver::system().unwrap();
        let localhost = resolver.addresses(&"localhost".parse().unwrap(), Families::V4, WAIT).await.unwrap();
        assert_eq!(localhost, [IpAddr::from([127, 0, 0, 1])], "what needs no server is known all the same");
        let asked = resolver.addresses(&"a.example".parse().unwrap(), Families::Any, WAIT).await;
        let Err(Failure::Local(error @ DialError::ResolverConfiguration(_))) = asked else { panic!("{asked:?}") };
        let text = error.to_string();
        assert!(text.starts_with("cannot read the system's resolver configuration: "), "{text}");
        assert!(text.ends_with("\n  try: name a resolver with --dns SERVER"), "{text}");
    }
}
