//! The registry values that say how a machine speaks TLS, and which fact each of them is.
//!
//! One table serves the script, registry exports and the local registry.

use crate::machine::proxy;
use crate::machine::{DotNet, DotNetValues, Fact, Machine, OperatingSystem, Proxy, Setting, Source};
use crate::registry::ProtocolVersion;

const SCHANNEL: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL";
const DOTNET: &str = r"HKLM\SOFTWARE\Microsoft\.NETFramework";
const DOTNET_32: &str = r"HKLM\SOFTWARE\Wow6432Node\Microsoft\.NETFramework";
const SUITE_ORDER: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Cryptography\Configuration\SSL\00010002";
const WINDOWS_UPDATE: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate";
const WINHTTP: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\WinHttp";
const WINHTTP_32: &str = r"HKLM\SOFTWARE\Wow6432Node\Microsoft\Windows\CurrentVersion\Internet Settings\WinHttp";
const CONNECTIONS: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections";
const CURRENT_VERSION: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";

/// What a value holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Data {
    /// `REG_DWORD`.
    Number(u32),
    /// `REG_SZ`, `REG_EXPAND_SZ`.
    Text(String),
    /// `REG_MULTI_SZ`.
    Texts(Vec<String>),
    /// `REG_BINARY`.
    Bytes(Vec<u8>),
}

/// Every value that is read, as key and name.
pub fn wanted() -> Vec<(String, &'static str)> {
    let mut wanted = vec![(CURRENT_VERSION.to_owned(), "CurrentBuildNumber")];
    for version in ProtocolVersion::ALL {
        let key = format!(r"{SCHANNEL}\Protocols\{}\Client", version.spoken());
        wanted.push((key.clone(), "Enabled"));
        wanted.push((key, "DisabledByDefault"));
    }
    wanted.push((SCHANNEL.to_owned(), "DisableClientExtendedMasterSecret"));
    wanted.push((SCHANNEL.to_owned(), "DisableServerExtendedMasterSecret"));
    wanted.push((SUITE_ORDER.to_owned(), "Functions"));
    for root in [DOTNET, DOTNET_32] {
        for runtime in ["v4.0.30319", "v2.0.50727"] {
            let key = format!(r"{root}\{runtime}");
            wanted.push((key.clone(), "SchUseStrongCrypto"));
            wanted.push((key, "SystemDefaultTlsVersions"));
        }
    }
    wanted.push((WINDOWS_UPDATE.to_owned(), "WUServer"));
    wanted.push((WINDOWS_UPDATE.to_owned(), "WUStatusServer"));
    wanted.push((WINHTTP.to_owned(), "DefaultSecureProtocols"));
    wanted.push((WINHTTP_32.to_owned(), "DefaultSecureProtocols"));
    wanted.push((CONNECTIONS.to_owned(), "WinHttpSettings"));
    wanted
}

/// Whether this value is one of the [`wanted`], in any case and by either name of the root.
pub(super) fn is_wanted(key: &str, name: &str) -> bool {
    place(&mut Machine::default(), key, name).is_some()
}

/// Puts a value in its place; `None` for one that was looked for and is not set. What has the wrong type is noted.
pub(super) fn put(machine: &mut Machine, key: &str, name: &str, data: Option<Data>, source: &Source) {
    let Some(place) = place(machine, key, name) else { return };
    let fits = match (place, data) {
        (Place::Number(slot), None) => set(slot, None, source),
        (Place::Number(slot), Some(Data::Number(number))) => set(slot, Some(number), source),
        (Place::Text(slot), None) => set(slot, None, source),
        (Place::Text(slot), Some(Data::Text(text))) => set(slot, Some(text), source),
        (Place::Names(slot), None) => set(slot, None, source),
        (Place::Names(slot), Some(Data::Text(list))) => set(slot, Some(names(&[list])), source),
        (Place::Names(slot), Some(Data::Texts(lists))) => set(slot, Some(names(&lists)), source),
        // Where the value was never written there is no proxy.
        (Place::Proxy(slot), None) => understood(slot, Some(Proxy::Direct), source),
        (Place::Proxy(slot), Some(Data::Bytes(bytes))) => {
            understood(slot, proxy::from_winhttp_settings(&bytes), source)
        }
        (Place::Build(_), None) => true,
        (Place::Build(slot), Some(Data::Text(build))) => {
            understood(slot, build.trim().parse().ok().and_then(OperatingSystem::from_build), source)
        }
        (_, Some(_)) => false,
    };
    if !fits {
        machine.note(format!("{name} could not be understood ({source})"));
    }
}

