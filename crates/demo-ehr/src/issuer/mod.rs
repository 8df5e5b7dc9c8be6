//! The issuer as an ordinary OpenID Connect client sees it: its metadata, its keys, its token endpoint, and the
//! endpoints where launch contexts and styles are registered.

mod assertion;
pub(crate) mod id_token;
mod launch;
mod token;

use std::sync::Arc;

use fireward_jose::JwkSet;
use fireward_outbound::{Document, DocumentCache, Limits, Outbound};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use crate::{
    config::Config,
    failure::Failure,
    remote::{Remote, named},
    session::Tokens,
    sources::Sources,
};

pub(crate) use launch::LaunchContext;
pub(crate) use token::Redeemed;

/// The issuer, and what the EHR holds from it.
pub(crate) struct Issuer {
    discovery: Url,
    launch_contexts: Url,
    styles: Url,
    metadata: DocumentCache<Metadata>,
    keys: DocumentCache<JwkSet>,
    /// The EHR's own token, for as long as it lasts.
    own_token: Mutex<Option<Tokens>>,
}

/// What the EHR reads of the metadata (OpenID Connect Discovery §3).
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Metadata {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    pub(crate) end_session_endpoint: Option<Url>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What an authorization request says beyond what the configuration fixes.
pub(crate) struct Ask<'a> {
    pub(crate) state: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) challenge: &'a str,
}

impl Issuer {
    /// The issuer at an address; `name` is how its metadata must spell itself (OpenID Connect Discovery §4.3).
    pub(crate) fn new(address: &Url, name: String, outbound: &Arc<Outbound>) -> Self {
        let below = |path: &str| {
            let mut url = address.clone();
            url.set_path(&format!("{}{path}", address.path().trim_end_matches('/')));
            url
        };
        // Of an issuer that fails for a moment the copies still serve.
        let limits = Limits { last_known_good: 3600, ..Limits::default() };
        let read = move |document: &Document| Metadata::read(&document.bytes, &name);
        Self {
            discovery: below("/.well-known/openid-configuration"),
            launch_contexts: below("/launch-contexts"),
            styles: below("/styles"),
            metadata: DocumentCache::new(Arc::clone(outbound), limits, read),
            keys: DocumentCache::new(Arc::clone(outbound), limits, |document| {
                JwkSet::parse_lenient(&document.bytes).map_err(|fault| fault.to_string())
            }),
            own_token: Mutex::new(None),
        }
    }

    pub(crate) async fn metadata(&self, now: i64) -> Result<Arc<Metadata>, Failure> {
        let fetched = self.metadata.get(&named(&self.discovery)?, now).await;
        fetched
            .map(|fetched| Arc::clone(&fetched.value))
            .map_err(|fault| Failure::elsewhere(&fault))
    }

    pub(crate) async fn keys(&self, metadata: &Metadata, now: i64) -> Result<Arc<JwkSet>, Failure> {
        let fetched = self.keys.get(&named(&metadata.jwks_uri)?, now).await;
        fetched
            .map(|fetched| Arc::clone(&fetched.value))
            .map_err(|fault| Failure::elsewhere(&fault))
    }

    /// The keys anew, for a token whose key the copy at hand lacks; not oftener than [`REFETCH_SECONDS`].
    pub(crate) async fn fresh_keys(
        &self,
        metadata: &Metadata,
        now: i64,
    ) -> Result<Arc<JwkSet>, Failure> {
        let at = named(&metadata.jwks_uri)?;
        let fetched = self.keys.refetch_if_older(&at, REFETCH_SECONDS, now).await;
        fetched
            .map(|fetched| Arc::clone(&fetched.value))
            .map_err(|fault| Failure::elsewhere(&fault))
    }
}

const REFETCH_SECONDS: i64 = 30;

impl Metadata {
    fn read(document: &[u8], name: &str) -> Result<Self, String> {
        let metadata: Self = serde_json::from_slice(document).map_err(|fault| fault.to_string())?;
        if metadata.issuer == name {
            Ok(metadata)
        } else {
            Err("it names another issuer".to_owned())
        }
    }

    /// The address that a clinician is sent to (RFC 6749 §4.1.1, RFC 7636 §4.3, SMART App Launch 2.2).
    pub(crate) fn authorize(&self, config: &Config, ask: &Ask<'_>) -> Url {
        let mut url = self.authorization_endpoint.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &config.client_id)
            .append_pair("redirect_uri", &config.address_of(crate::config::CALLBACK_PATH))
            .append_pair("scope", &config.scope)
            .append_pair("aud", &config.fhir_base)
            .append_pair("state", ask.state)
            .append_pair("nonce", ask.nonce)
            .append_pair("code_challenge", ask.challenge)
            .append_pair("code_challenge_method", "S256");
        url
    }

    /// Whether an answer came from this issuer, as far as it says (RFC 9207 §2.4).
    pub(crate) fn answered(&self, iss: Option<&str>) -> bool {
        match iss {
            Some(iss) => iss == self.issuer,
            None => !self.authorization_response_iss_parameter_supported,
        }
    }
}

/// What every request to the issuer needs.
#[derive(Clone, Copy)]
pub(crate) struct Caller<'a> {
    pub(crate) config: &'a Config,
    pub(crate) remote: &'a Remote,
    pub(crate) sources: &'a Sources,
}
