//! [`Tx`] and [`Reader`]: what a transaction and a plain reader offer, one accessor a table group.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::{readers::Readers, shared::Shared};

/// A transaction: everything written through it is settled together, or not at all.
pub struct Tx {
    pub(crate) transaction: DatabaseTransaction,
    pub(crate) shared: Arc<Shared>,
    /// Whether something that nodes cache was written.
    changed: AtomicBool,
}

/// Finders outside a transaction.
pub struct Reader {
    pub(crate) connections: Readers,
}

impl Tx {
    pub(crate) fn new(transaction: DatabaseTransaction, shared: &Arc<Shared>) -> Self {
        Self { transaction, shared: Arc::clone(shared), changed: AtomicBool::new(false) }
    }

    pub(crate) fn mark_changed(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn finish(self) -> (DatabaseTransaction, bool) {
        (self.transaction, self.changed.into_inner())
    }
}

/// Where finders look: a [`Tx`] or a [`Reader`].
pub trait Source: sealed::Sealed {
    #[doc(hidden)]
    fn connection(&self) -> &(impl ConnectionTrait + 'static);
}

impl Source for Tx {
    fn connection(&self) -> &(impl ConnectionTrait + 'static) {
        &self.transaction
    }
}

impl Source for Reader {
    fn connection(&self) -> &(impl ConnectionTrait + 'static) {
        &self.connections
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Tx {}
    impl Sealed for super::Reader {}
}

macro_rules! accessors {
    ($($(#[$doc:meta])* $name:ident: $Group:ident),+ $(,)?) => {
        impl Tx {
            $($(#[$doc])*
            #[must_use]
            pub const fn $name(&self) -> crate::$name::$Group<'_, Self> {
                crate::$name::$Group(self)
            })+
        }

        impl Reader {
            $($(#[$doc])*
            #[must_use]
            pub const fn $name(&self) -> crate::$name::$Group<'_, Self> {
                crate::$name::$Group(self)
            })+
        }
    };
}

accessors! {
    /// Registered clients.
    clients: Clients,
    /// People who can sign in.
    users: Users,
    /// Whom tokens are made for.
    resource_servers: ResourceServers,
    /// Authorization requests and their codes.
    authorizations: Authorizations,
    /// What was granted.
    grants: Grants,
    /// Families of refresh tokens.
    refresh: Refresh,
    /// Signed-in browsers.
    sessions: Sessions,
    /// What people allowed before.
    consents: Consents,
    /// Explanations of refusals.
    explanations: Explanations,
    /// Launches that EHRs have prepared.
    launches: Launches,
    /// Styles that launches may name.
    styles: Styles,
    /// `jti` of client assertions that were used.
    assertions: Assertions,
    /// Failed attempts.
    throttle: Throttle,
    /// The audit log.
    audit: Audit,
    /// Signing keys.
    keys: Keys,
    /// Access tokens that were revoked one by one.
    revoked_tokens: RevokedTokens,
    /// The user-access brands that the issuer publishes.
    brands: Brands,
    /// Access tokens of servers that want them opaque.
    opaque_tokens: OpaqueTokens,
    /// Leases of periodic work.
    chores: Chores,
    /// The issuers that the database belongs to.
    issuers: Issuers,
}
