//! Discovery documents, derived from what the code can do (`OpenID` Discovery §3, RFC 8414, SMART 2.2 conformance).

use fireward_jose::Algorithm;
use fireward_scopes::Scope;
use serde_json::{Map, Value, json};

use crate::{
    ErrorCode,
    authorize::{Prompt, ResponseMode},
    brands::BRANDS_SCOPE,
    capability::{Capabilities, Capability, Opened},
    client::{GrantType, registration::ID_TOKEN_ALGORITHMS},
    resource_server::{AssociatedEndpoint, ResourceServer},
    token::{INTROSPECTION_SCOPE, LAUNCH_CONTEXTS_SCOPE},
    vocabulary::{ExplanationId, Issuer},
};

/// The paths of the endpoints, under the issuer. The route table and the documents read the same names.
pub mod paths {
    /// The authorization endpoint.
    pub const AUTHORIZE: &str = "/authorize";
    /// The pushed authorization request endpoint.
    pub const PAR: &str = "/par";
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
    /// Where errors are explained.
    pub const ERRORS: &str = "/errors";
    /// Where a client reads what became of what it asked.
    pub const GRANTS: &str = "/grants";
    /// Where the user-access brands are published and maintained.
    pub const BRANDS: &str = "/brands";
    /// Styles that launches may name; each is below it.
    pub const STYLES: &str = "/styles";
    /// What the endpoints for programs take and answer (`OpenAPI` 3.1).
    pub const OPENAPI: &str = "/openapi.json";
}

/// The methods that `Presented` knows (RFC 7591 §2).
pub const AUTH_METHODS: [&str; 4] =
    ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"];

/// `error_uri`: the page that explains an error code, and this very error where an explanation is kept.
#[must_use]
pub fn error_uri(issuer: &Issuer, code: ErrorCode, explained: Option<&ExplanationId>) -> String {
    let page = format!("{}/{code}", paths::ERRORS);
    issuer.endpoint(&explained.map_or_else(|| page.clone(), |id| format!("{page}/{id}")))
}

/// The document of `/.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`.
#[must_use]
pub fn discovery(
    issuer: &Issuer,
    servers: &[ResourceServer],
    capabilities: &Capabilities,
) -> Map<String, Value> {
    let mut document = common(issuer, &scopes(servers, capabilities), capabilities);
    let more = json!({
        "end_session_endpoint": issuer.endpoint(paths::LOGOUT),
        "response_modes_supported": ResponseMode::NAMES,
        "authorization_signing_alg_values_supported": ID_TOKEN_ALGORITHMS.map(Algorithm::name),
        "pushed_authorization_request_endpoint": issuer.endpoint(paths::PAR),
        "require_pushed_authorization_requests": false,
        "introspection_endpoint_auth_methods_supported": confidential_methods(capabilities),
        "revocation_endpoint_auth_methods_supported": methods(capabilities),
        "prompt_values_supported": Prompt::VALUES,
        "claims_parameter_supported": false,
        "request_parameter_supported": true,
        "request_object_signing_alg_values_supported": algorithms(),
        "require_signed_request_object": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
        "protected_resources": servers.iter().map(|server| &server.base_url).collect::<Vec<_>>(),
    });
    extend(&mut document, more);
    if capabilities.has(Capability::LaunchEhr) {
        let endpoint = issuer.endpoint(paths::LAUNCH_CONTEXTS);
        extend(&mut document, json!({ "launch_contexts_endpoint": endpoint }));
    }
    if capabilities.has(Capability::ClientConfidentialAsymmetric) {
        let members = json!({
            "introspection_endpoint_auth_signing_alg_values_supported": algorithms(),
            "revocation_endpoint_auth_signing_alg_values_supported": algorithms(),
        });
        extend(&mut document, members);
    }
    if capabilities.has(Capability::SsoOpenidConnect) {
        extend(&mut document, openid(issuer));
    }
    document
}

/// What `OpenID` Connect has besides.
fn openid(issuer: &Issuer) -> Value {
    json!({
        "userinfo_endpoint": issuer.endpoint(paths::USERINFO),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ID_TOKEN_ALGORITHMS.map(Algorithm::name),
        "claims_supported": claims(),
        "claim_types_supported": ["normal"],
    })
}

