//! What is not made for one reader: style sheets, the EHR's public keys, the sample app and its settings.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web::{Data, Path},
};
use fireward_jose::{b64, sha256};
use fireward_pages::assets;
use serde_json::json;

use crate::{Ehr, config::SAMPLE_APP_PATH, failure::Failure};

/// `GET /assets/{hash}/{name}`
pub(crate) async fn asset(path: Path<(String, String)>) -> Result<HttpResponse, Failure> {
    let (hash, name) = path.into_inner();
    let asset = assets::find(&hash, &name).ok_or_else(Failure::not_found)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, asset.content_type))
        .insert_header((header::CACHE_CONTROL, asset.cache_control))
        .body(asset.bytes))
}

/// `GET /ehr/jwks.json`: the public half of the key of the EHR's client assertions (RFC 7517 §5).
pub(crate) async fn jwks(ehr: Data<Ehr>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .json(json!({ "keys": [ehr.config().key.public_jwk().to_json()] }))
}

/// `GET /sample-app`
pub(crate) async fn sample_app_root() -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, SAMPLE_APP_PATH)).finish()
}

/// `GET /sample-app/config.json`: all that the sample app must know.
pub(crate) async fn sample_config(ehr: Data<Ehr>) -> Result<HttpResponse, Failure> {
    let config = ehr.config();
    let app = config.sample_app.as_ref().ok_or_else(Failure::not_found)?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-cache")).json(json!({
        "name": app.name,
        "client_id": app.client_id,
        "fhir_base": config.fhir_base,
        "other_fhir_bases": app.other_fhir_bases,
        "issuer": config.issuer,
    })))
}

/// `GET /sample-app/{path}`
pub(crate) async fn sample_app(
    ehr: Data<Ehr>,
    request: HttpRequest,
    path: Path<String>,
) -> Result<HttpResponse, Failure> {
    let known = ehr.config().sample_app.is_some();
    let name = if path.is_empty() { "index.html" } else { path.as_str() };
    let file = SAMPLE_APP.iter().find(|file| known && file.name == name);
    let file = file.ok_or_else(Failure::not_found)?;
    let tag = format!("\"{}\"", b64::encode(sha256(file.bytes)));
    let kept =
        request.headers().get(header::IF_NONE_MATCH).is_some_and(|seen| seen == tag.as_str());
    let mut answer = if kept { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header((header::CONTENT_TYPE, content_type(name)))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::ETAG, tag))
        .insert_header((header::CONTENT_SECURITY_POLICY, ehr.policies().sample_app.clone()));
    Ok(if kept { answer.finish() } else { answer.body(file.bytes) })
}

fn content_type(name: &str) -> HeaderValue {
    HeaderValue::from_static(match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    })
}

struct File {
    name: &'static str,
    bytes: &'static [u8],
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(File { name: $name, bytes: include_bytes!(concat!("../../../static/sample-app/", $name)) }),*]
    };
}

static SAMPLE_APP: [File; 28] = files![
    "index.html",
    "launch.html",
    "app.css",
    "icon.svg",
    "js/asks.mjs",
    "js/chart.mjs",
    "js/config.mjs",
    "js/dom.mjs",
    "js/elsewhere.mjs",
    "js/format.mjs",
    "js/launch.mjs",
    "js/lists.mjs",
    "js/main.mjs",
    "js/memory.mjs",
    "js/observations.mjs",
    "js/people.mjs",
    "js/plot.mjs",
    "js/problem.mjs",
    "js/record.mjs",
    "js/scopes.mjs",
    "js/session.mjs",
    "js/start.mjs",
    "js/style.mjs",
    "js/told.mjs",
    "js/units.mjs",
    "vendor/fhir-client.pure.min.js",
    "vendor/fhir-client.pure.min.js.LICENSE.txt",
    "vendor/LICENSE",
];

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn the_library_is_the_published_one_unchanged() {
        let library =
            SAMPLE_APP.iter().find(|file| file.name == "vendor/fhir-client.pure.min.js").unwrap();
        let digest = sha256(library.bytes).iter().fold(String::new(), |mut text, octet| {
            let _ = write!(text, "{octet:02x}");
            text
        });
        assert_eq!(digest, "658dec434e308a6ba682158f1e94bfaa0f600bb500e78443369bfe7818133d90");
    }

    #[test]
    fn every_module_of_the_sample_app_is_served() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../static/sample-app/js");
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = format!("js/{}", entry.unwrap().file_name().to_string_lossy());
            assert!(SAMPLE_APP.iter().any(|file| file.name == name), "{name} is not in the table");
        }
    }

    #[test]
    fn no_page_of_the_sample_app_has_a_script_within_it() {
        for file in
            SAMPLE_APP.iter().filter(|file| ["index.html", "launch.html"].contains(&file.name))
        {
            let page = std::str::from_utf8(file.bytes).unwrap();
            assert!(
                !page.contains("<script>")
                    && !page.contains(" onclick")
                    && !page.contains(" style=")
            );
            assert!(!page.contains("//cdn") && !page.contains("https://"), "no third party");
        }
    }
}
