//! Two nodes on one PostgreSQL: whatever one did, the other knows.

use fireward_jose::Algorithm;
use fireward_testkit::{Backend, Browser, Client, Database, Server};
use serde_json::json;

use crate::world::{FHIR, ISSUER, PASSWORD, SECRET, World, allow, sign_in};

/// Two nodes of one deployment with an app and `ana`.
struct Two {
    world: World,
    nodes: [Server; 2],
    /// Where each of them is reached.
    at: [String; 2],
    app: Client,
}

/// Without a PostgreSQL server there is nothing to share; the test command always has one.
async fn on_two_nodes(test: impl AsyncFnOnce(&mut Two)) {
    let Some(database) = Database::postgres().await else { return };
    let world = World::new(database, "");
    let nodes = [world.node(), world.node()];
    let at = nodes.each_ref().map(Server::address);
    let app = world.populate();
    let mut two = Two { world, nodes, at, app };
    test(&mut two).await;
    drop(two.nodes);
    two.world.database.remove().await;
}

#[tokio::test]
async fn a_flow_goes_on_from_node_to_node() {
    on_two_nodes(async |Two { at, app, .. }| {
        let mut browser = Browser::of_nodes(ISSUER, at);
        let page = browser.open(&app.authorize_url(ISSUER, &[])).await;
        let page = sign_in(&mut browser, &page, PASSWORD).await;
        let code = allow(&mut browser, &page).await;
        let tokens = app.redeem(&at[0], &code).await;
        assert_eq!(tokens.status, 200, "{}", tokens.json);
        assert_eq!(
            app.redeem(&at[1], &code).await.text("error"),
            "invalid_grant",
            "the code is spent there too"
        );
    })
    .await;
}

#[tokio::test]
async fn refreshing_revoking_and_consent_count_on_the_other_node() {
    on_two_nodes(async |Two { at, app, .. }| {
        let mut browser = Browser::of_nodes(ISSUER, at);
        let page = browser.open(&app.authorize_url(ISSUER, &[])).await;
        let page = sign_in(&mut browser, &page, PASSWORD).await;
        let first = app.redeem(&at[1], &allow(&mut browser, &page).await).await;
        // The grace is answered by whichever node is asked.
        let second = app.refresh(&at[0], first.text("refresh_token")).await;
        let again = app.refresh(&at[1], first.text("refresh_token")).await;
        assert_eq!(second.text("refresh_token"), again.text("refresh_token"));
        // A token of one is known to the other, and dead there once it is revoked here.
        let introspect = format!("{}/introspect", at[1]);
        let told = app.post(&introspect, &[("token", second.text("access_token"))]).await;
        assert_eq!(told.json["active"], json!(true));
        let revoke = format!("{}/revoke", at[0]);
        assert_eq!(app.post(&revoke, &[("token", second.text("refresh_token"))]).await.status, 200);
        let told = app.post(&introspect, &[("token", second.text("access_token"))]).await;
        assert_eq!(told.json, json!({ "active": false }));
        // What was allowed once is remembered on every node.
        for _ in 0..2 {
            let done = browser.open(&app.authorize_url(ISSUER, &[])).await;
            assert!(done.query("code").is_some(), "{} {}", done.at, done.body);
        }
    })
    .await;
}

