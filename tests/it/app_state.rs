//! Apps keep state beside the records: each its own, for the patient or the user that its token is about.

use std::fs;

use fireward_testkit::{Answer, Browser, Client, Server, run};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::{SECRET, allow, claims};

const PASSWORD: &str = "fireward-demo";
const PATIENT: &str = "susan-bradley";
const OURS: &str = "https://app.example";
const GLOBAL: &str = "https://fireward.dev/scopes/global-app-state";

struct Demo {
    folder: TempDir,
    issuer: String,
    fhir: String,
    base: String,
    server: Server,
}

/// An app with a token.
struct Held {
    app: Client,
    token: String,
    base: String,
}

impl Demo {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::demo(folder.path(), &[]);
        let (issuer, fhir) = (server.said("issuer").to_owned(), server.said("fhir").to_owned());
        let base = fhir.replace("/fhir", "/app-state");
        Self { folder, issuer, fhir, base, server }
    }

    /// An app that was reviewed, at an origin of its own, with the token that a person gave it.
    async fn held(&self, id: &str, origin: &str, scope: &str, username: &str) -> Held {
        self.registered(id, (origin, true), scope, username).await
    }

    async fn registered(
        &self,
        id: &str,
        (origin, reviewed): (&str, bool),
        scope: &str,
        username: &str,
    ) -> Held {
        let app = Client::confidential(id, SECRET, scope, &self.fhir);
        let app = app.answered_at(&format!("{origin}/cb"));
        let mut metadata = app.metadata();
        metadata["reviewed"] = json!(reviewed);
        let file = self.folder.path().join(format!("{id}.json"));
        fs::write(&file, metadata.to_string()).unwrap();
        let done = self.command(&["client", "import", file.to_str().unwrap()]);
        assert!(done.0, "{}", done.1);
        let mut browser = Browser::new(&self.issuer);
        let page = browser.open(&app.authorize_url(&self.issuer, &[])).await;
        let fields = [("username", username), ("password", PASSWORD)];
        let page = browser.submit(&page, "#sign-in", &fields).await;
        let code = allow(&mut browser, &page).await;
        let tokens = app.redeem(&self.issuer, &code).await;
        assert_eq!(tokens.json["scope"], json!(scope), "{}", tokens.body);
        let token = tokens.text("access_token").to_owned();
        Held { app, token, base: self.base.clone() }
    }

    fn command(&self, arguments: &[&str]) -> (bool, String) {
        let data = self.folder.path().to_str().unwrap();
        let done = run(&[arguments, &["--data", data]].concat());
        let said = [done.stdout, done.stderr].concat();
        (done.status.success(), String::from_utf8(said).unwrap())
    }

    fn subject(&self, reference: &str) -> String {
        format!("{}/{reference}", self.fhir)
    }
}

impl Held {
    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let url = format!("{}{path}", self.base);
        let send = |http: &reqwest::Client| {
            let mut request = http.request(method, &url).bearer_auth(&self.token);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            if let Some(body) = body {
                let typed = request.header("content-type", "application/fhir+json");
                request = typed.body(body.to_string());
            }
            request
        };
        self.app.send(send).await
    }

    async fn post(&self, state: &Value) -> Answer {
        self.send(Method::POST, "/Basic", &[], Some(state)).await
    }

    async fn put(&self, id: &str, tag: &str, state: &Value) -> Answer {
        self.send(Method::PUT, &format!("/Basic/{id}"), &[("if-match", tag)], Some(state)).await
    }

    async fn delete(&self, id: &str, tag: &str) -> Answer {
        self.send(Method::DELETE, &format!("/Basic/{id}"), &[("if-match", tag)], None).await
    }

    /// The states of a code, of a subject or of nobody.
    async fn search(&self, code: &str, subject: Option<&str>) -> Answer {
        let subject = subject
            .map_or("subject:missing=true".to_owned(), |subject| format!("subject={subject}"));
        let code = code.replace('|', "%7C");
        self.send(Method::GET, &format!("/Basic?code={code}&{subject}"), &[], None).await
    }
}

fn state(system: &str, code: &str, subject: Option<&str>) -> Value {
    let mut state = json!({
        "resourceType": "Basic",
        "code": { "coding": [{ "system": system, "code": code }] },
        "extension": [
            { "url": "https://app.example/z", "valueString": "{\"view\": \"list\",  \"n\":1.0}" },
            { "url": "https://app.example/a", "valueString": "clé \u{1f511} \\ \"quoted\"\n" },
            { "url": "https://app.example/z", "valueString": "once more" },
        ],
    });
    if let Some(subject) = subject {
        state["subject"] = json!({ "reference": subject });
    }
    state
}

