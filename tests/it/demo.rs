//! The demo's FHIR server lets through what a token allows, and nothing else: real tokens, real records.

use std::fs;

use fireward_testkit::{Answer, Browser, Client, Page, Server, run};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::{SECRET, allow};

const PASSWORD: &str = "fireward-demo";
const OWN: &str = "susan-bradley";
const OTHER: &str = "thomas-jackson";
const VITALS: &str = "http://terminology.hl7.org/CodeSystem/observation-category|vital-signs";

pub(crate) struct Demo {
    folder: TempDir,
    pub(crate) issuer: String,
    pub(crate) fhir: String,
    _server: Server,
}

impl Demo {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::demo(folder.path(), &[]);
        let (issuer, fhir) = (server.said("issuer").to_owned(), server.said("fhir").to_owned());
        Self { folder, issuer, fhir, _server: server }
    }

    pub(crate) fn app(&self, id: &str, scope: &str) -> Client {
        let app = Client::confidential(id, SECRET, scope, &self.fhir);
        let file = self.folder.path().join(format!("{id}.json"));
        fs::write(&file, app.metadata().to_string()).unwrap();
        let data = self.folder.path().to_str().unwrap();
        let done = run(&["client", "import", file.to_str().unwrap(), "--data", data]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        app
    }

    /// Up to the page after sign-in.
    async fn sign_in(&self, app: &Client, username: &str) -> (Browser, Page) {
        let mut browser = Browser::new(&self.issuer);
        let page = browser.open(&app.authorize_url(&self.issuer, &[])).await;
        let fields = [("username", username), ("password", PASSWORD)];
        let page = browser.submit(&page, "#sign-in", &fields).await;
        (browser, page)
    }

    pub(crate) async fn tokens(&self, app: &Client, username: &str) -> Answer {
        let (mut browser, page) = self.sign_in(app, username).await;
        let code = allow(&mut browser, &page).await;
        let tokens = app.redeem(&self.issuer, &code).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        tokens
    }

    async fn get(&self, app: &Client, token: &str, path: &str) -> Answer {
        app.get(&format!("{}/{path}", self.fhir), token).await
    }
}

fn entries(bundle: &Answer) -> Vec<&Value> {
    let entries = bundle.json["entry"].as_array();
    entries.into_iter().flatten().map(|entry| &entry["resource"]).collect()
}

#[tokio::test]
async fn al_26_bs_7_sc_2_sc_5_sc_7_sc_8_sc_20_d_34_to_d_40_m5_a_token_opens_what_it_says_and_no_more()
 {
    let demo = Demo::new();
    what_a_patients_token_opens(&demo).await;
    what_a_narrow_token_opens(&demo).await;
    what_a_clinicians_token_opens(&demo).await;
    nobody_picks_what_is_not_theirs(&demo).await;
    old_clients_find_their_way(&demo).await;
}

