//! App state (SMART App Launch 2.2 app-state), at a FHIR base of its own beside the records, so that nothing of it is
//! ever taken for a clinical resource (AS-1).

mod failure;
mod write;

use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use fireward_fhir::app_state::{Action, asked, permit, statement};
use fireward_fhir_store::{States, StoredState, Vault};
use fireward_guard::manners::{NewRequestId, envelope};
use fireward_guard::{Bearer, Refused};
use url::Url;

use self::failure::Failure;
use crate::bundle::{Link, states};
use crate::negotiate::{FHIR_JSON, accepts_json};
use crate::server::FhirServer;
use crate::{SMART, metadata};

/// What the handlers need: the server whose tokens open the state, and where the state is.
#[derive(Clone)]
pub struct AppState {
    server: Arc<FhirServer>,
    states: States,
    base: String,
    path: String,
}

impl AppState {
    /// The state of the apps of a FHIR server, under a base of its own.
    #[must_use]
    pub fn new(server: &web::Data<FhirServer>, vault: Vault, base: &Url) -> Self {
        Self {
            server: Arc::clone(server),
            states: server.records.states(vault),
            base: base.as_str().trim_end_matches('/').to_owned(),
            path: base.path().trim_end_matches('/').to_owned(),
        }
    }
}

/// Mounts it under the path of its base.
pub fn configure_app_state(config: &mut ServiceConfig, state: web::Data<AppState>) {
    let scope = web::scope(&state.path)
        .app_data(state.server.guard.clone())
        .app_data(NewRequestId(state.server.new_id.clone()))
        .app_data(web::Data::from(Arc::clone(&state.server)))
        .app_data(state)
        // To anybody: the same issuer gives the tokens.
        .route(SMART, web::get().to(fireward_guard::smart_configuration))
        .route(SMART, web::head().to(fireward_guard::smart_configuration))
        .route("/metadata", web::get().to(capabilities))
        .route("/metadata", web::head().to(capabilities))
        .service(
            web::resource("/Basic")
                .get(search)
                .post(write::create)
                .default_service(web::to(async |request| wrong_method(&request, "GET, POST"))),
        )
        .service(
            web::resource("/Basic/{id}")
                .put(write::update)
                .delete(write::delete)
                .default_service(web::to(async |request| wrong_method(&request, "PUT, DELETE"))),
        )
        .default_service(web::to(async |request: HttpRequest| Failure::NoSuchPath.answer(&request)))
        .wrap(from_fn(envelope));
    config.service(scope);
}

/// `GET /metadata`
async fn capabilities(state: web::Data<AppState>, request: HttpRequest) -> HttpResponse {
    metadata::told(&state.server, &request, (&state.base, statement)).await
}

/// `GET /Basic?code=…&subject=…`
async fn search(
    bearer: Result<Bearer, Refused>,
    state: web::Data<AppState>,
    request: HttpRequest,
) -> HttpResponse {
    let found = async {
        let bearer = bearer?;
        let format = fireward_fhir::search::pairs(request.query_string()).unwrap_or_default();
        let format = format.iter().find(|(name, _)| name == "_format");
        if !accepts_json(request.headers(), format.map(|(_, format)| format.as_str())) {
            return Err(Failure::NotAcceptable);
        }
        let key = asked(request.query_string(), &state.server.base)?;
        let permit = permit(bearer.access(), Action::Search, &key)?;
        Ok(state.states.search(&permit).await?)
    };
    match found.await {
        Ok(found) => {
            let url = format!("{}/Basic?{}", state.base, request.query_string());
            let link = Link { relation: "self", url };
            let found: Vec<_> = found.iter().map(|one| (url_of(&state, one), &one.body)).collect();
            HttpResponse::Ok().content_type(FHIR_JSON).body(states(&link, &found))
        }
        Err(failure) => failure.answer(&request),
    }
}

fn wrong_method(request: &HttpRequest, allow: &'static str) -> HttpResponse {
    Failure::Method(allow).answer(request)
}

/// Where a state is, as `fullUrl` and `Location` say it.
fn url_of(state: &AppState, stored: &StoredState) -> String {
    format!("{}/Basic/{}", state.base, stored.id)
}