fn ids(found: &Answer) -> Vec<&str> {
    let entries = found.json["entry"].as_array();
    entries.into_iter().flatten().map(|entry| entry["resource"]["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn as_1_to_as_9_apps_keep_their_own_state_and_reach_nobody_elses() {
    let demo = Demo::new();
    let scope = "launch/patient patient/Basic.cuds";
    let app = demo.held("keeper", OURS, scope, "patient").await;
    assert_eq!(claims(&app.token)["fireward_state_systems"], json!([OURS]), "AS-7");
    it_is_advertised(&demo, &app).await;
    a_state_lives_and_ends(&demo, &app).await;
    what_breaks_a_rule_is_refused(&demo, &app).await;
    others_have_their_own(&demo, &app).await;
    nothing_is_at_rest_in_clear(&demo, &app).await;
    there_is_so_much_room_for_a_subject(&demo, &app).await;
    what_an_app_left_is_removed(&demo, &app).await;
}

async fn it_is_advertised(demo: &Demo, app: &Held) {
    let smart = format!("{}/.well-known/smart-configuration", demo.fhir);
    let smart: Value = reqwest::get(&smart).await.unwrap().json().await.unwrap();
    let beside = json!([{ "url": demo.base, "capabilities": ["smart-app-state"] }]);
    assert_eq!(smart["associated_endpoints"], beside, "AS-1");
    let get = async |url: String| app.app.send(|http| http.get(&url)).await;
    let metadata = get(format!("{}/metadata", demo.base)).await;
    let resources = metadata.json["rest"][0]["resource"].as_array().unwrap().clone();
    assert_eq!(resources.len(), 1, "AS-1: nothing clinical");
    assert_eq!(resources[0]["type"], json!("Basic"));
    let interactions = resources[0]["interaction"].to_string();
    for code in ["create", "update", "delete", "search-type"] {
        assert!(interactions.contains(code), "AS-2 {code}");
    }
    let smart = get(format!("{}/.well-known/smart-configuration", demo.base)).await;
    assert_eq!(smart.json["issuer"], json!(demo.issuer));
}

async fn a_state_lives_and_ends(demo: &Demo, app: &Held) {
    let subject = demo.subject(&format!("Patient/{PATIENT}"));
    let sent = state(OURS, "keys", Some(&subject));
    let created = app.post(&sent).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let id = created.text("id").to_owned();
    assert_eq!(created.header("location"), format!("{}/Basic/{id}", demo.base), "AS-4");
    let tag = created.header("etag").to_owned();
    assert_eq!((tag.as_str(), &created.json["meta"]["versionId"]), ("W/\"1\"", &json!("1")));
    for member in ["extension", "subject", "code"] {
        assert_eq!(created.json[member], sent[member], "AS-4, AS-6: verbatim");
    }
    assert_eq!(created.header("access-control-allow-origin"), "*");
    assert!(created.header("access-control-expose-headers").contains("ETag"));
    let code = format!("{OURS}|keys");
    let found = app.search(&code, Some(&subject)).await;
    assert_eq!(found.json["entry"][0]["resource"], created.json);
    // AS-6: as many as it likes of one code and subject.
    let second = app.post(&sent).await.text("id").to_owned();
    assert_eq!(ids(&app.search(&code, Some(&subject)).await).len(), 2);

    let mut next = created.json.clone();
    next["extension"] = json!([{ "url": "https://app.example/only", "valueString": "two" }]);
    let path = format!("/Basic/{id}");
    let unconditional = app.send(Method::PUT, &path, &[], Some(&next)).await;
    assert_eq!(unconditional.status, 428, "AS-5");
    let updated = app.put(&id, &tag, &next).await;
    assert_eq!(updated.status, 200, "{}", updated.body);
    assert_eq!(updated.json["extension"], next["extension"]);
    assert_eq!(updated.header("etag"), "W/\"2\"");
    for stale in [tag.as_str(), "W/\"3\"", "*", "W/\"x\""] {
        assert_eq!(app.put(&id, stale, &next).await.status, 412, "AS-5 {stale}");
    }
    let mut other = next.clone();
    other["code"]["coding"][0]["code"] = json!("preferences");
    assert_eq!(app.put(&id, "W/\"2\"", &other).await.status, 412, "AS-5: another code");
    let mut nobodys = next.clone();
    nobodys.as_object_mut().unwrap().remove("subject");
    let global = app.put(&id, "W/\"2\"", &nobodys).await.status;
    assert!(matches!(global.as_u16(), 403 | 412), "AS-5: another subject, {global}");
    let mut strange = next.clone();
    strange["id"] = json!("other");
    assert_eq!(app.put(&id, "W/\"2\"", &strange).await.status, 400);

    assert_eq!(app.send(Method::DELETE, &path, &[], None).await.status, 428, "AS-5");
    assert_eq!(app.delete(&id, "W/\"1\"").await.status, 412, "AS-5: stale");
    assert_eq!(app.delete(&id, "W/\"2\"").await.status, 204);
    for tag in ["W/\"2\"", "W/\"3\""] {
        assert_eq!(app.delete(&id, tag).await.status, 412, "AS-5: deleted");
        assert_eq!(app.put(&id, tag, &next).await.status, 412, "AS-5: deleted");
    }
    assert_eq!(ids(&app.search(&code, Some(&subject)).await), [second.as_str()]);
}

async fn what_breaks_a_rule_is_refused(demo: &Demo, app: &Held) {
    let subject = demo.subject(&format!("Patient/{PATIENT}"));
    let good = state(OURS, "keys", Some(&subject));
    let with = |pointer: &str, value: Value| {
        let mut state = good.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        state.pointer_mut(parent).unwrap()[name] = value;
        state
    };
    for (state, status, at) in [
        (with("/id", json!("mine")), 400, "Basic.id"),
        (with("/meta", json!({ "versionId": "1" })), 400, "Basic.meta.versionId"),
        (with("/contained", json!([])), 400, "Basic.contained"),
        (with("/code", json!({ "text": "keys" })), 400, "Basic.code.coding"),
        (
            with(
                "/extension",
                json!([{ "url": "x", "extension": [{ "url": "y", "valueString": "z" }] }]),
            ),
            400,
            "Basic.extension[0]",
        ),
        (with("/extension", json!([{ "url": "x", "valueInteger": 1 }])), 400, "Basic.extension[0]"),
        (
            with("/subject", json!({ "reference": format!("Patient/{PATIENT}") })),
            400,
            "Basic.subject.reference",
        ),
        (
            with("/subject", json!({ "reference": format!("{}/Group/1", demo.fhir) })),
            400,
            "Basic.subject.reference",
        ),
        (
            with("/extension", json!([{ "url": "x", "valueString": "y".repeat(256 * 1024) }])),
            413,
            "256 KiB",
        ),
    ] {
        let refused = app.post(&state).await;
        assert_eq!(refused.status, status, "AS-3 {at} {}", refused.body);
        assert!(refused.body.contains(at), "AS-3 {at} {}", refused.body);
        assert_eq!(refused.json["resourceType"], json!("OperationOutcome"));
    }
    let nearly = with("/extension", json!([{ "url": "x", "valueString": "y".repeat(255 * 1024) }]));
    let kept = app.post(&nearly).await;
    assert_eq!(kept.status, 201);
    assert_eq!(app.delete(kept.text("id"), kept.header("etag")).await.status, 204);
    for path in ["/Basic", "/Basic?code=keys", "/Basic?subject:missing=true", "/Basic?_id=x"] {
        assert_eq!(app.send(Method::GET, path, &[], None).await.status, 400, "AS-2 {path}");
    }
    assert_eq!(app.send(Method::GET, "/Patient", &[], None).await.status, 404, "AS-1");
    assert_eq!(app.send(Method::PATCH, "/Basic/x", &[], None).await.status, 405);
    let url = format!("{}/Basic", demo.base);
    let nobody = app.app.send(|http| http.post(&url).json(&good)).await;
    assert_eq!(nobody.status, 401, "AS-7: every request carries a token");
    assert!(nobody.header("www-authenticate").starts_with("Bearer"));
}

async fn others_have_their_own(demo: &Demo, app: &Held) {
    let susan = demo.subject(&format!("Patient/{PATIENT}"));
    let thomas = demo.subject("Patient/thomas-jackson");
    let code = format!("{OURS}|keys");
    let mine = ids(&app.search(&code, Some(&susan)).await).len();
    assert_eq!(mine, 1);
    // AS-7: another app neither sees, nor writes, nor ends what is ours.
    let scope = "launch/patient patient/Basic.cuds";
    let other = demo.held("other", "https://other.example", scope, "patient").await;
    assert_eq!(other.search(&code, Some(&susan)).await.status, 403);
    assert_eq!(other.post(&state(OURS, "keys", Some(&susan))).await.status, 403);
    let id = ids(&app.search(&code, Some(&susan)).await)[0].to_owned();
    assert_eq!(other.delete(&id, "W/\"1\"").await.status, 412, "as if it were not there");
    let theirs = other.post(&state("https://other.example", "keys", Some(&susan))).await;
    assert_eq!(theirs.status, 201);
    // AS-8: the patient in context, and no other.
    assert_eq!(app.search(&code, Some(&thomas)).await.status, 403);
    assert_eq!(app.post(&state(OURS, "keys", Some(&thomas))).await.status, 403);
    // Nobody vouches for an app that was not reviewed.
    let unknown =
        demo.registered("unknown", ("https://app.example", false), scope, "patient").await;
    let refused = unknown.search(&code, Some(&susan)).await;
    assert_eq!(refused.status, 403);
    assert!(refused.header("www-authenticate").contains("insufficient_scope"));
    // AS-8: a scope for one code.
    let narrow = format!("launch/patient patient/Basic.cuds?code={OURS}|keys");
    let narrow = demo.held("narrow", OURS, &narrow, "patient").await;
    assert_eq!(narrow.search(&code, Some(&susan)).await.status, 200);
    assert_eq!(narrow.post(&state(OURS, "preferences", Some(&susan))).await.status, 403);
    // AS-8: user/ is for the user; global state is read by all and changed by few.
    let clinician = demo.held("desk", OURS, "openid fhirUser user/Basic.cuds", "clinician").await;
    let own = claims(&clinician.token)["fhirUser"].as_str().unwrap().to_owned();
    assert_eq!(clinician.post(&state(OURS, "keys", Some(&own))).await.status, 201);
    assert_eq!(clinician.search(&code, Some(&susan)).await.status, 403);
    let global = state(OURS, "keys", None);
    assert_eq!(clinician.post(&global).await.status, 403);
    let scope = format!("openid fhirUser user/Basic.cuds {GLOBAL}");
    let admin = demo.held("admin", OURS, &scope, "clinician").await;
    let made = admin.post(&global).await;
    assert_eq!(made.status, 201, "{}", made.body);
    for reader in [&clinician, app, &admin] {
        assert_eq!(ids(&reader.search(&code, None).await), [made.text("id")]);
    }
    assert_eq!(clinician.delete(made.text("id"), made.header("etag")).await.status, 412);
    assert_eq!(admin.delete(made.text("id"), made.header("etag")).await.status, 204);
}

async fn nothing_is_at_rest_in_clear(demo: &Demo, app: &Held) {
    let subject = demo.subject(&format!("Patient/{PATIENT}"));
    let mut secret = state(OURS, "keys", Some(&subject));
    secret["extension"][0]["valueString"] = json!("wrapped-key-material-9f8e7d");
    assert_eq!(app.post(&secret).await.status, 201);
    for entry in fs::read_dir(demo.folder.path()).unwrap().flatten() {
        let octets = fs::read(entry.path()).unwrap_or_default();
        let needle = b"wrapped-key-material";
        let found = octets.windows(needle.len()).any(|part| part == needle);
        assert!(!found, "AS-6 {}", entry.path().display());
    }
    assert!(!demo.server.log().contains("wrapped-key-material"));
}

/// Codes are the app's to choose, and so bound nothing: the subject does.
async fn there_is_so_much_room_for_a_subject(demo: &Demo, app: &Held) {
    let subject = demo.subject(&format!("Patient/{PATIENT}"));
    let mut full = None;
    for n in 0..20 {
        let mut large = state(OURS, &format!("code-{n}"), Some(&subject));
        large["extension"][0]["valueString"] = json!("x".repeat(250 * 1024));
        let answer = app.post(&large).await;
        if answer.status != 201 {
            full = Some((n, answer));
            break;
        }
    }
    let (kept, answer) = full.unwrap();
    assert_eq!((kept, answer.status.as_u16()), (16, 422), "{answer:?}");
    assert!(answer.json["issue"][0]["diagnostics"].as_str().unwrap().contains("4 MiB"));
}

async fn what_an_app_left_is_removed(demo: &Demo, app: &Held) {
    let (done, listed) = demo.command(&["app-state", "list"]);
    assert!(done && listed.contains(OURS) && listed.contains("https://other.example"), "{listed}");
    let (done, said) = demo.command(&["app-state", "remove", OURS]);
    assert!(done && said.contains("removed"), "{said}");
    let subject = demo.subject(&format!("Patient/{PATIENT}"));
    let left = app.search(&format!("{OURS}|keys"), Some(&subject)).await;
    assert!(ids(&left).is_empty(), "{}", left.body);
    let (_, listed) = demo.command(&["app-state", "list"]);
    assert!(!listed.contains(OURS) && listed.contains("https://other.example"), "{listed}");
}
