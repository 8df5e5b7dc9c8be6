//! From a FHIR `Encounter` to what a page shows of it.

use fireward_pages::{Date, EncounterCard};
use serde_json::Value;

/// The card of a visit; `None` for one without an id.
pub(super) fn card(encounter: &Value) -> Option<EncounterCard> {
    let text =
        |pointer: &str| encounter.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let first = |pointers: &[&str]| pointers.iter().find_map(|pointer| text(pointer));
    let title =
        first(&["/type/0/text", "/type/0/coding/0/display", "/class/display", "/class/code"]);
    Some(EncounterCard {
        id: text("/id")?,
        title: title.unwrap_or_else(|| "—".to_owned()),
        began: text("/period/start").and_then(|start| Date::parse(&start)),
        place: first(&["/location/0/location/display", "/serviceProvider/display"]),
        with: text("/participant/0/individual/display"),
        now: text("/status").as_deref() == Some("in-progress"),
        chosen: false,
    })
}

/// Whether a visit is of this patient.
pub(super) fn is_of(encounter: &Value, patient: &str) -> bool {
    let reference =
        encounter.pointer("/subject/reference").and_then(Value::as_str).unwrap_or_default();
    reference
        .rsplit_once("Patient/")
        .is_some_and(|(before, id)| id == patient && (before.is_empty() || before.ends_with('/')))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn m5_a_visit_is_of_the_patient_it_names_and_of_no_other() {
        let of = |reference: &str| is_of(&json!({"subject": {"reference": reference}}), "p1");
        assert!(of("Patient/p1"));
        assert!(of("https://fhir.example/Patient/p1"));
        for other in ["Patient/p10", "Patient/p", "Group/p1", "NotPatient/p1", "p1", ""] {
            assert!(!of(other), "{other}");
        }
    }
}
