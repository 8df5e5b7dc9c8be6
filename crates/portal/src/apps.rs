//! Connected apps: what each may do, since when and until when; and disconnecting one.

use std::collections::BTreeSet;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use fireward_oauth::{
    GrantId,
    audit::Kind,
    grants::{Grant, GrantEnd},
    people::{Records, User},
};
use fireward_pages::{
    Message, Trouble,
    account::{AppsPage, ConnectedApp, DisconnectPage, Ended, Reach, ReceiptPage},
};
use fireward_scopes::{Category, Permissions, Scope};
use fireward_web::{Destination, Failure, Fault, Form, Site, Visit, html};

use crate::person::Person;

/// `GET /account/apps`.
pub(crate) async fn list(site: Data<Site>, visit: Visit) -> Result<HttpResponse, Failure> {
    let person = match Person::at(&site, &visit, Destination::Apps).await? {
        Ok(person) => person,
        Err(sign_in) => return Ok(sign_in),
    };
    let user = &person.signed_in.user;
    let mut grants =
        site.store.read().grants().list_live_for_user(&site.id, &user.id, site.now()).await?;
    grants.sort_by_key(|grant| std::cmp::Reverse(grant.last_used));
    let mut apps = Vec::new();
    for grant in newest_each(grants) {
        apps.push(card(&person, &grant).await?);
    }
    let page =
        AppsPage { chrome: person.chrome("apps"), nav: person.nav(), apps, now: site.now().unix() };
    Ok(html(page.render()))
}

/// `GET /account/apps/{grant}/disconnect`: asks first.
pub(crate) async fn ask(
    site: Data<Site>,
    visit: Visit,
    id: Path<String>,
) -> Result<HttpResponse, Failure> {
    let person = match Person::at(&site, &visit, Destination::Apps).await? {
        Ok(person) => person,
        Err(sign_in) => return Ok(sign_in),
    };
    let grant = own(&person, &id).await?;
    let page = DisconnectPage {
        chrome: person.chrome(grant.id.as_str()),
        nav: person.nav(),
        app: name(&site, &grant).await?,
        action: disconnect_href(&site, &grant),
        bound_seconds: person.bound_seconds(),
    };
    Ok(html(page.render()))
}

/// `POST /account/apps/{grant}/disconnect`: ends all that the person granted this app, and forgets their consent.
pub(crate) async fn disconnect(
    site: Data<Site>,
    visit: Visit,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let person = match Person::at(&site, &visit, Destination::Apps).await? {
        Ok(person) => person,
        Err(sign_in) => return Ok(sign_in),
    };
    form.checked(&visit, &person.purpose(&id))?;
    let grant = own(&person, &id).await?;
    let app = name(&site, &grant).await?;
    let (client, user, now) = (&grant.client, &person.signed_in.user.id, site.now());
    let mut event = person.event(Kind::ConsentWithdrawn);
    event.client = Some(client.clone());
    event.grant = Some(grant.id.clone());
    let ended = site.store.transact(async |tx| {
        for grant in tx.grants().find_by_client_and_user(&site.id, client, user).await? {
            tx.grants().end(&site.id, &grant.id, GrantEnd::Withdrawn(now)).await?;
        }
        tx.consents().remove(&site.id, user, client).await?;
        tx.audit().write(&event).await
    });
    ended.await?;
    let page = ReceiptPage {
        chrome: person.chrome("receipt"),
        nav: Some(person.nav()),
        ended: Ended::App { name: app },
        bound_seconds: person.bound_seconds(),
        request_id: visit.request.as_str().to_owned(),
        sign_in_href: None,
    };
    Ok(html(page.render()))
}

/// A live grant of this person's; another's does not exist for them.
async fn own(person: &Person<'_>, id: &str) -> Result<Grant, Failure> {
    let site = person.site;
    let found = match GrantId::parse(id) {
        Ok(id) => site.store.read().grants().find(&site.id, &id).await?,
        Err(_) => None,
    };
    let own = found
        .filter(|grant| grant.subject == person.signed_in.user.id && grant.is_live(site.now()));
    Ok(own.ok_or_else(|| Fault::new(Trouble::NotFound))?)
}

/// How many apps hold these grants.
pub(crate) fn count(grants: &[Grant]) -> usize {
    grants.iter().map(|grant| &grant.client).collect::<BTreeSet<_>>().len()
}

/// The first grant of each app and record.
fn newest_each(grants: Vec<Grant>) -> Vec<Grant> {
    let mut kept: Vec<Grant> = Vec::new();
    for grant in grants {
        let same = |one: &Grant| {
            one.client == grant.client && one.context.patient == grant.context.patient
        };
        if !kept.iter().any(same) {
            kept.push(grant);
        }
    }
    kept
}

async fn card(person: &Person<'_>, grant: &Grant) -> Result<ConnectedApp, Failure> {
    let site = person.site;
    let client = site.store.client(&site.id, &grant.client).await?;
    let (read, write) = (Permissions::V1_READ, Permissions::V1_WRITE);
    let own = is_own(&person.signed_in.user, grant);
    Ok(ConnectedApp {
        name: name(site, grant).await?,
        logo: None,
        publisher: client.and_then(|client| client.about.publisher.clone()),
        whose: grant.context.patient.clone().filter(|_| !own),
        own,
        sees: reaches(grant, read),
        changes: reaches(grant, write),
        since: grant.created_at.unix(),
        last_used: Some(grant.last_used.unix()),
        until: Some(grant.until.unix()),
        offline: grant.session.is_none(),
        scopes: grant.granted.iter().map(ToString::to_string).collect(),
        disconnect_href: disconnect_href(site, grant),
    })
}

/// The headings under which a grant has some of these permissions, each once, in the order of the pages.
fn reaches(grant: &Grant, any: Permissions) -> Vec<Reach> {
    Category::VARIANTS.iter().filter_map(|category| reach(grant, any, *category)).collect()
}

/// A heading stands for whole types of record; what is confined to a part of one, or fits under none, is named.
fn reach(grant: &Grant, any: Permissions, category: Category) -> Option<Reach> {
    let clinical = grant.granted.iter().filter_map(|scope| Some((scope, scope.as_clinical()?)));
    let under: Vec<_> = clinical
        .filter(|(_, clinical)| {
            clinical.category() == category && !clinical.permissions().intersect(any).is_empty()
        })
        .collect();
    if under.is_empty() {
        return None;
    }
    let whole = under.iter().all(|(_, clinical)| clinical.constraint().is_none());
    let named = under.iter().filter(|_| !whole || category == Category::Other);
    let parts = named.map(|(scope, _)| message(scope)).collect();
    Some(Reach { heading: category.key(), parts })
}

fn message(scope: &Scope) -> Message {
    let said = scope.describe();
    Message { key: said.key, args: said.args }
}

/// Whether it is the person's own record.
fn is_own(user: &User, grant: &Grant) -> bool {
    let Records::These(records) = &user.records else { return false };
    let own = records.iter().find(|record| record.role == "self");
    own.is_some_and(|own| grant.context.patient.as_ref() == Some(&own.patient))
}

async fn name(site: &Site, grant: &Grant) -> Result<String, Failure> {
    let client = site.store.client(&site.id, &grant.client).await?;
    Ok(client.map_or_else(|| grant.client.to_string(), |client| client.about.name.clone()))
}

fn disconnect_href(site: &Site, grant: &Grant) -> String {
    site.path(&format!("/account/apps/{}/disconnect", grant.id))
}
