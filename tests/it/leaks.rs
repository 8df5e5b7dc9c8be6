//! What must never leave: secrets in logs, in listings, in answers (O1, O2, O5).

use fireward_jose::Algorithm;
use fireward_testkit::{Backend, Database, VERIFIER};
use serde_json::json;

use crate::world::{ISSUER, PASSWORD, SECRET, World, again, allow, sign_in};

#[tokio::test]
async fn o1_o2_o5_no_secret_is_in_the_log_of_a_whole_flow_nor_in_any_listing() {
    let world = World::new(Database::sqlite(), "");
    let node = world.node_that_logs("debug");
    let (app, at) = (world.populate(), node.address());
    let backend = Backend::new("backend", Algorithm::ES384);
    world.import("client", &backend.metadata("system/*.rs"));
    let mut secrets = vec![PASSWORD.to_owned(), SECRET.to_owned(), VERIFIER.to_owned()];

    let mut browser = world.browser(&at);
    let page = browser.open(&app.authorize_url(ISSUER, &[("nonce", "the-nonce")])).await;
    secrets.extend(browser.cookies().values().cloned());
    secrets.extend(page.values("csrf"));
    let typo = sign_in(&mut browser, &page, "a-mistyped-password").await;
    secrets.push("a-mistyped-password".to_owned());
    let consent = sign_in(&mut browser, &typo, PASSWORD).await;
    secrets.extend(browser.cookies().values().cloned());
    secrets.extend(consent.values("csrf"));
    let code = allow(&mut browser, &consent).await;
    let tokens = app.redeem(&at, &code).await;
    let renewed = app.refresh(&at, tokens.text("refresh_token")).await;
    for answer in [&tokens, &renewed] {
        for name in ["access_token", "refresh_token", "id_token"] {
            secrets.push(answer.text(name).to_owned());
        }
    }
    app.get(&format!("{at}/userinfo"), renewed.text("access_token")).await;
    app.get(&format!("{at}/userinfo?access_token={}", renewed.text("access_token")), "x").await;
    app.post(&format!("{at}/introspect"), &[("token", renewed.text("access_token"))]).await;
    let assertion = backend.assertion(&format!("{ISSUER}/token"), &json!({}));
    for _ in 0..2 {
        backend.token_with(&at, &assertion, "system/*.rs").await;
    }
    secrets.push(assertion);
    assert_eq!(
        app.redeem(&at, &code).await.refusal(),
        "400 invalid_grant",
        "a replay is logged too"
    );
    app.post(&format!("{at}/revoke"), &[("token", renewed.text("refresh_token"))]).await;
    secrets.push(code);
    let page =
        browser.open(&format!("{ISSUER}/logout?id_token_hint={}", tokens.text("id_token"))).await;
    browser.submit(&page, "#confirm-logout", &[]).await;

    // O5: what is wrong is told without how we are built.
    let missing = app.send(|http| http.get(format!("{at}/no/such/path"))).await;
    assert!(!missing.body.contains("actix") && !missing.body.contains(env!("CARGO_PKG_VERSION")));
    assert_eq!((missing.status.as_u16(), missing.header("server")), (404, ""));
    // O2: nor do listings show what proves anybody.
    let listings = [
        world.command(&["client", "show", "app"]),
        world.command(&["client", "list"]),
        world.command(&["user", "list"]),
        world.command(&["keys", "list"]),
    ]
    .concat();
    assert!(!listings.contains("argon2") && !listings.contains("\"d\""), "{listings}");

    drop(browser);
    let log = node.log();
    assert!(log.len() > 200, "something was logged: {log}");
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        // Whole or in part: the signature of a token is enough.
        let (head, tail) =
            (&secret[..secret.len().min(24)], &secret[secret.len().saturating_sub(24)..]);
        let is_header = secret.starts_with("eyJ");
        for part in [head, tail].into_iter().skip(usize::from(is_header)) {
            assert!(!log.contains(part), "the log has {part}: {log}");
            assert!(!listings.contains(part), "a listing has {part}");
        }
    }
}

#[tokio::test]
async fn oc_0_08_o1_what_proves_somebody_is_long_and_never_at_rest() {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let (app, at) = (world.populate(), node.address());
    let (mut browser, tokens) = world.tokens(&app, &at).await;
    let unused = again(&mut browser, &app.authorize_url(ISSUER, &[])).await;
    let renewed = app.refresh(&at, tokens.text("refresh_token")).await;
    let mut secrets = vec![PASSWORD.to_owned(), SECRET.to_owned(), unused.clone()];
    secrets.extend([&tokens, &renewed].map(|answer| answer.text("refresh_token").to_owned()));
    secrets.extend([&tokens, &renewed].map(|answer| answer.text("access_token").to_owned()));
    let sessions = browser.cookies().iter().filter(|(name, _)| name.contains("session"));
    secrets.extend(sessions.map(|(_, value)| value.clone()));
    assert!(secrets.len() > 7, "the session cookie is among them");
    for opaque in [&unused, &renewed.text("refresh_token").to_owned()] {
        assert!(opaque.len() >= 43, "256 bits: {opaque}");
    }
    let folder = std::path::Path::new(&world.database.url).parent().unwrap();
    let mut octets = Vec::new();
    for file in std::fs::read_dir(folder).unwrap().flatten() {
        octets.extend(std::fs::read(file.path()).unwrap());
    }
    assert!(octets.len() > 10_000);
    let text = String::from_utf8_lossy(&octets);
    for secret in secrets {
        assert!(!text.contains(&secret), "the database has {secret}");
    }
}
