//! The user-access brands (SMART 2.2 brands): published to everybody, maintained by clients with the right to it.

mod answer;
mod condition;
pub(crate) mod one;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::CONTENT_TYPE},
    web::{Data, Payload},
};
use fireward_jose::json;
use fireward_oauth::{
    ClientId,
    audit::{Actor, Event, Kind},
    brands::{BRANDS_SCOPE, BrandIdentifier, Draft, Finding, MOST_OCTETS, Publication, Published},
};
use fireward_store::{StoreError, Tx};
use fireward_web::{Failure, Query, Visit};
use serde_json::Value;

use self::condition::Condition;
use crate::{App, token::bearer};

/// `GET /brands`
pub(crate) async fn show(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let found = app.site.store.brands(&app.site.id).await?;
    Ok(match &*found {
        Some(brands) => {
            answer::public(&request, (brands.text.clone(), &brands.tag), brands.updated_at)
        }
        None => answer::unmet(StatusCode::NOT_FOUND),
    })
}

/// `PUT /brands?primary=system|value`
pub(crate) async fn replace(
    app: Data<App>,
    request: HttpRequest,
    (visit, query): (Visit, Query),
    body: Payload,
) -> Result<HttpResponse, Failure> {
    let client = bearer::for_itself(&app, &request, BRANDS_SCOPE).await?;
    let bundle = match read(&request, body).await {
        Ok(bundle) => bundle,
        Err(refusal) => return Ok(refusal),
    };
    let named = match primary(&query) {
        Ok(named) => named,
        Err(finding) => return Ok(answer::told(StatusCode::BAD_REQUEST, &[finding])),
    };
    let condition = Condition::of(&request);
    let event = event(&app, &visit, client, "bundle");
    let settled = app.site.store.transact(async |tx| {
        let before = tx.brands().find(&app.site.id).await?;
        if let Err(status) = condition.check(before.as_ref().map(|before| before.tag.as_str())) {
            return Ok(Err(Unpublished::Unmet(status)));
        }
        let draft = Draft { bundle: bundle.clone(), named: named.clone() };
        settle(&app, tx, (before, draft), &event).await
    });
    Ok(match settled.await? {
        Ok(made) => report(&request, &made, made.created, (made.now.text.clone(), &made.now.tag)),
        Err(unpublished) => unpublished.answer(),
    })
}

/// `DELETE /brands`
pub(crate) async fn remove(
    app: Data<App>,
    request: HttpRequest,
    visit: Visit,
) -> Result<HttpResponse, Failure> {
    let client = bearer::for_itself(&app, &request, BRANDS_SCOPE).await?;
    let condition = Condition::of(&request);
    let event = event(&app, &visit, client, "removed");
    let settled = app.site.store.transact(async |tx| {
        let Some(before) = tx.brands().find(&app.site.id).await? else {
            return Ok(Err(StatusCode::NOT_FOUND));
        };
        if let Err(status) = condition.check(Some(&before.tag)) {
            return Ok(Err(status));
        }
        tx.brands().remove(&app.site.id, &before.tag).await?;
        tx.audit().write(&event).await?;
        Ok(Ok(()))
    });
    Ok(match settled.await? {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(status) => answer::unmet(status),
    })
}

/// A change that was made, or was no change.
struct Made {
    now: Box<Publication>,
    /// Whether there was nothing before.
    created: bool,
    findings: Vec<Finding>,
}

/// Why nothing was published.
enum Unpublished {
    /// The bundle would break rules.
    Faulty(Vec<Finding>),
    /// What is there is not what the request expects.
    Unmet(StatusCode),
}

impl Unpublished {
    fn answer(self) -> HttpResponse {
        match self {
            Self::Faulty(findings) => answer::told(StatusCode::UNPROCESSABLE_ENTITY, &findings),
            Self::Unmet(status) => answer::unmet(status),
        }
    }
}

/// Publishes a draft in the place of what is there, if it breaks no rule.
async fn settle(
    app: &App,
    tx: &Tx,
    (before, draft): (Option<Publication>, Draft),
    event: &Event,
) -> Result<Result<Made, Unpublished>, StoreError> {
    match (draft.publish(before.as_ref(), &app.site.issuer, app.now()), before) {
        (Published::Refused(findings), _) => Ok(Err(Unpublished::Faulty(findings))),
        (Published::Unchanged, Some(before)) => {
            Ok(Ok(Made { now: Box::new(before), created: false, findings: Vec::new() }))
        }
        // Nothing is as it was before there was anything.
        (Published::Unchanged, None) => Ok(Err(Unpublished::Unmet(StatusCode::NOT_FOUND))),
        (Published::New(now, findings), before) => {
            let tag = before.as_ref().map(|before| before.tag.as_str());
            tx.brands().publish(&app.site.id, tag, &now).await?;
            tx.audit().write(event).await?;
            Ok(Ok(Made { now, created: tag.is_none(), findings }))
        }
    }
}

/// The answer to a change: what is there now, or what is to be said of it, as the asker prefers.
fn report(
    request: &HttpRequest,
    made: &Made,
    created: bool,
    (text, tag): (String, &str),
) -> HttpResponse {
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    let prefer = request.headers().get_all("prefer").filter_map(|value| value.to_str().ok());
    if prefer.into_iter().any(|value| value.contains("return=OperationOutcome")) {
        return answer::told(status, &made.findings);
    }
    answer::changed(status, (text, tag), made.now.updated_at)
}

async fn read(request: &HttpRequest, body: Payload) -> Result<Value, HttpResponse> {
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !["application/fhir+json", "application/json"]
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known))
    {
        return Err(answer::unmet(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let invalid = |text: String| {
        let finding = Finding::error("structure", "Bundle", text);
        answer::told(StatusCode::BAD_REQUEST, &[finding])
    };
    let body = body.to_bytes_limited(MOST_OCTETS).await;
    let body = body.map_err(|_| answer::unmet(StatusCode::PAYLOAD_TOO_LARGE))?;
    let body = body.map_err(|_| invalid("the body did not arrive whole".to_owned()))?;
    json::from_slice(&body).map_err(|fault| invalid(format!("the body cannot be read: {fault}")))
}

/// Which brand is the primary one, where the request says it.
fn primary(query: &Query) -> Result<Option<BrandIdentifier>, Finding> {
    let wrong = |why: String| Finding::error("value", "primary", why);
    let text = query.0.one("primary").map_err(|twice| wrong(twice.to_string()))?;
    text.map(str::parse)
        .transpose()
        .map_err(|why: fireward_oauth::brands::NoIdentifier| wrong(why.to_string()))
}

fn event(app: &App, visit: &Visit, client: ClientId, detail: &str) -> Event {
    Event {
        actor: Actor::Client(client.clone()),
        client: Some(client),
        detail: detail.to_owned(),
        ..visit.event(&app.site, Kind::BrandsChanged)
    }
}
