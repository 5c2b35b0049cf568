//! `w3wp.exe.config`, the file in which import can be told to leave its TLS versions to Schannel.

use super::File;
use super::markup::{Piece, attribute, pieces};
use crate::machine::{Fact, Machine};

const SWITCH: &str = "Switch.System.Net.DontEnableSystemDefaultTlsVersions";

/// What the file tells.
pub(super) fn read(text: &str, file: File<'_>) -> Machine {
    let mut machine = Machine::default();
    let source = file.at("AppContextSwitchOverrides");
    machine.dotnet.dont_enable_system_default_tls_versions = Some(Fact { value: switch(text), source });
    machine
}

/// The switch's value; `None` where the file does not set it.
pub(super) fn switch(text: &str) -> Option<bool> {
    let overrides = pieces(text).filter_map(|piece| match piece {
        Piece::Open { name: "AppContextSwitchOverrides", attributes } => attribute(attributes, "value"),
        _ => None,
    });
    let mut switches = overrides.flat_map(|value| value.split(';')).filter_map(|each| each.split_once('='));
    let (_, value) = switches.find(|(name, _)| name.trim() == SWITCH)?;
    value.trim().to_ascii_lowercase().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(value: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n   <runtime>\n      \
             <AppContextSwitchOverrides value=\"{value}\"/>\n   </runtime>\n</configuration>\n"
        )
    }

    #[test]
    fn the_switch_is_found_alone_and_among_others() {
        assert_eq!(switch(&config(&format!("{SWITCH}=false"))), Some(false));
        assert_eq!(switch(&config(&format!("Switch.Other=true;{SWITCH}=True"))), Some(true));
    }

    #[test]
    fn a_file_without_it_or_with_it_in_a_comment_does_not_set_it() {
        assert_eq!(switch(&config("Switch.Other=true")), None);
        assert_eq!(switch(&config(&format!("{SWITCH}=maybe"))), None);
        assert_eq!(
            switch(&format!("<configuration><!-- {} --></configuration>", config(&format!("{SWITCH}=false")))),
            None
        );
        assert_eq!(switch(""), None);
    }
}
