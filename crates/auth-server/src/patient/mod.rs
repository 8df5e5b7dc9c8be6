//! Choosing whose record (SC-15): clinicians search, others choose among the records that are theirs (M5).

mod card;
mod directory;
mod groups;
mod query;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use fireward_oauth::{
    authorize::{ConsentChoice, Stage, Step},
    launch::is_fhir_id,
    people::{Records, User},
};
use fireward_pages::{Date, PatientPage, Trouble};
use fireward_web::{Failure, Fault, Form, Query, Visit, csrf, html, redirect};
use url::form_urlencoded::Serializer;

pub(crate) use card::person;
pub(crate) use directory::Directory;

use crate::{
    App,
    authorize::{Flow, Settling, settle},
};
use directory::Found;

/// `GET /patient/{id}`.
pub(crate) async fn show(
    app: Data<App>,
    visit: Visit,
    id: Path<String>,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let flow = Flow::load(&app, &visit, &id).await?;
    let Some(user) = chooser(&app, &flow) else {
        return Ok(redirect(flow.path(&app, "authorize")));
    };
    let directory = Directory::of(&app, &flow)?;
    let text = |name| query.0.one(name).ok().flatten().unwrap_or_default();
    let asked = text("q");
    let (groups, found) = match &user.records {
        Records::Any => {
            groups::found(&directory, asked, &further(&visit, &flow, &query, asked)).await?
        }
        Records::These(records) => (groups::own(&directory, records).await?, Found::default()),
    };
    let here = flow.path(&app, "patient");
    let page = |query: Option<String>| query.map(|query| link(&visit, &flow, &here, asked, &query));
    let searches = matches!(user.records, Records::Any);
    let page = PatientPage {
        chrome: flow.chrome(&app, &visit),
        app: flow.client.about.name.clone(),
        search_action: searches.then(|| here.clone()),
        search_hidden: Vec::new(),
        query: asked.to_owned(),
        choose_action: here.clone(),
        groups,
        previous_href: page(found.previous),
        next_href: page(found.next),
        cancel_action: Some(format!("{here}/cancel")),
        today: Date::of_unix(app.now().unix()),
        nothing_chosen: !text("missing").is_empty(),
    };
    Ok(html(page.render()))
}

/// `POST /patient/{id}`.
pub(crate) async fn choose(
    app: Data<App>,
    visit: Visit,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let flow = Flow::load(&app, &visit, &id).await?;
    let form = form.checked(&visit, &flow.purpose())?;
    let Some(user) = chooser(&app, &flow) else {
        return Ok(redirect(flow.path(&app, "authorize")));
    };
    let Some(chosen) = form.form().one("patient").ok().flatten() else {
        return Ok(redirect(format!("{}?missing=1", flow.path(&app, "patient"))));
    };
    // M5: whatever the form says, the person's rights decide, here and whenever the choice is used.
    if !is_fhir_id(chosen) || !user.records.admit(chosen) {
        return Err(Fault::new(Trouble::NotYours).into());
    }
    if Directory::of(&app, &flow)?.read("Patient", chosen).await?.is_none() {
        return Err(Fault::new(Trouble::NotYours).into());
    }
    let kept = app.site.store.transact(async |tx| {
        let id = &flow.authorization.id;
        let Some(mut kept) = tx.authorizations().find(&app.site.id, id).await? else {
            return Ok(());
        };
        let Stage::Open { patient, encounter, choice, .. } = &mut kept.stage else { return Ok(()) };
        (*patient, *encounter, *choice) = (Some(chosen.to_owned()), None, None);
        tx.authorizations().update(&kept).await
    });
    kept.await?;
    Ok(redirect(flow.path(&app, "authorize")))
}

/// `POST /patient/{id}/cancel`: the app is told that the person did not allow it.
pub(crate) async fn cancel(
    app: Data<App>,
    visit: Visit,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let flow = Flow::load(&app, &visit, &id).await?;
    form.checked(&visit, &flow.purpose())?;
    settle(&app, &visit, flow, Settling::Kept(Some(ConsentChoice::Deny))).await
}

/// Whether the person may change the record that was picked: not what a launch or their only record decides.
pub(crate) fn may_change(flow: &Flow) -> bool {
    let only = flow.known.signed_in.as_ref().is_some_and(|(_, user)| user.records.only().is_some());
    flow.picked().is_some() && !only
}

/// Who chooses, if there is something to choose.
fn chooser<'a>(app: &App, flow: &'a Flow) -> Option<&'a User> {
    let picks = match flow.step(app, app.now()) {
        Step::PickPatient => true,
        Step::PickEncounter { .. } | Step::AskConsent { .. } => may_change(flow),
        Step::LogIn(_) | Step::Approve(_) | Step::Refuse(_) => false,
    };
    flow.known.signed_in.as_ref().filter(|_| picks).map(|(_, user)| user)
}

/// The FHIR query of this page: a further one that we made ourselves, or that of what was typed.
fn further(visit: &Visit, flow: &Flow, query: &Query, asked: &str) -> String {
    let text = |name| query.0.one(name).ok().flatten().unwrap_or_default();
    let (after, proof) = (text("after"), text("proof"));
    if !after.is_empty() && csrf::is_ours(&visit.browser, &page_of(flow, after), proof) {
        return after.to_owned();
    }
    query::search(asked)
}

/// A link to another page of a search. It carries the FHIR server's own query, sealed: nobody searches at will
/// with our token.
fn link(visit: &Visit, flow: &Flow, here: &str, asked: &str, query: &str) -> String {
    let proof = csrf::token(&visit.browser, &page_of(flow, query));
    let mut pairs = Serializer::new(String::new());
    pairs.append_pair("q", asked).append_pair("after", query).append_pair("proof", &proof);
    format!("{here}?{}", pairs.finish())
}

fn page_of(flow: &Flow, query: &str) -> String {
    format!("page {} {query}", flow.authorization.id)
}
