//! One brand or endpoint of the bundle, by type and id. Whatever is changed, the whole must follow the rules.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Payload},
};
use fireward_oauth::brands::{BRANDS_SCOPE, Draft, Publication, Slot};
use fireward_store::{StoreError, Tx};
use fireward_web::{Failure, Visit};
use serde_json::Value;

use super::{Made, Unpublished, answer, condition::Condition, event, read, report, settle};
use crate::{App, token::bearer};

/// `GET /brands/{type}/{id}`
pub(crate) async fn show(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Failure> {
    let found = app.site.store.brands(&app.site.id).await?;
    let slot = Slot::parse(&path.0, &path.1).ok();
    let one = found.as_ref().as_ref().and_then(|brands| Some((slot?.find(brands)?, brands)));
    Ok(match one {
        Some(((resource, tag), brands)) => {
            answer::public(&request, (resource.to_string(), &tag), brands.updated_at)
        }
        None => answer::unmet(StatusCode::NOT_FOUND),
    })
}

/// `PUT /brands/{type}/{id}`
pub(crate) async fn replace(
    app: Data<App>,
    request: HttpRequest,
    (visit, path): (Visit, Path<(String, String)>),
    body: Payload,
) -> Result<HttpResponse, Failure> {
    let client = bearer::for_itself(&app, &request, BRANDS_SCOPE).await?;
    let Ok(slot) = Slot::parse(&path.0, &path.1) else {
        return Ok(answer::unmet(StatusCode::NOT_FOUND));
    };
    let resource = match read(&request, body).await {
        Ok(resource) => resource,
        Err(refusal) => return Ok(refusal),
    };
    let event = event(&app, &visit, client, &format!("{}/{}", path.0, path.1));
    let condition = Condition::of(&request);
    let settled = app.site.store.transact(async |tx| {
        let before = match found(&app, tx, (&slot, &condition)).await? {
            Ok(before) => before,
            Err(status) => return Ok((Err(Unpublished::Unmet(status)), false)),
        };
        let created = before.as_ref().and_then(|before| slot.find(before)).is_none();
        let bundle = before.as_ref().map(|before| &before.bundle);
        match slot.put(bundle, resource.clone()) {
            Ok(bundle) => Ok((edit(&app, tx, (before, bundle), &event).await?, created)),
            Err(finding) => Ok((Err(Unpublished::Faulty(vec![finding])), false)),
        }
    });
    Ok(match settled.await? {
        (Ok(made), created) => {
            let (resource, tag) = slot.find(&made.now).unwrap_or_default();
            report(&request, &made, created, (resource.to_string(), &tag))
        }
        (Err(unpublished), _) => unpublished.answer(),
    })
}

/// `DELETE /brands/{type}/{id}`
pub(crate) async fn remove(
    app: Data<App>,
    request: HttpRequest,
    (visit, path): (Visit, Path<(String, String)>),
) -> Result<HttpResponse, Failure> {
    let client = bearer::for_itself(&app, &request, BRANDS_SCOPE).await?;
    let Ok(slot) = Slot::parse(&path.0, &path.1) else {
        return Ok(answer::unmet(StatusCode::NOT_FOUND));
    };
    let event = event(&app, &visit, client, &format!("removed {}/{}", path.0, path.1));
    let condition = Condition::of(&request);
    let settled = app.site.store.transact(async |tx| {
        let before = match found(&app, tx, (&slot, &condition)).await? {
            Ok(before) => before,
            Err(status) => return Ok(Err(Unpublished::Unmet(status))),
        };
        match before.as_ref().and_then(|before| slot.remove(&before.bundle)) {
            Some(bundle) => edit(&app, tx, (before, bundle), &event).await,
            None => Ok(Err(Unpublished::Unmet(StatusCode::NOT_FOUND))),
        }
    });
    Ok(match settled.await? {
        Ok(_made) => HttpResponse::NoContent().finish(),
        Err(unpublished) => unpublished.answer(),
    })
}

/// What is published, if the resource in it is what the request expects.
async fn found(
    app: &App,
    tx: &Tx,
    (slot, condition): (&Slot, &Condition),
) -> Result<Result<Option<Publication>, StatusCode>, StoreError> {
    let before = tx.brands().find(&app.site.id).await?;
    let tag = before.as_ref().and_then(|before| slot.find(before)).map(|(_, tag)| tag);
    Ok(condition.check(tag.as_deref()).map(|()| before))
}

/// Publishes the bundle with its one resource changed; who is the primary brand stays as it was said.
async fn edit(
    app: &App,
    tx: &Tx,
    (before, bundle): (Option<Publication>, Value),
    event: &fireward_oauth::audit::Event,
) -> Result<Result<Made, Unpublished>, StoreError> {
    let named = before.as_ref().and_then(|before| before.named.clone());
    settle(app, tx, (before, Draft { bundle, named }), event).await
}
