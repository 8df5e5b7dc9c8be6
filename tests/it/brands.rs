//! User-access brands: what an administrator publishes is checked, found from smart-configuration, and read by everybody.

mod samples;

use std::{fs, time::Instant};

use fireward_jose::Algorithm;
use fireward_testkit::{Answer, Backend, Client, Database, Server, run, until};
use reqwest::Method;
use serde_json::{Value, json};

use self::samples::{bundle, lab};
use crate::world::{FHIR, ISSUER, World};

const BRANDS: &str = "https://fireward.dev/scopes/brands";
const LAUNCHES: &str = "https://fireward.dev/scopes/launch-contexts";
const SMART: &str = "/.well-known/smart-configuration";

/// A deployment, and a client with the right to maintain its brands.
struct Scene {
    world: World,
    nodes: Vec<Server>,
    http: Client,
    token: String,
}

impl Scene {
    async fn new(database: Database, nodes: usize) -> Self {
        let world = World::new(database, "");
        let nodes: Vec<_> = (0..nodes).map(|_| world.node_that_logs("info")).collect();
        let maintainer = Backend::new("maintainer", Algorithm::ES384);
        world.import("client", &maintainer.metadata(BRANDS));
        let answer = maintainer.token(ISSUER, &nodes[0].address(), BRANDS).await;
        let token = answer.text("access_token").to_owned();
        Self { world, nodes, http: Client::public("nobody", "", FHIR), token }
    }

    fn at(&self, node: usize, path: &str) -> String {
        format!("{}{path}", self.nodes[node].address())
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, path, headers, None).await
    }

    async fn put(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [&[("authorization", bearer.as_str())], headers].concat();
        self.ask(Method::PUT, path, &headers, Some(body)).await
    }

    async fn delete(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [&[("authorization", bearer.as_str())], headers].concat();
        self.ask(Method::DELETE, path, &headers, None).await
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let url = self.at(0, path);
        let send = |http: &reqwest::Client| {
            let mut request = http.request(method, &url);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            if let Some(body) = body {
                let typed = request.header("content-type", "application/fhir+json");
                request = typed.body(body.to_string());
            }
            request
        };
        self.http.send(send).await
    }
}

#[tokio::test]
async fn ub_2_ub_3_ub_6_ub_9_cf_4_brands_are_published_to_everybody_and_named_exactly_while_there_are_some()
 {
    let scene = Scene::new(Database::sqlite(), 1).await;
    let smart = async || scene.get(SMART, &[]).await.json;
    assert!(smart().await.get("user_access_brand_bundle").is_none(), "CF-4: there is none yet");
    assert_eq!(scene.get("/brands", &[]).await.status, 404);

    let published = scene.put("/brands", &[], &bundle()).await;
    assert_eq!(published.status, 201, "{}", published.body);
    let document = smart().await;
    assert_eq!(document["user_access_brand_bundle"], json!(format!("{ISSUER}/brands")));
    let identifier = &document["user_access_brand_identifier"];
    assert_eq!(identifier["value"], json!("https://clinic.example"));
    let origin = ("origin", "https://app.example");
    let read = scene.get("/brands", &[origin]).await;
    assert_eq!(read.status, 200);
    assert_eq!(read.body, published.body, "to the letter");
    assert!(read.header("content-type").starts_with("application/fhir+json"));
    assert_eq!(read.header("access-control-allow-origin"), "*", "UB-3");
    assert!(read.header("access-control-expose-headers").contains("ETag"));
    assert!(read.header("cache-control").contains("public"));
    assert!(read.header("last-modified").ends_with("GMT"));
    assert_eq!(read.json["type"], json!("collection"));
    for member in [&read.json["timestamp"], &read.json["meta"]["lastUpdated"]] {
        assert!(member.as_str().unwrap().ends_with('Z'), "UB-2");
    }
    // UB-6: exactly one Organization has the identifier that is named.
    let bearers = read.json["entry"].as_array().unwrap().iter().filter(|entry| {
        let own = entry["resource"]["identifier"].as_array();
        entry["resource"]["resourceType"] == "Organization" && own.unwrap().contains(identifier)
    });
    assert_eq!(bearers.count(), 1);

    let tag = read.header("etag").to_owned();
    assert!(tag.starts_with("W/\"") && tag == published.header("etag"), "UB-3: {tag}");
    for known in [tag.as_str(), &format!("\"other\", {tag}"), "*"] {
        let again = scene.get("/brands", &[origin, ("if-none-match", known)]).await;
        assert_eq!((again.status.as_u16(), again.body.as_str()), (304, ""), "{known}");
        assert_eq!(again.header("access-control-allow-origin"), "*");
        assert_eq!(again.header("etag"), tag);
    }
    assert_eq!(scene.get("/brands", &[("if-none-match", "W/\"other\"")]).await.status, 200);
    let asked = [
        origin,
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "if-none-match"),
    ];
    let preflight = scene.ask(Method::OPTIONS, "/brands", &asked, None).await;
    assert!(preflight.header("access-control-allow-headers").contains("If-None-Match"));

    assert_eq!(scene.delete("/brands", &[]).await.status, 428);
    assert_eq!(scene.delete("/brands", &[("if-match", "W/\"other\"")]).await.status, 412);
    assert_eq!(scene.delete("/brands", &[("if-match", &tag)]).await.status, 204);
    assert!(
        smart().await.get("user_access_brand_bundle").is_none(),
        "CF-4: there is none any more"
    );
    assert!(smart().await.get("user_access_brand_identifier").is_none());
    assert_eq!(scene.get("/brands", &[]).await.status, 404);
}

