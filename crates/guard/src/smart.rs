//! `/.well-known/smart-configuration` under the FHIR base: the issuer's document, republished
//! (SMART App Launch 2.2 §conformance, CF-1, CF-2).

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::{Guard, Refusal, Refused};

/// Answers with the smart-configuration, as JSON whatever is asked for, to anybody.
///
/// # Errors
/// 503 while the issuer cannot be reached and no copy is left.
pub async fn smart_configuration(
    guard: web::Data<Guard>,
    request: HttpRequest,
) -> Result<HttpResponse, Refused> {
    let fetched = guard.smart_configuration().await.map_err(|fault| {
        tracing::error!(%fault, "the issuer's smart-configuration cannot be had");
        let refusal = Refusal::Unavailable("the issuer cannot be reached now");
        Refused::of(refusal, guard.manner(), &request)
    })?;
    // What is served past its time is to be asked for again soon.
    let age = fetched.fresh_until.saturating_sub(guard.now()).clamp(5, 300);
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CACHE_CONTROL, format!("public, max-age={age}")))
        .body((*fetched.value).clone()))
}
