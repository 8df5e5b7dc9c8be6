//! The discovery documents (OpenID Discovery §4, RFC 8414 §3, SMART 2.2 conformance), derived from what the
//! code can do.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CACHE_CONTROL},
    web::Data,
};
use fireward_oauth::{
    ErrorCode, Refused,
    metadata::{discovery, smart_configuration},
};
use fireward_web::{Failure, Query, Refusal};
use serde_json::{Map, Value};

use crate::App;

/// `GET /.well-known/openid-configuration` and `GET /.well-known/oauth-authorization-server`
pub(crate) async fn document(app: Data<App>) -> Result<HttpResponse, Failure> {
    let servers = app.site.store.resource_servers(&app.site.id).await?;
    Ok(public(&discovery(&app.site.issuer, &servers)))
}

/// `GET /.well-known/smart-configuration?aud=…`: what the FHIR server of that base publishes as its own.
pub(crate) async fn smart(app: Data<App>, query: Query) -> Result<HttpResponse, Failure> {
    let invalid = |sentence: &str| Refused::new(ErrorCode::InvalidRequest, sentence);
    let aud = query.0.one("aud").map_err(|twice| invalid(&twice.to_string()))?;
    let servers = app.site.store.resource_servers(&app.site.id).await?;
    let server = match aud {
        Some(aud) => servers.iter().find(|server| server.is_named_by(aud)),
        None if servers.len() == 1 => servers.first(),
        None => return Err(invalid("aud is missing: name the FHIR base URL").into()),
    };
    let Some(server) = server else {
        let refused = invalid("aud is not a FHIR server of this issuer");
        return Err(Refusal::from(refused).status(StatusCode::NOT_FOUND).into());
    };
    Ok(public(&smart_configuration(&app.site.issuer, server)))
}

/// JSON whatever was asked for (CF-2), for everybody to keep for a while.
fn public(document: &Map<String, Value>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(document)
}
