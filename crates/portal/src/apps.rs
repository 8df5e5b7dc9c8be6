//! Connected apps: what each may do, since when and until when; and disconnecting one.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web::Data};
use fireward_oauth::{
    ClientId, ResourceServerId,
    audit::Kind,
    client::is_own_state,
    grants::GrantEnd,
    people::{Link, Records, User},
    resource_server::ResourceServer,
};
use fireward_pages::{
    Message, Trouble,
    account::{AppsPage, ConnectedApp, DisconnectPage, Ended, Reach, ReceiptPage},
};
use fireward_scopes::{Category, Permissions, Scope, ScopeSet};
use fireward_web::{Destination, Failure, Fault, Form, Names, Person, Query, Site, Visit, html};
use url::form_urlencoded::Serializer;

use crate::connected::{Allowed, Connected};

/// `GET /account/apps`.
pub(crate) async fn list(
    site: Data<Site>,
    names: Data<dyn Names>,
    visit: Visit,
) -> Result<HttpResponse, Failure> {
    let person = match Person::at(&site, &visit, Destination::Apps).await? {
        Ok(person) => person,
        Err(sign_in) => return Ok(sign_in),
    };
    let connected = Connected::of(&person).await?;
    let servers = site.store.resource_servers(&site.id).await?;
    let called = called((&person, &servers), &connected, &**names).await;
    let mut apps = Vec::new();
    for allowed in connected.iter() {
        apps.push(card((&person, &servers), allowed, &called).await?);
    }
    let page =
        AppsPage { chrome: person.chrome("apps"), nav: person.nav(), apps, now: site.now().unix() };
    Ok(html(page.render()))
}

/// `GET /account/apps/disconnect?app=…`: asks first.
pub(crate) async fn ask(
    site: Data<Site>,
    visit: Visit,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let person = match Person::at(&site, &visit, Destination::Apps).await? {
        Ok(person) => person,
        Err(sign_in) => return Ok(sign_in),
    };
    let client = own(&person, &query).await?;
    let page = DisconnectPage {
        chrome: person.chrome(&client.to_string()),
        nav: person.nav(),
        app: name(&site, &client).await?,
        action: disconnect_href(&site, &client),
        bound_seconds: person.bound_seconds(),
    };
    Ok(html(page.render()))
}

