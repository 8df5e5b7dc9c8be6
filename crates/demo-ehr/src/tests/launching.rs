use std::sync::MutexGuard;

use serde_json::{Value, json};

use super::{
    Bench, Seen,
    stub::{Script, USER},
};

/// A clinician who is signed in, with the chart of p1 open.
struct Clinician {
    bench: Bench,
    cookies: String,
    csrf: String,
}

impl Clinician {
    async fn new() -> Self {
        let bench = Bench::new();
        let cookies = bench.signed_in().await;
        let chart = bench.get("/ehr/patients/p1", &cookies).await;
        assert_eq!(chart.status, 200, "{}", chart.body);
        Self { csrf: chart.csrf(), bench, cookies }
    }

    async fn chart(&self) -> Seen {
        self.bench.get("/ehr/patients/p1", &self.cookies).await
    }

    /// Launches an app from p1's chart.
    async fn launch(&self, fields: &[(&str, &str)]) -> Seen {
        self.post("/ehr/patients/p1/launch", fields).await
    }

    /// Launches the app that the Task of this patient's chart asks for.
    async fn launch_task(&self, patient: &str) -> Seen {
        self.post(&format!("/ehr/patients/{patient}/tasks/t1/launch"), &[]).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let form = [&[("csrf", self.csrf.as_str())], fields].concat();
        self.bench.post(path, &self.cookies, &form).await
    }

    /// What the issuer and the FHIR server say, and heard.
    fn script(&self) -> MutexGuard<'_, Script> {
        self.bench.stub.script.lock().unwrap()
    }
}

#[actix_web::test]
async fn al_9_a_launch_registers_its_context_and_opens_the_apps_launch_url() {
    let clinician = Clinician::new().await;
    let form = [("tab", "trends"), ("encounter", "e1"), ("intent", "labs")];
    let sent = clinician.launch(&form).await;
    assert_eq!(
        (sent.status.as_u16(), sent.location.as_str()),
        (303, "http://apps.example/launch?iss=x&launch=y")
    );
    let script = clinician.script();
    assert_eq!(
        script.launches,
        [serde_json::json!({
            "client_id": "trends", "aud": format!("{}/fhir", clinician.bench.stub.base), "user": USER, "patient": "p1",
            "encounter": "e1", "intent": "labs", "need_patient_banner": true,
        })]
    );
    let own = script.tokens_asked.last().unwrap();
    assert_eq!(own["grant_type"], "client_credentials");
    assert_eq!(own["scope"], crate::LAUNCH_SCOPE);
}

#[actix_web::test]
async fn sc_16_what_is_left_open_is_left_out() {
    let clinician = Clinician::new().await;
    let form = [("frame", "trends"), ("encounter", ""), ("intent", "unknown")];
    let page = clinician.launch(&form).await;
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("src=\"http://apps.example/launch?iss=x&#38;launch=y\""),
        "{}",
        page.body
    );
    let launches = clinician.script().launches.clone();
    assert_eq!(launches[0]["need_patient_banner"], false);
    assert!(launches[0].get("encounter").is_none() && launches[0].get("intent").is_none());
}

#[actix_web::test]
async fn an_app_that_went_on_elsewhere_is_launched_into_its_frame_once_more() {
    let clinician = Clinician::new().await;
    let form = [("frame", "trends"), ("encounter", "e1"), ("intent", "labs")];
    let page = clinician.launch(&form).await;
    assert!(page.body.contains("id=\"relaunch\"") && page.body.contains(" data-waits"));
    for (name, value) in
        [("frame", "trends"), ("encounter", "e1"), ("intent", "labs"), ("again", "1")]
    {
        let field = format!("name=\"{name}\" value=\"{value}\"");
        assert!(page.body.contains(&field), "{field} {}", page.body);
    }
    let form = form.into_iter().chain([("again", "1")]).collect::<Vec<_>>();
    let page = clinician.launch(&form).await;
    assert!(page.body.contains("id=\"relaunch\"") && !page.body.contains(" data-waits"));
    let launches = clinician.script().launches.clone();
    assert_eq!(launches[0], launches[1]);
}