async fn what_a_patients_token_opens(demo: &Demo) {
    let scope = "openid fhirUser launch/patient patient/Patient.rs patient/Observation.rs patient/Condition.s";
    let app = demo.app("reader", scope);
    let tokens = demo.tokens(&app, "patient").await;
    assert_eq!(tokens.json["patient"], json!(OWN));
    let token = tokens.text("access_token");
    let fhir_user = crate::world::claims(tokens.text("id_token"))["fhirUser"].clone();
    let me = app.get(fhir_user.as_str().unwrap(), token).await;
    assert_eq!(me.json["id"], json!(OWN), "SC-20: the person's own record can be read");
    let search = demo.get(&app, token, "Observation?_count=3").await;
    let first = entries(&search)[0]["id"].as_str().unwrap().to_owned();
    for (path, status) in [
        (format!("Patient/{OWN}"), 200),
        (format!("Patient/{OWN}/_history"), 200),
        (format!("Observation/{first}"), 200),
        (format!("Observation?patient={OWN}&_count=1"), 200),
        ("Condition?_count=1".to_owned(), 200),
        (format!("Patient/{OTHER}"), 404),
        ("Patient/there-is-none".to_owned(), 404),
        (format!("Observation?patient={OTHER}"), 403),
        (format!("Patient?_id={OTHER}"), 403),
        ("Encounter".to_owned(), 403),
        ("MedicationRequest?_count=1".to_owned(), 403),
        ("Condition/any".to_owned(), 403),
        (format!("Patient?_has:Encounter:patient:status=finished&_id={OWN}"), 403),
    ] {
        let answer = demo.get(&app, token, &path).await;
        assert_eq!(answer.status, status, "{path} {}", answer.body);
        let about = answer.body.contains(OTHER) && !path.contains(OTHER);
        assert!(!about, "{path} tells of another: {}", answer.body);
    }
    // D-36: what is another's and what is not there look alike.
    let words = async |id: &str| {
        let answer = demo.get(&app, token, &format!("Patient/{id}")).await;
        let (before, _) = answer.body.split_once("(request ").unwrap();
        (answer.status, before.replace(id, "·"), answer.headers.len())
    };
    assert_eq!(words(OTHER).await, words("there-is-none").await);
    // D-39: totals are of what may be seen.
    let counted = demo.get(&app, token, "Patient?_summary=count").await;
    assert_eq!(counted.json["total"], json!(1), "{}", counted.body);
    // SC-2, D-40: reading is not writing.
    let patient = json!({ "resourceType": "Patient", "id": OWN });
    let url = format!("{}/Patient", demo.fhir);
    assert_eq!(app.post_json(&url, token, &patient).await.status, 403);
    let own = format!("{url}/{OWN}");
    assert_eq!(app.send(|http| http.put(&own).bearer_auth(token).json(&patient)).await.status, 403);
    assert_eq!(app.send(|http| http.delete(&own).bearer_auth(token)).await.status, 403);
    // SC-5: a bundle is no way around.
    let batch = json!({ "resourceType": "Bundle", "type": "batch", "entry": [
        { "request": { "method": "GET", "url": format!("Patient/{OTHER}") } }
    ] });
    let answer = app.post_json(&demo.fhir, token, &batch).await;
    assert!(!answer.body.contains("birthDate"), "{}", answer.body);
    // AL-26: no token, another token, a token elsewhere than in its header.
    let none = app.send(|http| http.get(&own)).await;
    assert_eq!(
        (none.status.as_u16(), none.header("www-authenticate").starts_with("Bearer")),
        (401, true)
    );
    for bad in ["x", &token[..token.len() - 1], tokens.text("id_token")] {
        assert_eq!(demo.get(&app, bad, &format!("Patient/{OWN}")).await.status, 401, "J23 {bad}");
    }
    let queried = app.send(|http| http.get(format!("{own}?access_token={token}"))).await;
    assert!(matches!(queried.status.as_u16(), 400 | 401), "I4 {}", queried.status);
}

async fn what_a_narrow_token_opens(demo: &Demo) {
    let app =
        demo.app("narrow", &format!("launch/patient patient/Observation.rs?category={VITALS}"));
    let tokens = demo.tokens(&app, "patient").await;
    let token = tokens.text("access_token");
    let all = demo.get(&app, token, "Observation?_count=100").await;
    assert!(entries(&all).len() > 3, "{}", all.body);
    for one in entries(&all) {
        assert!(one["category"].to_string().contains("vital-signs"), "SC-7 {one}");
        assert_eq!(one["subject"]["reference"], json!(format!("Patient/{OWN}")), "D-34");
    }
    let labs = demo.get(&app, token, "Observation?category=laboratory").await;
    assert!(entries(&labs).is_empty(), "{}", labs.body);
    assert_eq!(demo.get(&app, token, &format!("Patient/{OWN}")).await.status, 403);
    let along = demo.get(&app, token, "Observation?_count=1&_include=Observation:subject").await;
    assert!(!along.body.contains("birthDate"), "D-37: {}", along.body);
}

async fn what_a_clinicians_token_opens(demo: &Demo) {
    let app = demo.app("chart", "openid fhirUser user/Patient.rs user/Practitioner.r");
    let tokens = demo.tokens(&app, "clinician").await;
    assert!(tokens.json.get("patient").is_none(), "a user-level app needs no picker");
    let token = tokens.text("access_token");
    for id in [OWN, OTHER] {
        assert_eq!(demo.get(&app, token, &format!("Patient/{id}")).await.status, 200);
    }
    assert_eq!(demo.get(&app, token, "Observation?_count=1").await.status, 403, "SC-8");
}

