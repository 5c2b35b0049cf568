//! The words behind `check` and `probe`: packs, packs with a host, and hosts.

use crate::machine::Machine;
use crate::pack::{Assignment, PACKS, Pack, PackKind};
use crate::question::HttpScheme;
use crate::target::{DEFAULT_PORT, Target};

use super::message::{CliError, any_of};

/// The pack of a target that names none.
const GENERIC: &str = "generic";

/// The forms of a target.
const FORMS: &str = "host, host:port, [v6]:port or https://host/path";

/// The targets of `probe`.
pub(super) fn targets(words: &[String], default_port: u16) -> Result<Vec<Target>, CliError> {
    if words.is_empty() {
        return Err(CliError::new("probe was given no target")
            .advise("tlsprobe probe sws.update.microsoft.com, or tlsprobe probe --tls 1.0 wsus.corp:8531"));
    }
    let target = |word: &String| {
        Target::parse(word, default_port).map_err(|error| CliError::new(error.to_string()).advise(FORMS))
    };
    words.iter().map(target).collect()
}

/// What each word of `check` asks to be compared with what. A pair that is named twice is checked once.
/// `port` is that of words which name none, where it is said.
pub(super) fn assignments(words: &[String], port: Option<u16>) -> Result<Vec<Assignment>, CliError> {
    assignments_on(None, words, port)
}

/// The same, where a machine may say what a word leaves open.
pub(super) fn assignments_on(
    machine: Option<&Machine>,
    words: &[String],
    port: Option<u16>,
) -> Result<Vec<Assignment>, CliError> {
    if words.is_empty() {
        return Err(CliError::new("check was given nothing to check")
            .advise("tlsprobe check wsus, tlsprobe check cmg:cmg.contoso.com or tlsprobe check wsus.corp:8531"));
    }
    let mut all: Vec<Assignment> = Vec::new();
    for word in words {
        for new in assign(machine, word, port)? {
            if !all.iter().any(|old| old.pack.name == new.pack.name && old.target == new.target) {
                all.push(new);
            }
        }
    }
    Ok(all)
}

fn assign(machine: Option<&Machine>, word: &str, port: Option<u16>) -> Result<Vec<Assignment>, CliError> {
    // `fe2::1` is an address.
    if word.parse::<std::net::IpAddr>().is_ok() {
        return generic(word, port);
    }
    let (name, host) = match word.split_once(':') {
        Some((name, rest)) => (name, Some(rest)),
        None => (word, None),
    };
    match (find(name), host) {
        (Some(entry), None) => entry.by_itself(machine, port),
        (Some(entry), Some(host)) if !is_port(host) => entry.for_host(host, port),
        _ => generic(word, port),
    }
}

/// `wsus:443` is a host of that name.
fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Ports, and what is expected there.
type Ports = &'static [(u16, &'static Pack)];

/// The port of a word that names none, where it may be one of several.
const UNSAID: u16 = 0;

/// One line of [`PACKS`].
struct Entry {
    name: &'static str,
    kind: PackKind,
    pack: Option<&'static Pack>,
}

fn find(name: &str) -> Option<Entry> {
    let &(name, kind, pack) = PACKS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
    Some(Entry { name, kind, pack })
}

