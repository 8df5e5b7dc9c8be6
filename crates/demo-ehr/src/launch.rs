//! Launching an app from a chart (SMART App Launch 2.2, EHR launch and task-launch): the context is registered at the
//! issuer, which gives the address to open.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Data, Form, Path},
};
use fireward_pages::{Trouble, ehr::FramePage};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::{
    App, Ehr, chart,
    chart::words,
    failure::Failure,
    issuer::LaunchContext,
    manners::html,
    records::{Records, is_id},
    sign_in::own_form,
    tasks::{self, Kind},
};

/// The app shelf's form.
#[derive(Deserialize)]
pub(crate) struct Shelf {
    csrf: String,
    tab: Option<String>,
    frame: Option<String>,
    encounter: Option<String>,
    intent: Option<String>,
    look: Option<String>,
    banner: Option<String>,
    /// It was launched into this frame before.
    again: Option<String>,
}

/// `POST /ehr/patients/{id}/launch`
pub(crate) async fn from_shelf(
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
        launch_url: None,
        encounter: shelf.encounter(),
        fhir_context: Vec::new(),
        intent: shelf.intent(app),
        app_context: None,
        smart_style_url: shelf.style_url(&ehr).await?,
        need_patient_banner: shelf.needs_banner(),
    };
    let address = ehr.issuer().register_launch(ehr.caller(), &context).await?;
    let address = expected(app, address)?;
    if shelf.frame.is_none() {
        return Ok(onward(&address));
    }
    let page = FramePage {
        chrome: ehr.chrome(&request, Some(&session)),
        patient: chart::banner(&ehr, &patient),
        chart_href: format!("/ehr/patients/{id}"),
        app: app.name.clone(),
        src: address.into(),
        launch_action: format!("/ehr/patients/{id}/launch"),
        repeated: shelf.repeated(),
        again: shelf.again.is_some(),
    };
    Ok(html(StatusCode::OK, page.render()))
}

/// The form of a Task.
#[derive(Deserialize)]
pub(crate) struct Asked {
    csrf: String,
}

/// `POST /ehr/patients/{id}/tasks/{task}/launch`: what is opened is read from the Task anew, and never from the form.
pub(crate) async fn from_task(
    ehr: Data<Ehr>,
    request: HttpRequest,
    path: Path<(String, String)>,
    asked: Form<Asked>,
) -> Result<HttpResponse, Failure> {
    let session = ehr.session(&request)?;
    own_form(&session, &asked.csrf)?;
    let (id, task_id) = path.into_inner();
    if !is_id(&task_id) {
        return Err(Failure::not_found());
    }
    let records = Records::of(&ehr, &session).await?;
    let task = records.read("Task", &task_id).await?;
    let unfit = |why| Failure::told(Trouble::FaultyRequest, format!("the Task: {why:?}"));
    let wanted = tasks::request(&task, &id, &ehr.config().apps).map_err(unfit)?;
    let wanted =
        wanted.ok_or_else(|| Failure::told(Trouble::FaultyRequest, "no app in the Task"))?;
    let address = match wanted.kind {
        Kind::Standalone => {
            may_see(&records, &id, None).await?;
            standalone(wanted.launch_url, &ehr.config().fhir_base)?
        }
        Kind::Ehr { encounter, app_context } => {
            may_see(&records, &id, encounter).await?;
            let context = LaunchContext {
                client_id: &wanted.app.client_id,
                aud: &ehr.config().fhir_base,
                user: &session.fhir_user,
                patient: &id,
                launch_url: Some(wanted.launch_url),
                encounter,
                // The Task that led here, in the role of any resource that a launch is about.
                fhir_context: vec![json!({ "reference": format!("Task/{task_id}") })],
                intent: None,
                app_context,
                smart_style_url: None,
                need_patient_banner: true,
            };
            ehr.issuer().register_launch(ehr.caller(), &context).await?
        }
    };
    Ok(onward(&expected(wanted.app, address)?))
}

/// The app begins by itself, at the server that the Task is on.
fn standalone(launch_url: &str, fhir_base: &str) -> Result<Url, Failure> {
    let mut address = Url::parse(launch_url).map_err(|fault| Failure::ours(&fault))?;
    address.query_pairs_mut().append_pair("iss", fhir_base);
    Ok(address)
}

fn onward(address: &Url) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, address.as_str()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

impl Shelf {
    fn app<'a>(&self, ehr: &'a Ehr) -> Result<&'a App, Failure> {
        let id = self.frame.as_deref().or(self.tab.as_deref()).unwrap_or_default();
        let app = ehr.config().app(id).filter(|app| app.framed || self.frame.is_none());
        app.ok_or_else(|| Failure::told(Trouble::FaultyRequest, "no such app on the shelf"))
    }

    /// What to post for the same launch once more.
    fn repeated(&self) -> Vec<(&'static str, String)> {
        let fields = [
            ("frame", &self.frame),
            ("encounter", &self.encounter),
            ("intent", &self.intent),
            ("look", &self.look),
            ("banner", &self.banner),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }

    fn encounter(&self) -> Option<&str> {
        self.encounter.as_deref().filter(|id| !id.is_empty())
    }

    /// Only what the app knows: the form offers the intents of all apps at once.
    fn intent<'a>(&self, app: &'a App) -> Option<&'a str> {
        app.intents.iter().map(String::as_str).find(|known| Some(*known) == self.intent.as_deref())
    }

    /// The look that was chosen, if it was: at the issuer, where any app may fetch it.
    async fn style_url(&self, ehr: &Ehr) -> Result<Option<String>, Failure> {
        let look = self.look.as_deref().and_then(|id| ehr.config().look(id));
        let Some(look) = look else { return Ok(None) };
        ehr.issuer().register_style(ehr.caller(), &look.style).await.map(Some)
    }

    /// As chosen; else only where the app is alone in its window, since above a frame there is a banner already.
    fn needs_banner(&self) -> bool {
        match self.banner.as_deref() {
            Some("app") => true,
            Some("ehr") => false,
            Some(_) | None => self.frame.is_none(),
        }
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
