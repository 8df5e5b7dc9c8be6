//! A resource server and an issuer on a loopback address, reached under another name than its own.

mod issuers;
mod refusals;
mod smart;
mod tokens;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, HttpMessage as _, HttpRequest, HttpResponse, HttpServer, web};
use fireward_fhir::{Interaction, Request, Rules};
use fireward_jose::backend::rand::SystemRandom;
use fireward_jose::backend::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use fireward_jose::{Algorithm, JwkSet, SigningKey};
use fireward_outbound::{Configured, Outbound, Policy};
use serde_json::{Value, json};

use crate::{Bearer, Config, Guard, Refused, RequestId, smart_configuration};

const ISSUER: &str = "https://issuer.example";
const BASE: &str = "https://fhir.example/fhir";
const NOW: i64 = 1_700_000_000;

/// What the issuer answers, by path; a path that is not there is a 404.
#[derive(Default)]
struct Published {
    answers: Mutex<Vec<(String, String)>>,
    asked: Mutex<Vec<String>>,
}

struct World {
    published: Arc<Published>,
    key: SigningKey,
    clock: Arc<AtomicI64>,
    guard: web::Data<Guard>,
}

/// The answer to one request.
struct Heard {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl World {
    fn new() -> Self {
        Self::with(|_| {})
    }

    /// With other settings than the usual ones.
    fn with(change: impl FnOnce(&mut Config)) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let published = Arc::new(Published::default());
        let address = serve(Arc::clone(&published));
        let address = Configured::new(&address).unwrap();
        let mut config = Config::new(ISSUER, BASE).unwrap().reached_at(address);
        change(&mut config);
        let policy = Policy { timeout: Duration::from_millis(500), ..Policy::default() };
        let clock = Arc::new(AtomicI64::new(NOW));
        let now = Arc::clone(&clock);
        let now = Arc::new(move || now.load(Ordering::SeqCst));
        let guard = Guard::new(config, &Arc::new(Outbound::new(policy)), now);
        let world = Self { published, key: key("k1"), clock, guard: web::Data::new(guard) };
        world.publish("/.well-known/openid-configuration", &discovery(ISSUER));
        world.publish_keys(&[&world.key]);
        world
    }

    fn publish(&self, path: &str, document: &Value) {
        let mut answers = self.published.answers.lock().unwrap();
        answers.retain(|(known, _)| known != path);
        answers.push((path.to_owned(), document.to_string()));
    }

    fn publish_keys(&self, keys: &[&SigningKey]) {
        let set: JwkSet = keys.iter().map(|key| key.public_jwk().clone()).collect();
        self.publish("/jwks", &set.to_json());
    }

    /// The issuer answers nothing any more.
    fn withdraw(&self) {
        self.published.answers.lock().unwrap().clear();
    }

    fn asked_for(&self, path: &str) -> usize {
        let asked = self.published.asked.lock().unwrap();
        asked.iter().filter(|one| one.split('?').next() == Some(path)).count()
    }

    fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Heard {
        let app = App::new()
            .app_data(self.guard.clone())
            .route("/.well-known/smart-configuration", web::get().to(smart_configuration))
            .default_service(web::to(handler));
        let app = init_service(app).await;
        let mut request = TestRequest::get().uri(path);
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request = request.append_header((name, HeaderValue::from_str(value).unwrap()));
        }
        let request = request.to_request();
        request.extensions_mut().insert(RequestId("r-1".to_owned()));
        let response = call_service(&app, request).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_slice(&read_body(response).await).unwrap_or(Value::Null);
        Heard { status, headers, body }
    }

    async fn get_with(&self, token: &str) -> Heard {
        self.get("/Observation?_count=1", &[("Authorization", &format!("Bearer {token}"))]).await
    }

    fn token(&self, claims: &Value) -> String {
        sign(&self.key, "at+jwt", claims)
    }
}

impl Heard {
    /// Each value of a header.
    fn all(&self, name: &str) -> Vec<String> {
        self.headers.get_all(name).map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// What a resource server does with every request, in short.
async fn handler(bearer: Bearer, request: HttpRequest) -> Result<HttpResponse, Refused> {
    let asked = Request {
        method: request.method().as_str(),
        path: request.path(),
        query: request.query_string(),
        base: BASE,
        ..Request::default()
    };
    let permitted = bearer.permit(&Interaction::parse(&asked).unwrap(), &Rules::default());
    permitted.map(|_| HttpResponse::Ok().json(json!({ "client": bearer.access().client() })))
}

fn serve(published: Arc<Published>) -> String {
    let answer = |published: web::Data<Published>, request: HttpRequest| async move {
        published.asked.lock().unwrap().push(request.uri().to_string());
        let answers = published.answers.lock().unwrap();
        match answers.iter().find(|(path, _)| path == request.path()) {
            Some((_, body)) => HttpResponse::Ok()
                .insert_header(("Cache-Control", "max-age=300"))
                .content_type("application/json")
                .body(body.clone()),
            None => HttpResponse::NotFound().finish(),
        }
    };
    let published = web::Data::from(published);
    let app = move || App::new().app_data(published.clone()).default_service(web::to(answer));
    let server = HttpServer::new(app).workers(1).bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", server.addrs()[0]);
    actix_web::rt::spawn(server.run());
    address
}

fn discovery(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/jwks"),
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
    })
}

fn key(kid: &str) -> SigningKey {
    let rng = SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
    SigningKey::from_pkcs8(Algorithm::ES256, kid, der.as_ref(), &rng).unwrap()
}

fn sign(key: &SigningKey, typ: &str, claims: &Value) -> String {
    key.sign(typ, claims, &SystemRandom::new()).unwrap()
}

/// The claims of a good token.
fn claims() -> Value {
    json!({
        "iss": ISSUER,
        "aud": BASE,
        "sub": "alice",
        "client_id": "growth-chart",
        "scope": "openid patient/Observation.rs",
        "patient": "p1",
        "jti": "t1",
        "iat": NOW,
        "exp": NOW + 300,
    })
}

fn with(member: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[member] = value;
    claims
}
