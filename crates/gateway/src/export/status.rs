//! How an export stands, and an end to it.

use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpRequest, HttpResponse, web};
use fireward_fhir::definitions::served;
use fireward_fhir::export::parts;
use fireward_fhir::outcome;
use fireward_guard::manners::negotiate::FHIR_JSON;
use fireward_guard::{Bearer, Refused};
use fireward_outbound::Verb;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{FILE, File, JOB, Job, of_type, worded};
use crate::failure::{Failure, Fault};
use crate::gateway::Gateway;
use crate::upstream;

/// `GET exports/[id]`
pub(super) async fn answer(
    bearer: Result<Bearer, Refused>,
    gateway: web::Data<Gateway>,
    request: HttpRequest,
    export: web::Path<String>,
) -> HttpResponse {
    let told = async {
        let bearer = bearer?;
        told(&bearer, &gateway, &export).await.map_err(|failure| worded(&bearer, failure))
    };
    told.await.unwrap_or_else(|failure: Failure| failure.answer(&request))
}

async fn told(bearer: &Bearer, gateway: &Gateway, id: &str) -> Result<HttpResponse, Failure> {
    let job: Job = gateway.links.open(bearer.access(), JOB, id).ok_or(Failure::Missing)?;
    let heard = gateway.upstream.get(&job.target).await?;
    match heard.status {
        // How far it is tells how much there is, of which this asker may see less.
        202 => {
            let pause = heard.retry_after().unwrap_or(5).clamp(1, 120);
            Ok(HttpResponse::Accepted().insert_header((RETRY_AFTER, pause.to_string())).finish())
        }
        200 => {
            let manifest: Manifest = fireward_jose::json::from_slice(heard.json()?)
                .map_err(|_| Fault::Unproven("it is no manifest of an export"))?;
            let manifest = ours(bearer, gateway, &job, manifest)?;
            Ok(HttpResponse::Ok().content_type("application/json").body(manifest.to_string()))
        }
        _ => Err(heard.refused()),
    }
}

/// The manifest with our addresses, of the types that the token opens. Counts would tell of lines that are left out, and
/// neither errors nor deletions say whose records they are about.
fn ours(
    bearer: &Bearer,
    gateway: &Gateway,
    job: &Job,
    manifest: Manifest,
) -> Result<Value, Failure> {
    let mut output = Vec::new();
    for file in manifest.output {
        let Some(kind) = served(&file.kind) else { continue };
        if parts(bearer.access(), &of_type(kind), &gateway.rules).is_err() {
            continue;
        }
        let target = gateway.upstream.link(&file.url);
        let target = target.ok_or(Fault::Unproven("its files are elsewhere"))?;
        let sealed = File { target, kind: kind.to_owned() };
        let sealed = gateway.links.seal(bearer.access(), FILE, &sealed)?;
        let url = format!("{}/exports/files/{sealed}.ndjson", gateway.base);
        output.push(json!({ "type": kind, "url": url }));
    }
    let time = Some(manifest.time).filter(|time| {
        time.len() <= 40 && time.bytes().all(|b| b.is_ascii_digit() || b"-:.TZ+".contains(&b))
    });
    let time = time.ok_or(Fault::Unproven("its manifest has no time"))?;
    Ok(json!({
        "transactionTime": time,
        "request": job.request,
        "requiresAccessToken": true,
        "output": output,
        "deleted": [],
        "error": [],
    }))
}

/// `DELETE exports/[id]`
pub(super) async fn delete(
    bearer: Result<Bearer, Refused>,
    gateway: web::Data<Gateway>,
    request: HttpRequest,
    export: web::Path<String>,
) -> HttpResponse {
    let deleted = async {
        let bearer = bearer?;
        deleted(&bearer, &gateway, &export).await.map_err(|failure| worded(&bearer, failure))
    };
    deleted.await.unwrap_or_else(|failure: Failure| failure.answer(&request))
}

async fn deleted(bearer: &Bearer, gateway: &Gateway, id: &str) -> Result<HttpResponse, Failure> {
    let job: Job = gateway.links.open(bearer.access(), JOB, id).ok_or(Failure::Missing)?;
    let sent =
        upstream::Asked { verb: Verb::Delete, target: &job.target, headers: &[], body: None };
    let heard = gateway.upstream.ask(sent).await?;
    if !matches!(heard.status, 200 | 202 | 204) {
        return Err(heard.refused());
    }
    let told = outcome("informational", "the export is deleted").to_string();
    let told = told.replace("\"error\"", "\"information\"");
    Ok(HttpResponse::Accepted().content_type(FHIR_JSON).body(told))
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(rename = "transactionTime")]
    time: String,
    #[serde(default)]
    output: Vec<ManifestFile>,
}

#[derive(Deserialize)]
struct ManifestFile {
    #[serde(rename = "type")]
    kind: String,
    url: String,
}
