//! Servers of clients' keys that are slow, broken or change their keys while they are used.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::{App, HttpResponse, HttpServer, web};
use fireward_jose::{Algorithm, SigningKey};
use serde_json::{Value, json};

use super::{Answer, World, client_credentials::TYPE};

type Reply = Pin<Box<dyn Future<Output = HttpResponse>>>;
type Behaviour = fn(Value) -> Reply;

/// A client's server: its key set, how it answers, and how often it was asked.
struct KeyServer {
    url: String,
    keys: Arc<Mutex<Value>>,
    behaviour: Arc<Mutex<Behaviour>>,
    asked: Arc<AtomicUsize>,
}

impl KeyServer {
    fn start(keys: Value, behaviour: Behaviour) -> Self {
        let (keys, asked) = (Arc::new(Mutex::new(keys)), Arc::new(AtomicUsize::new(0)));
        let behaviour = Arc::new(Mutex::new(behaviour));
        let shared = (Arc::clone(&keys), Arc::clone(&behaviour), Arc::clone(&asked));
        let server = HttpServer::new(move || {
            let (keys, behaviour, asked) = shared.clone();
            App::new().default_service(web::to(move || {
                asked.fetch_add(1, Ordering::Relaxed);
                let behaviour = *behaviour.lock().unwrap();
                behaviour(keys.lock().unwrap().clone())
            }))
        });
        let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}/jwks", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        Self { url, keys, behaviour, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

fn good(keys: Value) -> Reply {
    let mut answer = HttpResponse::Ok();
    answer.insert_header(("cache-control", "max-age=300"));
    Box::pin(std::future::ready(answer.json(keys)))
}

fn slow(keys: Value) -> Reply {
    Box::pin(async move {
        actix_web::rt::time::sleep(Duration::from_mins(1)).await;
        HttpResponse::Ok().json(keys)
    })
}

fn huge(mut keys: Value) -> Reply {
    keys["padding"] = "x".repeat(1 << 20).into();
    Box::pin(std::future::ready(HttpResponse::Ok().json(keys)))
}

fn redirecting(_: Value) -> Reply {
    let mut answer = HttpResponse::Found();
    answer.insert_header(("location", "/elsewhere"));
    Box::pin(std::future::ready(answer.finish()))
}

fn no_json(_: Value) -> Reply {
    let page = HttpResponse::Ok().content_type("text/html").body("<h1>Our keys</h1>");
    Box::pin(std::future::ready(page))
}

fn no_set(_: Value) -> Reply {
    Box::pin(std::future::ready(HttpResponse::Ok().json(json!({ "keys": "none" }))))
}

fn missing(_: Value) -> Reply {
    Box::pin(std::future::ready(HttpResponse::NotFound().finish()))
}

fn broken(_: Value) -> Reply {
    Box::pin(std::future::ready(HttpResponse::InternalServerError().finish()))
}

fn set(keys: &[&SigningKey]) -> Value {
    json!({ "keys": keys.iter().map(|key| key.public_jwk().to_json()).collect::<Vec<_>>() })
}

async fn registered(world: &World, source: &Value) {
    let mut backend = json!({
        "client_id": "backend", "grant_types": ["client_credentials"], "scope": "system/*.rs",
        "token_endpoint_auth_method": "private_key_jwt",
    });
    backend.as_object_mut().unwrap().extend(source.as_object().unwrap().clone());
    world.import(backend).await;
}

async fn by(world: &World, key: &SigningKey) -> Answer {
    let assertion = world.assertion_by(key, "backend", &json!({}));
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "system/Patient.rs"),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion.as_str()),
    ];
    world.token(&form).await
}

#[actix_web::test]
async fn ca_8_ca_9_a_key_server_that_gives_no_set_proves_nothing_and_tells_nothing() {
    let world = World::new().await;
    let key = world.new_key("k");
    let behaviours: [(&str, Behaviour); 6] = [
        ("huge", huge),
        ("redirecting", redirecting),
        ("no JSON", no_json),
        ("no set", no_set),
        ("missing", missing),
        ("broken", broken),
    ];
    let mut told = Vec::new();
    for (name, behaviour) in behaviours {
        let server = KeyServer::start(set(&[&key]), behaviour);
        registered(&world, &json!({ "jwks_uri": server.url })).await;
        let answer = by(&world, &key).await;
        assert_eq!(answer.refusal(), "401 invalid_client", "{name}");
        told.push(answer.text("error_description"));
        assert_eq!(by(&world, &key).await.status, 401, "{name}");
        assert_eq!(server.asked(), 1, "{name}: left alone for a while, and no redirect followed");
        // It is mended, and works.
        *server.behaviour.lock().unwrap() = good;
        world.advance(6);
        assert_eq!(by(&world, &key).await.status, 200, "{name}");
    }
    told.dedup();
    assert_eq!(told.len(), 1, "S1: what answers at an address is not told: {told:?}");
}

