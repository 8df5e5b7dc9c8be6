//! `$everything` gives all of a patient's or an encounter's records, or nothing at all.

use std::collections::BTreeSet;

use fireward_fhir::{Access, Everything, Interaction, Request};
use serde_json::json;

use super::asking::{BASE, anyone, observation, patient, permitted, put, search, token};
use super::databases::on_each_database;
use crate::{Page, Records, RecordsError};

on_each_database![
    row_087_everything_is_given_whole_or_not_at_all,
    row_088_named_types_narrow_everything,
    everything_comes_in_pages_and_since_a_moment,
    everything_of_an_encounter,
    row_079_chains_stay_within_the_permit,
    row_084_a_search_can_be_refused_for_what_it_would_hide,
    what_came_along_brings_others_along,
];

async fn records(records: &Records) {
    for (id, family) in [("a", "Alpha"), ("b", "Beta")] {
        let mut person = patient(id, family);
        person["generalPractitioner"] = json!([{ "reference": format!("Practitioner/of-{id}") }]);
        put(records, &person).await;
        let name = json!([{ "family": format!("Doctor {family}") }]);
        put(
            records,
            &json!({ "resourceType": "Practitioner", "id": format!("of-{id}"), "name": name }),
        )
        .await;
        let subject = json!({ "reference": format!("Patient/{id}") });
        let encounter = json!({ "resourceType": "Encounter", "id": format!("{id}-visit"), "status": "finished",
            "class": { "code": "AMB" }, "subject": subject });
        put(records, &encounter).await;
        let mut weight = observation(&format!("{id}-weight"), id, "vital-signs");
        weight["encounter"] = json!({ "reference": format!("Encounter/{id}-visit") });
        put(records, &weight).await;
        put(records, &observation(&format!("{id}-sugar"), id, "laboratory")).await;
    }
}

fn asked(target: &str) -> Everything {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let request = Request { method: "GET", path, query, base: BASE, ..Request::default() };
    let interaction = Interaction::parse(&request).expect(target);
    let Interaction::Everything(everything) = interaction else { panic!("{interaction:?}") };
    everything
}

async fn all(records: &Records, access: &Access, target: &str) -> Result<Page, RecordsError> {
    records.everything(&permitted(access, "GET", target), &asked(target)).await
}

fn ids(page: &Page) -> Vec<String> {
    let ids: BTreeSet<_> = page.matches.iter().map(|stored| stored.id.clone()).collect();
    ids.into_iter().collect()
}

async fn row_087_everything_is_given_whole_or_not_at_all(store: Records) {
    records(&store).await;
    let whole = ["a", "a-sugar", "a-visit", "a-weight", "of-a"];
    for access in [token("patient/*.rs", Some("a")), token("user/*.rs", None), anyone()] {
        assert_eq!(ids(&all(&store, &access, "Patient/a/$everything").await.unwrap()), whole);
    }
    let refused = |found: Result<Page, RecordsError>| match found {
        Err(RecordsError::Uncovered(kind)) => kind,
        other => panic!("{other:?}"),
    };
    for (scope, kind) in [
        ("patient/Patient.rs patient/Observation.rs patient/Practitioner.rs", "Encounter"),
        ("patient/Patient.rs patient/Observation.rs patient/Encounter.rs", "Practitioner"),
        (
            "patient/Patient.rs patient/Encounter.rs patient/Practitioner.rs patient/Observation.rs?category=laboratory",
            "Observation",
        ),
    ] {
        let access = token(scope, Some("a"));
        assert_eq!(refused(all(&store, &access, "Patient/a/$everything").await), kind, "{scope}");
    }
    // Fewer scopes do where nothing else is met (row 89).
    let enough =
        "patient/Patient.rs patient/Observation.rs patient/Encounter.rs patient/Practitioner.rs";
    let access = token(enough, Some("a"));
    assert_eq!(ids(&all(&store, &access, "Patient/a/$everything").await.unwrap()), whole);
    // Who looked at the record is no part of it, unless it is asked for.
    let look = json!({ "resourceType": "AuditEvent", "id": "look", "recorded": "2026-01-01T00:00:00Z",
        "entity": [{ "what": { "reference": "Patient/a" } }] });
    let look = format!(
        "{{\"meta\":{{\"versionId\":\"1\",\"lastUpdated\":\"2026-01-01T00:00:00Z\"}},{}",
        &look.to_string()[1..]
    );
    assert_eq!(store.top_up(&look).await.unwrap(), 1);
    assert_eq!(ids(&all(&store, &access, "Patient/a/$everything").await.unwrap()), whole);
    let auditor = token("user/*.rs user/AuditEvent.rs", None);
    let looks = all(&store, &auditor, "Patient/a/$everything?_type=AuditEvent").await.unwrap();
    assert_eq!(ids(&looks), ["look"]);
    let stranger = all(&store, &token("patient/*.rs", Some("b")), "Patient/a/$everything").await;
    assert!(matches!(stranger, Err(RecordsError::Missing)));
}

async fn row_088_named_types_narrow_everything(store: Records) {
    records(&store).await;
    let access = token("patient/Patient.rs patient/Observation.rs", Some("a"));
    let found = all(&store, &access, "Patient/a/$everything?_type=Observation").await.unwrap();
    assert_eq!(ids(&found), ["a-sugar", "a-weight"]);
    let target = "Patient/a/$everything?_type=Observation,Encounter";
    assert!(super::asking::ask(&access, "GET", target).is_err());
}

