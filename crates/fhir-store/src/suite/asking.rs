//! Who asks, with which token, and for what.

use fireward_fhir::search::Search;
use fireward_fhir::{
    Access, AccessClaims, Denial, Interaction, Permit, Request, Rules, Versions, permit,
};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::{Change, Of, Page, Precondition, Records, RecordsError, Stored};

/// A token with these scopes; a patient in context, if one is named.
pub(super) fn token(scope: &str, patient: Option<&str>) -> Access {
    let claims = json!({ "scope": scope, "patient": patient, "exp": 0,
        "fhirUser": "Practitioner/demo-clinician" });
    let claims: AccessClaims = serde_json::from_value(claims).expect("claims");
    Access::of(&claims, BASE)
}

/// One who may do everything.
pub(super) fn anyone() -> Access {
    token("system/*.cruds", None)
}

pub(super) fn ask(access: &Access, method: &str, target: &str) -> Result<Permit, Denial> {
    permit(access, &interaction(method, target), &Rules::default())
}

pub(super) fn permitted(access: &Access, method: &str, target: &str) -> Permit {
    ask(access, method, target).expect(target)
}

pub(super) fn interaction(method: &str, target: &str) -> Interaction {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let request = Request { method, path, query, base: BASE, ..Request::default() };
    Interaction::parse(&request).expect(target)
}

pub(super) fn search_of(target: &str) -> Search {
    let Interaction::Search(search) = interaction("GET", target) else { panic!("{target}") };
    search
}

pub(super) async fn search(records: &Records, access: &Access, target: &str) -> Page {
    let permit = permitted(access, "GET", target);
    records.search(&permit, &search_of(target)).await.expect(target)
}

/// The ids of the matches, in order.
pub(super) async fn ids(records: &Records, access: &Access, target: &str) -> Vec<String> {
    let page = search(records, access, target).await;
    assert_eq!(page.total, Some(page.matches.len() as u64), "{target}: the total");
    page.matches.into_iter().map(|stored| stored.id).collect()
}

/// Stores a resource under the id that it has.
pub(super) async fn put(records: &Records, resource: &Value) -> Stored {
    let written = update(records, &anyone(), resource, Precondition::None).await;
    written.expect("anyone may").stored
}

pub(super) async fn update(
    records: &Records,
    access: &Access,
    resource: &Value,
    only_if: Precondition,
) -> Result<crate::Written, RecordsError> {
    let text = |name: &str| resource[name].as_str().expect(name);
    let (kind, id) = (text("resourceType"), text("id"));
    let permit = permitted(access, "PUT", &format!("{kind}/{id}"));
    let change = Change { kind, id, only_if, now: now() };
    records.update(&permit, &change, resource).await
}

pub(super) async fn read(
    records: &Records,
    access: &Access,
    kind: &str,
    id: &str,
) -> Result<Stored, RecordsError> {
    let permit = permitted(access, "GET", &format!("{kind}/{id}"));
    records.read(&permit, kind, id).await
}

/// Every version of an instance that the permit reaches.
pub(super) async fn past(
    records: &Records,
    permit: &Permit,
    (kind, id): (&'static str, &str),
) -> Result<Vec<Stored>, RecordsError> {
    let past = records.history(permit, Of::Instance(kind, id), &Versions::default()).await?;
    assert!(past.whole && past.next.is_none());
    Ok(past.versions)
}

pub(super) fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_795_000_000).expect("a time")
}

pub(super) fn observation(id: &str, patient: &str, category: &str) -> Value {
    let system = "http://terminology.hl7.org/CodeSystem/observation-category";
    json!({
        "resourceType": "Observation", "id": id, "status": "final",
        "category": [{ "coding": [{ "system": system, "code": category }] }],
        "code": { "coding": [{ "system": "http://loinc.org", "code": "29463-7" }] },
        "subject": { "reference": format!("Patient/{patient}") },
        "performer": [{ "reference": format!("Practitioner/of-{patient}") }],
    })
}

pub(super) fn patient(id: &str, family: &str) -> Value {
    json!({ "resourceType": "Patient", "id": id, "name": [{ "family": family, "given": ["Zoë"] }] })
}

pub(super) const BASE: &str = "http://localhost:8081/fhir";
