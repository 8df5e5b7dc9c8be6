//! Reading and searching through the gateway.

use serde_json::json;

use super::{BASE, Scripted, World};

#[actix_web::test]
async fn al_26_without_a_good_token_nothing_is_asked_of_the_server_behind() {
    let world = World::new();
    for target in ["/Patient/a", "/Patient", "/Claim/1", "/$export", "/exports/x", ""] {
        let heard = world.send("GET", target, &[], "").await;
        assert_eq!(heard.status, 401, "{target}");
        assert!(heard.header("www-authenticate").starts_with("Bearer"), "{target}");
    }
    assert!(world.stub.requests().is_empty());
}

#[actix_web::test]
async fn a_read_is_judged_and_comes_as_it_was_written() {
    let world = World::new();
    let a = world.token("patient/*.rs", Some("a"));
    let raw = r#"{"resourceType":"Observation","id":"a-weight","meta":{"versionId":"7"},"valueQuantity":{"value":72.50},"subject":{"reference":"Patient/a"}}"#;
    world.stub.script("Observation/a-weight", Scripted::text(200, "application/fhir+json", raw));
    let heard = world.ask(&a, "GET", "/Observation/a-weight").await;
    assert_eq!((heard.status, heard.text.as_str()), (200, raw), "numbers keep their digits");
    assert_eq!(heard.header("etag"), "W/\"7\"");
    assert_eq!(heard.header("cache-control"), "no-store");
    assert_eq!(world.ask(&a, "HEAD", "/Observation/a-weight").await.status, 200);
}

#[actix_web::test]
async fn d_36_another_patients_resource_looks_like_none() {
    let world = World::new();
    let a = world.token("patient/*.cruds", Some("a"));
    for method in ["GET", "DELETE"] {
        let hidden = world.ask(&a, method, "/Observation/b-sugar").await;
        let absent = world.ask(&a, method, "/Observation/nowhere").await;
        assert_eq!((hidden.status, &hidden.text), (404, &absent.text), "{method}");
    }
    let b = world.token("patient/Patient.r", Some("b"));
    let bearer = format!("Bearer {b}");
    for known in ["W/\"1\"", "*"] {
        let headers = [("Authorization", bearer.as_str()), ("If-None-Match", known)];
        assert_eq!(world.send("GET", "/Patient/a", &headers, "").await.status, 404, "D-39");
        assert_eq!(world.send("GET", "/Patient/b", &headers, "").await.status, 304);
    }
}

#[actix_web::test]
async fn d_39_a_search_shows_and_counts_what_may_be_seen() {
    let world = World::new();
    let a = world.token("patient/*.rs", Some("a"));
    let heard = world.ask(&a, "GET", "/Observation?status=final").await;
    let bundle = heard.json();
    assert_eq!(
        (heard.status, heard.ids()),
        (200, vec!["a-sugar".to_owned(), "a-weight".to_owned()])
    );
    assert_eq!(bundle["total"], 2, "the server behind says 999");
    assert_eq!(bundle["entry"][0]["fullUrl"], format!("{BASE}/Observation/a-sugar"));
    assert_eq!(heard.link("self"), Some(format!("{BASE}/Observation?status=final")));
    let count = world.ask(&a, "GET", "/Observation?_summary=count").await.json();
    assert_eq!((&count["total"], count.get("entry")), (&2.into(), None));
    assert_eq!(
        world.ask(&world.anyone(), "GET", "/Observation?_summary=count").await.json()["total"],
        999
    );
    let asked = world.stub.requests();
    assert!(asked.iter().any(|one| one.contains("patient=Patient%2Fa")), "{asked:?}");
}

#[actix_web::test]
async fn d_37_a_search_for_another_patient_goes_nowhere() {
    let world = World::new();
    let a = world.token("patient/*.rs", Some("a"));
    for target in ["/Observation?patient=b", "/Observation?subject=Patient/b", "/Patient?_id=b"] {
        assert_eq!(world.ask(&a, "GET", target).await.status, 403, "{target}");
    }
    assert!(world.stub.requests().is_empty());
}

#[actix_web::test]
async fn d_38_a_chain_is_for_those_to_whom_all_of_it_is_open() {
    let world = World::new();
    let target = "/Observation?subject:Patient.name=beta";
    let narrow = world.token("patient/*.rs", Some("a"));
    let refused = world.ask(&narrow, "GET", target).await;
    assert!(matches!(refused.status, 400 | 501), "{}", refused.text);
    assert!(world.stub.requests().is_empty());
}

