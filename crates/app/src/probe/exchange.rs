//! One request of the probe, and what came of it.

use bytes::Bytes;
use fireward_outbound::{Configured, Credentials, Outbound, Policy, Sent, Verb};
use serde_json::Value;

use crate::fault::Fault;

/// The server that is attacked.
pub(crate) struct Target {
    base: String,
    at: Configured,
    outbound: Outbound,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Shot {
    pub(crate) verb: Verb,
    /// Path and query, below the base.
    pub(crate) target: String,
    /// Lines of `Authorization`, and other headers.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<String>,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) json: Value,
}

impl Target {
    /// A server by its FHIR base.
    ///
    /// # Errors
    /// It is no URL.
    pub(crate) fn new(base: &str) -> Result<Self, Fault> {
        let base = base.trim_end_matches('/').to_owned();
        let at = Configured::new(&base);
        let at = at.map_err(|why| Fault::Config(format!("--fhir: {base}: {why}")))?;
        Ok(Self { base, at, outbound: Outbound::new(Policy::default()) })
    }

    /// Its FHIR base.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Sends a request.
    ///
    /// # Errors
    /// Nobody answers.
    pub(crate) async fn send(&self, shot: &Shot) -> Result<Seen, Fault> {
        let (path, query) = match shot.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (shot.target.as_str(), None),
        };
        let mut headers: Vec<_> =
            shot.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.push(("accept", "application/fhir+json"));
        if shot.body.is_some() && !headers.iter().any(|(name, _)| *name == "content-type") {
            headers.push(("content-type", "application/fhir+json"));
        }
        let body = shot.body.clone().map(Bytes::from);
        let sent = Sent { verb: shot.verb, headers: &headers, body: body.as_ref() };
        let at = self.at.at(path, query);
        let answer = self.outbound.send(&at, sent, Credentials::None, LONGEST).await;
        let answer = answer.map_err(|why| Fault::Other(format!("{}: {why}", shot.target)))?;
        Ok(Seen { status: answer.status, json: answer.json().unwrap_or_default() })
    }
}

impl Shot {
    /// GET.
    pub(crate) fn get(target: impl Into<String>) -> Self {
        Self { verb: Verb::Get, target: target.into(), headers: Vec::new(), body: None }
    }

    /// Any method, with a resource or without.
    pub(crate) fn of(verb: Verb, target: impl Into<String>, body: Option<&Value>) -> Self {
        Self { verb, body: body.map(Value::to_string), ..Self::get(target) }
    }

    /// With a token.
    pub(crate) fn by(&self, token: &str) -> Self {
        self.with("authorization", format!("Bearer {token}"))
    }

    /// With a header.
    pub(crate) fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut shot = self.clone();
        shot.headers.push((name, value.into()));
        shot
    }
}

impl Seen {
    /// Whether it was done.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// In few words.
    pub(crate) fn brief(&self) -> String {
        let entries = self.json.get("entry").and_then(Value::as_array).map(Vec::len);
        match (self.json.get("resourceType").and_then(Value::as_str), entries) {
            (Some(kind), Some(entries)) => format!("{} {kind} of {entries}", self.status),
            (Some(kind), None) => format!("{} {kind}", self.status),
            (None, _) => self.status.to_string(),
        }
    }
}

const LONGEST: usize = 16 * 1024 * 1024;
