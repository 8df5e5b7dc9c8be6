//! A patient's chart: nine searches at once, each part of the page succeeding or failing alone.

mod lists;
mod measures;
pub(crate) mod words;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use fireward_pages::{
    Trouble,
    ehr::{AppTile, ChartPage, LookChoice, PatientBanner, Section},
};
use serde_json::Value;

use crate::{
    Ehr,
    failure::Failure,
    manners::html,
    records::{Found, Records, is_id},
    tasks,
};

/// `GET /ehr/patients/{id}`
pub(crate) async fn page(
    ehr: Data<Ehr>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Failure> {
    let session = ehr.session(&request)?;
    let id = id.into_inner();
    if !is_id(&id) {
        return Err(Failure::not_found());
    }
    let records = Records::of(&ehr, &session).await?;
    let parts = Parts::read(&records, &id).await;
    let patient = parts.patient?;
    let born = words::born(&patient);
    let page = ChartPage {
        chrome: ehr.chrome(&request, Some(&session)),
        patients_href: "/ehr/patients".to_owned(),
        sign_out_action: "/ehr/sign-out".to_owned(),
        patient: banner(&ehr, &patient),
        launch_action: format!("/ehr/patients/{id}/launch"),
        apps: ehr.config().apps.iter().map(tile).collect(),
        looks: ehr.config().looks.iter().map(look).collect(),
        tasks_action: format!("/ehr/patients/{id}/tasks"),
        tasks: section(parts.tasks, |found| {
            let apps = &ehr.config().apps;
            found.iter().filter_map(|task| tasks::row(task, &id, apps)).collect()
        })?,
        problems: section(parts.conditions, lists::problems)?,
        medicines: section(parts.medicines, lists::medicines)?,
        allergies: section(parts.allergies, lists::allergies)?,
        vitals: section(parts.vitals, |found| measures::newest(found, born))?,
        labs: section(parts.labs, |found| measures::newest(found, born))?,
        visits: section(parts.encounters, lists::visits)?,
    };
    Ok(html(StatusCode::OK, page.render()))
}

type Answer = Result<Found, Failure>;

struct Parts {
    patient: Result<Value, Failure>,
    conditions: Answer,
    medicines: Answer,
    allergies: Answer,
    vitals: Answer,
    labs: Answer,
    encounters: Answer,
    tasks: Answer,
}

impl Parts {
    async fn read(records: &Records<'_>, id: &str) -> Self {
        let of = async |kind| records.search(kind, &[("patient", id), ("_count", "200")]).await;
        let latest = async |kind, sort| {
            records.search(kind, &[("patient", id), ("_sort", sort), ("_count", "200")]).await
        };
        let measured = async |category| {
            let query =
                [("patient", id), ("category", category), ("_sort", "-date"), ("_count", "400")];
            records.search("Observation", &query).await
        };
        let (patient, conditions, medicines, allergies, vitals, labs, encounters, tasks) = tokio::join!(
            records.read("Patient", id),
            of("Condition"),
            latest("MedicationRequest", "-authoredon"),
            of("AllergyIntolerance"),
            measured(VITAL_SIGNS),
            measured(LABORATORY),
            latest("Encounter", "-date"),
            latest("Task", "-authored-on"),
        );
        Self { patient, conditions, medicines, allergies, vitals, labs, encounters, tasks }
    }
}

const VITAL_SIGNS: &str = "http://terminology.hl7.org/CodeSystem/observation-category|vital-signs";
const LABORATORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category|laboratory";

/// A part that may not be seen or could not be read is said so in its place; an ended session ends the page.
fn section<T>(answer: Answer, read: impl Fn(&[Value]) -> Vec<T>) -> Result<Section<T>, Failure> {
    match answer {
        Ok(found) => Ok(Section::Ready(read(&found.resources))),
        Err(ended @ (Failure::SignInFirst | Failure::SessionEnded)) => Err(ended),
        Err(Failure::Told(Trouble::NotYours, _)) => Ok(Section::Refused),
        Err(Failure::Told(_, cause)) => {
            tracing::warn!(%cause, "a part of a chart could not be read");
            Ok(Section::Failed)
        }
    }
}

/// Who the chart is about.
pub(crate) fn banner(ehr: &Ehr, patient: &Value) -> PatientBanner {
    PatientBanner {
        name: words::human_name(patient).unwrap_or_else(|| "—".to_owned()),
        born: words::born(patient),
        sex: words::sex(patient),
        number: words::record_number(patient),
        today: (!words::deceased(patient)).then(|| ehr.today()),
    }
}

fn tile(app: &crate::App) -> AppTile {
    AppTile {
        id: app.client_id.clone(),
        name: app.name.clone(),
        description: app.description.clone(),
        intents: app.intents.clone(),
        framed: app.framed,
    }
}

fn look(look: &crate::Look) -> LookChoice {
    LookChoice { id: look.id.clone(), name: look.name.clone() }
}