#[actix_web::test]
async fn what_was_not_understood_does_not_go_on() {
    let world = World::new();
    let a = world.token("patient/*.rs", Some("a"));
    let target = "/Observation?status=final&_elements:exclude=subject&colour.name=b&_summary:x=1\
                  &_elements=id&_contained=both";
    let found = world.ask(&a, "GET", target).await;
    assert_eq!(found.status, 200, "{}", found.text);
    let asked = world.stub.requests().into_iter().find(|one| one.starts_with("GET Observation?"));
    let asked = asked.unwrap();
    assert!(asked.contains("status=final"), "{asked}");
    for hidden in ["_elements", "colour", "_summary", "_contained"] {
        assert!(!asked.contains(hidden), "{asked}");
    }
}

#[actix_web::test]
async fn d_35_a_shared_resource_is_seen_by_those_whose_record_refers_to_it() {
    let world = World::new();
    let a = world.token("patient/Practitioner.rs patient/Observation.rs", Some("a"));
    assert_eq!(world.ask(&a, "GET", "/Practitioner/of-a").await.status, 200);
    assert_eq!(world.ask(&a, "GET", "/Practitioner/of-b").await.status, 404);
    assert_eq!(world.ask(&a, "GET", "/Practitioner").await.ids(), ["of-a"]);
    // Without a scope for what refers to it, nothing does.
    let alone = world.token("patient/Practitioner.rs", Some("a"));
    assert_eq!(world.ask(&alone, "GET", "/Practitioner/of-a").await.status, 404);
}

#[actix_web::test]
async fn pages_of_ours_are_filled_from_several_of_theirs() {
    let world = World::new();
    let base = world.stub.base();
    let page = |entries: &[&str], next: Option<u8>| {
        let entries: Vec<_> = entries
            .iter()
            .map(|id| json!({ "resource": super::observation(id, &id[..1]) }))
            .collect();
        let links: Vec<_> = next
            .map(|next| json!({ "relation": "next", "url": format!("{base}?page={next}") }))
            .into_iter()
            .collect();
        let bundle = json!({ "resourceType": "Bundle", "type": "searchset", "total": 77,
            "link": links, "entry": entries });
        Scripted::json(200, &bundle)
    };
    world.stub.script("Observation", page(&["b-1", "a-1", "b-2"], Some(2)));
    world.stub.script("?page=2", page(&["b-3", "b-4"], Some(3)));
    world.stub.script("?page=3", page(&["a-2", "a-3", "b-5"], None));
    let a = world.token("patient/*.rs", Some("a"));
    let first = world.ask(&a, "GET", "/Observation?_count=2").await;
    assert_eq!(first.ids(), ["a-1", "a-2"], "{}", first.text);
    assert!(first.json().get("total").is_none(), "how many there are is not known yet");
    let second = world.ask(&a, "GET", &first.link("next").unwrap()).await;
    assert_eq!((second.ids(), second.link("next")), (vec!["a-3".to_owned()], None));
}

#[actix_web::test]
async fn what_comes_along_needs_a_scope_and_a_match() {
    let world = World::new();
    let entry = |resource: serde_json::Value, mode: &str| json!({ "resource": resource, "search": { "mode": mode } });
    let patient = |id: &str| json!({ "resourceType": "Patient", "id": id });
    let bundle = json!({ "resourceType": "Bundle", "type": "searchset", "entry": [
        entry(super::observation("a-1", "a"), "match"), entry(patient("a"), "include"), entry(patient("b"), "include"),
        entry(json!({ "resourceType": "Practitioner", "id": "of-b" }), "include"),
        entry(json!({ "resourceType": "OperationOutcome", "issue": [{ "diagnostics": "b has HIV" }] }), "outcome"),
    ] });
    world.stub.script("Observation", Scripted::json(200, &bundle));
    let target = "/Observation?_include=Observation:subject&_include=Observation:performer";
    let a = world.token("patient/*.rs", Some("a"));
    assert_eq!(world.ask(&a, "GET", target).await.ids(), ["a-1", "a"]);
    let narrow = world.token("patient/Observation.rs", Some("a"));
    assert_eq!(world.ask(&narrow, "GET", target).await.ids(), ["a-1"]);
}

