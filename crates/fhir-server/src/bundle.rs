//! Bundles as text: the stored text of each resource goes in unread and unchanged.

use std::borrow::Cow;

use fireward_fhir::shape::Shape;
use fireward_fhir_store::{Past, Stored};
use fireward_guard::manners::conditional::etag;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

/// A link of a bundle, absolute.
pub(crate) struct Link {
    pub(crate) relation: &'static str,
    pub(crate) url: String,
}

/// Why a resource is in a searchset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Match,
    Include,
}

/// A searchset (FHIR R4 search.html#2.21.1.1). `total` counts the matches that the asker may see, on all pages. What
/// the asker should know beside them is `told`.
pub(crate) fn searchset(
    base: &str,
    total: Option<u64>,
    links: &[Link],
    (entries, shape, told): (&[(Stored, Mode)], &Shape, Option<&str>),
) -> String {
    let entries = entries.iter().map(|(stored, mode)| {
        let mode = match mode {
            Mode::Match => "match",
            Mode::Include => "include",
        };
        let body = shaped(stored, shape);
        format!(
            "{{{},\"resource\":{body},\"search\":{{\"mode\":\"{mode}\"}}}}",
            full_url(base, stored)
        )
    });
    let told =
        told.map(|told| format!("{{\"resource\":{told},\"search\":{{\"mode\":\"outcome\"}}}}"));
    bundle("searchset", total, links, &entries.chain(told).collect::<Vec<_>>())
}

/// The stored text, unless only a part of it is wanted.
fn shaped<'a>(stored: &'a Stored, shape: &Shape) -> Cow<'a, str> {
    if *shape == Shape::Whole {
        return Cow::Borrowed(&stored.body);
    }
    let whole = serde_json::from_str::<Value>(&stored.body).unwrap_or_default();
    Cow::Owned(shape.apply(&whole).to_string())
}

/// A searchset of states, each with its address (SMART App Launch 2.2 app-state).
pub(crate) fn states(link: &Link, found: &[(String, &String)]) -> String {
    let entries = found.iter().map(|(url, body)| {
        let url = json!(url);
        format!("{{\"fullUrl\":{url},\"resource\":{body},\"search\":{{\"mode\":\"match\"}}}}")
    });
    let total = u64::try_from(found.len()).unwrap_or(u64::MAX);
    bundle("searchset", Some(total), std::slice::from_ref(link), &entries.collect::<Vec<_>>())
}

/// A page of a history, the newest version first (FHIR R4 http.html#history).
pub(crate) fn history(base: &str, links: &[Link], past: &Past) -> String {
    let entries = past.versions.iter().map(|stored| {
        let (kind, id) = (&stored.kind, &stored.id);
        let (method, status) = match (stored.deleted, stored.version) {
            (true, _) => ("DELETE", "204"),
            (false, 1) => ("PUT", "201"),
            (false, _) => ("PUT", "200"),
        };
        let request = json!({ "method": method, "url": format!("{kind}/{id}") });
        let response = json!({
            "status": status,
            "etag": etag(stored.version),
            "lastModified": stored.last_updated.format(&Rfc3339).unwrap_or_default(),
        });
        let resource = format!("\"resource\":{},", stored.body);
        let resource = if stored.deleted { "" } else { &resource };
        let full_url = full_url(base, stored);
        format!("{{{full_url},{resource}\"request\":{request},\"response\":{response}}}")
    });
    let entries: Vec<_> = entries.collect();
    // Of several pages nobody has counted how many versions there are.
    let total = past.whole.then(|| u64::try_from(entries.len()).unwrap_or(u64::MAX));
    bundle("history", total, links, &entries)
}

fn full_url(base: &str, stored: &Stored) -> String {
    format!("\"fullUrl\":{}", json!(format!("{base}/{}/{}", stored.kind, stored.id)))
}

fn bundle(kind: &str, total: Option<u64>, links: &[Link], entries: &[String]) -> String {
    let links = links.iter().map(|link| json!({ "relation": link.relation, "url": link.url }));
    let links = json!(links.collect::<Vec<_>>());
    let total = total.map(|total| format!("\"total\":{total},")).unwrap_or_default();
    let head = format!("{{\"resourceType\":\"Bundle\",\"type\":\"{kind}\",{total}\"link\":{links}");
    // An empty array is not FHIR.
    if entries.is_empty() {
        head + "}"
    } else {
        format!("{head},\"entry\":[{}]}}", entries.join(","))
    }
}