fn set<T>(slot: &mut Setting<T>, value: Option<T>, source: &Source) -> bool {
    *slot = Some(Fact { value, source: source.clone() });
    true
}

fn understood<T>(slot: &mut Option<Fact<T>>, value: Option<T>, source: &Source) -> bool {
    *slot = value.map(|value| Fact { value, source: source.clone() });
    slot.is_some()
}

/// The names in a policy's list: one text with commas, or several texts. Windows itself takes 1023 characters.
pub(super) fn names(lists: &[String]) -> Vec<String> {
    const AT_MOST: usize = 1024;
    let each = lists.iter().flat_map(|list| list.split(',')).map(str::trim);
    each.filter(|name| !name.is_empty()).take(AT_MOST).map(str::to_owned).collect()
}

/// Where a value goes.
enum Place<'a> {
    Number(&'a mut Setting<u32>),
    Text(&'a mut Setting<String>),
    Names(&'a mut Setting<Vec<String>>),
    Proxy(&'a mut Option<Fact<Proxy>>),
    Build(&'a mut Option<Fact<OperatingSystem>>),
}

fn place<'a>(machine: &'a mut Machine, key: &str, name: &str) -> Option<Place<'a>> {
    let key = key.strip_prefix(r"HKEY_LOCAL_MACHINE\").map_or_else(|| key.to_owned(), |rest| format!(r"HKLM\{rest}"));
    let is = |full: &str| key.eq_ignore_ascii_case(full);
    let below = |root: &str| {
        let (start, rest) = key.split_at_checked(root.len())?;
        if start.eq_ignore_ascii_case(root) { rest.strip_prefix('\\').map(str::to_owned) } else { None }
    };
    match name.to_ascii_lowercase().as_str() {
        "currentbuildnumber" if is(CURRENT_VERSION) => Some(Place::Build(&mut machine.operating_system)),
        "enabled" | "disabledbydefault" => {
            let version = client_version(&below(SCHANNEL)?)?;
            let protocol = machine.schannel.entry(version).or_default();
            let enabled = name.eq_ignore_ascii_case("Enabled");
            Some(Place::Number(if enabled { &mut protocol.enabled } else { &mut protocol.disabled_by_default }))
        }
        "disableclientextendedmastersecret" if is(SCHANNEL) => {
            Some(Place::Number(&mut machine.disable_client_extended_master_secret))
        }
        "disableserverextendedmastersecret" if is(SCHANNEL) => {
            Some(Place::Number(&mut machine.disable_server_extended_master_secret))
        }
        "functions" if is(SUITE_ORDER) => Some(Place::Names(&mut machine.suite_order)),
        "schusestrongcrypto" => {
            let values = dotnet_values(&mut machine.dotnet, below(DOTNET), below(DOTNET_32))?;
            Some(Place::Number(&mut values.sch_use_strong_crypto))
        }
        "systemdefaulttlsversions" => {
            let values = dotnet_values(&mut machine.dotnet, below(DOTNET), below(DOTNET_32))?;
            Some(Place::Number(&mut values.system_default_tls_versions))
        }
        "wuserver" if is(WINDOWS_UPDATE) => Some(Place::Text(&mut machine.wu_server)),
        "wustatusserver" if is(WINDOWS_UPDATE) => Some(Place::Text(&mut machine.wu_status_server)),
        "defaultsecureprotocols" if is(WINHTTP) => Some(Place::Number(&mut machine.winhttp_default_secure_protocols)),
        "defaultsecureprotocols" if is(WINHTTP_32) => {
            Some(Place::Number(&mut machine.winhttp_default_secure_protocols_32))
        }
        "winhttpsettings" if is(CONNECTIONS) => Some(Place::Proxy(&mut machine.winhttp_proxy)),
        _ => None,
    }
}

/// The version in `Protocols\TLS 1.2\Client`.
fn client_version(path: &str) -> Option<ProtocolVersion> {
    let path = path.to_ascii_lowercase();
    let version = path.strip_prefix(r"protocols\")?.strip_suffix(r"\client")?;
    ProtocolVersion::ALL.into_iter().find(|known| known.spoken().eq_ignore_ascii_case(version))
}

fn dotnet_values(dotnet: &mut DotNet, bits64: Option<String>, bits32: Option<String>) -> Option<&mut DotNetValues> {
    let (runtime, is_64) = match (bits64, bits32) {
        (Some(runtime), _) => (runtime, true),
        (None, Some(runtime)) => (runtime, false),
        (None, None) => return None,
    };
    let views = match runtime.to_ascii_lowercase().as_str() {
        "v4.0.30319" => &mut dotnet.v4,
        "v2.0.50727" => &mut dotnet.v2,
        _ => return None,
    };
    Some(if is_64 { &mut views.bits64 } else { &mut views.bits32 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Source {
        Source::LocalRegistry("test".to_owned())
    }

    #[test]
    fn every_wanted_value_has_a_place_and_each_its_own() {
        let mut machine = Machine::default();
        for (key, name) in wanted() {
            assert!(is_wanted(&key, name), "{key} {name}");
            assert!(is_wanted(&key.to_uppercase().replace("HKLM", "HKEY_LOCAL_MACHINE"), &name.to_uppercase()));
            put(&mut machine, &key, name, None, &source());
        }
        assert!(machine.notes.is_empty(), "{:?}", machine.notes);
        let json = serde_json::to_string(&machine).unwrap();
        // All but the build number, which says nothing where it is not set.
        assert_eq!(json.matches("\"local_registry\"").count(), wanted().len() - 1);
    }

    #[test]
    fn values_of_other_keys_have_no_place() {
        for (key, name) in [
            (r"HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.2\Server", "Enabled"),
            (r"HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\DTLS 1.2\Client", "Enabled"),
            (r"HKCU\SOFTWARE\Microsoft\.NETFramework\v4.0.30319", "SchUseStrongCrypto"),
            (r"HKLM\SOFTWARE\Microsoft\.NETFramework", "SchUseStrongCrypto"),
            ("", ""),
        ] {
            assert!(!is_wanted(key, name), "{key} {name}");
        }
    }

    #[test]
    fn a_policy_list_is_one_text_or_several() {
        let mut machine = Machine::default();
        put(&mut machine, SUITE_ORDER, "Functions", Some(Data::Text("TLS_A, TLS_B,".to_owned())), &source());
        let one = machine.suite_order.clone();
        let several = Data::Texts(vec!["TLS_A".to_owned(), String::new(), "TLS_B".to_owned()]);
        put(&mut machine, SUITE_ORDER, "Functions", Some(several), &source());
        assert_eq!(one, machine.suite_order);
        assert_eq!(one.unwrap().value.unwrap(), ["TLS_A", "TLS_B"]);
    }

    #[test]
    fn a_value_of_the_wrong_type_is_noted_and_stays_unknown() {
        let mut machine = Machine::default();
        let key = format!(r"{DOTNET}\v4.0.30319");
        put(&mut machine, &key, "SchUseStrongCrypto", Some(Data::Text("1".to_owned())), &source());
        put(&mut machine, CONNECTIONS, "WinHttpSettings", Some(Data::Bytes(vec![1, 2, 3])), &source());
        put(&mut machine, CURRENT_VERSION, "CurrentBuildNumber", Some(Data::Text("22631".to_owned())), &source());
        assert_eq!(machine.dotnet.v4.bits64.sch_use_strong_crypto, None);
        assert_eq!(machine.winhttp_proxy, None);
        assert_eq!(machine.operating_system, None);
        assert_eq!(machine.notes.len(), 3);
    }
}
