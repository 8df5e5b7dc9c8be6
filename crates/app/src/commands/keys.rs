//! `fireward keys list|rotate|revoke`.

use std::sync::Arc;

use clap::{Args, Subcommand};
use fireward_auth_server::keyring::Keeper;
use fireward_jose::{Algorithm, backend::rand::SystemRandom};
use fireward_keys::{MasterKey, Stage, Step, revoke, rotate};
use fireward_oauth::{Issuer, audit::Actor};

use super::{place::Place, say};
use crate::{
    clock,
    config::{self, Config},
    demo::{Folder, MASTER_KEY},
    fault::Fault,
    node,
};

/// Signing keys of an issuer.
#[derive(Debug, Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// One line a key: its id, algorithm and stage.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Make a successor now. It signs once every cache can know it; verifiers notice nothing.
    Rotate {
        /// Only this algorithm; all of them where not given.
        #[arg(long)]
        alg: Option<Algorithm>,
        #[command(flatten)]
        place: Place,
    },
    /// Take a key that has leaked out of use at once. Tokens that it signed stop counting, and verifiers
    /// that cache the key set may refuse good tokens until they fetch it again.
    Revoke {
        /// The key's id.
        kid: String,
        #[command(flatten)]
        place: Place,
    },
}

impl Keys {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self.action {
            Action::List { place } => list(&keeper(&place).await?).await,
            Action::Rotate { alg, place } => rotated(&keeper(&place).await?, alg).await,
            Action::Revoke { kid, place } => revoked(&keeper(&place).await?, &kid).await,
        }
    }
}

async fn list(keeper: &Arc<Keeper>) -> Result<(), Fault> {
    let (records, now) = (keeper.records().await?, clock::now().unix());
    for key in &records {
        let stage = match key.stage(&records, &keeper.policy, now) {
            Stage::Upcoming => format!("published, signs in {} s", key.signs_from - now),
            Stage::Signing => "signing".to_owned(),
            Stage::Retiring => "verifies only".to_owned(),
            Stage::Revoked => "revoked".to_owned(),
            Stage::Gone => "gone".to_owned(),
        };
        say(&format!("{}\t{}\t{stage}", key.kid, key.alg));
    }
    Ok(())
}

async fn rotated(keeper: &Arc<Keeper>, only: Option<Algorithm>) -> Result<(), Fault> {
    let (records, now) = (keeper.records().await?, clock::now());
    let mut algorithms: Vec<_> = records.iter().map(|key| key.alg).collect();
    algorithms.sort_by_key(|alg| alg.name());
    algorithms.dedup();
    for alg in algorithms.into_iter().filter(|alg| only.is_none_or(|only| only == *alg)) {
        match rotate(&records, &keeper.policy, now.unix(), alg) {
            Some(step) => {
                carry_out(keeper, step).await?;
                say(&format!(
                    "{alg}: a new key is published; it signs in {} s",
                    keeper.policy.lead()
                ));
            }
            None => say(&format!("{alg}: a successor is on its way already")),
        }
    }
    Ok(())
}

async fn revoked(keeper: &Arc<Keeper>, kid: &str) -> Result<(), Fault> {
    let records = keeper.records().await?;
    let Some(step) = revoke(&records, kid, clock::now().unix()) else {
        return Err(Fault::Config(format!("there is no key {kid} that could be revoked")));
    };
    carry_out(keeper, step).await?;
    keeper.tend(clock::now()).await.map_err(|why| Fault::Other(why.to_string()))?;
    say(&format!(
        "revoked {kid}: tokens that it signed stop counting, and verifiers that still cache the old \
         key set may refuse new tokens for up to {} s",
        keeper.policy.jwks_max_age
    ));
    Ok(())
}

async fn carry_out(keeper: &Arc<Keeper>, step: Step) -> Result<(), Fault> {
    let done = keeper.carry_out_for(Actor::Operator, step, clock::now()).await;
    done.map_err(|why| Fault::Other(why.to_string()))?;
    keeper.store.flush_audit().await?;
    Ok(())
}

/// The keys of the issuer of a place.
///
/// # Errors
/// When there is none.
pub(super) async fn keeper(place: &Place) -> Result<Arc<Keeper>, Fault> {
    let opened = place.open().await?;
    let config = place.config().map(Config::read).transpose()?;
    let url = opened.store.read().issuers().find(&opened.issuer).await?;
    let url = url.ok_or_else(|| Fault::Config("the database has no such issuer yet".to_owned()))?;
    let issuer = Issuer::parse(&url).map_err(|why| Fault::Config(why.to_string()))?;
    let (master, policy) = match &config {
        Some(config) => (config.keys.master()?, config.key_policy()?),
        None => (demo_master(place)?, node::demo_key_policy()),
    };
    let mut keeper = Keeper {
        store: opened.store,
        id: opened.issuer,
        issuer,
        policy,
        algorithms: Vec::new(),
        master,
        random: Arc::new(SystemRandom::new()),
    };
    // Those that it signs with, so that one which is revoked has its successor at once.
    keeper.algorithms = keeper.records().await?.iter().map(|key| key.alg).collect();
    Ok(Arc::new(keeper))
}

fn demo_master(place: &Place) -> Result<MasterKey, Fault> {
    let path = Folder::open(place.data())?.file(MASTER_KEY);
    let text = config::read(&path)?;
    MasterKey::parse(text.trim()).map_err(|why| Fault::file("use", path, &why))
}
