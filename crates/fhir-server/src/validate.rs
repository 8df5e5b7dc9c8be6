//! `$validate`: whether a resource could be written, as far as its structure says (FHIR R4 resource-operation-validate.html).

use actix_web::HttpResponse;
use fireward_fhir::{NotUnderstood, structure};
use fireward_guard::manners::negotiate::FHIR_JSON;
use serde_json::Value;

use crate::failure::Failure;

/// `POST /Type/$validate` with the resource, or with Parameters that hold it. Nothing is written.
pub(crate) fn validate(kind: &str, query: &str, body: &Value) -> Result<HttpResponse, Failure> {
    let parameter = |name: &str| {
        let all = body.get("parameter").and_then(Value::as_array);
        all.into_iter().flatten().find(|one| one.get("name").and_then(Value::as_str) == Some(name))
    };
    let wrapped = body.get("resourceType").and_then(Value::as_str) == Some("Parameters");
    let asked = fireward_fhir::search::pairs(query).unwrap_or_default();
    let profile = asked.iter().any(|(name, _)| name == "profile");
    if profile || (wrapped && parameter("profile").is_some()) {
        return Err(NotUnderstood::Unsupported("validation against a profile").into());
    }
    let resource = if wrapped {
        let resource = parameter("resource").and_then(|one| one.get("resource"));
        let missing = || Failure::BadBody("the parameter resource is missing".to_owned());
        resource.ok_or_else(missing)?
    } else {
        body
    };
    let outcome = structure::outcome_of(&structure::issues(kind, resource));
    Ok(HttpResponse::Ok().content_type(FHIR_JSON).body(outcome.to_string()))
}
