#![doc = include_str!("../README.md")]

mod app;
mod authorize;
mod brands;
#[cfg(test)]
mod browser_tests;
mod challenge;
mod clients;
mod consent;
mod context;
mod errors;
mod extract;
mod grants;
mod introspect;
mod jwks;
pub mod keyring;
mod landing;
mod launch_contexts;
mod login;
mod logos;
mod logout;
mod metadata;
mod openapi;
mod patient;
#[cfg(test)]
mod protocol_tests;
mod revoke;
mod styles;
mod token;
mod trail;
mod userinfo;

use std::sync::Arc;

use actix_web::{
    HttpResponse, Resource,
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};

use fireward_oauth::metadata::paths;
use fireward_pages::Trouble;
use fireward_web::{Failure, Fault, wrong_method};

pub use app::App;
pub use clients::{ClientKeys, Throttled};
pub use login::{Addresses, Busy, NotHashed, Passwords, hash, is_password};
pub use logos::Logos;
pub use metadata::Rendered;
pub use styles::style_url;
pub use trail::{AuditTo, Undelivered, deliver};

/// Mounts every path of an issuer: the browser's side and the protocol's side.
///
/// Each resource carries its issuer's [`App`], so several issuers may share a listener.
pub fn configure(cfg: &mut ServiceConfig, app: &Arc<App>) {
    for (path, resource) in PAGES {
        let at = app.site.path(path);
        cfg.service(
            resource(web::resource(at))
                .app_data(Data::from(Arc::clone(app)))
                .app_data(Data::from(Arc::clone(&app.site)))
                .wrap(from_fn(fireward_web::pages)),
        );
    }
    for (path, resource) in ACCOUNT {
        let at = app.site.path(path);
        cfg.service(
            resource(web::resource(at))
                .app_data(Data::from(Arc::clone(app)))
                .app_data(Data::from(Arc::clone(&app.site)))
                .wrap(from_fn(fireward_web::private)),
        );
    }
    let mounted = app.site.issuer.path();
    let inserted = INSERTED.iter().filter(|_| !mounted.is_empty());
    let inserted = inserted.map(|(path, resource)| (format!("{path}{mounted}"), resource));
    let appended = PROTOCOL.iter().map(|(path, resource)| (app.site.path(path), resource));
    for (at, resource) in appended.chain(inserted) {
        cfg.service(
            resource(web::resource(at))
                .app_data(Data::from(Arc::clone(app)))
                .app_data(Data::from(Arc::clone(&app.site)))
                .wrap(from_fn(fireward_web::protocol)),
        );
    }
}

/// Says on every other path of a listener that there is nothing. Mounted last.
pub fn configure_nowhere(cfg: &mut ServiceConfig, app: &Arc<App>) {
    let nowhere = async || Err::<HttpResponse, Failure>(Fault::new(Trouble::NotFound).into());
    cfg.service(
        web::resource("/{nowhere:.*}")
            .default_service(web::to(nowhere))
            .app_data(Data::from(Arc::clone(&app.site)))
            .wrap(from_fn(fireward_web::pages)),
    );
}

type Routes = fn(Resource) -> Resource;

/// What people see in a browser: pages, cookies, no CORS.
const PAGES: &[(&str, Routes)] = &[
    ("/", |at| read(at).get(landing::home)),
    ("/assets/{hash}/{name}", |at| read(at).get(landing::asset)),
    ("/logo", |at| read(at).get(logos::logo)),
    (paths::AUTHORIZE, |at| both(at).get(authorize::start).post(authorize::receive)),
    ("/authorize/{id}", |at| read(at).get(authorize::resume)),
    ("/login", |at| both(at).get(login::local::show).post(login::local::submit)),
    ("/login/{id}", |at| both(at).get(login::show).post(login::submit)),
    ("/login/{id}/continue", |at| posted(at).post(login::go_on)),
    ("/login/{id}/switch", |at| posted(at).post(login::switch)),
    ("/patient/{id}", |at| both(at).get(patient::show).post(patient::choose)),
    ("/patient/{id}/cancel", |at| posted(at).post(patient::cancel)),
    ("/context/{id}", |at| both(at).get(context::show).post(context::choose)),
    ("/context/{id}/without", |at| posted(at).post(context::without)),
    ("/consent/{id}", |at| both(at).get(consent::show).post(consent::decide)),
    ("/errors/{code}", |at| read(at).get(errors::code)),
    ("/errors/{code}/{id}", |at| read(at).get(errors::request)),
    ("/logout", |at| both(at).get(logout::show).post(logout::submit)),
];

/// Pages of an account that check a password.
const ACCOUNT: &[(&str, Routes)] =
    &[("/account/password", |at| both(at).get(login::change::show).post(login::change::submit))];

/// What programs speak to: no cookies, CORS for everybody (D-21).
const PROTOCOL: &[(&str, Routes)] = &[
    ("/.well-known/openid-configuration", |at| read(at).get(metadata::openid)),
    ("/.well-known/oauth-authorization-server", |at| read(at).get(metadata::document)),
    ("/.well-known/smart-configuration", |at| read(at).get(metadata::smart)),
    (paths::JWKS, |at| read(at).get(jwks::jwks)),
    (paths::PAR, |at| posted(at).post(authorize::push)),
    (paths::TOKEN, |at| posted(at).post(token::token)),
    (paths::USERINFO, |at| both(at).get(userinfo::get).post(userinfo::post)),
    (paths::INTROSPECT, |at| posted(at).post(introspect::introspect)),
    (paths::REVOKE, |at| posted(at).post(revoke::revoke)),
    ("/grants/{id}", |at| both(at).get(grants::read).post(grants::ask)),
    (paths::LAUNCH_CONTEXTS, |at| posted(at).post(launch_contexts::prepare)),
    ("/launch-contexts/{id}", |at| {
        removable(at).get(launch_contexts::show).delete(launch_contexts::withdraw)
    }),
    (paths::STYLES, |at| posted(at).post(styles::register)),
    ("/styles/{name}", |at| removable(at).get(styles::show).delete(styles::remove)),
    (paths::BRANDS, |at| kept(at).get(brands::show).put(brands::replace).delete(brands::remove)),
    ("/brands/{kind}/{id}", |at| {
        kept(at).get(brands::one::show).put(brands::one::replace).delete(brands::one::remove)
    }),
    (paths::OPENAPI, |at| read(at).get(openapi::document)),
];

/// Where else the metadata of an issuer with a path is looked for: at the root, that path after it (RFC 8414 §3.1).
const INSERTED: &[(&str, Routes)] = &[
    ("/.well-known/openid-configuration", |at| read(at).get(metadata::openid)),
    ("/.well-known/oauth-authorization-server", |at| read(at).get(metadata::document)),
];

fn read(at: Resource) -> Resource {
    at.default_service(web::to(async || wrong_method("GET, HEAD")))
}

fn both(at: Resource) -> Resource {
    at.default_service(web::to(async || wrong_method("GET, HEAD, POST")))
}

fn kept(at: Resource) -> Resource {
    at.default_service(web::to(async || wrong_method("GET, HEAD, PUT, DELETE")))
}

fn removable(at: Resource) -> Resource {
    at.default_service(web::to(async || wrong_method("GET, HEAD, DELETE")))
}

fn posted(at: Resource) -> Resource {
    at.default_service(web::to(async || wrong_method("POST")))
}
