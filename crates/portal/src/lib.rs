#![doc = include_str!("../README.md")]

mod apps;
mod connected;
mod devices;
mod home;
mod looks;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use actix_web::{
    Resource,
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};
use fireward_web::{Looks, Names, Site, private, wrong_method};

/// Mounts the account's pages of an issuer; patients are called by the names that `names` finds, and who looked at their
/// records is what `looks` finds.
pub fn configure(
    cfg: &mut ServiceConfig,
    site: &Arc<Site>,
    (names, looks): (&Arc<dyn Names>, &Arc<dyn Looks>),
) {
    for (path, resource) in PAGES {
        let at = web::resource(site.path(path))
            .app_data(Data::from(Arc::clone(site)))
            .app_data(Data::from(Arc::clone(names)))
            .app_data(Data::from(Arc::clone(looks)));
        cfg.service(resource(at).wrap(from_fn(private)));
    }
}

type Routes = fn(Resource) -> Resource;

const PAGES: &[(&str, Routes)] = &[
    ("/account", |at| read(at).get(home::show)),
    ("/account/apps", |at| read(at).get(apps::list)),
    ("/account/apps/disconnect", |at| both(at).get(apps::ask).post(apps::disconnect)),
    ("/account/looks", |at| read(at).get(looks::show)),
    ("/account/looks.csv", |at| read(at).get(looks::table)),
    ("/account/devices", |at| read(at).get(devices::list)),
    ("/account/devices/end-all", |at| both(at).get(devices::ask).post(devices::end_all)),
    ("/account/devices/{sid}/end", |at| posted(at).post(devices::end)),
];

fn read(at: Resource) -> Resource {
    at.default_service(web::to(async || wrong_method("GET, HEAD")))
}

fn both(at: Resource) -> Resource {
    at.default_service(web::to(async || wrong_method("GET, HEAD, POST")))
}

fn posted(at: Resource) -> Resource {
    at.default_service(web::to(async || wrong_method("POST")))
}
