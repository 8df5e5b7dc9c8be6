//! Searching over HTTP: bundles and their links.

use super::{BASE, FHIR, World};

#[actix_web::test]
async fn a_search_gives_a_bundle_of_what_may_be_seen() {
    let world = World::new().await;
    let a = world.token("patient/*.rs", Some("a"));
    let heard = world.ask(&a, "GET", "/Observation?category=laboratory").await;
    let bundle = heard.json();
    assert_eq!(
        (heard.status, &bundle["type"], &bundle["total"]),
        (200, &"searchset".into(), &1.into())
    );
    assert_eq!(bundle["entry"][0]["fullUrl"], format!("{BASE}/Observation/a-sugar"));
    assert_eq!(bundle["entry"][0]["search"]["mode"], "match");
    assert_eq!(heard.link("self"), Some(format!("{BASE}/Observation?category=laboratory")));
    assert_eq!(heard.link("next"), None);
    let none = world.ask(&a, "GET", "/Observation?category=imaging").await;
    assert_eq!(none.json()["total"], 0);
    assert!(none.json().get("entry").is_none());
    let count = world.ask(&a, "GET", "/Observation?_summary=count").await;
    assert_eq!((count.json()["total"].as_u64(), count.ids().len()), (Some(2), 0));
}

#[actix_web::test]
async fn a_search_may_be_posted() {
    let world = World::new().await;
    let bearer = format!("Bearer {}", world.anyone());
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let headers = [("Authorization", bearer.as_str()), form];
    let body = "subject=Patient%2Fb&_count=1&_sort=_id";
    let heard = world.send("POST", "/Observation/_search", &headers, body).await;
    assert_eq!((heard.status, heard.ids()), (200, vec!["b-sugar".to_owned()]));
    let next = heard.link("next").unwrap();
    let next = world.ask(&world.anyone(), "GET", next.strip_prefix(BASE).unwrap()).await;
    assert_eq!((next.ids(), next.link("next")), (vec!["b-weight".to_owned()], None));
    let headers = [("Authorization", bearer.as_str()), FHIR];
    let wrong = world.send("POST", "/Observation/_search", &headers, "{}").await;
    assert_eq!(wrong.status, 415);
}

#[actix_web::test]
async fn pages_are_linked_and_a_link_gives_a_stranger_nothing() {
    let world = World::new().await;
    let a = world.token("patient/Observation.rs", Some("a"));
    let first = world.ask(&a, "GET", "/Observation?_count=1&_sort=_id").await;
    assert_eq!(first.ids(), ["a-sugar"]);
    let next = first.link("next").unwrap();
    let next = next.strip_prefix(BASE).unwrap();
    assert_eq!(world.ask(&a, "GET", next).await.ids(), ["a-weight"]);
    // Nor does it serve another token of somebody else, or one that looks like it.
    let b = world.token("patient/Observation.rs", Some("b"));
    for (token, link) in
        [(&b, next), (&a, &next.replace("_page=", "_page=x")), (&a, "/Observation?_page=1.x")]
    {
        let refused = world.ask(token, "GET", link).await;
        assert_eq!((refused.status, refused.issue()), (400, "invalid".to_owned()), "{link}");
    }
    let renewed = world.token("patient/Observation.rs patient/Patient.rs", Some("a"));
    assert_eq!(world.ask(&renewed, "GET", next).await.ids(), ["a-weight"]);
    assert_eq!(world.send("GET", next, &[], "").await.status, 401);
    let other = next.replace("_sort=_id", "_sort=-_id");
    assert_eq!(world.ask(&a, "GET", &other).await.status, 400);
}

#[actix_web::test]
async fn what_comes_along_is_marked_as_such() {
    let world = World::new().await;
    let a = world.token("patient/*.rs", Some("a"));
    let target = "/Patient?_revinclude=Observation:subject";
    let bundle = world.ask(&a, "GET", target).await.json();
    assert_eq!(bundle["total"], 1);
    let entries = bundle["entry"].as_array().unwrap();
    let modes: Vec<_> = entries.iter().map(|e| e["search"]["mode"].as_str().unwrap()).collect();
    assert_eq!(modes, ["match", "include", "include"]);
}

