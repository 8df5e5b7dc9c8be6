//! The audit trail of requests: what was shown, to whom, and what was refused.

use serde_json::{Value, json};

use super::{BASE, FHIR, ISSUER, NOW, World};

impl World {
    /// The events that are written down and not delivered yet, in order.
    async fn told(&self) -> Vec<Value> {
        let events = self.server.records.undelivered(1_000).await.unwrap();
        events.iter().map(|event| serde_json::from_str(&event.body).unwrap()).collect()
    }

    /// Everything that is told of one request.
    async fn told_of(&self, token: &str, method: &str, target: &str) -> Vec<Value> {
        let before = self.told().await.len();
        self.ask(token, method, target).await;
        self.told().await.split_off(before)
    }

    /// A token of the issuer itself.
    fn issuers(&self, scope: &str) -> String {
        let own = json!({ "iss": ISSUER, "aud": BASE, "sub": "fireward", "client_id": "fireward",
            "scope": scope, "jti": "t2", "iat": NOW, "exp": NOW + 60 });
        self.sign(&own)
    }
}

fn patients(events: &[Value]) -> Vec<String> {
    let of = |event: &Value| {
        let entities = event["entity"].as_array().unwrap();
        let patient = entities.iter().find(|entity| entity["role"]["code"] == "1");
        patient
            .map_or_else(String::new, |one| one["what"]["reference"].as_str().unwrap().to_owned())
    };
    events.iter().map(of).collect()
}

#[actix_web::test]
async fn row_052_a_read_is_told_before_it_is_answered() {
    let world = World::new().await;
    let told = world.told_of(&world.anyone(), "GET", "/Patient/a").await;
    assert_eq!(patients(&told), ["Patient/a"]);
    let profiles = told[0]["meta"]["profile"].to_string();
    assert!(profiles.contains("IHE.BasicAudit.PatientRead|"), "{profiles}");
    assert!(profiles.contains("OAUTHaccessTokenUse.Comprehensive|"), "{profiles}");
    let user = &told[0]["agent"][2];
    assert_eq!(user["who"]["identifier"], json!({ "system": ISSUER, "value": "alice" }));
    assert_eq!(
        (&user["policy"], &user["who"]["reference"]),
        (&json!(["t1"]), &json!("Practitioner/of-a"))
    );
    assert_eq!(told[0]["agent"][0]["who"]["identifier"]["value"], "growth-chart");
}

#[actix_web::test]
async fn row_052_a_search_is_told_once_for_each_patient_whom_it_shows() {
    let world = World::new().await;
    let told = world.told_of(&world.anyone(), "GET", "/Observation?_count=50").await;
    assert_eq!(patients(&told), ["Patient/a", "Patient/b"]);
    assert!(told.iter().all(|event| event["subtype"][0]["code"] == "search-type"));
    let none = world.told_of(&world.anyone(), "GET", "/Observation?patient=nobody").await;
    assert_eq!(patients(&none), ["Patient/nobody"], "whom it asked for, though nothing was found");
    let staff = world.told_of(&world.anyone(), "GET", "/Practitioner").await;
    assert_eq!(patients(&staff), [""]);
}

#[actix_web::test]
async fn row_052_a_search_is_told_of_whom_it_is_about_though_its_answer_names_nobody() {
    let world = World::new().await;
    for shape in ["_elements=value", "_summary=text", "_summary=count"] {
        let target = format!("/Observation?subject:Patient=b&{shape}");
        assert_eq!(patients(&world.told_of(&world.anyone(), "GET", &target).await), ["Patient/b"]);
    }
    let all = world.told_of(&world.anyone(), "GET", "/Observation?_elements=value").await;
    assert_eq!(patients(&all), ["Patient/a", "Patient/b"]);
    let before = world.told().await.len();
    let entry = json!({ "request": { "method": "GET", "url": "Observation?_elements=value" } });
    let batch = json!({ "resourceType": "Bundle", "type": "batch", "entry": [entry] });
    assert_eq!(world.write("POST", "/", &[], &batch).await.status, 200);
    assert_eq!(patients(&world.told().await.split_off(before)), ["Patient/a", "Patient/b"]);
}

