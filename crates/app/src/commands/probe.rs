//! `fireward probe`: attacks on a FHIR server, and a grade.

use std::path::PathBuf;

use clap::Args;
use fireward_jose::backend::rand::SystemRandom;

use super::{keys::keeper, place::Place, say};
use crate::{
    backend::from_pem,
    clock, config,
    fault::Fault,
    probe::{Minter, Signer, Target, Wanted, probe},
};

/// Attack a FHIR server with bad tokens and foreign requests, and grade how it keeps them out. The probe plays the
/// issuer: with the keys of a demo's folder or of a server's configuration, or with the key of a test issuer that the
/// FHIR server trusts.
#[derive(Debug, Args)]
pub(crate) struct Probe {
    /// The FHIR base URL of the server.
    #[arg(long)]
    fhir: String,
    /// Its base as its tokens name it in `aud`, if another.
    #[arg(long)]
    audience: Option<String>,
    /// The name of a test issuer that it trusts. Needs --signing-key.
    #[arg(long, requires = "signing_key")]
    issuer: Option<String>,
    /// The private key of the test issuer: a PEM file (PKCS#8), P-256, P-384 or RSA.
    #[arg(long, requires = "issuer")]
    signing_key: Option<PathBuf>,
    /// `kid` of that key, where it is not the thumbprint of its public half.
    #[arg(long)]
    kid: Option<String>,
    /// The patient whose app it plays; one that it finds where not given.
    #[arg(long)]
    patient: Option<String>,
    /// The patient whose record it tries to get; one that it finds where not given.
    #[arg(long)]
    other: Option<String>,
    /// Attack writes as well: it makes two Observations, attacks those, and deletes them.
    #[arg(long)]
    write: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl Probe {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let target = Target::new(&self.fhir)?;
        let minter = self.minter(target.base()).await?;
        let (patient, other) = (self.patient.clone(), self.other.clone());
        let wanted = Wanted { patient, other, write: self.write };
        let report = probe(&target, &minter, &wanted).await?;
        if self.json {
            say(&report.to_json().to_string());
        } else {
            report.lines().iter().for_each(|line| say(line));
        }
        if report.is_perfect() {
            return Ok(());
        }
        Err(Fault::Other(format!("{} lets attacks through: score {}", self.fhir, report.score())))
    }

    /// With the key of the test issuer, or else with the newest that the issuer of the place signs with.
    async fn minter(&self, base: &str) -> Result<Minter, Fault> {
        let audience = self.audience.as_deref().unwrap_or(base);
        if let (Some(issuer), Some(path)) = (&self.issuer, &self.signing_key) {
            let key = from_pem(&config::read(path)?, self.kid.as_deref(), &SystemRandom::new());
            let key = key.map_err(|why| Fault::file("use", path, &why))?;
            return Ok(Minter::new(issuer, audience, Signer::Key(Box::new(key))));
        }
        let keeper = keeper(&self.place).await?;
        let keys = keeper.open(clock::now()).await.map_err(|why| Fault::Other(why.to_string()))?;
        Ok(Minter::new(keeper.issuer.as_str(), audience, Signer::Keyring(keys.load_full())))
    }
}
