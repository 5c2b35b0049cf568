//! From the options that tell of a Windows server to what is known of it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::args::MachineArgs;
use super::message::{CliError, cause};
use crate::machine::source::options::{self, OptionError};
use crate::machine::source::{self, MAX_FILE_BYTES, local};
use crate::machine::{self, Machine};

/// A reader of an option's word.
type Parse = fn(&str) -> Result<Machine, OptionError>;

/// The machine that the options tell of; none if they tell of none. Options count more than files.
pub(super) fn machine(options: &MachineArgs) -> Result<Option<Machine>, CliError> {
    let mut parts = options.machine.iter().map(|path| part(path)).collect::<Result<Vec<_>, _>>()?;
    if let Some(path) = &options.suite_order {
        let place = path.display().to_string();
        let bytes = read(path, "--suite-order")?;
        let text = source::decode(&bytes);
        parts.push(said(&format!("--suite-order {place}"), options::suite_order(&place, &text))?);
    }
    let words: [(&str, &Option<String>, Parse); 4] = [
        ("--os", &options.os, options::operating_system),
        ("--updates", &options.updates, options::updates),
        ("--schannel", &options.schannel, options::schannel),
        ("--dotnet-strong-crypto", &options.dotnet_strong_crypto, options::dotnet_strong_crypto),
    ];
    for (option, word, parse) in words {
        if let Some(word) = word {
            parts.push(said(&format!("{option} {word}"), parse(word))?);
        }
    }
    Ok((!parts.is_empty()).then(|| Machine::of(parts)))
}

fn said(option: &str, parsed: Result<Machine, OptionError>) -> Result<Machine, CliError> {
    parsed.map_err(|error| CliError::new(error.to_string()).needed_for(option))
}

fn part(path: &Path) -> Result<Machine, CliError> {
    let needed_for = format!("--machine {}", path.display());
    if path == Path::new("local") {
        return local::read().map_err(|error| CliError::new(error.to_string()).needed_for(needed_for));
    }
    let bytes = read(path, "--machine")?;
    machine::read(&path.display().to_string(), &bytes)
        .map_err(|error| CliError::new(error.to_string()).needed_for(needed_for))
}

fn read(path: &Path, option: &str) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    // One byte more than is allowed tells that there is too much.
    let limit = MAX_FILE_BYTES as u64 + 1;
    File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(|error| {
        CliError::new(format!("cannot read {}: {}", path.display(), cause(&error)))
            .needed_for(format!("{option} {}", path.display()))
            .advise("a file that this user can read")
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{Leg, LegName, OperatingSystem};
    use crate::registry::ProtocolVersion;

    fn told(options: &MachineArgs) -> Machine {
        machine(options).unwrap().unwrap()
    }

    #[test]
    fn without_options_there_is_no_machine() {
        assert!(machine(&MachineArgs::default()).unwrap().is_none());
    }

    #[test]
    fn options_make_a_machine_whose_legs_are_known() {
        let word = |word: &str| Some(word.to_owned());
        let options = MachineArgs {
            os: word("2012r2"),
            updates: word("security-only"),
            dotnet_strong_crypto: word("off"),
            ..MachineArgs::default()
        };
        let machine = told(&options);
        assert_eq!(machine.operating_system.as_ref().unwrap().value, OperatingSystem::Server2012R2);
        let Leg::Sends { offer, .. } = machine.leg(LegName::Sync) else { panic!("{:?}", machine.leg(LegName::Sync)) };
        assert_eq!(offer.legacy_version, ProtocolVersion::TLS1_0);
    }

    #[test]
    fn a_word_or_a_file_that_tells_nothing_says_for_which_option() {
        let options = MachineArgs { os: Some("2013".to_owned()), ..MachineArgs::default() };
        assert!(machine(&options).unwrap_err().to_string().contains("needed for: --os 2013"));
        let options = MachineArgs { machine: vec!["no-such-file.json".into()], ..MachineArgs::default() };
        let error = machine(&options).unwrap_err().to_string();
        assert!(error.contains("cannot read no-such-file.json") && error.contains("--machine"), "{error}");
    }
}
