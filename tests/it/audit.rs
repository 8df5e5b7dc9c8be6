//! Whatever happens is in the audit log, with who, which app, whose record, how it ended, and in which request.

use std::{collections::BTreeSet, fs};

use fireward_jose::Algorithm;
use fireward_testkit::{Backend, Browser, Client, Database, Server, run, until};
use serde_json::{Value, json};

use crate::world::{FHIR, ISSUER, PASSWORD, SECRET, World, again, allow, sign_in};

const LAUNCHES: &str = "https://fireward.dev/scopes/launch-contexts";

/// What the log has, the oldest first.
fn log(world: &World, more: &[&str]) -> Vec<Value> {
    let text = world.command(&[&["audit", "list", "--json", "--limit", "5000"], more].concat());
    let mut entries: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    entries.reverse();
    entries
}

fn kinds(world: &World, more: &[&str]) -> Vec<String> {
    let kind = |entry: &Value| entry["kind"].as_str().unwrap().to_owned();
    log(world, more).iter().map(kind).collect()
}

struct Scene {
    world: World,
    node: Server,
    at: String,
    app: Client,
}

impl Scene {
    fn new() -> Self {
        let world = World::new(Database::sqlite(), "[node]\nname = \"auth-1\"\n");
        let node = world.node();
        let (app, at) = (world.populate(), node.address());
        Self { world, node, at, app }
    }

    /// The entry that has these members, and a request's id if it came of one.
    async fn has(&self, kind: &str, outcome: &str, members: Value) {
        let fits = |entry: &Value| {
            let operator = entry["actor"]["kind"] == "operator";
            let request = entry["request"].as_str().is_some_and(|id| id.len() > 8);
            let wanted = members.as_object().unwrap();
            entry["outcome"] == outcome
                && request != operator
                && wanted.iter().all(|(name, value)| entry[name] == *value)
        };
        until(&format!("the log has {kind} {members}"), 5, async || {
            log(&self.world, &["--kind", kind]).iter().any(fits)
        })
        .await;
    }
}

fn user(name: &str) -> Value {
    json!({ "kind": "user", "name": name })
}

fn client(name: &str) -> Value {
    json!({ "kind": "client", "name": name })
}

fn nobody() -> Value {
    json!({ "kind": "anonymous", "name": "127.0.0.1" })
}

fn operator() -> Value {
    json!({ "kind": "operator", "name": "" })
}

#[tokio::test]
async fn what_people_do_in_a_browser_is_in_the_audit_log() {
    let scene = Scene::new();
    let mut browser = scene.world.browser(&scene.at);
    let page = browser.open(&scene.app.authorize_url(ISSUER, &[])).await;
    let page = sign_in(&mut browser, &page, "wrong").await;
    scene.has("login.failed", "failure", json!({ "actor": nobody(), "subject": "ana" })).await;
    let page = sign_in(&mut browser, &page, PASSWORD).await;
    scene
        .has("login.succeeded", "success", json!({ "actor": user("ana"), "subject": "ana" }))
        .await;

    let denied = browser.submit(&page, "#deny", &[]).await;
    assert_eq!(denied.query("error").as_deref(), Some("access_denied"));
    let about = json!({ "actor": user("ana"), "client": "app", "subject": "ana" });
    scene.has("consent.denied", "failure", about.clone()).await;
    let page = browser.open(&scene.app.authorize_url(ISSUER, &[])).await;
    allow(&mut browser, &page).await;
    let mut given = about.clone();
    given["patient"] = json!("p1");
    scene.has("consent.given", "success", given.clone()).await;
    scene.has("code.issued", "success", given).await;

    let refusals = || kinds(&scene.world, &["--kind", "authorization.refused"]).len();
    let told_to_whom = [("response_type", "token"), ("redirect_uri", "https://evil.example/")];
    for (wrong, count) in told_to_whom.into_iter().zip(1..) {
        browser.open(&scene.app.authorize_url(ISSUER, &[wrong])).await;
        until("the refusal is written down", 5, async || refusals() == count).await;
    }
    scene.has("authorization.refused", "failure", json!({ "client": "app" })).await;
    browser.open(&scene.app.authorize_url(ISSUER, &[("client_id", "unknown")])).await;
    scene.has("authorization.refused", "failure", json!({ "client": null })).await;

    let page = browser.open(&format!("{ISSUER}/account/apps")).await;
    let page = browser.open(&page.attribute("a[href*='/disconnect?']", "href").unwrap()).await;
    browser.submit(&page, "#confirm-disconnect", &[]).await;
    scene.has("consent.withdrawn", "success", about).await;
    let page = browser.open(&format!("{ISSUER}/account/devices")).await;
    let page = browser.open(&page.attribute("#end-all", "href").unwrap()).await;
    browser.submit(&page, "#confirm-end-all", &[]).await;
    let herself = json!({ "actor": user("ana"), "subject": "ana" });
    scene.has("device.lost", "success", herself.clone()).await;

    let page = browser.open(&scene.app.authorize_url(ISSUER, &[])).await;
    sign_in(&mut browser, &page, PASSWORD).await;
    let page = browser.open(&format!("{ISSUER}/logout")).await;
    browser.submit(&page, "#confirm-logout", &[]).await;
    scene.has("logout", "success", herself).await;
    throttled(&scene, &mut browser).await;
}

