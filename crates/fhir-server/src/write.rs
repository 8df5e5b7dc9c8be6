//! Creating, updating and deleting.

use actix_web::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION};
use actix_web::{HttpResponse, web::Payload};
use fireward_fhir::audit::AUDIT_EVENT;
use fireward_fhir_store::{Change, Precondition, Stored};
use serde_json::{Value, json};

use crate::body;
use crate::conditional::{Condition, Return, condition, etag, preferred_return};
use crate::failure::Failure;
use crate::negotiate::FHIR_JSON;
use crate::read::version;
use crate::serve::Asked;

/// `POST /Type`
pub(crate) async fn create(
    asked: &Asked<'_>,
    kind: &str,
    payload: &mut Payload,
) -> Result<HttpResponse, Failure> {
    let Asked { server, request, permit } = asked;
    let resource = body::resource(request, payload, kind, &server.base).await?;
    let id = (server.new_id)();
    let change = Change { kind, id: &id, only_if: Precondition::Absent, now: (server.now)() };
    let stored = server.records.create(permit, &change, &resource).await;
    Ok(written(asked, stored?, true))
}

/// `PUT /Type/id`
pub(crate) async fn update(
    asked: &Asked<'_>,
    (kind, id): (&str, &str),
    payload: &mut Payload,
) -> Result<HttpResponse, Failure> {
    let Asked { server, request, permit } = asked;
    // The audit trail grows, and nothing in it is replaced.
    let only_if = if kind == AUDIT_EVENT { Precondition::Absent } else { precondition(asked)? };
    let resource = body::resource(request, payload, kind, &server.base).await?;
    if resource.get("id").and_then(Value::as_str) != Some(id) {
        return Err(Failure::BadBody(format!(
            "the id of the body is not {id}, as the address has it"
        )));
    }
    let change = Change { kind, id, only_if, now: (server.now)() };
    let written_one = server.records.update(permit, &change, &resource).await?;
    Ok(written(asked, written_one.stored, written_one.created))
}

/// `DELETE /Type/id`
pub(crate) async fn delete(
    asked: &Asked<'_>,
    kind: &str,
    id: &str,
) -> Result<HttpResponse, Failure> {
    let Asked { server, permit, .. } = asked;
    let change = Change { kind, id, only_if: precondition(asked)?, now: (server.now)() };
    let deletion = server.records.delete(permit, &change).await?;
    Ok(HttpResponse::NoContent().insert_header((ETAG, etag(deletion))).finish())
}

/// `If-Match`, or `If-None-Match: *` for a resource that must not be there yet.
fn precondition(asked: &Asked<'_>) -> Result<Precondition, Failure> {
    let headers = asked.request.headers();
    let none = condition(headers, &IF_NONE_MATCH).map_err(Failure::condition("If-None-Match"))?;
    match (condition(headers, &IF_MATCH).map_err(Failure::condition("If-Match"))?, none) {
        (None, None) => Ok(Precondition::None),
        (Some(Condition::Any), None) => Ok(Precondition::Present),
        (Some(Condition::OneOf(versions)), None) => Ok(Precondition::OneOf(versions)),
        (None, Some(Condition::Any)) => Ok(Precondition::Absent),
        (_, Some(_)) => Err(Failure::BadCondition("If-None-Match")),
    }
}

fn written(asked: &Asked<'_>, stored: Stored, created: bool) -> HttpResponse {
    let mut answer = if created { HttpResponse::Created() } else { HttpResponse::Ok() };
    let Stored { kind, id, .. } = &stored;
    let at = format!("{}/{kind}/{id}/_history/{}", asked.server.base, stored.version);
    answer.insert_header((LOCATION, at));
    match preferred_return(asked.request.headers()) {
        Return::Representation => version(answer, stored),
        Return::Minimal => answer.insert_header((ETAG, etag(stored.version))).finish(),
        Return::OperationOutcome => {
            let issue = json!({ "severity": "information", "code": "informational" });
            let done = json!({ "resourceType": "OperationOutcome", "issue": [issue] });
            answer.insert_header((ETAG, etag(stored.version)));
            answer.content_type(FHIR_JSON).body(done.to_string())
        }
    }
}
