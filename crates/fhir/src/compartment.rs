//! Whose record a resource belongs to (FHIR R4 §2.44, narrowed by D-34).
//!
//! The official patient compartment has 67 types, each with the parameters by which a resource
//! belongs. Of these only the patient that a record is *about* counts: `link`, `performer`,
//! `author`, `member`, `actor` and `payor` never open a record.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use serde_json::Value;

use crate::definitions::{self, Param};
use crate::reference::Reference;

/// How the resources of a type belong to patients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belonging {
    /// The type is Patient: each belongs to itself.
    Itself,
    /// A reference of the resource says whose it is.
    Reference,
    /// Shared among patients, and seen by those whose records refer to it (D-35).
    Shared,
    /// No patient's: `patient/` scopes open none of them.
    Nobody,
}

/// How resources of this type belong to patients.
#[must_use]
pub fn belonging(kind: &str) -> Belonging {
    if kind == "Patient" {
        Belonging::Itself
    } else if SHARED.contains(&kind) {
        Belonging::Shared
    } else if MEMBERSHIP.get(kind).is_some_and(|params| !params.is_empty()) {
        Belonging::Reference
    } else {
        Belonging::Nobody
    }
}

/// The ids of the patients whose record this resource is part of.
#[must_use]
pub fn patients(resource: &Value) -> BTreeSet<String> {
    let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
    if kind == "Patient" {
        let id = resource.get("id").and_then(Value::as_str);
        return id.map(str::to_owned).into_iter().collect();
    }
    let params = MEMBERSHIP.get(kind).map_or(&[][..], Vec::as_slice);
    let paths = params.iter().flat_map(|param| &param.paths);
    let references = paths.flat_map(|path| path.select(resource)).filter_map(Reference::of);
    references.filter(|reference| reference.kind == "Patient").map(|found| found.id).collect()
}

/// The names of the members of a resource, at its top, in which a patient whose record it is part of may be named.
pub(crate) fn naming() -> &'static HashSet<&'static str> {
    static NAMING: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
        let paths = MEMBERSHIP.values().flatten().flat_map(|param| &param.paths);
        paths.filter_map(definitions::Path::first).collect()
    });
    &NAMING
}

/// The ids of the patients who are members of a Group of actual people now. A member that is inactive, or whose
/// membership has an end, does not count: what a group opens must be opened for certain.
#[must_use]
pub fn members(group: &Value) -> BTreeSet<String> {
    let is = |name: &str, value: &str| group.get(name).and_then(Value::as_str) == Some(value);
    let flag = |of: &Value, name: &str| of.get(name).and_then(Value::as_bool);
    let counts = is("resourceType", "Group")
        && is("type", "person")
        && flag(group, "actual") == Some(true)
        && flag(group, "active") != Some(false);
    let members = group.get("member").and_then(Value::as_array).filter(|_| counts);
    let members = members.into_iter().flatten().filter(|member| {
        flag(member, "inactive") != Some(true) && member.pointer("/period/end").is_none()
    });
    let patients = members.filter_map(|member| Reference::of(member.get("entity")?));
    patients.filter(|reference| reference.kind == "Patient").map(|found| found.id).collect()
}

/// The parameters of each served type that say whose record it is.
static MEMBERSHIP: LazyLock<HashMap<&'static str, Vec<&'static Param>>> = LazyLock::new(|| {
    let types = definitions::types().iter();
    types.map(|kind| (*kind, official(kind).filter(|param| is_about(param)).collect())).collect()
});

