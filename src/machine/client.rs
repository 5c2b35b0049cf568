//! From what a program asks of Schannel to the hello that leaves the machine.

use super::leg::{ARTICLE, Leg, LegName};
use super::schannel::{Availability, available};
use super::{Machine, OperatingSystem, SuiteList, dotnet, fit, suites};
use crate::offer::Offer;
use crate::profile::{self, Confidence};
use crate::registry::{ExtensionType, ProtocolVersion};

/// How the program behind a leg asks Schannel for versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// SSL 3.0 and TLS 1.0 by name.
    Old,
    /// TLS 1.0 to 1.2 by name.
    ByName,
    /// Those of TLS 1.0 to 1.2 that WSUS finds on in Schannel's registry values.
    AsWsusReads,
    /// Whatever Schannel has on.
    SystemDefault,
}

/// The program behind a leg.
pub(super) struct Client {
    pub(super) leg: LegName,
    pub(super) system: OperatingSystem,
    pub(super) request: Request,
    /// Why it asks so; grows by what decides over the hello.
    pub(super) basis: Vec<String>,
}

impl Client {
    /// The hello that Schannel makes for it, or as the error why there is none.
    pub(super) fn hello(mut self, machine: &Machine) -> Result<Leg, Leg> {
        let mut versions = self.versions(machine)?;
        let policy = self.policy(machine)?;
        if let Some(list) = &policy {
            let has_suite = |version| list.suites.iter().any(|suite| fit::belongs(*suite, &[version]));
            versions.retain(|version| has_suite(*version));
        }
        let Some(highest) = versions.iter().copied().max() else {
            return Ok(Leg::CannotSend {
                reason: "the SSL Cipher Suite Order policy leaves no suite for the versions it may use".to_owned(),
                because: self.basis,
            });
        };

        let id = self.profile(highest);
        let profile = profile::find(id).map_err(|missing| Leg::unknown(missing.to_string()))?;
        let mut confidence = profile.confidence();
        let mut offer = profile.offer();
        self.basis.push(format!("profile {id}: {} ({confidence})", profile.title));

        match policy {
            Some(list) => put_policy(&mut offer, list),
            None => self.put_default_suites(&mut offer, machine, &mut confidence),
        }
        let before = offer.clone();
        // A profile may offer fewer versions than are on, and was seen to; it never offers one that is off.
        let (kept, off): (Vec<_>, Vec<_>) =
            profile.offered_versions.value.iter().partition(|version| versions.contains(version));
        fit::to_versions(&mut offer, if kept.is_empty() { &versions } else { &kept });
        if !off.is_empty() && offer != before {
            self.basis.push(format!("the hello is fitted to {} as the highest version (inferred)", highest.spoken()));
            confidence = confidence.max(Confidence::Inferred);
        }
        self.leave_out(&mut offer, machine);
        if let Some(imitated) = &mut offer.profile {
            confidence.word().clone_into(&mut imitated.confidence);
        }
        Ok(Leg::Sends { offer: Box::new(offer), basis: self.basis, confidence })
    }

    /// The versions it may offer, newest first; at least one.
    fn versions(&mut self, machine: &Machine) -> Result<Vec<ProtocolVersion>, Leg> {
        use ProtocolVersion as Version;
        let candidates: &[Version] = match self.request {
            Request::Old => &[Version::TLS1_0],
            Request::ByName | Request::AsWsusReads => &[Version::TLS1_2, Version::TLS1_1, Version::TLS1_0],
            Request::SystemDefault => &[Version::TLS1_3, Version::TLS1_2, Version::TLS1_1, Version::TLS1_0],
        };
        let mut usable = Vec::new();
        let mut off = Vec::new();
        for version in candidates {
            let found = available(machine, self.system, *version);
            match (found.state, self.request) {
                (Availability::On, _) | (Availability::OnRequest, Request::Old | Request::ByName) => {
                    if usable.is_empty() || found.is_set() {
                        self.basis.push(found.why());
                    }
                    usable.push(*version);
                }
                (Availability::OnRequest, Request::AsWsusReads) if usable.is_empty() => {
                    return Err(Leg::unknown(format!(
                        "whether WSUS still uses a version that is only disabled by default: {}",
                        found.why()
                    )));
                }
                _ => off.push(found.why()),
            }
        }
        if usable.is_empty() {
            return Err(self.without_tls(machine, off));
        }
        self.basis.extend(off);
        Ok(usable)
    }

