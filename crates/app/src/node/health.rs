//! `/health/live` and `/health/ready`, for whoever restarts or routes around a node.

use std::sync::Arc;

use actix_web::{
    HttpResponse,
    web::{self, Data, ServiceConfig},
};
use fireward_auth_server::App;

/// Mounts both.
pub(super) fn configure(cfg: &mut ServiceConfig, app: &Arc<App>) {
    cfg.service(
        web::scope("/health")
            .app_data(Data::from(Arc::clone(app)))
            .service(web::resource("/live").get(live).route(web::head().to(live)))
            .service(web::resource("/ready").get(ready).route(web::head().to(ready))),
    );
}

/// The process answers.
async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("live")
}

/// It can do its work: the database answers and the keys may sign.
async fn ready(app: Data<App>) -> HttpResponse {
    if app.site.store.ping().await.is_err() {
        return HttpResponse::ServiceUnavailable().body("the database does not answer");
    }
    if !app.keyring.load().is_fresh(app.now().unix()) {
        return HttpResponse::ServiceUnavailable().body("the signing keys are out of date");
    }
    HttpResponse::Ok().content_type("text/plain").body("ready")
}
