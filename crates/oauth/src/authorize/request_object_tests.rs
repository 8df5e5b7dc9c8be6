use fireward_jose::{
    SigningKey,
    backend::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
    },
};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::samples::{at, client};

fn key() -> SigningKey {
    let random = SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    SigningKey::from_pkcs8(Algorithm::ES256, "k1", der.as_ref(), &random).unwrap()
}

fn good() -> Value {
    json!({
        "iss": "app", "aud": "https://as.example", "exp": at(300).unix(), "nbf": at(-5).unix(),
        "client_id": "app", "scope": "openid", "max_age": 60, "claims": {"userinfo": null},
        "resource": "https://fhir.example/r4", "display": null,
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims
}

fn outer() -> Params {
    let pairs = [
        ("client_id", "app"),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "beside"),
        ("request", "…"),
    ];
    Params::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec())
}

fn read(client: &Client, typ: &str, claims: &Value) -> Result<Params, Refused> {
    let key = key();
    let set = json!({ "keys": [key.public_jwk().to_json()] }).to_string();
    let keys = JwkSet::parse_strict(set.as_bytes()).unwrap();
    let object = RequestObject::read(&key.sign(typ, claims, &SystemRandom::new()).unwrap())?;
    let issuer = Issuer::parse("https://as.example").unwrap();
    object.parameters(&outer(), (client, &keys), &issuer, (&Policy::default(), at(0)))
}

fn code(client: &Client, claims: &Value) -> Code {
    read(client, "oauth-authz-req+jwt", claims).unwrap_err().code
}

#[test]
fn oc_13_01_oc_13_02_only_the_parameters_of_the_object_count() {
    let params = read(&client("app"), "oauth-authz-req+jwt", &good()).unwrap();
    assert_eq!(params.one("scope"), Ok(Some("openid")));
    assert_eq!(params.one("max_age"), Ok(Some("60")));
    assert_eq!(params.one("claims"), Ok(Some(r#"{"userinfo":null}"#)));
    assert_eq!(params.one("client_id"), Ok(Some("app")));
    for absent in ["state", "aud", "iss", "exp", "display", "request"] {
        assert_eq!(params.all(absent).count(), 0, "{absent}");
    }
}

#[test]
fn oc_13_02_openid_connect_merges_and_both_must_agree() {
    let oidc = Client { profile: Profile::Oidc, ..client("app") };
    let params = read(&oidc, "JWT", &good()).unwrap();
    assert_eq!(params.one("state"), Ok(Some("beside")));
    assert_eq!(params.all("scope").count(), 1, "the object wins");
    assert_eq!(params.all("client_id").count(), 1);
    assert_eq!(params.all("request").count(), 0);
    let other = with("response_type", json!("token"));
    assert_eq!(read(&oidc, "JWT", &other).unwrap_err().code, Code::InvalidRequest);
}

#[test]
fn oc_13_01_d_13_to_d_15_what_is_wrong_with_an_object_is_said() {
    let app = client("app");
    let wrong = [
        with("iss", json!("other")),
        with("client_id", json!("other")),
        with("client_id", json!(7)),
        with("sub", json!("app")),
        with("aud", json!("https://other.example")),
        with("aud", json!({})),
        with("exp", json!(at(-61).unix())),
        with("exp", json!(at(3_700).unix())),
        with("exp", Value::Null),
        with("exp", json!("soon")),
        with("nbf", json!(at(61).unix())),
        with("nbf", json!(at(-3_700).unix())),
        with("iat", json!(at(61).unix())),
        with("request", json!("x")),
        with("request_uri", json!("https://app.example/r")),
    ];
    for claims in &wrong {
        assert_eq!(code(&app, claims), Code::InvalidRequestObject, "{claims}");
    }
    assert!(read(&app, "at+jwt", &good()).is_err(), "another kind of token");
    let mut pinned = client("app");
    pinned.requests.object_alg = Some(Algorithm::PS256);
    assert_eq!(code(&pinned, &good()), Code::InvalidRequestObject);
    let oidc = Client { profile: Profile::Oidc, ..client("app") };
    assert!(read(&oidc, "JWT", &json!({"scope": "openid"})).is_ok(), "D-15: all optional there");
}

#[test]
fn oc_13_01_an_object_that_is_not_signed_by_the_registered_key_is_none() {
    let signed = key().sign("JWT", &good(), &SystemRandom::new()).unwrap();
    let set = json!({ "keys": [key().public_jwk().to_json()] }).to_string();
    let keys = JwkSet::parse_strict(set.as_bytes()).unwrap();
    let issuer = Issuer::parse("https://as.example").unwrap();
    let (app, moment) = (client("app"), (&Policy::default(), at(0)));
    let object = RequestObject::read(&signed).unwrap();
    let refused = object.parameters(&outer(), (&app, &keys), &issuer, moment).unwrap_err();
    assert_eq!(refused.code, Code::InvalidRequestObject);
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzY29wZSI6Im9wZW5pZCJ9.";
    assert_eq!(RequestObject::read(unsigned).unwrap_err().code, Code::InvalidRequestObject);
}

proptest! {
    #[test]
    fn oc_13_01_no_text_is_a_request_object_by_chance(text in "\\PC{0,200}") {
        prop_assert!(RequestObject::read(&text).is_err());
    }
}
