//! Choosing a visit of the chosen patient (SC-13, SC-15).

mod card;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use fireward_oauth::{
    authorize::{Stage, Step},
    launch::is_fhir_id,
};
use fireward_pages::{EncounterPage, Trouble};
use fireward_web::{Failure, Fault, Form, Query, Visit, html, redirect};

use crate::{
    App,
    authorize::Flow,
    patient::{Directory, person},
};

/// `GET /encounter/{id}`.
pub(crate) async fn show(
    app: Data<App>,
    visit: Visit,
    id: Path<String>,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let flow = Flow::load(&app, &visit, &id).await?;
    let Step::PickEncounter { patient } = flow.step(&app, app.now()) else {
        return Ok(redirect(flow.path(&app, "authorize")));
    };
    let directory = Directory::of(&app, &flow)?;
    let whose = directory.read("Patient", &patient).await?;
    let whose = whose.ok_or_else(|| Fault::new(Trouble::NoRecord))?;
    let found =
        directory.search("Encounter", &format!("patient={patient}&_sort=-date&_count=50")).await?;
    if found.resources.is_empty() {
        return Err(Fault::new(Trouble::NoRecord).into());
    }
    let page = EncounterPage {
        chrome: flow.chrome(&app, &visit),
        app: flow.client.about.name.clone(),
        patient_name: person(&whose).name,
        choose_action: flow.path(&app, "encounter"),
        encounters: found.resources.iter().filter_map(card::card).collect(),
        nothing_chosen: query.0.one("missing").is_ok_and(|missing| missing.is_some()),
    };
    Ok(html(page.render()))
}

/// `POST /encounter/{id}`.
pub(crate) async fn choose(
    app: Data<App>,
    visit: Visit,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let flow = Flow::load(&app, &visit, &id).await?;
    let form = form.checked(&visit, &flow.purpose())?;
    let Step::PickEncounter { patient } = flow.step(&app, app.now()) else {
        return Ok(redirect(flow.path(&app, "authorize")));
    };
    let Some(chosen) = form.form().one("encounter").ok().flatten() else {
        return Ok(redirect(format!("{}?missing=1", flow.path(&app, "encounter"))));
    };
    if !is_fhir_id(chosen) {
        return Err(Fault::new(Trouble::NotYours).into());
    }
    // M5: a visit of another patient is not to be chosen by altering the form.
    let visit_of = Directory::of(&app, &flow)?.read("Encounter", chosen).await?;
    if !visit_of.is_some_and(|encounter| card::is_of(&encounter, &patient)) {
        return Err(Fault::new(Trouble::NotYours).into());
    }
    let kept = app.site.store.transact(async |tx| {
        let id = &flow.authorization.id;
        let Some(mut kept) = tx.authorizations().find(&app.site.id, id).await? else {
            return Ok(());
        };
        let Stage::Open { patient: now, encounter, .. } = &mut kept.stage else { return Ok(()) };
        // Another patient may have been picked meanwhile, in another window.
        if now.as_deref() == flow.picked() {
            *encounter = Some(chosen.to_owned());
            // With whose visit it is: it is not to be told beside another's record, whoever signs in next.
            *now = Some(patient.clone());
        }
        tx.authorizations().update(&kept).await
    });
    kept.await?;
    Ok(redirect(flow.path(&app, "authorize")))
}
