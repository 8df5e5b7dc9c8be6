//! Errors are explained to whoever has their link, and the link tells nothing of a patient.

use actix_web::http::header::LOCATION;
use fireward_oauth::grants::GrantEnd;

use super::{Answer, World, flow, world::VERIFIER};

/// The page that an error leads to.
async fn explained(world: &World, error_uri: &str) -> Answer {
    world.app.site.store.flush_audit().await.unwrap();
    let path = error_uri.strip_prefix("http://localhost:8080").unwrap();
    let page = world.get(path).await;
    assert_eq!(page.status, 200, "{error_uri}");
    for told in ["Ana Silva", "p1", "Practitioner/1", "ana@example.org", VERIFIER] {
        assert!(!page.body.contains(told), "{told} is on {}", page.body);
    }
    page
}

/// `error_uri` of a redirect back to the app.
async fn redirected(world: &World, changed: &[(&str, &str)]) -> (String, String) {
    let good = [
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", "https://app.example/cb"),
        ("scope", "launch/patient patient/*.rs"),
        ("state", "s1"),
        ("aud", "http://localhost:8081/fhir"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in good {
        let changed = changed.iter().find(|(own, _)| *own == name).map_or(value, |(_, new)| new);
        query.append_pair(name, changed);
    }
    let answer = world.get(&format!("/authorize?{}", query.finish())).await;
    let location = url::Url::parse(answer.header(LOCATION.as_str()).unwrap()).unwrap();
    let of = |name: &str| location.query_pairs().find(|(own, _)| own == name).unwrap().1.into();
    (of("error"), of("error_uri"))
}

#[actix_web::test]
async fn sc_9_when_nothing_is_left_each_scope_is_explained() {
    let world = World::new().await;
    let asked = "launch patient/Observation.dus phone https://api.example/x";
    let (error, uri) = redirected(&world, &[("scope", asked)]).await;
    assert_eq!(error, "invalid_scope");
    let page = explained(&world, &uri).await.body;
    for said in [
        "means nothing in this kind of launch",
        "patient/Observation.dus",
        "letters of `cruds`",
        "The app is not registered for it",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[actix_web::test]
async fn al_13_the_error_says_which_server_was_expected() {
    let world = World::new().await;
    let (error, uri) = redirected(&world, &[("aud", "https://other.example/r4")]).await;
    assert_eq!(error, "invalid_request");
    let page = explained(&world, &uri).await.body;
    assert!(
        page.contains("https://other.example/r4") && page.contains("http://localhost:8081/fhir")
    );
}

#[actix_web::test]
async fn al_15_an_address_that_is_not_registered_is_explained_without_a_redirect() {
    let world = World::new().await;
    let asked =
        "/authorize?response_type=code&client_id=app&redirect_uri=https://app.example/other";
    let page = world.get(asked).await;
    assert_eq!((page.status, page.header("location")), (400, None));
    let (_, rest) = page.body.split_once("id=\"explained\" href=\"").unwrap();
    let uri = format!("http://localhost:8080{}", rest.split('"').next().unwrap());
    let page = explained(&world, &uri).await.body;
    assert!(page.contains("https://app.example/other") && page.contains("https://app.example/cb"));
    let stranger = asked.replace("app.example/other", "stranger.example/");
    let page = world.get(&stranger).await;
    let (_, rest) = page.body.split_once("id=\"explained\" href=\"").unwrap();
    let uri = format!("http://localhost:8080{}", rest.split('"').next().unwrap());
    let page = explained(&world, &uri).await.body;
    assert!(!page.contains("app.example"), "a stranger learns of no other host");
}

#[actix_web::test]
async fn oc_1_03_the_token_endpoint_explains_to_a_codes_own_client_alone() {
    let world = World::new().await;
    let code = world.approved("app", "openid").await;
    let mut form = flow(&code);
    form[3].1 = "https://app.example/other";
    let refused = world.token(&form).await;
    assert_eq!(refused.refusal(), "400 invalid_grant");
    let page = explained(&world, &refused.text("error_uri")).await.body;
    assert!(page.contains("https://app.example/other") && page.contains("https://app.example/cb"));
    form[1].1 = "other";
    let refused = world.token(&form).await;
    let uri = refused.text("error_uri");
    assert_eq!(uri, "http://localhost:8080/errors/invalid_grant", "nothing of another's code");
    assert!(!refused.body.contains("app.example"));
}

#[actix_web::test]
async fn al_16_a_client_hears_why_its_code_or_refresh_token_does_not_count() {
    let world = World::new().await;
    let code = world.approved("app", "openid offline_access").await;
    let first = world.token(&flow(&code)).await;
    let refresh = first.text("refresh_token");
    let form =
        [("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", &*refresh)];
    let site = &world.app.site;
    let user = fireward_oauth::UserId::parse("ana").unwrap();
    let end = GrantEnd::Withdrawn(world.now());
    let ended =
        async |tx: &fireward_store::Tx| tx.grants().end_all_for_user(&site.id, &user, end).await;
    site.store.transact(ended).await.unwrap();
    let refused = world.token(&form).await;
    let page = explained(&world, &refused.text("error_uri")).await.body;
    assert!(page.contains("disconnected the app"), "{page}");
    let again = world.token(&flow(&code)).await;
    let page = explained(&world, &again.text("error_uri")).await.body;
    assert!(page.contains("redeemed before"), "{page}");
}

#[actix_web::test]
async fn an_explanation_is_forgotten_and_is_of_one_code() {
    let world = World::new().await;
    let (_, uri) = redirected(&world, &[("aud", "https://other.example/r4")]).await;
    explained(&world, &uri).await;
    let as_another = uri.replace("invalid_request", "invalid_scope");
    assert!(explained(&world, &as_another).await.body.contains("Nothing is kept"));
    world.advance(3_600);
    let page = explained(&world, &uri).await.body;
    assert!(page.contains("Nothing is kept") && !page.contains("other.example"));
    assert_eq!(world.get("/errors/nonsense").await.status, 404);
    assert_eq!(world.get("/errors/login_required").await.status, 200);
}

#[actix_web::test]
async fn x1_what_was_sent_is_text_on_the_page() {
    let world = World::new().await;
    let (_, uri) = redirected(&world, &[("aud", "https://x/<script>alert(1)</script>")]).await;
    let page = explained(&world, &uri).await.body;
    assert!(!page.contains("<script>alert") && page.contains("alert(1)"));
}

#[actix_web::test]
async fn z4_whoever_fails_on_purpose_is_led_to_the_page_of_the_code() {
    let world = World::new().await;
    let mut last = String::new();
    for _ in 0..21 {
        last = redirected(&world, &[("aud", "https://other.example/r4")]).await.1;
    }
    assert_eq!(last, "http://localhost:8080/errors/invalid_request");
}

#[actix_web::test]
async fn bs_4_the_page_of_an_error_in_json_names_the_client_that_was_told() {
    let world = World::new().await;
    let code = world.approved("app", "openid patient/*.rs").await;
    assert_eq!(world.token(&flow(&code)).await.status, 200);
    let again = world.token(&flow(&code)).await;
    assert_eq!(again.refusal(), "400 invalid_grant");
    let page = explained(&world, &again.text("error_uri")).await.body;
    assert!(page.contains("<code dir=\"ltr\">app</code>"), "{page}");
}
