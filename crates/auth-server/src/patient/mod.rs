//! Choosing whose record (SC-15): clinicians search, others choose among the records that are theirs (M5).

mod card;
mod directory;
mod groups;
mod looks;
mod names;
mod pager;
mod query;
mod related;

use actix_web::{HttpResponse, http::StatusCode};
use fireward_oauth::{
    authorize::{ConsentChoice, Stage, Step},
    launch::{Picks, is_fhir_id},
    people::Records,
};
use fireward_pages::{Date, PatientPage, Trouble};
use fireward_web::{Failure, Fault, Query, html, redirect};
use url::form_urlencoded::Serializer;

pub(crate) use card::person;
pub(crate) use directory::{Directory, Found, Unanswered, token};
pub(crate) use pager::Pager;
pub(crate) use related::look_up;

use crate::{
    App,
    authorize::{Flow, Settling, StepForm, StepPage, settle},
};

/// `GET /patient/{id}`.
pub(crate) async fn show(at: StepPage, query: Query) -> Result<HttpResponse, Failure> {
    let StepPage { app, visit, flow } = &at;
    let Some(records) = to_choose_from(&at) else {
        return Ok(at.hub());
    };
    let directory = Directory::of(app, flow)?;
    let text = |name| query.0.one(name).ok().flatten().unwrap_or_default();
    let asked = text("q");
    let here = at.path("patient");
    let pager = Pager { app, flow, here: &here, of: "Patient" };
    let listed = match records {
        Records::Any => {
            let further = pager.further(&query).unwrap_or_else(|| {
                let locales = flow.authorization.request.ui_locales.as_deref();
                query::search(asked, visit.language(locales).month_first())
            });
            groups::found(&directory, asked, &further).await
        }
        Records::These(records) => groups::own(&directory, records, app.now()).await,
    };
    let (groups, found, down) = match listed {
        Ok((groups, found)) => (groups, found, false),
        Err(Unanswered::Ours(failure)) => return Err(failure),
        Err(Unanswered::Down | Unanswered::Refused(_)) => (Vec::new(), Found::default(), true),
    };
    let page =
        |query: Option<String>| query.map(|query| pager.link(&[("q", asked)], &query)).transpose();
    let searches = matches!(records, Records::Any);
    let page = PatientPage {
        chrome: at.chrome(),
        switch_action: at.switch_action(),
        app: flow.client.about.name.clone(),
        search_action: searches.then(|| here.clone()),
        search_hidden: Vec::new(),
        query: asked.to_owned(),
        choose_action: here.clone(),
        groups,
        previous_href: page(found.previous)?,
        next_href: page(found.next)?,
        cancel_action: Some(format!("{here}/cancel")),
        today: Date::of_unix(app.now().unix()),
        nothing_chosen: !text("missing").is_empty(),
        retry_href: down.then(|| retry(&here, asked)),
    };
    let mut answer = html(page.render());
    if down {
        *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    Ok(answer)
}

/// `POST /patient/{id}`.
pub(crate) async fn choose(sent: StepForm) -> Result<HttpResponse, Failure> {
    let at = &sent.at;
    let StepPage { app, flow, .. } = at;
    let Some(records) = to_choose_from(at) else {
        return Ok(at.hub());
    };
    let Some(chosen) = sent.field("patient") else {
        return Ok(redirect(format!("{}?missing=1", at.path("patient"))));
    };
    // M5: whatever the form says, the person's rights decide, here and whenever the choice is used.
    if !is_fhir_id(chosen) || !records.admit(chosen, app.now()) {
        return Err(Fault::new(Trouble::NotYours).into());
    }
    match Directory::of(app, flow)?.read("Patient", chosen).await {
        Ok(Some(_)) => {}
        Ok(None) => return Err(Fault::new(Trouble::NotYours).into()),
        Err(Unanswered::Ours(failure)) => return Err(failure),
        // The page says so, and what to do.
        Err(Unanswered::Down | Unanswered::Refused(_)) => {
            return Ok(redirect(at.path("patient")));
        }
    }
    let kept = app.site.store.transact(async |tx| {
        let id = &flow.authorization.id;
        let Some(mut kept) = tx.authorizations().find(&app.site.id, id).await? else {
            return Ok(());
        };
        let Stage::Open { patient, picks, choice, .. } = &mut kept.stage else { return Ok(()) };
        (*patient, *picks, *choice) = (Some(chosen.to_owned()), Picks::default(), None);
        tx.authorizations().update(&kept).await
    });
    kept.await?;
    Ok(at.hub())
}

/// `POST /patient/{id}/cancel`: the app is told that the person did not allow it.
pub(crate) async fn cancel(sent: StepForm) -> Result<HttpResponse, Failure> {
    settle(sent.at, Settling::Kept(Some(ConsentChoice::Deny))).await
}

/// Whether the person may change the record that was picked: not what a launch or their only record decides.
pub(crate) fn may_change(app: &App, flow: &Flow) -> bool {
    let only = flow.link().is_some_and(|link| link.records.only(app.now()).is_some());
    flow.picked().is_some() && !only
}

/// The records of whoever chooses, if there is something to choose.
fn to_choose_from(at: &StepPage) -> Option<&Records> {
    let picks = match at.step() {
        Step::PickPatient => true,
        Step::PickContext { .. } | Step::AskConsent { .. } => may_change(&at.app, &at.flow),
        Step::LogIn(_) | Step::Approve(_) | Step::Refuse(_) => false,
    };
    at.flow.link().filter(|_| picks).map(|link| &link.records)
}

/// Where the same search is made again.
fn retry(here: &str, asked: &str) -> String {
    let mut pairs = Serializer::new(String::new());
    format!("{here}?{}", pairs.append_pair("q", asked).finish())
}