#[actix_web::test]
async fn a_token_in_a_query_is_not_told() {
    let world = World::new().await;
    let token = world.anyone();
    let target = format!("/Observation?access_token={token}&_count=1");
    assert_eq!(world.ask(&token, "GET", &target).await.status, 400);
    let told = world.told().await;
    // https://fhir.example/fhir/Observation?_count=1
    let query = "aHR0cHM6Ly9maGlyLmV4YW1wbGUvZmhpci9PYnNlcnZhdGlvbj9fY291bnQ9MQ==";
    assert_eq!(told[0]["entity"][1]["query"], query);
}

#[actix_web::test]
async fn a_posted_search_is_told_with_its_form() {
    let world = World::new().await;
    let bearer = format!("Bearer {}", world.anyone());
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let all = [("Authorization", bearer.as_str()), form];
    world.send("POST", "/Observation/_search", &all, "patient=a").await;
    let told = world.told().await;
    assert_eq!(patients(&told), ["Patient/a"]);
    let query = told[0]["entity"][1]["query"].as_str().unwrap();
    // https://…/Observation/_search?patient=a
    assert!(query.ends_with("P3BhdGllbnQ9YQ==") || query.ends_with("cGF0aWVudD1h"), "{query}");
}

#[actix_web::test]
async fn row_052_a_denial_is_told_with_its_reason_and_whom_it_was_about() {
    let world = World::new().await;
    let token = world.token("patient/Observation.rs", Some("a"));
    for (target, status, of) in [
        ("/Patient/a", "403", "Patient/a"),
        ("/Observation?patient=b", "403", "Patient/b"),
        ("/Observation/missing", "404", ""),
        ("/Observation?date=nonsense", "400", ""),
        ("/Nonsense", "404", ""),
    ] {
        let told = world.told_of(&token, "GET", target).await;
        assert_eq!((told[0]["outcome"].as_str(), told.len()), (Some("4"), 1), "{target}");
        assert_eq!(patients(&told), [of], "{target}");
        let why = told[0]["outcomeDesc"].as_str().unwrap();
        assert!(why.starts_with(status), "{target}: {why}");
    }
}

#[actix_web::test]
async fn requests_without_a_token_are_told_and_cannot_fill_the_trail() {
    let world = World::new().await;
    for _ in 0..50 {
        world.send("GET", "/Patient/a", &[("Authorization", "Bearer nonsense")], "").await;
    }
    let told = world.told().await;
    assert_eq!(told.len(), 20);
    assert!(told[0]["outcomeDesc"].as_str().unwrap().starts_with("401"));
    assert_eq!(told[0]["agent"][0]["requestor"], true);
    assert_eq!(patients(&told), [""; 20], "nobody's own trail can be filled from outside");
    assert!(!told[0]["entity"].to_string().contains("Patient/a"));
    world.clock.store(NOW + 1, std::sync::atomic::Ordering::SeqCst);
    world.send("GET", "/Patient/a", &[], "").await;
    assert_eq!(world.told().await.len(), 21);
}

#[actix_web::test]
async fn row_053_a_write_is_told_once_and_has_a_provenance() {
    let world = World::new().await;
    let heard = world.ask(&world.anyone(), "GET", "/Observation/a1").await;
    let observation = if heard.status == 200 {
        heard.json()
    } else {
        world.ask(&world.anyone(), "GET", "/Observation?patient=a").await.json()["entry"][0]["resource"].clone()
    };
    let id = observation["id"].as_str().unwrap();
    let before = world.told().await.len();
    let heard = world.write("PUT", &format!("/Observation/{id}"), &[], &observation).await;
    assert_eq!(heard.status, 200);
    let told = world.told().await.split_off(before);
    assert_eq!((told.len(), &told[0]["action"]), (1, &json!("U")));
    assert_eq!(patients(&told), ["Patient/a"]);
    let token = world.token("patient/Provenance.rs", Some("a"));
    let found =
        world.ask(&token, "GET", &format!("/Provenance?target=Observation/{id}")).await.json();
    let target = &found["entry"][0]["resource"]["target"][0]["reference"];
    assert_eq!(target, &json!(format!("Observation/{id}/_history/2")));
}

