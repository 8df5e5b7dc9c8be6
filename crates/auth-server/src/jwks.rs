//! The published keys (RFC 7517 §5): one rendered document, good for as long as the rotation plan allows.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH},
    web::Data,
};
use fireward_oauth::{ErrorCode, Refused};
use fireward_web::Failure;

use crate::App;

/// `GET /jwks`
pub(crate) async fn jwks(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let keyring = app.keyring.load();
    if !keyring.is_fresh(app.now().unix()) {
        // A verifier that kept this copy might miss the next key.
        let sentence = "the keys could not be read for too long: try again";
        return Err(Refused::new(ErrorCode::TemporarilyUnavailable, sentence).into());
    }
    let tag = format!("\"{}\"", keyring.jwks_digest());
    let known = request.headers().get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    let unchanged = known.flat_map(|tags| tags.split(',')).any(|one| one.trim() == tag);
    let mut answer = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header((CACHE_CONTROL, format!("public, max-age={}", app.keeping.jwks_max_age)))
        .insert_header((ETAG, tag));
    if unchanged {
        return Ok(answer.finish());
    }
    Ok(answer.content_type("application/json").body(keyring.jwks()))
}
