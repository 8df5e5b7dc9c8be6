//! Bundles: those of the server behind as far as they can be proven, and ours as text.

use fireward_jose::json;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::failure::{Failure, Fault};
use crate::gateway::Gateway;
use crate::resource::Resource;

/// A searchset or history of the server behind.
pub(crate) struct Page {
    pub(crate) entries: Vec<Entry>,
    /// The next page: path and query, below the base of the server behind.
    pub(crate) next: Option<String>,
    /// What it says that the search finds. It may count what nobody may know of.
    pub(crate) total: Option<u64>,
}

/// One entry of it.
pub(crate) struct Entry {
    /// Nothing in the entry of a deletion.
    pub(crate) resource: Option<Resource>,
    /// Whether it came along with a match.
    pub(crate) included: bool,
    /// `Type/id`, where a history says it.
    pub(crate) about: Option<String>,
    /// The method by which a version was made.
    pub(crate) method: Option<String>,
    /// The status with which a version was made.
    pub(crate) status: Option<String>,
    /// When a version was made.
    pub(crate) last_modified: Option<String>,
    /// The version, where a history says it.
    pub(crate) etag: Option<String>,
}

impl Page {
    /// Reads a page.
    pub(crate) fn read(gateway: &Gateway, text: &[u8]) -> Result<Self, Failure> {
        let wire: Wire = json::from_slice(text)
            .map_err(|_| Fault::Unproven("it is no Bundle that has one reading"))?;
        let known = matches!(wire.kind.as_str(), "searchset" | "history" | "collection");
        if wire.resource_type != "Bundle" || !known {
            return Err(Fault::Unproven("it is no searchset and no history").into());
        }
        let next = wire.link.iter().find(|link| link.relation == "next");
        let next = next.map(|link| {
            // A page that is left out in silence is a finding that nobody sees.
            let elsewhere = Fault::Unproven("its next page is elsewhere");
            gateway.upstream.link(&link.url).ok_or(elsewhere)
        });
        let entries = wire.entry.into_iter().map(|entry| Entry::read(gateway, entry));
        Ok(Self {
            entries: entries.collect::<Result<_, _>>()?,
            next: next.transpose()?,
            total: wire.total,
        })
    }
}

impl Entry {
    fn read(gateway: &Gateway, wire: WireEntry) -> Result<Self, Failure> {
        let resource = wire.resource.map(|text| Resource::read(gateway, text.get().as_bytes()));
        let request = wire.request.unwrap_or_default();
        let response = wire.response.unwrap_or_default();
        let about = request.url.map(|url| gateway.upstream.local(&url).unwrap_or(url));
        Ok(Self {
            resource: resource.transpose()?,
            included: wire.search.is_some_and(|search| search.mode.as_deref() == Some("include")),
            about,
            method: request.method,
            status: response.status,
            last_modified: response.last_modified,
            etag: response.etag,
        })
    }
}

/// A bundle of ours.
pub(crate) struct Ours<'a> {
    pub(crate) kind: &'static str,
    pub(crate) total: Option<u64>,
    pub(crate) links: &'a [(&'static str, String)],
    pub(crate) entries: &'a [String],
}

impl Ours<'_> {
    /// As it is sent.
    pub(crate) fn text(&self) -> String {
        let link = |(relation, url): &(&str, String)| serde_json::json!({ "relation": relation, "url": url });
        let links = self.links.iter().map(link).collect::<serde_json::Value>();
        let mut parts = vec![format!("\"resourceType\":\"Bundle\",\"type\":\"{}\"", self.kind)];
        parts.extend(self.total.map(|total| format!("\"total\":{total}")));
        parts.extend((!self.links.is_empty()).then(|| format!("\"link\":{links}")));
        // An empty array is not FHIR.
        let entries = || format!("\"entry\":[{}]", self.entries.join(","));
        parts.extend((!self.entries.is_empty()).then(entries));
        format!("{{{}}}", parts.join(","))
    }
}

/// The entry of a searchset.
pub(crate) fn found(base: &str, resource: &Resource, mode: &str) -> String {
    let full_url = full_url(base, resource);
    let text = &resource.text;
    format!("{{{full_url},\"resource\":{text},\"search\":{{\"mode\":\"{mode}\"}}}}")
}

/// The address of a resource, as a member of an entry.
pub(crate) fn full_url(base: &str, resource: &Resource) -> String {
    let id = resource.id().unwrap_or_default();
    format!("\"fullUrl\":{}", serde_json::json!(format!("{base}/{}/{id}", resource.kind())))
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "resourceType")]
    resource_type: String,
    #[serde(rename = "type")]
    kind: String,
    total: Option<u64>,
    #[serde(default)]
    link: Vec<WireLink>,
    #[serde(default)]
    entry: Vec<WireEntry>,
}

#[derive(Deserialize)]
struct WireLink {
    relation: String,
    url: String,
}

#[derive(Deserialize)]
struct WireEntry {
    resource: Option<Box<RawValue>>,
    search: Option<WireSearch>,
    request: Option<WireRequest>,
    response: Option<WireResponse>,
}

#[derive(Deserialize)]
struct WireSearch {
    mode: Option<String>,
}

#[derive(Deserialize, Default)]
struct WireRequest {
    method: Option<String>,
    url: Option<String>,
}

#[derive(Deserialize, Default)]
struct WireResponse {
    status: Option<String>,
    etag: Option<String>,
    #[serde(rename = "lastModified")]
    last_modified: Option<String>,
}
