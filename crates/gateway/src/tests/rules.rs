//! The rules of a site hold at the gateway as at the server of ours.

use fireward_fhir::policy::{Rules, SearchEnforcement, Tenancy};
use serde_json::{Value, json};

use super::{Scripted, World, observation};

#[actix_web::test]
async fn row_084_a_search_that_finds_what_is_closed_is_refused_where_the_site_wants_that() {
    let world = World::under(Rules { search: SearchEnforcement::Reject, ..Rules::default() });
    let a = world.token("patient/*.rs", Some("a"));
    for target in ["/Observation", "/Observation?_count=1", "/Observation?_summary=count"] {
        let heard = world.ask(&a, "GET", target).await;
        assert_eq!((heard.status, heard.text.contains("Patient/b")), (403, false), "{target}");
    }
    let all = world.ask(&world.anyone(), "GET", "/Observation").await;
    assert_eq!((all.status, all.ids().len()), (200, 4));
    let own = json!({ "resourceType": "Bundle", "type": "searchset",
        "entry": [{ "resource": observation("a-1", "a") }] });
    world.stub.script("Observation", Scripted::json(200, &own));
    let heard = world.ask(&a, "GET", "/Observation").await;
    assert_eq!((heard.status, heard.ids()), (200, vec!["a-1".to_owned()]));
}

#[actix_web::test]
async fn d_36_what_is_out_of_reach_is_403_where_the_site_hides_nothing() {
    let world = World::under(Rules { hide: false, ..Rules::default() });
    let a = world.token("patient/*.rs", Some("a"));
    for (target, status) in [("/Patient/a", 200), ("/Patient/b", 403), ("/Patient/nobody", 404)] {
        let heard = world.ask(&a, "GET", target).await;
        assert_eq!((heard.status, heard.text.contains("Beta")), (status, false), "{target}");
    }
}

#[actix_web::test]
async fn row_009_what_is_written_is_the_tokens_tenants() {
    let system = "https://clinic.example/tenants";
    let tenancy = Tenancy { claim: "clinic".to_owned(), system: system.to_owned() };
    let world = World::under(Rules { tenancy: Some(tenancy), ..Rules::default() });
    let anyone = world.anyone();
    assert_eq!(world.ask(&anyone, "GET", "/Patient/a").await.status, 404, "it is nobody's");
    let of = |code: &str| {
        let mut patient = json!({ "resourceType": "Patient", "id": "t" });
        patient["meta"]["tag"] = json!([{ "system": system, "code": code }]);
        patient
    };
    let theirs = world.write(&anyone, ("PUT", "/Patient/t"), &[], &of("another")).await;
    assert_eq!(theirs.status, 403, "{}", theirs.text);
    let plain = json!({ "resourceType": "Patient", "id": "t" });
    let done = world.write(&anyone, ("PUT", "/Patient/t"), &[], &plain).await;
    assert_eq!(done.status, 201, "{}", done.text);
    let stored = world.stub.stored("Patient", "t").unwrap();
    assert_eq!(stored["meta"]["tag"][0]["code"], Value::from("north"));
    assert_eq!(world.ask(&anyone, "GET", "/Patient/t").await.status, 200);
}