async fn everything_comes_in_pages_and_since_a_moment(store: Records) {
    records(&store).await;
    let access = token("patient/*.rs", Some("a"));
    let (mut found, mut target) = (Vec::new(), "Patient/a/$everything?_count=2".to_owned());
    let mut pages = 0;
    loop {
        let page = all(&store, &access, &target).await.unwrap();
        pages += 1;
        found.extend(page.matches.iter().map(|stored| stored.id.clone()));
        match page.next {
            Some(next) => target = format!("Patient/a/$everything?_count=2&_page={next}"),
            None => break,
        }
    }
    found.sort();
    assert_eq!((pages, found.join(" ")), (3, "a a-sugar a-visit a-weight of-a".to_owned()));
    let later = all(&store, &access, "Patient/a/$everything?_since=2100-01-01T00:00:00Z").await;
    assert!(later.unwrap().matches.is_empty());
    let earlier = all(&store, &access, "Patient/a/$everything?_since=2000-01-01T00:00:00Z").await;
    assert_eq!(earlier.unwrap().matches.len(), 5);
    let wrong = all(&store, &access, "Patient/a/$everything?_page=x").await;
    assert!(matches!(wrong, Err(RecordsError::NotUnderstood(_))));
}

async fn everything_of_an_encounter(store: Records) {
    records(&store).await;
    let access = token("patient/*.rs", Some("a"));
    let found = all(&store, &access, "Encounter/a-visit/$everything").await.unwrap();
    assert_eq!(ids(&found), ["a", "a-visit", "a-weight", "of-a"]);
    let other = all(&store, &access, "Encounter/b-visit/$everything").await;
    assert!(matches!(other, Err(RecordsError::Missing)));
}

async fn row_079_chains_stay_within_the_permit(store: Records) {
    records(&store).await;
    let found = async |access: &Access, target: &str| {
        let page = search(&store, access, target).await;
        page.matches.into_iter().map(|stored| stored.id).collect::<Vec<_>>()
    };
    let a = token("patient/*.rs", Some("a"));
    assert_eq!(
        found(&a, "Observation?patient.name=alpha&_sort=_id").await,
        ["a-sugar", "a-weight"]
    );
    assert!(found(&a, "Observation?patient.name=beta").await.is_empty());
    assert_eq!(found(&a, "Patient?_has:Observation:patient:category=laboratory").await, ["a"]);
    // D-38: what a chain goes through is as narrow as what is searched.
    let weights =
        token("patient/Patient.rs patient/Observation.rs?category=vital-signs", Some("a"));
    assert!(
        found(&weights, "Patient?_has:Observation:patient:category=laboratory").await.is_empty()
    );
    assert_eq!(
        found(&weights, "Patient?_has:Observation:patient:category=vital-signs").await,
        ["a"]
    );
    let staff = token("user/Patient.rs user/Practitioner.rs", None);
    assert_eq!(
        found(&staff, "Patient?general-practitioner:Practitioner.name=doctor%20b").await,
        ["b"]
    );
    let alone = token("patient/Observation.rs", Some("a"));
    for target in ["Observation?patient.name=alpha", "Observation?encounter.status=finished"] {
        assert!(super::asking::ask(&alone, "GET", target).is_err(), "{target}");
    }
    let patients = token("patient/Patient.rs", Some("a"));
    assert!(
        super::asking::ask(&patients, "GET", "Patient?_has:Observation:patient:code=x").is_err()
    );
}

async fn row_084_a_search_can_be_refused_for_what_it_would_hide(store: Records) {
    use fireward_fhir::{Rules, SearchEnforcement, permit};
    records(&store).await;
    let rules = Rules { search: SearchEnforcement::Reject, ..Rules::default() };
    let found = async |access: &Access, target: &str| {
        let search = super::asking::search_of(target);
        let permit = permit(access, &Interaction::Search(search.clone()), &rules).expect(target);
        store.search(&permit, &search).await
    };
    let labs = token("patient/Observation.rs?category=laboratory", Some("a"));
    for target in ["Observation?patient=a&category=laboratory", "Observation?patient=a&code=none"] {
        assert!(found(&labs, target).await.is_ok(), "{target}");
    }
    for target in ["Observation?patient=a", "Observation", "Observation?category=laboratory"] {
        assert!(matches!(found(&labs, target).await, Err(RecordsError::Beyond)), "{target}");
    }
    assert!(found(&anyone(), "Observation").await.is_ok());
}

async fn what_came_along_brings_others_along(store: Records) {
    records(&store).await;
    let along = async |access: &Access, query: &str| {
        let page = search(&store, access, &format!("Observation?_id=a-weight&{query}")).await;
        let ids: BTreeSet<_> = page.included.into_iter().map(|stored| stored.id).collect();
        ids.into_iter().collect::<Vec<_>>().join(" ")
    };
    let a = token("patient/*.rs", Some("a"));
    let far = "_include=Observation:subject&_include:iterate=Patient:general-practitioner";
    assert_eq!(along(&a, far).await, "a of-a");
    assert_eq!(along(&a, "_include=Observation:subject").await, "a");
    assert_eq!(along(&a, "_include:iterate=Patient:general-practitioner").await, "");
    assert_eq!(along(&a, "_include=Observation:*").await, "a a-visit of-a");
    let back = "_include=Observation:encounter&_revinclude:iterate=Observation:encounter";
    assert_eq!(along(&a, back).await, "a-visit");
    let back = "_include=Observation:subject&_revinclude:iterate=Observation:subject";
    assert_eq!(along(&a, back).await, "a a-sugar");
    let some = token("patient/Observation.rs patient/Patient.rs", Some("a"));
    assert_eq!(along(&some, far).await, "a");
}
