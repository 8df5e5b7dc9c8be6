//! What each operation does, and what is refused. The `FHIRPath` cases follow the specification's own tests.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::path::Path;
use super::{MOST, Patch};

fn operation(parts: &Value) -> Value {
    let named = |(name, value): (&String, &Value)| {
        if let Some(parts) = value.get("parts") {
            return json!({ "name": name, "part": parts });
        }
        if let Some(members) = value.as_object() {
            let mut part = members.clone();
            part.insert("name".into(), name.clone().into());
            return Value::Object(part);
        }
        let property = if value.is_number() { "valueInteger" } else { "valueString" };
        json!({ "name": name, property: value })
    };
    let parts: Vec<_> = parts.as_object().unwrap().iter().map(named).collect();
    json!({ "name": "operation", "part": parts })
}

fn patched(resource: &Value, parts: &Value) -> Result<Value, String> {
    let body = json!({ "resourceType": "Parameters", "parameter": [operation(parts)] });
    let patch = Patch::parameters(&body).map_err(|fault| fault.to_string())?;
    patch.apply(resource).map_err(|fault| fault.to_string())
}

fn patient() -> Value {
    json!({
        "resourceType": "Patient", "id": "a", "birthDate": "1920-01-01",
        "identifier": [{ "system": "http://example.org", "value": "value 1" }, { "value": "value 2" }, { "value": "value 3" }],
        "contact": [{ "name": { "text": "a name" }, "gender": "male" }],
        "deceasedBoolean": false,
        "name": [{ "given": ["A", "B"], "_given": [null, { "id": "b" }] }],
    })
}

