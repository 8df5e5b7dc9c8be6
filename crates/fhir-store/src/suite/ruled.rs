//! A site's rules, in SQL as in the permit.

use std::collections::BTreeSet;
use std::sync::Arc;

use fireward_fhir::policy::{Label, Rules, Tenancy};
use fireward_fhir::{Access, AccessClaims, Permit, SearchEnforcement, Versions, permit};
use serde_json::{Value, json};

use super::asking::{
    BASE, anyone, interaction, now, observation, patient, permitted, put, search_of,
};
use super::databases::on_each_database;
use crate::{Change, Of, Precondition, Records, RecordsError};

on_each_database![
    row_073_what_a_patient_denies_is_not_found,
    row_046_labelled_resources_are_not_found,
    row_009_tenants_are_apart,
    row_084_a_search_that_finds_more_is_refused_in_strict_mode,
];

fn clinician(more: &Value) -> Access {
    let mut claims = json!({ "scope": "user/*.cruds", "exp": 0, "fhirUser": "Practitioner/doc" });
    for (name, value) in more.as_object().expect("claims") {
        claims[name] = value.clone();
    }
    let claims: AccessClaims = serde_json::from_value(claims).expect("claims");
    Access::of(&claims, BASE)
}

fn under(rules: &Rules, access: &Access, method: &str, target: &str) -> Permit {
    permit(access, &interaction(method, target), rules).expect(target)
}

async fn found(records: &Records, rules: &Rules, access: &Access, target: &str) -> Vec<String> {
    let permit = under(rules, access, "GET", target);
    let page = records.search(&permit, &search_of(target)).await.expect(target);
    assert_eq!(page.total, Some(page.matches.len() as u64), "{target}: the total");
    page.matches.into_iter().map(|stored| stored.id).collect()
}

async fn some(records: &Records) {
    for id in ["a", "b"] {
        put(records, &patient(id, "Family")).await;
        put(records, &observation(&format!("{id}-weight"), id, "vital-signs")).await;
        put(records, &observation(&format!("{id}-sugar"), id, "laboratory")).await;
    }
}

async fn denied(records: &Records, provision: Value) -> Rules {
    put(
        records,
        &json!({ "resourceType": "Consent", "id": "c", "status": "active",
        "patient": { "reference": "Patient/a" }, "provision": provision }),
    )
    .await;
    let consents = Arc::new(records.consents(now()).await.expect("read"));
    Rules { consents, ..Rules::default() }
}

async fn row_073_what_a_patient_denies_is_not_found(records: Records) {
    some(&records).await;
    let empty = records.consents_mark().await.expect("a mark");
    let rules = denied(&records, json!({ "type": "deny" })).await;
    assert_ne!(records.consents_mark().await.expect("a mark"), empty);
    let doc = clinician(&json!({}));
    assert_eq!(
        found(&records, &rules, &doc, "Observation?_sort=_id").await,
        ["b-sugar", "b-weight"]
    );
    assert_eq!(found(&records, &rules, &doc, "Patient").await, ["b"]);
    let permit = under(&rules, &doc, "GET", "Observation/a-sugar");
    let hidden = records.read(&permit, "Observation", "a-sugar").await;
    assert!(matches!(hidden, Err(RecordsError::Missing)));
    // But for some.
    let class = json!([{ "system": "http://hl7.org/fhir/resource-types", "code": "Observation" }]);
    let code = json!([{ "coding": [{ "system": "http://loinc.org", "code": "29463-7" }] }]);
    let but = json!({ "type": "deny", "provision": [{ "type": "permit", "class": class, "code": code }] });
    let rules = denied(&records, but).await;
    assert_eq!(found(&records, &rules, &doc, "Observation").await.len(), 4);
    assert_eq!(found(&records, &rules, &doc, "Patient").await, ["b"]);
}