#[actix_web::test]
async fn the_ehrs_own_token_is_used_until_it_ends() {
    let clinician = Clinician::new().await;
    for _ in 0..2 {
        clinician.launch(&[("tab", "trends")]).await;
    }
    let script = clinician.script();
    assert_eq!(script.launches.len(), 2);
    let own = script.tokens_asked.iter().filter(|form| form["grant_type"] == "client_credentials");
    assert_eq!(own.count(), 1);
}

#[actix_web::test]
async fn a_launch_is_refused_without_the_sessions_own_form() {
    let Clinician { bench, cookies, .. } = Clinician::new().await;
    let form = [("csrf", "guessed"), ("tab", "trends")];
    assert_eq!(bench.post("/ehr/patients/p1/launch", &cookies, &form).await.status, 403);
    assert_eq!(
        bench.post("/ehr/patients/p1/launch", "", &form).await.status,
        400,
        "nobody is signed in"
    );
    assert!(bench.stub.script.lock().unwrap().launches.is_empty());
}

#[actix_web::test]
async fn a_visit_of_another_patient_an_unknown_app_and_a_crooked_id_are_refused() {
    let clinician = Clinician::new().await;
    let launch = async |patient: &str, app: &str, encounter: &str| {
        let form = [("tab", app), ("encounter", encounter)];
        clinician.post(&format!("/ehr/patients/{patient}/launch"), &form).await.status.as_u16()
    };
    assert_eq!(launch("p2", "trends", "e1").await, 400);
    assert_eq!(launch("p1", "nobody", "").await, 400);
    assert_eq!(launch("p1", "trends", "../Patient").await, 404);
    assert_eq!(launch("..%2f..", "trends", "").await, 404);
    assert!(clinician.script().launches.is_empty());
}

#[actix_web::test]
async fn al_8_a_launch_url_elsewhere_than_the_apps_home_is_not_followed() {
    let clinician = Clinician::new().await;
    for foreign in
        ["https://evil.example/launch", "javascript:alert(1)", "http://apps.example.evil.example/"]
    {
        clinician.script().launch_url = foreign.into();
        let sent = clinician.launch(&[("tab", "trends")]).await;
        assert_eq!(sent.status, 502, "{foreign}");
    }
}

#[actix_web::test]
async fn a_part_that_may_not_be_seen_leaves_the_rest_of_the_chart() {
    let clinician = Clinician::new().await;
    clinician.script().forbidden = vec!["Condition".into()];
    let chart = clinician.chart().await;
    assert_eq!(chart.status, 200);
    assert_eq!(chart.body.matches("You are not allowed to see this part.").count(), 1);
    assert!(chart.body.contains("id=\"launch-trends\""));
}

const SMART: &str = "http://hl7.org/fhir/smart-app-launch/CodeSystem/smart-codes";

fn task(code: &str, url: &str) -> Value {
    let coded = |code: &str| json!({ "coding": [{ "system": SMART, "code": code }] });
    json!({
        "resourceType": "Task", "id": "t1", "status": "requested", "intent": "order",
        "description": "Look at the values", "code": coded(code),
        "for": { "reference": "Patient/p1" }, "encounter": { "reference": "Encounter/e1" },
        "input": [
            { "type": coded("smartonfhir-application"), "valueUrl": url },
            { "type": coded("smartonfhir-appcontext"), "valueString": "step 2" },
        ],
    })
}

const KNOWN: &str = "http://apps.example/launch";

