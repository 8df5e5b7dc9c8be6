//! Creating, updating and deleting a state (AS-3, AS-4, AS-5).

use actix_web::http::header::{CONTENT_TYPE, ETAG, IF_MATCH, LOCATION};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use fireward_fhir::app_state::{Action, MOST_OCTETS, State, permit};
use fireward_fhir_store::StoredState;
use fireward_guard::{Bearer, Refused};
use serde_json::Value;

use super::{AppState, failure::Failure, url_of};
use crate::conditional::{Condition, condition, etag};
use crate::negotiate::{FHIR_JSON, is_json};

/// `POST /Basic`
pub(super) async fn create(
    bearer: Result<Bearer, Refused>,
    state: web::Data<AppState>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let created = async {
        let bearer = bearer?;
        let new = State::new(read(&request, payload).await?, &state.server.base)?;
        let permit = permit(bearer.access(), Action::Create, &new.key)?;
        let id = (state.server.new_id)();
        let now = (state.server.now)();
        Ok::<StoredState, Failure>(state.states.create(&permit, (&id, now), &new).await??)
    };
    match created.await {
        Ok(stored) => {
            let mut answer = HttpResponse::Created();
            answer.insert_header((LOCATION, url_of(&state, &stored)));
            whole(answer, stored)
        }
        Err(failure) => failure.answer(&request),
    }
}

/// `PUT /Basic/{id}` with `If-Match`
pub(super) async fn update(
    bearer: Result<Bearer, Refused>,
    (state, id): (web::Data<AppState>, web::Path<String>),
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let updated = async {
        let bearer = bearer?;
        let known = known(&request)?;
        let new = State::update(read(&request, payload).await?, &id, &state.server.base)?;
        let permit = permit(bearer.access(), Action::Update, &new.key)?;
        let now = (state.server.now)();
        Ok::<StoredState, Failure>(state.states.update(&permit, (&id, &known), (&new, now)).await??)
    };
    match updated.await {
        Ok(stored) => whole(HttpResponse::Ok(), stored),
        Err(failure) => failure.answer(&request),
    }
}

/// `DELETE /Basic/{id}` with `If-Match`
pub(super) async fn delete(
    bearer: Result<Bearer, Refused>,
    (state, id): (web::Data<AppState>, web::Path<String>),
    request: HttpRequest,
) -> HttpResponse {
    let deleted = async {
        let bearer = bearer?;
        let known = known(&request)?;
        Ok::<(), Failure>(state.states.delete(bearer.access(), (&id, &known)).await??)
    };
    match deleted.await {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(failure) => failure.answer(&request),
    }
}

/// The versions that the asker knows. `*` names none, and neither does what is no version of ours.
fn known(request: &HttpRequest) -> Result<Vec<u64>, Failure> {
    match condition(request.headers(), &IF_MATCH) {
        Ok(Some(Condition::OneOf(versions))) => Ok(versions),
        Ok(Some(Condition::Any)) | Err(_) => Ok(Vec::new()),
        Ok(None) => Err(Failure::NoCondition),
    }
}

async fn read(request: &HttpRequest, payload: web::Payload) -> Result<Value, Failure> {
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !is_json(media.unwrap_or_default()) {
        return Err(Failure::MediaType);
    }
    let body = payload.to_bytes_limited(MOST_OCTETS).await.map_err(|_| Failure::TooLarge)?;
    let body = body.map_err(|_| Failure::BadBody("the body was cut short".to_owned()))?;
    serde_json::from_slice(&body)
        .map_err(|error| Failure::BadBody(format!("the body is no JSON: {error}")))
}

fn whole(mut answer: HttpResponseBuilder, stored: StoredState) -> HttpResponse {
    answer.insert_header((ETAG, etag(stored.version))).content_type(FHIR_JSON).body(stored.body)
}
