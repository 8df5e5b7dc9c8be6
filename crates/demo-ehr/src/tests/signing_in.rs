use std::sync::atomic::Ordering;

use fireward_jose::{Algorithm, JwkSet, Unverified, b64, sha256};
use serde_json::Value;

use super::{Bench, parameter, stub::NOW};

#[actix_web::test]
async fn al_12_signing_in_asks_with_pkce_state_nonce_and_aud() {
    let bench = Bench::new();
    let first = bench.get("/ehr/patients?q=Ana", "").await;
    assert_eq!(first.status, 303);
    assert_eq!(first.location, "/ehr/sign-in?onward=%2Fehr%2Fpatients%3Fq%3DAna");
    let begin = bench.get(&first.location, "").await;
    let asked = |name| parameter(&begin.location, name);
    assert_eq!(asked("response_type"), "code");
    assert_eq!(asked("client_id"), "ehr");
    assert_eq!(asked("redirect_uri"), "http://localhost:8082/ehr/callback");
    assert_eq!(asked("aud"), format!("{}/fhir", bench.stub.base));
    assert_eq!(asked("code_challenge_method"), "S256");
    assert!(asked("scope").starts_with("openid fhirUser"));
    assert_eq!(asked("state").len(), 43);
}

#[actix_web::test]
async fn a_clinician_signs_in_and_sees_the_patients() {
    let bench = Bench::new();
    let (browser, state) = bench.begun().await;
    let back = bench.get(&bench.answer(&state), &browser).await;
    assert_eq!((back.status.as_u16(), back.location.as_str()), (303, "/ehr/patients"));
    let page = bench.get("/ehr/patients", &back.cookies.join("; ")).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Dr. Ana Silva"));
    assert!(page.body.contains("&#60;b&#62;Gonçalves"), "escaped: {}", page.body);
    assert!(bench.stub.script.lock().unwrap().bearers.contains(&"Bearer at-0".to_owned()));
}

#[actix_web::test]
async fn ca_5_the_client_proves_itself_with_a_short_lived_assertion() {
    let bench = Bench::new();
    bench.signed_in().await;
    let asked = bench.stub.script.lock().unwrap().tokens_asked[0].clone();
    let keys = bench.get("/ehr/jwks.json", "").await.body;
    let keys = JwkSet::parse_strict(keys.as_bytes()).unwrap();
    let proof = Unverified::<Value>::parse(&asked["client_assertion"]).unwrap();
    let key = keys.select(Algorithm::ES384, proof.header().kid.as_deref()).unwrap();
    let claims = proof.verify(key, &[Algorithm::ES384]).unwrap().into_claims();
    assert_eq!((&claims["iss"], &claims["sub"]), (&Value::from("ehr"), &Value::from("ehr")));
    assert_eq!(claims["aud"], format!("{}/token", bench.stub.base));
    assert!(claims["exp"].as_i64().unwrap() <= NOW + 300);
    assert!(!asked.contains_key("client_secret") && !asked.contains_key("client_id"));
}

#[actix_web::test]
async fn k2_the_verifier_is_the_one_of_the_challenge() {
    let bench = Bench::new();
    let begin = bench.get("/ehr/sign-in", "").await;
    bench.stub.script.lock().unwrap().nonce = parameter(&begin.location, "nonce");
    let answer = bench.answer(&parameter(&begin.location, "state"));
    bench.get(&answer, &begin.cookies.join("; ")).await;
    let verifier = bench.stub.script.lock().unwrap().tokens_asked[0]["code_verifier"].clone();
    assert_eq!(parameter(&begin.location, "code_challenge"), b64::encode(sha256(verifier)));
}

#[actix_web::test]
async fn an_answer_counts_once_and_in_the_browser_that_asked() {
    let bench = Bench::new();
    let (_, state) = bench.begun().await;
    assert_eq!(bench.get(&bench.answer(&state), "").await.status, 400, "no cookie");
    let (_, state) = bench.begun().await;
    let foreign = bench.get(&bench.answer(&state), "fireward-ehr-browser=somebody-elses").await;
    assert_eq!(foreign.status, 400);
    let (browser, state) = bench.begun().await;
    assert_eq!(bench.get(&bench.answer(&state), &browser).await.status, 303);
    assert_eq!(bench.get(&bench.answer(&state), &browser).await.status, 400, "a second time");
    let (browser, state) = bench.begun().await;
    bench.clock.fetch_add(3600, Ordering::SeqCst);
    assert_eq!(bench.get(&bench.answer(&state), &browser).await.status, 400, "too late");
    assert_eq!(bench.stub.script.lock().unwrap().tokens_asked.len(), 1);
}

