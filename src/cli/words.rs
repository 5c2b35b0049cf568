//! The words behind `check` and `probe`: packs, packs with a host, and hosts.

use crate::pack::{Assignment, PACKS, Pack, PackKind};
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
pub(super) fn assignments(words: &[String], default_port: u16) -> Result<Vec<Assignment>, CliError> {
    if words.is_empty() {
        return Err(CliError::new("check was given nothing to check")
            .advise("tlsprobe check wsus, tlsprobe check cmg:cmg.contoso.com or tlsprobe check wsus.corp:8531"));
    }
    let mut all: Vec<Assignment> = Vec::new();
    for word in words {
        for new in assign(word, default_port)? {
            if !all.iter().any(|old| old.pack.name == new.pack.name && old.target == new.target) {
                all.push(new);
            }
        }
    }
    Ok(all)
}

fn assign(word: &str, default_port: u16) -> Result<Vec<Assignment>, CliError> {
    // `fe2::1` is an address.
    if word.parse::<std::net::IpAddr>().is_ok() {
        return generic(word, default_port);
    }
    let (name, host) = match word.split_once(':') {
        Some((name, rest)) => (name, Some(rest)),
        None => (word, None),
    };
    match (find(name), host) {
        (Some(entry), None) => entry.by_itself(),
        (Some(entry), Some(host)) if !is_port(host) => entry.for_host(host, default_port),
        _ => generic(word, default_port),
    }
}

/// `wsus:443` is a host of that name.
fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

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
    fn by_itself(self) -> Result<Vec<Assignment>, CliError> {
        match self.kind {
            PackKind::Host(host) => self.against(host, DEFAULT_PORT),
            PackKind::Group { members, .. } => {
                let members = members.iter().filter_map(|member| find(member)).map(Self::by_itself);
                Ok(members.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
            }
            PackKind::NeedsHost => Err(CliError::new(format!("the pack {} was given without a host", self.name))
                .advise(format!(
                    "{0}:HOST, as in {0}:cmg.contoso.com; or https://{0} for a host of that name",
                    self.name
                ))),
        }
    }

    fn for_host(self, host: &str, default_port: u16) -> Result<Vec<Assignment>, CliError> {
        let has_its_own = match self.kind {
            PackKind::NeedsHost => return self.against(host, default_port),
            PackKind::Host(own) => format!("has an endpoint of its own, {own}"),
            PackKind::Group { members, .. } => format!("stands for {}", members.join(", ")),
        };
        Err(CliError::new(format!("the pack {} takes no host: it {has_its_own}", self.name))
            .needed_for(format!("{}:{host}", self.name))
            .advise(format!("{} alone, with --connect-to to be led elsewhere; or {GENERIC}:{host}", self.name)))
    }

    fn against(&self, host: &str, default_port: u16) -> Result<Vec<Assignment>, CliError> {
        let target = Target::parse(host, default_port).map_err(|error| {
            CliError::new(error.to_string())
                .needed_for(format!("the pack {}", self.name))
                .advise(format!("{0}:HOST or {0}:HOST:PORT", self.name))
        })?;
        Ok(self.pack.map(|pack| Assignment { pack, target }).into_iter().collect())
    }
}

fn generic(word: &str, default_port: u16) -> Result<Vec<Assignment>, CliError> {
    let target =
        Target::parse(word, default_port).map_err(|error| CliError::new(error.to_string()).advise(advice(word)))?;
    Ok(find(GENERIC).and_then(|entry| entry.pack).map(|pack| Assignment { pack, target }).into_iter().collect())
}

/// What may have been meant by a word that is no target: perhaps a pack.
fn advice(word: &str) -> String {
    let takes_host = |kind| matches!(kind, PackKind::NeedsHost);
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
        let all = assignments(&words, DEFAULT_PORT).unwrap();
        all.iter().map(|assignment| format!("{} {}", assignment.pack.name, assignment.target)).collect()
    }

    fn refused(word: &str) -> String {
        assignments(&[word.to_owned()], DEFAULT_PORT).unwrap_err().to_string()
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
        assert!(refused("foo:bar").ends_with("a pack that takes a host is cmg or generic"));
        assert!(refused("[::1").ends_with("try: host, host:port, [v6]:port or https://host/path"));
        assert!(refused("wsus.corp:70000").ends_with("try: host, host:port, [v6]:port or https://host/path"));
    }

    #[test]
    fn nothing_to_ask_brings_examples() {
        assert!(assignments(&[], DEFAULT_PORT).unwrap_err().to_string().contains("tlsprobe check wsus"));
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
