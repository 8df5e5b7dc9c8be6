//! Tokens that are bound to a key or a certificate.

use fireward_jose::{b64, sha256};
use serde_json::{Value, json};

use super::{BASE, NOW, World, claims, key, with};
use crate::{Certificates, Nonce};

/// A proof as a client makes it, with a member that is another.
fn proof(world: &World, token: &str, member: &str, value: Value) -> String {
    let mut claims = json!({
        "jti": format!("p-{member}-{value}"), "htm": "GET", "htu": format!("{BASE}/Observation"),
        "iat": NOW, "ath": b64::encode(sha256(token)),
    });
    claims[member] = value;
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    with_key(world, "dpop+jwt", &claims)
}

fn with_key(world: &World, typ: &str, claims: &Value) -> String {
    let mut jwk = world.key.public_jwk().to_json();
    for extra in ["use", "kid", "alg"] {
        jwk.as_object_mut().unwrap().remove(extra);
    }
    let header = json!({ "typ": typ, "alg": "ES256", "jwk": jwk });
    world.pair_signs(&header, claims)
}

fn bound(world: &World) -> String {
    world.token(&with("cnf", json!({ "jkt": world.key.public_jwk().thumbprint() })))
}

async fn send(world: &World, token: &str, proofs: &[&str]) -> super::Heard {
    let token = format!("DPoP {token}");
    let mut headers = vec![("Authorization", token.as_str())];
    headers.extend(proofs.iter().map(|proof| ("DPoP", *proof)));
    world.get("/fhir/Observation?_count=1", &headers).await
}

#[actix_web::test]
async fn i5_a_bound_token_is_accepted_with_a_proof_of_its_key_once() {
    let world = World::new();
    let token = bound(&world);
    let good = proof(&world, &token, "jti", json!("one"));
    assert_eq!(send(&world, &token, &[&good]).await.status, 200);
    let again = send(&world, &token, &[&good]).await;
    assert_eq!(again.status, 401);
    let challenge = again.header("www-authenticate");
    assert!(challenge.starts_with("DPoP ") && challenge.contains("used before"), "{challenge}");
    assert!(challenge.contains("error=\"invalid_dpop_proof\""), "{challenge}");
    assert!(challenge.contains("algs=\"ES256 "), "{challenge}");
    // For as long as the proof could be used.
    world.pass(60);
    assert_eq!(send(&world, &token, &[&good]).await.status, 401);
}

#[actix_web::test]
async fn a_proof_is_of_this_request_this_token_and_now() {
    let world = World::new();
    let token = bound(&world);
    for (member, value) in [
        ("htm", json!("POST")),
        ("htm", json!("get")),
        ("htu", json!("https://other.example/fhir/Observation")),
        ("htu", json!(format!("{BASE}/Condition"))),
        ("htu", json!("/fhir/Observation")),
        ("ath", Value::Null),
        ("ath", json!(b64::encode(sha256("another")))),
        ("iat", json!(NOW - 61)),
        ("iat", json!(NOW + 11)),
        ("jti", json!("")),
        ("jti", json!("x".repeat(257))),
        ("jti", Value::Null),
    ] {
        let heard = send(&world, &token, &[&proof(&world, &token, member, value.clone())]).await;
        assert_eq!(heard.status, 401, "{member} {value}");
    }
    for (member, value) in [
        ("htu", json!(format!("{BASE}/Observation?any=1#x"))),
        ("htu", json!("HTTPS://FHIR.example:443/fhir/Observation")),
        ("iat", json!(NOW - 60)),
        ("iat", json!(NOW + 10)),
    ] {
        let heard = send(&world, &token, &[&proof(&world, &token, member, value.clone())]).await;
        assert_eq!(heard.status, 200, "{member} {value}: {}", heard.body);
    }
}

#[actix_web::test]
async fn a_proof_that_is_missing_doubled_or_of_another_kind_is_none() {
    let world = World::new();
    let token = bound(&world);
    let one = proof(&world, &token, "jti", json!("a"));
    let two = proof(&world, &token, "jti", json!("b"));
    for proofs in [&[][..], &[one.as_str(), two.as_str()], &["nonsense"], &[token.as_str()]] {
        assert_eq!(send(&world, &token, proofs).await.status, 401, "{proofs:?}");
    }
    let plain = with_key(&world, "JWT", &json!({ "jti": "c", "htm": "GET" }));
    assert_eq!(send(&world, &token, &[&plain]).await.status, 401);
    // None of those was used up.
    assert_eq!(send(&world, &token, &[&one]).await.status, 200);
}

#[actix_web::test]
async fn i5_the_scheme_and_the_binding_belong_together() {
    let world = World::new();
    let heard = world.get_with(&bound(&world)).await;
    assert_eq!(heard.status, 401);
    assert!(heard.all("www-authenticate").iter().any(|one| one.starts_with("DPoP ")));
    let unbound = world.token(&claims());
    let shown = send(&world, &unbound, &[&proof(&world, &unbound, "jti", json!("d"))]).await;
    assert_eq!(shown.status, 401);
    let anothers = world.token(&with("cnf", json!({ "jkt": key("k9").public_jwk().thumbprint() })));
    let shown = send(&world, &anothers, &[&proof(&world, &anothers, "jti", json!("e"))]).await;
    assert_eq!(
        (shown.status, &shown.body["issue"][0]["details"]["coding"][0]["code"]),
        (401, &json!("binding"))
    );
}

#[actix_web::test]
async fn a_nonce_is_demanded_where_that_is_configured_and_given_with_the_refusal() {
    let world =
        World::with(|config| config.dpop.nonce = Some(Nonce { key: [1; 32], lifetime: 60 }));
    let token = bound(&world);
    let heard = send(&world, &token, &[&proof(&world, &token, "jti", json!("f"))]).await;
    assert_eq!(heard.status, 401);
    assert!(heard.header("www-authenticate").contains("error=\"use_dpop_nonce\""));
    let nonce = heard.header("dpop-nonce").to_owned();
    let with_nonce = proof(&world, &token, "nonce", json!(nonce));
    assert_eq!(send(&world, &token, &[&with_nonce]).await.status, 200);
    world.pass(121);
    assert_eq!(send(&world, &token, &[&with_nonce]).await.status, 401);
}

#[actix_web::test]
async fn i5_a_token_bound_to_a_certificate_needs_that_certificate_from_a_proxy_that_is_named() {
    let certificate = ":AQIDBA==:";
    let cnf = json!({ "x5t#S256": b64::encode(sha256([1, 2, 3, 4])) });
    let trusting = |from: &str| {
        let from = vec![from.parse().unwrap()];
        World::with(|config| {
            config.certificates = Certificates::Proxy { header: "client-cert".to_owned(), from };
        })
    };
    let ask = async |world: &World, lines: &[&str]| {
        let token = format!("Bearer {}", world.token(&with("cnf", cnf.clone())));
        let mut headers = vec![("Authorization", token.as_str())];
        headers.extend(lines.iter().map(|line| ("Client-Cert", *line)));
        world.get("/fhir/Observation", &headers).await.status
    };
    let world = trusting("203.0.113.0/24");
    assert_eq!(ask(&world, &[certificate]).await, 200);
    for lines in [&[][..], &[":AQIDBQ==:"], &[certificate, certificate], &["nonsense"]] {
        assert_eq!(ask(&world, lines).await, 401, "{lines:?}");
    }
    // H2: whoever is not the proxy is not believed.
    assert_eq!(ask(&trusting("198.51.100.0/24"), &[certificate]).await, 401);
    assert_eq!(ask(&World::new(), &[certificate]).await, 401);
}
