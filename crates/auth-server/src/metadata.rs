//! The discovery documents (OpenID Discovery §4, RFC 8414 §3, SMART 2.2 conformance), derived from what the
//! code can do.

use std::sync::Arc;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header::CACHE_CONTROL},
    web::{Bytes, Data},
};
use arc_swap::ArcSwapOption;
use fireward_oauth::{
    ErrorCode, Issuer, Refused,
    brands::advertise,
    capability::{Capabilities, Capability},
    metadata::{discovery, smart_configuration},
    resource_server::ResourceServer,
};
use fireward_web::{Failure, Query, Refusal};

use crate::App;

/// The discovery document as it was rendered last, with the resource servers that it was rendered from.
///
/// The store hands out the same list until one of them changes, so that comparing pointers is enough.
#[derive(Debug, Default)]
pub struct Rendered(ArcSwapOption<(Arc<Vec<ResourceServer>>, Bytes)>);

impl Rendered {
    fn of(
        &self,
        issuer: &Issuer,
        servers: Arc<Vec<ResourceServer>>,
        capabilities: &Capabilities,
    ) -> Result<Bytes, Failure> {
        if let Some(last) = &*self.0.load()
            && Arc::ptr_eq(&last.0, &servers)
        {
            return Ok(last.1.clone());
        }
        let text = serde_json::to_vec(&discovery(issuer, &servers, capabilities))
            .map_err(Failure::broken)?;
        let text = Bytes::from(text);
        self.0.store(Some(Arc::new((servers, text.clone()))));
        Ok(text)
    }
}

/// `GET /.well-known/openid-configuration`, for as long as this is an OpenID provider.
pub(crate) async fn openid(app: Data<App>) -> Result<HttpResponse, Failure> {
    if !app.site.policy.capabilities.has(Capability::SsoOpenidConnect) {
        let sentence = format!("this server has turned {} off", Capability::SsoOpenidConnect);
        let refused = Refused::new(ErrorCode::InvalidRequest, sentence);
        return Err(Refusal::from(refused).status(StatusCode::NOT_FOUND).into());
    }
    document(app).await
}

/// `GET /.well-known/oauth-authorization-server`
pub(crate) async fn document(app: Data<App>) -> Result<HttpResponse, Failure> {
    let servers = app.site.store.resource_servers(&app.site.id).await?;
    let text = app.discovery.of(&app.site.issuer, servers, &app.site.policy.capabilities)?;
    Ok(public().content_type("application/json").body(text))
}

/// `GET /.well-known/smart-configuration?aud=…`: what the FHIR server of that base publishes as its own.
pub(crate) async fn smart(app: Data<App>, query: Query) -> Result<HttpResponse, Failure> {
    let invalid = |sentence: &str| Refused::new(ErrorCode::InvalidRequest, sentence);
    let aud = query.0.one("aud").map_err(|twice| invalid(&twice.to_string()))?;
    let wanted = |server: &ResourceServer| aud.map_or(server.home, |aud| server.is_named_by(aud));
    let servers = app.site.store.resource_servers_with(&app.site.id, wanted).await?;
    let server = match aud {
        Some(aud) => servers.iter().find(|server| server.is_named_by(aud)),
        None if servers.iter().filter(|server| server.home).count() == 1 => {
            servers.iter().find(|server| server.home)
        }
        None => return Err(invalid("aud is missing: name the FHIR base URL").into()),
    };
    let Some(server) = server else {
        let refused = invalid("aud is not a FHIR server of this issuer");
        return Err(Refusal::from(refused).status(StatusCode::NOT_FOUND).into());
    };
    let capabilities = &app.site.policy.capabilities;
    let mut document = smart_configuration(&app.site.issuer, server, capabilities);
    if let Some(brands) = &*app.site.store.brands(&app.site.id).await? {
        document.extend(advertise(&app.site.issuer, brands));
    }
    Ok(public().json(document))
}

/// JSON whatever was asked for (CF-2), for everybody to keep for a while.
fn public() -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, "public, max-age=300"));
    answer
}
