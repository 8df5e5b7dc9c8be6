use serde_json::json;

use super::{Act, JSON, Server, outbound, policy};
use crate::{Configured, Credentials, Fault, Supplied};

#[tokio::test]
async fn a_document_comes_with_the_time_it_may_be_kept() {
    let server =
        Server::new(|_| Act::Say("200 OK\r\nCache-Control: max-age=60", "{}".to_owned())).await;
    let outbound = outbound(policy());
    let at = Configured::new(&server.url("/jwks")).unwrap();
    let document = outbound.get_document(&at, JSON, 100, 1_000).await.unwrap();
    assert_eq!((document.bytes.as_ref(), document.fresh_until), (&b"{}"[..], 1_060));
    let heard = server.heard().to_lowercase();
    assert!(heard.contains("accept: application/json"), "{heard}");
    assert!(!heard.contains("accept-encoding"), "{heard}");
    assert!(!heard.contains("referer") && !heard.contains("cookie"), "{heard}");
}

#[tokio::test]
async fn s5_long_bodies_are_cut_off_announced_or_not() {
    let announced = Server::new(|_| Act::Say("200 OK", "x".repeat(101))).await;
    let endless = Server::new(|_| Act::Flood).await;
    let outbound = outbound(policy());
    for url in [announced.url("/"), endless.url("/")] {
        let configured = Configured::new(&url).unwrap();
        let supplied = Supplied::new(&url, outbound.policy()).unwrap();
        let fault = outbound.get_document(&configured, JSON, 100, 0).await.unwrap_err();
        assert_eq!(fault, Fault::TooLong);
        let fault = outbound.get_document(&supplied, JSON, 100, 0).await.unwrap_err();
        assert_eq!(fault, Fault::TooLong);
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let server =
        Server::new(|_| Act::Say("307 Temporary Redirect\r\nLocation: /other", String::new()))
            .await;
    let outbound = outbound(policy());
    let at = Configured::new(&server.url("/")).unwrap();
    assert_eq!(outbound.get_document(&at, JSON, 9, 0).await.unwrap_err(), Fault::Status(307));
    let answer = outbound.post_form(&at, &[], Credentials::None, 9).await.unwrap();
    assert_eq!((answer.status, answer.header("location")), (307, Some("/other")));
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn forms_json_and_credentials_are_sent_as_the_protocols_want_them() {
    let server = Server::new(|_| Act::Say("201 Created", r#"{"ok":true}"#.to_owned())).await;
    let outbound = outbound(policy());
    let at = Configured::new(&server.url("/token")).unwrap();
    let basic = Credentials::Basic("app", "secret");
    let form = [("grant_type", "client_credentials"), ("scope", "system/*.rs a")];
    let answer = outbound.post_form(&at, &form, basic, 100).await.unwrap();
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json::<serde_json::Value>().unwrap(), json!({ "ok": true }));
    let heard = server.heard();
    assert!(heard.contains("authorization: Basic YXBwOnNlY3JldA=="), "{heard}");
    assert!(heard.contains("grant_type=client_credentials&scope=system%2F*.rs+a"), "{heard}");

    let bearer = Credentials::Bearer("t0ken");
    outbound.post_json(&at, &json!({ "a": 1 }), bearer, 100).await.unwrap();
    outbound.get(&at, "application/fhir+json", bearer, 100).await.unwrap();
    let heard = server.heard();
    assert_eq!(heard.matches("authorization: Bearer t0ken").count(), 2);
    assert!(heard.contains(r#"{"a":1}"#) && heard.contains("accept: application/fhir+json"));
}