    /// What becomes of it where every TLS version it asks for is off. Old programs may have SSL 3.0 left; what
    /// Schannel's hello of that version looks like was never captured.
    fn without_tls(&self, machine: &Machine, mut because: Vec<String>) -> Leg {
        let imports = self.leg == LegName::Import;
        if self.request == Request::Old && imports {
            let tls11 = available(machine, self.system, ProtocolVersion::TLS1_1);
            if tls11.state != Availability::Off {
                return Leg::unknown(format!(
                    "whether import offers TLS 1.1 ({}): {ARTICLE}, issue 2, names it among import's versions; the \
                     defaults of .NET Framework do not",
                    tls11.why()
                ));
            }
            because.push(tls11.why());
        }
        let ssl3 = available(machine, self.system, ProtocolVersion::SSL3);
        let may_use_ssl3 = match self.request {
            Request::Old => ssl3.state != Availability::Off,
            Request::SystemDefault => ssl3.state == Availability::On,
            Request::ByName | Request::AsWsusReads => false,
        };
        // Seen on Server 2012 to 2019 with TLS 1.0 and 1.1 turned off and SSL 3.0 left alone.
        let as_in_issue_2 =
            imports && self.request == Request::Old && !ssl3.is_set() && self.system > OperatingSystem::Server2008R2;
        if as_in_issue_2 {
            because.push(format!("no hello was seen then ({ARTICLE}, issue 2)"));
        } else if may_use_ssl3 {
            return Leg::unknown(format!("whether SSL 3.0 is offered, and in what form of hello ({})", ssl3.why()));
        }
        because.splice(0..0, self.basis.iter().cloned());
        Leg::CannotSend {
            reason: "every version it may use is off, so it closes after the TCP handshake".to_owned(),
            because,
        }
    }

    /// The suites that the policy lists and Schannel may offer; `None` where no policy is in force.
    fn policy(&mut self, machine: &Machine) -> Result<Option<SuiteList>, Leg> {
        let Some(policy) = &machine.suite_order else {
            self.basis.push(format!(
                "no source tells of an SSL Cipher Suite Order policy, and usually none is set ({ARTICLE}, issue 5)"
            ));
            return Ok(None);
        };
        let Some(names) = &policy.value else {
            self.basis.push(format!("no SSL Cipher Suite Order policy is set ({})", policy.source));
            return Ok(None);
        };
        let mut list = suites::fold(names, self.system);
        if list.suites.is_empty() {
            return Err(Leg::unknown(format!(
                "what Schannel does with a suite order policy that names no suite {} has ({})",
                self.system.name(),
                policy.source
            )));
        }
        self.basis.push(format!("the SSL Cipher Suite Order policy replaces the suites ({})", policy.source));
        self.basis.extend(list.ignored.iter().map(|why| format!("passed over: {why}")));
        if let Some(strong) = dotnet::strong_crypto(machine, self.system).filter(|strong| strong.value) {
            let before = list.suites.len();
            list.suites.retain(|suite| !suites::refused_by_strong_crypto(*suite, self.system));
            if list.suites.len() < before {
                self.basis.push(format!("SchUseStrongCrypto takes weak suites off the list ({})", strong.source));
            }
        }
        Ok(Some(list))
    }

