//! The page at the issuer's root, and the embedded files that pages load.

use actix_web::{
    HttpResponse,
    http::header::CACHE_CONTROL,
    web::{Data, Path},
};
use fireward_oauth::metadata::paths;
use fireward_pages::{Trouble, assets, home::HomePage};
use fireward_web::{Destination, Failure, Fault, Visit, chrome, html};

use crate::App;

/// `GET /`.
pub(crate) async fn home(app: Data<App>, visit: Visit) -> Result<HttpResponse, Failure> {
    let site = &app.site;
    let servers = site.store.resource_servers(&site.id).await?;
    let document = |name: &str, path: &str| (name.to_owned(), site.path(path));
    let page = HomePage {
        chrome: chrome(site, visit.language(None)),
        issuer: site.issuer.as_str().to_owned(),
        account_href: site.path(Destination::Account.path()),
        fhir_bases: servers.iter().map(|server| server.base_url.clone()).collect(),
        documents: vec![
            document("openid-configuration", "/.well-known/openid-configuration"),
            document("oauth-authorization-server", "/.well-known/oauth-authorization-server"),
            document("JWKS", paths::JWKS),
        ],
    };
    Ok(html(page.render()))
}

/// `GET /assets/{hash}/{name}`.
pub(crate) async fn asset(path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let (hash, name) = path.into_inner();
    let asset = assets::find(&hash, &name).ok_or_else(|| Fault::new(Trouble::NotFound))?;
    let mut answer = HttpResponse::Ok();
    answer.content_type(asset.content_type).insert_header((CACHE_CONTROL, asset.cache_control));
    Ok(answer.body(asset.bytes))
}
