//! Bulk Data export through the gateway (D-44): the server behind does it, every address of it is sealed for who has asked,
//! and its files are judged line by line.

mod file;
mod status;

use actix_web::http::header::{CONTENT_LOCATION, HeaderMap};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use fireward_fhir::export::{Export, Level, parse, parts};
use fireward_fhir::reference::is_id;
use fireward_fhir::search::pairs;
use fireward_fhir::{Denial, NotUnderstood, outcome};
use fireward_guard::manners::negotiate::{FHIR_JSON, accepts_json};
use fireward_guard::{Bearer, Refused};
use fireward_outbound::Verb;
use serde::{Deserialize, Serialize};
use url::form_urlencoded::Serializer;

use crate::failure::{Failure, Fault};
use crate::gateway::Gateway;
use crate::upstream;

/// An export that was begun.
#[derive(Debug, Serialize, Deserialize)]
struct Job {
    /// Where it stands: path and query, below the base of the server behind.
    #[serde(rename = "t")]
    target: String,
    /// What was asked of us.
    #[serde(rename = "r")]
    request: String,
}

/// A file of an export.
#[derive(Debug, Serialize, Deserialize)]
struct File {
    #[serde(rename = "t")]
    target: String,
    #[serde(rename = "k")]
    kind: String,
}

/// Mounts the paths of exports, below the base.
pub(crate) fn routes(config: &mut ServiceConfig) {
    for path in ["/$export", "/{kind:Patient}/$export", "/{kind:Group}/{id}/$export"] {
        let kick_off = web::resource(path).route(web::get().to(kick_off));
        config.service(kick_off.default_service(web::to(no)));
    }
    let status = web::resource("/exports/{export}").route(web::get().to(status::answer));
    config.service(status.route(web::delete().to(status::delete)).default_service(web::to(no)));
    let file = web::resource("/exports/files/{file}").route(web::get().to(file::answer));
    config.service(file.default_service(web::to(no)));
}

async fn no(bearer: Result<Bearer, Refused>, request: HttpRequest) -> HttpResponse {
    let failure = match bearer {
        Ok(_) => NotUnderstood::Method.into(),
        Err(refused) => Failure::from(refused),
    };
    failure.answer(&request)
}

async fn kick_off(
    bearer: Result<Bearer, Refused>,
    gateway: web::Data<Gateway>,
    request: HttpRequest,
) -> HttpResponse {
    let begun = async {
        let bearer = bearer?;
        begin(&bearer, &gateway, &request).await.map_err(|failure| worded(&bearer, failure))
    };
    begun.await.unwrap_or_else(|failure: Failure| failure.answer(&request))
}

/// A denial in the guard's words.
fn worded(bearer: &Bearer, failure: Failure) -> Failure {
    if let Failure::Denied(denial) = failure { bearer.refuse(denial).into() } else { failure }
}

async fn begin(
    bearer: &Bearer,
    gateway: &Gateway,
    request: &HttpRequest,
) -> Result<HttpResponse, Failure> {
    if !accepts_json(request.headers(), None) {
        return Err(Failure::NotAcceptable);
    }
    let preferences = preferences(request.headers());
    if !preferences.iter().any(|one| one == "respond-async") {
        let told = "an export is answered later only: send `Prefer: respond-async`";
        return Err(Failure::BadBody(told.to_owned()));
    }
    let lenient = preferences.iter().any(|one| one == "handling=lenient");
    let path = request.path().strip_prefix(&gateway.path).unwrap_or_default();
    let wrong = |why: String| Failure::BadBody(why);
    let asked = pairs(request.query_string()).map_err(|why| wrong(why.to_string()))?;
    let level = level(bearer, request)?;
    let export =
        parse(level, &asked, lenient, &gateway.base).map_err(|why| wrong(why.to_string()))?;
    parts(bearer.access(), &export, &gateway.rules)?;
    let mut query = Serializer::new(String::new());
    let known = |name: &str| {
        matches!(name, "_type" | "_since" | "_until" | "_typeFilter" | "_outputFormat")
    };
    query.extend_pairs(asked.iter().filter(|(name, _)| known(name)));
    let target = format!("{}?{}", path.trim_start_matches('/'), query.finish());
    let headers = [("prefer", "respond-async")];
    let sent = upstream::Asked { verb: Verb::Get, target: &target, headers: &headers, body: None };
    let heard = gateway.upstream.ask(sent).await?;
    if heard.status != 202 {
        return Err(heard.refused());
    }
    let at = heard.header("content-location").and_then(|at| gateway.upstream.link(at));
    let target = at.ok_or(Fault::Unproven("it does not say where an export stands"))?;
    let request = format!("{}{path}?{}", gateway.base, request.query_string());
    let sealed = gateway.links.seal(bearer.access(), JOB, &Job { target, request })?;
    let at = format!("{}/exports/{sealed}", gateway.base);
    let told = outcome("informational", "the export was accepted: ask at Content-Location");
    let told = told.to_string().replace("\"error\"", "\"information\"");
    let mut accepted = HttpResponse::Accepted();
    Ok(accepted.insert_header((CONTENT_LOCATION, at)).content_type(FHIR_JSON).body(told))
}

/// Of whom. A group is known to those alone whose token is not bound to another.
fn level(bearer: &Bearer, request: &HttpRequest) -> Result<Level, Failure> {
    let segment = |name: &str| request.match_info().get(name);
    let Some(id) = segment("id") else {
        return Ok(if segment("kind").is_some() { Level::Patients } else { Level::System });
    };
    let open = is_id(id) && bearer.access().group().is_none_or(|bound| bound == id);
    if open { Ok(Level::Group(id.to_owned())) } else { Err(Denial::NotFound.into()) }
}

/// The export of one type alone: what a token opens of it now.
fn of_type(kind: &'static str) -> Export {
    let (types, filters, ignored) = (vec![kind], Vec::new(), Vec::new());
    Export { level: Level::System, since: None, until: None, types, filters, ignored }
}

/// The preferences of a request (RFC 7240 §2), in lower case.
fn preferences(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all("prefer").filter_map(|line| line.to_str().ok());
    let words = lines.flat_map(|line| line.split([',', ';']));
    words.map(|word| word.trim().replace(['"', ' '], "").to_ascii_lowercase()).collect()
}

const JOB: &str = "export";
const FILE: &str = "file of an export";