#[test]
fn each_operation_does_what_the_specification_says() {
    let cases: Vec<(Value, String, Value)> = serde_json::from_str(CASES).unwrap();
    for (parts, pointer, wanted) in cases {
        let after = patched(&patient(), &parts).unwrap_or_else(|fault| panic!("{parts}: {fault}"));
        assert_eq!(
            after.pointer(&pointer).cloned().unwrap_or_default(),
            wanted,
            "{parts}: {after}"
        );
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    for parts in [
        json!({ "type": "add", "path": "Patient", "name": "birthDate", "value": { "valueDate": "1930" } }),
        json!({ "type": "add", "path": "Patient", "name": "deceased", "value": { "valueDateTime": "1930" } }),
        json!({ "type": "add", "path": "Patient", "name": "colour", "value": { "valueCode": "x" } }),
        json!({ "type": "add", "path": "Patient", "name": "multipleBirth", "value": { "valueCode": "x" } }),
        json!({ "type": "add", "path": "Patient.birthDate", "name": "x", "value": { "valueCode": "x" } }),
        json!({ "type": "add", "path": "Patient.identifier", "name": "value", "value": { "valueString": "x" } }),
        json!({ "type": "add", "path": "Observation", "name": "active", "value": { "valueBoolean": true } }),
        json!({ "type": "delete", "path": "Patient.identifier" }),
        json!({ "type": "delete", "path": "Patient" }),
        json!({ "type": "replace", "path": "Patient", "value": { "valueCode": "x" } }),
        json!({ "type": "replace", "path": "Patient.gender", "value": { "valueCode": "male" } }),
        json!({ "type": "replace", "path": "Patient.id", "value": { "valueId": "b" } }),
        json!({ "type": "insert", "path": "Patient.identifier", "index": 4, "value": { "valueIdentifier": { "value": "x" } } }),
        json!({ "type": "insert", "path": "Patient.birthDate", "index": 0, "value": { "valueDate": "1930" } }),
        json!({ "type": "move", "path": "Patient.identifier", "source": 3, "destination": 0 }),
        json!({ "type": "delete", "path": "Patient.name.where(given.exists())" }),
        json!({ "type": "delete", "path": "Patient.descendants()" }),
        json!({ "type": "delete" }),
        json!({ "type": "rename", "path": "Patient.birthDate" }),
        json!({ "type": "replace", "path": "Patient.birthDate" }),
    ] {
        assert!(patched(&patient(), &parts).is_err(), "{parts}");
    }
    for body in [
        json!({}),
        json!({ "resourceType": "Parameters" }),
        json!({ "resourceType": "Parameters", "parameter": [{ "name": "x" }] }),
    ] {
        assert!(Patch::parameters(&body).is_err(), "{body}");
    }
}

#[test]
fn a_json_patch_changes_and_tests() {
    let patch = |body: Value| Patch::json(&body).map_err(|fault| fault.to_string());
    let apply = |body: Value| patch(body)?.apply(&patient()).map_err(|fault| fault.to_string());
    let after = apply(json!([
        { "op": "test", "path": "/birthDate", "value": "1920-01-01" },
        { "op": "replace", "path": "/birthDate", "value": "1921-01-01" },
        { "op": "add", "path": "/identifier/-", "value": { "value": "4" } },
        { "op": "remove", "path": "/contact" },
        { "op": "move", "from": "/identifier/0", "path": "/identifier/1" },
        { "op": "copy", "from": "/birthDate", "path": "/x" },
    ]))
    .unwrap();
    assert_eq!(
        (&after["birthDate"], &after["identifier"][3]["value"]),
        (&json!("1921-01-01"), &json!("4"))
    );
    for body in [
        json!([{ "op": "test", "path": "/birthDate", "value": "1921-01-01" }]),
        json!([{ "op": "remove", "path": "/nothing" }]),
        json!([{ "op": "replace", "path": "/id", "value": "b" }]),
        json!([{ "op": "replace", "path": "", "value": 5 }]),
        json!([{ "op": "remove", "path": "/resourceType" }]),
        json!([{ "op": "rename", "path": "/id" }]),
        json!([]),
        json!({ "op": "remove", "path": "/contact" }),
        json!(vec![json!({ "op": "add", "path": "/active", "value": true }); MOST + 1]),
    ] {
        assert!(apply(body.clone()).is_err(), "{body}");
    }
}

#[test]
fn z_2_copying_again_and_again_ends_early() {
    let copies: Vec<_> =
        (0..MOST).map(|n| json!({ "op": "copy", "from": "", "path": format!("/x{n}") })).collect();
    let refused = Patch::json(&json!(copies)).unwrap().apply(&patient()).unwrap_err();
    assert!(refused.at < 30, "{refused}");
}

proptest! {
    #[test]
    fn reading_a_path_never_panics(text in "(Patient)?(\\.[a-zA-Z]{0,8}|\\[[0-9]{0,25}\\]|\\.where\\([a-z]{0,3} ?= ?'?.{0,4}'?\\)|\\PC{0,4}){0,6}") {
        let _ = Path::parse(&text);
    }

    #[test]
    fn patching_never_panics(
        kind in "add|insert|delete|replace|move",
        path in "Patient(\\.(name|identifier|birthDate|deceased|given|contact|id|meta)|\\[[0-3]\\]|\\.last\\(\\)){0,4}",
        name in "active|name|contact|id|resourceType|extension",
        (source, to) in (0_u8..5, 0_u8..5),
        value in prop_oneof![
            Just(json!({ "valueString": "x" })), Just(json!({ "valueHumanName": { "text": "x" } })),
            Just(json!({ "parts": [{ "name": "text", "valueString": "y" }] })), Just(json!({ "valueBoolean": 5 })),
        ],
    ) {
        let parts = json!({ "type": kind, "path": path, "name": name, "index": source, "source": source, "destination": to, "value": value });
        let _ = patched(&patient(), &parts);
    }
}

/// What is done, where one looks afterwards, and what is there.
const CASES: &str = r#"[
  [{"type": "add", "path": "Patient", "name": "active", "value": {"valueBoolean": true}}, "/active", true],
  [{"type": "add", "path": "Patient", "name": "maritalStatus", "value": {"valueCodeableConcept": {"text": "x"}}}, "/maritalStatus/text", "x"],
  [{"type": "add", "path": "Patient", "name": "contact", "value": {"parts": [{"name": "name", "valueHumanName": {"text": "b"}}, {"name": "relationship", "valueCodeableConcept": {"text": "r"}}]}}, "/contact/1", {"name": {"text": "b"}, "relationship": [{"text": "r"}]}],
  [{"type": "add", "path": "Patient.contact[0]", "name": "telecom", "value": {"valueContactPoint": {"value": "1"}}}, "/contact/0/telecom", [{"value": "1"}]],
  [{"type": "add", "path": "Patient.name[0]", "name": "given", "value": {"valueString": "C"}}, "/name/0/_given", [null, {"id": "b"}, null]],
  [{"type": "delete", "path": "Patient.birthDate"}, "/birthDate", null],
  [{"type": "delete", "path": "Patient.maritalStatus"}, "/birthDate", "1920-01-01"],
  [{"type": "delete", "path": "Patient.identifier[0]"}, "/identifier/0/value", "value 2"],
  [{"type": "delete", "path": "Patient.identifier.where(system = 'http://example.org')"}, "/identifier/0/value", "value 2"],
  [{"type": "delete", "path": "Patient.identifier.last()"}, "/identifier/2", null],
  [{"type": "delete", "path": "Patient.contact[0].gender"}, "/contact/0", {"name": {"text": "a name"}}],
  [{"type": "delete", "path": "Patient.contact[0]"}, "/contact", null],
  [{"type": "delete", "path": "Patient.deceased"}, "/deceasedBoolean", null],
  [{"type": "delete", "path": "Patient.name[0].given[0]"}, "/name/0", {"given": ["B"], "_given": [{"id": "b"}]}],
  [{"type": "replace", "path": "Patient.birthDate", "value": {"valueDate": "1930-01-01"}}, "/birthDate", "1930-01-01"],
  [{"type": "replace", "path": "Patient.contact[0].gender", "value": {"valueCode": "female"}}, "/contact/0/gender", "female"],
  [{"type": "replace", "path": "Patient.identifier[1]", "value": {"valueIdentifier": {"value": "x"}}}, "/identifier/1", {"value": "x"}],
  [{"type": "replace", "path": "Patient.deceased", "value": {"valueDateTime": "2020"}}, "/deceasedDateTime", "2020"],
  [{"type": "insert", "path": "Patient.identifier", "index": 1, "value": {"valueIdentifier": {"value": "x"}}}, "/identifier/1/value", "x"],
  [{"type": "insert", "path": "Patient.identifier", "index": 3, "value": {"valueIdentifier": {"value": "x"}}}, "/identifier/3/value", "x"],
  [{"type": "insert", "path": "Patient.name[0].given", "index": 1, "value": {"valueString": "x"}}, "/name/0/_given", [null, null, {"id": "b"}]],
  [{"type": "move", "path": "Patient.identifier", "source": 2, "destination": 0}, "/identifier/0/value", "value 3"],
  [{"type": "move", "path": "Patient.name[0].given", "source": 1, "destination": 0}, "/name/0/_given", [{"id": "b"}, null]]
]"#;