impl Entry {
    fn by_itself(self, machine: Option<&Machine>, port: Option<u16>) -> Result<Vec<Assignment>, CliError> {
        match self.kind {
            PackKind::Host(host) => match port {
                None | Some(DEFAULT_PORT) => self.against(host, None),
                Some(port) => Err(CliError::new(format!(
                    "cannot ask the pack {} at port {port}: it has an endpoint of its own, {host}:{DEFAULT_PORT}",
                    self.name
                ))
                .advise(format!("--connect-to {host}::ADDR:{port} to be led elsewhere; or {GENERIC}:{host}:{port}"))),
            },
            PackKind::Group { members, .. } => {
                let members = members.iter().filter_map(|member| find(member));
                let members = members.map(|member| member.by_itself(machine, port));
                Ok(members.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
            }
            PackKind::NeedsHostOnPorts(ports) => self.of_machine(ports, machine, port),
            PackKind::NeedsHost => Err(CliError::new(format!("the pack {} was given without a host", self.name))
                .advise(format!(
                    "{0}:HOST, as in {0}:cmg.contoso.com; or https://{0} for a host of that name",
                    self.name
                ))),
        }
    }

    fn for_host(self, host: &str, port: Option<u16>) -> Result<Vec<Assignment>, CliError> {
        let has_its_own = match self.kind {
            PackKind::NeedsHost => return self.against(host, port),
            PackKind::NeedsHostOnPorts(ports) => return self.on_ports(ports, host, port),
            PackKind::Host(own) => format!("has an endpoint of its own, {own}"),
            PackKind::Group { members, .. } => format!("stands for {}", members.join(", ")),
        };
        Err(CliError::new(format!("the pack {} takes no host: it {has_its_own}", self.name))
            .needed_for(format!("{}:{host}", self.name))
            .advise(format!("{} alone, with --connect-to to be led elsewhere; or {GENERIC}:{host}", self.name)))
    }

    /// The servers that a machine's policy names.
    fn of_machine(
        &self,
        ports: Ports,
        machine: Option<&Machine>,
        port: Option<u16>,
    ) -> Result<Vec<Assignment>, CliError> {
        let settings = machine.into_iter().flat_map(|machine| [&machine.wu_server, &machine.wu_status_server]);
        let named: Vec<&String> = settings.filter_map(|setting| setting.as_ref()?.value.as_ref()).collect();
        if named.is_empty() {
            let why = match machine {
                Some(_) => "and the machine's policy names no WUServer",
                None => "and without a machine whose policy names one",
            };
            return Err(CliError::new(format!("the pack {} was given without a host, {why}", self.name))
                .advise(format!("{0}:HOST, {0}:HOST:PORT, or {0} with --machine", self.name)));
        }
        let assigned: Result<Vec<_>, _> = named.into_iter().map(|url| self.on_ports(ports, url, port)).collect();
        Ok(assigned?.into_iter().flatten().collect())
    }

    /// The host at the port that its word or an option names, with what is expected there; without one at all that may
    /// be.
    fn on_ports(&self, ports: Ports, host: &str, port: Option<u16>) -> Result<Vec<Assignment>, CliError> {
        let Some(pack) = self.pack else { return Ok(Vec::new()) };
        if let Some((scheme, rest)) = host.split_once("://") {
            let in_clear = scheme.eq_ignore_ascii_case("http");
            let scheme = if in_clear { HttpScheme::Http } else { HttpScheme::Https };
            // Target reads https URLs alone; what stands behind the scheme has the same form.
            let place = if in_clear { rest.split(['/', '?', '#']).next().unwrap_or_default() } else { host };
            let of_scheme = ports.iter().map(|(_, pack)| *pack).find(|pack| pack.scheme == scheme);
            return Ok(vec![Assignment::new(of_scheme.unwrap_or(pack), self.target(place, scheme.port())?)]);
        }
        let target = self.target(host, port.unwrap_or(UNSAID))?;
        if target.port == UNSAID {
            let at = |&(port, pack)| Assignment { pack, target: Target { port, ..target.clone() }, is_searched: true };
            return Ok(ports.iter().map(at).collect());
        }
        let known = ports.iter().find(|(port, _)| *port == target.port).map(|(_, pack)| *pack);
        Ok(vec![Assignment::new(known.unwrap_or(pack), target)])
    }

    fn against(&self, host: &str, port: Option<u16>) -> Result<Vec<Assignment>, CliError> {
        let target = self.target(host, port.unwrap_or(DEFAULT_PORT))?;
        Ok(self.pack.map(|pack| Assignment::new(pack, target)).into_iter().collect())
    }

    fn target(&self, host: &str, default_port: u16) -> Result<Target, CliError> {
        Target::parse(host, default_port).map_err(|error| {
            CliError::new(error.to_string())
                .needed_for(format!("the pack {}", self.name))
                .advise(format!("{0}:HOST or {0}:HOST:PORT", self.name))
        })
    }
}

fn generic(word: &str, port: Option<u16>) -> Result<Vec<Assignment>, CliError> {
    let target = Target::parse(word, port.unwrap_or(DEFAULT_PORT))
        .map_err(|error| CliError::new(error.to_string()).advise(advice(word)))?;
    Ok(find(GENERIC).and_then(|entry| entry.pack).map(|pack| Assignment::new(pack, target)).into_iter().collect())
}

/// What may have been meant by a word that is no target: perhaps a pack.
fn advice(word: &str) -> String {
    let takes_host = |kind| matches!(kind, PackKind::NeedsHost | PackKind::NeedsHostOnPorts(_));
    let packs: Vec<&str> = PACKS.iter().filter(|(_, kind, _)| takes_host(*kind)).map(|(name, ..)| *name).collect();
    let resembles_a_pack = |(name, host): &(&str, &str)| {
        name.starts_with(|letter: char| letter.is_ascii_alphabetic()) && !is_port(host) && !host.starts_with("//")
    };
    let Some((name, host)) = word.split_once(':').filter(resembles_a_pack) else { return FORMS.to_owned() };
    match packs.iter().find(|pack| strsim::damerau_levenshtein(pack, &name.to_lowercase()) == 1) {
        Some(pack) => format!("{pack}:{host}"),
        None => format!("{FORMS}; a pack that takes a host is {}", any_of(&packs)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assigned(words: &[&str]) -> Vec<String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let all = assignments(&words, None).unwrap();
        all.iter().map(|assignment| format!("{} {}", assignment.pack.name, assignment.target)).collect()
    }

    fn refused(word: &str) -> String {
        assignments(&[word.to_owned()], None).unwrap_err().to_string()
    }

    #[test]
    fn a_bare_word_that_names_a_pack_is_the_pack() {
        let wsus = [
            "sws sws.update.microsoft.com:443",
            "sws1 sws1.update.microsoft.com:443",
            "fe2 fe2.update.microsoft.com:443",
        ];
        assert_eq!(assigned(&["wsus"]), wsus);
        assert_eq!(assigned(&["SWS"]), wsus[..1]);
    }

    #[test]
    fn a_pack_takes_its_host_behind_a_colon() {
        assert_eq!(assigned(&["cmg:cmg.contoso.com"]), ["cmg cmg.contoso.com:443"]);
        assert_eq!(assigned(&["cmg:cmg.contoso.com:8443"]), ["cmg cmg.contoso.com:8443"]);
        assert_eq!(assigned(&["cmg:[2001:db8::1]:443"]), ["cmg [2001:db8::1]:443"]);
        assert_eq!(assigned(&["cmg:https://cmg.contoso.com/CCM_Proxy"]), ["cmg cmg.contoso.com:443"]);
    }

    #[test]
    fn a_wsus_server_is_looked_for_on_all_its_ports_unless_one_is_named() {
        let four = [80, 443, 8530, 8531].map(|port| format!("wsus-server wsus.corp:{port}"));
        assert_eq!(assigned(&["wsus-server:wsus.corp"]), four);
        assert_eq!(assigned(&["wsus-server:wsus.corp:8531"]), four[3..]);
        assert_eq!(assigned(&["wsus-server:http://wsus.corp"]), four[..1]);
        assert_eq!(assigned(&["wsus-server:http://wsus.corp:8530/"]), four[2..3]);
        assert_eq!(assigned(&["wsus-server:https://wsus.corp"]), four[1..2]);
        assert!(refused("wsus-server").contains("without a machine whose policy names one"));
    }

    #[test]
    fn a_port_that_is_said_is_that_of_every_word_that_names_none_and_may() {
        let on = |word: &str| {
            let assigned = assignments(&[word.to_owned()], Some(8531)).map_err(|error| error.to_string())?;
            Ok::<_, String>(assigned.iter().map(|it| it.target.to_string()).collect::<Vec<_>>())
        };
        assert_eq!(on("wsus-server:wsus.corp").unwrap(), ["wsus.corp:8531"]);
        assert_eq!(on("wsus-server:wsus.corp:80").unwrap(), ["wsus.corp:80"]);
        assert_eq!(on("cmg:cmg.corp").unwrap(), ["cmg.corp:8531"]);
        assert_eq!(on("a.example").unwrap(), ["a.example:8531"]);
        for word in ["sws", "wsus"] {
            let refused = on(word).unwrap_err();
            assert!(refused.contains("cannot ask the pack sws at port 8531") && refused.contains("--connect-to"));
        }
        assert_eq!(assignments(&["sws".to_owned()], Some(DEFAULT_PORT)).unwrap().len(), 1);
    }

    #[test]
    fn a_scheme_or_a_known_port_says_whether_there_is_tls() {
        let scheme = |word: &str| {
            let all = assignments(&[word.to_owned()], None).unwrap();
            all.iter().map(|it| (it.pack.scheme.word(), it.is_searched)).collect::<Vec<_>>()
        };
        assert_eq!(scheme("wsus-server:w:8530"), [("http", false)]);
        assert_eq!(scheme("wsus-server:w:9000"), [("https", false)]);
        assert_eq!(scheme("wsus-server:http://w:9000"), [("http", false)]);
        assert_eq!(scheme("wsus-server:w"), [("http", true), ("https", true), ("http", true), ("https", true)]);
    }

    #[test]
    fn a_machine_says_which_wsus_server_is_meant() {
        let policy = |url: &str| {
            let mut machine = Machine::default();
            let source = crate::machine::Source::Option("test".to_owned());
            machine.wu_server = Some(crate::machine::Fact { value: Some(url.to_owned()), source });
            let assigned = assignments_on(Some(&machine), &["wsus-server".to_owned()], None);
            assigned.map(|all| all.iter().map(|it| it.target.to_string()).collect::<Vec<_>>())
        };
        assert_eq!(policy("http://wsus.corp:8530").unwrap(), ["wsus.corp:8530"]);
        assert_eq!(policy("https://wsus.corp:8531/").unwrap(), ["wsus.corp:8531"]);
        assert!(policy("http://").is_err());
    }

    #[test]
    fn a_pack_name_with_a_port_or_a_scheme_is_a_host() {
        assert_eq!(assigned(&["wsus:443", "https://wsus"]), ["generic wsus:443"]);
        assert_eq!(assigned(&["cmg:8443"]), ["generic cmg:8443"]);
    }

    #[test]
    fn any_other_target_gets_the_generic_pack() {
        assert_eq!(assigned(&["wsus.corp:8531", "fe2::1"]), ["generic wsus.corp:8531", "generic [fe2::1]:443"]);
        assert_eq!(assigned(&["generic:wsus"]), ["generic wsus:443"]);
    }

    #[test]
    fn what_is_named_twice_is_checked_once() {
        assert_eq!(assigned(&["sws", "wsus"]).len(), 3);
    }

    #[test]
    fn a_pack_without_the_host_it_needs_is_refused() {
        assert_eq!(
            refused("cmg"),
            "the pack cmg was given without a host\n  try: cmg:HOST, as in cmg:cmg.contoso.com; or https://cmg for a \
             host of that name"
        );
        assert!(refused("cmg:").contains("names no host"));
    }

    #[test]
    fn a_pack_with_a_host_it_does_not_take_is_refused() {
        assert!(refused("sws:proxy.corp").contains("takes no host: it has an endpoint of its own, sws.update"));
        assert!(refused("wsus:proxy.corp").contains("stands for sws, sws1, fe2"));
    }

    #[test]
    fn a_mistyped_pack_is_told_which_one_was_meant() {
        assert!(refused("cgm:cmg.contoso.com").ends_with("try: cmg:cmg.contoso.com"));
        assert!(refused("foo:bar").contains("\"bar\" is not a port"));
        assert!(refused("foo:bar").ends_with("a pack that takes a host is cmg, wsus-server or generic"));
        assert!(refused("[::1").ends_with("try: host, host:port, [v6]:port or https://host/path"));
        assert!(refused("wsus.corp:70000").ends_with("try: host, host:port, [v6]:port or https://host/path"));
    }

    #[test]
    fn nothing_to_ask_brings_examples() {
        assert!(assignments(&[], None).unwrap_err().to_string().contains("tlsprobe check wsus"));
        assert!(
            targets(&[], DEFAULT_PORT).unwrap_err().to_string().contains("tlsprobe probe sws.update.microsoft.com")
        );
    }

    #[test]
    fn a_probe_takes_every_word_for_a_target() {
        let words = ["wsus".to_owned(), "[::1]:8443".to_owned()];
        let targets: Vec<String> = targets(&words, DEFAULT_PORT).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(targets, ["wsus:443", "[::1]:8443"]);
        let error = super::targets(&["cmg:cmg.contoso.com".to_owned()], DEFAULT_PORT).unwrap_err().to_string();
        assert!(error.contains("\"cmg.contoso.com\" is not a port") && error.ends_with(FORMS), "{error}");
    }
}
