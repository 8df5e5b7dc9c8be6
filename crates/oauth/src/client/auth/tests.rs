use fireward_jose::{
    Algorithm, JwkSet, SigningKey,
    backend::{
        rand::SystemRandom,
        signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair},
    },
};
use serde_json::{Value, json};

use super::*;
use crate::{
    client::KeySource,
    policy::Policy,
    samples::{at, client},
    vocabulary::SecretHash,
};

const SECRET: &str = "a-secret-of-enough-bits-0123456789";

fn with_secret(method: SecretMethod) -> Client {
    let live = vec![SecretHash::of_any("the older one"), SecretHash::of_strong(SECRET).unwrap()];
    Client { auth: ClientAuth::Secret { method, live }, ..client("app") }
}

fn header(text: &str) -> String {
    use base64::Engine as _;
    format!("basic {}", base64::engine::general_purpose::STANDARD.encode(text))
}

fn proves(client: &Client, parts: Parts<'_>) -> Result<ClientId, Code> {
    let presented = Presented::read(parts).map_err(|refused| refused.code)?;
    let found = presented.client_ids().contains(&client.id).then(|| client.clone());
    authenticate(&presented, found.map(Arc::new), None)
        .map(|proven| proven.id().clone())
        .map_err(|r| r.code)
}

#[test]
fn cs_1_d_23_basic_is_read_raw_and_form_decoded() {
    let client = with_secret(SecretMethod::Basic);
    let try_with = |text: &str| {
        let header = header(text);
        proves(&client, Parts { authorization: Some(&header), ..Parts::default() })
    };
    assert!(try_with(&format!("app:{SECRET}")).is_ok());
    assert!(try_with("app:the older one").is_ok(), "two secrets may live");
    assert!(try_with("app:the+older%20one").is_ok(), "form-encoded");
    assert!(try_with("%61pp:the older one").is_ok());
    for wrong in ["app:wrong", "app:", "other:x", "app", ":"] {
        assert_eq!(try_with(wrong), Err(Code::InvalidClient), "{wrong}");
    }
}

#[test]
fn oc_1_04_j13_one_method_and_the_registered_one() {
    let basic = header(&format!("app:{SECRET}"));
    let client = with_secret(SecretMethod::Basic);
    let both = Parts {
        authorization: Some(&basic),
        client_secret: Some(SECRET),
        client_id: Some("app"),
        ..Parts::default()
    };
    assert_eq!(proves(&client, both), Err(Code::InvalidRequest));
    let asserted = Parts { authorization: Some(&basic), assertion: Some("x"), ..Parts::default() };
    assert_eq!(proves(&client, asserted), Err(Code::InvalidRequest));
    let post = Parts { client_id: Some("app"), client_secret: Some(SECRET), ..Parts::default() };
    assert_eq!(proves(&client, post), Err(Code::InvalidClient), "registered for Basic");
    assert!(proves(&with_secret(SecretMethod::Post), post).is_ok());
    let other = Parts { authorization: Some(&basic), client_id: Some("b"), ..Parts::default() };
    assert_eq!(proves(&client, other), Err(Code::InvalidClient));
}

#[test]
fn al_19_a_confidential_client_with_only_its_id_is_refused() {
    let named = Parts { client_id: Some("app"), ..Parts::default() };
    assert!(proves(&client("app"), named).is_ok(), "a public one is who it says");
    assert_eq!(proves(&with_secret(SecretMethod::Basic), named), Err(Code::InvalidClient));
    assert_eq!(proves(&client("app"), Parts::default()), Err(Code::InvalidClient));
    let disabled = Client { status: Status::Disabled, ..client("app") };
    assert_eq!(proves(&disabled, named), Err(Code::InvalidClient), "A13");
}

struct Backend {
    key: SigningKey,
    client: Client,
    keys: JwkSet,
}

fn backend() -> Backend {
    let random = SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &random).unwrap();
    let key = SigningKey::from_pkcs8(Algorithm::ES384, "k1", der.as_ref(), &random).unwrap();
    let set = json!({ "keys": [key.public_jwk().to_json()] }).to_string();
    let keys = JwkSet::parse_strict(set.as_bytes()).unwrap();
    let source = KeySource::Inline(keys.clone());
    let client = Client { auth: ClientAuth::Keys { source, alg: None }, ..client("backend") };
    Backend { key, client, keys }
}

fn good() -> Value {
    json!({"iss": "backend", "sub": "backend", "aud": "https://as.example/token", "exp": at(290).unix(), "jti": "j1"})
}

fn check_claims(backend: &Backend, claims: &Value) -> Result<Proven, Refused> {
    let jwt = backend.key.sign("JWT", claims, &SystemRandom::new()).unwrap();
    let read = assertion::read(Some(ASSERTION_TYPE), Some(&jwt), None)?;
    let endpoints = Endpoints {
        issuer: "https://as.example",
        token: "https://as.example/token",
        called: "https://as.example/introspect",
    };
    check_assertion(&read, &backend.client, &backend.keys, endpoints, (&Policy::default(), at(0)))
}

#[test]
fn ca_5_a_good_assertion_proves_its_client_until_it_expires() {
    let backend = backend();
    let proven = check_claims(&backend, &good()).unwrap();
    assert_eq!(proven.remember_until, at(350), "CA-6: expiry and the accepted skew");
    let jwt = backend.key.sign("JWT", &good(), &SystemRandom::new()).unwrap();
    let parts =
        Parts { assertion_type: Some(ASSERTION_TYPE), assertion: Some(&jwt), ..Parts::default() };
    let presented = Presented::read(parts).unwrap();
    assert!(authenticate(&presented, Some(Arc::new(backend.client.clone())), Some(proven)).is_ok());
    assert!(
        authenticate(&presented, Some(Arc::new(backend.client)), None).is_err(),
        "unproven is not enough"
    );
}

#[test]
fn j10_j11_ca_6_wrong_claims_are_invalid_client() {
    let backend = backend();
    let wrong = [
        ("aud", json!("https://other.example/token")),
        ("aud", Value::Null),
        ("aud", json!([])),
        ("iss", json!("other")),
        ("sub", Value::Null),
        ("exp", Value::Null),
        ("exp", json!(at(-61).unix())),
        ("exp", json!(at(361).unix())),
        ("nbf", json!(at(61).unix())),
        ("iat", json!(at(61).unix())),
        ("jti", Value::Null),
        ("jti", json!("")),
    ];
    for (name, value) in wrong {
        let mut claims = good();
        claims[name] = value.clone();
        let refused = check_claims(&backend, &claims).unwrap_err();
        assert_eq!(refused.code, Code::InvalidClient, "{name}={value}");
    }
    for aud in ["https://as.example", "https://as.example/introspect"] {
        let mut claims = good();
        claims["aud"] = json!(aud);
        assert!(check_claims(&backend, &claims).is_ok(), "D-05: {aud}");
    }
}

#[test]
fn ca_9_anothers_key_proves_nothing() {
    let (mine, mut theirs) = (backend(), backend());
    theirs.keys = mine.keys;
    assert_eq!(check_claims(&theirs, &good()).unwrap_err().code, Code::InvalidClient);
}
