use fireward_oauth::client::Status;

use super::{Answer, World, claims, flow};

const SCOPE: &str =
    "openid fhirUser launch/patient offline_access patient/Observation.rs patient/Condition.r";

async fn begun(world: &World) -> Answer {
    let code = world.approved("app", SCOPE).await;
    world.token(&flow(&code)).await
}

async fn refresh(world: &World, client: &str, token: &str, scope: &str) -> Answer {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", client),
        ("refresh_token", token),
        ("scope", scope),
    ];
    world.token(&form).await
}

#[actix_web::test]
async fn al_27_al_29_a_refresh_repeats_scope_and_context_and_rotates_the_token() {
    let world = World::new().await;
    let first = begun(&world).await;
    world.wait(600).await;
    let second = refresh(&world, "app", &first.text("refresh_token"), "").await;
    assert_eq!(second.status, 200, "{second:?}");
    let json = second.json();
    assert_eq!(json["scope"], SCOPE);
    assert_eq!(json["patient"], "p1");
    assert_eq!(json["expires_in"], 300);
    assert_ne!(second.text("refresh_token"), first.text("refresh_token"));
    let (old, new) = (claims(&first.text("id_token")), claims(&second.text("id_token")));
    // D-11
    for kept in ["iss", "sub", "aud", "auth_time"] {
        assert_eq!(old[kept], new[kept], "{kept}");
    }
    assert_eq!(new["iat"], world.now().unix());
    assert!(new.get("nonce").is_none() && new.get("azp").is_none());
}

#[actix_web::test]
async fn f5_a_refresh_names_no_other_server() {
    let world = World::new().await;
    let token = begun(&world).await.text("refresh_token");
    let form = |name: &'static str, resource: &'static str| {
        let known = ("client_id", "app");
        [("grant_type", "refresh_token"), known, ("refresh_token", &*token), (name, resource)]
    };
    for name in ["resource", "aud"] {
        let elsewhere = world.token(&form(name, "https://other.example/r4")).await;
        assert_eq!(elsewhere.refusal(), "400 invalid_target", "{name}");
    }
    let same = world.token(&form("resource", "http://localhost:8081/fhir/")).await;
    assert_eq!(same.status, 200, "and the token was not used up: {same:?}");
}

#[actix_web::test]
async fn f1_an_old_token_ends_the_family_and_a_lost_answer_does_not() {
    let world = World::new().await;
    let first = begun(&world).await.text("refresh_token");
    let second = refresh(&world, "app", &first, "").await.text("refresh_token");
    world.advance(20);
    let again = refresh(&world, "app", &first, "").await;
    assert_eq!(again.text("refresh_token"), second, "the same successor within the grace");
    world.wait(20).await;
    assert_eq!(refresh(&world, "app", &first, "").await.refusal(), "400 invalid_grant");
    assert_eq!(refresh(&world, "app", &second, "").await.refusal(), "400 invalid_grant");
    let access = world.get_as("/userinfo", &again.text("access_token")).await;
    assert_eq!(access.status, 401);
}

#[actix_web::test]
async fn f2_of_many_refreshes_at_once_there_is_one_lineage() {
    let world = World::new().await;
    let first = begun(&world).await.text("refresh_token");
    let many = (0..20).map(|_| refresh(&world, "app", &first, ""));
    let answers = futures_util::future::join_all(many).await;
    let successors: std::collections::BTreeSet<_> =
        answers.iter().filter(|a| a.status == 200).map(|a| a.text("refresh_token")).collect();
    assert_eq!(successors.len(), 1);
}

#[actix_web::test]
async fn al_28_f4_a_refresh_token_is_its_clients_own() {
    let world = World::new().await;
    let first = begun(&world).await.text("refresh_token");
    assert_eq!(refresh(&world, "other", &first, "").await.refusal(), "400 invalid_grant");
    assert_eq!(refresh(&world, "app", &first, "").await.status, 200, "the stranger ended nothing");
}

#[actix_web::test]
async fn f5_oc_1_05_scope_may_shrink_and_never_grow() {
    let world = World::new().await;
    let first = begun(&world).await.text("refresh_token");
    for wider in ["patient/*.rs", "openid patient/Observation.cruds", "profile", "nonsense"] {
        assert_eq!(
            refresh(&world, "app", &first, wider).await.refusal(),
            "400 invalid_scope",
            "{wider}"
        );
    }
    let less = refresh(&world, "app", &first, "patient/Observation.r").await;
    assert_eq!(less.json()["scope"], "patient/Observation.r");
    assert!(less.json().get("id_token").is_none());
    let whole = refresh(&world, "app", &less.text("refresh_token"), "").await;
    assert_eq!(whole.json()["scope"], SCOPE, "RFC 6749 §6: absent means what was granted");
}

