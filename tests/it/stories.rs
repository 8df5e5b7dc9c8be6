//! What people and apps do from beginning to end, against one node, on both databases.

use fireward_testkit::{Browser, Database};
use serde_json::json;

use crate::world::{FHIR, ISSUER, PASSWORD, World, allow, sign_in};

/// Runs a story on SQLite, and on PostgreSQL where there is one.
async fn on_both(story: impl AsyncFn(&World)) {
    for database in [Some(Database::sqlite()), Database::postgres().await].into_iter().flatten() {
        let world = World::new(database, "");
        story(&world).await;
        world.database.remove().await;
    }
}

#[tokio::test]
async fn al_18_to_al_29_an_app_gets_refreshes_and_loses_its_tokens() {
    on_both(async |world| {
        let node = world.node();
        let app = world.populate();
        let at = node.address();
        let mut browser = Browser::of_nodes(ISSUER, std::slice::from_ref(&at));
        let page = browser.open(&app.authorize_url(ISSUER, &[("nonce", "n-1")])).await;
        let page = sign_in(&mut browser, &page, PASSWORD).await;
        let code = allow(&mut browser, &page).await;

        let tokens = app.redeem(&at, &code).await;
        assert_eq!(tokens.status, 200, "{}", tokens.json);
        assert_eq!(tokens.headers["cache-control"], "no-store"); // AL-22
        assert_eq!(tokens.headers["pragma"], "no-cache");
        assert_eq!(tokens.json["patient"], json!("p1")); // SC-16
        assert_eq!(tokens.json["expires_in"], json!(300)); // AL-20
        assert_eq!(tokens.text("scope"), app.scope); // D-25
        assert_eq!(tokens.text("token_type"), "Bearer");

        let renewed = app.refresh(&at, tokens.text("refresh_token")).await;
        assert_eq!(renewed.json["patient"], json!("p1")); // AL-29
        let again = app.refresh(&at, tokens.text("refresh_token")).await;
        assert_eq!(again.text("refresh_token"), renewed.text("refresh_token"), "the grace, 3a.5");

        let replay = app.redeem(&at, &code).await; // C1
        assert_eq!((replay.status.as_u16(), replay.text("error")), (400, "invalid_grant"));
        let dead = app.refresh(&at, renewed.text("refresh_token")).await;
        assert_eq!(dead.text("error"), "invalid_grant", "a replayed code ends its grant");
        let told =
            app.post(&format!("{at}/introspect"), &[("token", renewed.text("access_token"))]).await;
        assert_eq!(told.json, json!({ "active": false })); // TI-5
    })
    .await;
}

#[tokio::test]
async fn c2_of_a_hundred_redemptions_at_once_one_succeeds() {
    on_both(async |world| {
        let node = world.node();
        let app = world.populate();
        let at = node.address();
        let mut browser = Browser::of_nodes(ISSUER, std::slice::from_ref(&at));
        let page = browser.open(&app.authorize_url(ISSUER, &[])).await;
        let page = sign_in(&mut browser, &page, PASSWORD).await;
        let code = allow(&mut browser, &page).await;
        let mut asked = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let (app, at, code) = (app.clone(), at.clone(), code.clone());
            asked.spawn(async move { app.redeem(&at, &code).await.status.as_u16() });
        }
        let statuses = asked.join_all().await;
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
        assert!(statuses.iter().all(|status| matches!(status, 200 | 400)), "{statuses:?}");
    })
    .await;
}

#[tokio::test]
async fn f2_fifty_refreshes_at_once_make_one_lineage() {
    on_both(async |world| {
        let node = world.node();
        let app = world.populate();
        let at = node.address();
        let mut browser = Browser::of_nodes(ISSUER, std::slice::from_ref(&at));
        let page = browser.open(&app.authorize_url(ISSUER, &[])).await;
        let page = sign_in(&mut browser, &page, PASSWORD).await;
        let tokens = app.redeem(&at, &allow(&mut browser, &page).await).await;
        let token = tokens.text("refresh_token").to_owned();
        let mut asked = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let (app, at, token) = (app.clone(), at.clone(), token.clone());
            asked
                .spawn(async move { app.refresh(&at, &token).await.json["refresh_token"].clone() });
        }
        let mut successors = asked.join_all().await;
        successors.dedup();
        assert_eq!(successors.len(), 1, "every answer is the same successor");
        assert_ne!(successors[0], json!(token));
    })
    .await;
}

#[tokio::test]
async fn r1_a16_a17_x5_l1_l2_l5_p10_m1_what_the_browser_may_not_do() {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let app = world.populate();
    let at = node.address();
    let mut browser = Browser::of_nodes(ISSUER, std::slice::from_ref(&at));

    // R1, AL-15: a page, never a redirect.
    for changed in [("redirect_uri", "https://evil.example/cb"), ("client_id", "nobody")] {
        let page = browser.open(&app.authorize_url(ISSUER, &[changed])).await;
        assert_eq!(page.status, 400, "{changed:?}");
        assert!(page.has("#error-code") && page.has("#request-id"));
    }
    // OC-0-07, A16: what pages say of themselves.
    let page = browser.open(&app.authorize_url(ISSUER, &[])).await;
    assert_eq!(page.headers["x-frame-options"], "DENY");
    assert!(
        page.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("frame-ancestors 'none'")
    );
    assert!(page.headers["cache-control"].to_str().unwrap().contains("no-store"));
    assert!(!page.headers.contains_key("access-control-allow-origin")); // A17
    // L5: another browser cannot go on with it.
    let mut thief = Browser::of_nodes(ISSUER, std::slice::from_ref(&at));
    let stolen = thief.open(&page.at).await;
    assert!(!stolen.has("#password"), "{}", stolen.body);
    // L2: no credentials without the page's own token.
    let forged = [("username", "ana"), ("password", PASSWORD), ("csrf", "x")];
    let refused = browser.submit(&page, "#sign-in", &forged).await;
    assert_eq!(refused.status, 403);
    // L1: a new cookie at sign-in.
    let consent = sign_in(&mut browser, &page, PASSWORD).await;
    assert!(consent.has("#approve"), "{}", consent.body);
    // P10, D-18: prompt=none answers by redirect.
    let mut stranger = Browser::of_nodes(ISSUER, std::slice::from_ref(&at));
    let silent = stranger.open(&app.authorize_url(ISSUER, &[("prompt", "none")])).await;
    assert_eq!(silent.query("error").as_deref(), Some("login_required"));
    assert_eq!(silent.query("iss").as_deref(), Some(ISSUER)); // OC-11-01
    assert_eq!(silent.query("state").as_deref(), Some("state-1"));
    // M1
    let no_aud =
        browser.open(&app.authorize_url(ISSUER, &[("aud", "https://other.example")])).await;
    assert_eq!(no_aud.query("error").as_deref(), Some("invalid_request"));
    assert!(no_aud.query("error_description").unwrap().contains(FHIR), "it says what was expected");
}
