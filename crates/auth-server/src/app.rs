//! What the handlers of one issuer work with.

use std::sync::Arc;

use arc_swap::ArcSwap;
use fireward_jose::backend::rand::SecureRandom;
use fireward_keys::Keyring;
use fireward_oauth::{Timestamp, launch::Style};
use fireward_outbound::Outbound;
use fireward_web::Site;

use crate::{
    clients::{ClientKeys, Throttled},
    login::{Addresses, Passwords},
    logos::Logos,
    metadata::Rendered,
};

/// One issuer of a deployment. Several may be mounted under one listener, each with an `App` of its own.
pub struct App {
    /// Issuer, database, policy, clock, entropy, brand: what pages and endpoints share.
    pub site: Arc<Site>,
    /// The keys that it signs with; swapped whole when they rotate.
    pub keyring: Arc<ArcSwap<Keyring>>,
    /// The discovery document, until a resource server changes.
    pub discovery: Rendered,
    /// The style that launches carry when their EHR names none.
    pub style: Style,
    /// What signatures draw from.
    pub random: Arc<dyn SecureRandom + Send + Sync>,
    /// Every request that leaves the house.
    pub outbound: Arc<Outbound>,
    /// The spans of a key's life: how long verifiers may hold the key set.
    pub keeping: fireward_keys::Policy,
    /// The public keys of clients, where they are registered by URL.
    pub client_keys: ClientKeys,
    /// Logos of apps.
    pub logos: Logos,
    /// The clients that must wait, after too many wrong secrets.
    pub throttled: Throttled,
    /// Where passwords are checked, a few at a time.
    pub passwords: Arc<Passwords>,
    /// Where sign-in failed from, on this node.
    pub addresses: Addresses,
}

impl App {
    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.site.now()
    }
}
