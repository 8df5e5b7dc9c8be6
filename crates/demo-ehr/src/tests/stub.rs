//! An issuer and a FHIR server in one, on a real socket: they say what they are told to, and remember what they heard.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    web::{Data, Form, Json, Path},
};
use fireward_jose::{
    Algorithm, SigningKey,
    backend::{
        rand::SystemRandom,
        signature::{
            ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        },
    },
};
use serde_json::{Value, json};

pub(super) const NOW: i64 = 1_800_000_000;
pub(super) const USER: &str = "Practitioner/dr-1";

/// What the stub says, and heard.
#[derive(Default)]
pub(super) struct Script {
    pub(super) fhir_user: String,
    pub(super) nonce: String,
    pub(super) launch_url: String,
    pub(super) expires_in: i64,
    /// Refuse these types with 403.
    pub(super) forbidden: Vec<String>,
    pub(super) tokens_asked: Vec<HashMap<String, String>>,
    pub(super) launches: Vec<Value>,
    pub(super) styles: Vec<Value>,
    /// The Task that the FHIR server has.
    pub(super) task: Value,
    pub(super) bearers: Vec<String>,
}

pub(super) struct Stub {
    pub(super) base: String,
    pub(super) script: Arc<Mutex<Script>>,
}

struct State {
    base: String,
    key: SigningKey,
    script: Arc<Mutex<Script>>,
}

/// A key for `ES384`, else for `ES256`.
pub(super) fn key(alg: Algorithm, kid: &str) -> SigningKey {
    let rng = SystemRandom::new();
    let p384 = alg == Algorithm::ES384;
    let curve =
        if p384 { &ECDSA_P384_SHA384_FIXED_SIGNING } else { &ECDSA_P256_SHA256_FIXED_SIGNING };
    let der = EcdsaKeyPair::generate_pkcs8(curve, &rng).unwrap();
    SigningKey::from_pkcs8(alg, kid, der.as_ref(), &rng).unwrap()
}

impl Stub {
    pub(super) fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let script = Arc::new(Mutex::new(Script {
            fhir_user: format!("{base}/fhir/{USER}"),
            launch_url: "http://apps.example/launch?iss=x&launch=y".into(),
            expires_in: 300,
            ..Script::default()
        }));
        let key = key(Algorithm::ES256, "issuer-1");
        let state = Data::new(State { base: base.clone(), key, script: Arc::clone(&script) });
        let server = HttpServer::new(move || {
            App::new()
                .app_data(state.clone())
                .route("/.well-known/openid-configuration", actix_web::web::get().to(metadata))
                .route("/jwks", actix_web::web::get().to(jwks))
                .route("/token", actix_web::web::post().to(token))
                .route("/launch-contexts", actix_web::web::post().to(launch))
                .route("/styles", actix_web::web::post().to(style))
                .route("/fhir/{type}", actix_web::web::get().to(search))
                .route("/fhir/{type}/{id}", actix_web::web::get().to(read))
        });
        let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
        actix_web::rt::spawn(server);
        Self { base, script }
    }
}

async fn metadata(state: Data<State>) -> HttpResponse {
    let base = &state.base;
    HttpResponse::Ok().json(json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/jwks"),
        "end_session_endpoint": format!("{base}/logout"),
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn jwks(state: Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "keys": [state.key.public_jwk().to_json()] }))
}

async fn token(state: Data<State>, form: Form<HashMap<String, String>>) -> HttpResponse {
    let mut script = state.script.lock().unwrap();
    let nth = script.tokens_asked.len();
    script.tokens_asked.push(form.0.clone());
    let mut answer = json!({
        "access_token": format!("at-{nth}"), "token_type": "Bearer", "expires_in": script.expires_in,
    });
    if form["grant_type"] != "client_credentials" {
        answer["refresh_token"] = json!(format!("rt-{nth}"));
    }
    if form["grant_type"] == "authorization_code" {
        let claims = json!({
            "iss": state.base, "sub": "u1", "aud": "ehr", "exp": NOW + 300, "iat": NOW,
            "nonce": script.nonce, "fhirUser": script.fhir_user, "name": "Dr. Ana Silva",
        });
        answer["id_token"] = json!(state.key.sign("JWT", &claims, &SystemRandom::new()).unwrap());
    }
    HttpResponse::Ok().json(answer)
}

async fn launch(state: Data<State>, request: HttpRequest, body: Json<Value>) -> HttpResponse {
    let mut script = state.script.lock().unwrap();
    script.bearers.push(bearer(&request));
    script.launches.push(body.0);
    HttpResponse::Created()
        .json(json!({ "launch": "h", "launch_url": script.launch_url, "expires_in": 60 }))
}

async fn style(state: Data<State>, body: Json<Value>) -> HttpResponse {
    state.script.lock().unwrap().styles.push(body.0);
    HttpResponse::Created()
        .json(json!({ "smart_style_url": format!("{}/styles/s.json", state.base) }))
}

fn bearer(request: &HttpRequest) -> String {
    let header = request.headers().get("authorization").map(|value| value.to_str().unwrap());
    header.unwrap_or_default().to_owned()
}

fn resource(resource_type: &str, id: &str) -> Value {
    match resource_type {
        "Patient" => json!({
            "resourceType": "Patient", "id": id, "gender": "female", "birthDate": "1979-03-04",
            "name": [{ "family": "<b>Gonçalves</b>", "given": ["Rita"] }],
        }),
        "Encounter" => json!({
            "resourceType": "Encounter", "id": id, "status": "finished",
            "class": { "display": "ambulatory" }, "subject": { "reference": "Patient/p1" },
        }),
        _ => json!({ "resourceType": resource_type, "id": id, "code": { "text": "Something" } }),
    }
}

async fn search(state: Data<State>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let mut script = state.script.lock().unwrap();
    script.bearers.push(bearer(&request));
    if script.forbidden.contains(&path) {
        return HttpResponse::Forbidden().finish();
    }
    let found = if *path == "Task" { script.task.clone() } else { resource(&path, "p1") };
    let entry = json!([{ "resource": found }]);
    HttpResponse::Ok().json(json!({ "resourceType": "Bundle", "total": 1, "entry": entry }))
}

async fn read(state: Data<State>, path: Path<(String, String)>) -> HttpResponse {
    if path.0 == "Task" {
        return HttpResponse::Ok().json(&state.script.lock().unwrap().task);
    }
    HttpResponse::Ok().json(resource(&path.0, &path.1))
}