#[actix_web::test]
async fn al_17_an_answer_of_another_issuer_is_not_used() {
    let bench = Bench::new();
    for iss in ["&iss=https://evil.example", ""] {
        let (browser, state) = bench.begun().await;
        let answer = format!("/ehr/callback?code=c&state={state}{iss}");
        assert_eq!(bench.get(&answer, &browser).await.status, 400);
    }
    assert!(bench.stub.script.lock().unwrap().tokens_asked.is_empty());
}

#[actix_web::test]
async fn al_15_a_denial_is_told_as_such() {
    let bench = Bench::new();
    let (browser, state) = bench.begun().await;
    let answer = format!("/ehr/callback?error=access_denied&state={state}&iss={}", bench.stub.base);
    let page = bench.get(&answer, &browser).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("access_denied") && page.body.contains("id=\"request-id\""));
}

#[actix_web::test]
async fn an_id_token_for_another_request_signs_nobody_in() {
    let bench = Bench::new();
    let (browser, state) = bench.begun().await;
    bench.stub.script.lock().unwrap().nonce = "another".into();
    let page = bench.get(&bench.answer(&state), &browser).await;
    assert_eq!(page.status, 502);
    assert!(page.cookies.is_empty());
}

#[actix_web::test]
async fn a_patient_is_not_let_into_the_record_system() {
    let bench = Bench::new();
    for user in ["Patient/p1", "https://elsewhere.example/fhir/Practitioner/1", ""] {
        bench.stub.script.lock().unwrap().fhir_user = user.into();
        let (browser, state) = bench.begun().await;
        assert_eq!(bench.get(&bench.answer(&state), &browser).await.status, 403, "{user}");
    }
}

#[actix_web::test]
async fn al_27_a_token_that_ends_is_renewed_once_for_all_who_wait() {
    let bench = Bench::new();
    let cookies = bench.signed_in().await;
    bench.clock.fetch_add(290, Ordering::SeqCst);
    let (one, other) =
        tokio::join!(bench.get("/ehr/patients", &cookies), bench.get("/ehr/patients", &cookies));
    assert_eq!((one.status.as_u16(), other.status.as_u16()), (200, 200));
    let script = bench.stub.script.lock().unwrap();
    let renewed: Vec<_> =
        script.tokens_asked.iter().filter(|form| form["grant_type"] == "refresh_token").collect();
    assert_eq!(renewed.len(), 1);
    assert_eq!(renewed[0]["refresh_token"], "rt-0");
    assert!(script.bearers.contains(&"Bearer at-1".to_owned()));
}

#[actix_web::test]
async fn signing_out_ends_the_session_here_and_there() {
    let bench = Bench::new();
    let cookies = bench.signed_in().await;
    let csrf = bench.get("/ehr/patients", &cookies).await.csrf();
    let foreign = bench.post("/ehr/sign-out", &cookies, &[("csrf", "guessed")]).await;
    assert_eq!(foreign.status, 403);
    let out = bench.post("/ehr/sign-out", &cookies, &[("csrf", &csrf)]).await;
    assert!(out.location.starts_with(&format!("{}/logout?id_token_hint=", bench.stub.base)));
    assert_eq!(parameter(&out.location, "post_logout_redirect_uri"), "http://localhost:8082/");
    assert_eq!(bench.get("/ehr/patients", &cookies).await.status, 303);
}

#[actix_web::test]
async fn who_is_no_clinician_may_come_as_somebody_else() {
    let bench = Bench::new();
    bench.stub.script.lock().unwrap().fhir_user = format!("{}/fhir/Patient/p1", bench.stub.base);
    let (browser, state) = bench.begun().await;
    let refused = bench.get(&bench.answer(&state), &browser).await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("href=\"/ehr/sign-in?another=1\""), "{}", refused.body);
    let begin = bench.get("/ehr/sign-in?another=1", "").await;
    assert_eq!(parameter(&begin.location, "prompt"), "select_account");
    let begin = bench.get("/ehr/sign-in", "").await;
    assert!(!begin.location.contains("prompt="));
}
