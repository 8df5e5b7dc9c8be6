//! What the issuer publishes: its metadata, its keys, and the smart-configuration for this server.

use std::sync::Arc;

use bytes::Bytes;
use fireward_jose::{JwkSet, json};
use fireward_outbound::{
    AddressFault, Configured, Document, DocumentCache, Fault, Fetched, Limits, Outbound,
};
use serde::Deserialize;

use crate::Config;

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
    name: String,
    address: Configured,
    refetch_after: i64,
    endpoints: DocumentCache<Endpoints>,
    keys: DocumentCache<JwkSet>,
    smart: DocumentCache<Bytes>,
    smart_address: Configured,
}

impl Issuer {
    pub(crate) fn new(config: &Config, outbound: &Arc<Outbound>) -> Self {
        let limits =
            Limits { entries: 4, last_known_good: config.last_known_good, ..Limits::default() };
        let (name, same_name) = (config.issuer.clone(), config.issuer.clone());
        let endpoints = move |document: &Document| endpoints(document, &name);
        let smart = move |document: &Document| smart(document, &same_name);
        let keys =
            |document: &Document| JwkSet::parse_lenient(&document.bytes).map_err(|e| e.to_string());
        let query = [("aud", config.audience.as_str())];
        Self {
            name: config.issuer.clone(),
            address: config.fetch_from.clone(),
            refetch_after: config.refetch_after,
            endpoints: DocumentCache::new(Arc::clone(outbound), limits, endpoints),
            keys: DocumentCache::new(Arc::clone(outbound), limits, keys),
            smart: DocumentCache::new(Arc::clone(outbound), limits, smart),
            smart_address: config.fetch_from.below(".well-known/smart-configuration", &query),
        }
    }

    pub(crate) async fn endpoints(&self, now: i64) -> Result<Arc<Endpoints>, Fault> {
        let at = self.address.below(".well-known/openid-configuration", &[]);
        Ok(Arc::clone(&self.endpoints.get(&at, now).await?.value))
    }

    pub(crate) async fn keys(&self, now: i64) -> Result<Arc<JwkSet>, Fault> {
        let at = self.jwks_address(now).await?;
        Ok(Arc::clone(&self.keys.get(&at, now).await?.value))
    }

    /// The keys again, for a token that names one which is not there. Not more often than configured.
    pub(crate) async fn newer_keys(&self, now: i64) -> Result<Arc<JwkSet>, Fault> {
        let at = self.jwks_address(now).await?;
        let fetched = self.keys.refetch_if_older(&at, self.refetch_after, now).await?;
        Ok(Arc::clone(&fetched.value))
    }

    pub(crate) async fn smart_configuration(&self, now: i64) -> Result<Arc<Fetched<Bytes>>, Fault> {
        self.smart.get(&self.smart_address, now).await
    }

    async fn jwks_address(&self, now: i64) -> Result<Configured, Fault> {
        let endpoints = self.endpoints(now).await?;
        self.reach(&endpoints.jwks_uri).map_err(|e| Fault::Unusable(format!("jwks_uri: {e}")))
    }

    /// What is below the issuer's name is below its address.
    fn reach(&self, url: &str) -> Result<Configured, AddressFault> {
        match url.strip_prefix(self.name.trim_end_matches('/')) {
            Some(rest) if rest.starts_with('/') => Ok(self.address.below(rest, &[])),
            _ => Configured::new(url),
        }
    }
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
