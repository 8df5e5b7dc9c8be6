//! What the person at the command line is told.

use std::{net::TcpListener, os::unix::fs::PermissionsExt as _};

use fireward_testkit::{Database, Server, run, run_with};

use crate::world::World;

fn complaint(arguments: &[&str]) -> String {
    let done = run(arguments);
    assert!(!done.status.success(), "{arguments:?}");
    let text = String::from_utf8(done.stderr).unwrap();
    assert_eq!(text.trim().lines().count(), 1, "one sentence: {text}");
    text
}

#[test]
fn a_port_in_use_is_one_clear_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let text = complaint(&[
        "demo",
        "--port",
        &port,
        "--fhir-port",
        "0",
        "--apps-port",
        "0",
        "--data",
        data,
    ]);
    assert!(text.contains("in use") && text.contains("--port"), "{text}");
}

#[test]
fn a_folder_that_cannot_be_made_is_one_clear_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o400)).unwrap();
    let data = file.join("below");
    let ports = ["demo", "--port", "0", "--fhir-port", "0", "--apps-port", "0", "--data"];
    let text = complaint(&[&ports[..], &[data.to_str().unwrap()]].concat());
    assert!(text.contains("folder"), "{text}");
}

#[test]
fn the_demo_keeps_its_known_passwords_to_this_machine() {
    let text = complaint(&["demo", "--host", "0.0.0.0"]);
    assert!(text.contains("--password"), "{text}");
    let text = complaint(&["demo", "--host", "192.0.2.1", "--password", "another-password"]);
    assert!(text.contains("plain http"), "{text}");
}

#[test]
fn o1_what_the_demo_keeps_is_for_its_owners_eyes() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("made");
    drop(Server::demo(&data, &[]));
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in std::fs::read_dir(&data).unwrap() {
        let file = file.unwrap().path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn what_is_imported_may_come_on_standard_input() {
    let world = World::new(Database::sqlite(), "");
    let metadata = r#"{ "client_id": "piped", "client_name": "Piped", "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "client_secret_basic", "profile": "oauth2.1",
        "client_secret": "0123456789abcdef0123456789abcdef", "scope": "https://fireward.dev/scopes/introspection" }"#;
    let done = run_with(&["client", "import", "-", "--config", world.config()], metadata);
    assert_eq!(String::from_utf8_lossy(&done.stdout), "imported 1: piped\n", "{done:?}");
}

#[test]
fn a_wrong_database_url_is_one_clear_sentence() {
    let text = complaint(&["migrate", "--database-url", "postgres://nobody@127.0.0.1:1/x"]);
    assert!(text.contains("127.0.0.1:1") && text.contains("refused"), "{text}");
    let text = complaint(&["migrate", "--database-url", "/nowhere/auth.db"]);
    assert!(text.contains("/nowhere/auth.db"), "{text}");
}

#[test]
fn a_database_of_one_issuer_is_refused_under_another() {
    let world = World::new(Database::sqlite(), "");
    drop(world.node());
    let config = std::fs::read_to_string(world.config()).unwrap();
    std::fs::write(world.config(), config.replace("localhost:9\"", "localhost:10\"")).unwrap();
    let text = complaint(&["--log", "error", "serve", "--config", world.config(), "--port", "0"]);
    assert!(text.contains("http://localhost:9"), "{text}");
}

#[test]
fn the_demo_carries_on_with_the_same_data_and_keys() {
    let folder = tempfile::tempdir().unwrap();
    let first = Server::demo(folder.path(), &[]);
    let port = first.said("issuer").rsplit_once(':').unwrap().1.to_owned();
    let kids = keys(folder.path());
    drop(first);
    let data = folder.path().to_str().unwrap();
    let again = [
        "--log",
        "warn",
        "demo",
        "--port",
        &port,
        "--fhir-port",
        "0",
        "--apps-port",
        "0",
        "--data",
        data,
    ];
    let second = Server::start(&again).unwrap();
    assert_eq!(keys(folder.path()), kids);
    drop(second);
}

fn keys(folder: &std::path::Path) -> String {
    let done = run(&["keys", "list", "--data", folder.to_str().unwrap()]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}
