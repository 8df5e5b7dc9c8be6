//! The styles that apps may take over (SMART 2.2 scopes-and-launch-context, SC-19). A style is found by what it holds, so
//! that its URL changes with it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, LOCATION},
    },
    web::{Data, Path, Payload},
};
use fireward_jose::json;
use fireward_oauth::{
    ClientId, ErrorCode, Refused,
    audit::{Actor, Event, Kind},
    launch::Style,
    metadata::paths,
    token::LAUNCH_CONTEXTS_SCOPE,
};
use fireward_web::{Failure, Refusal, Visit};
use serde_json::{Value, json};

use crate::{App, extract, token::bearer};

/// So many styles may one EHR have registered at a time.
const MOST_STYLES: u64 = 100;

/// `GET /styles/{hash}.json`
pub(crate) async fn show(app: Data<App>, name: Path<String>) -> Result<HttpResponse, Failure> {
    let hash = hash_of(&name)?;
    let style = if hash == app.style.hash() {
        Some(app.style.clone())
    } else {
        app.site.store.read().styles().find(&app.site.id, hash).await?
    };
    let style = style.ok_or_else(unknown)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .content_type("application/json")
        .body(style.body()))
}

/// `POST /styles`: the same style once more is the same style.
pub(crate) async fn register(
    app: Data<App>,
    request: HttpRequest,
    visit: Visit,
    body: Payload,
) -> Result<HttpResponse, Failure> {
    let ehr = bearer::for_itself(&app, &request, LAUNCH_CONTEXTS_SCOPE).await?;
    let body: Value = json::from_slice(&extract::json(&request, body).await?)
        .map_err(|fault| invalid(&format!("the body cannot be read: {fault}")))?;
    let style = Style::from_json(&body).map_err(|malformed| invalid(&malformed.to_string()))?;
    let (id, event) = (&app.site.id, changed(&app, &ehr, &visit, &style.hash()));
    let kept = app.site.store.transact(async |tx| {
        let new = tx.styles().insert((id, &style), Some(&ehr), app.now()).await?;
        if new && tx.styles().count(id, &ehr).await? > MOST_STYLES {
            tx.styles().remove(id, &style.hash(), &ehr).await?;
            return Ok(None);
        }
        if new {
            tx.audit().write(&event).await?;
        }
        Ok(Some(new))
    });
    let status = match kept.await? {
        Some(true) => StatusCode::CREATED,
        Some(false) => StatusCode::OK,
        None => return Err(too_many()),
    };
    let url = url_of(&app, &style);
    let answer = json!({ "smart_style_url": url });
    Ok(HttpResponse::build(status).insert_header((LOCATION, url)).json(answer))
}

/// `DELETE /styles/{hash}.json`, by the EHR that registered it.
pub(crate) async fn remove(
    app: Data<App>,
    request: HttpRequest,
    visit: Visit,
    name: Path<String>,
) -> Result<HttpResponse, Failure> {
    let ehr = bearer::for_itself(&app, &request, LAUNCH_CONTEXTS_SCOPE).await?;
    let hash = hash_of(&name)?;
    let event = changed(&app, &ehr, &visit, hash);
    let removed = app.site.store.transact(async |tx| {
        let removed = tx.styles().remove(&app.site.id, hash, &ehr).await?;
        if removed {
            tx.audit().write(&event).await?;
        }
        Ok(removed)
    });
    if removed.await? { Ok(HttpResponse::NoContent().finish()) } else { Err(unknown()) }
}

/// The URL of the style that launches carry when their EHR names none.
#[must_use]
pub fn style_url(app: &App) -> String {
    url_of(app, &app.style)
}

fn url_of(app: &App, style: &Style) -> String {
    app.site.issuer.endpoint(&format!("{}/{}.json", paths::STYLES, style.hash()))
}

fn hash_of(name: &str) -> Result<&str, Failure> {
    name.strip_suffix(".json").filter(|hash| hash.len() == 22).ok_or_else(unknown)
}

fn changed(app: &App, ehr: &ClientId, visit: &Visit, hash: &str) -> Event {
    Event {
        actor: Actor::Client(ehr.clone()),
        client: Some(ehr.clone()),
        detail: hash.to_owned(),
        ..visit.event(&app.site, Kind::StyleChanged)
    }
}

fn too_many() -> Failure {
    let refused =
        invalid(&format!("this client has {MOST_STYLES} styles: remove one that is not used"));
    Refusal::from(refused).status(StatusCode::CONFLICT).into()
}

fn unknown() -> Failure {
    let refused = invalid("there is no such style: styles have new names when they change");
    Refusal::from(refused).status(StatusCode::NOT_FOUND).into()
}

fn invalid(sentence: &str) -> Refused {
    Refused::new(ErrorCode::InvalidRequest, sentence)
}
