//! What SQL finds is what [`fireward_fhir::search::matches`] says of each resource: the demo's records, searched both ways.

use std::collections::BTreeSet;
use std::io::BufReader;

use fireward_fhir::search::matches;
use serde_json::Value;

use super::asking::{anyone, search, search_of, token};
use super::databases::on_each_database;
use crate::{Records, RecordsError};

on_each_database![
    sql_finds_what_matches,
    pages_follow_one_another_without_a_gap,
    matches_come_in_the_order_that_is_asked,
    a_mark_of_another_search_is_refused,
];

async fn sql_finds_what_matches(records: Records) {
    let all = demo(&records).await;
    for searched in SEARCHES {
        let target = searched.trim_start_matches('!');
        let search = search_of(target);
        let expected: BTreeSet<_> = all
            .iter()
            .filter(|resource| matches(&search, resource))
            .map(|resource| resource["id"].as_str().expect("id").to_owned())
            .collect();
        assert_eq!(expected.is_empty(), searched.starts_with('!'), "{target} proves nothing");
        assert_eq!(everything(&records, target).await, expected, "{target}");
    }
}

/// All pages of a search.
async fn everything(records: &Records, target: &str) -> BTreeSet<String> {
    let separator = if target.contains('?') { '&' } else { '?' };
    let target = format!("{target}{separator}_count=1000");
    let mut page = search(records, &anyone(), &target).await;
    let total = page.total;
    let mut ids: BTreeSet<_> = page.matches.into_iter().map(|stored| stored.id).collect();
    while let Some(next) = page.next {
        page = search(records, &anyone(), &format!("{target}&_page={next}")).await;
        ids.extend(page.matches.into_iter().map(|stored| stored.id));
    }
    assert_eq!(ids.len() as u64, total, "{target}: the total");
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
    // Z2: a place that no database counts to is refused, and breaks nothing.
    let (_, print) = next.split_once('-').expect("a print");
    for offset in [u64::MAX, u64::MAX - 1, i64::MAX.unsigned_abs() + 1] {
        let target = format!("Patient?gender=female&_count=2&_page={offset}-{print}");
        let refused = records.search(&permit, &search_of(&target)).await;
        assert!(matches!(refused, Err(RecordsError::NotUnderstood(_))), "{target}");
    }
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
const SEARCHES: [&str; 48] = [
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
];