/// `POST /account/apps/disconnect?app=…`: ends all that the person granted this app, and forgets that they allowed it.
pub(crate) async fn disconnect(
    site: Data<Site>,
    visit: Visit,
    query: Query,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let person = match Person::at(&site, &visit, Destination::Apps).await? {
        Ok(person) => person,
        Err(sign_in) => return Ok(sign_in),
    };
    let asked = query.0.one("app").ok().flatten().unwrap_or_default();
    form.checked(&visit, &person.purpose(asked))?;
    let client = own(&person, &query).await?;
    let app = name(&site, &client).await?;
    let (user, now) = (&person.signed_in.user.id, site.now());
    let mut event = person.event(Kind::ConsentWithdrawn);
    event.client = Some(client.clone());
    let ended = site.store.transact(async |tx| {
        for grant in tx.grants().find_by_client_and_user(&site.id, &client, user).await? {
            tx.grants().end(&site.id, &grant.id, GrantEnd::Withdrawn(now)).await?;
            let mut event = event.clone();
            event.grant = Some(grant.id);
            tx.audit().write(&event).await?;
        }
        let forgotten = tx.consents().remove(&site.id, user, &client).await?;
        let mut event = event.clone();
        event.detail = format!("{forgotten} remembered");
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
        password_href: None,
    };
    Ok(html(page.render()))
}

/// The app that is named, if it is one of this person's; another's does not exist for them.
async fn own(person: &Person<'_>, query: &Query) -> Result<ClientId, Failure> {
    let asked = query.0.one("app").ok().flatten().unwrap_or_default();
    let connected = Connected::of(person).await?;
    let found = connected.iter().find(|one| one.client.as_str() == asked);
    Ok(found.map(|one| one.client.clone()).ok_or_else(|| Fault::new(Trouble::NotFound))?)
}

/// Names of patients by their server and id.
type Called = BTreeMap<ResourceServerId, BTreeMap<String, String>>;

/// What the others are called whose records apps may open through this person, as far as the person still may.
async fn called(
    (person, servers): (&Person<'_>, &[ResourceServer]),
    connected: &Connected,
    names: &dyn Names,
) -> Called {
    let user = &person.signed_in.user;
    let mut wanted = BTreeMap::<_, Vec<String>>::new();
    for one in connected.iter() {
        let (Some(server), Some(patient)) = (&one.server, &one.patient) else { continue };
        let of_server = wanted.entry(server.clone()).or_default();
        let may = link(user, servers, one)
            .is_some_and(|link| link.records.admit(patient, person.site.now()));
        let theirs = may && !is_own(user, servers, one);
        if theirs && !of_server.contains(patient) {
            of_server.push(patient.clone());
        }
    }
    let mut called = Called::new();
    for (server, patients) in wanted {
        let found =
            if patients.is_empty() { BTreeMap::new() } else { names.of(&server, &patients).await };
        called.insert(server, found);
    }
    called
}

async fn card(
    (person, servers): (&Person<'_>, &[ResourceServer]),
    allowed: &Allowed,
    called: &Called,
) -> Result<ConnectedApp, Failure> {
    let site = person.site;
    let client = site.store.client(&site.id, &allowed.client).await?;
    // What the app keeps for itself is no record.
    let mut records = allowed.scopes.clone();
    let is_record = |scope: &Scope| {
        let state = client.as_deref().zip(scope.as_clinical());
        !state.is_some_and(|(client, scope)| is_own_state(client, scope, &site.issuer))
    };
    records.retain(is_record);
    let own = is_own(&person.signed_in.user, servers, allowed);
    let theirs = allowed.patient.as_ref().filter(|_| !own);
    let known = |patient: &String| {
        allowed.server.as_ref().and_then(|server| called.get(server)?.get(patient)).cloned()
    };
    Ok(ConnectedApp {
        name: name(site, &allowed.client).await?,
        logo: client.as_deref().and_then(|client| site.logo(client)),
        publisher: client.as_ref().and_then(|client| client.about.publisher.clone()),
        whose: theirs.and_then(known),
        record: theirs.cloned(),
        own,
        sees: reaches(&records, Permissions::V1_READ),
        changes: reaches(&records, Permissions::V1_WRITE),
        since: allowed.since.unix(),
        last_used: allowed.last_used.map(fireward_oauth::Timestamp::unix),
        until: Some(allowed.until.unix()),
        offline: allowed.offline,
        scopes: allowed.scopes.iter().map(ToString::to_string).collect(),
        disconnect_href: disconnect_href(site, &allowed.client),
    })
}

/// The headings under which some of these permissions are allowed, each once, in the order of the pages.
fn reaches(scopes: &ScopeSet, any: Permissions) -> Vec<Reach> {
    Category::VARIANTS.iter().filter_map(|category| reach(scopes, any, *category)).collect()
}

/// A heading stands for whole types of record; what is confined to a part of one, or fits under none, is named.
fn reach(scopes: &ScopeSet, any: Permissions, category: Category) -> Option<Reach> {
    let clinical = scopes.iter().filter_map(|scope| Some((scope, scope.as_clinical()?)));
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
fn is_own(user: &User, servers: &[ResourceServer], allowed: &Allowed) -> bool {
    let Some(Link { records: Records::These(records), .. }) = link(user, servers, allowed) else {
        return false;
    };
    let own = records.iter().find(|record| record.role == "self");
    own.is_some_and(|own| allowed.patient.as_ref() == Some(&own.patient))
}

/// Who the person is at the FHIR server that something was allowed at; nobody at one that is gone.
fn link<'a>(user: &'a User, servers: &[ResourceServer], allowed: &Allowed) -> Option<&'a Link> {
    let id = allowed.server.as_ref()?;
    let server = servers.iter().find(|server| server.id == *id)?;
    Some(user.links.at(Some(server)))
}

async fn name(site: &Site, client: &ClientId) -> Result<String, Failure> {
    let known = site.store.client(&site.id, client).await?;
    Ok(known.map_or_else(|| client.to_string(), |known| known.about.name.clone()))
}

fn disconnect_href(site: &Site, client: &ClientId) -> String {
    let mut query = Serializer::new(String::new());
    let query = query.append_pair("app", client.as_str()).finish();
    format!("{}?{query}", site.path("/account/apps/disconnect"))
}
