use actix_web::test::TestRequest;

use super::{
    World, flow,
    wire::{As, name},
    world::SECRET,
};

const SCOPE: &str = "launch/patient patient/*.rs";

#[actix_web::test]
async fn cs_1_al_19_each_method_proves_its_client_and_no_other() {
    let world = World::new().await;
    let code = world.approved("basic", SCOPE).await;
    let [grant, _, rest @ ..] = flow(&code);
    let form = [&[grant], rest.as_slice()].concat();
    assert_eq!(world.post("/token", As::Basic("basic", SECRET), &form).await.status, 200);
    let code = world.approved("post", SCOPE).await;
    let [grant, _, rest @ ..] = flow(&code);
    let own = [("client_id", "post"), ("client_secret", SECRET)];
    let form = [&[grant], own.as_slice(), rest.as_slice()].concat();
    let swapped = world
        .post("/token", As::Basic("post", SECRET), &[&[grant], rest.as_slice()].concat())
        .await;
    assert_eq!(swapped.refusal(), "401 invalid_client", "registered for the form");
    assert_eq!(world.token(&form).await.status, 200);
}

#[actix_web::test]
async fn al_19_a_confidential_client_cannot_pass_for_a_public_one() {
    let world = World::new().await;
    for client in ["basic", "post", "keyed", "nobody"] {
        let code = world.approved("app", SCOPE).await;
        let mut form = flow(&code);
        form[1].1 = client;
        let answer = world.token(&form).await;
        assert_eq!(answer.refusal(), "401 invalid_client", "{client}");
        assert!(answer.header("www-authenticate").is_none(), "Basic was not tried");
    }
}

#[actix_web::test]
async fn oc_1_04_j13_two_methods_are_one_too_many() {
    let world = World::new().await;
    let form =
        [("grant_type", "authorization_code"), ("client_id", "basic"), ("client_secret", SECRET)];
    let answer = world.post("/token", As::Basic("basic", SECRET), &form).await;
    assert_eq!(answer.refusal(), "400 invalid_request");
}

#[actix_web::test]
async fn c7_a_wrong_secret_is_challenged_where_basic_was_tried() {
    let world = World::new().await;
    let form = [("grant_type", "client_credentials")];
    let answer = world.post("/token", As::Basic("watcher", "wrong"), &form).await;
    assert_eq!(answer.refusal(), "401 invalid_client");
    assert!(answer.header("www-authenticate").unwrap().starts_with("Basic realm="));
}

#[actix_web::test]
async fn b5_guessing_at_a_secret_is_slowed_down_for_that_client_alone() {
    let world = World::new().await;
    let scope = "https://fireward.dev/scopes/introspection";
    let form = [("grant_type", "client_credentials"), ("scope", scope)];
    for _ in 0..10 {
        let answer = world.post("/token", As::Basic("watcher", "guess"), &form).await;
        assert_eq!(answer.status, 401);
    }
    let right = world.post("/token", As::Basic("watcher", SECRET), &form).await;
    assert_eq!(right.refusal(), "429 invalid_client");
    assert_eq!(right.header("retry-after"), Some("300"));
    let code = world.approved("basic", SCOPE).await;
    let other = world
        .post(
            "/token",
            As::Basic("basic", SECRET),
            &[("grant_type", "authorization_code"), ("code", &code)],
        )
        .await;
    assert_ne!(other.status, 429);
    world.wait(301).await;
    assert_eq!(world.post("/token", As::Basic("watcher", SECRET), &form).await.status, 200);
}

#[actix_web::test]
async fn b5_spelling_a_client_id_in_other_ways_gives_no_further_guesses() {
    let world = World::new().await;
    let form = [("grant_type", "client_credentials")];
    let spellings = (0..10).map(|n| {
        let encode = |(at, c): (usize, char)| {
            if n >> at & 1 == 1 { format!("%{:02x}", u32::from(c)) } else { c.to_string() }
        };
        "watcher".chars().enumerate().map(encode).collect::<String>()
    });
    for id in spellings {
        assert_eq!(world.post("/token", As::Basic(&id, "guess"), &form).await.status, 401, "{id}");
    }
    let next = world.post("/token", As::Basic("%77atcher", "guess"), &form).await;
    assert_eq!(next.refusal(), "429 invalid_client");
}

#[actix_web::test]
async fn oc_0_02_p4_the_token_endpoint_takes_forms_by_post_only() {
    let world = World::new().await;
    let get = world.get("/token?grant_type=client_credentials").await;
    assert_eq!((get.status, get.header("allow")), (405, Some("POST")));
    let json = TestRequest::post().uri("/token").set_json(serde_json::json!({"grant_type": "x"}));
    assert_eq!(world.call(json).await.refusal(), "400 invalid_request");
    let big = "a".repeat(70_000);
    let answer = world.token(&[("grant_type", "client_credentials"), ("x", &big)]).await;
    assert_eq!(answer.status, 413);
}

#[actix_web::test]
async fn oc_0_03_p2_repeated_parameters_are_refused_and_those_of_the_query_are_not_read() {
    let world = World::new().await;
    let code = world.approved("app", SCOPE).await;
    for twice in ["grant_type", "client_id", "code", "code_verifier", "redirect_uri"] {
        let mut form = flow(&code).to_vec();
        let value = form.iter().find(|(name, _)| *name == twice).unwrap().1;
        form.push((twice, value));
        assert_eq!(world.token(&form).await.refusal(), "400 invalid_request", "{twice}");
    }
    let query = format!("/token?code={code}");
    let form: Vec<_> = flow(&code).into_iter().filter(|(name, _)| *name != "code").collect();
    assert_eq!(world.post(&query, As::Nobody, &form).await.refusal(), "400 invalid_request");
}

#[actix_web::test]
async fn al_24_unknown_grant_types_and_missing_parameters_have_their_errors() {
    let world = World::new().await;
    let error = async |form: &[(&str, &str)]| world.token(form).await.refusal();
    assert_eq!(error(&[("client_id", "app")]).await, "400 invalid_request");
    assert_eq!(
        error(&[("grant_type", "password"), ("client_id", "app")]).await,
        "400 unsupported_grant_type"
    );
    assert_eq!(
        error(&[("grant_type", "authorization_code"), ("client_id", "app")]).await,
        "400 invalid_request"
    );
    assert_eq!(
        error(&[("grant_type", "refresh_token"), ("client_id", "app")]).await,
        "400 invalid_request"
    );
    assert_eq!(error(&[("grant_type", "refresh_token")]).await, "401 invalid_client");
}

#[actix_web::test]
async fn d_21_h4_al_6_anybody_may_call_from_a_browser_without_credentials() {
    let world = World::new().await;
    let preflight = TestRequest::default()
        .method(actix_web::http::Method::OPTIONS)
        .uri("/token")
        .insert_header((name("origin"), "https://evil.example"))
        .insert_header((name("access-control-request-method"), "POST"))
        .insert_header((name("access-control-request-headers"), "authorization"));
    let preflight = world.call(preflight).await;
    assert_eq!(preflight.status, 204);
    assert!(preflight.header("access-control-allow-headers").unwrap().contains("Authorization"));
    let error = world.token(&[]).await;
    for answer in [preflight, error, world.get("/jwks").await] {
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert!(answer.header("access-control-allow-credentials").is_none());
    }
}

#[actix_web::test]
async fn oc_0_05_an_error_never_gives_back_what_was_sent() {
    let world = World::new().await;
    let answer = world.token(&[("grant_type", "<script>\"\u{e9}"), ("client_id", "app")]).await;
    assert!(!answer.body.contains("<script") && answer.body.is_ascii());
}