    /// The profile that comes nearest.
    fn profile(&self, highest: ProtocolVersion) -> &'static str {
        use OperatingSystem as System;
        let tls13 = highest >= ProtocolVersion::TLS1_3;
        let tls10 = highest <= ProtocolVersion::TLS1_0;
        match (self.system, self.request, self.leg) {
            (System::Server2008R2, ..) if tls10 => "win2008r2-default",
            (System::Server2008R2, ..) => "win2008r2-tls12",
            (System::Server2012, Request::Old, LegName::Sync) => "win2012-wsus-security-only",
            (System::Server2012, Request::Old, LegName::Import) => "dotnet-no-strong-crypto-win2012",
            (System::Server2012, ..) => "win2012-wsus-monthly-rollup",
            (System::Server2012R2, Request::Old, LegName::Sync) => "win2012r2-wsus-security-only",
            (System::Server2012R2, Request::Old, LegName::Import) => "dotnet-no-strong-crypto-win2012r2",
            (System::Server2012R2, ..) => "win2012r2-wsus-monthly-rollup",
            (System::Server2016, Request::Old, _) => "dotnet-no-strong-crypto-win2016",
            (System::Server2016, ..) => "win2016",
            (System::Server2019, Request::Old, _) => "dotnet-no-strong-crypto-win2019",
            (System::Server2019, ..) => "win2019",
            (System::Server2022, ..) if tls13 => "win2022",
            (System::Server2025, ..) if tls13 => "win2025",
            (System::Server2022 | System::Server2025, ..) => "win2022-tls12-only",
        }
    }

    /// The system's own list, with or without what `SCH_USE_STRONG_CRYPTO` takes off.
    fn put_default_suites(&mut self, offer: &mut Offer, machine: &Machine, confidence: &mut Confidence) {
        let system = self.system;
        if system == OperatingSystem::Server2025
            && offer.profile.as_ref().is_none_or(|imitated| imitated.name != "win2025")
            && let Ok(own) = profile::find("win2025")
        {
            offer.cipher_suites = own.cipher_suites.value.to_vec();
            self.basis.push("the suites of win2025, in a hello laid out as that of win2022 (inferred)".to_owned());
            *confidence = (*confidence).max(Confidence::Inferred);
        }
        let before = offer.cipher_suites.clone();
        let Some(strong) = dotnet::strong_crypto(machine, system) else { return };
        if strong.value {
            offer.cipher_suites.retain(|suite| !suites::refused_by_strong_crypto(*suite, system));
        } else {
            let missing = suites::added_without_strong_crypto(system).filter(|suite| !before.contains(suite));
            offer.cipher_suites.extend(missing);
        }
        if offer.cipher_suites != before {
            let verb = if strong.value {
                "takes weak suites off the list"
            } else {
                "is off, which leaves weak suites at the end"
            };
            self.basis.push(format!("SchUseStrongCrypto {verb} ({})", strong.source));
        }
    }

    /// The extensions that this caller or this machine does not send.
    fn leave_out(&mut self, offer: &mut Offer, machine: &Machine) {
        let of_winhttp = [ExtensionType::STATUS_REQUEST, ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION];
        for extension in of_winhttp {
            if offer.remove_extension(extension) {
                self.basis.push(format!("without {extension}: callers in .NET Framework do not send it"));
            }
        }
        if let Some(switch) = &machine.disable_client_extended_master_secret
            && switch.value.is_some_and(|value| value != 0)
            && offer.remove_extension(ExtensionType::EXTENDED_MASTER_SECRET)
        {
            self.basis.push(format!(
                "without extended_master_secret: DisableClientExtendedMasterSecret is set ({})",
                switch.source
            ));
        }
    }
}

/// A policy's suites in its order, and its curves if its names have them.
fn put_policy(offer: &mut Offer, list: SuiteList) {
    offer.cipher_suites = list.suites;
    if !list.groups.is_empty() {
        offer.set_groups(&list.groups);
    }
}