/// M5: a caregiver has two children to choose from, and no others.
async fn nobody_picks_what_is_not_theirs(demo: &Demo) {
    let app = demo.app("family", "openid launch/patient patient/Patient.rs");
    let (mut browser, page) = demo.sign_in(&app, "caregiver").await;
    let choice = page.values("patient");
    assert_eq!(choice.len(), 2, "{choice:?} {}", page.body);
    let forced = browser.submit(&page, "#choose-patient", &[("patient", OWN)]).await;
    assert_eq!(forced.status, 403, "{}", forced.body);
    let page = browser.submit(&page, "#choose-patient", &[("patient", &choice[0])]).await;
    let code = allow(&mut browser, &page).await;
    let tokens = app.redeem(&demo.issuer, &code).await;
    assert_eq!(tokens.json["patient"], json!(choice[0]));
    let token = tokens.text("access_token");
    assert_eq!(demo.get(&app, token, &format!("Patient/{}", choice[1])).await.status, 404);
}

/// CF-1, CF-7, AL-5: both documents of the FHIR server, to anybody of any origin.
async fn old_clients_find_their_way(demo: &Demo) {
    let http = Client::public("nobody", "", "");
    let get = async |path: &str| {
        http.send(|http| {
            http.get(format!("{}/{path}", demo.fhir)).header("origin", "https://app.example")
        })
        .await
    };
    let (smart, metadata) = (get(".well-known/smart-configuration").await, get("metadata").await);
    for answer in [&smart, &metadata] {
        assert_eq!(
            (answer.status.as_u16(), answer.header("access-control-allow-origin")),
            (200, "*")
        );
    }
    assert_eq!(smart.json["issuer"], json!(demo.issuer));
    let extension = metadata.json["rest"][0]["security"]["extension"].to_string();
    for name in ["authorization_endpoint", "token_endpoint"] {
        assert!(extension.contains(smart.json[name].as_str().unwrap()), "CF-7 {name}");
    }
}

/// Nobody keeps a link of Dana to Thomas any more, but at the FHIR server she is the `RelatedPerson` that names him.
#[tokio::test]
async fn sc_15_a_caregiver_opens_the_record_that_their_related_person_names() {
    let demo = Demo::new();
    let data = demo.folder.path().to_str().unwrap();
    let link = |act: &[&str]| {
        let done = run(&[&["user", "link"], act, &["--data", data]].concat());
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    link(&["remove", "caregiver", OTHER]);
    let scope = "offline_access launch/patient patient/Patient.rs patient/RelatedPerson.cru";
    let app = demo.app("family", scope);
    let (mut browser, page) = demo.sign_in(&app, "caregiver").await;
    assert!(page.body.contains("grandmother"), "{}", page.body);
    let page = browser.submit(&page, "#choose-patient", &[("patient", OTHER)]).await;
    let code = allow(&mut browser, &page).await;
    let tokens = app.redeem(&demo.issuer, &code).await;
    assert_eq!(tokens.json["patient"], json!(OTHER));
    assert!(link(&["list", "caregiver"]).contains("RelatedPerson"));

    let token = tokens.text("access_token");
    let related = demo.get(&app, token, "RelatedPerson/demo-caregiver-1").await;
    let put = async |name: &str, value: Value| {
        let mut resource = related.json.clone();
        resource[name] = value;
        let url = format!("{}/RelatedPerson/demo-caregiver-1", demo.fhir);
        let sent = app.send(|http| {
            let header = ("content-type", "application/fhir+json");
            http.put(url).bearer_auth(token).header(header.0, header.1).body(resource.to_string())
        });
        sent.await.status.as_u16()
    };
    // D-40: no app turns its own record into a way to another.
    let another = json!({"reference": format!("Patient/{OWN}")});
    let refused = put("patient", another).await;
    assert!((400..500).contains(&refused), "{refused}");
    let refresh = async |token: &str| app.refresh(&demo.issuer, token).await;
    let tokens = refresh(tokens.text("refresh_token")).await;
    assert_eq!((tokens.status.as_u16(), &tokens.json["patient"]), (200, &json!(OTHER)));
    assert_eq!(put("active", json!(false)).await, 200);
    let refused = refresh(tokens.text("refresh_token")).await;
    assert_eq!(refused.json["error"], json!("invalid_grant"));
    assert!(!link(&["list", "caregiver"]).contains(OTHER));
}
