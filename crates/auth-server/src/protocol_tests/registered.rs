//! The clients of a world.

use serde_json::{Value, json};

use super::world::{CALLBACK, SECRET};

/// Clients of every kind; those with keys have these.
pub(super) fn registrations(keys: &Value) -> Value {
    let both = json!(["authorization_code", "refresh_token"]);
    let scope = "openid fhirUser profile email launch launch/patient launch/encounter offline_access online_access patient/*.cruds user/*.cruds";
    let app = |id: &str, method: &str| {
        json!({
            "client_id": id, "token_endpoint_auth_method": method, "grant_types": both,
            "redirect_uris": [CALLBACK], "scope": scope,
            "launch_uris": ["https://app.example/launch?site=1"],
        })
    };
    let with = |mut metadata: Value, name: &str, value: Value| {
        metadata[name] = value;
        metadata
    };
    let service = |id: &str, scope: &str| {
        json!({
            "client_id": id, "grant_types": ["client_credentials"], "scope": scope,
            "token_endpoint_auth_method": "private_key_jwt", "jwks": keys,
        })
    };
    let watcher = json!({
        "client_id": "watcher", "grant_types": ["client_credentials"], "client_secret": SECRET,
        "scope": "https://fireward.dev/scopes/introspection",
    });
    json!([
        app("app", "none"),
        app("other", "none"),
        with(app("own", "none"), "consent", "trusted".into()),
        with(app("basic", "client_secret_basic"), "client_secret", SECRET.into()),
        with(app("post", "client_secret_post"), "client_secret", SECRET.into()),
        with(app("keyed", "private_key_jwt"), "jwks", keys.clone()),
        service("backend", "system/*.rs"),
        service("ehr", "https://fireward.dev/scopes/launch-contexts"),
        service("both", "system/*.rs https://fireward.dev/scopes/launch-contexts"),
        watcher,
    ])
}
