use serde_json::{Value, json};

use super::{BASE, ISSUER, NOW, World, claims, key, sign, with};

/// The description in the challenge of a 401.
async fn refused(world: &World, token: &str) -> String {
    let heard = world.get_with(token).await;
    assert_eq!(heard.status, 401, "{}", heard.body);
    let challenge = heard.header("www-authenticate").to_owned();
    assert!(challenge.starts_with(&format!("Bearer realm=\"{BASE}\", resource_metadata=")));
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    assert!(challenge.contains("request_id=\"r-1\""), "{challenge}");
    challenge
}

#[actix_web::test]
async fn al_26_a_token_for_this_server_is_accepted() {
    let world = World::new();
    let heard = world.get_with(&world.token(&claims())).await;
    assert_eq!((heard.status, &heard.body["client"]), (200, &json!("growth-chart")));
}

#[actix_web::test]
async fn al_26_the_audience_is_this_server_give_or_take_a_slash() {
    let world = World::new();
    for aud in [json!(format!("{BASE}/")), json!([BASE]), json!(["https://other.example", BASE])] {
        assert_eq!(world.get_with(&world.token(&with("aud", aud))).await.status, 200);
    }
    for aud in
        [json!("https://other.example/fhir"), json!("growth-chart"), json!(ISSUER), json!([])]
    {
        let challenge = refused(&world, &world.token(&with("aud", aud))).await;
        assert!(challenge.contains("another server"), "{challenge}");
    }
}

#[actix_web::test]
async fn al_21_an_expired_token_is_refused_remembered_or_not() {
    let world = World::new();
    let token = world.token(&claims());
    world.pass(299);
    assert_eq!(world.get_with(&token).await.status, 200);
    world.pass(1);
    assert!(refused(&world, &token).await.contains("expired"));
    let unseen = world.token(&with("jti", json!("t2")));
    assert!(refused(&world, &unseen).await.contains("expired"));
}

#[actix_web::test]
async fn a_token_of_the_future_is_refused_but_for_the_clocks_difference() {
    let world = World::new();
    assert_eq!(world.get_with(&world.token(&with("nbf", json!(NOW + 30)))).await.status, 200);
    let challenge = refused(&world, &world.token(&with("nbf", json!(NOW + 31)))).await;
    assert!(challenge.contains("not valid yet"), "{challenge}");
}

#[actix_web::test]
async fn i1_a_token_that_was_changed_is_refused() {
    let world = World::new();
    let token = world.token(&claims());
    let last = if token.ends_with('A') { "B" } else { "A" };
    let changed = format!("{}{last}", &token[..token.len() - 1]);
    for changed in [changed, token[..token.len() - 1].to_owned(), format!("{token}A")] {
        refused(&world, &changed).await;
    }
}

#[actix_web::test]
async fn i5_a_token_that_is_bound_to_a_key_is_no_bearer_token() {
    let world = World::new();
    for cnf in [json!({ "jkt": "x" }), json!({ "x5t#S256": "x" })] {
        let challenge = refused(&world, &world.token(&with("cnf", cnf))).await;
        assert!(challenge.contains("bound to a "), "{challenge}");
    }
}

#[actix_web::test]
async fn i7_a_token_of_another_issuer_or_kind_is_refused() {
    let world = World::new();
    for iss in ["https://evil.example", "https://issuer.example/", "HTTPS://issuer.example", ""] {
        let challenge = refused(&world, &world.token(&with("iss", json!(iss)))).await;
        assert!(challenge.contains("another issuer"), "{challenge}");
    }
    for typ in ["JWT", "", "logout+jwt", "dpop+jwt"] {
        refused(&world, &sign(&world.key, typ, &claims())).await;
    }
    // D-13: as a media type.
    assert_eq!(
        world.get_with(&sign(&world.key, "application/AT+JWT", &claims())).await.status,
        200
    );
}

#[actix_web::test]
async fn i7_a_token_by_a_stranger_under_a_known_name_is_refused() {
    let world = World::new();
    let forged = sign(&key("k1"), "at+jwt", &claims());
    assert!(refused(&world, &forged).await.contains("signature"));
}

#[actix_web::test]
async fn f8_a_refresh_token_is_no_access_token() {
    let world = World::new();
    for token in ["u8tM3vZ0nq3Xq7o1mE0c5wYw2yV8b0hQ", "eyJhbGciOiJub25lIn0.e30."] {
        refused(&world, token).await;
    }
}

#[actix_web::test]
async fn j23_an_id_token_is_no_access_token() {
    let world = World::new();
    let id_token = sign(&world.key, "JWT", &with("aud", json!("growth-chart")));
    assert!(refused(&world, &id_token).await.contains("at+jwt"));
    let for_us = sign(&world.key, "JWT", &claims());
    assert!(refused(&world, &for_us).await.contains("at+jwt"));
}

#[actix_web::test]
async fn a_token_without_its_claims_is_refused() {
    let world = World::new();
    for member in ["iss", "aud", "exp"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(member);
        refused(&world, &world.token(&claims)).await;
    }
    for exp in [json!("1700000300"), Value::Null, json!(-1)] {
        refused(&world, &world.token(&with("exp", exp))).await;
    }
}

#[actix_web::test]
async fn nothing_is_fetched_for_a_token_that_cannot_be_for_us() {
    let world = World::new();
    for token in ["x".to_owned(), world.token(&with("iss", json!("https://evil.example")))] {
        refused(&world, &token).await;
    }
    assert!(world.published.asked.lock().unwrap().is_empty());
}
