//! Several FHIR servers under one issuer: a token is for one of them, and a person is somebody else at each.

use std::fs;

use fireward_jose::Algorithm;
use fireward_testkit::{Answer, Backend, Browser, Client, Database, Page, Server, run, until};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::{SECRET, World, allow, claims, sign_in};

const SCOPE: &str = "openid fhirUser launch/patient offline_access patient/*.rs";

struct Demo {
    folder: TempDir,
    issuer: String,
    clinic: String,
    laboratory: String,
    _server: Server,
}

impl Demo {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::demo(folder.path(), &[]);
        let said = |name| server.said(name).to_owned();
        let (issuer, clinic, laboratory) = (said("issuer"), said("fhir"), said("laboratory"));
        Self { folder, issuer, clinic, laboratory, _server: server }
    }

    fn command(&self, arguments: &[&str]) -> (bool, String) {
        let data = self.folder.path().to_str().unwrap();
        let done = run(&[arguments, &["--data", data]].concat());
        let text = if done.status.success() { done.stdout } else { done.stderr };
        (done.status.success(), String::from_utf8(text).unwrap())
    }

    fn import(&self, what: &str, content: &Value) -> (bool, String) {
        let file = self.folder.path().join(format!("{what}.json"));
        fs::write(&file, content.to_string()).unwrap();
        self.command(&[what, "import", file.to_str().unwrap()])
    }

    fn app(&self, id: &str, aud: &str) -> Client {
        let app = Client::confidential(id, SECRET, SCOPE, aud);
        assert!(self.import("client", &app.metadata()).0);
        app
    }

    async fn signed_in(&self, app: &Client, username: &str) -> (Browser, Page) {
        let mut browser = Browser::new(&self.issuer);
        let page = browser.open(&app.authorize_url(&self.issuer, &[])).await;
        let fields = [("username", username), ("password", "fireward-demo")];
        let page = browser.submit(&page, "#sign-in", &fields).await;
        (browser, page)
    }

    async fn tokens(&self, app: &Client, username: &str) -> Answer {
        let (mut browser, page) = self.signed_in(app, username).await;
        let tokens = app.redeem(&self.issuer, &allow(&mut browser, &page).await).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        tokens
    }
}

#[tokio::test]
async fn row_039_row_043_al_13_al_25_al_26_a_token_is_for_one_server_and_names_the_person_there() {
    let demo = Demo::new();
    let (clinic, laboratory) =
        (demo.app("at-clinic", &demo.clinic), demo.app("at-lab", &demo.laboratory));
    let here = demo.tokens(&clinic, "patient").await;
    let there = demo.tokens(&laboratory, "patient").await;
    for (tokens, base, patient) in
        [(&here, &demo.clinic, "susan-bradley"), (&there, &demo.laboratory, "lab-4417")]
    {
        assert_eq!(tokens.text("patient"), patient);
        let expected = json!([{
            "type": "smart_on_fhir", "locations": [base], "fhirVersions": ["4.0.1"], "patient": patient,
        }]);
        assert_eq!(tokens.json["authorization_details"], expected);
        assert_eq!(claims(tokens.text("access_token"))["aud"], json!(base));
        let me = format!("{base}/Patient/{patient}");
        assert_eq!(claims(tokens.text("id_token"))["fhirUser"], json!(me));
        let own = clinic.get(&me, tokens.text("access_token")).await;
        assert_eq!(own.status, 200, "{}", own.body);
    }
    let wrong = clinic
        .get(&format!("{}/Patient/lab-4417", demo.laboratory), here.text("access_token"))
        .await;
    assert_eq!(wrong.status, 401, "{}", wrong.body);
    assert!(wrong.body.contains(&format!("aud must be {}", demo.laboratory)), "{}", wrong.body);
    let challenge = wrong.headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.contains("invalid_token"), "{challenge}");
    let wrong = laboratory
        .get(&format!("{}/Patient/susan-bradley", demo.clinic), there.text("access_token"))
        .await;
    assert_eq!(wrong.status, 401);
    // Refreshing keeps the server, whatever is asked.
    let again = laboratory.refresh(&demo.issuer, there.text("refresh_token")).await;
    assert_eq!(claims(again.text("access_token"))["aud"], json!(demo.laboratory));
    assert_eq!(again.json["authorization_details"], there.json["authorization_details"]);
    let told = laboratory
        .post(&format!("{}/introspect", demo.issuer), &[("token", again.text("access_token"))])
        .await;
    assert_eq!(told.json["authorization_details"], there.json["authorization_details"]);
    where_records_are(&demo, &clinic, &here).await;
    each_server_publishes_its_own(&demo, &clinic).await;
    who_is_nobody_there_gets_nothing(&demo, &laboratory).await;
}

