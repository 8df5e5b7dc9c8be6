//! Events against what the profiles of IHE BALP 1.1.4 demand, as a table.

use std::collections::BTreeSet;
use std::sync::Arc;

use fireward_jose::claims::NumericDate;
use proptest::prelude::*;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{
    Deed, Scene, Told, VERSION, event, named, narrowed, patients_in, provenance, tellable,
};
use crate::{Access, AccessClaims, TokenFacts, compartment};

const BASE: &str = "https://records.example/fhir";

fn access(subject: &str) -> Access {
    let claims = AccessClaims {
        scope: "user/*.cruds".to_owned(),
        patient: None,
        sub: Some(subject.to_owned()),
        fhir_user: Some(format!("{BASE}/Practitioner/doc")),
        client_id: "growth-chart".to_owned(),
        exp: NumericDate(0),
        fireward_group: None,
        fireward_state_systems: Vec::new(),
        facts: TokenFacts {
            jti: Some("t1".to_owned()),
            grant_id: Some("g1".to_owned()),
            practitioner_role: Some("Paediatrician".to_owned()),
            organization: Some("Demo Clinic".to_owned()),
            npi: Some("1234567893".to_owned()),
            ..TokenFacts::default()
        },
        more: serde_json::Map::new(),
    };
    Access::of(&claims, BASE).issued_by("https://issuer.example")
}

fn scene(access: Option<Access>) -> Scene {
    Scene {
        base: BASE.to_owned(),
        request: "r1".to_owned(),
        at: OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap(),
        access: access.map(Arc::new),
        address: Some("192.0.2.7".to_owned()),
    }
}

fn done(code: &str, patient: Option<&str>) -> Value {
    let query = "Observation?patient=a";
    let deed = Deed { code, what: Some("Observation/o"), query: Some(query), failure: None };
    event("e1", &scene(Some(access("alice"))), &deed, patient)
}

/// The elements under a name whose type, or role, has this code.
fn with<'a>(event: &'a Value, name: &str, code: &str) -> Vec<&'a Value> {
    let has = |one: &&Value| {
        let codings = one["type"]["coding"].as_array().cloned();
        let codings = codings.unwrap_or_else(|| vec![one["type"].clone()]);
        codings.iter().any(|coding| coding["code"] == code)
    };
    event[name].as_array().unwrap().iter().filter(has).collect()
}

#[test]
fn d_45_each_event_has_what_its_profile_demands() {
    // Code, profile, action, types of client, server and user.
    let table = [
        ("read", "Read", "R", "110152", "110153", "IRCP"),
        ("vread", "Read", "R", "110152", "110153", "IRCP"),
        ("search-type", "Query", "E", "110153", "110152", "IRCP"),
        ("create", "Create", "C", "110153", "110152", "AUT"),
        ("update", "Update", "U", "110153", "110152", "AUT"),
        ("patch", "Update", "U", "110153", "110152", "AUT"),
        ("delete", "Delete", "D", "110150", "custodian", "AUT"),
    ];
    for (code, profile, action, client, server, user) in table {
        for patient in [None, Some("a")] {
            let event = done(code, patient);
            let name = if patient.is_some() { format!("Patient{profile}") } else { profile.into() };
            let canonical = format!(
                "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.{name}|{VERSION}"
            );
            assert_eq!(event["meta"]["profile"][0], json!(canonical));
            assert_eq!(event["type"]["code"], "rest");
            assert_eq!(event["subtype"][0]["code"], code);
            assert_eq!((&event["action"], &event["outcome"]), (&json!(action), &json!("0")));
            for (kind, address) in [(client, "192.0.2.7"), (server, BASE)] {
                let agents = with(&event, "agent", kind);
                assert_eq!(agents.len(), 1, "{code}: one agent {kind}");
                assert!(agents[0]["who"]["identifier"]["value"].is_string());
                assert_eq!(agents[0]["network"]["address"], address);
                assert_eq!(agents[0]["requestor"], false);
            }
            let users = with(&event, "agent", user);
            assert_eq!(users.len(), 1);
            assert_eq!(users[0]["requestor"], true);
            assert!(users[0].get("network").is_none() && users[0].get("media").is_none());
            names_its_object(&event, profile);
            let request = with(&event, "entity", "XrequestId");
            assert_eq!(request[0]["what"]["identifier"]["value"], "r1");
            let patients = with(&event, "entity", "1");
            assert_eq!(patients.len(), usize::from(patient.is_some()));
            let told = |one: &&Value| {
                one["what"]["reference"] == "Patient/a" && one["role"]["code"] == "1"
            };
            assert!(patients.iter().all(told));
        }
    }
}

