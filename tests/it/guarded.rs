//! FHIR servers that trust by configuration, and the two commands that say why something is refused.

use std::{fs, path::Path};

use fireward_testkit::{Answer, Client, Server, run, run_with, until};
use serde_json::Value;

use crate::demo::Demo;

const OPEN: &str = "openid launch/patient patient/Observation.rs patient/Patient.r";

/// What a command says, on either stream, and whether it was content.
fn said(arguments: &[&str]) -> (String, bool) {
    told(&run(arguments))
}

fn told(done: &std::process::Output) -> (String, bool) {
    let text = [&done.stdout[..], &done.stderr[..]].concat();
    (String::from_utf8(text).unwrap(), done.status.success())
}

fn fhir(folder: &Path, more: &[&str]) -> Result<Server, String> {
    let data = folder.to_str().unwrap();
    let usual = ["--log", "info", "fhir", "--sample", "laboratory", "--port", "0", "--data", data];
    Server::start(&[&usual[..], more].concat())
}

async fn get(url: &str) -> Answer {
    let http = Client::public("nobody", "", "");
    http.send(|http| http.get(url)).await
}

/// Explains a request with a token that comes by standard input.
fn explained(token: &str, server: &[&str], request: &str) -> String {
    let arguments = [&["explain", "--token", "-"][..], server, &[request]].concat();
    let (text, content) = told(&run_with(&arguments, token));
    assert!(content, "{text}");
    text
}

#[tokio::test]
async fn row_092_row_094_explain_and_doctor_say_which_check_fails() {
    let demo = Demo::new();
    let app = demo.app("explained", OPEN);
    let tokens = demo.tokens(&app, "patient").await;
    let token = tokens.text("access_token");
    let at = ["--fhir", demo.fhir.as_str()];
    let allowed = explained(token, &at, "GET /Observation");
    assert!(!allowed.contains("=>") && allowed.contains("passed  signature"), "{allowed}");
    let denied = explained(token, &at, "GET /Condition");
    assert!(denied.contains("patient/Condition.s"), "{denied}");
    let foreign = explained(token, &at, "GET /Observation?patient=thomas-jackson");
    assert!(foreign.contains("denied") || foreign.contains("403"), "{foreign}");
    let forged = explained(&format!("{token}A"), &at, "GET /Observation");
    assert!(forged.contains("failed  signature"), "{forged}");
    let opaque = explained("abc", &at, "GET /Observation");
    assert!(opaque.contains("failed  form") && opaque.contains("opaque"), "{opaque}");
    row_094_with_the_servers_own_rules(&demo, token).await;
    row_092_doctor(&demo);
}

/// What the server's file says beyond scopes is told as well, and the server does the same.
async fn row_094_with_the_servers_own_rules(demo: &Demo, token: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let rules =
        "[[rule]]\nname = \"the kiosk is closed\"\nclients = [\"explained\"]\ndeny = true\n";
    fs::write(path("rules.toml"), rules).unwrap();
    let file = format!(
        "base_url = \"{}\"\nrules = \"{}\"\n[security]\nserver = \"{}\"\n",
        demo.fhir,
        path("rules.toml"),
        demo.issuer
    );
    fs::write(path("fhir.toml"), file).unwrap();
    let by_file = explained(token, &["--config", &path("fhir.toml")], "GET /Observation");
    assert!(by_file.contains("the kiosk is closed"), "{by_file}");
    let gateway = format!(
        "[gateway]\nupstream = \"http://localhost:9/fhir\"\nbase_url = \"{}\"\nrules = \"{}\"\n\
         [security]\nserver = \"{}\"\n",
        demo.fhir,
        path("rules.toml"),
        demo.issuer
    );
    fs::write(path("gateway.toml"), gateway).unwrap();
    let by_gateway = explained(token, &["--config", &path("gateway.toml")], "GET /Observation");
    assert!(by_gateway.contains("the kiosk is closed"), "{by_gateway}");
    let server = fhir(folder.path(), &["--config", &path("fhir.toml")]).unwrap();
    let asked = Client::public("nobody", "", "");
    let at = format!("http://127.0.0.1:{}/fhir/Observation", port(&server));
    let answer = asked.get(&at, token).await;
    assert_eq!(answer.status, 403, "{}", answer.body);
}

/// The port of a server whose base is configured: where it listens is not in its name.
fn port(server: &Server) -> String {
    let listen = server.ready["listen"].as_str().unwrap_or_default();
    listen.rsplit(':').next().unwrap_or_default().to_owned()
}

