#![doc = include_str!("../README.md")]

mod app;
mod authorize;
mod consent;
mod encounter;
mod landing;
mod login;
mod logout;
mod patient;

use std::sync::Arc;

use actix_web::{
    Resource, middleware::from_fn,
    web::{self, Data, ServiceConfig},
};

pub use app::App;
pub use login::Passwords;

/// Mounts every path of an issuer: the browser's side and the protocol's side.
///
/// Each resource carries its issuer's [`App`], so several issuers may share a listener.
pub fn configure(cfg: &mut ServiceConfig, app: &Arc<App>) {
    for (path, resource) in PAGES {
        let at = app.site.path(path);
        cfg.service(resource(web::resource(at)).app_data(Data::from(Arc::clone(app)))
            .app_data(Data::from(Arc::clone(&app.site))).wrap(from_fn(fireward_web::pages)));
    }
    for (path, resource) in PROTOCOL {
        let at = app.site.path(path);
        cfg.service(resource(web::resource(at)).app_data(Data::from(Arc::clone(app)))
            .app_data(Data::from(Arc::clone(&app.site))).wrap(from_fn(fireward_web::protocol)));
    }
}

type Routes = fn(Resource) -> Resource;

/// What people see in a browser: pages, cookies, no CORS.
const PAGES: &[(&str, Routes)] = &[
    ("/", |at| at.get(landing::home)),
    ("/assets/{hash}/{name}", |at| at.get(landing::asset)),
    ("/authorize", |at| at.get(authorize::start).post(authorize::receive)),
    ("/authorize/{id}", |at| at.get(authorize::resume)),
    ("/login", |at| at.get(login::local::show).post(login::local::submit)),
    ("/login/{id}", |at| at.get(login::show).post(login::submit)),
    ("/patient/{id}", |at| at.get(patient::show).post(patient::choose)),
    ("/encounter/{id}", |at| at.get(encounter::show).post(encounter::choose)),
    ("/consent/{id}", |at| at.get(consent::show).post(consent::decide)),
    ("/logout", |at| at.get(logout::show).post(logout::submit)),
];

/// What programs speak to: no cookies, CORS for everybody (D-21).
const PROTOCOL: &[(&str, Routes)] = &[
    // One line an endpoint, such as: ("/token", |at| at.post(token::token)),
];