/// One entity, of data or of a query.
fn names_its_object(event: &Value, profile: &str) {
    let objects = with(event, "entity", "2");
    assert_eq!(objects.len(), 1, "{profile}");
    if profile == "Query" {
        assert_eq!(objects[0]["role"]["code"], "24");
        // https://records.example/fhir/Observation?patient=a
        let query = "aHR0cHM6Ly9yZWNvcmRzLmV4YW1wbGUvZmhpci9PYnNlcnZhdGlvbj9wYXRpZW50PWE=";
        assert_eq!(objects[0]["query"], query);
        assert!(objects[0].get("what").is_none() && objects[0].get("name").is_none());
    } else {
        assert_eq!(objects[0]["role"]["code"], "4");
        assert_eq!(objects[0]["what"]["reference"], "Observation/o");
    }
}

#[test]
fn d_45_the_token_is_told_as_the_profile_of_its_use_demands() {
    let event = done("read", Some("a"));
    let profiles = event["meta"]["profile"].to_string();
    assert!(profiles.contains("IHE.BasicAudit.OAUTHaccessTokenUse.Comprehensive|1.1.4"));
    let app = with(&event, "agent", "110150")[0];
    assert_eq!(app["who"]["identifier"]["value"], "growth-chart");
    let user = with(&event, "agent", "IRCP")[0];
    assert_eq!(user["who"]["identifier"]["system"], "https://issuer.example");
    assert_eq!(user["who"]["identifier"]["value"], "alice");
    assert_eq!(user["who"]["reference"], "Practitioner/doc");
    assert_eq!((&user["name"], &user["policy"]), (&json!("alice"), &json!(["t1"])));
}

#[test]
fn row_110_role_organization_and_npi_are_told() {
    let event = done("read", Some("a"));
    let user = with(&event, "agent", "IRCP")[0];
    assert_eq!(user["role"][0]["text"], "Paediatrician");
    assert_eq!(user["extension"][0]["valueIdentifier"]["value"], "1234567893");
    assert_eq!(with(&event, "agent", "PROV")[0]["who"]["display"], "Demo Clinic");
}

#[test]
fn row_051_the_grant_links_to_what_was_granted() {
    let event = done("read", None);
    assert_eq!(with(&event, "entity", "4")[0]["what"]["identifier"]["value"], "g1");
}

#[test]
fn an_app_that_asks_for_itself_is_who_asks() {
    let deed = Deed { code: "read", what: Some("Observation/o"), query: None, failure: None };
    let event = event("e1", &scene(Some(access("growth-chart"))), &deed, Some("a"));
    assert!(with(&event, "agent", "IRCP").is_empty());
    let app = with(&event, "agent", "110150")[0];
    assert_eq!((&app["requestor"], &app["policy"]), (&json!(true), &json!(["t1"])));
}

#[test]
fn a_denial_is_told_as_a_failure_and_claims_no_profile_of_success() {
    let failure = Some((403, "no scope of the token allows this"));
    let deed = Deed { code: "read", what: Some("Observation/o"), query: None, failure };
    let denied = event("e1", &scene(Some(access("alice"))), &deed, Some("a"));
    assert_eq!(denied["outcome"], "4");
    assert_eq!(denied["outcomeDesc"], "403: no scope of the token allows this");
    assert!(!denied["meta"]["profile"].to_string().contains("PatientRead"));
    let broken = event("e1", &scene(None), &Deed { failure: Some((500, "")), ..deed }, None);
    assert_eq!(broken["outcome"], "8");
    assert_eq!(broken["agent"][0]["requestor"], true);
}