#[tokio::test]
async fn a_node_dies_in_the_middle_of_a_flow_and_the_flow_goes_on() {
    on_two_nodes(async |Two { nodes, at, app, .. }| {
        let mut browser = Browser::of_nodes(ISSUER, at);
        let page = browser.open(&app.authorize_url(ISSUER, &[])).await;
        let consent = sign_in(&mut browser, &page, PASSWORD).await;
        nodes[0].kill();
        browser.forget_node(&at[0]);
        let code = allow(&mut browser, &consent).await;
        assert_eq!(app.redeem(&at[1], &code).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn b1_failures_are_counted_across_nodes() {
    on_two_nodes(async |Two { at, app, .. }| {
        let mut browser = Browser::of_nodes(ISSUER, at);
        let mut page = browser.open(&app.authorize_url(ISSUER, &[])).await;
        let mut tries = 0;
        while page.status != 429 {
            assert!(tries < 30, "nobody counts");
            page = sign_in(&mut browser, &page, "wrong").await;
            tries += 1;
        }
        // Shared counters: as many tries as one node allows, not twice as many.
        assert!(tries <= 12, "{tries}");
        let page = browser.open(&app.authorize_url(ISSUER, &[])).await;
        let page = sign_in(&mut browser, &page, PASSWORD).await;
        assert_eq!(page.status, 429, "nor does the right password help before the time is over");
    })
    .await;
}

#[tokio::test]
async fn a_client_that_is_imported_counts_at_once_and_a_change_within_a_second() {
    on_two_nodes(async |Two { world, at, app, .. }| {
        for node in at.iter() {
            let mut browser = Browser::of_nodes(ISSUER, std::slice::from_ref(node));
            assert!(browser.open(&app.authorize_url(ISSUER, &[])).await.has("#password"));
        }
        let mut disabled = app.metadata();
        disabled["status"] = json!("disabled");
        world.import("client", &disabled);
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(2);
        for node in at.iter() {
            let mut browser = Browser::of_nodes(ISSUER, std::slice::from_ref(node));
            while browser.open(&app.authorize_url(ISSUER, &[])).await.status != 400 {
                assert!(
                    std::time::Instant::now() < deadline,
                    "{node} still believes the old client"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn ca_6_an_assertion_that_one_node_has_seen_is_refused_by_the_other() {
    on_two_nodes(async |Two { world, at, .. }| {
        let backend = Backend::new("backend", Algorithm::ES384);
        world.import("client", &backend.metadata("system/*.rs"));
        let assertion = backend.assertion(&format!("{ISSUER}/token"), &json!({}));
        let first = backend.token_with(&at[0], &assertion, "system/*.rs").await;
        assert_eq!(first.status, 200, "{}", first.body);
        let second = backend.token_with(&at[1], &assertion, "system/*.rs").await;
        assert_eq!(second.refusal(), "401 invalid_client");
    })
    .await;
}

#[tokio::test]
async fn al_30_l8_signing_out_on_one_node_ends_the_session_on_the_other() {
    on_two_nodes(async |Two { world, at, app, .. }| {
        let online = Client::confidential("online", SECRET, ONLINE, FHIR);
        world.import("client", &online.metadata());
        let (mut here, offline) = world.tokens(app, &at[0]).await;
        let page = here.open(&online.authorize_url(ISSUER, &[])).await;
        let online_tokens = online.redeem(&at[0], &allow(&mut here, &page).await).await;
        let mut there = here.led_to(&at[1]);
        let silent = [("prompt", "none")];
        assert!(there.open(&app.authorize_url(ISSUER, &silent)).await.query("code").is_some());

        let page = here.open(&format!("{ISSUER}/logout")).await;
        here.submit(&page, "#confirm-logout", &[]).await;
        let page = there.open(&app.authorize_url(ISSUER, &silent)).await;
        assert_eq!(page.query("error").as_deref(), Some("login_required"));
        // online_access ends with the session, offline_access does not (OC-8-02).
        let dead = online.refresh(&at[1], online_tokens.text("refresh_token")).await;
        assert_eq!(dead.refusal(), "400 invalid_grant");
        assert_eq!(app.refresh(&at[1], offline.text("refresh_token")).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn f7_an_app_that_is_disconnected_on_one_node_cannot_refresh_on_the_other() {
    on_two_nodes(async |Two { world, at, app, .. }| {
        let (mut browser, tokens) = world.tokens(app, &at[1]).await;
        browser = browser.led_to(&at[0]);
        let page = browser.open(&format!("{ISSUER}/account/apps")).await;
        let link = page.attribute("a[href*='/disconnect?']", "href").expect("the app is listed");
        let page = browser.open(&link).await;
        let done = browser.submit(&page, "#confirm-disconnect", &[]).await;
        assert_eq!(done.status, 200, "{}", done.body);
        let dead = app.refresh(&at[1], tokens.text("refresh_token")).await;
        assert_eq!(dead.refusal(), "400 invalid_grant");
        let told = app
            .post(&format!("{}/introspect", at[1]), &[("token", tokens.text("access_token"))])
            .await;
        assert_eq!(told.json, json!({ "active": false }));
        // And they are asked again.
        let page = browser.led_to(&at[1]).open(&app.authorize_url(ISSUER, &[])).await;
        assert!(page.has("#approve"), "{} {}", page.at, page.body);
    })
    .await;
}

#[tokio::test]
async fn who_lost_a_device_is_signed_out_everywhere() {
    on_two_nodes(async |Two { world, at, app, .. }| {
        let (mut lost, tokens) = world.tokens(app, &at[0]).await;
        let mut at_home = world.browser(&at[1]);
        let page = at_home.open(&format!("{ISSUER}/account/devices")).await;
        let page = sign_in(&mut at_home, &page, PASSWORD).await;
        let link = page.attribute("#end-all", "href").expect("'I lost a device' is there");
        let page = at_home.open(&link).await;
        at_home.submit(&page, "#confirm-end-all", &[]).await;
        assert!(lost.open(&app.authorize_url(ISSUER, &[])).await.has("#password"));
        let dead = app.refresh(&at[0], tokens.text("refresh_token")).await;
        assert_eq!(dead.refusal(), "400 invalid_grant");
    })
    .await;
}

const ONLINE: &str = "openid launch/patient online_access patient/*.rs";