/// The document of `[fhir]/.well-known/smart-configuration` for one FHIR server (CF-4).
#[must_use]
pub fn smart_configuration(
    issuer: &Issuer,
    server: &ResourceServer,
    capabilities: &Capabilities,
) -> Map<String, Value> {
    let scopes = scopes(std::slice::from_ref(server), capabilities);
    let mut document = common(issuer, &scopes, capabilities);
    if !capabilities.has(Capability::SsoOpenidConnect) {
        document.remove("issuer");
    }
    let names: Vec<_> = capabilities.names().collect();
    extend(&mut document, json!({ "capabilities": names }));
    if !server.associated_endpoints.is_empty() {
        let tell =
            |one: &AssociatedEndpoint| json!({"url": one.url, "capabilities": one.capabilities});
        let endpoints: Vec<_> = server.associated_endpoints.iter().map(tell).collect();
        extend(&mut document, json!({ "associated_endpoints": endpoints }));
    }
    document
}

/// What both documents say.
fn common(issuer: &Issuer, scopes: &[String], capabilities: &Capabilities) -> Map<String, Value> {
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
        "grant_types_supported": grant_types(capabilities),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods(capabilities),
    });
    extend(&mut document, members);
    if capabilities.has(Capability::ClientConfidentialAsymmetric) {
        let algorithms = algorithms();
        let members = json!({ "token_endpoint_auth_signing_alg_values_supported": algorithms });
        extend(&mut document, members);
    }
    document
}

/// Scopes that open endpoints of the issuer itself to a client that acts for itself.
pub const OWN_SCOPES: [&str; 3] = [INTROSPECTION_SCOPE, LAUNCH_CONTEXTS_SCOPE, BRANDS_SCOPE];

fn scopes(servers: &[ResourceServer], capabilities: &Capabilities) -> Vec<String> {
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
    ];
    let mut scopes: Vec<String> = words.into_iter().chain(OWN_SCOPES).map(str::to_owned).collect();
    for scope in servers.iter().flat_map(|server| server.scopes.iter()) {
        let text = scope.to_string();
        if !scopes.contains(&text) {
            scopes.push(text);
        }
    }
    let off = |scope: &Scope| capabilities.missing(scope, Opened::Either).is_some();
    scopes.retain(|text| !text.parse::<Scope>().is_ok_and(|scope| off(&scope)));
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

/// The grant types that can lead to a token. Only confidential clients act for themselves.
fn grant_types(capabilities: &Capabilities) -> Vec<&'static str> {
    let any = |of: [Capability; 2]| of.into_iter().any(|one| capabilities.has(one));
    let works = |grant: &GrantType| match grant {
        GrantType::AuthorizationCode => true,
        GrantType::RefreshToken => {
            any([Capability::PermissionOffline, Capability::PermissionOnline])
        }
        GrantType::ClientCredentials => {
            any([Capability::ClientConfidentialSymmetric, Capability::ClientConfidentialAsymmetric])
        }
    };
    GrantType::VARIANTS.into_iter().filter(works).map(GrantType::as_str).collect()
}

/// The methods of those kinds of client that are admitted.
fn methods(capabilities: &Capabilities) -> Vec<&'static str> {
    let of = |method: &str| match method {
        "none" => Capability::ClientPublic,
        "private_key_jwt" => Capability::ClientConfidentialAsymmetric,
        _ => Capability::ClientConfidentialSymmetric,
    };
    AUTH_METHODS.into_iter().filter(|method| capabilities.has(of(method))).collect()
}

fn confidential_methods(capabilities: &Capabilities) -> Vec<&'static str> {
    methods(capabilities).into_iter().filter(|method| *method != "none").collect()
}

fn extend(document: &mut Map<String, Value>, members: Value) {
    if let Value::Object(members) = members {
        document.extend(members);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cf_5_grant_types_are_listed_while_something_can_come_of_them() {
        use Capability as C;
        let all = ["authorization_code", "refresh_token", "client_credentials"];
        for (off, expected) in [
            (&[][..], &all[..]),
            (&[C::PermissionOnline, C::ClientConfidentialSymmetric], &all),
            (&[C::PermissionOffline, C::PermissionOnline], &[all[0], all[2]]),
            (&[C::ClientConfidentialSymmetric, C::ClientConfidentialAsymmetric], &all[..2]),
            (C::VARIANTS, &all[..1]),
        ] {
            let capabilities = Capabilities::without(off.iter().copied());
            assert_eq!(grant_types(&capabilities), expected, "without {off:?}");
        }
    }
}