#[test]
fn row_053_a_provenance_names_app_user_version_and_record() {
    let what = ("update", "Observation/o/_history/2", Some("Observation/o/_history/1"));
    let told = provenance("p1", &scene(Some(access("alice"))), what, ["a".to_owned()]).unwrap();
    assert_eq!(told["target"], json!([{ "reference": "Observation/o/_history/2" }]));
    assert_eq!(told["entity"][0]["what"]["reference"], "Observation/o/_history/1");
    assert_eq!(told["agent"][0]["who"]["reference"], "Practitioner/doc");
    assert_eq!(told["agent"][1]["who"]["identifier"]["value"], "growth-chart");
    assert_eq!(told["activity"]["coding"][0]["code"], "UPDATE");
    assert_eq!(compartment::patients(&told), BTreeSet::from(["a".to_owned()]));
}

#[test]
fn an_event_is_in_the_record_of_its_patient_alone() {
    let event = done("search-type", Some("a"));
    assert_eq!(compartment::patients(&event), BTreeSet::from(["a".to_owned()]));
    assert!(compartment::patients(&done("search-type", None)).is_empty());
}

#[test]
fn a_request_names_patients_in_its_path_or_in_a_search() {
    let ids = |kind, id, query| named(kind, id, query, BASE).into_iter().collect::<Vec<_>>();
    assert_eq!(ids("Patient", Some("a"), ""), ["a"]);
    assert_eq!(ids("Observation", Some("a"), ""), [] as [&str; 0]);
    assert_eq!(ids("Observation", None, "patient=a,Patient/b&code=c"), ["a", "b"]);
    assert_eq!(
        ids("Condition", None, "subject=https%3A%2F%2Frecords.example%2Ffhir%2FPatient%2Fa"),
        ["a"]
    );
    assert_eq!(ids("Patient", None, "_id=a"), ["a"]);
    assert_eq!(ids("Observation", None, "_id=a&subject=Group/g&patient=%FF"), [] as [&str; 0]);
}

#[test]
fn row_052_a_search_names_patients_however_it_writes_the_parameter() {
    let ids = |kind, query| named(kind, None, query, BASE).into_iter().collect::<Vec<_>>();
    for query in [
        "subject:Patient=b",
        "patient._id=b",
        "subject:Patient._id=b",
        "performer:Patient=b",
        "performer=Patient/b/_history/1",
        "encounter.subject=b",
        "patient=%5Cb",
        "_has:Provenance:target:patient=b",
        "x=%FF&subj%65ct=b",
    ] {
        assert_eq!(ids("Observation", query), ["b"], "{query}");
    }
    assert_eq!(ids("Patient", "_id:not=b"), ["b"]);
    assert_eq!(ids("Patient", "_has:Observation:patient:_id=o"), [] as [&str; 0]);
    for query in
        ["patient:missing=true", "patient:identifier=b", "patient.name=b", "subject:Group=b"]
    {
        assert_eq!(ids("Observation", query), [] as [&str; 0], "{query}");
    }
}

#[test]
fn no_secret_of_a_query_is_told() {
    let query =
        "code=c&access_token=s1&%61ccess%5Ftoken=s2&Client_Assertion=s3&id_token=s4&_count=1";
    assert_eq!(tellable(query), "code=c&_count=1");
    assert_eq!(tellable("name=O%27Neil+x&code=a,b|c&y=%FF&z"), "name=O%27Neil%20x&code=a,b|c&z");
}

#[test]
fn the_event_of_one_patient_does_not_list_the_others_who_were_searched() {
    let narrow = |query| narrowed(query, "a", BASE);
    assert_eq!(narrow("Condition?code=x,y&patient=b,a"), "Condition?code=x,y&patient=a");
    assert_eq!(
        narrow("Condition?patient=Patient%2Fb%2CPatient%2Fa"),
        "Condition?patient=Patient/a"
    );
    assert_eq!(narrow("Condition?patient=b,c"), "Condition");
    assert_eq!(narrow("Condition?%70atient=%62,%61&subject:Patient=b"), "Condition?patient=a");
    assert_eq!(
        narrow("Observation?performer=Patient/b,Practitioner/p"),
        "Observation?performer=Practitioner/p"
    );
    assert_eq!(narrow("Patient?_id=b,a"), "Patient?_id=a");
    assert_eq!(narrow("Condition"), "Condition");
}