#[actix_web::test]
async fn f7_nobody_refreshes_for_a_disabled_user() {
    let world = World::new().await;
    let first = begun(&world).await.text("refresh_token");
    world.set_status(Status::Disabled).await;
    assert_eq!(refresh(&world, "app", &first, "").await.refusal(), "400 invalid_grant");
    world.set_status(Status::Active).await;
    assert_eq!(refresh(&world, "app", &first, "").await.status, 200);
}

#[actix_web::test]
async fn f8_tokens_of_another_kind_are_no_refresh_tokens() {
    let world = World::new().await;
    let first = begun(&world).await;
    for other in ["access_token", "id_token"] {
        assert_eq!(
            refresh(&world, "app", &first.text(other), "").await.refusal(),
            "400 invalid_grant"
        );
    }
    let bearer = world.get_as("/userinfo", &first.text("refresh_token")).await;
    assert_eq!(bearer.refusal(), "401 invalid_token");
    let id = world.get_as("/userinfo", &first.text("id_token")).await;
    assert_eq!(id.refusal(), "401 invalid_token");
}

#[actix_web::test]
async fn al_27_a_public_client_need_not_name_itself_and_a_confidential_one_must_prove_itself() {
    let world = World::new().await;
    let token = begun(&world).await.text("refresh_token");
    let silent = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    let renewed = world.token(&silent).await;
    assert_eq!(renewed.status, 200, "{renewed:?}");
    let unknown = [("grant_type", "refresh_token"), ("refresh_token", "nonsense")];
    assert_eq!(world.token(&unknown).await.refusal(), "401 invalid_client");
}

#[actix_web::test]
async fn al_30_online_access_is_refreshed_until_the_session_is_idle_and_never_again() {
    let world = World::new().await;
    let code = world.approved("app", "openid online_access patient/*.rs").await;
    let first = world.token(&flow(&code)).await;
    assert_eq!(first.json()["scope"], "openid online_access patient/*.rs");
    world.wait(3_500).await;
    let second = refresh(&world, "app", &first.text("refresh_token"), "").await;
    assert_eq!(second.status, 200, "{second:?}");
    assert_ne!(second.text("refresh_token"), first.text("refresh_token"), "it rotates");
    // The session was last seen when it began: refreshing is not being there.
    world.wait(100).await;
    let third = refresh(&world, "app", &second.text("refresh_token"), "").await;
    assert_eq!(third.refusal(), "400 invalid_grant");
    let (site, user) = (&world.app.site, fireward_oauth::UserId::parse("ana").unwrap());
    let grants = site.store.read().grants();
    let live = grants.list_live_for_user(&site.id, &user, world.now()).await.unwrap();
    assert!(live.is_empty(), "the grant has ended with it");
}

#[actix_web::test]
async fn al_30_d_10_both_were_asked_so_the_longer_holds_until_the_end_that_was_chosen() {
    let world = World::new().await;
    let code = world.approved("app", "openid online_access offline_access").await;
    let first = world.token(&flow(&code)).await;
    let mut token = first.text("refresh_token");
    let end = 365 * 86_400;
    for _ in 0..3 {
        world.wait(120 * 86_400).await;
        let next = refresh(&world, "app", &token, "").await;
        assert_eq!(next.status, 200, "{next:?}");
        assert_eq!(next.json()["scope"], "openid online_access offline_access");
        token = next.text("refresh_token");
    }
    world.wait(end - 360 * 86_400 - 100).await;
    let last = refresh(&world, "app", &token, "").await;
    assert_eq!(last.json()["expires_in"], 100, "a token never outlives its grant");
    world.wait(100).await;
    let over = refresh(&world, "app", &last.text("refresh_token"), "").await;
    assert_eq!(over.refusal(), "400 invalid_grant");
    let (site, user) = (&world.app.site, fireward_oauth::UserId::parse("ana").unwrap());
    let grants = site.store.read().grants();
    let live = grants.list_live_for_user(&site.id, &user, world.now()).await.unwrap();
    assert!(live.is_empty(), "connected apps show it no more");
}
