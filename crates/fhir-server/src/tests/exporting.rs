//! Bulk exports from the kick-off to the last file.

mod carried_on;

use fireward_fhir_store::Limits;
use serde_json::{Value, json};

use super::{FHIR, Heard, NOW, World};
use crate::FhirServer;

const ASYNC: (&str, &str) = ("Prefer", "respond-async");

impl World {
    fn backend(&self, client: &str, scope: &str, more: &Value) -> String {
        let mut claims = json!({
            "iss": super::ISSUER, "aud": super::BASE, "sub": client, "client_id": client,
            "scope": scope, "jti": "t1", "iat": NOW, "exp": NOW + 100_000,
        });
        let members = claims.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        self.sign(&claims)
    }

    fn exporter(&self) -> String {
        self.backend("backend", "system/*.rs", &json!({}))
    }

    async fn kick_off(&self, token: &str, target: &str) -> Heard {
        let bearer = format!("Bearer {token}");
        self.send("GET", target, &[("Authorization", &bearer), ASYNC], "").await
    }

    /// Asks for the status until there is an answer, however often it is told to wait.
    async fn status(&self, token: &str, at: &str) -> Heard {
        for _ in 0..500 {
            let heard = self.ask(token, "GET", at).await;
            match heard.status {
                202 => assert!(heard.header("x-progress").contains("types done"), "{heard:?}"),
                429 => {}
                _ => return heard,
            }
            assert!(heard.header("retry-after").parse::<u32>().unwrap() >= 1);
            actix_web::rt::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the export does not end");
    }

    /// Exports, and gives where the status is with the manifest.
    async fn exported(&self, token: &str, target: &str) -> (String, Value) {
        let at = accepted(&self.kick_off(token, target).await);
        let heard = self.status(token, &at).await;
        assert_eq!(heard.status, 200, "{heard:?}");
        (at, heard.json())
    }

    /// The lines of all files of a list.
    async fn lines(&self, token: &str, manifest: &Value, list: &str) -> Vec<Value> {
        let mut all = Vec::new();
        for file in manifest[list].as_array().unwrap() {
            let heard = self.ask(token, "GET", below(file["url"].as_str().unwrap())).await;
            assert_eq!(
                (heard.status, heard.header("content-type")),
                (200, "application/fhir+ndjson")
            );
            assert_eq!(heard.header("cache-control"), "no-store");
            let lines: Vec<Value> =
                heard.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(file["count"], lines.len());
            assert!(lines.iter().all(|line| line["resourceType"] == file["type"]));
            all.extend(lines);
        }
        all
    }
}

fn accepted(heard: &Heard) -> String {
    assert_eq!(heard.status, 202, "{heard:?}");
    below(heard.header("content-location")).to_owned()
}

fn below(url: &str) -> &str {
    url.strip_prefix(super::BASE).unwrap()
}

fn names(lines: &[Value]) -> Vec<String> {
    let name = |line: &Value| {
        format!("{}/{}", line["resourceType"].as_str().unwrap(), line["id"].as_str().unwrap())
    };
    lines.iter().map(name).collect()
}

#[actix_web::test]
async fn d_44_everything_is_exported_as_it_is_stored() {
    let world = World::with_the_demos_records().await;
    let token = world.exporter();
    let (at, manifest) = world.exported(&token, "/$export").await;
    assert_eq!(manifest["requiresAccessToken"], true);
    assert_eq!(manifest["request"], format!("{}/$export", super::BASE));
    assert_eq!((&manifest["deleted"], &manifest["error"]), (&json!([]), &json!([])));
    let status = world.ask(&token, "GET", &at).await;
    assert_eq!(status.header("content-type"), "application/json");
    assert!(status.header("expires").ends_with("GMT"));
    let mut counted = 0;
    for file in manifest["output"].as_array().unwrap() {
        let kind = file["type"].as_str().unwrap();
        let search = world.ask(&token, "GET", &format!("/{kind}?_summary=count")).await;
        assert_eq!(search.json()["total"], file["count"], "{kind}");
        counted += file["count"].as_u64().unwrap();
    }
    let lines = world.lines(&token, &manifest, "output").await;
    assert_eq!(lines.len() as u64, counted);
    let hank = world.ask(&token, "GET", "/Patient/hank-carter").await;
    assert!(lines.contains(&hank.json()));
}

#[actix_web::test]
async fn d_44_no_step_without_a_token() {
    let world = World::new().await;
    let token = world.exporter();
    let (at, manifest) = world.exported(&token, "/$export").await;
    let file = below(manifest["output"][0]["url"].as_str().unwrap()).to_owned();
    for (method, target) in [
        ("GET", "/$export"),
        ("POST", "/Patient/$export"),
        ("GET", "/Group/g/$export"),
        ("GET", &at),
        ("DELETE", &at),
        ("PUT", &at),
        ("GET", &file),
        ("GET", "/exports/unknown"),
    ] {
        let heard = world.send(method, target, &[ASYNC], "").await;
        assert_eq!((heard.status, heard.issue().as_str()), (401, "login"), "{method} {target}");
        assert!(heard.header("www-authenticate").starts_with("Bearer"));
        let bad = [ASYNC, ("Authorization", "Bearer nonsense")];
        assert_eq!(world.send(method, target, &bad, "").await.status, 401);
    }
    assert_eq!(world.ask(&token, "GET", &at).await.status, 200, "nobody has deleted it");
}

#[actix_web::test]
async fn d_44_a_kick_off_is_refused_with_the_reason() {
    let world = World::new().await;
    let token = world.exporter();
    let bearer = format!("Bearer {token}");
    let auth = ("Authorization", bearer.as_str());
    let not_async = world.send("GET", "/$export", &[auth], "").await;
    assert_eq!((not_async.status, not_async.issue().as_str()), (400, "required"));
    assert!(not_async.text.contains("respond-async"));
    let xml = [auth, ASYNC, ("Accept", "application/fhir+xml")];
    assert_eq!(world.send("GET", "/$export", &xml, "").await.status, 406);
    for (target, issue) in [
        ("/$export?_elements=id", "not-supported"),
        ("/$export?includeAssociatedData=LatestProvenanceResources", "not-supported"),
        ("/$export?_type=Claim", "not-supported"),
        ("/$export?_since=yesterday", "invalid"),
        ("/$export?_outputFormat=text/csv", "invalid"),
        ("/$export?_type=Patient&_typeFilter=Observation?_id=1", "invalid"),
        ("/$export?_type=%ff", "invalid"),
        ("/Patient/$export?_type=Questionnaire", "not-supported"),
    ] {
        let heard = world.kick_off(&token, target).await;
        assert_eq!((heard.status, heard.issue().as_str()), (400, issue), "{target}");
    }
    assert_eq!(world.kick_off(&token, "/Group/nobody/$export").await.status, 404);
    assert_eq!(world.kick_off(&token, "/Group/a%20b/$export").await.status, 404);
    assert_eq!(world.kick_off(&token, "/Observation/$export").await.status, 501);
    for method in ["PUT", "DELETE", "PATCH"] {
        assert_eq!(world.send(method, "/$export", &[auth, ASYNC], "").await.status, 405);
    }
}

#[actix_web::test]
async fn d_44_bs_7_the_token_covers_what_is_exported() {
    let world = World::new().await;
    let patients = world.backend("backend", "system/Patient.rs", &json!({}));
    let refused = world.kick_off(&patients, "/$export?_type=Patient,Observation").await;
    assert_eq!((refused.status, refused.issue().as_str()), (403, "forbidden"));
    assert!(refused.header("www-authenticate").contains("system/Observation.rs"));
    for scope in ["user/*.rs", "patient/*.rs", "system/*.cud", "system/Patient.r", "openid"] {
        let more = json!({ "fhirUser": "Practitioner/of-a", "patient": "a" });
        let token = world.backend("backend", scope, &more);
        assert_eq!(world.kick_off(&token, "/Patient/$export").await.status, 403, "{scope}");
    }
    let (_, manifest) = world.exported(&patients, "/$export").await;
    let lines = world.lines(&patients, &manifest, "output").await;
    assert_eq!(names(&lines), ["Patient/a", "Patient/b"], "without `_type`, what the token covers");
    let labs = "system/Observation.rs?category=laboratory system/Patient.rs";
    let labs = world.backend("backend", labs, &json!({}));
    let (_, manifest) = world.exported(&labs, "/$export").await;
    let lines = world.lines(&labs, &manifest, "output").await;
    assert_eq!(
        names(&lines),
        ["Observation/a-sugar", "Observation/b-sugar", "Patient/a", "Patient/b"]
    );
    // AL-21
    world.clock.store(NOW + 100_001, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(world.kick_off(&labs, "/$export").await.status, 401, "an expired token");
}

#[actix_web::test]
async fn d_44_status_and_files_are_for_the_client_that_began() {
    let world = World::new().await;
    let token = world.exporter();
    let (at, manifest) = world.exported(&token, "/$export?_type=Observation").await;
    let file = below(manifest["output"][0]["url"].as_str().unwrap()).to_owned();
    let other = world.backend("other", "system/*.rs", &json!({}));
    let bound = world.backend("backend", "system/*.rs", &json!({ "fireward_group": "Group/g" }));
    for stranger in [&other, &bound] {
        for (method, target) in [("GET", &at), ("GET", &file), ("DELETE", &at)] {
            let heard = world.ask(stranger, method, target).await;
            assert_eq!((heard.status, heard.issue().as_str()), (404, "not-found"), "{method}");
        }
    }
    let user = world.backend("backend", "user/*.rs", &json!({ "fhirUser": "Practitioner/of-a" }));
    assert_eq!(world.ask(&user, "GET", &at).await.status, 403);
    for less in ["system/Patient.rs", "system/Observation.rs?category=laboratory"] {
        let less = world.backend("backend", less, &json!({}));
        assert_eq!(world.ask(&less, "GET", &file).await.status, 403, "the file is more than that");
        assert_eq!(world.ask(&less, "GET", &at).await.status, 200);
    }
    assert_eq!(world.ask(&token, "GET", &file).await.status, 200);
    for nothing in ["/2.ndjson", "/0.ndjson", "/1", "/x.ndjson", "/-1.ndjson"] {
        assert_eq!(world.ask(&token, "GET", &format!("{at}{nothing}")).await.status, 404);
    }
}

#[actix_web::test]
async fn d_44_a_deleted_export_is_not_found() {
    let world = World::new().await;
    let token = world.exporter();
    let (at, manifest) = world.exported(&token, "/$export").await;
    let file = below(manifest["output"][0]["url"].as_str().unwrap()).to_owned();
    assert_eq!(world.ask(&token, "DELETE", &at).await.status, 202);
    for target in [&at, &file] {
        let heard = world.ask(&token, "GET", target).await;
        assert_eq!((heard.status, heard.issue().as_str()), (404, "not-found"));
    }
    assert_eq!(world.ask(&token, "DELETE", &at).await.status, 404);
    // While it runs, too.
    let at = accepted(&world.kick_off(&token, "/$export").await);
    assert_eq!(world.ask(&token, "DELETE", &at).await.status, 202);
    assert_eq!(world.ask(&token, "GET", &at).await.status, 404);
}

#[actix_web::test]
async fn d_44_groups_patients_and_what_is_not_understood() {
    let world = World::new().await;
    let member = json!([{ "entity": { "reference": "Patient/b" } }]);
    let group = json!({ "resourceType": "Group", "id": "g", "type": "person", "actual": true, "member": member });
    assert_eq!(world.write("PUT", "/Group/g", &[], &group).await.status, 201);
    let token = world.exporter();
    let of_group =
        ["Observation/b-sugar", "Observation/b-weight", "Patient/b", "Practitioner/of-b"];
    let exported = async |token: &str, target: &str| {
        let (_, manifest) = world.exported(token, target).await;
        let mut names = names(&world.lines(token, &manifest, "output").await);
        names.sort();
        names
    };
    assert_eq!(exported(&token, "/Group/g/$export").await, of_group);
    assert_eq!(exported(&token, "/Patient/$export").await.len(), 8);
    // With the group, and where that comes from.
    assert_eq!(exported(&token, "/$export").await.len(), 10);
    // The token's own group is a bound, whatever is asked for.
    let bound = world.backend("bound", "system/*.rs", &json!({ "fireward_group": "Group/g" }));
    assert_eq!(exported(&bound, "/Patient/$export").await, of_group);
    assert_eq!(exported(&bound, "/Group/g/$export").await, of_group);
    let astray = world.backend("astray", "system/*.rs", &json!({ "fireward_group": "Group/h" }));
    assert_eq!(world.kick_off(&astray, "/Group/g/$export").await.status, 404);
    assert!(exported(&astray, "/$export").await.is_empty());
    assert_eq!(world.ask(&bound, "GET", "/Patient/a").await.status, 404);
    assert_eq!(world.ask(&bound, "GET", "/Patient/b").await.status, 200);
    // Leniently, and by POST.
    let parameter = json!([
        { "name": "_type", "valueString": "Patient,Claim" }, { "name": "_elements", "valueString": "id" },
    ]);
    let parameters = json!({ "resourceType": "Parameters", "parameter": parameter }).to_string();
    let bearer = format!("Bearer {token}");
    let lenient = ("Prefer", "respond-async, handling=lenient");
    let headers = [("Authorization", bearer.as_str()), lenient, FHIR];
    let heard = world.send("POST", "/$export", &headers, parameters);
    let at = accepted(&heard.await);
    let manifest = world.status(&token, &at).await.json();
    assert_eq!(world.lines(&token, &manifest, "output").await.len(), 2);
    let told = world.lines(&token, &manifest, "error").await;
    assert_eq!(told.len(), 2);
    assert!(told[0].to_string().contains("Claim") && told[1].to_string().contains("_elements"));
}

#[actix_web::test]
async fn d_44_since_the_last_export_nothing_is_missed_and_deletions_are_told() {
    let world = World::new().await;
    let token = world.exporter();
    let (_, first) = world.exported(&token, "/$export").await;
    let since = format!(
        "/$export?_type=Patient,Observation&_since={}",
        first["transactionTime"].as_str().unwrap()
    );
    let (_, nothing) = world.exported(&token, &since).await;
    assert_eq!((&nothing["output"], &nothing["deleted"]), (&json!([]), &json!([])));
    assert_eq!(world.ask(&world.anyone(), "DELETE", "/Observation/a-sugar").await.status, 204);
    let patient = json!({ "resourceType": "Patient", "id": "c" });
    assert_eq!(world.write("PUT", "/Patient/c", &[], &patient).await.status, 201);
    world.clock.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    let (at, later) = world.exported(&token, &since).await;
    let mut written = names(&world.lines(&token, &later, "output").await);
    written.retain(|name| !name.starts_with("Provenance/"));
    assert_eq!(written, ["Patient/c"]);
    let deleted = world.lines(&token, &later, "deleted").await;
    assert_eq!(deleted[0]["entry"][0]["request"]["url"], "Observation/a-sugar");
    assert_eq!(deleted[0]["entry"][0]["request"]["method"], "DELETE");
    // What changes afterwards changes no file.
    assert_eq!(world.ask(&world.anyone(), "DELETE", "/Patient/c").await.status, 204);
    let again = world.ask(&token, "GET", &at).await.json();
    let mut kept = names(&world.lines(&token, &again, "output").await);
    kept.retain(|name| !name.starts_with("Provenance/"));
    assert_eq!(kept, ["Patient/c"]);
}

#[actix_web::test]
async fn d_44_long_files_are_split() {
    let mut world = World::with_the_demos_records().await;
    let mut server = (**world.server).clone();
    server.export.lines = 500;
    world.server = actix_web::web::Data::new(server);
    let token = world.exporter();
    let (_, manifest) = world.exported(&token, "/$export?_type=Observation,Patient").await;
    let files = manifest["output"].as_array().unwrap();
    assert!(files.len() > 3 && files.iter().all(|file| file["count"].as_u64().unwrap() <= 500));
    let lines = world.lines(&token, &manifest, "output").await;
    let mut names = names(&lines);
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "each once");
    let total = async |kind: &str| {
        let heard = world.ask(&token, "GET", &format!("/{kind}?_summary=count")).await.json();
        heard["total"].as_u64().unwrap()
    };
    assert_eq!(all as u64, total("Observation").await + total("Patient").await);
}

#[actix_web::test]
async fn d_44_a_client_waits_for_its_exports() {
    let mut world = World::new().await;
    let mut server = (**world.server).clone();
    (server.export.limits, server.export.at_once) = (Limits { running: 2, kept: 3 }, 0);
    world.server = actix_web::web::Data::new(server);
    let token = world.exporter();
    for _ in 0..2 {
        accepted(&world.kick_off(&token, "/$export").await);
    }
    let heard = world.kick_off(&token, "/$export").await;
    assert_eq!((heard.status, heard.issue().as_str()), (429, "throttled"));
    assert!(heard.header("retry-after").parse::<u32>().is_ok());
    let other = world.backend("other", "system/*.rs", &json!({}));
    let at = accepted(&world.kick_off(&other, "/$export").await);
    // Whoever asks again and again hears to wait, and finds the export as it was.
    for poll in 1..=21 {
        let heard = world.ask(&other, "GET", &at).await;
        assert_eq!(heard.status, if poll < 21 { 202 } else { 429 }, "{poll}");
        assert!(heard.header("retry-after").parse::<u32>().is_ok());
    }
    let first = world.ask(&other, "GET", &at).await;
    assert_eq!((first.status, first.issue().as_str()), (429, "throttled"));
}
