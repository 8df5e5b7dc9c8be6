//! Choosing what else an app is handed, one `launch/…` scope after another (SC-13, SC-15, SC-17): a visit or scan of the
//! chosen patient, or a form that is nobody's.

mod card;
mod listing;

use actix_web::{HttpResponse, http::StatusCode};
use fireward_oauth::{
    authorize::{Stage, Step},
    launch::{AskedContext, Pick, is_fhir_id},
};
use fireward_pages::{ContextPage, Listing, Trouble};
use fireward_web::{Failure, Fault, Query, html, redirect};

use crate::{
    authorize::{StepForm, StepPage},
    patient::{Directory, Pager, Unanswered, person},
};

/// What must be picked now, and the patient whose it is, if it is one's.
struct Wanted {
    asked: AskedContext,
    patient: Option<String>,
}

/// `GET /context/{id}`.
pub(crate) async fn show(at: StepPage, query: Query) -> Result<HttpResponse, Failure> {
    let StepPage { app, flow, .. } = &at;
    let Some(wanted) = Wanted::of(&at) else {
        return Ok(at.hub());
    };
    let directory = Directory::of(app, flow)?;
    let here = at.path("context");
    let pager = Pager { app, flow, here: &here, of: &wanted.asked.to_string() };
    let (whose, listing) = match listing::listing(&directory, &wanted, &pager, &query).await {
        Ok((whose, listing)) => (whose, listing),
        Err(Unanswered::Down) => (None, Listing::Down { retry_href: here.clone() }),
        // The server has nothing of this type for us: the app does without, and is told so by `scope`.
        Err(Unanswered::Refused(_)) => {
            wanted.keep(&at, Pick::Unavailable).await?;
            return Ok(at.hub());
        }
        Err(Unanswered::Ours(failure)) => return Err(failure),
    };
    let down = matches!(listing, Listing::Down { .. });
    let page = ContextPage {
        chrome: at.chrome(),
        switch_action: at.switch_action(),
        app: flow.client.about.name.clone(),
        resource: wanted.asked.resource_type.clone(),
        role: wanted.asked.role.clone(),
        whose: whose.map(|whose| person(&whose).name),
        context: wanted.asked.to_string(),
        without_action: format!("{here}/without"),
        choose_action: here,
        cancel_action: format!("{}/cancel", at.path("patient")),
        listing,
        nothing_chosen: query.0.one("missing").is_ok_and(|missing| missing.is_some()),
    };
    let mut answer = html(page.render());
    if down {
        *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    Ok(answer)
}

/// `POST /context/{id}`.
pub(crate) async fn choose(sent: StepForm) -> Result<HttpResponse, Failure> {
    let at = &sent.at;
    let Some(wanted) = Wanted::of_form(&sent) else {
        return Ok(at.hub());
    };
    let here = at.path("context");
    let Some(chosen) = sent.field("resource") else {
        return Ok(redirect(format!("{here}?missing=1")));
    };
    if !is_fhir_id(chosen) {
        return Err(Fault::new(Trouble::NotYours).into());
    }
    // M5: what is another patient's is not to be chosen by altering the form.
    let directory = Directory::of(&at.app, &at.flow)?;
    match directory.read(&wanted.asked.resource_type, chosen).await {
        Ok(Some(found)) if wanted.admits(&found, &directory) => {}
        Ok(_) => return Err(Fault::new(Trouble::NotYours).into()),
        Err(Unanswered::Ours(failure)) => return Err(failure),
        // The page says so, and what to do.
        Err(Unanswered::Down | Unanswered::Refused(_)) => return Ok(redirect(here)),
    }
    wanted.keep(at, Pick::Resource(chosen.to_owned())).await?;
    Ok(at.hub())
}

/// `POST /context/{id}/without`: the person goes on, and the app is not handed any.
pub(crate) async fn without(sent: StepForm) -> Result<HttpResponse, Failure> {
    let at = &sent.at;
    if let Some(wanted) = Wanted::of_form(&sent) {
        wanted.keep(at, Pick::Without).await?;
    }
    Ok(at.hub())
}

impl Wanted {
    fn of(at: &StepPage) -> Option<Self> {
        match at.step() {
            Step::PickContext { asked, patient } => Some(Self { asked, patient }),
            Step::LogIn(_)
            | Step::PickPatient
            | Step::AskConsent { .. }
            | Step::Approve(_)
            | Step::Refuse(_) => None,
        }
    }

    /// The same, if it is what a form is about: not one that an older page asked for.
    fn of_form(sent: &StepForm) -> Option<Self> {
        let about = sent.field("context");
        Self::of(&sent.at).filter(|wanted| about == Some(wanted.asked.to_string().as_str()))
    }

    /// Whether a resource is among those to choose from.
    fn admits(&self, resource: &serde_json::Value, directory: &Directory<'_>) -> bool {
        let of = |patient: &String| card::is_of(resource, patient, directory.base());
        self.patient.as_ref().is_none_or(of)
    }

    async fn keep(&self, at: &StepPage, pick: Pick) -> Result<(), Failure> {
        let StepPage { app, flow, .. } = at;
        let kept = app.site.store.transact(async |tx| {
            let id = &flow.authorization.id;
            let Some(mut kept) = tx.authorizations().find(&app.site.id, id).await? else {
                return Ok(());
            };
            let Stage::Open { patient, picks, .. } = &mut kept.stage else { return Ok(()) };
            // Another patient may have been picked meanwhile, in another window.
            if patient.as_deref() != flow.picked() {
                return Ok(());
            }
            picks.set(self.asked.clone(), pick.clone());
            // With whose it is: it is not to be told beside another's record, whoever signs in next.
            if self.patient.is_some() {
                patient.clone_from(&self.patient);
            }
            tx.authorizations().update(&kept).await
        });
        Ok(kept.await?)
    }
}