#[actix_web::test]
async fn tl_2_tl_3_a_task_launches_its_app_with_its_context() {
    let clinician = Clinician::new().await;
    clinician.script().task = task("launch-app-ehr", KNOWN);
    let chart = clinician.chart().await;
    assert!(chart.body.contains("action=\"/ehr/patients/p1/tasks/t1/launch\""), "{}", chart.body);
    let sent = clinician.launch_task("p1").await;
    assert_eq!(
        (sent.status.as_u16(), sent.location.as_str()),
        (303, "http://apps.example/launch?iss=x&launch=y")
    );
    let script = clinician.script();
    assert_eq!(
        script.launches,
        [json!({
            "client_id": "trends", "aud": format!("{}/fhir", clinician.bench.stub.base), "user": USER,
            "patient": "p1", "encounter": "e1", "appContext": "step 2", "launch_url": KNOWN,
            "fhirContext": [{ "reference": "Task/t1" }], "need_patient_banner": true,
        })]
    );
}

#[actix_web::test]
async fn tl_1_a_standalone_task_opens_its_app_at_this_server_without_a_launch() {
    let clinician = Clinician::new().await;
    clinician.script().task = task("launch-app-standalone", KNOWN);
    let sent = clinician.launch_task("p1").await;
    let address = url::Url::parse(&sent.location).unwrap();
    let pairs: Vec<_> = address.query_pairs().into_owned().collect();
    assert_eq!(pairs, [("iss".to_owned(), format!("{}/fhir", clinician.bench.stub.base))]);
    assert!(clinician.script().launches.is_empty());
}

#[actix_web::test]
async fn tl_3_no_task_opens_an_address_that_no_app_is_registered_with() {
    let clinician = Clinician::new().await;
    let launch = async |task: Value, patient: &str| {
        clinician.script().task = task;
        clinician.launch_task(patient).await
    };
    for foreign in
        ["https://evil.example/launch", "javascript:alert(1)", "http://apps.example/", ""]
    {
        for code in ["launch-app-ehr", "launch-app-standalone"] {
            let sent = launch(task(code, foreign), "p1").await;
            assert_eq!((sent.status.as_u16(), sent.location.as_str()), (400, ""), "{foreign}");
        }
        let chart = clinician.chart().await;
        assert!(chart.body.contains("No app here has the address"), "{}", chart.body);
        assert!(!chart.body.contains("/tasks/t1/launch"));
    }
    let good = || task("launch-app-ehr", KNOWN);
    assert_eq!(launch(good(), "p2").await.status, 400, "another patient's chart");
    let Clinician { bench, cookies, .. } = &clinician;
    let guessed = [("csrf", "guessed")];
    let sent = bench.post("/ehr/patients/p1/tasks/t1/launch", cookies, &guessed).await;
    assert_eq!(sent.status, 403);
    let mut visit = good();
    visit["for"] = json!({ "reference": "Patient/p2" });
    assert_eq!(launch(visit, "p2").await.status, 400, "its visit is of another patient");
    let plain = json!({ "resourceType": "Task", "id": "t1", "description": "x" });
    assert_eq!(launch(plain, "p1").await.status, 400, "it asks for no app");
    assert!(clinician.script().launches.is_empty());
    // Whatever a Task says, the issuer's word is not followed elsewhere either.
    clinician.script().launch_url = "https://evil.example/launch".into();
    assert_eq!(launch(good(), "p1").await.status, 502);
}

#[actix_web::test]
async fn sc_16_sc_19_look_and_banner_are_as_chosen() {
    let clinician = Clinician::new().await;
    for (banner, look) in [("ehr", "night"), ("app", "none"), ("", "")] {
        let form = [("tab", "trends"), ("banner", banner), ("look", look)];
        assert_eq!(clinician.launch(&form).await.status, 303);
    }
    let script = clinician.script();
    let banners = script.launches.iter().map(|launch| launch["need_patient_banner"].clone());
    assert_eq!(banners.collect::<Vec<_>>(), [json!(false), json!(true), json!(true)]);
    assert_eq!(script.styles, [json!({ "color_text": "#ffffff" })]);
    let style = json!(format!("{}/styles/s.json", clinician.bench.stub.base));
    assert_eq!(script.launches[0]["smart_style_url"], style);
    assert!(script.launches[1].get("smart_style_url").is_none());
}
