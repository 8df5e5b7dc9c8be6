//! A client as metadata again: all but its secrets, which are never shown (O2).

use fireward_jose::Algorithm;
use serde_json::{Map, Value, json};

use super::uses;
use crate::{
    client::{Client, ClientAuth, ConsentPolicy, GrantType, KeySource, SecretMethod, Status},
    vocabulary::{Lifetime, RedirectUri},
};

/// The metadata of a registered client, in the form that is imported.
#[must_use]
pub fn show(client: &Client) -> Value {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            members.insert(name.to_owned(), value);
        }
    };
    put("client_id", client.id.as_str().into());
    put("client_name", client.about.name.as_str().into());
    put("org_name", client.about.publisher.clone().into());
    put("reviewed", client.about.reviewed.into());
    put("client_uri", client.about.client_uri.clone().into());
    put("logo_uri", client.about.logo_uri.clone().into());
    put("policy_uri", client.about.policy_uri.clone().into());
    put("tos_uri", client.about.tos_uri.clone().into());
    put("profile", client.profile.as_str().into());
    put("redirect_uris", uris(&client.redirect_uris));
    put("post_logout_redirect_uris", uris(&client.post_logout_redirect_uris));
    put("launch_uris", client.launch_uris.clone().into());
    put("grant_types", client.grant_types.iter().map(|grant| grant.as_str()).collect());
    put("response_types", response_types(client));
    put("scope", client.scopes.to_string().into());
    put("consent", consent(client.consent).into());
    put("id_token_signed_response_alg", client.id_token_alg.name().into());
    put("omit_iss", client.omit_iss.into());
    put("access_token_lifetime", client.access_token_lifetime.map(Lifetime::as_seconds).into());
    put("fireward_group", client.group.clone().into());
    put("status", status(client.status).into());
    let rules = &client.requests;
    let alg = |alg: Option<Algorithm>| json!(alg.map(Algorithm::name));
    put("authorization_signed_response_alg", alg(rules.answer_alg));
    put("request_object_signing_alg", alg(rules.object_alg));
    put("require_signed_request_object", rules.signed.into());
    put("require_pushed_authorization_requests", rules.pushed.into());
    for (name, value) in auth(&client.auth).into_iter().chain(client.keys().map(keys)) {
        put(name, value);
    }
    Value::Object(members)
}

fn auth(auth: &ClientAuth) -> Vec<(&'static str, Value)> {
    const METHOD: &str = "token_endpoint_auth_method";
    match auth {
        ClientAuth::None => vec![(METHOD, "none".into())],
        ClientAuth::Secret { method: SecretMethod::Basic, .. } => {
            vec![(METHOD, "client_secret_basic".into())]
        }
        ClientAuth::Secret { method: SecretMethod::Post, .. } => {
            vec![(METHOD, "client_secret_post".into())]
        }
        ClientAuth::Keys { alg, .. } => {
            let alg = json!(alg.map(Algorithm::name));
            vec![(METHOD, "private_key_jwt".into()), ("token_endpoint_auth_signing_alg", alg)]
        }
    }
}

fn keys(source: &KeySource) -> (&'static str, Value) {
    match source {
        KeySource::Inline(keys) => ("jwks", keys.to_json()),
        KeySource::Url(url) => ("jwks_uri", url.as_str().into()),
    }
}

fn response_types(client: &Client) -> Value {
    if uses(client, GrantType::AuthorizationCode) { json!(["code"]) } else { json!([]) }
}

fn uris(uris: &[RedirectUri]) -> Value {
    uris.iter().map(RedirectUri::as_str).collect()
}

const fn consent(policy: ConsentPolicy) -> &'static str {
    match policy {
        ConsentPolicy::Ask => "ask",
        ConsentPolicy::Trusted => "trusted",
    }
}

const fn status(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Disabled => "disabled",
    }
}
