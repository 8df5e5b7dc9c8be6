//! One node of the authorization server: what `demo` and `serve` have in common.

mod brands;
mod health;
mod http;
mod import;
mod servers;
mod stop;
mod sync;
mod tasks;

use std::sync::Arc;

use arc_swap::ArcSwap;
use fireward_auth_server::{
    Addresses, App, AuditTo, ClientKeys, Logos, Passwords, Rendered, Throttled, keyring::Keeper,
};
use fireward_jose::{Algorithm, backend::rand::SystemRandom};
use fireward_keys::{Keyring, MasterKey};
use fireward_oauth::{
    Entropy, Issuer, IssuerId, Origin, launch::Style, policy::Policy,
    resource_server::registration::Registration,
};
use fireward_outbound::Outbound;
use fireward_pages::Brand;
use fireward_store::{Durability, Store};
use fireward_web::Site;
use ipnet::IpNet;

use crate::{
    clock::{self, Clock},
    config::Keys,
    entropy::SystemEntropy,
    fault::Fault,
};

pub(crate) use brands::{brands_draft, publish_brands};
pub(crate) use http::{Serving, serve};
pub(crate) use import::{import_clients, import_users};
pub(crate) use servers::import_resource_servers;
pub(crate) use stop::Stop;

/// What a node is told.
pub(crate) struct Settings {
    /// This node among all that share a database: it names its chain in the audit log.
    pub(crate) name: String,
    pub(crate) issuer: Issuer,
    pub(crate) issuer_id: IssuerId,
    pub(crate) brand: Brand,
    pub(crate) policy: Policy,
    pub(crate) style: Style,
    pub(crate) database_url: String,
    pub(crate) durability: Durability,
    pub(crate) keys: fireward_keys::Policy,
    pub(crate) servers: Vec<Registration>,
    pub(crate) ehr_origins: Vec<Origin>,
    pub(crate) proxies: Vec<IpNet>,
    pub(crate) outbound: fireward_outbound::Policy,
    /// The user-access brands to publish, whatever was published before.
    pub(crate) brands: Option<fireward_oauth::brands::Draft>,
    /// Where the audit log is delivered, if anywhere.
    pub(crate) audit: Option<AuditTo>,
}

/// A node, ready to answer.
pub(crate) struct Node {
    pub(crate) app: Arc<App>,
    keeper: Arc<Keeper>,
    keyring: Arc<ArcSwap<Keyring>>,
    audit: Option<AuditTo>,
}

impl Node {
    /// Opens database and keys, and writes down what the configuration says of resource servers.
    ///
    /// # Errors
    /// When the database is of another issuer, or the master key is not the one it was written with.
    pub(crate) async fn open(settings: Settings, master: MasterKey) -> Result<Self, Fault> {
        let clock = clock::system();
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::new());
        let store = Store::connect_as(&settings.name, &settings.database_url, settings.durability);
        let store = store.await?;
        store.migrate().await?;
        store.check_issuer(&settings.issuer_id, &settings.issuer, clock()).await?;
        let configured = servers::Configured {
            issuer: &settings.issuer_id,
            url: &settings.issuer,
            servers: &settings.servers,
            now: clock(),
        };
        servers::configure(&store, configured).await?;
        if let Some(draft) = &settings.brands {
            let whose = (&settings.issuer_id, &settings.issuer);
            publish_brands(&store, whose, draft.clone(), clock()).await?;
        }
        sync::keep_style(&store, &settings.issuer_id, &settings.style, clock()).await?;
        let keeper = Arc::new(keeper(&settings, store.clone(), master));
        let keyring = keeper.open(clock()).await.map_err(|why| Fault::Other(why.to_string()))?;
        let app = app(&settings, store, &keyring, (clock, entropy))?;
        Ok(Self { app: Arc::new(app), keeper, keyring, audit: settings.audit })
    }

    /// Where its state is.
    pub(crate) fn store(&self) -> &Store {
        &self.app.site.store
    }
}

/// The cores of this machine.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// How long the demo's signing keys live: as a production server's by default.
pub(crate) fn demo_key_policy() -> fireward_keys::Policy {
    Keys::default().policy(&Policy::default())
}

fn keeper(settings: &Settings, store: Store, master: MasterKey) -> Keeper {
    Keeper {
        store,
        id: settings.issuer_id.clone(),
        issuer: settings.issuer.clone(),
        policy: settings.keys,
        algorithms: vec![Algorithm::RS256, Algorithm::ES256],
        master,
        random: Arc::new(SystemRandom::new()),
    }
}

fn app(
    settings: &Settings,
    store: Store,
    keyring: &Arc<ArcSwap<Keyring>>,
    (clock, entropy): (Clock, Arc<dyn Entropy>),
) -> Result<App, Fault> {
    let passwords = Passwords::new(cores(), entropy.as_ref());
    let site = Site {
        issuer: settings.issuer.clone(),
        id: settings.issuer_id.clone(),
        store,
        policy: settings.policy.clone(),
        clock,
        entropy,
        brand: settings.brand.clone(),
        ehr_origins: settings.ehr_origins.clone(),
        proxies: settings.proxies.clone(),
    };
    let outbound = Arc::new(Outbound::new(settings.outbound.clone()));
    Ok(App {
        site: Arc::new(site),
        keyring: Arc::clone(keyring),
        discovery: Rendered::default(),
        style: settings.style.clone(),
        random: Arc::new(SystemRandom::new()),
        client_keys: ClientKeys::new(Arc::clone(&outbound)),
        logos: Logos::new(Arc::clone(&outbound)),
        outbound,
        keeping: settings.keys,
        throttled: Throttled::default(),
        passwords: Arc::new(passwords.map_err(|why| Fault::Other(why.to_string()))?),
        addresses: Addresses::default(),
    })
}
