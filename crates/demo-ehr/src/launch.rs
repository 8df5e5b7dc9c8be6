//! Launching an app from a chart (SMART App Launch 2.2, EHR launch): the context is registered at the issuer, which
//! gives the address to open.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, Form, Path},
};
use fireward_pages::{Trouble, ehr::FramePage};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{
    App, Ehr, chart,
    chart::words,
    failure::Failure,
    issuer::LaunchContext,
    manners::html,
    records::{Records, is_id},
    sign_in::own_form,
};

/// The app shelf's form.
#[derive(Deserialize)]
pub(crate) struct Shelf {
    csrf: String,
    tab: Option<String>,
    frame: Option<String>,
    encounter: Option<String>,
    intent: Option<String>,
}

/// `POST /ehr/patients/{id}/launch`
pub(crate) async fn post(
    ehr: Data<Ehr>,
    request: HttpRequest,
    id: Path<String>,
    shelf: Form<Shelf>,
) -> Result<HttpResponse, Failure> {
    let session = ehr.session(&request)?;
    own_form(&session, &shelf.csrf)?;
    let id = id.into_inner();
    let app = shelf.app(&ehr)?;
    let records = Records::of(&ehr, &session).await?;
    let patient = may_see(&records, &id, shelf.encounter()).await?;
    let context = LaunchContext {
        client_id: &app.client_id,
        aud: &ehr.config().fhir_base,
        user: &session.fhir_user,
        patient: &id,
        encounter: shelf.encounter(),
        intent: shelf.intent(app),
        // Above the frame there is a banner already.
        need_patient_banner: shelf.frame.is_none(),
    };
    let address = ehr.issuer().register_launch(ehr.caller(), &context).await?;
    let address = expected(app, address)?;
    if shelf.frame.is_none() {
        return Ok(HttpResponse::SeeOther()
            .insert_header((header::LOCATION, address.as_str()))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish());
    }
    let page = FramePage {
        chrome: ehr.chrome(&request, Some(&session)),
        patient: chart::banner(&ehr, &patient),
        chart_href: format!("/ehr/patients/{id}"),
        app: app.name.clone(),
        src: address.into(),
    };
    Ok(html(StatusCode::OK, page.render()))
}

impl Shelf {
    fn app<'a>(&self, ehr: &'a Ehr) -> Result<&'a App, Failure> {
        let id = self.frame.as_deref().or(self.tab.as_deref()).unwrap_or_default();
        let app = ehr.config().app(id).filter(|app| app.framed || self.frame.is_none());
        app.ok_or_else(|| Failure::told(Trouble::FaultyRequest, "no such app on the shelf"))
    }

    fn encounter(&self) -> Option<&str> {
        self.encounter.as_deref().filter(|id| !id.is_empty())
    }

    /// Only what the app knows: the form offers the intents of all apps at once.
    fn intent<'a>(&self, app: &'a App) -> Option<&'a str> {
        app.intents.iter().map(String::as_str).find(|known| Some(*known) == self.intent.as_deref())
    }
}

/// The issuer trusts the EHR with any patient, so here it is asked whether this clinician may see this one, with the
/// clinician's own token; and a visit must be of that patient.
async fn may_see(
    records: &Records<'_>,
    patient: &str,
    encounter: Option<&str>,
) -> Result<Value, Failure> {
    if !is_id(patient) || !encounter.is_none_or(is_id) {
        return Err(Failure::not_found());
    }
    let resource = records.read("Patient", patient).await?;
    if let Some(encounter) = encounter {
        let encounter = records.read("Encounter", encounter).await?;
        let subject =
            encounter.get("subject").and_then(|subject| words::str_at(subject, "reference"));
        let whole = format!("Patient/{patient}");
        if !subject
            .is_some_and(|subject| subject == whole || subject.ends_with(&format!("/{whole}")))
        {
            return Err(Failure::told(Trouble::FaultyRequest, "the visit is of another patient"));
        }
    }
    Ok(resource)
}

/// A launch URL elsewhere than where the app is known to live is not followed.
fn expected(app: &App, address: Url) -> Result<Url, Failure> {
    let known = matches!(address.scheme(), "http" | "https") && address.origin() == app.origin();
    if known { Ok(address) } else { Err(Failure::elsewhere(&"the launch URL is of another place")) }
}
