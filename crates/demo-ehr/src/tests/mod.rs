//! The EHR against a stub of its issuer and FHIR server, over a real socket.

mod launching;
mod signing_in;
mod stub;

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU8, Ordering},
};

use actix_web::{
    dev::{Service, ServiceResponse},
    http::{StatusCode, header},
    test,
};
use fireward_jose::{Algorithm, backend::rand::SystemRandom};
use fireward_outbound::{Outbound, Policy};
use url::Url;

use crate::{App, CHART_SCOPE, Config, Ehr, Look, SampleApp, Sources};
use stub::{NOW, Stub};

/// An EHR, its stub, and the cookies of one browser.
struct Bench {
    stub: Stub,
    ehr: Ehr,
    clock: Arc<AtomicI64>,
}

/// What came back, read to its end.
struct Seen {
    status: StatusCode,
    location: String,
    cookies: Vec<String>,
    headers: header::HeaderMap,
    body: String,
}

fn config(stub: &Stub) -> Config {
    Config {
        organisation: "Harbour Clinic".into(),
        issuer: stub.base.clone(),
        fhir_base: format!("{}/fhir", stub.base),
        base_url: Url::parse("http://localhost:8082").unwrap(),
        client_id: "ehr".into(),
        scope: CHART_SCOPE.into(),
        key: stub::key(Algorithm::ES384, "ehr-1"),
        apps: vec![App {
            client_id: "trends".into(),
            name: "Trends".into(),
            description: "Draws values over time.".into(),
            home: Url::parse("http://apps.example/").unwrap(),
            launch_urls: vec!["http://apps.example/launch".into()],
            intents: vec!["labs".into()],
            framed: true,
        }],
        looks: vec![Look {
            id: "night".into(),
            name: "Night".into(),
            style: serde_json::json!({ "color_text": "#ffffff" }),
        }],
        sample_app: Some(SampleApp {
            other_fhir_bases: vec!["https://lab.example/fhir".into()],
            client_id: "trends".into(),
            name: "Trends".into(),
            description: String::new(),
        }),
    }
}

impl Bench {
    fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let stub = Stub::start();
        let clock = Arc::new(AtomicI64::new(NOW));
        let (time, seed) = (Arc::clone(&clock), AtomicU8::new(1));
        let sources = Sources {
            now: Arc::new(move || time.load(Ordering::SeqCst)),
            entropy: Arc::new(move |octets: &mut [u8]| {
                octets.fill(seed.fetch_add(1, Ordering::SeqCst));
            }),
            rng: Arc::new(SystemRandom::new()),
        };
        let ehr =
            Ehr::new(config(&stub), &Arc::new(Outbound::new(Policy::default())), sources).unwrap();
        Self { stub, ehr, clock }
    }

    async fn get(&self, path: &str, cookies: &str) -> Seen {
        self.call(test::TestRequest::get().uri(path), cookies).await
    }

    async fn post(&self, path: &str, cookies: &str, form: &[(&str, &str)]) -> Seen {
        self.call(test::TestRequest::post().uri(path).set_form(form), cookies).await
    }

    async fn call(&self, request: test::TestRequest, cookies: &str) -> Seen {
        let app = actix_web::App::new().configure(|service| self.ehr.configure(service));
        let app = test::init_service(app).await;
        let request = request.insert_header((header::COOKIE, cookies.to_owned())).to_request();
        Seen::of(app.call(request).await.unwrap()).await
    }

    /// A browser that has signed in: its cookies.
    async fn signed_in(&self) -> String {
        let (browser, state) = self.begun().await;
        let back = self.get(&self.answer(&state), &browser).await;
        assert_eq!(back.status, 303, "{}", back.body);
        back.cookies.join("; ")
    }

    /// A browser that was sent to the issuer: its cookie, and the state.
    async fn begun(&self) -> (String, String) {
        let begin = self.get("/ehr/sign-in", "").await;
        let nonce = parameter(&begin.location, "nonce");
        self.stub.script.lock().unwrap().nonce = nonce;
        (begin.cookies.join("; "), parameter(&begin.location, "state"))
    }

    fn answer(&self, state: &str) -> String {
        format!("/ehr/callback?code=c0de&state={state}&iss={}", self.stub.base)
    }
}

impl Seen {
    async fn of(answer: ServiceResponse) -> Self {
        let headers = answer.headers().clone();
        let text = |value: &header::HeaderValue| value.to_str().unwrap().to_owned();
        let cookies = headers.get_all(header::SET_COOKIE).map(text);
        let cookies = cookies.map(|cookie| cookie.split(';').next().unwrap().to_owned()).collect();
        let location = headers.get(header::LOCATION).map(text).unwrap_or_default();
        let status = answer.status();
        let body = String::from_utf8_lossy(&test::read_body(answer).await).into_owned();
        Self { status, location, cookies, headers, body }
    }

    fn csrf(&self) -> String {
        let rest = self.body.split("name=\"csrf\" value=\"").nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}

fn parameter(address: &str, name: &str) -> String {
    let url = Url::parse(address).unwrap();
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("{name} in {address}")).1.into_owned()
}

#[actix_web::test]
async fn every_page_has_its_policy_and_no_cache_keeps_it() {
    let bench = Bench::new();
    let front = bench.get("/", "").await;
    assert_eq!(front.status, 200);
    let policy = front.headers.get("content-security-policy").unwrap().to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(policy.contains("form-action 'self' http://127.0.0.1:"), "{policy}");
    assert!(!policy.contains("unsafe"));
    assert_eq!(front.headers.get("cache-control").unwrap(), "no-store");
    assert_eq!(front.headers.get("referrer-policy").unwrap(), "no-referrer");
}

#[actix_web::test]
async fn the_sample_app_and_its_settings_are_served() {
    let bench = Bench::new();
    let page = bench.get("/sample-app/", "").await;
    assert!(page.body.contains("js/main.mjs"));
    let policy = page.headers.get("content-security-policy").unwrap().to_str().unwrap();
    assert!(policy.contains(&format!("connect-src 'self' {}", bench.stub.base)), "{policy}");
    let settings: serde_json::Value =
        serde_json::from_str(&bench.get("/sample-app/config.json", "").await.body).unwrap();
    assert_eq!(settings["client_id"], "trends");
    assert_eq!(settings["fhir_base"], format!("{}/fhir", bench.stub.base));
    let library = bench.get("/sample-app/vendor/fhir-client.pure.min.js", "").await;
    assert!(
        library
            .headers
            .get("content-type")
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with("text/javascript")
    );
    for nothing in ["/sample-app/js/../../Cargo.toml", "/sample-app/none", "/nowhere"] {
        assert_eq!(bench.get(nothing, "").await.status, 404, "{nothing}");
    }
}

#[actix_web::test]
async fn ca_4_the_public_key_is_served_and_nothing_private_with_it() {
    let bench = Bench::new();
    let jwks = bench.get("/ehr/jwks.json", "").await.body;
    let jwks: serde_json::Value = serde_json::from_str(&jwks).unwrap();
    assert_eq!(jwks["keys"][0]["kid"], "ehr-1");
    assert_eq!(jwks["keys"][0]["crv"], "P-384");
    assert!(jwks["keys"][0].get("d").is_none());
}
