//! The issuer's keys as this node holds them: read from the store, opened with the master key, renewed on a
//! timer, and replaced when the plan says so (`fireward-keys`).

use std::sync::Arc;

use arc_swap::ArcSwap;
use fireward_jose::{Algorithm, backend::rand::SecureRandom};
use fireward_keys::{KeyRecord, Keyring, MasterKey, NotMade, Policy, Step, Unusable, Vault, plan};
use fireward_oauth::{
    Issuer, IssuerId, Timestamp,
    audit::{Actor, Event, Kind},
    resource_server::TokenFormat,
};
use fireward_store::{Store, StoreError};

/// What opens and makes the keys of one issuer.
pub struct Keeper {
    /// The database.
    pub store: Store,
    /// The issuer's key in it.
    pub id: IssuerId,
    /// The issuer's URL, which sealed keys are bound to.
    pub issuer: Issuer,
    /// The spans of a key's life.
    pub policy: Policy,
    /// What the issuer signs with, whatever its resource servers want.
    pub algorithms: Vec<Algorithm>,
    /// The key that all others rest under.
    pub master: MasterKey,
    /// Entropy.
    pub random: Arc<dyn SecureRandom + Send + Sync>,
}

/// Why there are no keys to sign with.
#[derive(Debug, thiserror::Error)]
pub enum NoKeys {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored key cannot be opened: another master key, most likely.
    #[error("{0}: is this the master key that the database was written with?")]
    Unusable(#[from] Unusable),
    /// A key could not be made.
    #[error(transparent)]
    NotMade(#[from] NotMade),
    /// Making one was cut short.
    #[error("making a key was cut short")]
    Cut,
}

impl Keeper {
    /// Opens the keys of a node that starts, and makes the first ones of a new issuer.
    ///
    /// # Errors
    /// The database cannot be read, or a key not be opened or made.
    pub async fn open(self: &Arc<Self>, now: Timestamp) -> Result<Arc<ArcSwap<Keyring>>, NoKeys> {
        self.tend(now).await?;
        Ok(Arc::new(ArcSwap::from_pointee(self.read(now).await?)))
    }

    /// Reads the keys again: to be called at least every `policy.refresh` seconds. A ring that was not renewed
    /// stops signing by itself.
    ///
    /// # Errors
    /// As [`Keeper::open`]; the ring stays as it is.
    pub async fn renew(&self, ring: &ArcSwap<Keyring>, now: Timestamp) -> Result<(), NoKeys> {
        ring.store(Arc::new(self.read(now).await?));
        Ok(())
    }

    /// Carries out what is due: the chore of one node, though nothing is lost if several do it at once.
    ///
    /// # Errors
    /// As [`Keeper::open`].
    pub async fn tend(self: &Arc<Self>, now: Timestamp) -> Result<(), NoKeys> {
        let records = self.records().await?;
        let algorithms = self.algorithms().await?;
        for step in plan(&records, &self.policy, now.unix(), &algorithms) {
            self.carry_out(step, now).await?;
        }
        Ok(())
    }

    /// What the issuer signs with, and what its resource servers want their tokens signed with.
    async fn algorithms(&self) -> Result<Vec<Algorithm>, StoreError> {
        let mut algorithms = self.algorithms.clone();
        for server in self.store.resource_servers(&self.id).await?.iter() {
            match server.token_format {
                TokenFormat::Jwt { alg } if !algorithms.contains(&alg) => algorithms.push(alg),
                TokenFormat::Jwt { .. } | TokenFormat::Opaque => {}
            }
        }
        Ok(algorithms)
    }

    /// Carries out one step of the plan, unless another node was first.
    ///
    /// # Errors
    /// As [`Keeper::open`].
    pub async fn carry_out(self: &Arc<Self>, step: Step, now: Timestamp) -> Result<(), NoKeys> {
        self.carry_out_for(Actor::System, step, now).await
    }

    /// Carries out one step at somebody's wish, in whose name the audit log has it.
    ///
    /// # Errors
    /// As [`Keeper::open`].
    pub async fn carry_out_for(
        self: &Arc<Self>,
        actor: Actor,
        step: Step,
        now: Timestamp,
    ) -> Result<(), NoKeys> {
        let made = match &step {
            Step::Create { .. } => Some(self.make(step.clone(), now).await?),
            Step::Promote { .. } | Step::Revoke { .. } | Step::Remove { .. } => None,
        };
        let event = self.event(actor, (&step, made.as_ref()), now);
        let done = self.store.transact(async |tx| {
            let changed = match &made {
                Some(made) => tx.keys().add(&self.id, made).await?,
                None => tx.keys().apply(&self.id, &step).await?,
            };
            if changed {
                tx.audit().write(&event).await?;
            }
            Ok(())
        });
        Ok(done.await?)
    }

    /// The rows as they are.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn records(&self) -> Result<Vec<KeyRecord>, StoreError> {
        self.store.read().keys().all(&self.id).await
    }

    async fn read(&self, now: Timestamp) -> Result<Keyring, NoKeys> {
        let records = self.records().await?;
        Ok(Keyring::open(&records, &self.policy, &self.vault(), now.unix())?)
    }

    /// RSA takes a good part of a second, which the event loop must not wait for.
    async fn make(self: &Arc<Self>, step: Step, now: Timestamp) -> Result<KeyRecord, NoKeys> {
        let keeper = Arc::clone(self);
        let made = tokio::task::spawn_blocking(move || match step {
            Step::Create { alg, signs_from, after } => {
                Some(keeper.vault().make(alg, now.unix(), signs_from, after))
            }
            Step::Promote { .. } | Step::Revoke { .. } | Step::Remove { .. } => None,
        });
        Ok(made.await.ok().flatten().ok_or(NoKeys::Cut)??)
    }

    fn vault(&self) -> Vault<'_> {
        Vault { master: &self.master, issuer: self.issuer.as_str(), rng: self.random.as_ref() }
    }

    fn event(
        &self,
        actor: Actor,
        (step, made): (&Step, Option<&KeyRecord>),
        now: Timestamp,
    ) -> Event {
        let detail = match step {
            Step::Create { alg, signs_from, .. } => {
                let kid = made.map_or("", |made| made.kid.as_str());
                format!("made {alg} key {kid}, to sign from {signs_from}")
            }
            Step::Promote { kid, signs_from } => format!("let {kid} sign from {signs_from}"),
            Step::Revoke { kid, .. } => format!("revoked {kid}"),
            Step::Remove { kid } => format!("removed {kid}"),
        };
        Event { detail, ..Event::new(self.id.clone(), now, actor, Kind::KeyChanged) }
    }
}
