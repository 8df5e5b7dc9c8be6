//! Caregivers' records from the FHIR server: whose record a person's `RelatedPerson` opens is looked up there, kept
//! with their links, and decided upon like what the administrator keeps (SC-15).

use fireward_oauth::{
    audit::{Actor, Event, Kind},
    people::{Links, Record, User},
    related_person,
    resource_server::ResourceServer,
};
use fireward_web::Failure;

use super::directory::{Directory, Unanswered};
use crate::App;

/// Brings what was looked up for this person at the server's namespace up to date; whether anything changed.
///
/// # Errors
/// When a server that is asked gives no answer: then nothing is changed.
pub(crate) async fn look_up(
    app: &App,
    user: &User,
    (server, servers): (&ResourceServer, &[ResourceServer]),
) -> Result<bool, Unanswered> {
    if !user.links.are_looked_up(server, servers) {
        return Ok(false);
    }
    let mut found = Vec::new();
    for asked in servers.iter().filter(|other| other.shares_patients(server)) {
        found.extend(ask(app, &user.links, asked).await?);
    }
    let mut links = user.links.clone();
    links.learn(server, &found);
    if links == user.links {
        return Ok(false);
    }
    write(app, user, (&links, &found)).await.map_err(Unanswered::Ours)
}

/// What one server says: of nobody but the `RelatedPerson` that the person is there.
async fn ask(
    app: &App,
    links: &Links,
    server: &ResourceServer,
) -> Result<Option<Record>, Unanswered> {
    let Some(id) = links.related_person(server) else { return Ok(None) };
    let resource = Directory::at(app, server).read("RelatedPerson", id).await?;
    Ok(resource.and_then(|resource| related_person::record(&resource, (id, server), app.now())))
}

/// Only while they are still who was asked about: an import in between counts.
async fn write(
    app: &App,
    asked: &User,
    (links, found): (&Links, &[Record]),
) -> Result<bool, Failure> {
    let (site, now) = (&app.site, app.now());
    let mut event = Event::new(site.id.clone(), now, Actor::System, Kind::UserChanged);
    event.subject = Some(asked.id.clone());
    event.patient = found.first().map(|record| record.patient.clone());
    event.detail = match found.first() {
        Some(_) => "the FHIR server names their RelatedPerson".to_owned(),
        None => "the FHIR server names no RelatedPerson of theirs any more".to_owned(),
    };
    let written = site.store.transact(async |tx| {
        if tx.users().relink(asked, links).await? {
            tx.audit().write(&event).await?;
        }
        Ok(true)
    });
    Ok(written.await?)
}
