//! The page that matters most: what the app may see, for how long, yes or no (SMART 2.2 BP-2, D-26).

mod asks;
mod view;

use actix_web::HttpResponse;
use fireward_oauth::{
    authorize::{ConsentChoice, Params, Step, Until},
    launch::LaunchContext,
};
use fireward_pages::consent as page;
use fireward_scopes::{Scope, ScopeSet};
use fireward_web::{Failure, html};

use crate::authorize::{Settling, StepForm, StepPage, settle};

/// `GET /consent/{id}`.
pub(crate) async fn show(at: StepPage) -> Result<HttpResponse, Failure> {
    let StepPage { app, visit, flow } = &at;
    let Some((context, offered)) = asked(&at) else {
        return Ok(at.hub());
    };
    let page = view::page((app, visit), flow, &context, &offered).await?;
    Ok(html(page.render()))
}

/// `POST /consent/{id}`: only what was asked counts, whatever the form holds besides (A2).
pub(crate) async fn decide(StepForm { at, form }: StepForm) -> Result<HttpResponse, Failure> {
    let StepPage { app, visit, flow } = &at;
    let Some((context, offered)) = asked(&at) else {
        return Ok(at.hub());
    };
    let choice = match form.form().one("decision") {
        Ok(Some("allow")) => allowed(form.form()),
        // Anything that is not a clear yes is a no.
        Ok(_) | Err(_) => ConsentChoice::Deny,
    };
    if nothing_on(&offered, &choice) {
        let mut page = view::page((app, visit), flow, &context, &offered).await?;
        let on: Vec<_> = form.form().all("scope").collect();
        page.come_back(&on, until(form.form()));
        return Ok(html(page.render()));
    }
    settle(at, Settling::Kept(Some(choice))).await
}

/// What the app would be told and what it may be granted, if the person must be asked now.
fn asked(at: &StepPage) -> Option<(LaunchContext, ScopeSet)> {
    match at.step() {
        Step::AskConsent { context, offered } => Some((context, offered)),
        Step::LogIn(_)
        | Step::PickPatient
        | Step::PickContext { .. }
        | Step::Approve(_)
        | Step::Refuse(_) => None,
    }
}

fn allowed(form: &Params) -> ConsentChoice {
    let until = until(form).map_or(Until::Visit, |until| match until {
        page::Until::Visit => Until::Visit,
        page::Until::Month => Until::Month,
        page::Until::Year => Until::Year,
        page::Until::Stopped => Until::Stopped,
    });
    ConsentChoice::Allow { scopes: form.all("scope").map(str::to_owned).collect(), until }
}

/// The length that was chosen.
fn until(form: &Params) -> Option<page::Until> {
    form.one("until").ok().flatten().and_then(page::Until::parse)
}

/// Whether records were asked for and every switch is off: a mistake rather than an answer.
fn nothing_on(asked: &ScopeSet, choice: &ConsentChoice) -> bool {
    let ConsentChoice::Allow { scopes, .. } = choice else { return false };
    let on: ScopeSet = scopes.iter().filter_map(|text| text.parse::<Scope>().ok()).collect();
    asked.is_clinical() && !asked.recompose(&on).is_clinical()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn off(asked: &str, on: &[&str]) -> bool {
        let scopes = on.iter().map(|text| (*text).to_owned()).collect();
        nothing_on(&asked.parse().unwrap(), &ConsentChoice::Allow { scopes, until: Until::Visit })
    }

    #[test]
    fn a_yes_with_every_switch_off_is_asked_again() {
        let asked = "openid patient/Condition.rs patient/Patient.rs";
        assert!(off(asked, &["openid"]));
        assert!(off(asked, &["patient/Observation.rs"]));
        assert!(!off(asked, &["patient/Patient.rs"]));
        assert!(!off("openid", &[]));
        assert!(!nothing_on(&asked.parse().unwrap(), &ConsentChoice::Deny));
    }
}
