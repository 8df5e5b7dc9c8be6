//! From any FHIR resource to what a page shows of it.

use fireward_pages::{ContextCard, Date};
use serde_json::Value;

/// The card of a resource; `None` for one without an id.
pub(super) fn card(resource: &Value) -> Option<ContextCard> {
    let text = |pointer: &&str| resource.pointer(pointer).and_then(Value::as_str);
    let status = text(&"/status").unwrap_or_default();
    Some(ContextCard {
        id: text(&"/id")?.to_owned(),
        title: TITLES.iter().find_map(text).map(str::to_owned),
        began: DATES.iter().find_map(text).and_then(Date::parse),
        now: matches!(status, "in-progress" | "active"),
        facts: FACTS.iter().filter_map(text).map(str::to_owned).take(MOST_FACTS).collect(),
        chosen: false,
    })
}

/// Whether a resource is about this patient, by an element that says whom it is about; and where there is none, as in
/// an appointment, by any reference to them.
pub(super) fn is_of(resource: &Value, patient: &str, base: &str) -> bool {
    let about = ABOUT.iter().filter_map(|pointer| resource.pointer(pointer));
    let mut about =
        about.filter_map(Value::as_str).filter_map(|one| patient_of(one, base)).peekable();
    if about.peek().is_some() {
        return about.all(|id| id == patient);
    }
    refers(resource, &|one| patient_of(one, base) == Some(patient), DEEPEST)
}

fn refers(value: &Value, names: &dyn Fn(&str) -> bool, deeper: u8) -> bool {
    if deeper == 0 {
        return false;
    }
    match value {
        Value::Object(members) => members.iter().any(|(name, member)| {
            let here = name == "reference" && member.as_str().is_some_and(names);
            here || refers(member, names, deeper - 1)
        }),
        Value::Array(all) => all.iter().any(|one| refers(one, names, deeper - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// The id of the patient that a reference names, at the server with this base: ids of others mean others.
fn patient_of<'a>(reference: &'a str, base: &str) -> Option<&'a str> {
    let below = reference.strip_prefix(base).and_then(|rest| rest.strip_prefix('/'));
    below.unwrap_or(reference).strip_prefix("Patient/")?.split('/').next()
}

/// Where the types of FHIR R4 say what a resource is, the most telling first.
const TITLES: [&str; 19] = [
    "/title",
    "/type/0/text",
    "/type/0/coding/0/display",
    "/code/text",
    "/code/coding/0/display",
    "/medicationCodeableConcept/text",
    "/medicationCodeableConcept/coding/0/display",
    "/vaccineCode/text",
    "/vaccineCode/coding/0/display",
    "/type/text",
    "/type/coding/0/display",
    "/name/0/text",
    "/name",
    "/description",
    "/category/0/text",
    "/category/0/coding/0/display",
    "/class/display",
    "/class/code",
    "/modality/0/display",
];

/// Where they say when it was.
const DATES: [&str; 15] = [
    "/period/start",
    "/started",
    "/start",
    "/effectiveDateTime",
    "/effectivePeriod/start",
    "/performedDateTime",
    "/performedPeriod/start",
    "/occurrenceDateTime",
    "/onsetDateTime",
    "/authoredOn",
    "/authored",
    "/recordedDate",
    "/date",
    "/created",
    "/issued",
];

/// Where they say who and where.
const FACTS: [&str; 9] = [
    "/participant/0/individual/display",
    "/participant/0/actor/display",
    "/performer/0/display",
    "/requester/display",
    "/author/0/display",
    "/location/0/location/display",
    "/serviceProvider/display",
    "/publisher",
    "/specialty/0/text",
];

/// Where they say whom it is about.
const ABOUT: [&str; 6] = [
    "/subject/reference",
    "/patient/reference",
    "/beneficiary/reference",
    "/for/reference",
    "/individual/reference",
    "/candidate/reference",
];

const MOST_FACTS: usize = 2;
const DEEPEST: u8 = 8;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BASE: &str = "https://fhir.example";

    #[test]
    fn m5_a_visit_is_of_the_patient_it_names_and_of_no_other() {
        let of = |reference: &str| is_of(&json!({"subject": {"reference": reference}}), "p1", BASE);
        assert!(of("Patient/p1"));
        assert!(of("https://fhir.example/Patient/p1"));
        assert!(of("Patient/p1/_history/2"));
        assert!(!of("https://other.example/fhir/Patient/p1"), "who has that id elsewhere");
        for other in ["Patient/p10", "Patient/p", "Group/p1", "NotPatient/p1", "p1", ""] {
            assert!(!of(other), "{other}");
        }
    }

    #[test]
    fn m5_who_is_only_mentioned_is_not_who_it_is_about() {
        let p1 = json!({"reference": "Patient/p1"});
        let appointment = json!({"participant": [{"actor": {"display": "Dr"}}, {"actor": p1}]});
        assert!(is_of(&appointment, "p1", BASE) && !is_of(&appointment, "p2", BASE));
        let anothers = json!({"subject": {"reference": "Patient/p2"}, "performer": [p1]});
        assert!(!is_of(&anothers, "p1", BASE));
        assert!(!is_of(&json!({"id": "x"}), "p1", BASE), "nobody's");
        let mut deep = p1;
        for _ in 0..50 {
            deep = json!({"extension": [deep]});
        }
        assert!(!is_of(&deep, "p1", BASE));
    }

    #[test]
    fn sc_13_a_card_of_any_type_says_what_when_and_where_if_the_record_does() {
        let study = card(&json!({
            "resourceType": "ImagingStudy", "id": "i1", "started": "2024-05-06T10:00:00Z",
            "description": "CT of the chest", "status": "available",
        }));
        let study = study.unwrap();
        assert_eq!(study.title.as_deref(), Some("CT of the chest"));
        assert_eq!(study.began, Some(Date::new(2024, 5, 6)));
        let bare = card(&json!({"resourceType": "Basic", "id": "b1", "name": [1, 2]})).unwrap();
        assert_eq!((bare.title, bare.began, bare.facts.len()), (None, None, 0));
        assert!(card(&json!({"resourceType": "Basic"})).is_none());
    }
}
