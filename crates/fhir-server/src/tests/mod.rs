//! The server behind the real guard, and an issuer on a loopback address.

mod auditing;
mod conditions;
mod documents;
mod exporting;
mod front;
mod layers;
mod reading;
mod refusals;
mod searching;
mod several;
mod writing;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use fireward_fhir_store::{Durability, Records};
use fireward_gateway::Gateway;
use fireward_guard::{Config, Guard};
use fireward_jose::backend::rand::SystemRandom;
use fireward_jose::backend::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use fireward_jose::{Algorithm, JwkSet, SigningKey};
use fireward_outbound::{Configured, Outbound, Policy};
use serde_json::{Value, json};
use tempfile::TempDir;
use time::OffsetDateTime;

use crate::{Around, FhirServer, configure, demo_records};

const AROUND: Around<'_> =
    Around { launch_url: "https://app.example/launch", laboratory: Some("https://lab.example") };

struct World {
    server: web::Data<FhirServer>,
    gateway: Option<web::Data<Gateway>>,
    key: SigningKey,
    clock: Arc<AtomicI64>,
    _folder: TempDir,
}

/// The answer to one request.
#[derive(Debug)]
struct Heard {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl World {
    /// With two patients, `a` and `b`, of whom each has two observations and a practitioner.
    async fn new() -> Self {
        let world = Self::empty().await;
        let load = world.server.records.load_seed(|| TWO_PATIENTS.as_bytes());
        assert_eq!(load.await.unwrap(), 8);
        world
    }

    async fn with_the_demos_records() -> Self {
        let world = Self::empty().await;
        assert!(world.server.records.load_seed(|| demo_records(AROUND)).await.unwrap() > 10_000);
        world
    }

    async fn empty() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let key = key();
        let address = Configured::new(&issuer(&key)).unwrap();
        let config = Config::new(ISSUER, BASE).unwrap().reached_at(address);
        let clock = Arc::new(AtomicI64::new(NOW));
        let (seconds, now) = (Arc::clone(&clock), Arc::clone(&clock));
        let seconds = Arc::new(move || seconds.load(Ordering::SeqCst));
        let outbound = Arc::new(Outbound::new(Policy::default()));
        let guard = web::Data::new(Guard::new(config, &outbound, seconds));
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}?mode=rwc", folder.path().join("records.db").display());
        let records = Records::open(&url, Durability::Normal).await.unwrap();
        let now = move || OffsetDateTime::from_unix_timestamp(now.load(Ordering::SeqCst)).unwrap();
        let count = AtomicU32::new(0);
        let new_id = move || format!("new-{}", count.fetch_add(1, Ordering::SeqCst));
        let base = BASE.parse().unwrap();
        let server = FhirServer::new(records, guard, &base, Arc::new(now), Arc::new(new_id));
        let gateway = front::through(&server);
        Self { server: web::Data::new(server), gateway, key, clock, _folder: folder }
    }

    fn token(&self, scope: &str, patient: Option<&str>) -> String {
        let claims = json!({
            "iss": ISSUER, "aud": BASE, "sub": "alice", "client_id": "growth-chart", "scope": scope,
            "patient": patient, "fhirUser": "Practitioner/of-a", "jti": "t1", "iat": NOW, "exp": NOW + 300,
        });
        self.sign(&claims)
    }

    fn sign(&self, claims: &Value) -> String {
        self.key.sign("at+jwt", claims, &SystemRandom::new()).unwrap()
    }

    /// A token that may do everything.
    fn anyone(&self) -> String {
        self.token("system/*.cruds", None)
    }

    /// Sends a request. `target` is below the base.
    async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<web::Bytes>,
    ) -> Heard {
        let app = App::new().configure(|config| match &self.gateway {
            Some(gateway) => fireward_gateway::configure(config, gateway.clone()),
            None => configure(config, self.server.clone()),
        });
        let app = init_service(app).await;
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request =
            TestRequest::with_uri(&format!("/fhir{target}")).method(method).set_payload(body);
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request = request.append_header((name, HeaderValue::from_str(value).unwrap()));
        }
        let response = call_service(&app, request.to_request()).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = String::from_utf8(read_body(response).await.to_vec()).unwrap();
        Heard { status, headers, text }
    }

    /// Sends a request with a token.
    async fn ask(&self, token: &str, method: &str, target: &str) -> Heard {
        let bearer = format!("Bearer {token}");
        self.send(method, target, &[("Authorization", &bearer)], "").await
    }

    /// Sends a resource.
    async fn write(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        resource: &Value,
    ) -> Heard {
        let bearer = format!("Bearer {}", self.anyone());
        let mut all = vec![("Authorization", bearer.as_str()), FHIR];
        all.extend_from_slice(headers);
        self.send(method, target, &all, resource.to_string()).await
    }
}

