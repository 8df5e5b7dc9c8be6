//! What the server says of itself is true, for every reader and whatever they ask for.

use fireward_testkit::{Client, Database};
use serde_json::{Value, json};

use crate::world::{FHIR, ISSUER, World};

const OIDC: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";
const SMART: &str = "/.well-known/smart-configuration";

fn has(document: &Value, name: &str, value: &str) -> bool {
    document[name].as_array().unwrap_or_else(|| panic!("no {name}")).contains(&json!(value))
}

#[tokio::test]
async fn cf_1_to_cf_6_sc_21_sc_23_sc_25_oc_5_01_oc_5_02_oc_11_01_d_27_every_promise_is_listed_and_kept()
 {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let (app, at) = (world.populate(), node.address());
    let get = async |path: &str| app.send(|http| http.get(format!("{at}{path}"))).await;
    let (oidc, oauth, smart) = (get(OIDC).await, get(OAUTH).await, get(SMART).await);
    assert_eq!(oidc.json, oauth.json, "OC-5-01");
    for answer in [&oidc, &smart] {
        assert_eq!(answer.json["issuer"], json!(ISSUER), "SC-23");
        assert!(answer.header("content-type").starts_with("application/json"), "CF-2");
        assert!(answer.header("cache-control").contains("max-age"));
        for (name, value) in answer.json.as_object().unwrap() {
            let Some(url) =
                value.as_str().filter(|_| name.ends_with("_endpoint") || name == "jwks_uri")
            else {
                continue;
            };
            let path = url.strip_prefix(ISSUER).unwrap_or_else(|| panic!("CF-3 {name} {url}"));
            assert_ne!(get(path).await.status, 404, "{name}");
        }
    }
    let document = &smart.json;
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "introspection_endpoint",
        "revocation_endpoint",
        "jwks_uri",
    ] {
        assert!(document[name].is_string(), "CF-4 {name}");
        assert_eq!(document[name], oidc.json[name]);
    }
    for (name, value) in [
        ("code_challenge_methods_supported", "S256"),
        ("grant_types_supported", "authorization_code"),
        ("grant_types_supported", "client_credentials"),
        ("response_types_supported", "code"),
        ("scopes_supported", "openid"),
        ("scopes_supported", "fhirUser"),
        ("scopes_supported", "launch/patient"),
        ("scopes_supported", "https://fireward.dev/scopes/introspection"),
        ("scopes_supported", "patient/*.cruds"),
        ("token_endpoint_auth_methods_supported", "private_key_jwt"),
        ("token_endpoint_auth_signing_alg_values_supported", "ES384"),
    ] {
        assert!(has(document, name, value), "{name} {value}");
    }
    assert!(!has(document, "code_challenge_methods_supported", "plain"));
    // CF-6: each of the four sets of capabilities.
    for capability in [
        "launch-standalone",
        "launch-ehr",
        "client-public",
        "client-confidential-symmetric",
        "authorize-post",
        "client-confidential-asymmetric",
        "sso-openid-connect",
        "context-banner",
        "context-style",
        "context-ehr-patient",
        "context-ehr-encounter",
        "context-standalone-patient",
        "permission-offline",
        "permission-patient",
        "permission-user",
        "permission-v1",
        "permission-v2",
    ] {
        assert!(has(document, "capabilities", capability), "D-27 {capability}");
    }
    assert!(has(&oidc.json, "id_token_signing_alg_values_supported", "RS256"), "SC-21");
    assert_eq!(oidc.json["authorization_response_iss_parameter_supported"], json!(true));
    assert_eq!(oidc.json["request_parameter_supported"], json!(true));
    for absent in ["request_uri_parameter_supported", "claims_parameter_supported"] {
        assert_eq!(oidc.json[absent], json!(false), "OC-5-02");
    }
    for unsupported in ["registration_endpoint", "device_authorization_endpoint"] {
        assert!(
            oidc.json.get(unsupported).is_none(),
            "{unsupported} is not there, so it is not listed"
        );
    }
    for grant in oidc.json["grant_types_supported"].as_array().unwrap() {
        let answer =
            app.post(&format!("{at}/token"), &[("grant_type", grant.as_str().unwrap())]).await;
        assert_ne!(answer.json["error"], json!("unsupported_grant_type"), "{grant}");
    }
    let keys = get("/jwks").await.json;
    assert_eq!(keys["keys"][0]["kty"], json!("RSA"), "RSA first, for old clients");
}

#[tokio::test]
async fn cf_2_al_5_al_6_h4_d_21_oc_0_06_browsers_of_any_origin_may_ask_and_never_with_credentials()
{
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let (at, app) = (node.address(), Client::public("nobody", "", FHIR));
    for accept in ["application/fhir+json", "text/html", "image/png", "*/*", ""] {
        let answer =
            app.send(|http| http.get(format!("{at}{SMART}")).header("accept", accept)).await;
        assert_eq!(answer.status, 200, "{accept}");
        assert!(answer.header("content-type").starts_with("application/json"), "CF-2 {accept}");
    }
    for path in [OIDC, OAUTH, SMART, "/jwks", "/token", "/userinfo", "/introspect", "/revoke"] {
        for origin in ["https://app.example", "https://evil.example", "null"] {
            let url = format!("{at}{path}");
            let answer = app.send(|http| http.get(&url).header("origin", origin)).await;
            let preflight = app.send(|http| {
                let asked = http.request(reqwest::Method::OPTIONS, &url).header("origin", origin);
                asked
                    .header("access-control-request-method", "POST")
                    .header("access-control-request-headers", "authorization,content-type")
            });
            let preflight = preflight.await;
            for answer in [&answer, &preflight] {
                assert_eq!(
                    answer.header("access-control-allow-origin"),
                    "*",
                    "{path} {}",
                    answer.status
                );
                assert_eq!(answer.header("access-control-allow-credentials"), "", "H4");
            }
            assert!(preflight.status.is_success());
            let allowed = preflight.header("access-control-allow-headers").to_lowercase();
            assert!(allowed.contains("authorization") && allowed.contains("content-type"), "AL-6");
        }
    }
    for path in ["/authorize", "/login", "/logout", "/account/apps", "/"] {
        let url = format!("{at}{path}");
        for method in [reqwest::Method::GET, reqwest::Method::OPTIONS] {
            let answer = app.send(|http| {
                let asked =
                    http.request(method.clone(), &url).header("origin", "https://evil.example");
                asked.header("access-control-request-method", "POST")
            });
            assert_eq!(
                answer.await.header("access-control-allow-origin"),
                "",
                "A17 {method} {path}"
            );
        }
    }
}