#[actix_web::test]
async fn ca_8_a_slow_key_server_costs_a_bounded_wait() {
    let world = World::new().await;
    let key = world.new_key("k");
    let server = KeyServer::start(set(&[&key]), slow);
    registered(&world, &json!({ "jwks_uri": server.url })).await;
    let began = std::time::Instant::now();
    assert_eq!(by(&world, &key).await.refusal(), "401 invalid_client");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[actix_web::test]
async fn ca_8_d_33_keys_change_while_they_are_used() {
    let world = World::new().await;
    let (old, new) = (world.new_key("old"), world.new_key("new"));
    let server = KeyServer::start(set(&[&old]), good);
    registered(&world, &json!({ "jwks_uri": server.url })).await;
    assert_eq!(by(&world, &old).await.status, 200);
    world.advance(20);
    // Both are published for a while, then the new one alone.
    *server.keys.lock().unwrap() = set(&[&old, &new]);
    assert_eq!(by(&world, &new).await.status, 200, "an unknown kid is looked for at once");
    assert_eq!(by(&world, &old).await.status, 200);
    assert_eq!(server.asked(), 2);
    *server.keys.lock().unwrap() = set(&[&new]);
    // However many unknown names come, the server is asked once in a while.
    for name in ["x1", "x2", "x3"] {
        assert_eq!(by(&world, &world.new_key(name)).await.status, 401);
    }
    assert_eq!(server.asked(), 2);
    world.advance(11);
    assert_eq!(by(&world, &world.new_key("x4")).await.status, 401);
    assert_eq!(server.asked(), 3);
    assert_eq!(by(&world, &old).await.status, 401, "withdrawn");
    assert_eq!(by(&world, &new).await.status, 200);
    // A server that fails takes nothing away from a set that is still fresh, and gives it no time.
    *server.behaviour.lock().unwrap() = broken;
    world.wait(100).await;
    assert_eq!(by(&world, &new).await.status, 200);
    world.wait(300).await;
    assert_eq!(by(&world, &new).await.status, 401);
}

#[actix_web::test]
async fn ca_7_the_name_of_a_key_is_of_one_key_that_fits() {
    let world = World::new().await;
    let (one, two) = (world.new_key("k"), world.new_key("k"));
    // Twice the same name and type: neither counts.
    let server = KeyServer::start(set(&[&one, &two]), good);
    registered(&world, &json!({ "jwks_uri": server.url })).await;
    assert_eq!(by(&world, &one).await.refusal(), "401 invalid_client");
    assert_eq!(by(&world, &two).await.refusal(), "401 invalid_client");
    // Of another type, it is told apart by `alg`.
    let random = fireward_jose::backend::rand::SystemRandom::new();
    let der = fireward_keys::generate(Algorithm::RS384, &random).unwrap();
    let rsa = SigningKey::from_pkcs8(Algorithm::RS384, "k", &der, &random).unwrap();
    let server = KeyServer::start(set(&[&one, &rsa]), good);
    registered(&world, &json!({ "jwks_uri": server.url })).await;
    assert_eq!(by(&world, &one).await.status, 200);
    assert_eq!(by(&world, &rsa).await.status, 200);
    assert_eq!(
        by(&world, &two).await.refusal(),
        "401 invalid_client",
        "the same name is not enough"
    );
    // Inline, where names are unique altogether (CA-5): each algorithm works as well.
    for key in [&one, &rsa] {
        registered(&world, &json!({ "jwks": set(&[key]) })).await;
        assert_eq!(by(&world, key).await.status, 200, "CA-3");
    }
}

#[actix_web::test]
async fn d_05_clocks_may_differ_by_a_minute_and_no_more() {
    let world = World::new().await;
    let key = world.new_key("k");
    registered(&world, &json!({ "jwks": set(&[&key]) })).await;
    let claiming = async |changed: Value| {
        let assertion = world.assertion_by(&key, "backend", &changed);
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", "system/Patient.rs"),
            ("client_assertion_type", TYPE),
            ("client_assertion", assertion.as_str()),
        ];
        world.token(&form).await.status
    };
    let now = world.now().unix();
    for (claim, offset, status) in [
        ("exp", 360, 200),
        ("exp", 361, 401),
        ("exp", -59, 200),
        ("exp", -60, 401),
        ("nbf", 60, 200),
        ("nbf", 61, 401),
        ("iat", 60, 200),
        ("iat", 61, 401),
    ] {
        assert_eq!(claiming(json!({ claim: now + offset })).await, status, "{claim} {offset}");
    }
    for nonsense in [json!("soon"), json!(1e300), json!(-1), json!(i64::MAX), json!({})] {
        assert_eq!(claiming(json!({ "exp": nonsense })).await, 401, "{nonsense}");
    }
}