#[actix_web::test]
async fn a_304_is_told_as_the_read_that_it_is() {
    let world = World::new().await;
    let bearer = format!("Bearer {}", world.anyone());
    let known = [("Authorization", bearer.as_str()), ("If-None-Match", "W/\"1\"")];
    let target = format!(
        "/Observation/{}",
        world.ask(&world.anyone(), "GET", "/Observation?patient=b").await.ids()[0]
    );
    let before = world.told().await.len();
    assert_eq!(world.send("GET", &target, &known, "").await.status, 304);
    assert_eq!(patients(&world.told().await.split_off(before)), ["Patient/b"]);
}

#[actix_web::test]
async fn the_issuer_adds_to_the_trail_once_and_no_app_does() {
    let world = World::new().await;
    let event = json!({ "resourceType": "AuditEvent", "id": "e1", "recorded": "2026-01-01T00:00:00Z",
        "type": { "code": "rest" }, "agent": [{ "requestor": true }],
        "source": { "observer": { "display": "issuer" } } });
    let put = async |token: &str, method: &str| {
        let bearer = format!("Bearer {token}");
        let all = [("Authorization", bearer.as_str()), FHIR];
        world.send(method, "/AuditEvent/e1", &all, event.to_string()).await.status
    };
    assert_eq!(put(&world.token("system/AuditEvent.cruds", None), "PUT").await, 403);
    let before = world.told().await.len();
    let own = world.issuers("system/AuditEvent.cu");
    assert_eq!(put(&own, "PUT").await, 201);
    assert_eq!(put(&own, "PUT").await, 412, "there it is");
    assert_eq!(put(&own, "DELETE").await, 403);
    let told = world.told().await.split_off(before);
    assert_eq!(told.len(), 0, "to tell of telling would never end");
}

#[actix_web::test]
async fn the_trail_is_searched_where_it_was_delivered() {
    let world = World::new().await;
    world.ask(&world.anyone(), "GET", "/Patient/a").await;
    world.ask(&world.anyone(), "GET", "/Patient/b").await;
    assert_eq!(world.server.deliver().await, 2);
    let own = world.token("patient/AuditEvent.rs", Some("a"));
    let found = world.ask(&own, "GET", "/AuditEvent?date=ge2000&_sort=-date").await;
    assert_eq!(found.ids().len(), 1);
    assert_eq!(world.ask(&world.anyone(), "GET", "/AuditEvent").await.status, 403);
    // That, too, was told.
    assert_eq!(patients(&world.told().await)[0], "Patient/a");
}

#[actix_web::test]
async fn what_anybody_may_read_is_not_told() {
    let world = World::new().await;
    for target in ["/metadata", "/.well-known/smart-configuration"] {
        assert_eq!(world.send("GET", target, &[], "").await.status, 200);
    }
    assert!(world.told().await.is_empty());
}

#[actix_web::test]
async fn row_052_what_is_shown_in_part_is_told_as_what_it_is_part_of() {
    let world = World::new().await;
    for target in
        ["/Observation?_elements=status&_count=50", "/Observation?_summary=text&_count=50"]
    {
        let told = world.told_of(&world.anyone(), "GET", target).await;
        assert_eq!(patients(&told), ["Patient/a", "Patient/b"], "{target}");
    }
    let found = world.ask(&world.anyone(), "GET", "/Observation?patient=a").await.json();
    let id = found["entry"][0]["resource"]["id"].as_str().unwrap();
    let target = format!("/Observation/{id}?_elements=status");
    let told = world.told_of(&world.anyone(), "GET", &target).await;
    assert_eq!(patients(&told), ["Patient/a"]);
}
