use std::collections::BTreeSet;

use actix_web::{http::Method, test::TestRequest};
use fireward_oauth::{launch::STYLE_MEMBERS, metadata::paths};
use serde_json::{Value, json};

use super::World;
use crate::{PROTOCOL, launch_contexts::Ask, openapi::describe};

fn described() -> Value {
    describe("https://auth.example").unwrap()
}

/// The members that a body may have, as its reader names them when it meets one that it does not know.
fn read(fault: &str) -> BTreeSet<String> {
    let names = fault.split_once("expected one of").unwrap().1;
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn properties(document: &Value, schema: &str) -> BTreeSet<String> {
    let properties = document["components"]["schemas"][schema]["properties"].as_object();
    properties.unwrap_or_else(|| panic!("{schema}")).keys().cloned().collect()
}

/// Every reference of a document.
fn references(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| match value.as_str() {
            Some(target) if name == "$ref" => into.push(target.to_owned()),
            _ => references(value, into),
        }),
        Value::Array(items) => items.iter().for_each(|item| references(item, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What the protocols' own specifications describe.
const PROTOCOLS: &[&str] = &[
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/.well-known/smart-configuration",
    paths::JWKS,
    paths::PAR,
    paths::TOKEN,
    paths::USERINFO,
    paths::INTROSPECT,
    paths::REVOKE,
    paths::OPENAPI,
];

#[test]
fn every_path_for_programs_is_described_and_nothing_else_is() {
    let document = described();
    let described: BTreeSet<&str> =
        document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let routes = PROTOCOL.iter().map(|(path, _)| *path);
    let routes: BTreeSet<&str> = routes.filter(|path| !PROTOCOLS.contains(path)).collect();
    assert_eq!(described, routes, "describe them in openapi/*.json");
}

#[test]
fn the_members_described_are_those_that_are_read() {
    let document = described();
    let fault = Ask::parse(br#"{"?": 1}"#).unwrap_err();
    let (left, right) =
        (read(&fault.description.replace('\'', "`")), properties(&document, "NewLaunch"));
    assert_eq!(left, right, "{fault}");
    let known = STYLE_MEMBERS.iter().map(|(member, _)| (*member).to_owned()).collect();
    assert_eq!(properties(&document, "Style"), known);
}

#[test]
fn every_reference_has_its_target_and_every_operation_its_words() {
    let document = described();
    let mut targets = Vec::new();
    references(&document, &mut targets);
    assert!(targets.len() > 20);
    for target in targets {
        let at = target.strip_prefix('#').unwrap();
        assert!(document.pointer(at).is_some(), "{target}");
    }
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let said = method == "parameters"
                || (operation["summary"].is_string() && operation["operationId"].is_string());
            assert!(said, "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn the_description_is_served_to_everybody() {
    let world = World::new().await;
    let answer = world.get(paths::OPENAPI).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin").unwrap()), (200, "*"));
    assert_eq!(answer.json()["openapi"], "3.1.0");
    assert_eq!(answer.json()["servers"][0]["url"], "http://localhost:8080");
    let methods = async |method: Method, path: &str| {
        world.call(TestRequest::default().method(method).uri(path)).await.status
    };
    // What is described answers something else than 404 and 405.
    for (path, operations) in answer.json()["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys().filter(|name| *name != "parameters") {
            let called = method.to_uppercase().parse().unwrap();
            let status = methods(called, path).await;
            let open = answer.json()["paths"][path][method]["security"] == json!([]);
            assert!(open || status == 401, "{method} {path}: {status}");
        }
    }
}
