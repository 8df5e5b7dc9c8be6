//! What there is to choose from, as the FHIR server finds it: latest first, a page at a time.

use fireward_pages::Listing;
use fireward_web::Query;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::{Wanted, card};
use crate::patient::{Directory, Found, Pager, Unanswered};

/// The patient whose these are, and a page of them.
pub(super) async fn listing(
    directory: &Directory<'_>,
    wanted: &Wanted,
    pager: &Pager<'_>,
    query: &Query,
) -> Result<(Option<Value>, Listing), Unanswered> {
    let whose = match &wanted.patient {
        Some(patient) => directory.read("Patient", patient).await?,
        None => None,
    };
    let found = match pager.further(query) {
        Some(further) => directory.search(&wanted.asked.resource_type, &further).await?,
        None => first(directory, wanted).await?,
    };
    // A server that overlooks a parameter must not show one patient's records to another.
    let theirs = found.resources.iter().filter(|one| wanted.admits(one, directory));
    let link = |query: Option<String>| query.map(|query| pager.link(&[], &query)).transpose();
    let listing = Listing::Found {
        cards: theirs.filter_map(card::card).collect(),
        previous_href: link(found.previous).map_err(Unanswered::Ours)?,
        next_href: link(found.next).map_err(Unanswered::Ours)?,
    };
    Ok((whose, listing))
}

/// The first page; of a server that cannot sort so, in whatever order it has.
async fn first(directory: &Directory<'_>, wanted: &Wanted) -> Result<Found, Unanswered> {
    let kind = &wanted.asked.resource_type;
    match directory.search(kind, &search(wanted, true)).await {
        Err(Unanswered::Refused(400)) => directory.search(kind, &search(wanted, false)).await,
        answered => answered,
    }
}

fn search(wanted: &Wanted, sorted: bool) -> String {
    let kind = wanted.asked.resource_type.as_str();
    let mut query = Serializer::new(String::new());
    if let Some(patient) = &wanted.patient {
        match kind {
            // The two types of the patient compartment without the parameter `patient`.
            "AdverseEvent" | "SupplyRequest" => {
                query.append_pair("subject", &format!("Patient/{patient}"))
            }
            _ => query.append_pair("patient", patient),
        };
    }
    if sorted {
        query.append_pair("_sort", latest(kind));
    }
    query.append_pair("_count", "20").finish()
}

/// What sorts a type by when things happened, latest first (FHIR R4, search parameters).
fn latest(kind: &str) -> &'static str {
    match kind {
        "Appointment" | "CarePlan" | "Composition" | "DiagnosticReport" | "DocumentReference"
        | "Encounter" | "EpisodeOfCare" | "Immunization" | "Observation" | "Procedure" => "-date",
        "ImagingStudy" => "-started",
        "MedicationRequest" => "-authoredon",
        "QuestionnaireResponse" | "ServiceRequest" => "-authored",
        "Condition" => "-recorded-date",
        _ => "-_lastUpdated",
    }
}

#[cfg(test)]
mod tests {
    use fireward_oauth::launch::AskedContext;

    use super::*;

    fn query(kind: &str, patient: Option<&str>, sorted: bool) -> String {
        let asked = AskedContext { resource_type: kind.to_owned(), role: None };
        search(&Wanted { asked, patient: patient.map(str::to_owned) }, sorted)
    }

    #[test]
    fn sc_15_what_is_a_patients_is_asked_of_that_patient_latest_first() {
        assert_eq!(query("Encounter", Some("p1"), true), "patient=p1&_sort=-date&_count=20");
        assert_eq!(query("SupplyRequest", Some("p1"), false), "subject=Patient%2Fp1&_count=20");
        assert_eq!(query("Questionnaire", None, true), "_sort=-_lastUpdated&_count=20");
    }
}
