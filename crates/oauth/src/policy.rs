//! Lifetimes and switches of an issuer, as one value that decisions are given.

use std::collections::{BTreeMap, BTreeSet};

use fireward_scopes::{ScopeSet, is_category, resource_types::is_type};

use crate::{
    capability::Capabilities,
    vocabulary::{ClientId, Lifetime},
};

/// What an issuer allows, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// From the request at `/authorize` until the person has decided.
    pub authorization: Lifetime,
    /// From a pushed request until a browser comes with it (RFC 9126 §2.2).
    pub pushed: Lifetime,
    /// Of an authorization code (AL-16).
    pub code: Lifetime,
    /// Of an access token with a person behind it; so long may a lost device still read.
    pub access_token: Lifetime,
    /// Of an access token without one, at most 300 s (BS-5).
    pub backend_token: Lifetime,
    /// Of an ID token.
    pub id_token: Lifetime,
    /// In which a lost answer to a refresh may be asked for again (D-07).
    pub refresh_grace: Lifetime,
    /// Of a grant with `offline_access` where the person sets no end.
    pub offline: Lifetime,
    /// Of a session, whatever happens.
    pub session: Lifetime,
    /// Of a session in which nothing happens.
    pub session_idle: Lifetime,
    /// Of a launch handle.
    pub launch: Lifetime,
    /// How far clocks may differ.
    pub skew: Lifetime,
    /// How kinds of record are marked on the consent page.
    pub marks: Marks,
    /// What the SMART configuration promises, and what holds.
    pub capabilities: Capabilities,
    /// Throttling of failed sign-ins and client secrets.
    pub throttle: Throttle,
}

/// How kinds of record are marked on the consent page (`pages.md`, consent 3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// What the organisation counts as sensitive: resource types, and codes of categories. Their switches start off.
    pub sensitive: BTreeSet<String>,
    /// What an app says it cannot work without. Nobody is forced to allow it.
    pub needed: BTreeMap<ClientId, ScopeSet>,
}

/// Why something cannot be marked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unmarkable {
    /// No kind of record.
    #[error("{0} is neither a FHIR R4 resource type nor a category such as social-history")]
    Kind(String),
    /// No client, or no scope, with the reason.
    #[error("{0}: {1}")]
    Needed(String, String),
}

impl Marks {
    /// Reads marks: kinds of record that are sensitive, and scopes that are needed, by client.
    ///
    /// # Errors
    /// Names what is none.
    pub fn parse(
        sensitive: &[String],
        needed: &BTreeMap<String, Vec<String>>,
    ) -> Result<Self, Unmarkable> {
        let strange = sensitive.iter().find(|kind| !is_type(kind) && !is_category(kind));
        if let Some(kind) = strange {
            return Err(Unmarkable::Kind(kind.clone()));
        }
        let needed = needed.iter().map(|(client, scopes)| {
            let wrong = |why: &dyn ToString| Unmarkable::Needed(client.clone(), why.to_string());
            let id = ClientId::parse(client).map_err(|why| wrong(&why))?;
            let scopes = scopes.join(" ").parse::<ScopeSet>().map_err(|why| wrong(&why))?;
            Ok((id, scopes))
        });
        let needed = needed.collect::<Result<_, _>>()?;
        Ok(Self { sensitive: sensitive.iter().cloned().collect(), needed })
    }
}

/// After how many failures who must wait how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    /// Failures per account or client within the window.
    pub failures: u32,
    /// The window in which they are counted, which is also the longest wait.
    pub window: Lifetime,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            authorization: Lifetime::minutes(30),
            pushed: Lifetime::seconds(90),
            code: Lifetime::seconds(60),
            access_token: Lifetime::minutes(5),
            backend_token: Lifetime::minutes(5),
            id_token: Lifetime::minutes(5),
            refresh_grace: Lifetime::seconds(30),
            offline: Lifetime::days(365),
            session: Lifetime::hours(12),
            session_idle: Lifetime::hours(1),
            launch: Lifetime::minutes(5),
            skew: Lifetime::seconds(60),
            marks: Marks::default(),
            capabilities: Capabilities::default(),
            throttle: Throttle { failures: 10, window: Lifetime::minutes(5) },
        }
    }
}