/// The record locator: the clinic says which other servers have a record of its patient.
async fn where_records_are(demo: &Demo, app: &Client, tokens: &Answer) {
    let query = "DocumentReference?patient=susan-bradley&category=record-location";
    let found = app.get(&format!("{}/{query}", demo.clinic), tokens.text("access_token")).await;
    assert_eq!(found.json["total"], json!(1), "{}", found.body);
    let place = &found.json["entry"][0]["resource"]["content"][0]["attachment"]["url"];
    assert_eq!(*place, json!(format!("{}/Patient/lab-4417", demo.laboratory)));
}

/// CF-1, D-28: one issuer, a document for each FHIR base.
async fn each_server_publishes_its_own(demo: &Demo, app: &Client) {
    for base in [&demo.clinic, &demo.laboratory] {
        let document = app.get(&format!("{base}/.well-known/smart-configuration"), "").await;
        assert_eq!(document.json["issuer"], json!(demo.issuer), "{}", document.body);
    }
    let state = json!({
        "id": "third", "base_url": "http://localhost:9/third", "patient_namespace": "third",
        "associated_endpoints": [{"url": "http://localhost:9/state", "capabilities": ["smart-app-state"]}],
    });
    assert_eq!(demo.import("resource-server", &state), (true, "imported 1: third\n".to_owned()));
    let at =
        format!("{}/.well-known/smart-configuration?aud=http://localhost:9/third", demo.issuer);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(2);
    loop {
        let document = app.get(&at, "").await;
        if document.status == 200 {
            assert_eq!(document.json["associated_endpoints"], state["associated_endpoints"]);
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{}", document.body);
    }
}

async fn who_is_nobody_there_gets_nothing(demo: &Demo, app: &Client) {
    let mut nobody = json!({"username": "nobody", "password": "fireward-demo", "fhirUser": "Patient/susan-bradley"});
    nobody["records"] = json!([{ "patient": "susan-bradley", "role": "self" }]);
    assert!(demo.import("user", &nobody).0);
    let (mut browser, page) = demo.signed_in(app, "nobody").await;
    assert!(
        !page.has("#approve"),
        "their id at the clinic is nobody's at the laboratory: {}",
        page.body
    );
    let silent = browser.open(&app.authorize_url(&demo.issuer, &[("prompt", "none")])).await;
    assert_eq!(silent.query("error").as_deref(), Some("access_denied"), "{}", silent.at);
    let left = browser.submit(&page, "#cancel", &[]).await;
    assert_eq!(left.query("error").as_deref(), Some("access_denied"), "{}", left.at);
}

#[tokio::test]
async fn row_042_d_30_opaque_tokens_are_told_of_to_their_own_server_alone() {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let at = node.address();
    let base = "http://localhost:9/opaque";
    let app = Client::confidential("app", SECRET, SCOPE, base);
    let [own, other] = ["own-rs", "other-rs"]
        .map(|id| Client::confidential(id, &format!("{SECRET}-{id}"), "", base));
    for client in [&app, &own, &other] {
        world.import("client", &client.metadata());
    }
    let server = |id: &str, client: &str| {
        json!({
            "id": id, "base_url": format!("http://localhost:9/{id}"), "patient_namespace": "default",
            "token_format": "opaque", "introspection_client": client, "access_token_lifetime": 60,
        })
    };
    world.import(
        "resource-server",
        &json!([server("opaque", "own-rs"), server("other", "other-rs")]),
    );
    world.import("user", &crate::world::ana());
    let smart = format!("{at}/.well-known/smart-configuration?aud={base}");
    until("the server is known here", 5, async || {
        reqwest::get(&smart).await.unwrap().status() == 200
    })
    .await;
    let mut browser = world.browser(&at);
    let page = browser.open(&app.authorize_url(&world.issuer, &[])).await;
    let page = sign_in(&mut browser, &page, crate::world::PASSWORD).await;
    // The FHIR server is not there, so the person's own record is named without looking it up.
    let tokens = app.redeem(&at, &allow(&mut browser, &page).await).await;
    let token = tokens.text("access_token");
    assert!(!token.contains('.'), "it says nothing by itself: {token}");
    assert_eq!(tokens.json["expires_in"], json!(60));
    let introspect = format!("{at}/introspect");
    let told = own.post(&introspect, &[("token", token)]).await;
    assert_eq!(told.json["active"], json!(true), "{}", told.body);
    assert_eq!((told.text("patient"), told.text("aud")), ("p1", base));
    let foreign = other.post(&introspect, &[("token", token)]).await;
    assert_eq!(foreign.json, json!({"active": false}));
    assert_eq!(app.post(&format!("{at}/revoke"), &[("token", token)]).await.status, 200);
    let dead = own.post(&introspect, &[("token", token)]).await;
    assert_eq!(dead.json, json!({"active": false}));
    drop(node);
}

#[test]
fn row_042_resource_servers_are_kept_at_the_command_line() {
    let world = World::new(Database::sqlite(), "");
    drop(world.node());
    let server =
        json!({"id": "lab", "base_url": "https://lab.example/r4", "patient_namespace": "lab"});
    world.import("resource-server", &server);
    world.import("resource-server", &server);
    let list = world.command(&["resource-server", "list"]);
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(list.contains("lab\tregistered\tjwt ES256\tlab\thttps://lab.example/r4"), "{list}");
    let shown: Value =
        serde_json::from_str(&world.command(&["resource-server", "show", "lab"])).unwrap();
    assert_eq!(shown["home"], json!(false), "the configuration's server was there before");
    // A start of the server leaves alone what was registered, and nobody else's word changes what is configured.
    drop(world.node());
    assert_eq!(world.command(&["resource-server", "list"]), list);
    for arguments in [["remove", "fhir"], ["show", "nothing"]] {
        let done =
            run(&[&["resource-server"], &arguments[..], &["--config", world.config()]].concat());
        assert!(!done.status.success(), "{arguments:?}");
    }
    assert!(world.command(&["resource-server", "remove", "lab"]).contains("removed lab"));
}

#[tokio::test]
async fn a_demo_that_starts_again_on_other_ports_knows_its_new_addresses_and_keeps_what_people_wrote()
 {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let first = Server::demo(folder.path(), &[]);
    let issuer = first.said("issuer").to_owned();
    let backend = Backend::new("writer", Algorithm::ES384);
    let file = folder.path().join("client.json");
    let scope = "system/Task.cruds system/DocumentReference.cruds";
    fs::write(&file, backend.metadata(scope).to_string()).unwrap();
    let import = ["client", "import", file.to_str().unwrap(), "--data", data];
    assert!(run(&import).status.success());
    let app = Client::public("nobody", "", "");
    let token = async |at: &Server| {
        let assertion = backend.assertion(&format!("{issuer}/token"), &json!({}));
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", scope),
            ("resource", at.said("fhir")),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion),
        ];
        // Connections of its own: those to the first server end with it.
        let fresh = Client::public("nobody", "", "");
        let answer = fresh.post_as_nobody(&format!("{issuer}/token"), &form).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.text("access_token").to_owned()
    };
    let read = async |at: &Server, token: &str, path: &str| {
        app.get(&format!("{}/{path}", at.said("fhir")), token).await
    };
    let before = token(&first).await;
    // Somebody writes one of the samples anew, and removes another.
    let kept = "DocumentReference/record-location-2";
    let mut written = read(&first, &before, kept).await.json;
    written["description"] = json!("Written by hand");
    let base = first.said("fhir").to_owned();
    let put =
        app.send(|http| http.put(format!("{base}/{kept}")).bearer_auth(&before).json(&written));
    assert_eq!(put.await.status, 200);
    let tasks = read(&first, &before, "Task").await.json;
    let tasks: Vec<_> = tasks["entry"].as_array().unwrap().iter().collect();
    let removed = format!("Task/{}", tasks[0]["resource"]["id"].as_str().unwrap());
    let gone = app.send(|http| http.delete(format!("{base}/{removed}")).bearer_auth(&before)).await;
    assert!(gone.status.is_success(), "{}", gone.body);
    let old = first.said("laboratory").to_owned();
    let port = issuer.rsplit_once(':').unwrap().1.to_owned();
    drop(first);

    let other = ["--log", "warn", "demo", "--port", &port, "--fhir-port", "0", "--apps-port", "0"];
    let second = Server::start(&[&other[..], &["--data", data]].concat()).unwrap();
    let (token, laboratory) = (token(&second).await, second.said("laboratory"));
    assert_ne!(laboratory, old);
    let located = read(&second, &token, "DocumentReference/record-location-1").await.json;
    let url = located["content"][0]["attachment"]["url"].as_str().unwrap();
    assert!(url.starts_with(laboratory), "{url}");
    assert_eq!(read(&second, &token, kept).await.json["description"], "Written by hand");
    assert_eq!(read(&second, &token, &removed).await.status, 410, "what was removed stays so");
    let left = read(&second, &token, "Task").await.json;
    assert_eq!(left["entry"].as_array().unwrap().len(), tasks.len() - 1);
    assert!(left.to_string().contains(second.said("apps")), "{left}");
}
