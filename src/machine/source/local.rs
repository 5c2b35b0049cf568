//! `--machine local`: the registry of the machine this runs on, and IIS's `w3wp.exe.config`.

use crate::machine::Machine;

/// Why the local machine tells nothing.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// It is not a Windows.
    #[error("--machine local reads the Windows registry, and this is not Windows: give --machine FILE instead")]
    NotWindows,
    /// Its registry can't be read.
    #[error("cannot read the registry value {value}: {why}")]
    Registry {
        /// The value's full name.
        value: String,
        /// In the system's words.
        why: String,
    },
}

/// What this machine's registry and `w3wp.exe.config` tell; every value looked for and not found is known to be not set.
#[cfg(windows)]
pub fn read() -> Result<Machine, LocalError> {
    windows::read()
}

/// Elsewhere there is no registry.
#[cfg(not(windows))]
pub fn read() -> Result<Machine, LocalError> {
    Err(LocalError::NotWindows)
}

#[cfg(windows)]
mod windows {
    use std::io::{Error, ErrorKind};
    use std::path::Path;
    use std::{env, fs};

    use winreg::RegKey;
    use winreg::enums::{HKEY_LOCAL_MACHINE, KEY_READ, KEY_WOW64_64KEY, RegType};

    use super::LocalError;
    use crate::machine::source::registry::{Data, put, wanted};
    use crate::machine::source::{text, w3wp_config};
    use crate::machine::{Fact, Machine, Source};

    pub(super) fn read() -> Result<Machine, LocalError> {
        let mut machine = Machine::default();
        for (key, name) in wanted() {
            let value = format!(r"{key}\{name}");
            let data = value_data(&key, name)
                .map_err(|error| LocalError::Registry { value: value.clone(), why: error.to_string() })?;
            put(&mut machine, &key, name, data, &Source::LocalRegistry(value));
        }
        let root = env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into());
        let path = Path::new(&root).join(r"system32\inetsrv\w3wp.exe.config");
        let switch = match fs::read(&path) {
            Ok(bytes) => w3wp_config::switch(&text::decode(&bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                machine.note(format!("cannot read {}: {error}", path.display()));
                return Ok(machine);
            }
        };
        let source = Source::LocalRegistry(path.display().to_string());
        machine.dotnet.dont_enable_system_default_tls_versions = Some(Fact { value: switch, source });
        Ok(machine)
    }

    /// The value's data in the 64-bit view, whatever this program is built for; `None` if it is not set.
    fn value_data(key: &str, name: &str) -> Result<Option<Data>, Error> {
        let path = key.strip_prefix(r"HKLM\").unwrap_or(key);
        let root = RegKey::predef(HKEY_LOCAL_MACHINE);
        let opened = root.open_subkey_with_flags(path, KEY_READ | KEY_WOW64_64KEY);
        let raw = match opened.and_then(|key| key.get_raw_value(name)) {
            Ok(raw) => raw,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let wide = || text::utf16(&raw.bytes, u16::from_le_bytes);
        let data = match (&raw.vtype, raw.bytes.first_chunk()) {
            (RegType::REG_DWORD, Some(number)) => Data::Number(u32::from_le_bytes(*number)),
            (RegType::REG_SZ | RegType::REG_EXPAND_SZ, _) => Data::Text(wide().trim_end_matches('\0').to_owned()),
            (RegType::REG_MULTI_SZ, _) => {
                Data::Texts(wide().split('\0').filter(|each| !each.is_empty()).map(str::to_owned).collect())
            }
            _ => Data::Bytes(raw.bytes.to_vec()),
        };
        Ok(Some(data))
    }
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    #[test]
    fn elsewhere_it_says_what_to_give_instead() {
        assert!(read().unwrap_err().to_string().ends_with("give --machine FILE instead"));
    }
}
