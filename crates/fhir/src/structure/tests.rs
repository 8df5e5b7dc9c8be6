//! What is well-formed passes, and each fault is named where it is.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Issue, issues, issues_of_any, outcome_of};

fn patient(change: impl FnOnce(&mut Value)) -> Value {
    let mut patient = json!({
        "resourceType": "Patient", "id": "a",
        "text": { "status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">A</div>" },
        "contained": [{ "resourceType": "Organization", "id": "o", "name": "O" }],
        "extension": [{ "url": "http://e", "valueString": "x" }],
        "name": [{ "family": "A", "given": ["B", null], "_given": [null, { "extension": [{ "url": "http://e", "valueBoolean": true }] }] }],
        "gender": "female", "birthDate": "1980-02-29", "_birthDate": { "id": "x" },
        "deceasedBoolean": false,
        "contact": [{ "name": { "text": "C" }, "gender": "male" }],
        "managingOrganization": { "reference": "#o" },
    });
    change(&mut patient);
    patient
}

fn found(json: &Value) -> Vec<(&'static str, String)> {
    issues_of_any(json)
        .into_iter()
        .map(|Issue { code, expression, .. }| (code, expression))
        .collect()
}

#[test]
fn a_well_formed_resource_has_no_issues() {
    assert_eq!(issues("Patient", &patient(|_| {})), []);
    assert_eq!(outcome_of(&[])["issue"][0]["severity"], "information");
}

#[test]
fn each_fault_is_named_where_it_is() {
    let cases: Vec<(String, Value, String, String)> = serde_json::from_str(FAULTS).unwrap();
    for (pointer, value, code, expression) in cases {
        let changed = patient(|patient| {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            patient
                .pointer_mut(parent)
                .unwrap()
                .as_object_mut()
                .unwrap()
                .insert(name.into(), value.clone());
        });
        let issues = found(&changed);
        assert!(
            issues
                .iter()
                .any(|one| (one.0, one.1.as_str()) == (code.as_str(), expression.as_str())),
            "{pointer} {value}: {issues:?}"
        );
    }
}

#[test]
fn what_must_be_there_is_missed() {
    let observation =
        json!({ "resourceType": "Observation", "component": [{ "valueString": "x" }] });
    assert_eq!(
        found(&observation),
        [
            ("required", "Observation.component[0].code".to_owned()),
            ("required", "Observation.status".to_owned()),
            ("required", "Observation.code".to_owned()),
        ]
    );
    // A value may be left out where an extension says why.
    let absent = json!({ "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown" }] });
    let observation =
        json!({ "resourceType": "Observation", "_status": absent, "code": { "text": "x" } });
    assert_eq!(found(&observation), []);
}

#[test]
fn the_type_is_the_one_that_is_expected() {
    for json in [json!({ "resourceType": "Patient" }), json!([]), json!(null), json!({})] {
        assert_eq!(issues("Observation", &json).len(), 1);
    }
    assert_eq!(found(&json!({ "resourceType": "Resource" })).len(), 1);
}