async fn throttled(scene: &Scene, browser: &mut Browser) {
    let mut page = browser.open(&scene.app.authorize_url(ISSUER, &[])).await;
    for _ in 0..30 {
        if page.status == 429 {
            break;
        }
        page = sign_in(browser, &page, "wrong").await;
    }
    scene.has("login.throttled", "failure", json!({ "actor": nobody() })).await;
}

#[tokio::test]
async fn what_clients_do_is_in_the_audit_log() {
    let scene = Scene::new();
    let (world, at, app) = (&scene.world, &scene.at, &scene.app);
    let (mut browser, first) = world.tokens(app, at).await;
    let about =
        json!({ "actor": client("app"), "client": "app", "subject": "ana", "patient": "p1" });
    scene.has("token.issued", "success", about.clone()).await;
    let url = app.authorize_url(ISSUER, &[]);

    // Refused before anything is settled, and where something is.
    for form in [
        &[("grant_type", "authorization_code"), ("code", "no")][..],
        &[("grant_type", "authorization_code")],
        &[("grant_type", "refresh_token"), ("refresh_token", "mangled")],
        &[("grant_type", "client_credentials")],
    ] {
        let before = kinds(world, &["--kind", "token.refused"]).len();
        assert_eq!(app.token(at, form).await.status, 400, "{form:?}");
        until(&format!("the log has {form:?}"), 5, async || {
            kinds(world, &["--kind", "token.refused"]).len() > before
        })
        .await;
    }
    scene.has("token.refused", "failure", json!({ "actor": client("app"), "client": "app" })).await;

    let code = again(&mut browser, &url).await;
    assert_eq!(app.redeem(at, &code).await.status, 200);
    assert_eq!(app.redeem(at, &code).await.refusal(), "400 invalid_grant");
    scene.has("code.replayed", "failure", json!({ "actor": client("app"), "client": "app" })).await;

    let second = app.refresh(at, first.text("refresh_token")).await;
    let third = app.refresh(at, second.text("refresh_token")).await;
    assert_eq!(app.refresh(at, first.text("refresh_token")).await.refusal(), "400 invalid_grant");
    scene.has("refresh.replayed", "failure", json!({ "client": "app" })).await;
    assert_eq!(app.refresh(at, third.text("refresh_token")).await.refusal(), "400 invalid_grant");

    let tokens = app.redeem(at, &again(&mut browser, &url).await).await;
    app.post(&format!("{at}/revoke"), &[("token", tokens.text("refresh_token"))]).await;
    scene.has("token.revoked", "success", about).await;

    let impostor = Client::confidential("app", "not-the-secret-of-this-very-app", "", FHIR);
    assert_eq!(impostor.refresh(at, "x").await.refusal(), "401 invalid_client");
    scene.has("client.refused", "failure", json!({ "actor": nobody(), "client": "app" })).await;
    let both = [("client_id", "app"), ("client_secret", SECRET), ("grant_type", "x")];
    let both = app.token(at, &[&both[..], &[("client_assertion", "x")]].concat()).await;
    assert!(both.status.is_client_error(), "{}", both.body);
}

#[tokio::test]
async fn what_backends_and_operators_do_is_in_the_audit_log() {
    let scene = Scene::new();
    let (world, at) = (&scene.world, &scene.at);
    let ehr = Backend::new("ehr", Algorithm::ES384);
    world.import("client", &ehr.metadata(&format!("{LAUNCHES} system/Patient.rs")));
    let imported = json!({ "actor": operator(), "client": "ehr" });
    scene.has("client.changed", "success", imported).await;
    scene.has("user.changed", "success", json!({ "actor": operator(), "subject": "ana" })).await;

    let token = ehr.token(ISSUER, at, LAUNCHES).await.text("access_token").to_owned();
    let by_itself = json!({ "actor": client("ehr"), "client": "ehr", "subject": null });
    scene.has("token.issued", "success", by_itself.clone()).await;
    assert_eq!(ehr.token(ISSUER, at, "system/Observation.rs").await.refusal(), "400 invalid_scope");
    scene.has("token.refused", "failure", by_itself).await;

    let mut metadata = scene.app.metadata();
    metadata["scope"] = json!("launch openid patient/*.rs");
    metadata["launch_uris"] = json!(["https://app.example/launch"]);
    world.import("client", &metadata);
    let context = json!({ "client_id": "app", "aud": FHIR, "user": "Patient/p1", "patient": "p1" });
    until("the EHR launches the app", 3, async || {
        let url = format!("{at}/launch-contexts");
        scene.app.post_json(&url, &token, &context).await.status == 201
    })
    .await;
    let launched = json!({ "actor": client("ehr"), "client": "app", "patient": "p1" });
    scene.has("launch.created", "success", launched).await;

    world.command(&["keys", "rotate", "--alg", "ES256"]);
    scene.has("key.changed", "success", json!({ "actor": operator() })).await;
    let made = |entry: &Value| entry["actor"]["kind"] == "system" && entry["node"] == "auth-1";
    assert!(log(world, &["--kind", "key.changed"]).iter().any(made), "the first keys");
    world.command(&["client", "remove", "app"]);
    scene.has("client.removed", "success", json!({ "actor": operator(), "client": "app" })).await;
}

