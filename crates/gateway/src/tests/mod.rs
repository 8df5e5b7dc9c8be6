//! The gateway behind the real guard, before a server that believes everybody and may be told to lie.

mod hostile;
mod links;
mod passing;
mod property;
mod reading;
mod rules;
mod stub;
mod writing;

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::test::{TestRequest, call_service, init_service, try_read_body};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use fireward_fhir::Rules;
use fireward_guard::{Config, Guard};
use fireward_jose::backend::rand::SystemRandom;
use fireward_jose::{Algorithm, JwkSet, SigningKey};
use fireward_keys::MasterKey;
use fireward_outbound::{Configured, Outbound, Policy};
use serde_json::{Value, json};

use crate::{Credential, Gateway, Limits, Links, Settings, Upstream, configure};
pub(super) use stub::{Scripted, Stub};

pub(super) struct World {
    gateway: web::Data<Gateway>,
    pub(super) stub: web::Data<Stub>,
    key: SigningKey,
}

/// The answer to one request.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl World {
    /// With two patients, `a` and `b`, of whom each has two observations and a practitioner.
    pub(super) fn new() -> Self {
        Self::under(Rules::default())
    }

    /// The same under rules of a site.
    pub(super) fn under(rules: Rules) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let key = key();
        let trusted = Configured::new(&issuer(&key)).unwrap();
        let config = Config::new(ISSUER, BASE).unwrap().reached_at(trusted);
        let outbound = Arc::new(Outbound::new(Policy {
            timeout: std::time::Duration::from_millis(600),
            ..Policy::default()
        }));
        let guard = web::Data::new(Guard::new(config, &outbound, Arc::new(|| NOW)));
        let (stub, address) = Stub::start();
        let limits = Limits { answer: 200_000, pages: 5, ..Limits::default() };
        let credential = Credential::Basic("gateway".to_owned(), "secret".to_owned());
        let address = Configured::new(&address).unwrap();
        let upstream = Upstream::new(outbound, address, None, credential, limits.answer);
        let links = Links::new(MasterKey::new([7; 32]), Arc::new(SystemRandom::new()));
        let settings = Settings {
            base: BASE.parse().unwrap(),
            limits,
            since: "2026-11-01".to_owned(),
            rules,
            new_id: Arc::new(|| "request-1".to_owned()),
        };
        let gateway = web::Data::new(Gateway::new(guard, upstream, links, settings));
        Self { gateway, stub, key }
    }

    pub(super) fn token(&self, scope: &str, patient: Option<&str>) -> String {
        let claims = json!({
            "iss": ISSUER, "aud": BASE, "sub": "alice", "client_id": "growth-chart", "scope": scope,
            "patient": patient, "fhirUser": "Practitioner/of-a", "jti": "t1", "iat": NOW, "exp": NOW + 300,
            "clinic": "north",
        });
        self.key.sign("at+jwt", &claims, &SystemRandom::new()).unwrap()
    }

    /// A token that may do everything.
    pub(super) fn anyone(&self) -> String {
        self.token("system/*.cruds", None)
    }

    /// Sends a request. `target` is below the base.
    pub(super) async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<web::Bytes>,
    ) -> Heard {
        let app = App::new().configure(|config| configure(config, self.gateway.clone()));
        let app = init_service(app).await;
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let target = target.strip_prefix(BASE).unwrap_or(target);
        let mut request =
            TestRequest::with_uri(&format!("/fhir{target}")).method(method).set_payload(body);
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request = request.append_header((name, HeaderValue::from_str(value).unwrap()));
        }
        let response = call_service(&app, request.to_request()).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = try_read_body(response).await.map(|body| body.to_vec());
        let text =
            body.map_or_else(|_| BROKEN_OFF.to_owned(), |body| String::from_utf8(body).unwrap());
        Heard { status, headers, text }
    }

    /// Sends a request with a token.
    pub(super) async fn ask(&self, token: &str, method: &str, target: &str) -> Heard {
        let bearer = format!("Bearer {token}");
        self.send(method, target, &[("Authorization", &bearer)], "").await
    }

    /// Sends a resource.
    pub(super) async fn write(
        &self,
        token: &str,
        (method, target): (&str, &str),
        headers: &[(&str, &str)],
        resource: &Value,
    ) -> Heard {
        let bearer = format!("Bearer {token}");
        let mut all = vec![("Authorization", bearer.as_str()), FHIR];
        all.extend_from_slice(headers);
        self.send(method, target, &all, resource.to_string()).await
    }
}

impl Heard {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The ids of the entries of a bundle.
    pub(super) fn ids(&self) -> Vec<String> {
        let entries = self.json()["entry"].as_array().cloned().unwrap_or_default();
        let id = |entry: &Value| entry["resource"]["id"].as_str().unwrap().to_owned();
        entries.iter().map(id).collect()
    }

    pub(super) fn link(&self, relation: &str) -> Option<String> {
        let links = self.json()["link"].as_array().cloned().unwrap_or_default();
        let link = links.into_iter().find(|link| link["relation"] == relation)?;
        Some(link["url"].as_str().unwrap().to_owned())
    }
}

/// Serves what an issuer publishes; gives its address.
fn issuer(key: &SigningKey) -> String {
    let keys: JwkSet = [key.public_jwk().clone()].into_iter().collect();
    let discovery = json!({ "issuer": ISSUER, "jwks_uri": format!("{ISSUER}/jwks"),
        "authorization_endpoint": format!("{ISSUER}/authorize"),
        "token_endpoint": format!("{ISSUER}/token") });
    let documents: Documents = [
        ("/jwks", keys.to_json()),
        ("/.well-known/openid-configuration", discovery.clone()),
        (
            "/.well-known/smart-configuration",
            json!({ "issuer": ISSUER, "capabilities": [],
            "token_endpoint": format!("{ISSUER}/token") }),
        ),
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
    let der = fireward_keys::generate(Algorithm::ES256, &rng).unwrap();
    SigningKey::from_pkcs8(Algorithm::ES256, "k1", &der, &rng).unwrap()
}

pub(super) fn observation(id: &str, patient: &str) -> Value {
    json!({ "resourceType": "Observation", "id": id, "status": "final", "code": { "text": "x" },
        "subject": { "reference": format!("Patient/{patient}") } })
}

pub(super) const FHIR: (&str, &str) = ("Content-Type", "application/fhir+json");
const ISSUER: &str = "https://issuer.example";
pub(super) const BASE: &str = "https://fhir.example/fhir";
const NOW: i64 = 1_795_000_000;
pub(super) const BROKEN_OFF: &str = "the body breaks off";
