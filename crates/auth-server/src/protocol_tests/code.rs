use super::{Answer, World, claims, flow, header, wire::As, world::SECRET};

const SCOPE: &str = "openid fhirUser launch/patient offline_access patient/Observation.rs";

async fn redeemed(world: &World) -> Answer {
    let code = world.approved("app", SCOPE).await;
    world.token(&flow(&code)).await
}

fn changed<'a>(
    mut form: Vec<(&'a str, &'a str)>,
    name: &str,
    value: &'a str,
) -> Vec<(&'a str, &'a str)> {
    form.retain(|(own, _)| *own != name);
    if !value.is_empty() {
        form.push((Box::leak(name.to_owned().into_boxed_str()), value));
    }
    form
}

#[actix_web::test]
async fn al_18_al_20_a_code_is_answered_with_tokens_and_context_at_the_top() {
    let world = World::new().await;
    let answer = redeemed(&world).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let json = answer.json();
    assert_eq!(json["token_type"], "Bearer");
    assert_eq!(json["expires_in"], 300);
    assert_eq!(json["scope"], SCOPE);
    assert_eq!(json["patient"], "p1");
    assert_eq!(json["need_patient_banner"], true);
    assert!(json["refresh_token"].is_string());
}

#[actix_web::test]
async fn al_22_h5_nobody_keeps_a_token_answer_or_a_refusal() {
    let world = World::new().await;
    for answer in [redeemed(&world).await, world.token(&[]).await] {
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("pragma"), Some("no-cache"));
        assert!(answer.header("content-type").unwrap().starts_with("application/json"));
    }
}

#[actix_web::test]
async fn oc_20_01_an_access_token_is_an_at_jwt_for_its_resource_server() {
    let world = World::new().await;
    let token = redeemed(&world).await.text("access_token");
    let (header, claims) = (header(&token), claims(&token));
    assert_eq!(header["typ"], "at+jwt");
    assert_eq!(header["alg"], "ES256");
    assert_eq!(claims["iss"], "http://localhost:8080");
    assert_eq!(claims["aud"], "http://localhost:8081/fhir");
    assert_eq!(claims["sub"], "ana");
    assert_eq!(claims["client_id"], "app");
    assert_eq!(claims["scope"], SCOPE);
    assert!(claims["jti"].is_string() && claims["grant_id"].is_string());
}

#[actix_web::test]
async fn oc_4_09_sc_20_sc_21_the_id_token_says_who_signed_in_in_rs256() {
    let world = World::new().await;
    let answer = redeemed(&world).await;
    let token = answer.text("id_token");
    let (header, claims) = (header(&token), claims(&token));
    assert_eq!(header["alg"], "RS256");
    assert_eq!(claims["aud"], "app");
    assert_eq!(claims["sub"], "ana");
    assert_eq!(claims["nonce"], "n-1");
    assert_eq!(claims["fhirUser"], "http://localhost:8081/fhir/Practitioner/1");
    assert_eq!(claims["auth_time"], world.now().unix());
    let access = answer.text("access_token");
    assert_eq!(claims["at_hash"], fireward_jose::at_hash(fireward_jose::Algorithm::RS256, &access));
    assert!(claims["sid"].is_string());
}

#[actix_web::test]
async fn without_openid_there_is_no_id_token_and_without_offline_access_no_refresh_token() {
    let world = World::new().await;
    let code = world.approved("app", "launch/patient patient/*.rs").await;
    let json = world.token(&flow(&code)).await.json();
    assert!(json["access_token"].is_string());
    assert!(json.get("id_token").is_none() && json.get("refresh_token").is_none());
}

