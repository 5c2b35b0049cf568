//! From the trust options to the stores that chains are judged by.

use std::fs;

use time::OffsetDateTime;

use super::args::TrustArgs;
use super::message::{CliError, cause};
use crate::certificate::{StoreError, TrustStore};
use crate::check::TrustSettings;
use crate::plan::ExpiryLimits;

/// How chains are judged, as the options say. Stores are opened when the run begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustChoice {
    /// Stores by name or file, in the order of the options; none judges nothing.
    pub stores: Vec<String>,
    /// When, if not now.
    pub at: Option<OffsetDateTime>,
    /// Whether to fetch certificates that an endpoint left out.
    pub fetch_aia: bool,
    /// Whether to ask for revocation.
    pub revocation: bool,
    /// When a certificate's end is near.
    pub expiry: ExpiryLimits,
    /// Whether an option asks for a judgement.
    pub was_asked_for: bool,
}

impl TrustChoice {
    /// The same for very many endpoints that are merely probed: chains are judged where an option speaks of it, for to
    /// verify their signatures takes longer than all the rest.
    pub(super) fn of_many(args: TrustArgs) -> Self {
        let choice = Self::from(args);
        if choice.was_asked_for { choice } else { Self { stores: Vec::new(), ..choice } }
    }
}

impl From<TrustArgs> for TrustChoice {
    fn from(args: TrustArgs) -> Self {
        let TrustArgs { trust, at, fetch_aia, revocation, expiry_warn, expiry_critical } = args;
        let was_asked_for = !trust.is_empty() || at.is_some() || fetch_aia || revocation;
        let stores = if trust.is_empty() { vec!["windows".to_owned()] } else { trust };
        Self {
            stores,
            at,
            fetch_aia,
            revocation,
            expiry: ExpiryLimits { warn: expiry_warn, critical: expiry_critical },
            was_asked_for,
        }
    }
}

impl TrustChoice {
    /// The same with its stores open.
    pub(super) fn open(&self) -> Result<TrustSettings, CliError> {
        let stores: Result<Vec<TrustStore>, CliError> = self.stores.iter().map(|store| open(store)).collect();
        Ok(TrustSettings {
            stores: stores?.into(),
            at: self.at,
            fetch_aia: self.fetch_aia,
            revocation: self.revocation,
            expiry: self.expiry,
            was_asked_for: self.was_asked_for,
        })
    }
}

/// A store by its word, or a PEM file.
fn open(store: &str) -> Result<TrustStore, CliError> {
    let opened = match store {
        "windows" => TrustStore::windows(),
        "mozilla" => Ok(TrustStore::mozilla()),
        "native" => native(),
        file => {
            let text = fs::read(file).map_err(|error| {
                CliError::new(format!("cannot read {file}: {}", cause(&error)))
                    .needed_for(format!("--trust {file}"))
                    .advise("give windows, mozilla, native, or the path of a PEM file of root certificates")
            })?;
            TrustStore::pem(file, &text)
        }
    };
    opened.map_err(|error| CliError::new(error.to_string()).needed_for(format!("--trust {store}")))
}

/// This system's own roots. Some that can't be read are no reason to have none.
fn native() -> Result<TrustStore, StoreError> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let why = found.errors.first().map_or_else(|| "it is empty".to_owned(), ToString::to_string);
        return Err(StoreError::Native(why));
    }
    Ok(TrustStore::of("native", found.certs.iter().map(AsRef::as_ref)))
}
