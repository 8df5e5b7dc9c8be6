//! From a draft to what is published: checked, with the times that are ours to write.

use fireward_jose::{b64, sha256};
use serde_json::{Map, Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{BrandIdentifier, Finding, Severity, bundle::Members, check, node::Node, primary};
use crate::{
    metadata::paths,
    vocabulary::{Issuer, Timestamp},
};

/// A bundle that somebody wants to publish.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The bundle. Of what is missing in it, `timestamp`, `fullUrl` and every `meta.lastUpdated` are added.
    pub bundle: Value,
    /// The identifier of the primary brand, where it is not to be found from the bundle.
    pub named: Option<BrandIdentifier>,
}

/// A bundle that breaks no rule, as it is published.
#[derive(Debug, Clone, PartialEq)]
pub struct Publication {
    /// The bundle.
    pub bundle: Value,
    /// The same as JSON, to the letter.
    pub text: String,
    /// Its weak entity tag, without the quotes: of this text and no other.
    pub tag: String,
    /// The primary brand's identifier, as the publisher said it.
    pub named: Option<BrandIdentifier>,
    /// The primary brand's identifier, said or found.
    pub primary: Option<BrandIdentifier>,
    /// When it was published.
    pub updated_at: Timestamp,
}

/// What became of a draft.
#[derive(Debug)]
pub enum Published {
    /// Nothing: it breaks rules.
    Refused(Vec<Finding>),
    /// Nothing: it says what the present bundle says.
    Unchanged,
    /// A new bundle, and which SHOULDs it does not follow.
    New(Box<Publication>, Vec<Finding>),
}

impl Draft {
    /// Checks the draft, and makes of it what comes after `before`.
    #[must_use]
    pub fn publish(
        self,
        before: Option<&Publication>,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Published {
        let Self { mut bundle, named } = self;
        let moment = instant(now);
        let supplied = bundle.get("timestamp").is_some();
        neutral(&mut bundle, issuer);
        if let Some(before) = before {
            let mut old = before.bundle.clone();
            neutral(&mut old, issuer);
            if !supplied {
                set(&mut bundle, "timestamp", old.get("timestamp").cloned());
            }
            if old == bundle && before.named == named {
                return Published::Unchanged;
            }
        }
        if !supplied {
            set(&mut bundle, "timestamp", Some(moment.clone().into()));
        }
        stamp(&mut bundle, before, issuer, &moment);
        let findings = check(&bundle, named.as_ref());
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Published::Refused(findings);
        }
        let found = || primary::derived(&Members::of(&Node::root(&bundle, "Bundle")));
        let primary = named.clone().or_else(found);
        let text = bundle.to_string();
        let tag = tag(text.as_bytes());
        let new = Publication { bundle, text, tag, named, primary, updated_at: now };
        Published::New(Box::new(new), findings)
    }
}

/// What smart-configuration says of the brands (UB-6).
#[must_use]
pub fn advertise(issuer: &Issuer, publication: &Publication) -> Map<String, Value> {
    let mut members = Map::new();
    let url = issuer.endpoint(paths::BRANDS);
    members.insert("user_access_brand_bundle".to_owned(), url.into());
    if let Some(primary) = &publication.primary {
        members.insert("user_access_brand_identifier".to_owned(), primary.to_json());
    }
    members
}

/// The entity tag of a text: another text never has it, even after the bundle was removed and made anew.
pub(super) fn tag(text: &[u8]) -> String {
    b64::encode(sha256(text)).chars().take(22).collect()
}

/// Without the times that are ours, and with every `fullUrl`.
fn neutral(bundle: &mut Value, issuer: &Issuer) {
    forget_time(bundle);
    let base = issuer.endpoint(paths::BRANDS);
    for entry in bundle.get_mut("entry").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(entry) = entry.as_object_mut() else { continue };
        let Some(resource) = entry.get_mut("resource") else { continue };
        forget_time(resource);
        let text = |name: &str| resource.get(name).and_then(Value::as_str);
        if let (Some(kind), Some(id)) = (text("resourceType"), text("id")) {
            let url = format!("{base}/{kind}/{id}");
            entry.entry("fullUrl").or_insert_with(|| url.into());
        }
    }
}

fn forget_time(resource: &mut Value) {
    let Some(members) = resource.as_object_mut() else { return };
    let Some(meta) = members.get_mut("meta").and_then(Value::as_object_mut) else { return };
    meta.remove("lastUpdated");
    if meta.is_empty() {
        members.remove("meta");
    }
}

/// What is as it was keeps its time; all else is of now.
fn stamp(bundle: &mut Value, before: Option<&Publication>, issuer: &Issuer, moment: &str) {
    let mut old = before.map(|before| before.bundle.clone()).unwrap_or_default();
    let times: Vec<_> = resources(&old).map(|resource| updated(resource).to_owned()).collect();
    neutral(&mut old, issuer);
    let old: Vec<_> = resources(&old).zip(times).collect();
    for entry in bundle.get_mut("entry").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(resource) = entry.get_mut("resource") else { continue };
        let same = old.iter().find(|(known, _)| **known == *resource);
        let time = same.map_or(moment, |(_, time)| time.as_str());
        set_time(resource, time);
    }
    set_time(bundle, moment);
}

fn resources(bundle: &Value) -> impl Iterator<Item = &Value> {
    let entries = bundle.get("entry").and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| entry.get("resource"))
}

fn updated(resource: &Value) -> &str {
    let meta = resource.get("meta");
    meta.and_then(|meta| meta.get("lastUpdated")?.as_str()).unwrap_or_default()
}

fn set_time(resource: &mut Value, moment: &str) {
    let Some(members) = resource.as_object_mut() else { return };
    let meta = members.entry("meta").or_insert_with(|| json!({}));
    set(meta, "lastUpdated", Some(moment.into()));
}

fn set(object: &mut Value, name: &str, value: Option<Value>) {
    if let (Some(members), Some(value)) = (object.as_object_mut(), value) {
        members.insert(name.to_owned(), value);
    }
}

fn instant(now: Timestamp) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(now.unix());
    moment.ok().and_then(|moment| moment.format(&Rfc3339).ok()).unwrap_or_default()
}