fn row_092_doctor(demo: &Demo) {
    let (text, healthy) = said(&["doctor", "--fhir", &demo.fhir]);
    assert!(healthy && !text.contains("wrong"), "{text}");
    let wrong = |arguments: &[&str], check: &str| {
        let (text, healthy) = said(&[&["doctor", "--json"], arguments].concat());
        let report: Value = serde_json::from_str(&text).unwrap();
        let checks = report["checks"].as_array().unwrap();
        let found = checks.iter().find(|one| one["check"] == check);
        let found = found.unwrap_or_else(|| panic!("{check}: {text}"));
        assert!(!healthy && found["verdict"] == "wrong", "{check}: {text}");
        assert!(found["remedy"].as_str().is_some_and(|remedy| remedy.len() > 10), "{text}");
    };
    let slash = format!("{}/", demo.issuer);
    let at = demo.fhir.replace("localhost", "127.0.0.1");
    wrong(&["--fhir", "http://127.0.0.1:9/fhir"], "fhir");
    wrong(&["--fhir", &demo.issuer], "fhir");
    wrong(&["--fhir", &demo.fhir, "--issuer", "http://localhost:9"], "issuer");
    wrong(&["--fhir", &demo.fhir, "--issuer", "http://localhost:9"], "discovery");
    wrong(&["--fhir", &demo.fhir, "--issuer", &slash], "discovery");
    wrong(&["--fhir", &at], "audience");
    wrong(&["--fhir", &demo.fhir, "--scope", "patient/Nothing.rs"], "scopes");
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    fs::write(&secret, "guessed").unwrap();
    let secret = secret.to_str().unwrap();
    let known = ["--fhir", &demo.fhir, "--client-id", "explained", "--client-secret-file", secret];
    wrong(&known, "client");
    let open = fhir(folder.path(), &["--issuer", &demo.issuer, "--security-enabled", "false"]);
    wrong(&["--fhir", open.unwrap().said("fhir")], "protection");
}

#[tokio::test]
async fn row_003_row_004_row_091_security_is_three_keys_and_being_without_is_never_quiet() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fhir.toml");
    fs::write(&file, "[security]\nenabled = true\nserver = \"http://localhost:9\"\n").unwrap();
    let config = ["--config", file.to_str().unwrap()];
    let server = fhir(folder.path(), &config).unwrap();
    let one_line = "security: on, tokens of http://localhost:9";
    until("the line is written", 10, async || server.log().contains(one_line)).await;
    assert_eq!(server.log().matches(one_line).count(), 1, "{}", server.log());
    let records = format!("{}/Patient", server.said("fhir"));
    let bare = get(&records).await;
    assert_eq!(bare.status, 401);
    assert!(!bare.header("www-authenticate").contains("error"), "RFC 6750 section 3.1");
    let refused = Client::public("nobody", "", "").get(&records, "nonsense").await;
    assert_eq!(refused.status, 401);
    let why = refused.header("www-authenticate").to_owned();
    assert!(why.contains("check=\"") && why.contains("request_id="), "{why}");
    drop(server);
    // Before the file: the command line, of which SECURITY_ENABLED is the other spelling.
    let open = fhir(folder.path(), &[&config[..], &["--security-enabled", "false"]].concat());
    let open = open.unwrap();
    for alarm in ["UNPROTECTED", "security: OFF", "protection-off"] {
        until(alarm, 10, async || open.log().contains(alarm)).await;
    }
    assert_eq!(get(&format!("{}/Patient", open.said("fhir"))).await.status, 200);
    let metadata = get(&format!("{}/metadata", open.said("fhir"))).await;
    let security = metadata.json["rest"][0]["security"]["description"].as_str().unwrap_or_default();
    assert!(!security.is_empty(), "{}", metadata.json["rest"][0]["security"]);
    drop(open);
    for (more, lacks) in [
        (&["--security-enabled", "false", "--issuer", "https://auth.example"][..], "--i-know"),
        (&["--security-enabled", "false", "--host", "0.0.0.0"], "--i-know"),
        (&[], "--issuer"),
    ] {
        let why = fhir(folder.path(), more).err().unwrap_or_default();
        assert!(why.contains(lacks), "{more:?}: {why}");
    }
    fs::write(&file, "[security]\nserver = \"http://localhost:9\"\ncolour = 1\n").unwrap();
    let why = fhir(folder.path(), &config).err().unwrap_or_default();
    assert!(why.contains("colour") && why.contains("line 3"), "{why}");
}
