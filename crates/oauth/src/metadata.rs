//! Discovery documents, derived from what the code can do (`OpenID` Discovery §3, RFC 8414, SMART 2.2 conformance).

use fireward_jose::Algorithm;
use serde_json::{Map, Value, json};

use crate::{
    authorize::Prompt,
    client::{GrantType, registration::ID_TOKEN_ALGORITHMS},
    resource_server::ResourceServer,
    token::{INTROSPECTION_SCOPE, LAUNCH_CONTEXTS_SCOPE},
    vocabulary::Issuer,
};

/// The paths of the endpoints, under the issuer. The route table and the documents read the same names.
pub mod paths {
    /// The authorization endpoint.
    pub const AUTHORIZE: &str = "/authorize";
    /// The token endpoint.
    pub const TOKEN: &str = "/token";
    /// The `UserInfo` endpoint.
    pub const USERINFO: &str = "/userinfo";
    /// The key set.
    pub const JWKS: &str = "/jwks";
    /// The introspection endpoint.
    pub const INTROSPECT: &str = "/introspect";
    /// The revocation endpoint.
    pub const REVOKE: &str = "/revoke";
    /// The end-session endpoint.
    pub const LOGOUT: &str = "/logout";
    /// Where people see and disconnect their apps.
    pub const CONNECTED_APPS: &str = "/account/apps";
    /// Where an EHR prepares launches.
    pub const LAUNCH_CONTEXTS: &str = "/launch-contexts";
}

/// The methods that `Presented` knows (RFC 7591 §2).
pub const AUTH_METHODS: [&str; 4] =
    ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"];

/// The capabilities that hold whatever is configured (D-27).
pub const CAPABILITIES: [&str; 19] = [
    "launch-ehr",
    "launch-standalone",
    "authorize-post",
    "client-public",
    "client-confidential-symmetric",
    "client-confidential-asymmetric",
    "sso-openid-connect",
    "context-banner",
    "context-style",
    "context-ehr-patient",
    "context-ehr-encounter",
    "context-standalone-patient",
    "context-standalone-encounter",
    "permission-offline",
    "permission-patient",
    "permission-user",
    "permission-v1",
    "permission-v2",
    "permission-online",
];

/// The document of `/.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`.
#[must_use]
pub fn discovery(issuer: &Issuer, servers: &[ResourceServer]) -> Map<String, Value> {
    let mut document = common(issuer, &scopes(servers));
    let more = json!({
        "userinfo_endpoint": issuer.endpoint(paths::USERINFO),
        "end_session_endpoint": issuer.endpoint(paths::LOGOUT),
        "launch_contexts_endpoint": issuer.endpoint(paths::LAUNCH_CONTEXTS),
        "response_modes_supported": ["query"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ID_TOKEN_ALGORITHMS.map(Algorithm::name),
        "introspection_endpoint_auth_methods_supported": confidential_methods(),
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms(),
        "revocation_endpoint_auth_methods_supported": AUTH_METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms(),
        "claims_supported": claims(),
        "claim_types_supported": ["normal"],
        "prompt_values_supported": Prompt::VALUES,
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
        "protected_resources": servers.iter().map(|server| &server.base_url).collect::<Vec<_>>(),
    });
    extend(&mut document, more);
    document
}

/// The document of `[fhir]/.well-known/smart-configuration` for one FHIR server (CF-4).
#[must_use]
pub fn smart_configuration(issuer: &Issuer, server: &ResourceServer) -> Map<String, Value> {
    let mut document = common(issuer, &scopes(std::slice::from_ref(server)));
    extend(&mut document, json!({ "capabilities": CAPABILITIES }));
    document
}

/// What both documents say.
fn common(issuer: &Issuer, scopes: &[String]) -> Map<String, Value> {
    let grants: Vec<_> = GrantType::VARIANTS.into_iter().map(GrantType::as_str).collect();
    let mut document = Map::new();
    let members = json!({
        "issuer": issuer.as_str(),
        "authorization_endpoint": issuer.endpoint(paths::AUTHORIZE),
        "token_endpoint": issuer.endpoint(paths::TOKEN),
        "jwks_uri": issuer.endpoint(paths::JWKS),
        "introspection_endpoint": issuer.endpoint(paths::INTROSPECT),
        "revocation_endpoint": issuer.endpoint(paths::REVOKE),
        "management_endpoint": issuer.endpoint(paths::CONNECTED_APPS),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "grant_types_supported": grants,
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": AUTH_METHODS,
        "token_endpoint_auth_signing_alg_values_supported": algorithms(),
    });
    extend(&mut document, members);
    document
}

fn scopes(servers: &[ResourceServer]) -> Vec<String> {
    let words = [
        "openid",
        "fhirUser",
        "profile",
        "email",
        "launch",
        "launch/patient",
        "launch/encounter",
        "offline_access",
        "online_access",
        INTROSPECTION_SCOPE,
        LAUNCH_CONTEXTS_SCOPE,
    ];
    let mut scopes: Vec<String> = words.map(str::to_owned).to_vec();
    for scope in servers.iter().flat_map(|server| server.scopes.iter()) {
        let text = scope.to_string();
        if !scopes.contains(&text) {
            scopes.push(text);
        }
    }
    scopes
}

fn claims() -> Value {
    json!([
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "amr",
        "at_hash",
        "sid",
        "fhirUser",
        "name",
        "preferred_username",
        "updated_at",
        "email",
        "email_verified",
    ])
}

fn algorithms() -> Vec<String> {
    Algorithm::VARIANTS.iter().map(ToString::to_string).collect()
}

fn confidential_methods() -> Vec<&'static str> {
    AUTH_METHODS.into_iter().filter(|method| *method != "none").collect()
}

fn extend(document: &mut Map<String, Value>, members: Value) {
    if let Value::Object(members) = members {
        document.extend(members);
    }
}
