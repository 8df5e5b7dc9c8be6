//! What anybody may read: the way to a token, and what is served. And that any page may ask.

use super::{BASE, ISSUER, World};

const SMART: &str = "/.well-known/smart-configuration";

#[actix_web::test]
async fn cf_1_cf_2_smart_configuration_is_json_whatever_is_asked_for() {
    let world = World::empty().await;
    for accept in ["application/fhir+json", "text/html", "application/fhir+xml"] {
        let heard = world.send("GET", SMART, &[("Accept", accept)], "").await;
        assert_eq!(heard.status, 200);
        assert!(heard.header("content-type").starts_with("application/json"), "{accept}");
        assert_eq!(heard.json()["token_endpoint"], format!("{ISSUER}/token"));
    }
    assert_eq!(world.send("GET", SMART, &[], "").await.status, 200);
    assert_eq!(world.send("HEAD", SMART, &[], "").await.status, 200);
}

#[actix_web::test]
async fn al_5_any_origin_may_read_both_documents() {
    let world = World::empty().await;
    for path in [SMART, "/metadata"] {
        let heard = world.send("GET", path, &[("Origin", "https://app.example")], "").await;
        assert_eq!(
            (heard.status, heard.header("access-control-allow-origin")),
            (200, "*"),
            "{path}"
        );
        assert_eq!(heard.header("access-control-allow-credentials"), "");
    }
}

#[actix_web::test]
async fn al_6_preflights_of_every_path_name_what_is_allowed() {
    let world = World::empty().await;
    for path in ["/Patient/a", "/Observation?code=1", "/metadata", SMART, "/nowhere"] {
        let asked = [
            ("Origin", "https://app.example"),
            ("Access-Control-Request-Method", "PUT"),
            ("Access-Control-Request-Headers", "authorization, content-type, if-match, prefer"),
        ];
        let heard = world.send("OPTIONS", path, &asked, "").await;
        assert_eq!(
            (heard.status, heard.header("access-control-allow-origin")),
            (204, "*"),
            "{path}"
        );
        let allowed = heard.header("access-control-allow-headers");
        for name in [
            "Authorization",
            "Content-Type",
            "Accept",
            "If-Match",
            "If-None-Match",
            "Prefer",
            "DPoP",
        ] {
            assert!(allowed.split(", ").any(|one| one == name), "{name}");
        }
        assert!(heard.header("access-control-allow-methods").contains("PUT"));
        assert_eq!(heard.header("access-control-allow-credentials"), "");
    }
}

#[actix_web::test]
async fn al_6_any_origin_may_read_answers_and_errors() {
    let world = World::new().await;
    let read = world.ask(&world.anyone(), "GET", "/Patient/a").await;
    let missing = world.ask(&world.anyone(), "GET", "/Patient/c").await;
    let nameless = world.send("GET", "/Patient/a", &[], "").await;
    for heard in [read, missing, nameless] {
        assert_eq!(heard.header("access-control-allow-origin"), "*");
        let exposed = heard.header("access-control-expose-headers");
        for name in
            ["ETag", "Location", "Content-Location", "Link", "WWW-Authenticate", "DPoP-Nonce"]
        {
            assert!(exposed.split(", ").any(|one| one == name), "{name}");
        }
    }
}

#[actix_web::test]
async fn cf_7_metadata_says_what_is_served_and_where_tokens_are_had() {
    let world = World::empty().await;
    let heard = world.send("GET", "/metadata", &[], "").await;
    let statement = heard.json();
    assert_eq!(statement["resourceType"], "CapabilityStatement");
    assert_eq!(statement["fhirVersion"], "4.0.1");
    assert_eq!(statement["implementation"]["url"], BASE);
    let security = &statement["rest"][0]["security"];
    assert_eq!(security["service"][0]["coding"][0]["code"], "SMART-on-FHIR");
    let uris = security["extension"][0]["extension"].as_array().unwrap();
    let uri =
        |name: &str| uris.iter().find(|uri| uri["url"] == name).map(|uri| uri["valueUri"].clone());
    let discovered = world.send("GET", SMART, &[], "").await.json();
    assert_eq!(uri("authorize"), Some(discovered["authorization_endpoint"].clone()));
    assert_eq!(uri("token"), Some(discovered["token_endpoint"].clone()));
    assert_eq!(uri("revoke"), Some(format!("{ISSUER}/revoke").into()));
    assert_eq!(uri("register"), None);
}

#[actix_web::test]
async fn xml_is_refused_with_406() {
    let world = World::new().await;
    let bearer = format!("Bearer {}", world.anyone());
    for (target, accept) in [
        ("/Patient/a", "application/fhir+xml"),
        ("/Patient/a?_format=xml", "*/*"),
        ("/Patient?_format=application/fhir%2Bxml", "*/*"),
        ("/metadata", "application/fhir+xml"),
    ] {
        let headers = [("Authorization", bearer.as_str()), ("Accept", accept)];
        let heard = world.send("GET", target, &headers, "").await;
        assert_eq!((heard.status, heard.issue().as_str()), (406, "not-supported"), "{target}");
    }
    let json =
        world.ask(&world.anyone(), "GET", "/Patient/a?_format=application/fhir%2Bjson").await;
    assert_eq!(json.status, 200);
}