#[tokio::test]
async fn ub_4_who_maintains_brands_may_and_nobody_else_and_all_of_it_is_in_the_audit_log() {
    let scene = Scene::new(Database::sqlite(), 1).await;
    let at = scene.nodes[0].address();
    let put = async |token: Option<&str>| {
        let url = scene.at(0, "/brands");
        let send = |http: &reqwest::Client| {
            let request = http.put(&url).json(&bundle());
            if let Some(token) = token { request.bearer_auth(token) } else { request }
        };
        scene.http.send(send).await
    };
    let nobody = put(None).await;
    assert_eq!(nobody.status, 401);
    assert!(nobody.header("www-authenticate").starts_with("Bearer realm="));
    assert_eq!(put(Some("nonsense")).await.refusal(), "401 invalid_token");
    let ehr = Backend::new("ehr", Algorithm::ES384);
    scene.world.import("client", &ehr.metadata(LAUNCHES));
    let token = ehr.token(ISSUER, &at, LAUNCHES).await;
    let other = put(Some(token.text("access_token"))).await;
    assert_eq!(other.refusal(), "403 insufficient_scope");
    assert!(other.header("www-authenticate").contains(BRANDS));
    assert_eq!(ehr.token(ISSUER, &at, BRANDS).await.refusal(), "400 invalid_scope");
    let app = scene.world.populate();
    let (_, tokens) = scene.world.tokens(&app, &at).await;
    assert_eq!(put(Some(tokens.text("access_token"))).await.status, 403, "a person's token");
    assert_eq!(scene.get("/brands", &[]).await.status, 404, "nothing of all that was published");
    assert_eq!(put(Some(&scene.token)).await.status, 201, "application/json will do");

    let entries = || {
        let log = scene.nodes[0].log();
        log.lines().filter(|line| line.contains("brands.changed")).map(str::to_owned).collect()
    };
    until("the change is in the log", 5, async || !Vec::<String>::is_empty(&entries())).await;
    let entries = entries();
    assert!(matches!(entries.as_slice(), [one] if one.contains("maintainer")), "{entries:?}");
}