/// The parameters that the official definition lists for a type. It leaves Device out, whose
/// `patient` it overlooks (D-34).
fn official(kind: &'static str) -> impl Iterator<Item = &'static Param> {
    let line = TABLE.lines().find(|line| line.split(' ').next() == Some(kind));
    let names = line.into_iter().flat_map(|line| line.split(' ').skip(1));
    let device = (kind == "Device").then_some("patient");
    names.chain(device).filter_map(move |name| definitions::param(kind, name))
}

/// Whether the parameter names the patient that a record is about, by an element of that meaning.
fn is_about(param: &Param) -> bool {
    let role = |path: &definitions::Path| {
        path.ends_with(&["actor"]) || path.ends_with(&["link", "target"])
    };
    ["patient", "subject", "beneficiary"].contains(&param.name) && !param.paths.iter().any(role)
}

const TABLE: &str = include_str!("../data/patient-compartment.txt");

/// Types without a patient of their own, which patients' records refer to (D-35).
const SHARED: [&str; 5] =
    ["Location", "Medication", "Organization", "Practitioner", "PractitionerRole"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Belonging, MEMBERSHIP, belonging, patients};
    use crate::definitions::types;

    fn owners(resource: &serde_json::Value) -> Vec<String> {
        patients(resource).into_iter().collect()
    }

    #[test]
    fn d_34_only_the_patient_a_record_is_about_counts() {
        let about = |kind| MEMBERSHIP[kind].iter().map(|param| param.name).collect::<Vec<_>>();
        assert_eq!(about("Observation"), ["subject"]);
        assert_eq!(about("AllergyIntolerance"), ["patient"]);
        assert_eq!(about("Coverage"), ["beneficiary"]);
        assert_eq!(about("CarePlan"), ["patient"]);
        assert_eq!(about("Device"), ["patient"]);
        assert_eq!(about("Task"), ["patient"]);
        for kind in ["Appointment", "Group", "Person", "Questionnaire"] {
            assert_eq!(belonging(kind), Belonging::Nobody, "{kind}");
        }
        for kind in ["Organization", "Practitioner", "PractitionerRole", "Location", "Medication"] {
            assert_eq!(belonging(kind), Belonging::Shared, "{kind}");
        }
        let by_reference = types().iter().filter(|kind| belonging(kind) == Belonging::Reference);
        assert_eq!(by_reference.count(), 39 - 1 - 4 - 5);
    }

    #[test]
    fn d_34_links_performers_authors_and_members_open_nothing() {
        let b = json!({"reference": "Patient/b"});
        let strangers = [
            json!({"resourceType": "Patient", "id": "a", "link": [{"other": b}]}),
            json!({"resourceType": "Observation", "subject": {"reference": "Patient/a"}, "performer": [b]}),
            json!({"resourceType": "Coverage", "beneficiary": {"reference": "Patient/a"},
                   "payor": [b], "subscriber": b, "policyHolder": b}),
            json!({"resourceType": "CareTeam", "subject": {"reference": "Patient/a"},
                   "participant": [{"member": b}]}),
            json!({"resourceType": "DocumentReference", "subject": {"reference": "Patient/a"}, "author": [b]}),
        ];
        for resource in strangers {
            assert_eq!(owners(&resource), ["a"], "{resource}");
        }
        let nobodys = [
            json!({"resourceType": "Person", "link": [{"target": b}]}),
            json!({"resourceType": "Group", "member": [{"entity": b}]}),
            json!({"resourceType": "Appointment", "participant": [{"actor": b}]}),
        ];
        for resource in nobodys {
            assert!(owners(&resource).is_empty(), "{resource}");
        }
    }

    #[test]
    fn a_group_has_the_members_who_certainly_are() {
        let group = |changes: serde_json::Value| {
            let mut group = json!({
                "resourceType": "Group", "type": "person", "actual": true,
                "member": [
                    {"entity": {"reference": "Patient/a"}},
                    {"entity": {"reference": "Patient/b"}, "inactive": true},
                    {"entity": {"reference": "Patient/c"}, "period": {"end": "2030"}},
                    {"entity": {"reference": "Patient/d"}, "inactive": false, "period": {"start": "2020"}},
                    {"entity": {"reference": "Group/e"}},
                    {"entity": {"display": "f"}},
                ],
            });
            let (members, more) = (group.as_object_mut().unwrap(), changes.as_object().unwrap());
            members.extend(more.clone());
            super::members(&group).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(group(json!({})), ["a", "d"]);
        assert_eq!(group(json!({"active": true})), ["a", "d"]);
        for nobodys in [
            json!({"active": false}),
            json!({"actual": false}),
            json!({"actual": "true"}),
            json!({"type": "device"}),
            json!({"resourceType": "List"}),
            json!({"member": {"entity": {"reference": "Patient/a"}}}),
        ] {
            assert!(group(nobodys.clone()).is_empty(), "{nobodys}");
        }
    }

    #[test]
    fn a_reference_elsewhere_or_to_another_type_names_no_patient() {
        for reference in
            ["http://other.example/fhir/Patient/a", "Group/a", "#a", "Patient", "patient/a", "a"]
        {
            let resource =
                json!({"resourceType": "Observation", "subject": {"reference": reference}});
            assert!(owners(&resource).is_empty(), "{reference}");
        }
        let versioned =
            json!({"resourceType": "Task", "for": {"reference": "Patient/a/_history/2"}});
        assert_eq!(owners(&versioned), ["a"]);
        let provenance = json!({"resourceType": "Provenance", "target":
            [{"reference": "Patient/b"}, {"reference": "CarePlan/c"}, {"reference": "Patient/a"}]});
        assert_eq!(owners(&provenance), ["a", "b"]);
    }
}
