//! `fireward export`: the records of a FHIR server in bulk, as a backend service.

use std::path::PathBuf;

use clap::Args;
use fireward_jose::backend::rand::SystemRandom;
use fireward_outbound::{Outbound, Policy};

use super::say;
use crate::{
    backend::{Backend, Wanted, export, from_pem},
    config,
    fault::Fault,
};

/// Fetch records in bulk as a backend service (SMART backend services, Bulk Data Access).
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The FHIR base URL.
    #[arg(long)]
    fhir: String,
    /// The `client_id` of the backend service.
    #[arg(long)]
    client: String,
    /// Its private key: a PEM file (PKCS#8), P-384 or RSA.
    #[arg(long)]
    key: PathBuf,
    /// `kid` of the key, where it is not the thumbprint of its public half.
    #[arg(long)]
    kid: Option<String>,
    /// The folder for the files; made where it is not there.
    #[arg(long)]
    out: PathBuf,
    /// The records of the members of this group alone.
    #[arg(long, conflicts_with = "patients")]
    group: Option<String>,
    /// The records of all patients, without what belongs to none.
    #[arg(long)]
    patients: bool,
    /// Only these types; may be given several times.
    #[arg(long = "type", value_delimiter = ',')]
    types: Vec<String>,
    /// Only what a search of a type finds, such as `Observation?category=laboratory`; may be given several times.
    #[arg(long = "type-filter")]
    filters: Vec<String>,
    /// Only what has changed since, such as `transactionTime` of the last manifest.
    #[arg(long)]
    since: Option<String>,
    /// The scopes to ask for; `system/*.rs`, or those of the types, where not given.
    #[arg(long)]
    scope: Option<String>,
    /// Leave the export at the server instead of deleting it there.
    #[arg(long)]
    keep: bool,
}

impl Export {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let key = from_pem(&config::read(&self.key)?, self.kid.as_deref(), &SystemRandom::new());
        let key = key.map_err(|why| Fault::file("use", &self.key, &why))?;
        let outbound = Outbound::new(Policy::default());
        let client = (self.client.as_str(), key);
        let mut backend = Backend::new(&self.fhir, client, self.scope(), outbound).await?;
        let path = self.path();
        let wanted = Wanted { path: &path, query: self.query(), keep: self.keep };
        let counts = export(&mut backend, &wanted, &self.out, say).await?;
        let all: u64 = counts.values().sum();
        for (kind, count) in &counts {
            say(&format!("{count:>9}  {kind}"));
        }
        say(&format!("{all:>9}  in all, in {}", self.out.display()));
        Ok(())
    }

    fn scope(&self) -> String {
        let of_types = || {
            let scopes = self.types.iter().map(|kind| format!("system/{kind}.rs"));
            scopes.collect::<Vec<_>>().join(" ")
        };
        match &self.scope {
            Some(scope) => scope.clone(),
            None if self.types.is_empty() => "system/*.rs".to_owned(),
            None => of_types(),
        }
    }

    fn path(&self) -> String {
        match &self.group {
            Some(id) => format!("Group/{}/$export", id.strip_prefix("Group/").unwrap_or(id)),
            None if self.patients => "Patient/$export".to_owned(),
            None => "$export".to_owned(),
        }
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        let types = (!self.types.is_empty()).then(|| ("_type", self.types.join(",")));
        let since = self.since.clone().map(|since| ("_since", since));
        let filters = self.filters.iter().map(|filter| ("_typeFilter", filter.clone()));
        types.into_iter().chain(since).chain(filters).collect()
    }
}