#[test]
fn choices_references_and_parts_that_refer_to_others_are_known() {
    let observation = json!({
        "resourceType": "Observation", "status": "final", "code": { "coding": [{ "system": "http://loinc.org", "code": "1" }] },
        "subject": { "reference": "Patient/a" }, "encounter": { "reference": "https://elsewhere/Encounter/1" },
        "performer": [{ "reference": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520" }],
        "valueQuantity": { "value": 1.5, "unit": "kg" },
        "component": [{ "code": { "text": "x" }, "valueInteger": 1, "referenceRange": [{ "text": "low" }] }],
    });
    assert_eq!(found(&observation), []);
    let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": [{ "resource": observation }] });
    assert_eq!(found(&bundle), []);
    let parameters = json!({ "resourceType": "Parameters", "parameter": [{ "name": "x", "part": [{ "name": "y", "valueCode": "z" }] }] });
    assert_eq!(found(&parameters), []);
}

#[test]
fn no_more_issues_are_told_than_anyone_reads() {
    let names: Vec<_> = (0..100).map(|_| json!({ "x": 1 })).collect();
    assert_eq!(found(&json!({ "resourceType": "Patient", "name": names })).len(), 20);
}

fn json_of_any_kind() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("resourceType".to_owned()),
        Just("contained".to_owned()),
        Just("name".to_owned()),
        Just("_birthDate".to_owned()),
        Just("extension".to_owned()),
        Just("valueString".to_owned()),
        "[a-z_]{0,6}"
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(Value::from("Patient")),
        ".{0,9}".prop_map(Value::from)
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn judging_never_panics(json in json_of_any_kind()) {
        let _ = issues_of_any(&json);
        let mut patient = json;
        if let Value::Object(members) = &mut patient {
            members.insert("resourceType".into(), "Patient".into());
        }
        let _ = issues("Patient", &patient);
    }

    #[test]
    fn no_text_makes_a_format_panic(text in "\\PC{0,20}", kind in "date|dateTime|instant|time|id|code|oid|uuid|uri|base64Binary|xhtml|string") {
        let _ = super::primitive::fault(&kind, &Value::from(text));
    }
}

/// The demo's records were written by others than this table: what it says of them is a judgement of both.
#[test]
fn the_demos_records_are_well_formed() {
    use std::io::BufRead;
    let gz: &[u8] = include_bytes!("../../../fhir-server/data/records.ndjson.gz");
    let lines = std::io::BufReader::new(flate2::bufread::GzDecoder::new(gz)).lines();
    let mut count = 0;
    for line in lines {
        let json = serde_json::from_str(&line.unwrap()).unwrap();
        assert_eq!(issues_of_any(&json), [], "{json}");
        count += 1;
    }
    assert!(count > 10_000);
}

/// Where the well-formed patient is changed, to what, and which issue is found where.
const FAULTS: &str = r##"[
  ["/colour", "blue", "structure", "Patient.colour"],
  ["/contact/0/colour", "blue", "structure", "Patient.contact[0].colour"],
  ["/gender", "femail", "code-invalid", "Patient.gender"],
  ["/gender", ["female"], "value", "Patient.gender"],
  ["/gender", null, "structure", "Patient.gender"],
  ["/birthDate", "29.2.1980", "value", "Patient.birthDate"],
  ["/name", {"family": "A"}, "structure", "Patient.name"],
  ["/name", [], "structure", "Patient.name"],
  ["/name", [{}], "structure", "Patient.name[0]"],
  ["/name", null, "structure", "Patient.name"],
  ["/name/0/family", "", "value", "Patient.name[0].family"],
  ["/name/0/given", ["B", null, null], "structure", "Patient.name[0].given[2]"],
  ["/name/0/_use", "x", "structure", "Patient.name[0].use"],
  ["/_name", [{"id": "x"}], "structure", "Patient.name"],
  ["/deceasedDateTime", "2024", "structure", "Patient.deceased"],
  ["/valueString", "x", "structure", "Patient.valueString"],
  ["/active", "true", "value", "Patient.active"],
  ["/multipleBirthInteger", 1.5, "value", "Patient.multipleBirth"],
  ["/extension/0/url", "a b", "value", "Patient.extension[0].url"],
  ["/extension/0/valueCode", "x", "structure", "Patient.extension[0].value"],
  ["/extension/0/extension", [{"url": "x", "valueCode": "y"}], "invariant", "Patient.extension[0]"],
  ["/managingOrganization/reference", "#p", "not-found", "Patient.managingOrganization"],
  ["/managingOrganization/reference", "Patient/b", "value", "Patient.managingOrganization"],
  ["/contained/0/contained", [{"resourceType": "Basic"}], "structure", "Patient.contained[0]"],
  ["/contained/0/resourceType", "Organisation", "structure", "Patient.contained[0]"],
  ["/contained/0/resourceType", "DomainResource", "structure", "Patient.contained[0]"],
  ["/contact/0/resourceType", "Patient", "structure", "Patient.contact[0].resourceType"],
  ["/communication", [{"preferred": true}], "required", "Patient.communication[0].language"],
  ["/text/div", "<div>x<script>y</script></div>", "value", "Patient.text.div"],
  ["/id", "a_b", "value", "Patient.id"],
  ["/meta", "x", "structure", "Patient.meta"]
]"##;