async fn row_046_labelled_resources_are_not_found(records: Records) {
    some(&records).await;
    let mut labelled = observation("a-psych", "a", "exam");
    labelled["meta"] = json!({ "security": [{ "system": "http://l", "code": "R" }] });
    put(&records, &labelled).await;
    let label = Label {
        system: "http://l".into(),
        code: "R".into(),
        roles: BTreeSet::from(["psych".into()]),
    };
    let rules = Rules { labels: vec![label], ..Rules::default() };
    let doc = clinician(&json!({}));
    assert_eq!(found(&records, &rules, &doc, "Observation").await.len(), 4);
    let psych = clinician(&json!({ "roles": ["psych"] }));
    assert_eq!(found(&records, &rules, &psych, "Observation").await.len(), 5);
    // What is labelled today was not always: its past is kept back with it, also once it is deleted.
    let name = ("Observation", "a-sugar");
    labelled["id"] = name.1.into();
    put(&records, &labelled).await;
    let past_of = async |access: &Access| {
        let permit = under(&rules, access, "GET", "Observation/a-sugar/_history/1");
        let first = records.vread(&permit, name, 1).await;
        let permit = under(&rules, access, "GET", "Observation/a-sugar/_history");
        let of = Of::Instance(name.0, name.1);
        let history = records.history(&permit, of, &Versions::default()).await;
        (first.is_ok(), history.map_or(0, |past| past.versions.len()))
    };
    assert_eq!((past_of(&doc).await, past_of(&psych).await), ((false, 0), (true, 2)));
    let change = Change { kind: name.0, id: name.1, only_if: Precondition::None, now: now() };
    let permit = permitted(&anyone(), "DELETE", "Observation/a-sugar");
    records.delete(&permit, &change).await.expect("deleted");
    assert_eq!((past_of(&doc).await, past_of(&psych).await), ((false, 0), (true, 3)));
}

async fn row_009_tenants_are_apart(records: Records) {
    let tenancy = Some(Tenancy { claim: "clinic_id".into(), system: "http://t".into() });
    let rules = Rules { tenancy, ..Rules::default() };
    let [north, south] = ["north", "south"].map(|of| clinician(&json!({ "clinic_id": of })));
    for (access, id) in [(&north, "n"), (&south, "s")] {
        let permit = under(&rules, access, "PUT", &format!("Patient/{id}"));
        let change = Change { kind: "Patient", id, only_if: Precondition::None, now: now() };
        records.update(&permit, &change, &patient(id, "Family")).await.expect("stamped");
    }
    assert_eq!(found(&records, &rules, &north, "Patient").await, ["n"]);
    assert_eq!(found(&records, &rules, &south, "Patient").await, ["s"]);
    let permit = under(&rules, &north, "GET", "Patient/s");
    assert!(matches!(records.read(&permit, "Patient", "s").await, Err(RecordsError::Missing)));
    let permit = under(&rules, &north, "PUT", "Patient/s");
    let change = Change { kind: "Patient", id: "s", only_if: Precondition::None, now: now() };
    assert!(records.update(&permit, &change, &patient("s", "Stolen")).await.is_err());
}

async fn row_084_a_search_that_finds_more_is_refused_in_strict_mode(records: Records) {
    some(&records).await;
    let rules = Rules { search: SearchEnforcement::Reject, ..Rules::default() };
    let claims = json!({ "scope": "patient/*.rs", "patient": "a", "fhirUser": "Patient/a" });
    let app = clinician(&claims);
    for (target, fine) in [
        ("Observation", false),
        ("Observation?patient=a", true),
        ("Patient", false),
        ("Patient?_id=a", true),
    ] {
        let permit = under(&rules, &app, "GET", target);
        let answer = records.search(&permit, &search_of(target)).await;
        assert_eq!(answer.is_ok(), fine, "{target}");
        assert!(fine || matches!(answer, Err(RecordsError::Beyond)), "{target}");
    }
    let all = permitted(&anyone(), "GET", "Observation");
    assert_eq!(records.search(&all, &search_of("Observation")).await.expect("all").total, Some(4));
}