#[actix_web::test]
async fn a_history_shows_the_versions_that_may_be_seen() {
    let world = World::new();
    let version = |patient: &str, number: u8| {
        let mut resource = super::observation("x", patient);
        resource["meta"]["versionId"] = number.to_string().into();
        json!({ "resource": resource, "request": { "method": "PUT", "url": "Observation/x" },
            "response": { "status": "200 OK", "etag": format!("W/\"{number}\""), "lastModified": "<b>" } })
    };
    let deletion = json!({ "request": { "method": "DELETE", "url": "Observation/x" }, "response": { "status": "204" } });
    let history = |entries: serde_json::Value| {
        Scripted::json(
            200,
            &json!({ "resourceType": "Bundle", "type": "history", "total": 9, "entry": entries }),
        )
    };
    world.stub.script(
        "Observation/x/_history",
        history(json!([deletion, version("a", 2), version("b", 1)])),
    );
    let a = world.token("patient/*.rs", Some("a"));
    let shown = world.ask(&a, "GET", "/Observation/x/_history").await.json();
    assert_eq!((&shown["total"], shown["entry"].as_array().unwrap().len()), (&2.into(), 2));
    assert_eq!(shown["entry"][0]["request"]["method"], "DELETE");
    assert_eq!(shown["entry"][1]["response"], json!({ "status": "200", "etag": "W/\"2\"" }));
    let c = world.token("patient/*.rs", Some("c"));
    assert_eq!(world.ask(&c, "GET", "/Observation/x/_history").await.status, 404);
    world.stub.script(
        "Observation/_history",
        history(json!([deletion, version("a", 2), version("b", 1)])),
    );
    let shown = world.ask(&a, "GET", "/Observation/_history").await;
    assert_eq!(shown.ids(), ["x"], "whose the deleted one was, nobody says");
    assert!(shown.text.contains("\\\"2\\\"") && !shown.text.contains("Patient/b"));
}

#[actix_web::test]
async fn row_87_everything_is_refused_whole_where_something_is_not_covered() {
    let world = World::new();
    let entry = |resource: serde_json::Value| json!({ "resource": resource });
    let all = |more: Vec<serde_json::Value>| {
        let mut entries = vec![
            entry(json!({ "resourceType": "Patient", "id": "a" })),
            entry(super::observation("a-1", "a")),
        ];
        entries.extend(more);
        Scripted::json(
            200,
            &json!({ "resourceType": "Bundle", "type": "searchset", "entry": entries }),
        )
    };
    let a = world.token("patient/*.rs", Some("a"));
    world.stub.script("Patient/a/$everything", all(Vec::new()));
    assert_eq!(world.ask(&a, "GET", "/Patient/a/$everything").await.ids(), ["a", "a-1"]);
    assert_eq!(world.ask(&a, "GET", "/Patient/b/$everything").await.status, 404);
    let narrow = world.token("patient/Patient.rs", Some("a"));
    assert_eq!(world.ask(&narrow, "GET", "/Patient/a/$everything").await.status, 403);
    world.stub.script("Patient/a/$everything", all(vec![entry(super::observation("b-1", "b"))]));
    let refused = world.ask(&a, "GET", "/Patient/a/$everything").await;
    assert_eq!((refused.status, refused.text.contains("a-1")), (403, false));
}

#[actix_web::test]
async fn cf_7_metadata_states_what_both_do() {
    let world = World::new();
    let theirs = json!({ "resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "name": "internal-name",
        "implementation": { "url": world.stub.base() },
        "rest": [{ "mode": "server", "security": { "description": "none" }, "resource": [
            { "type": "Patient", "interaction": [{ "code": "read" }, { "code": "search-type" }],
              "searchParam": [{ "name": "name", "type": "string" }, { "name": "x", "type": "string" }] }] }] });
    world.stub.script("metadata", Scripted::json(200, &theirs));
    let statement = world.send("GET", "/metadata", &[], "").await;
    let (text, statement) = (statement.text.clone(), statement.json());
    assert_eq!(statement["implementation"]["url"], BASE);
    assert!(!text.contains("internal-name") && !text.contains(&world.stub.base()));
    let resources = statement["rest"][0]["resource"].as_array().unwrap();
    assert_eq!(resources.len(), 1);
    assert_eq!(resources[0]["searchParam"], json!([{ "name": "name", "type": "string" }]));
    assert_eq!(
        statement["rest"][0]["security"]["service"][0]["coding"][0]["code"],
        "SMART-on-FHIR"
    );
    let smart = world.send("GET", "/.well-known/smart-configuration", &[], "").await;
    assert!(smart.status == 200 && smart.json()["token_endpoint"].is_string());
}
