//! What an operator sees: health, metrics, mistakes in the configuration, and an end that is clean.

use std::{fs, process::Command};

use fireward_testkit::{Client, Database, Server, run, until};

use crate::world::World;

#[tokio::test]
async fn health_tells_whether_it_lives_and_can_work() {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let http = Client::public("nobody", "", "");
    for path in ["live", "ready"] {
        let url = format!("{}/health/{path}", node.address());
        let answer = http.send(|http| http.get(url)).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, path));
    }
}

#[tokio::test]
async fn metrics_are_on_a_listener_of_their_own() {
    let world = World::new(Database::sqlite(), "");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let port = port.to_string();
    let arguments = ["serve", "--config", world.config(), "--port", "0", "--metrics-port", &port];
    let node = Server::start(&[&["--log", "warn"], &arguments[..]].concat()).unwrap();
    let http = Client::public("nobody", "", "");
    http.send(|http| http.get(format!("{}/jwks", node.address()))).await;
    let told = http.send(|http| http.get(format!("http://127.0.0.1:{port}/metrics"))).await;
    assert!(
        told.body.contains("fireward_http_requests") && told.body.contains("/jwks"),
        "{}",
        told.body
    );
    let public = http.send(|http| http.get(format!("{}/metrics", node.address()))).await;
    assert_eq!(public.status, 404);
}

#[test]
fn oc_0_01_mistakes_in_the_configuration_are_named_with_their_line() {
    let world = World::new(Database::sqlite(), "");
    let good = fs::read_to_string(world.config()).unwrap();
    for (from, to, told) in [
        ("[database]", "[databse]", "line 3"),
        ("[issuer]", "[issuer]\nname_of_it = \"x\"", "line 2"),
        ("http://localhost:9\"", "http://auth.example\"", "https"),
        ("http://localhost:9\"", "http://localhost:9/\"", "slash"),
        ("http://localhost:9\"", "https://auth.example\"", "[proxy]"),
    ] {
        assert!(good.contains(from));
        fs::write(world.config(), good.replacen(from, to, 1)).unwrap();
        let done = run(&["serve", "--config", world.config(), "--port", "0"]);
        let text = String::from_utf8(done.stderr).unwrap();
        assert!(!done.status.success() && text.contains(told), "{to}: {text}");
    }
}

#[tokio::test]
async fn a_node_that_is_asked_to_stop_ends_cleanly_and_the_next_goes_on() {
    let world = World::new(Database::sqlite(), "");
    let mut node = world.node();
    let app = world.populate();
    let (_, tokens) = world.tokens(&app, &node.address()).await;
    for signal in ["-TERM", "-INT"] {
        let pid = node.ready["pid"].to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        until("it ends", 15, async || node.has_ended().is_some()).await;
        let ended = node.has_ended().unwrap();
        assert!(ended.success(), "{signal}: {ended} {}", node.log());
        node = world.node();
    }
    let renewed = app.refresh(&node.address(), tokens.text("refresh_token")).await;
    assert_eq!(renewed.status, 200, "{}", renewed.body);
}