impl Heard {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The code of the first issue of an outcome, which also names the request.
    fn issue(&self) -> String {
        let outcome = self.json();
        assert_eq!(outcome["resourceType"], "OperationOutcome");
        let told = outcome["issue"][0]["diagnostics"].as_str().unwrap();
        assert!(told.contains(self.header("x-request-id")), "{told}");
        assert!(self.header("content-type").starts_with("application/fhir+json"));
        outcome["issue"][0]["code"].as_str().unwrap().to_owned()
    }

    /// The ids of the entries of a bundle.
    fn ids(&self) -> Vec<String> {
        let entries = self.json()["entry"].as_array().cloned().unwrap_or_default();
        let id = |entry: &Value| entry["resource"]["id"].as_str().unwrap().to_owned();
        entries.iter().map(id).collect()
    }

    fn link(&self, relation: &str) -> Option<String> {
        let links = self.json()["link"].as_array().cloned().unwrap_or_default();
        let link = links.into_iter().find(|link| link["relation"] == relation)?;
        Some(link["url"].as_str().unwrap().to_owned())
    }
}

/// Serves what an issuer publishes; gives its address.
fn issuer(key: &SigningKey) -> String {
    let keys: JwkSet = [key.public_jwk().clone()].into_iter().collect();
    let smart = json!({ "issuer": ISSUER, "authorization_endpoint": format!("{ISSUER}/authorize"),
        "token_endpoint": format!("{ISSUER}/token"), "capabilities": ["launch-ehr"] });
    let discovery = json!({ "issuer": ISSUER, "jwks_uri": format!("{ISSUER}/jwks"),
        "authorization_endpoint": format!("{ISSUER}/authorize"),
        "token_endpoint": format!("{ISSUER}/token"),
        "revocation_endpoint": format!("{ISSUER}/revoke") });
    let documents: Documents = [
        ("/jwks", keys.to_json()),
        ("/.well-known/openid-configuration", discovery),
        ("/.well-known/smart-configuration", smart),
    ];
    let documents = web::Data::new(documents);
    let app = move || App::new().app_data(documents.clone()).default_service(web::to(publish));
    let server = HttpServer::new(app).workers(1).bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", server.addrs()[0]);
    actix_web::rt::spawn(server.run());
    address
}

type Documents = [(&'static str, Value); 3];

async fn publish(documents: web::Data<Documents>, request: HttpRequest) -> HttpResponse {
    match documents.iter().find(|(path, _)| *path == request.path()) {
        Some((_, document)) => HttpResponse::Ok().json(document),
        None => HttpResponse::NotFound().finish(),
    }
}

fn key() -> SigningKey {
    let rng = SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
    SigningKey::from_pkcs8(Algorithm::ES256, "k1", der.as_ref(), &rng).unwrap()
}

const FHIR: (&str, &str) = ("Content-Type", "application/fhir+json");
const ISSUER: &str = "https://issuer.example";
const BASE: &str = "https://fhir.example/fhir";
const NOW: i64 = 1_795_000_000;
const TWO_PATIENTS: &str = include_str!("two-patients.ndjson");
