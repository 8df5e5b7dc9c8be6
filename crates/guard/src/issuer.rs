//! What the issuer publishes: its metadata, its keys, and the smart-configuration for this server.

use std::sync::Arc;

use bytes::Bytes;
use fireward_jose::{Algorithm, JwkSet, json};
use fireward_outbound::{
    AddressFault, Configured, Document, DocumentCache, Fault, Fetched, Limits, Outbound,
};
use serde::Deserialize;

use crate::introspect::Answers;
use crate::status::StatusCache;
use crate::{Config, Keys, Trusted};

/// The endpoints in the issuer's metadata that a resource server tells its clients about
/// (OpenID Connect Discovery §3, RFC 8414 §2).
#[derive(Debug, Clone, Deserialize)]
pub struct Endpoints {
    issuer: String,
    jwks_uri: String,
    /// Where people are sent.
    pub authorization_endpoint: String,
    /// Where tokens are had.
    pub token_endpoint: String,
    /// Where tokens are looked into.
    pub introspection_endpoint: Option<String>,
    /// Where tokens are given back.
    pub revocation_endpoint: Option<String>,
    /// Where clients register.
    pub registration_endpoint: Option<String>,
    /// Where people manage what they have allowed.
    pub management_endpoint: Option<String>,
}

/// The documents of one issuer, each fetched when needed and kept as long as it may be.
pub(crate) struct Issuer {
    pub(crate) trusted: Trusted,
    pub(crate) outbound: Arc<Outbound>,
    refetch_after: i64,
    endpoints: DocumentCache<Endpoints>,
    keys: DocumentCache<JwkSet>,
    smart: DocumentCache<Bytes>,
    smart_address: Configured,
    pub(crate) answers: Answers,
    pub(crate) lists: StatusCache,
}

impl Issuer {
    pub(crate) fn new(trusted: Trusted, config: &Config, outbound: &Arc<Outbound>) -> Self {
        let limits =
            Limits { entries: 4, last_known_good: config.last_known_good, ..Limits::default() };
        let (name, same_name) = (trusted.issuer.clone(), trusted.issuer.clone());
        let endpoints = move |document: &Document| endpoints(document, &name);
        let smart = move |document: &Document| smart(document, &same_name);
        let keys =
            |document: &Document| JwkSet::parse_lenient(&document.bytes).map_err(|e| e.to_string());
        let query = [("aud", config.audience.as_str())];
        Self {
            refetch_after: config.refetch_after,
            endpoints: DocumentCache::new(Arc::clone(outbound), limits, endpoints),
            keys: DocumentCache::new(Arc::clone(outbound), limits, keys),
            smart: DocumentCache::new(Arc::clone(outbound), limits, smart),
            smart_address: trusted.fetch_from.below(".well-known/smart-configuration", &query),
            answers: Answers::new(trusted.introspection.as_ref()),
            lists: StatusCache::default(),
            outbound: Arc::clone(outbound),
            trusted,
        }
    }

    pub(crate) async fn endpoints(&self, now: i64) -> Result<Arc<Endpoints>, Fault> {
        let at = self.trusted.fetch_from.below(".well-known/openid-configuration", &[]);
        Ok(Arc::clone(&self.endpoints.get(&at, now).await?.value))
    }

    pub(crate) async fn keys(&self, now: i64) -> Result<Arc<JwkSet>, Fault> {
        match self.jwks_address(now).await? {
            Ok(at) => Ok(Arc::clone(&self.keys.get(&at, now).await?.value)),
            Err(given) => Ok(given),
        }
    }

    /// The keys, with the one that a token names if the issuer has it: where the copy lacks it, they are fetched again,
    /// though not more often than configured.
    pub(crate) async fn keys_with(
        &self,
        alg: Algorithm,
        kid: Option<&str>,
        now: i64,
    ) -> Result<Arc<JwkSet>, Fault> {
        let keys = self.keys(now).await?;
        if keys.select(alg, kid).is_ok() { Ok(keys) } else { self.newer_keys(now).await }
    }

    async fn newer_keys(&self, now: i64) -> Result<Arc<JwkSet>, Fault> {
        match self.jwks_address(now).await? {
            Ok(at) => {
                let fetched = self.keys.refetch_if_older(&at, self.refetch_after, now).await?;
                Ok(Arc::clone(&fetched.value))
            }
            Err(given) => Ok(given),
        }
    }

    pub(crate) async fn smart_configuration(&self, now: i64) -> Result<Arc<Fetched<Bytes>>, Fault> {
        self.smart.get(&self.smart_address, now).await
    }

    /// Where the issuer is asked about tokens.
    pub(crate) async fn introspection_address(
        &self,
        configured: Option<&Configured>,
        now: i64,
    ) -> Result<Configured, Fault> {
        if let Some(at) = configured {
            return Ok(at.clone());
        }
        let endpoints = self.endpoints(now).await?;
        let said = endpoints.introspection_endpoint.as_ref();
        let said = said.ok_or_else(|| unusable("introspection_endpoint", &"it is missing"))?;
        self.reach(said).map_err(|e| unusable("introspection_endpoint", &e))
    }

    /// Where the keys are, or the keys themselves.
    async fn jwks_address(&self, now: i64) -> Result<Result<Configured, Arc<JwkSet>>, Fault> {
        match &self.trusted.keys {
            Keys::Given(keys) => Ok(Err(Arc::clone(keys))),
            Keys::At(at) => Ok(Ok(at.clone())),
            Keys::Discovered => {
                let endpoints = self.endpoints(now).await?;
                let at = self.reach(&endpoints.jwks_uri).map_err(|e| unusable("jwks_uri", &e))?;
                Ok(Ok(at))
            }
        }
    }

    /// What is below the issuer's name is below its address.
    pub(crate) fn reach(&self, url: &str) -> Result<Configured, AddressFault> {
        match url.strip_prefix(self.trusted.issuer.trim_end_matches('/')) {
            Some(rest) if rest.starts_with('/') => Ok(self.trusted.fetch_from.below(rest, &[])),
            _ => Configured::new(url),
        }
    }
}

fn unusable(member: &str, why: &dyn std::fmt::Display) -> Fault {
    Fault::Unusable(format!("{member}: {why}"))
}

fn endpoints(document: &Document, name: &str) -> Result<Endpoints, String> {
    let endpoints: Endpoints = json::from_slice(&document.bytes).map_err(|e| e.to_string())?;
    is_by(name, Some(&endpoints.issuer))?;
    Ok(endpoints)
}

/// Republished as it is, if it is what it should be.
fn smart(document: &Document, name: &str) -> Result<Bytes, String> {
    #[derive(Deserialize)]
    struct Smart {
        issuer: Option<String>,
        #[serde(rename = "token_endpoint")]
        _token_endpoint: String,
        #[serde(rename = "capabilities")]
        _capabilities: Vec<String>,
    }
    let smart: Smart = json::from_slice(&document.bytes).map_err(|e| e.to_string())?;
    is_by(name, smart.issuer.as_deref())?;
    Ok(document.bytes.clone())
}

/// Metadata of another issuer must not be taken for this one's (RFC 8414 §3.3).
fn is_by(name: &str, issuer: Option<&str>) -> Result<(), String> {
    match issuer {
        Some(issuer) if issuer != name => Err(format!("the issuer there is {issuer}, not {name}")),
        _ => Ok(()),
    }
}