#[tokio::test]
async fn entries_are_found_and_paged() {
    let scene = Scene::new();
    let (world, app) = (&scene.world, &scene.app);
    world.tokens(app, &scene.at).await;
    scene.has("token.issued", "success", json!({})).await;
    let about_the_app: BTreeSet<_> = kinds(world, &["--client", "app"]).into_iter().collect();
    let expected = ["client.changed", "code.issued", "consent.given", "token.issued"];
    assert_eq!(about_the_app, expected.map(str::to_owned).into());
    assert_eq!(kinds(world, &["--patient", "p1", "--client", "app"]).len(), 3);
    assert!(kinds(world, &["--patient", "p2"]).is_empty());
    assert!(kinds(world, &["--subject", "ana", "--until", "1h"]).is_empty());
    assert!(!kinds(world, &["--subject", "ana", "--since", "1h"]).is_empty());
    assert!(kinds(world, &["--outcome", "failure"]).is_empty());

    let all = log(world, &[]);
    let mut paged = Vec::new();
    let mut arguments = vec!["audit".to_owned(), "list".to_owned()];
    arguments.extend(["--limit".to_owned(), "3".to_owned()]);
    loop {
        let page = world.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let ids: Vec<i64> =
            page.lines().map(|line| line.split('\t').next().unwrap().parse().unwrap()).collect();
        let Some(last) = ids.last() else { break };
        arguments.truncate(4);
        arguments.extend(["--before".to_owned(), last.to_string()]);
        paged.extend(ids);
    }
    let newest_first = all.iter().rev().map(|entry| entry["id"].as_i64().unwrap());
    assert_eq!(paged, newest_first.collect::<Vec<_>>());

    for wrong in [["--kind", "nonsense"], ["--since", "yesterday"], ["--client", ""]] {
        let arguments = [&["audit", "list", "--config", world.config()][..], &wrong].concat();
        assert!(!run(&arguments).status.success(), "{wrong:?}");
    }
}

#[tokio::test]
async fn the_chains_are_verified_and_a_node_that_was_killed_goes_on_with_its_own() {
    let mut scene = Scene::new();
    scene.world.tokens(&scene.app, &scene.at).await;
    scene.node.kill();
    let again = scene.world.node();
    let url = scene.app.authorize_url(ISSUER, &[]);
    let mut browser = scene.world.browser(&again.address());
    let page = browser.open(&url).await;
    sign_in(&mut browser, &page, PASSWORD).await;
    let Scene { world, .. } = &scene;
    let chains = || -> Vec<Value> {
        let text = world.command(&["audit", "verify", "--json"]);
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    until("every entry has its place", 5, async || {
        chains().iter().all(|chain| chain["waiting"] == 0)
    })
    .await;
    let chains = chains();
    let nodes: Vec<_> = chains.iter().map(|chain| chain["node"].as_str().unwrap()).collect();
    assert_eq!(nodes, ["auth-1", "commands"], "one chain, although two processes wrote it");
    let entries: i64 = chains.iter().map(|chain| chain["entries"].as_i64().unwrap()).sum();
    assert_eq!(entries, i64::try_from(log(world, &[]).len()).unwrap());
    let told = world.command(&["audit", "verify"]);
    assert!(told.contains(&format!("{entries} entries of 2 nodes")), "{told}");

    // Whoever kept the heads elsewhere notices that all was written anew.
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("heads.jsonl");
    let lines: Vec<_> = chains.iter().map(Value::to_string).collect();
    fs::write(&kept, lines.join("\n")).unwrap();
    let kept = kept.to_str().unwrap().to_owned();
    world.command(&["audit", "verify", "--kept", &kept]);
    let mut other = chains[0].clone();
    other["entries"] = json!(other["entries"].as_i64().unwrap() + 1);
    fs::write(&kept, other.to_string()).unwrap();
    let done = run(&["audit", "verify", "--kept", &kept, "--config", world.config()]);
    assert_eq!(done.status.code(), Some(1));
    let told = String::from_utf8(done.stderr).unwrap();
    assert!(told.contains("auth-1") && told.contains("seq"), "{told}");
    fs::write(&kept, "nonsense").unwrap();
    let done = run(&["audit", "verify", "--kept", &kept, "--config", world.config()]);
    assert_eq!(done.status.code(), Some(1));
}