#[actix_web::test]
async fn al_16_c1_a_code_shown_again_ends_what_it_gave_rise_to() {
    let world = World::new().await;
    let code = world.approved("app", SCOPE).await;
    let first = world.token(&flow(&code)).await;
    assert_eq!(world.token(&flow(&code)).await.refusal(), "400 invalid_grant");
    let refresh = first.text("refresh_token");
    let again =
        [("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", &refresh)];
    assert_eq!(world.token(&again).await.refusal(), "400 invalid_grant");
    let userinfo = world.get_as("/userinfo", &first.text("access_token")).await;
    assert_eq!(userinfo.status, 401, "the access token of the grant is dead too");
}

#[actix_web::test]
async fn c2_of_many_who_redeem_a_code_at_once_one_gets_tokens() {
    let world = World::new().await;
    let code = world.approved("app", SCOPE).await;
    let form = flow(&code);
    let answers = futures_util::future::join_all((0..20).map(|_| world.token(&form))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(
        answers
            .iter()
            .all(|answer| answer.status == 200 || answer.refusal() == "400 invalid_grant")
    );
}

#[actix_web::test]
async fn c4_a_code_lives_a_minute() {
    let world = World::new().await;
    let (first, second) = (world.approved("app", SCOPE).await, world.approved("app", SCOPE).await);
    world.advance(59);
    assert_eq!(world.token(&flow(&first)).await.status, 200);
    world.wait(1).await;
    assert_eq!(world.token(&flow(&second)).await.refusal(), "400 invalid_grant");
}

#[actix_web::test]
async fn c5_mangled_codes_are_unknown() {
    let world = World::new().await;
    let code = world.approved("app", SCOPE).await;
    let cases = [&code[1..], &format!("{code}A"), &code.to_lowercase(), "x", "\u{e9}"];
    for bad in cases {
        assert_eq!(world.token(&flow(bad)).await.refusal(), "400 invalid_grant", "{bad}");
    }
    assert_eq!(world.token(&flow(&code)).await.status, 200, "nobody was harmed");
}

#[actix_web::test]
async fn c7_c9_d_17_a_code_is_only_for_its_client_proven() {
    let world = World::new().await;
    let code = world.approved("basic", SCOPE).await;
    let form = flow(&code).to_vec();
    let bare = changed(form.clone(), "client_id", "basic");
    assert_eq!(world.token(&bare).await.refusal(), "401 invalid_client");
    let wrong = world.post("/token", As::Basic("basic", "of somebody else entirely"), &bare).await;
    assert_eq!(wrong.refusal(), "401 invalid_client");
    assert_eq!(world.token(&form).await.refusal(), "400 invalid_grant", "another client's");
    let right = world.post("/token", As::Basic("basic", SECRET), &bare).await;
    assert_eq!(right.status, 200, "the stranger did not spend it: {right:?}");
}

#[actix_web::test]
async fn al_4_k2_k5_the_verifier_must_meet_the_challenge() {
    let world = World::new().await;
    let code = world.approved("app", SCOPE).await;
    let long = "a".repeat(129);
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    for verifier in ["", challenge, &"a".repeat(42), &long, &"a".repeat(43), &"+".repeat(43)] {
        let form = changed(flow(&code).to_vec(), "code_verifier", verifier);
        assert_eq!(world.token(&form).await.refusal(), "400 invalid_grant", "{verifier}");
    }
    assert_eq!(world.token(&flow(&code)).await.status, 200);
}

#[actix_web::test]
async fn r14_oc_1_03_the_redirect_uri_must_be_the_one_that_was_asked() {
    let world = World::new().await;
    let code = world.approved("app", SCOPE).await;
    for uri in ["", "https://app.example/cb/", "https://evil.example/cb"] {
        let form = changed(flow(&code).to_vec(), "redirect_uri", uri);
        assert_eq!(world.token(&form).await.refusal(), "400 invalid_grant", "{uri}");
    }
}

#[actix_web::test]
async fn f7_a_disabled_user_gets_no_tokens() {
    let world = World::new().await;
    let code = world.approved("app", SCOPE).await;
    world.set_status(fireward_oauth::client::Status::Disabled).await;
    assert_eq!(world.token(&flow(&code)).await.refusal(), "400 invalid_grant");
}