#[tokio::test]
async fn ub_1_ub_5_ub_7_ub_8_what_breaks_a_rule_is_refused_with_what_and_where_and_changes_nothing()
{
    let scene = Scene::new(Database::sqlite(), 1).await;
    let first = scene.put("/brands", &[], &bundle()).await;
    let tag = first.header("etag").to_owned();
    let matched = [("if-match", tag.as_str())];
    let absent = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
    for (pointer, value, at) in [
        ("/entry/0/resource/name", json!(null), "Bundle.entry[0].resource.name"),
        ("/entry/0/resource/endpoint", json!([]), "Bundle.entry[0].resource.endpoint"),
        (
            "/entry/0/resource/_alias",
            json!([{ "extension": [{ "url": absent, "valueCode": "masked" }] }]),
            "Bundle.entry[0].resource._alias[0].extension[0].valueCode",
        ),
        ("/entry/1/resource/address", json!("ftp://x"), "Bundle.entry[1].resource.address"),
        ("/type", json!("batch"), "Bundle.type"),
    ] {
        let mut faulty = bundle();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = faulty.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        if value.is_null() {
            parent.remove(name);
        } else {
            parent.insert(name.into(), value);
        }
        let refused = scene.put("/brands", &matched, &faulty).await;
        assert_eq!(refused.status, 422, "{pointer}: {}", refused.body);
        assert_eq!(refused.json["resourceType"], json!("OperationOutcome"));
        let issues = refused.json["issue"].as_array().unwrap();
        assert!(issues.iter().any(|issue| issue["expression"] == json!([at])), "{}", refused.body);
        assert!(
            issues
                .iter()
                .all(|issue| issue["diagnostics"].is_string() && issue["code"].is_string())
        );
    }
    let send = |body: &'static str, media: &'static str| {
        let (url, token) = (scene.at(0, "/brands"), scene.token.clone());
        let matched = tag.clone();
        scene.http.send(move |http: &reqwest::Client| {
            let request = http.put(url).bearer_auth(token).header("if-match", matched);
            request.header("content-type", media).body(body)
        })
    };
    assert_eq!(send("{", "application/fhir+json").await.status, 400);
    assert_eq!(send("{\"type\":1,\"type\":2}", "application/fhir+json").await.status, 400);
    assert_eq!(send("<Bundle/>", "application/fhir+xml").await.status, 415);
    let large = json!({ "resourceType": "Bundle", "id": "x".repeat(4 * 1024 * 1024) });
    assert_eq!(scene.put("/brands", &matched, &large).await.status, 413);
    assert_eq!(scene.get("/brands", &[]).await.body, first.body);
}

#[tokio::test]
async fn ub_4_single_brands_are_read_changed_and_removed_by_whoever_knows_their_version() {
    let scene = Scene::new(Database::sqlite(), 1).await;
    scene.put("/brands", &[], &bundle()).await;
    let path = "/brands/Organization/lab";
    let created = scene.put(path, &[], &lab()).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let (one, tag) = (scene.get(path, &[]).await, created.header("etag").to_owned());
    assert_eq!(
        (one.json["name"].as_str(), one.header("etag")),
        (Some("The Laboratory"), tag.as_str())
    );
    assert_eq!(scene.get(path, &[("if-none-match", &tag)]).await.status, 304);
    let mut renamed = lab();
    renamed["name"] = json!("Laboratory");
    assert_eq!(scene.put(path, &[], &renamed).await.status, 428);
    assert_eq!(scene.put(path, &[("if-none-match", "*")], &renamed).await.status, 412);
    let changed = scene.put(path, &[("if-match", &tag)], &renamed).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(scene.put(path, &[("if-match", &tag)], &lab()).await.status, 412, "stale");
    let tag = changed.header("etag").to_owned();
    let mut wrong = renamed.clone();
    wrong["id"] = json!("other");
    assert_eq!(scene.put(path, &[("if-match", &tag)], &wrong).await.status, 422);
    let whole = scene.get("/brands", &[]).await.json;
    assert_eq!(whole["entry"].as_array().unwrap().len(), 3);
    // What the rules of the whole forbid: the only portal, the only endpoint.
    for path in ["/brands/Organization/clinic", "/brands/Endpoint/r4"] {
        let tag = scene.get(path, &[]).await.header("etag").to_owned();
        let refused = scene.delete(path, &[("if-match", &tag)]).await;
        assert_eq!(refused.status, 422, "{path} {}", refused.body);
    }
    assert_eq!(scene.delete(path, &[("if-match", &tag)]).await.status, 204);
    for path in [path, "/brands/Patient/p1", "/brands/Organization/nobody"] {
        assert_eq!(scene.get(path, &[]).await.status, 404, "{path}");
    }
    let prefer = ("prefer", "return=OperationOutcome");
    let told = scene.put(path, &[prefer], &lab()).await;
    assert_eq!(
        (told.status.as_u16(), told.json["resourceType"].as_str()),
        (201, Some("OperationOutcome"))
    );
}

