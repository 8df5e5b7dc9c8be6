//! Two nodes on one PostgreSQL: whatever one did, the other knows.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use fireward_jose::Algorithm;
use fireward_testkit::{Backend, Browser, Client, Database, Server};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::world::{FHIR, ISSUER, PASSWORD, SECRET, World, again, allow, claims, sign_in};

/// Two nodes of one deployment with an app and `ana`.
struct Two {
    world: World,
    nodes: [Server; 2],
    /// Where each of them is reached.
    at: [String; 2],
    app: Client,
}

/// Clients may publish their keys on loopback.
const KEYS_OF_CLIENTS: &str = "[outbound]\nallow_supplied = [\"127.0.0.0/8\"]\n";

/// Without a PostgreSQL server there is nothing to share; the test command always has one.
async fn on_two_nodes(test: impl AsyncFnOnce(&mut Two)) {
    let Some(database) = Database::postgres().await else { return };
    let world = World::new(database, KEYS_OF_CLIENTS);
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
async fn a_resource_server_that_is_imported_counts_on_the_next_request_of_every_node() {
    on_two_nodes(async |Two { world, at, app, .. }| {
        let backend = Backend::new("backend", Algorithm::ES384);
        world.import("client", &backend.metadata("system/*.rs"));
        // Both nodes know the servers that there are, and have them in memory.
        let (browser, _) = world.tokens(app, &at[0]).await;
        let code = again(&mut browser.led_to(&at[1]), &app.authorize_url(ISSUER, &[])).await;
        assert_eq!(app.redeem(&at[1], &code).await.status, 200);
        for (number, paths) in [[0, 1], [1, 0]].into_iter().enumerate() {
            let base = format!("http://localhost:9/new-{number}");
            let registration = json!({ "id": format!("new-{number}"), "base_url": base });
            world.import("resource-server", &registration);
            let [begun_at, redeemed_at] = paths.map(|node| at[node].as_str());
            let published = format!("{redeemed_at}/.well-known/smart-configuration?aud={base}");
            assert_eq!(app.get(&published, "").await.status, 200);
            let form = [("resource", base.as_str())];
            let assertion = backend.assertion(&format!("{ISSUER}/token"), &json!({}));
            let own = backend.token_and(begun_at, &assertion, "system/*.rs", &form).await;
            assert_eq!(own.status, 200, "{}", own.body);

            let mut there = app.clone();
            there.aud.clone_from(&base);
            let mut browser = world.browser(begun_at);
            let page = browser.open(&there.authorize_url(ISSUER, &[])).await;
            let page = sign_in(&mut browser, &page, PASSWORD).await;
            let tokens = there.redeem(redeemed_at, &allow(&mut browser, &page).await).await;
            assert_eq!(tokens.status, 200, "{}", tokens.body);
            assert_eq!(claims(tokens.text("access_token"))["aud"], json!(base));
        }
    })
    .await;
}

#[tokio::test]
async fn ca_8_a_clients_new_key_counts_on_every_node_after_one_more_look_at_its_key_set() {
    on_two_nodes(async |Two { world, at, .. }| {
        let [old, new] =
            ["k1", "k2"].map(|kid| Backend::with_key("backend", Algorithm::ES384, kid));
        let key_server = KeyServer::start(old.jwks()).await;
        let mut metadata = old.metadata("system/*.rs");
        metadata["jwks"] = Value::Null;
        metadata["jwks_uri"] = json!(key_server.url);
        world.import("client", &metadata);
        let outcome = async |backend: &Backend, node: &str| {
            let answer = backend.token(ISSUER, node, "system/*.rs").await;
            if answer.status == 200 { "200".to_owned() } else { answer.refusal() }
        };
        for node in at.iter() {
            for _ in 0..2 {
                assert_eq!(outcome(&old, node).await, "200");
            }
        }
        assert_eq!(key_server.asked(), 2, "each node keeps what it has fetched");

        key_server.publishes(new.jwks());
        // Whoever names keys that are not there does not make a node ask for them more often than this.
        tokio::time::sleep(std::time::Duration::from_secs(11)).await;
        for node in at.iter() {
            for _ in 0..2 {
                assert_eq!(outcome(&new, node).await, "200");
            }
            assert_eq!(outcome(&old, node).await, "401 invalid_client", "the old key is gone");
        }
        assert_eq!(
            key_server.asked(),
            4,
            "one look more at each node, and none for a key that is gone"
        );
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

/// Where a client publishes its keys.
struct KeyServer {
    url: String,
    keys: Arc<Mutex<Value>>,
    asked: Arc<AtomicUsize>,
}

impl KeyServer {
    async fn start(keys: Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks", listener.local_addr().unwrap());
        let (keys, asked) = (Arc::new(Mutex::new(keys)), Arc::new(AtomicUsize::new(0)));
        let shared = (Arc::clone(&keys), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut request = [0; 4096];
                let _ = socket.read(&mut request).await;
                shared.1.fetch_add(1, Ordering::Relaxed);
                let body = shared.0.lock().unwrap().to_string();
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                            Cache-Control: max-age=300\r\nConnection: close\r\n";
                let answer = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
                let _ = socket.write_all(answer.as_bytes()).await;
            }
        });
        Self { url, keys, asked }
    }

    fn publishes(&self, keys: Value) {
        *self.keys.lock().unwrap() = keys;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}
