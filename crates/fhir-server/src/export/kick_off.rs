//! The kick-off: what is asked is understood and allowed, or refused; the work begins afterwards.

use actix_web::http::header::{CONTENT_LOCATION, CONTENT_TYPE, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use fireward_fhir::export::{Level, parts};
use fireward_fhir::reference::is_id;
use fireward_fhir::search::{BadSearch, pairs};
use fireward_fhir::{Denial, outcome};
use fireward_fhir_store::NewExport;
use fireward_guard::{Bearer, Refused};
use serde_json::Value;

use super::Trouble;
use super::asked::Asked;
use crate::failure::Failure;
use crate::negotiate::{FHIR_JSON, accepts_json};
use crate::server::FhirServer;
use crate::{body, export};

/// `GET` or `POST` of `$export`, `Patient/$export` and `Group/[id]/$export`.
pub(super) async fn answer(
    bearer: Result<Bearer, Refused>,
    server: web::Data<FhirServer>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let answer = match bearer {
        Ok(bearer) => begin(&bearer, &server, &request, payload).await,
        Err(refused) => Err(refused.into()),
    };
    answer.unwrap_or_else(|failure: Failure| failure.answer(&request))
}

async fn begin(
    bearer: &Bearer,
    server: &web::Data<FhirServer>,
    request: &HttpRequest,
    mut payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    if !accepts_json(request.headers(), None) {
        return Err(Failure::NotAcceptable);
    }
    let preferences = preferences(request.headers());
    if !preferences.iter().any(|one| one == "respond-async") {
        return Err(Trouble::NotAsync.into());
    }
    let unreadable = |fault: BadSearch| Failure::from(Trouble::NotUnderstood(fault.into()));
    let mut asked_for = pairs(request.query_string()).map_err(unreadable)?;
    if request.headers().contains_key(CONTENT_TYPE) {
        let parameters = body::resource(request, &mut payload, "Parameters", &server.base).await?;
        asked_for.extend(parameters_of(&parameters)?);
    }
    let lenient = preferences.iter().any(|one| one == "handling=lenient");
    let asked = Asked { level: level(bearer, server, request).await?, pairs: asked_for, lenient };
    let export = asked.export(&server.base).map_err(Trouble::from)?;
    let access = bearer.access();
    parts(access, &export, &server.rules()).map_err(|denial| bearer.refuse(denial))?;
    let (id, now) = ((server.new_id)(), (server.now)());
    let told: Vec<_> = export.ignored.iter().map(|left_out| said(left_out)).collect();
    let new = NewExport {
        id: &id,
        client: access.client(),
        scope: &access.only_system().scopes().to_string(),
        bound_to: access.group(),
        request: &url(server, request),
        asked: &asked.write(),
        told: &told,
        now,
        expires_at: now + server.export.kept,
    };
    let started = server.records.exports().start(&new, server.export.limits).await?;
    let job = started.ok_or(Trouble::TooMany)?;
    export::Workers::wake(server);
    let at = format!("{}/exports/{}", server.base, job.id);
    let outcome = outcome("informational", &format!("the export was accepted: ask at {at}"));
    let answer = outcome.to_string().replace("\"error\"", "\"information\"");
    let mut accepted = HttpResponse::Accepted();
    Ok(accepted.insert_header((CONTENT_LOCATION, at)).content_type(FHIR_JSON).body(answer))
}

/// Of whom. A group is known to those alone whose token is not bound to another.
async fn level(
    bearer: &Bearer,
    server: &FhirServer,
    request: &HttpRequest,
) -> Result<Level, Failure> {
    let segment = |name: &str| request.match_info().get(name);
    let Some(id) = segment("id") else {
        return Ok(if segment("kind").is_some() { Level::Patients } else { Level::System });
    };
    let open = is_id(id) && bearer.access().group().is_none_or(|bound| bound == id);
    if open && server.records.exports().has_group(id).await? {
        return Ok(Level::Group(id.to_owned()));
    }
    Err(bearer.refuse(Denial::NotFound).into())
}

/// The preferences of a request (RFC 7240 §2), in lower case.
fn preferences(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all("prefer").filter_map(|line| line.to_str().ok());
    let words = lines.flat_map(|line| line.split([',', ';']));
    words.map(|word| word.trim().replace(['"', ' '], "").to_ascii_lowercase()).collect()
}

/// The parameters of a `Parameters` resource, as a query would have them.
fn parameters_of(parameters: &Value) -> Result<Vec<(String, String)>, Failure> {
    let all = parameters.get("parameter").and_then(Value::as_array).into_iter().flatten();
    let pair = |parameter: &Value| {
        let members = parameter.as_object()?;
        let name = members.get("name")?.as_str()?;
        let (_, value) = members.iter().find(|(name, _)| name.starts_with("value"))?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some((name.to_owned(), text))
    };
    let wrong = || Failure::BadBody("a parameter has no name, or no value".into());
    all.map(|parameter| pair(parameter).ok_or_else(wrong)).collect()
}

fn url(server: &FhirServer, request: &HttpRequest) -> String {
    let path = request.path().strip_prefix(&server.path).unwrap_or_default();
    match request.query_string() {
        "" => format!("{}{path}", server.base),
        query => format!("{}{path}?{query}", server.base),
    }
}

/// What was left out, as the line of a file.
fn said(text: &str) -> String {
    outcome("not-supported", text).to_string().replace("\"error\"", "\"warning\"")
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};
    use serde_json::json;

    use super::*;

    #[test]
    fn preferences_are_read_in_every_common_spelling() {
        let read = |line: &'static str| {
            let mut headers = HeaderMap::new();
            headers.append(HeaderName::from_static("prefer"), HeaderValue::from_static(line));
            preferences(&headers)
        };
        for line in [
            "respond-async,handling=lenient",
            "Respond-Async; handling=\"lenient\"",
            "handling=lenient , respond-async",
        ] {
            let found = read(line);
            assert!(found.contains(&"respond-async".to_owned()), "{line}");
            assert!(found.contains(&"handling=lenient".to_owned()), "{line}");
        }
        assert!(!read("respond-asynchronously").contains(&"respond-async".to_owned()));
    }

    #[test]
    fn parameters_are_read_like_a_query() {
        let parameters = json!({ "resourceType": "Parameters", "parameter": [
            { "name": "_type", "valueString": "Patient" },
            { "name": "_since", "valueInstant": "2026-01-01T00:00:00Z" },
            { "name": "patient", "valueReference": { "reference": "Patient/a" } },
        ]});
        let pairs = parameters_of(&parameters).unwrap();
        assert_eq!(pairs[0], ("_type".to_owned(), "Patient".to_owned()));
        assert_eq!(pairs[1].1, "2026-01-01T00:00:00Z");
        assert!(pairs[2].1.contains("Patient/a"));
        for broken in [
            json!({"parameter": [{"name": "_type"}]}),
            json!({"parameter": [{"valueString": "x"}]}),
            json!({"parameter": ["x"]}),
        ] {
            assert!(parameters_of(&broken).is_err(), "{broken}");
        }
    }
}
