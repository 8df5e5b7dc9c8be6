//! Problems, medicines, allergies and visits, out of their resources.

use std::collections::HashSet;

use fireward_pages::ehr::{Allergy, Medicine, Problem, Visit};
use serde_json::Value;

use super::words::{code_at, concept, concept_at, date_at, display_at, items, str_at};

/// Current ones first; one row a problem.
pub(super) fn problems(conditions: &[Value]) -> Vec<Problem> {
    let rows = conditions.iter().filter(|condition| !in_error(condition)).filter_map(|condition| {
        let since =
            date_at(condition, "onsetDateTime").or_else(|| date_at(condition, "recordedDate"));
        let over = is_over(condition, &["inactive", "remission", "resolved"]);
        Some(Problem { name: concept_at(condition, "code")?, since, over })
    });
    current_first(rows, |row| (row.over, row.name.clone()))
}

/// Current ones first; what was ordered again and again is one row, in its newest words.
pub(super) fn medicines(requests: &[Value]) -> Vec<Medicine> {
    let sound = |request: &&Value| str_at(request, "status") != Some("entered-in-error");
    let rows = requests.iter().filter(sound).filter_map(|request| {
        let name = concept_at(request, "medicationCodeableConcept");
        let name = name.or_else(|| display_at(request, "medicationReference"))?;
        let dosage =
            items(request, "dosageInstruction").first().and_then(|dosage| str_at(dosage, "text"));
        let ended = ["completed", "stopped", "cancelled", "ended"];
        let over = str_at(request, "status").is_some_and(|status| ended.contains(&status));
        Some(Medicine {
            name,
            dosage: dosage.map(str::to_owned),
            since: date_at(request, "authoredOn"),
            over,
        })
    });
    current_first(rows, |row| (row.over, row.name.clone()))
}

/// Current ones first.
pub(super) fn allergies(intolerances: &[Value]) -> Vec<Allergy> {
    let rows = intolerances.iter().filter(|intolerance| !in_error(intolerance)).filter_map(
        |intolerance| {
            let manifestations =
                items(intolerance, "reaction").iter().flat_map(|r| items(r, "manifestation"));
            let reactions: Vec<String> = manifestations.filter_map(concept).collect();
            let grave = str_at(intolerance, "criticality") == Some("high");
            let over = is_over(intolerance, &["inactive", "resolved"])
                && !says_there_are_none(intolerance);
            Some(Allergy {
                name: concept_at(intolerance, "code")?,
                reactions: reactions.join(", "),
                grave,
                over,
            })
        },
    );
    current_first(rows, |row| (row.over, row.name.clone()))
}

/// In the order in which they come, which is latest first.
pub(super) fn visits(encounters: &[Value]) -> Vec<Visit> {
    let sound = |encounter: &&Value| {
        !matches!(str_at(encounter, "status"), Some("entered-in-error" | "cancelled"))
    };
    encounters.iter().filter(sound).filter_map(visit).collect()
}

fn visit(encounter: &Value) -> Option<Visit> {
    let kind = items(encounter, "type").first().and_then(concept);
    let class =
        || encounter.get("class").and_then(|class| str_at(class, "display")).map(str::to_owned);
    let service = || concept_at(encounter, "serviceType");
    let mut people = items(encounter, "participant").iter();
    Some(Visit {
        id: str_at(encounter, "id")?.to_owned(),
        title: kind.or_else(service).or_else(class)?,
        reason: items(encounter, "reasonCode").first().and_then(concept),
        began: encounter.get("period").and_then(|period| date_at(period, "start")),
        with: people.find_map(|person| display_at(person, "individual")),
        now: str_at(encounter, "status") == Some("in-progress"),
    })
}

/// 'No known allergy' is a statement and is never past, whatever status its writer gave it.
fn says_there_are_none(intolerance: &Value) -> bool {
    code_at(intolerance, "code") == Some(NO_KNOWN_ALLERGY)
}

/// SNOMED CT.
const NO_KNOWN_ALLERGY: &str = "716186003";

fn in_error(resource: &Value) -> bool {
    code_at(resource, "verificationStatus") == Some("entered-in-error")
}

fn is_over(resource: &Value, ended: &[&str]) -> bool {
    code_at(resource, "clinicalStatus").is_some_and(|status| ended.contains(&status))
}

/// Drops repetitions by name, and puts what is over behind what is not.
fn current_first<T>(rows: impl Iterator<Item = T>, of: impl Fn(&T) -> (bool, String)) -> Vec<T> {
    let (current, past): (Vec<T>, Vec<T>) = rows.partition(|row| !of(row).0);
    let mut seen = HashSet::new();
    current.into_iter().chain(past).filter(|row| seen.insert(of(row).1)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn condition(name: &str, status: &str) -> Value {
        json!({ "code": { "text": name }, "clinicalStatus": { "coding": [{ "code": status }] } })
    }

    #[test]
    fn current_problems_come_first_and_once() {
        let rows = problems(&[
            condition("Flu", "resolved"),
            condition("Asthma", "active"),
            condition("Asthma", "active"),
        ]);
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["Asthma", "Flu"]);
        assert!(rows[1].over);
    }

    #[test]
    fn what_was_entered_in_error_is_not_shown() {
        let mut wrong = condition("Plague", "active");
        wrong["verificationStatus"] = json!({ "coding": [{ "code": "entered-in-error" }] });
        assert_eq!(problems(&[wrong]), []);
        assert_eq!(medicines(&[json!({ "status": "entered-in-error" })]), []);
        assert_eq!(
            visits(&[json!({ "id": "1", "status": "cancelled", "class": { "display": "x" } })]),
            []
        );
    }

    #[test]
    fn resources_of_any_shape_are_survived() {
        for odd in
            [json!(null), json!([1]), json!({ "code": 1, "reaction": "x", "participant": [null] })]
        {
            let odd = [odd];
            assert!(problems(&odd).is_empty() && medicines(&odd).is_empty());
            assert!(allergies(&odd).is_empty() && visits(&odd).is_empty());
        }
    }
}
