//! What SQL finds is what [`fireward_fhir::search::matches`] says of each resource: the demo's records, searched both ways.

use std::collections::BTreeSet;
use std::io::BufReader;

use fireward_fhir::search::matches_among;
use serde_json::{Value, json};

use super::asking::{anyone, patient, put, search, search_of, token};
use super::databases::on_each_database;
use crate::{Records, RecordsError};

on_each_database![
    sql_finds_what_matches,
    pages_follow_one_another_without_a_gap,
    matches_come_in_the_order_that_is_asked,
    a_mark_of_another_search_is_refused,
    every_order_is_paged_without_a_gap,
    pages_are_stable_under_writes,
    a_total_is_as_exact_as_it_is_asked_for,
];

async fn sql_finds_what_matches(records: Records) {
    let all = demo(&records).await;
    let mut wrong = Vec::new();
    for searched in SEARCHES {
        let target = searched.trim_start_matches('!');
        let search = search_of(target);
        // Those that links may lead to: the reference looks at each of them.
        let kinds = search.through();
        let linked = all
            .iter()
            .filter(|other| kinds.contains(other["resourceType"].as_str().expect("a type")));
        let linked: Vec<_> = linked.cloned().collect();
        let expected: BTreeSet<_> = all
            .iter()
            .filter(|resource| matches_among(&search, resource, &linked))
            .map(|resource| resource["id"].as_str().expect("id").to_owned())
            .collect();
        if expected.is_empty() != searched.starts_with('!') {
            wrong.push(format!("{target} proves nothing"));
        }
        if everything(&records, target).await != expected {
            wrong.push(format!("{target} finds something else"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// All pages of a search.
async fn everything(records: &Records, target: &str) -> BTreeSet<String> {
    let separator = if target.contains('?') { '&' } else { '?' };
    let target = format!("{target}{separator}_count=1000&_total=accurate");
    let mut page = search(records, &anyone(), &target).await;
    let total = page.total;
    let mut ids: BTreeSet<_> = page.matches.into_iter().map(|stored| stored.id).collect();
    while let Some(next) = page.next {
        page = search(records, &anyone(), &format!("{target}&_page={next}")).await;
        ids.extend(page.matches.into_iter().map(|stored| stored.id));
    }
    assert_eq!(Some(ids.len() as u64), total, "{target}: the total");
    ids
}

async fn pages_follow_one_another_without_a_gap(records: Records) {
    demo(&records).await;
    let hank = token("patient/*.rs", Some("hank-carter"));
    let query = "Observation?category=laboratory&_sort=-date&_count=7";
    let mut target = query.to_owned();
    let (mut seen, mut dates) = (BTreeSet::new(), Vec::new());
    loop {
        let page = search(&records, &hank, &target).await;
        for stored in page.matches {
            let resource: Value = serde_json::from_str(&stored.body).expect("JSON");
            dates.push(resource["effectiveDateTime"].as_str().expect("a date").to_owned());
            assert!(seen.insert(stored.id), "twice");
        }
        match page.next {
            Some(next) => target = format!("{query}&_page={next}"),
            None => break,
        }
    }
    assert!(seen.len() > 100);
    assert!(dates.is_sorted_by(|a, b| a >= b));
}

async fn matches_come_in_the_order_that_is_asked(records: Records) {
    demo(&records).await;
    let families = async |target: &str| {
        let page = search(&records, &anyone(), target).await;
        let family = |body: &str| {
            let patient: Value = serde_json::from_str(body).expect("JSON");
            patient["name"][0]["family"].as_str().expect("a family").to_lowercase()
        };
        page.matches.iter().map(|stored| family(&stored.body)).collect::<Vec<_>>()
    };
    assert!(families("Patient?_sort=family,-birthdate").await.is_sorted());
    assert!(families("Patient?_sort=-family").await.is_sorted_by(|a, b| a >= b));
    let page = search(&records, &anyone(), "Patient?_sort=-birthdate&_count=1").await;
    assert_eq!(page.matches[0].id, "russell-mason");
    // What has no value comes last, whichever way.
    for sort in ["abatement-date", "-abatement-date"] {
        let target = format!("Condition?_sort={sort}&_count=1000");
        let page = search(&records, &anyone(), &target).await;
        let lacking: Vec<_> = page
            .matches
            .iter()
            .map(|stored| !stored.body.contains("\"abatementDateTime\""))
            .collect();
        assert!(lacking.contains(&true) && lacking.contains(&false) && lacking.is_sorted());
    }
    let page = search(&records, &anyone(), "Patient?_sort=_id").await;
    assert_eq!(page.matches[0].id, "alexis-brown");
}

async fn a_mark_of_another_search_is_refused(records: Records) {
    demo(&records).await;
    let page = search(&records, &anyone(), "Patient?gender=female&_count=2").await;
    let next = page.next.expect("a second page");
    let permit = super::asking::permitted(&anyone(), "GET", "Patient");
    for target in [format!("Patient?gender=male&_page={next}"), "Patient?_page=2".into()] {
        let refused = records.search(&permit, &search_of(&target)).await;
        assert!(matches!(refused, Err(RecordsError::NotUnderstood(_))), "{target}");
    }
    // Z2: what is no place in this order is refused, and breaks nothing.
    let read = fireward_jose::b64::decode(&next).expect("a mark");
    let mark: Value = serde_json::from_slice(&read).expect("JSON");
    for place in [json!([]), json!([1, 2]), json!(["x"]), json!([1.5]), json!({}), json!(null)] {
        let mark = json!({ "of": mark["of"], "after": place }).to_string();
        let mark = fireward_jose::b64::encode(mark);
        let target = format!("Patient?gender=female&_count=2&_page={mark}");
        let refused = records.search(&permit, &search_of(&target)).await;
        assert!(matches!(refused, Err(RecordsError::NotUnderstood(_))), "{target}");
    }
}

/// The ids on all pages, in order.
async fn paged(records: &Records, query: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut target = query.to_owned();
    loop {
        let page = search(records, &anyone(), &target).await;
        ids.extend(page.matches.into_iter().map(|stored| stored.id));
        match page.next {
            Some(next) => target = format!("{query}&_page={next}"),
            None => return ids,
        }
    }
}

async fn every_order_is_paged_without_a_gap(records: Records) {
    demo(&records).await;
    for query in [
        "Condition?_sort=abatement-date,-onset-date,code",
        "Condition?_sort=-abatement-date,_id",
        "Observation?patient=hank-carter&_sort=-value-quantity,date",
        "Observation?patient=hank-carter&_sort=value-quantity",
        "Patient?_sort=family,given,-_lastUpdated",
        "Encounter?_sort=-_lastUpdated,patient&patient.name=carter",
        "Condition?",
    ] {
        let whole = search(&records, &anyone(), &format!("{query}&_count=1000")).await;
        assert_eq!(whole.next, None, "{query}");
        let whole: Vec<_> = whole.matches.into_iter().map(|stored| stored.id).collect();
        assert!(whole.len() > 5, "{query} proves nothing");
        assert_eq!(paged(&records, &format!("{query}&_count=7")).await, whole, "{query}");
    }
}

async fn pages_are_stable_under_writes(records: Records) {
    for id in ["b", "d", "f", "h", "j"] {
        put(&records, &patient(id, &format!("Name {id}"))).await;
    }
    let first = search(&records, &anyone(), "Patient?_sort=family&_count=2").await;
    let ids = |page: &crate::Page| page.matches.iter().map(|s| s.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&first), ["b", "d"]);
    // One before the place, the match at the place, and one after it.
    put(&records, &patient("a", "Name a")).await;
    put(&records, &patient("d", "Name a")).await;
    put(&records, &patient("e", "Name e")).await;
    let next = format!("Patient?_sort=family&_count=9&_page={}", first.next.expect("a next page"));
    assert_eq!(ids(&search(&records, &anyone(), &next).await), ["e", "f", "h", "j"]);
}

async fn a_total_is_as_exact_as_it_is_asked_for(records: Records) {
    for id in ["a", "b", "c"] {
        put(&records, &patient(id, "Name")).await;
    }
    let total = async |query: &str| search(&records, &anyone(), query).await.total;
    assert_eq!(total("Patient?_count=2").await, Some(3));
    assert_eq!(total("Patient?_count=2&_total=accurate").await, Some(3));
    assert_eq!(total("Patient?_count=2&_total=estimate").await, Some(3));
    assert_eq!(total("Patient?_count=2&_total=none").await, None);
    assert_eq!(total("Patient?_summary=count&_total=none").await, Some(3));
}

async fn demo(records: &Records) -> Vec<Value> {
    let open = || {
        let gz: &[u8] = include_bytes!("../../../fhir-server/data/records.ndjson.gz");
        BufReader::new(flate2::bufread::GzDecoder::new(gz))
    };
    records.load_seed(open).await.expect("loads");
    let lines = std::io::BufRead::lines(open());
    lines.map(|line| serde_json::from_str(&line.expect("a line")).expect("JSON")).collect()
}

/// A search that starts with `!` is one that finds nothing.
const SEARCHES: &[&str] = &[
    "Patient",
    "Patient?_id=hank-carter",
    "Patient?_id=hank-carter,bonnie-jackson",
    "Patient?_id:not=hank-carter",
    "Patient?name=car",
    "Patient?name=CÁR",
    "Patient?name:exact=Carter",
    "!Patient?name:exact=carter",
    "Patient?name:contains=art",
    "!Patient?name:contains=_",
    "!Patient?name:contains=%25",
    "Patient?name=hank carter",
    "Patient?family=jackson&given=bonnie",
    "Patient?gender=female&birthdate=ge2000",
    "Patient?birthdate=1967-11-11",
    "Patient?birthdate=1967-11",
    "Patient?birthdate=1967,1979",
    "Patient?birthdate=ne1967",
    "Patient?birthdate=lt1950",
    "Patient?birthdate=sa2020",
    "Patient?birthdate=eb1945",
    "Patient?identifier=MRN-000037",
    "Patient?identifier=http://hospital.example.org/identifiers/mrn|MRN-000037",
    "Patient?identifier=http://hospital.example.org/identifiers/mrn|",
    "!Patient?identifier=|MRN-000037",
    "Patient?general-practitioner=Practitioner/demo-clinician",
    "Condition?abatement-date:missing=false",
    "Condition?abatement-date:missing=true",
    "Patient?address-city=camb",
    "!Patient?deceased=true",
    "Observation?patient=hank-carter&category=laboratory",
    "Observation?patient=Patient/hank-carter&category=vital-signs&date=ge2026",
    "Observation?subject=http://localhost:8081/fhir/Patient/hank-carter&code=4548-4",
    "Observation?code=http://loinc.org|4548-4,http://loinc.org|2160-0&date=gt2026-01-01T00:00:00Z",
    "Observation?code=4548-4&value-quantity=gt7",
    "Observation?code=4548-4&value-quantity=7.1",
    "Observation?code=29463-7&value-quantity=lt10||kg",
    "Observation?patient=hank-carter&category:not=laboratory",
    "Observation?patient=hank-carter&_lastUpdated=lt2021-06-01",
    "Observation?patient=hank-carter&encounter:missing=true",
    "Condition?clinical-status=active&patient=helen-coleman",
    "Condition?category=encounter-diagnosis",
    "Encounter?date=2024&class=IMP",
    "Encounter?date=ap2024-06",
    "MedicationRequest?status=active,completed&intent=order",
    "Immunization?patient=thomas-jackson&date=le2025",
    "Questionnaire?url=http://hospital.example.org/fhir/Questionnaire/feeling",
    "DiagnosticReport?result:missing=false&patient=leonard-mason",
    "DiagnosticReport?result.code=1920-8&patient=hank-carter",
    "Condition?patient.name=cart",
    "Condition?subject:Patient.birthdate=lt1950&clinical-status=active",
    "Condition?patient.identifier=http://hospital.example.org/identifiers/mrn|MRN-000037",
    "!Condition?patient.identifier=http://other.example.org|MRN-000037",
    "Condition?subject.general-practitioner:Practitioner.name:contains=a",
    "Encounter?patient.name=hank&status=finished",
    "Encounter?_has:Condition:encounter:category=encounter-diagnosis",
    "Patient?_has:Condition:patient:code:text=asthma",
    "Patient?_has:Condition:patient:clinical-status=active&gender=female",
    "!Patient?_has:Condition:patient:code=nothing",
    "Patient?_has:Encounter:patient:_has:Condition:encounter:category=encounter-diagnosis",
    "Practitioner?_has:Patient:general-practitioner:gender=male",
    "Patient?phonetic=Hanc",
    "Observation?code:text=body&patient=hank-carter",
    "Observation?combo-code=8480-6&patient=hank-carter",
    "Observation?combo-code-value-quantity=8480-6$gt130",
    "Observation?component-code-value-quantity=http://loinc.org|8462-4$lt70||mm[Hg]",
    "!Observation?component-code-value-quantity=8462-4$gt1000",
    "Observation?code-value-quantity=4548-4$gt7&date=ge2025",
    "Observation?combo-value-quantity=gt150&patient=hank-carter",
    "Questionnaire?url:below=http://hospital.example.org/fhir",
    "Questionnaire?url:above=http://hospital.example.org/fhir/Questionnaire/feeling/3",
    "!Questionnaire?url:below=http://hospital.example.org/fhir/Quest",
    "MedicationRequest?code:text=metformin",
    "MedicationRequest?requester.name:contains=a&patient=hank-carter",
    "Observation?_lastUpdated=ge2020&_id:not=x&patient=hank-carter",
    "Observation?_security:missing=true&patient=hank-carter",
    "Provenance?target:MedicationRequest.status=active",
];
