//! `/metadata`: what the server behind does, as far as this gateway judges it, and where tokens are had (CF-7).

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use fireward_fhir::capability::{Endpoints, Server, statement};
use fireward_guard::manners::negotiate::{FHIR_JSON, accepts_json};
use serde_json::{Value, json};

use crate::failure::{Failure, Fault};
use crate::gateway::Gateway;

/// Answers with the `CapabilityStatement`.
pub(crate) async fn answer(gateway: web::Data<Gateway>, request: HttpRequest) -> HttpResponse {
    let query = fireward_fhir::search::pairs(request.query_string()).unwrap_or_default();
    let format =
        query.iter().find(|(name, _)| name == "_format").map(|(_, format)| format.as_str());
    if !accepts_json(request.headers(), format) {
        return Failure::NotAcceptable.answer(&request);
    }
    match told(&gateway).await {
        Ok((statement, whole)) => {
            let mut answer = HttpResponse::Ok();
            if whole {
                answer.insert_header((CACHE_CONTROL, "public, max-age=300"));
            }
            answer.content_type(FHIR_JSON).body(statement.to_string())
        }
        Err(failure) => failure.answer(&request),
    }
}

/// The statement, and whether it is complete: while the issuer cannot be reached, its addresses are missing.
async fn told(gateway: &Gateway) -> Result<(Value, bool), Failure> {
    let heard = gateway.upstream.get("metadata").await?;
    if heard.status != 200 {
        return Err(heard.refused());
    }
    let theirs: Value = fireward_jose::json::from_slice(heard.json()?)
        .map_err(|_| Fault::Unproven("it is no JSON that has one reading"))?;
    let is_statement =
        theirs.get("resourceType").and_then(Value::as_str) == Some("CapabilityStatement");
    let r4 =
        theirs.get("fhirVersion").and_then(Value::as_str).is_some_and(|v| v.starts_with("4.0"));
    if !is_statement || !r4 {
        return Err(Fault::Unproven("it is no CapabilityStatement of FHIR R4").into());
    }
    let found = gateway.guard.endpoints().await;
    let oauth = found.as_ref().ok().map(|found| Endpoints {
        authorize: &found.authorization_endpoint,
        token: &found.token_endpoint,
        introspect: found.introspection_endpoint.as_deref(),
        revoke: found.revocation_endpoint.as_deref(),
        register: found.registration_endpoint.as_deref(),
        manage: found.management_endpoint.as_deref(),
    });
    if let Err(fault) = &found {
        tracing::warn!(%fault, "the issuer's addresses are left out of /metadata");
    }
    let software = ("Fireward gateway", env!("CARGO_PKG_VERSION"));
    let server = Server { base: &gateway.base, software, date: &gateway.since, oauth };
    Ok((both(statement(&server), &theirs), found.is_ok()))
}

/// What both statements have: what we judge, and what is there to be judged.
fn both(mut ours: Value, theirs: &Value) -> Value {
    let Some(rest) = ours.pointer_mut("/rest/0").and_then(Value::as_object_mut) else {
        return ours;
    };
    let their_rest = theirs.pointer("/rest/0").cloned().unwrap_or_default();
    if let Some(Value::Array(resources)) = rest.get_mut("resource") {
        let resource = |resource: &Value| {
            let theirs = of_type(&their_rest, resource.get("type")?)?;
            Some(narrowed(resource, theirs))
        };
        *resources = resources.iter().filter_map(resource).collect();
    }
    for (name, key) in [("interaction", "code"), ("operation", "name")] {
        narrow(rest, &their_rest, (name, key));
    }
    ours
}

fn of_type<'a>(rest: &'a Value, kind: &Value) -> Option<&'a Value> {
    let resources = rest.get("resource")?.as_array()?;
    resources.iter().find(|resource| resource.get("type") == Some(kind))
}

/// What both say of a type.
fn narrowed(ours: &Value, theirs: &Value) -> Value {
    let mut resource = ours.as_object().cloned().unwrap_or_default();
    for list in [("interaction", "code"), ("searchParam", "name"), ("operation", "name")] {
        narrow(&mut resource, theirs, list);
    }
    for name in ["searchInclude", "searchRevInclude"] {
        narrow(&mut resource, theirs, (name, ""));
    }
    let versioning = theirs.get("versioning").and_then(Value::as_str).unwrap_or_default();
    let mut known = ["no-version", "versioned", "versioned-update"].into_iter();
    let versioning = known.find(|known| *known == versioning).unwrap_or("versioned");
    resource.insert("versioning".to_owned(), json!(versioning));
    let creates = theirs.get("updateCreate").and_then(Value::as_bool).unwrap_or_default();
    resource.insert("updateCreate".to_owned(), json!(creates));
    // Conditional forms are done here, whatever the server behind has.
    for name in ["conditionalCreate", "conditionalUpdate"] {
        resource.insert(name.to_owned(), json!(true));
    }
    resource.insert("conditionalDelete".to_owned(), json!("single"));
    resource.into()
}

/// Keeps of a list what the other side lists as well.
fn narrow(ours: &mut serde_json::Map<String, Value>, theirs: &Value, (name, key): (&str, &str)) {
    let word = |item: &Value| {
        let item = if key.is_empty() { Some(item) } else { item.get(key) };
        item.and_then(Value::as_str).map(str::to_owned)
    };
    let listed = theirs.get(name).and_then(Value::as_array).into_iter().flatten();
    let listed: Vec<_> = listed.filter_map(word).collect();
    let Some(Value::Array(items)) = ours.get_mut(name) else { return };
    items.retain(|item| word(item).is_some_and(|word| listed.contains(&word)));
    if items.is_empty() {
        ours.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_both_sides_do_is_stated() {
        let ours = json!({ "rest": [{ "security": { "cors": true }, "resource": [
            { "type": "Patient", "interaction": [{"code": "read"}, {"code": "update"}],
              "searchParam": [{"name": "name"}, {"name": "birthdate"}], "searchInclude": ["Patient:link"] },
            { "type": "Goal", "interaction": [{"code": "read"}] },
        ] }] });
        let theirs = json!({ "rest": [{ "security": { "description": "open" }, "resource": [
            { "type": "Patient", "interaction": [{"code": "read"}, {"code": "history-type"}],
              "searchParam": [{"name": "name"}, {"name": "secret"}] },
            { "type": "Claim", "interaction": [{"code": "read"}] },
        ] }] });
        let both = both(ours, &theirs);
        let resources = both["rest"][0]["resource"].as_array().unwrap();
        assert_eq!(resources.len(), 1);
        assert_eq!(resources[0]["interaction"], json!([{"code": "read"}]));
        assert_eq!(resources[0]["searchParam"], json!([{"name": "name"}]));
        assert!(resources[0].get("searchInclude").is_none());
        assert_eq!(both["rest"][0]["security"], json!({ "cors": true }));
    }
}
