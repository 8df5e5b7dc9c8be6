use super::{Bench, stub::USER};

async fn csrf(bench: &Bench, cookies: &str) -> String {
    let chart = bench.get("/ehr/patients/p1", cookies).await;
    assert_eq!(chart.status, 200, "{}", chart.body);
    chart.csrf()
}

#[actix_web::test]
async fn al_9_a_launch_registers_its_context_and_opens_the_apps_launch_url() {
    let bench = Bench::new();
    let cookies = bench.signed_in().await;
    let csrf = csrf(&bench, &cookies).await;
    let form =
        [("csrf", csrf.as_str()), ("tab", "trends"), ("encounter", "e1"), ("intent", "labs")];
    let sent = bench.post("/ehr/patients/p1/launch", &cookies, &form).await;
    assert_eq!(
        (sent.status.as_u16(), sent.location.as_str()),
        (303, "http://apps.example/launch?iss=x&launch=y")
    );
    let script = bench.stub.script.lock().unwrap();
    assert_eq!(
        script.launches,
        [serde_json::json!({
            "client_id": "trends", "aud": format!("{}/fhir", bench.stub.base), "user": USER, "patient": "p1",
            "encounter": "e1", "intent": "labs", "need_patient_banner": true,
        })]
    );
    let own = script.tokens_asked.last().unwrap();
    assert_eq!(own["grant_type"], "client_credentials");
    assert_eq!(own["scope"], crate::LAUNCH_SCOPE);
}

#[actix_web::test]
async fn sc_16_what_is_left_open_is_left_out() {
    let bench = Bench::new();
    let cookies = bench.signed_in().await;
    let csrf = csrf(&bench, &cookies).await;
    let form =
        [("csrf", csrf.as_str()), ("frame", "trends"), ("encounter", ""), ("intent", "unknown")];
    let page = bench.post("/ehr/patients/p1/launch", &cookies, &form).await;
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("src=\"http://apps.example/launch?iss=x&#38;launch=y\""),
        "{}",
        page.body
    );
    let launches = &bench.stub.script.lock().unwrap().launches;
    assert_eq!(launches[0]["need_patient_banner"], false);
    assert!(launches[0].get("encounter").is_none() && launches[0].get("intent").is_none());
}

#[actix_web::test]
async fn the_ehrs_own_token_is_used_until_it_ends() {
    let bench = Bench::new();
    let cookies = bench.signed_in().await;
    let csrf = csrf(&bench, &cookies).await;
    for _ in 0..2 {
        bench
            .post("/ehr/patients/p1/launch", &cookies, &[("csrf", &csrf), ("tab", "trends")])
            .await;
    }
    let script = bench.stub.script.lock().unwrap();
    assert_eq!(script.launches.len(), 2);
    let own = script.tokens_asked.iter().filter(|form| form["grant_type"] == "client_credentials");
    assert_eq!(own.count(), 1);
}

#[actix_web::test]
async fn a_launch_is_refused_without_the_sessions_own_form() {
    let bench = Bench::new();
    let cookies = bench.signed_in().await;
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
    let bench = Bench::new();
    let cookies = bench.signed_in().await;
    let csrf = csrf(&bench, &cookies).await;
    let launch = async |patient: &str, app: &str, encounter: &str| {
        let form = [("csrf", csrf.as_str()), ("tab", app), ("encounter", encounter)];
        bench
            .post(&format!("/ehr/patients/{patient}/launch"), &cookies, &form)
            .await
            .status
            .as_u16()
    };
    assert_eq!(launch("p2", "trends", "e1").await, 400);
    assert_eq!(launch("p1", "nobody", "").await, 400);
    assert_eq!(launch("p1", "trends", "../Patient").await, 404);
    assert_eq!(launch("..%2f..", "trends", "").await, 404);
    assert!(bench.stub.script.lock().unwrap().launches.is_empty());
}

#[actix_web::test]
async fn al_8_a_launch_url_elsewhere_than_the_apps_home_is_not_followed() {
    let bench = Bench::new();
    let cookies = bench.signed_in().await;
    let csrf = csrf(&bench, &cookies).await;
    for foreign in
        ["https://evil.example/launch", "javascript:alert(1)", "http://apps.example.evil.example/"]
    {
        bench.stub.script.lock().unwrap().launch_url = foreign.into();
        let sent = bench
            .post("/ehr/patients/p1/launch", &cookies, &[("csrf", &csrf), ("tab", "trends")])
            .await;
        assert_eq!(sent.status, 502, "{foreign}");
    }
}

#[actix_web::test]
async fn a_part_that_may_not_be_seen_leaves_the_rest_of_the_chart() {
    let bench = Bench::new();
    let cookies = bench.signed_in().await;
    bench.stub.script.lock().unwrap().forbidden = vec!["Condition".into()];
    let chart = bench.get("/ehr/patients/p1", &cookies).await;
    assert_eq!(chart.status, 200);
    assert_eq!(chart.body.matches("You are not allowed to see this part.").count(), 1);
    assert!(chart.body.contains("id=\"launch-trends\""));
}
