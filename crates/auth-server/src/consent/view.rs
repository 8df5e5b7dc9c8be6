//! The consent page from an authorization.

use fireward_oauth::{
    client::{Client, ConsentPolicy, is_own_state},
    launch::LaunchContext,
    people::{Link, Records},
};
use fireward_pages::{
    Person, Trouble,
    consent::{App as Asker, ConsentPage, Review, Until, Whose},
};
use fireward_scopes::ScopeSet;
use fireward_web::{Failure, Fault, Visit};
use url::Url;

use super::asks::Asks;
use crate::{
    App,
    authorize::Flow,
    patient::{self, Directory, Unanswered, person},
};

/// The page, with whose record it is looked up at the FHIR server.
pub(super) async fn page(
    (app, visit): (&App, &Visit),
    flow: &Flow,
    context: &LaunchContext,
    offered: &ScopeSet,
) -> Result<ConsentPage, Failure> {
    let Asks { records, others, offline } = Asks::of(
        offered,
        (&flow.client.id, |scope: &_| is_own_state(&flow.client, scope, &app.site.issuer)),
        &app.site.policy,
    );
    let change = patient::may_change(app, flow).then(|| flow.path(app, "patient"));
    Ok(ConsentPage {
        chrome: flow.chrome(app, visit),
        action: flow.path(app, "consent"),
        switch_action: format!("{}/switch", flow.path(app, "login")),
        app: Asker {
            opened_from: opened_from(app, flow).await?,
            ..asker(app, &flow.client, flow.authorization.request.target.uri().as_str())
        },
        whose: whose(app, flow, context).await?,
        change_record_href: change,
        records,
        others,
        offline,
        untils: Until::ALL.to_vec(),
        until: Until::Month,
        apps_href: app.site.path("/account/apps"),
        nothing_chosen: false,
    })
}

fn asker(app: &App, client: &Client, redirect_uri: &str) -> Asker {
    let about = &client.about;
    let review = match (client.consent, about.reviewed) {
        (ConsentPolicy::Trusted, _) => Review::Own,
        (ConsentPolicy::Ask, true) => Review::Reviewed,
        (ConsentPolicy::Ask, false) => Review::NotReviewed,
    };
    let host = Url::parse(redirect_uri).ok().and_then(|url| url.host_str().map(str::to_owned));
    Asker {
        name: about.name.clone(),
        logo: app.site.logo(client),
        publisher: about.publisher.clone(),
        review,
        policy_href: about.policy_uri.clone(),
        terms_href: about.tos_uri.clone(),
        returns_to: host,
        opened_from: None,
    }
}

/// The EHR that prepared the launch: somebody who came from elsewhere should stop here.
async fn opened_from(app: &App, flow: &Flow) -> Result<Option<String>, Failure> {
    let Some(launch) = &flow.known.launch else { return Ok(None) };
    let ehr = app.site.store.client(&app.site.id, &launch.created_by).await?;
    Ok(Some(ehr.map_or_else(|| launch.created_by.to_string(), |ehr| ehr.about.name.clone())))
}

/// Nobody decides about a record without being told whose it is.
async fn whose(app: &App, flow: &Flow, context: &LaunchContext) -> Result<Whose, Failure> {
    let (Some(id), Some((_, user))) = (&context.patient, &flow.known.signed_in) else {
        return Ok(Whose::Nobodys);
    };
    let found = Directory::of(app, flow)?.read("Patient", id).await;
    if flow.link().is_some_and(|link| is_self(link, id)) {
        let named = || Person { name: user.name.clone(), born: None };
        // Their own record needs no looking up to be told apart.
        return Ok(Whose::Yours(
            found.ok().flatten().map_or_else(named, |patient| person(&patient)),
        ));
    }
    let patient = found.map_err(|unanswered| tried_again(app, flow, unanswered))?;
    let patient = patient.ok_or_else(|| Fault::new(Trouble::NoRecord))?;
    Ok(Whose::Theirs(person(&patient)))
}

/// Nothing is lost when the FHIR server does not answer: the same page is there to go on to.
fn tried_again(app: &App, flow: &Flow, unanswered: Unanswered) -> Failure {
    match unanswered {
        Unanswered::Down | Unanswered::Refused(_) => {
            let onward = Some(flow.path(app, "consent"));
            Fault { onward, ..Fault::new(Trouble::ElsewhereDown) }.into()
        }
        Unanswered::Ours(failure) => failure,
    }
}

fn is_self(link: &Link, patient: &str) -> bool {
    match &link.records {
        Records::Any => false,
        Records::These(records) => {
            records.iter().any(|record| record.patient == patient && record.role == "self")
        }
    }
}
