//! Who is refused, and what they hear.

use serde_json::json;

use super::{BASE, ISSUER, NOW, World};

#[actix_web::test]
async fn al_26_without_a_good_token_everything_is_401() {
    let world = World::new().await;
    let other = |member: &str, value: serde_json::Value| {
        let mut claims = json!({ "iss": ISSUER, "aud": BASE, "client_id": "c",
            "scope": "system/*.cruds", "iat": NOW, "exp": NOW + 300 });
        claims[member] = value;
        world.sign(&claims)
    };
    let good = world.anyone();
    let bad = [
        other("aud", json!("https://other.example/fhir")),
        other("iss", json!("https://other.example")),
        other("exp", json!(NOW)),
        format!("{}x", &good[..good.len() - 1]),
        "nonsense".to_owned(),
    ];
    for target in
        ["/Patient/a", "/Patient", "/Claim/1", "/Patient/a/_history", "/nowhere/at/all", ""]
    {
        let nameless = world.send("GET", target, &[], "").await;
        assert_eq!((nameless.status, nameless.issue().as_str()), (401, "login"), "{target}");
        let challenge = nameless.header("www-authenticate").to_owned();
        assert!(challenge.starts_with(&format!("Bearer realm=\"{BASE}\"")), "{challenge}");
        assert!(!challenge.contains("error"), "{challenge}");
        for token in &bad {
            let heard = world.ask(token, "GET", target).await;
            assert_eq!(heard.status, 401, "{target}");
            assert!(heard.header("www-authenticate").contains("error=\"invalid_token\""));
        }
    }
    for (method, target) in [("POST", "/Patient"), ("PUT", "/Patient/a"), ("DELETE", "/Patient/a")]
    {
        assert_eq!(world.send(method, target, &[], "{}").await.status, 401, "{method}");
    }
    assert_eq!(world.ask(&good, "GET", "/Patient/a").await.status, 200);
}

#[actix_web::test]
async fn al_21_a_token_ends_when_its_time_is_over() {
    let world = World::new().await;
    let token = world.anyone();
    assert_eq!(world.ask(&token, "GET", "/Patient/a").await.status, 200);
    world.clock.fetch_add(299, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(world.ask(&token, "GET", "/Patient/a").await.status, 200);
    world.clock.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(world.ask(&token, "GET", "/Patient/a").await.status, 401);
}

#[actix_web::test]
async fn al_26_a_type_outside_the_scopes_is_403_and_says_what_would_do() {
    let world = World::new().await;
    let token = world.token("openid patient/Patient.rs", Some("a"));
    for (target, scope) in [
        ("/Observation", "patient/Observation.s"),
        ("/Observation/a-sugar", "patient/Observation.r"),
    ] {
        let heard = world.ask(&token, "GET", target).await;
        assert_eq!((heard.status, heard.issue().as_str()), (403, "forbidden"));
        let challenge = heard.header("www-authenticate");
        assert!(
            challenge.contains("insufficient_scope") && challenge.contains(scope),
            "{challenge}"
        );
    }
    let identity = world.token("openid fhirUser", None);
    assert_eq!(world.ask(&identity, "GET", "/Patient/a").await.status, 403);
}

#[actix_web::test]
async fn d_36_another_patients_resource_looks_like_none() {
    let world = World::new().await;
    let a = world.token("patient/*.cruds", Some("a"));
    for method in ["GET", "DELETE"] {
        let hidden = world.ask(&a, method, "/Observation/b-sugar").await;
        let absent = world.ask(&a, method, "/Observation/nowhere").await;
        assert_eq!((hidden.status, absent.status), (404, 404));
        let told = |heard: &super::Heard| heard.text.replace(heard.header("x-request-id"), "");
        assert_eq!(told(&hidden), told(&absent));
        let names = |heard: &super::Heard| {
            let mut names: Vec<_> = heard.headers.keys().map(ToString::to_string).collect();
            names.sort();
            names
        };
        assert_eq!(names(&hidden), names(&absent));
    }
}

#[actix_web::test]
async fn d_37_a_search_for_another_patient_is_403() {
    let world = World::new().await;
    let a = world.token("patient/*.rs", Some("a"));
    for target in ["/Observation?patient=b", "/Observation?subject=Patient/b", "/Patient?_id=b"] {
        assert_eq!(world.ask(&a, "GET", target).await.status, 403, "{target}");
    }
    assert_eq!(world.ask(&a, "GET", "/Observation?patient=a").await.ids().len(), 2);
}

#[actix_web::test]
async fn what_is_not_understood_is_refused_and_explained() {
    let world = World::new().await;
    for (method, target, status, code) in [
        ("GET", "/Claim/1", 404, "not-supported"),
        ("GET", "/Patient/a/b/c", 404, "not-found"),
        ("GET", "/Patient?birthdate=blue", 400, "invalid"),
        ("GET", "/Patient?name=%zz", 400, "invalid"),
        ("POST", "/Patient/a", 405, "not-supported"),
        ("BREW", "/Patient/a", 405, "not-supported"),
        ("POST", "/metadata", 405, "not-supported"),
    ] {
        let heard = world.ask(&world.anyone(), method, target).await;
        assert_eq!((heard.status, heard.issue().as_str()), (status, code), "{method} {target}");
    }
    assert!(!world.ask(&world.anyone(), "POST", "/Patient/a").await.header("allow").is_empty());
}

#[actix_web::test]
async fn i_4_a_token_in_the_address_is_refused() {
    let world = World::new().await;
    let target = format!("/Patient/a?access_token={}", world.anyone());
    assert_eq!(world.send("GET", &target, &[], "").await.status, 400);
}

#[actix_web::test]
async fn beside_the_base_somebody_learns_where_it_is() {
    let world = World::new().await;
    let lost = world.send("GET", "ir", &[], "").await;
    assert_eq!((lost.status, lost.issue().as_str()), (404, "not-found"));
    assert!(lost.text.contains(BASE), "{}", lost.text);
    assert_eq!(lost.header("content-type"), "application/fhir+json");
}