#[actix_web::test]
async fn the_demos_records_are_served() {
    let world = World::with_the_demos_records().await;
    let hank = world.token("patient/*.rs", Some("hank-carter"));
    let a1c = world
        .ask(&hank, "GET", "/Observation?code=http://loinc.org|4548-4&_sort=date&_count=100")
        .await;
    assert!(a1c.ids().len() > 30);
    // The authorization server looks for patients like this.
    let system = world.token("system/Patient.rs", None);
    for target in [
        "/Patient?name=hank&_count=20",
        "/Patient?birthdate=1967-11-11",
        "/Patient?identifier=MRN-000037",
        "/Patient?_id=hank-carter",
    ] {
        assert_eq!(world.ask(&system, "GET", target).await.ids(), ["hank-carter"], "{target}");
    }
}

#[actix_web::test]
async fn what_nobody_knows_is_left_out_and_told_unless_the_asker_is_strict() {
    let world = World::new().await;
    let a = world.token("patient/*.rs", Some("a"));
    let heard = world.ask(&a, "GET", "/Observation?colour=blue&category=laboratory").await;
    let bundle = heard.json();
    assert_eq!((heard.status, &bundle["total"]), (200, &1.into()));
    assert_eq!(heard.link("self"), Some(format!("{BASE}/Observation?category=laboratory")));
    let told = &bundle["entry"][1];
    assert_eq!(told["search"]["mode"], "outcome");
    assert_eq!(told["resource"]["issue"][0]["severity"], "warning");
    assert!(told["resource"]["issue"][0]["diagnostics"].as_str().unwrap().contains("colour"));
    let bearer = format!("Bearer {a}");
    let headers =
        [("Authorization", bearer.as_str()), ("Prefer", "respond-async, handling=strict")];
    let strict = world.send("GET", "/Observation?colour=blue", &headers, "").await;
    assert_eq!((strict.status, strict.issue()), (400, "invalid".to_owned()));
    for refused in
        ["_filter=a", "_text=a", "_content=a", "_list=a", "code:in=http://v", "date=soon"]
    {
        let heard = world.ask(&a, "GET", &format!("/Observation?{refused}")).await;
        assert_eq!(heard.status, 400, "{refused}");
    }
}

#[actix_web::test]
async fn a_part_of_each_resource_is_shown_where_no_more_is_wanted() {
    let world = World::new().await;
    let a = world.token("patient/*.rs", Some("a"));
    let first = async |query: &str| {
        let heard = world.ask(&a, "GET", &format!("/Observation?_sort=_id&{query}")).await;
        heard.json()["entry"][0]["resource"].clone()
    };
    let elements = first("_elements=subject").await;
    assert!(elements.get("subject").is_some() && elements.get("category").is_none());
    assert!(elements.get("status").is_some(), "no resource lacks it");
    assert_eq!(elements["meta"]["tag"][0]["code"], "SUBSETTED");
    for (query, shown) in [
        ("_summary=true", false),
        ("_summary=text", false),
        ("_summary=data", true),
        ("_summary=false", true),
    ] {
        assert_eq!(first(query).await.get("category").is_some(), shown, "{query}");
    }
    assert_eq!(world.ask(&a, "GET", "/Observation?_summary=some").await.status, 400);
}

#[actix_web::test]
async fn row_087_everything_is_given_whole_or_refused() {
    let world = World::new().await;
    let a = world.token("patient/*.rs", Some("a"));
    let first = world.ask(&a, "GET", "/Patient/a/$everything?_count=3").await;
    assert_eq!((first.status, first.ids().len()), (200, 3));
    let next = first.link("next").unwrap();
    let next = next.strip_prefix(BASE).unwrap();
    let mut all = [first.ids(), world.ask(&a, "GET", next).await.ids()].concat();
    all.sort();
    assert_eq!(all, ["a", "a-sugar", "a-weight", "of-a"]);
    let b = world.token("patient/*.rs", Some("b"));
    assert_eq!(world.ask(&b, "GET", next).await.status, 400);
    assert_eq!(world.ask(&b, "GET", "/Patient/a/$everything").await.status, 404);
    let some = world.token("patient/Patient.rs patient/Observation.rs", Some("a"));
    let refused = world.ask(&some, "GET", "/Patient/a/$everything").await;
    assert_eq!((refused.status, refused.issue()), (403, "forbidden".to_owned()));
    assert!(refused.text.contains("Practitioner"), "{}", refused.text);
    let typed = world.ask(&some, "GET", "/Patient/a/$everything?_type=Observation").await;
    assert_eq!((typed.status, typed.ids().len()), (200, 2));
}