#[tokio::test]
async fn ub_4_ub_6_operators_import_check_show_and_remove_while_the_server_runs() {
    let scene = Scene::new(Database::sqlite(), 1).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("brands.json");
    let path = file.to_str().unwrap();
    let mut two = bundle();
    two["entry"].as_array_mut().unwrap().push(json!({ "resource": lab() }));
    fs::write(&file, two.to_string()).unwrap();
    assert!(scene.world.command(&["brands", "import", path]).contains("published"));
    assert!(scene.world.command(&["brands", "import", path]).contains("nothing changed"));
    until("the node knows", 2, async || scene.get("/brands", &[]).await.status == 200).await;
    let shown: Value = serde_json::from_str(&scene.world.command(&["brands", "show"])).unwrap();
    assert_eq!(shown, scene.get("/brands", &[]).await.json);
    let named = "https://customer.example/ids|clinic-7";
    scene.world.command(&["brands", "import", path, "--primary", named]);
    let is_named = async || {
        let smart = scene.get(SMART, &[]).await.json;
        smart["user_access_brand_identifier"]["value"] == json!("clinic-7")
    };
    until("smart-configuration names the brand that was said", 2, is_named).await;

    let mut faulty = two.clone();
    faulty["entry"][0]["resource"]["telecom"] = json!([]);
    fs::write(&file, faulty.to_string()).unwrap();
    for action in [
        vec!["brands", "check", path],
        vec!["brands", "import", path, "--config", scene.world.config()],
    ] {
        let refused = run(&action);
        assert!(!refused.status.success());
        let said = [refused.stdout, refused.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert!(said.contains("Bundle.entry[0].resource.telecom"), "{said}");
    }
    fs::write(&file, two.to_string()).unwrap();
    let checked = run(&["brands", "check", path]);
    let said = String::from_utf8(checked.stdout).unwrap();
    assert!(checked.status.success() && said.contains("it may be published"), "{said}");
    scene.world.command(&["brands", "remove"]);
    until("they are gone", 2, async || scene.get("/brands", &[]).await.status == 404).await;
}

#[tokio::test]
async fn ub_4_the_configured_file_is_published_at_the_start_and_one_that_breaks_a_rule_stops_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("brands.json");
    let more = format!("[brands]\nfile = \"{}\"\n", file.display());
    let world = World::new(Database::sqlite(), &more);
    fs::write(&file, bundle().to_string()).unwrap();
    let node = world.node();
    let http = Client::public("nobody", "", FHIR);
    let url = format!("{}/brands", node.address());
    assert_eq!(http.send(|http| http.get(&url)).await.status, 200);
    drop(node);
    fs::write(&file, json!({ "resourceType": "Bundle", "type": "collection" }).to_string())
        .unwrap();
    let arguments = ["--log", "warn", "serve", "--config", world.config(), "--port", "0"];
    let refused = Server::start(&arguments).unwrap_err();
    assert!(refused.contains("Bundle.entry"), "{refused}");
}

#[tokio::test]
async fn ub_3_what_one_node_publishes_another_has_within_a_second() {
    let Some(database) = Database::postgres().await else { return };
    let scene = Scene::new(database, 2).await;
    let there = async || {
        let url = scene.at(1, SMART);
        let smart = scene.http.send(|http| http.get(&url)).await;
        smart.json.get("user_access_brand_bundle").is_some()
    };
    assert!(!there().await);
    assert_eq!(scene.put("/brands", &[], &bundle()).await.status, 201);
    let began = Instant::now();
    until("the other node names them", 2, there).await;
    assert!(began.elapsed().as_millis() < 1_200, "{:?}", began.elapsed());
    let Scene { world, nodes, .. } = scene;
    drop(nodes);
    world.database.remove().await;
}

#[tokio::test]
async fn ub_1_the_demo_has_brands_for_its_clinic() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Server::demo(folder.path(), &[]);
    let http = Client::public("nobody", "", FHIR);
    let smart = format!("{}/.well-known/smart-configuration", demo.said("fhir"));
    let smart = http.send(|http| http.get(&smart)).await;
    let bundle = smart.text("user_access_brand_bundle").to_owned();
    let bundle = http.send(|http| http.get(&bundle)).await;
    assert_eq!(bundle.status, 200);
    let addresses: Vec<_> = bundle.json["entry"].as_array().unwrap().iter().collect();
    assert!(addresses.iter().any(|entry| entry["resource"]["address"] == demo.said("fhir")));
}
