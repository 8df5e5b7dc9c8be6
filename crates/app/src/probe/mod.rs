//! `fireward probe`: attacks on a FHIR server, and how it keeps them out.
//!
//! An attack counts only where its control succeeds: the same request by somebody who may. So a server gets no marks for
//! what it cannot do.

mod attack;
mod exchange;
mod mint;
mod report;
mod requests;
mod tokens;
mod world;
mod writes;

pub(crate) use attack::{Attack, Expect, Needle, run};
pub(crate) use exchange::{Seen, Shot, Target};
pub(crate) use mint::{Minter, Signer};
pub(crate) use report::{Finding, Report};
pub(crate) use world::World;

use crate::fault::Fault;

/// Which patients it plays, and whether it may write.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// The patient whose app it plays.
    pub(crate) patient: Option<String>,
    /// The patient whose record it tries to get.
    pub(crate) other: Option<String>,
    /// Whether it may make resources of its own, attack these, and delete them again.
    pub(crate) write: bool,
}

/// Attacks a server.
///
/// # Errors
/// It cannot be attacked: nobody answers, or good tokens are refused as well.
pub(crate) async fn probe(
    target: &Target,
    minter: &Minter,
    wanted: &Wanted,
) -> Result<Report, Fault> {
    let world = World::find(target, minter, wanted).await?;
    let mut findings = Vec::new();
    let attacks =
        tokens::attacks(minter, &world)?.into_iter().chain(requests::attacks(minter, &world)?);
    for attack in attacks {
        findings.push(run(target, &attack).await);
    }
    if wanted.write {
        findings.extend(writes::all(target, minter, &world).await?);
    }
    Ok(Report::new(target.base(), findings))
}
