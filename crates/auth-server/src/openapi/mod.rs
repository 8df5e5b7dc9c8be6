//! What programs may ask of an issuer besides OAuth, described for machines (`OpenAPI` 3.1). One file of this folder a
//! group of paths; a test compares them with the routes and with the members that the code reads.

use actix_web::{
    HttpResponse,
    http::header::CACHE_CONTROL,
    web::{Bytes, Data},
};
use fireward_web::Failure;
use serde_json::{Map, Value, json};

use crate::App;

/// `GET /openapi.json`
pub(crate) async fn document(app: Data<App>) -> Result<HttpResponse, Failure> {
    let text = serde_json::to_vec(&describe(app.site.issuer.as_str())?).map_err(Failure::broken)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .content_type("application/json")
        .body(Bytes::from(text)))
}

/// The groups, each an object with `paths` and `schemas`.
const GROUPS: [&str; 4] = [
    include_str!("brands.json"),
    include_str!("grants.json"),
    include_str!("launch-contexts.json"),
    include_str!("styles.json"),
];

/// The whole document for an issuer.
pub(crate) fn describe(issuer: &str) -> Result<Value, Failure> {
    let mut document: Value =
        serde_json::from_str(&include_str!("document.json").replace("{issuer}", issuer))
            .map_err(Failure::broken)?;
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    for group in GROUPS {
        let mut group: Map<String, Value> = serde_json::from_str(group).map_err(Failure::broken)?;
        let mut members = |name: &str, into: &mut Map<String, Value>| {
            if let Some(Value::Object(members)) = group.remove(name) {
                into.extend(members);
            }
        };
        members("paths", &mut paths);
        members("schemas", &mut schemas);
    }
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.insert("schemas".to_owned(), Value::Object(schemas));
    }
    if let Some(document) = document.as_object_mut() {
        document.insert("paths".to_owned(), json!(paths));
    }
    Ok(document)
}
