//! The audit log of `serve` in the trail of `fhir`: two processes, each of which may end at any moment.

use std::{collections::BTreeSet, net::TcpListener};

use fireward_jose::Algorithm;
use fireward_testkit::{Backend, Client, Database, Server, until};
use serde_json::Value;

use crate::world::{FHIR, PASSWORD, World, again, sign_in};

/// A FHIR server in a folder of its own, that trusts the issuer at `port`.
struct Records {
    folder: tempfile::TempDir,
    issuer: String,
    port: String,
}

impl Records {
    fn start(&self) -> Server {
        let data = self.folder.path().to_string_lossy();
        let arguments = ["--issuer", &self.issuer, "--port", &self.port, "--base-url", FHIR];
        let start = ["--log", "warn", "fhir", "--data", &data];
        Server::start(&[&start[..], &arguments].concat()).unwrap()
    }

    fn at(&self) -> String {
        format!("http://localhost:{}/fhir", self.port)
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// What the log has of these: sign-ins, consents, codes and tokens of `ana` and her app.
fn logged(world: &World) -> usize {
    world.command(&["audit", "list", "--json", "--limit", "5000"]).lines().count()
}

/// The ids and kinds of all that the issuer has told, as a backend service reads them.
async fn told(reader: &Client, at: &str, token: &str, query: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut next = format!("{at}/AuditEvent?{query}_count=100");
    loop {
        let page = reader.get(&next, token).await;
        assert_eq!(page.status, 200, "{}", page.body);
        for entry in page.json["entry"].as_array().into_iter().flatten() {
            let event = &entry["resource"];
            let own =
                |coding: &&Value| coding["system"].as_str().is_some_and(|s| s.ends_with("/audit"));
            let kind = event["subtype"].as_array().into_iter().flatten().find(own);
            found.extend(kind.map(|kind| {
                (
                    event["id"].as_str().unwrap().to_owned(),
                    kind["code"].as_str().unwrap().to_owned(),
                )
            }));
        }
        let links = page.json["link"].as_array().unwrap();
        let Some(more) = links.iter().find(|link| link["relation"] == "next") else { break };
        next = more["url"].as_str().unwrap().replace(FHIR, at);
    }
    found
}

#[tokio::test]
async fn row_052_what_the_issuer_wrote_down_comes_to_the_fhir_server_once_whoever_ends_between() {
    let (auth, fhir) = (free_port(), free_port().to_string());
    let issuer = format!("http://localhost:{auth}");
    let records =
        Records { folder: tempfile::tempdir().unwrap(), issuer: issuer.clone(), port: fhir };
    let at = records.at();
    // The table of the FHIR server goes on where `World` ends.
    let more = format!("address = \"{at}\"\n[audit]\ndeliver_to = \"{FHIR}\"\n");
    let world = World::named(&issuer, Database::sqlite(), &more);
    let port = auth.to_string();
    let serve =
        || Server::start(&["--log", "error", "serve", "--config", world.config(), "--port", &port]);
    let mut node = serve().unwrap();
    let mut server = records.start();
    let app = world.populate();
    let reader = Backend::new("auditor", Algorithm::ES384);
    world.import("client", &reader.metadata("system/AuditEvent.rs"));
    let (mut browser, _) = world.tokens(&app, &issuer).await;

    let token = reader.token(&issuer, &issuer, "system/AuditEvent.rs").await;
    let token = token.text("access_token").to_owned();
    let about_her = async |wanted: &[&str]| {
        until(&format!("the trail of p1 has {wanted:?}"), 20, async || {
            let found = told(&app, &at, &token, "patient=p1&").await;
            wanted.iter().all(|kind| found.iter().any(|(_, found)| found == kind))
        })
        .await;
    };
    about_her(&["consent.given", "code.issued", "token.issued"]).await;

    // Nobody is there to take what happens now, and then the issuer ends, too.
    server.kill();
    let page = browser.open(&format!("{issuer}/logout")).await;
    browser.submit(&page, "#confirm-logout", &[]).await;
    for _ in 0..3 {
        let page = browser.open(&app.authorize_url(&issuer, &[("prompt", "login")])).await;
        sign_in(&mut browser, &page, "wrong").await;
    }
    until("the refusals are written down", 5, async || {
        let kinds = world.command(&["audit", "list", "--kind", "login.failed"]);
        kinds.lines().count() == 3
    })
    .await;
    node.kill();
    server = records.start();
    node = serve().unwrap();
    // Each of them ends in the middle of delivering, and once more.
    for _ in 0..2 {
        let mut elsewhere = world.browser(&issuer);
        let page = elsewhere.open(&app.authorize_url(&issuer, &[])).await;
        let page = sign_in(&mut elsewhere, &page, PASSWORD).await;
        assert!(page.query("code").is_some(), "{} {}", page.at, page.body);
        server.kill();
        again(&mut elsewhere, &app.authorize_url(&issuer, &[])).await;
        server = records.start();
        node.kill();
        node = serve().unwrap();
    }
    let mut before = usize::MAX;
    until("every entry is in the trail, and only once", 60, async || {
        let found = told(&app, &at, &token, "").await;
        let ids: BTreeSet<_> = found.iter().map(|(id, _)| id).collect();
        assert_eq!(ids.len(), found.len(), "an entry twice");
        let (entries, settled) = (logged(&world), before);
        before = entries;
        assert!(found.len() <= entries, "{} of {entries}", found.len());
        found.len() == entries && entries == settled
    })
    .await;
    about_her(&["token.issued"]).await;
    let failed = told(&app, &at, &token, "outcome=4&").await;
    assert_eq!(failed.iter().filter(|(_, kind)| kind == "login.failed").count(), 3);
    drop((node, server));
}
