//! What ends access: each of these, and at once.

use fireward_testkit::{Browser, Client, Database};
use serde_json::{Value, json};

use crate::world::{ISSUER, World, ana};

/// An app and its person in the middle of things.
struct Begun {
    world: World,
    node: fireward_testkit::Server,
    app: Client,
    browser: Browser,
    refresh_token: String,
    access_token: String,
}

async fn begun() -> Begun {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let app = world.populate();
    let (browser, tokens) = world.tokens(&app, &node.address()).await;
    let [refresh_token, access_token] =
        ["refresh_token", "access_token"].map(|name| tokens.text(name).to_owned());
    Begun { world, node, app, browser, refresh_token, access_token }
}

impl Begun {
    /// Refreshing is refused like this, and the access token is no longer good at the issuer.
    async fn is_over(&self, refusal: &str) {
        let at = self.node.address();
        let answer = self.app.refresh(&at, &self.refresh_token).await;
        assert_eq!(answer.refusal(), refusal, "{}", answer.body);
        let told = self.app.get(&format!("{at}/userinfo"), &self.access_token).await;
        assert_eq!(told.status, 401, "{}", told.body);
    }

    /// A change counts within a second. Asked at a page, because failing clients are slowed down (B5).
    async fn until_known(&self, known: bool) {
        let url = self.app.authorize_url(ISSUER, &[]);
        let mut browser = self.world.browser(&self.node.address());
        fireward_testkit::until("the client's change counts", 3, async || {
            browser.open(&url).await.has("#password") == known
        })
        .await;
    }

    async fn silently(&mut self) -> Option<String> {
        let page = self.browser.open(&self.app.authorize_url(ISSUER, &[("prompt", "none")])).await;
        page.query("code")
    }
}

fn changed(mut what: Value, member: &str, value: Value) -> Value {
    what[member] = value;
    what
}

#[tokio::test]
async fn a13_f7_who_is_disabled_is_out_at_once() {
    let mut begun = begun().await;
    assert!(begun.silently().await.is_some());
    begun.world.import("user", &changed(ana(), "disabled", json!(true)));
    begun.is_over("400 invalid_grant").await;
    assert_eq!(begun.silently().await, None);
}

#[tokio::test]
async fn f7_a_new_password_ends_what_the_old_one_began() {
    let mut begun = begun().await;
    begun
        .world
        .import("user", &changed(ana(), "password", json!("another horse, another battery")));
    begun.is_over("400 invalid_grant").await;
    assert_eq!(begun.silently().await, None, "nor does the session live on");
}

#[tokio::test]
async fn f7_an_import_without_a_new_password_ends_nothing() {
    let mut begun = begun().await;
    let mut same = ana();
    same.as_object_mut().unwrap().remove("password");
    begun.world.import("user", &changed(same, "name", json!("Ana Maria")));
    assert!(begun.silently().await.is_some());
    let answer = begun.app.refresh(&begun.node.address(), &begun.refresh_token).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn a13_f7_a_client_that_is_disabled_or_removed_gets_nothing_more() {
    let mut begun = begun().await;
    let disabled = changed(begun.app.metadata(), "status", json!("disabled"));
    begun.world.import("client", &disabled);
    begun.until_known(false).await;
    begun.is_over("401 invalid_client").await;
    assert_eq!(begun.silently().await, None);
    // Back again, it goes on; removed, all that people granted has ended.
    begun.world.import("client", &begun.app.metadata());
    begun.until_known(true).await;
    let at = begun.node.address();
    let renewed = begun.app.refresh(&at, &begun.refresh_token).await;
    assert_eq!(renewed.status, 200, "{}", renewed.body);
    begun.world.command(&["client", "remove", "app"]);
    begun.until_known(false).await;
    begun.is_over("401 invalid_client").await;
    begun.world.import("client", &begun.app.metadata());
    begun.until_known(true).await;
    begun.is_over("400 invalid_grant").await;
}

#[tokio::test]
async fn f7_a_link_that_is_over_makes_no_tokens_until_it_is_made_longer() {
    let begun = begun().await;
    let at = begun.node.address();
    let links = |until: &str| {
        changed(ana(), "records", json!([{ "patient": "p1", "role": "mother", "until": until }]))
    };
    begun.world.import("user", &links("2020-01-31"));
    begun.is_over("400 invalid_grant").await;
    begun.world.import("user", &links("2120-01-31"));
    let again = begun.app.refresh(&at, &begun.refresh_token).await;
    assert_eq!(again.status, 200, "{}", again.body);
    // The old access token is good again, too, and no other patient's record has come with it.
    let told = begun.app.get(&format!("{at}/userinfo"), &begun.access_token).await;
    assert_eq!(told.status, 200, "{}", told.body);
    begun
        .world
        .import("user", &changed(ana(), "records", json!([{ "patient": "p2", "role": "mother" }])));
    let gone = begun.app.refresh(&at, again.text("refresh_token")).await;
    assert_eq!(gone.refusal(), "400 invalid_grant");
}
