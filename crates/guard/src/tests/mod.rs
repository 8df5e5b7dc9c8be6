//! A resource server and an issuer on a loopback address, reached under another name than its own.

mod asked;
mod issuers;
mod proofs;
mod refusals;
mod smart;
mod tokens;
mod trusted;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, HttpMessage as _, HttpRequest, HttpResponse, HttpServer, web};
use fireward_fhir::{Interaction, Request, Rules};
use fireward_jose::backend::rand::SystemRandom;
use fireward_jose::backend::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use fireward_jose::{Algorithm, JwkSet, SigningKey, b64};
use fireward_outbound::{Configured, Outbound, Policy};
use serde_json::{Value, json};

use crate::{
    Bearer, Config, Guard, PROTECTED_RESOURCE, Refused, RequestId, protected_resource,
    smart_configuration,
};

const ISSUER: &str = "https://issuer.example";
const BASE: &str = "https://fhir.example/fhir";
const NOW: i64 = 1_700_000_000;

/// What the issuer answers, by path; a path that is not there is a 404.
#[derive(Default)]
struct Published {
    answers: Mutex<Vec<(String, String)>>,
    asked: Mutex<Vec<String>>,
    headers: Mutex<Vec<(String, String)>>,
}

struct World {
    published: Arc<Published>,
    key: SigningKey,
    /// The same key, for what no issuer signs.
    pair: EcdsaKeyPair,
    outbound: Arc<Outbound>,
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
        let (key, pair) = key_and_pair("k1");
        let outbound = Arc::new(Outbound::new(policy));
        let guard = Guard::new(config.clone(), &outbound, Arc::new(|| 0));
        let guard = web::Data::new(guard);
        let mut world = Self { published, key, pair, outbound, clock, guard };
        world.guard = world.guarded(config, |guard| guard);
        world.publish("/.well-known/openid-configuration", &discovery(ISSUER));
        world.publish_keys(&[&world.key]);
        world
    }

    /// A guard of this world's, with these settings.
    fn guarded(&self, config: Config, change: impl FnOnce(Guard) -> Guard) -> web::Data<Guard> {
        let now = Arc::clone(&self.clock);
        let now = Arc::new(move || now.load(Ordering::SeqCst));
        web::Data::new(change(Guard::new(config, &self.outbound, now)))
    }

    fn publish(&self, path: &str, document: &Value) {
        self.publish_text(path, &document.to_string());
    }

    fn publish_text(&self, path: &str, text: &str) {
        let mut answers = self.published.answers.lock().unwrap();
        answers.retain(|(known, _)| known != path);
        answers.push((path.to_owned(), text.to_owned()));
    }

    /// Whether the issuer was sent a header that begins like this.
    fn was_sent(&self, name: &str, value: &str) -> bool {
        let headers = self.published.headers.lock().unwrap();
        headers.iter().any(|(one, sent)| one == name && sent.starts_with(value))
    }

    /// A token with a header of its own.
    fn pair_signs(&self, header: &Value, claims: &Value) -> String {
        let signed =
            format!("{}.{}", b64::encode(header.to_string()), b64::encode(claims.to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", b64::encode(signature))
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
            .route(&format!("{PROTECTED_RESOURCE}/fhir"), web::get().to(protected_resource))
            .default_service(web::to(handler));
        let app = init_service(app).await;
        let peer = "203.0.113.7:4711".parse().unwrap();
        let mut request = TestRequest::get().uri(path).peer_addr(peer);
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
        path: request.path().strip_prefix("/fhir").unwrap_or(request.path()),
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
        let sent = request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()));
        published.headers.lock().unwrap().extend(sent);
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
    key_and_pair(kid).0
}

fn key_and_pair(kid: &str) -> (SigningKey, EcdsaKeyPair) {
    let rng = SystemRandom::new();
    let curve = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let der = EcdsaKeyPair::generate_pkcs8(curve, &rng).unwrap();
    let key = SigningKey::from_pkcs8(Algorithm::ES256, kid, der.as_ref(), &rng).unwrap();
    (key, EcdsaKeyPair::from_pkcs8(curve, der.as_ref(), &rng).unwrap())
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
