//! A batch or a transaction: many interactions in one request (FHIR R4 §3.1.0.11).

use serde_json::Value;
use thiserror::Error;

use super::{Interaction, NotUnderstood, Privilege, Request};
use crate::reference::below;

/// The entries of a batch or a transaction, as they were sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Bundle {
    /// Whether they succeed or fail together.
    pub mode: Mode,
    /// What is asked, in the order of the bundle.
    pub entries: Vec<Entry>,
}

/// Whether the entries of a bundle hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Each entry is decided and done alone (D-41).
    Batch,
    /// All or nothing.
    Transaction,
}

/// One entry of a bundle.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What it asks.
    pub asked: Result<Interaction, NotUnderstood>,
    /// The method, in capitals.
    pub method: String,
    /// The address, relative to the base of the server.
    pub url: String,
    /// By which address other entries refer to it.
    pub full_url: Option<String>,
    /// The resource that is to be written, or the patch.
    pub resource: Option<Value>,
    /// As the header `If-Match`.
    pub if_match: Option<String>,
    /// As the header `If-None-Match`.
    pub if_none_match: Option<String>,
    /// As the header `If-None-Exist`.
    pub if_none_exist: Option<String>,
    /// As the header `If-Modified-Since`.
    pub if_modified_since: Option<String>,
}

/// Why a body is no batch and no transaction. It is answered with 400 and the text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadBundle {
    /// It is something else.
    #[error("the body is not a Bundle of type batch or transaction")]
    Kind,
    /// `entry` is no list of objects.
    #[error("entry[{0}] of the bundle has no request with method and url")]
    Entry(usize),
    /// More entries than are taken.
    #[error("the bundle has more than {0} entries")]
    TooLong(usize),
}

impl Bundle {
    /// Reads a bundle. `base` is the URL of this server, below which an entry may write its address.
    ///
    /// # Errors
    /// [`BadBundle`] where it is none. What a single entry asks may be refused in its own place.
    pub fn read(bundle: &Value, base: &str) -> Result<Self, BadBundle> {
        let text = |name: &str| bundle.get(name).and_then(Value::as_str);
        let mode = match (text("resourceType"), text("type")) {
            (Some("Bundle"), Some("batch")) => Mode::Batch,
            (Some("Bundle"), Some("transaction")) => Mode::Transaction,
            _ => return Err(BadBundle::Kind),
        };
        let entries = match bundle.get("entry") {
            None => &[][..],
            Some(Value::Array(entries)) => entries.as_slice(),
            Some(_) => return Err(BadBundle::Entry(0)),
        };
        if entries.len() > MOST_ENTRIES {
            return Err(BadBundle::TooLong(MOST_ENTRIES));
        }
        let read = |(at, entry)| Entry::read(entry, base).ok_or(BadBundle::Entry(at));
        Ok(Self { mode, entries: entries.iter().enumerate().map(read).collect::<Result<_, _>>()? })
    }

    /// The privilege on a required resource that the whole takes: to write, as soon as one entry writes (row 64).
    #[must_use]
    pub fn privilege(&self) -> Privilege {
        let asked = self.entries.iter().filter_map(|entry| entry.asked.as_ref().ok());
        asked.map(Interaction::privilege).max().unwrap_or(Privilege::Read)
    }
}

impl Entry {
    fn read(entry: &Value, base: &str) -> Option<Self> {
        let request = entry.get("request")?;
        let text = |name: &str| request.get(name).and_then(Value::as_str).map(str::to_owned);
        let (method, url) = (text("method")?, text("url")?);
        let if_none_exist = text("ifNoneExist");
        let local = below(&url, base).unwrap_or(&url).trim_start_matches('/');
        let (path, query) = local.split_once('?').unwrap_or((local, ""));
        let asked = Interaction::parse(&Request {
            method: &method,
            path,
            query,
            form: None,
            if_none_exist: if_none_exist.as_deref(),
            base,
        });
        // A bundle in a bundle is none of the interactions that an entry can be.
        let asked = match asked {
            Ok(Interaction::Bundle) => Err(NotUnderstood::Unsupported("a bundle within a bundle")),
            other => other,
        };
        Some(Self {
            asked,
            url: local.to_owned(),
            method,
            full_url: entry.get("fullUrl").and_then(Value::as_str).map(str::to_owned),
            resource: entry.get("resource").cloned(),
            if_match: text("ifMatch"),
            if_none_match: text("ifNoneMatch"),
            if_none_exist,
            if_modified_since: text("ifModifiedSince"),
        })
    }
}

/// More entries than any app sends at once.
const MOST_ENTRIES: usize = 1_000;