#[test]
fn the_patients_of_an_answer_are_those_of_every_resource_in_it() {
    let of = |patient: &str| {
        let subject = json!({ "reference": format!("Patient/{patient}") });
        json!({ "resourceType": "Observation", "id": "o", "text": {"entry": 1}, "subject": subject })
    };
    let bundle = json!({ "resourceType": "Bundle", "entry": [
        { "resource": of("a"), "search": { "mode": "match" } },
        { "response": { "status": "404" } },
        { "resource": { "resourceType": "Patient", "id": "b" } },
        { "resource": { "resourceType": "Bundle", "entry": [{ "resource": of("c") }] } },
    ] });
    let found: Vec<_> = patients_in(bundle.to_string().as_bytes()).into_iter().collect();
    assert_eq!(found, ["a", "b", "c"]);
    let list =
        json!({ "resourceType": "List", "entry": [{ "item": { "reference": "Patient/x" } }] });
    assert!(patients_in(list.to_string().as_bytes()).is_empty());
    assert!(patients_in(b"no JSON").is_empty());
}

#[test]
fn a_request_is_told_by_its_method_and_path() {
    let table = [
        ("GET", "/Patient/a", "read", Some("Patient/a")),
        ("HEAD", "/Patient/a/", "read", Some("Patient/a")),
        ("GET", "/Patient/a/_history/2", "vread", Some("Patient/a/_history/2")),
        ("GET", "/Patient/a/_history", "history-instance", Some("Patient/a")),
        ("GET", "/Patient/_history", "history-type", None),
        ("GET", "/Observation", "search-type", None),
        ("POST", "/Observation/_search", "search-type", None),
        ("POST", "/Observation", "create", None),
        ("PUT", "/Observation/o", "update", Some("Observation/o")),
        ("PATCH", "/Observation/o", "patch", Some("Observation/o")),
        ("DELETE", "/Observation/o", "delete", Some("Observation/o")),
        ("GET", "/Patient/a/$everything", "operation", Some("Patient/a")),
        ("GET", "/$export", "operation", None),
        ("GET", "/exports/e/1.ndjson", "operation", None),
        ("POST", "/", "batch", None),
        ("BREW", "/Patient/a b/c", "operation", None),
    ];
    for (method, path, code, what) in table {
        let told = Told::of(method, path).unwrap();
        assert_eq!((told.code, told.what.as_deref()), (code, what), "{method} {path}");
    }
    for path in ["/metadata", "/.well-known/smart-configuration"] {
        assert!(Told::of("GET", path).is_none(), "anybody reads it: {path}");
    }
}

proptest! {
    #[test]
    fn whoever_a_resource_is_about_is_found_in_its_text(
        kind in prop::sample::select(crate::definitions::types().to_vec()),
        member in prop::sample::select(vec!["subject", "patient", "beneficiary", "for", "target", "entity"]),
        id in "[a-z0-9]{1,8}",
        deep in any::<bool>(),
    ) {
        let reference = json!({ "reference": format!("Patient/{id}") });
        let value = if deep { json!([{ "what": reference }]) } else { reference };
        let resource = json!({ "resourceType": kind, "id": "x", member: value, "note": [{ "text": "n" }] });
        prop_assert_eq!(patients_in(resource.to_string().as_bytes()), compartment::patients(&resource));
    }

    #[test]
    fn the_event_of_one_patient_names_nobody_else(
        name in prop::sample::select(vec![
            "patient", "subject", "subject:Patient", "patient._id", "performer:Patient",
            "p%61tient", "encounter.subject", "_has:Condition:encounter:patient",
        ]),
        others in prop::collection::vec("(Patient/|Patient%2[fF]|%50atient/)?other[0-9]{1,3}", 1..6),
        comma in prop::sample::select(vec![",", "%2C", "%2c"]),
        at in 0_usize..6,
    ) {
        let mut all = others.clone();
        all.insert(at.min(others.len()), "own".to_owned());
        for values in [all, others] {
            let query = format!("Observation?code=c&{name}={}", values.join(comma));
            let told = narrowed(&query, "own", BASE);
            prop_assert!(!told.contains("other"), "{}", told);
            prop_assert_eq!(told.contains("own"), query.contains("own"));
            let left = named("Observation", None, told.split_once('?').unwrap().1, BASE);
            prop_assert!(left.iter().all(|id| id == "own"));
        }
    }

    #[test]
    fn nothing_sent_makes_reading_fail(query in "\\PC{0,60}", body in any::<Vec<u8>>()) {
        let _ = named("Observation", None, &query, BASE);
        let _ = narrowed(&query, "a", BASE);
        let _ = patients_in(&body);
    }
}
