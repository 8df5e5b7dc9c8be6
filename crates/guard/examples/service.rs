//! A service of one's own behind the guard, in three steps. It prints where it listens.
//!
//! `cargo run -p fireward-guard --example service -- http://localhost:8080 http://localhost:9000`

use std::io::Write as _;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::{App, HttpResponse, HttpServer, middleware::from_fn, web};
use fireward_guard::{Claims, Config, Guard, PROTECTED_RESOURCE, enforce, protected_resource};
use fireward_outbound::{Outbound, Policy};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut said = std::env::args().skip(1);
    let issuer = said.next().unwrap_or_else(|| "http://localhost:8080".to_owned());
    let base = said.next().unwrap_or_else(|| "http://localhost:9000".to_owned());

    // 1. Say whom you trust, and what you are called in `aud`.
    let config = Config::new(issuer, &base)?;
    let outbound = Arc::new(Outbound::new(Policy::default()));
    let guard = web::Data::new(Guard::new(config, &outbound, Arc::new(now)));

    let server = HttpServer::new(move || {
        App::new()
            .app_data(guard.clone())
            .route(PROTECTED_RESOURCE, web::get().to(protected_resource))
            // 2. Demand a token for everything below …
            .service(web::scope("").wrap(from_fn(enforce)).route("/whoami", web::get().to(whoami)))
    });
    let port = url::Url::parse(&base)?.port().unwrap_or(9000);
    let server = server.workers(1).bind(("127.0.0.1", port))?;
    writeln!(std::io::stdout(), "listening on {:?}", server.addrs())?;
    server.run().await?;
    Ok(())
}

/// 3. … and take what it says: typed, and as it is written.
async fn whoami(claims: Claims) -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({
        "client": claims.access().client(),
        "scopes": claims.access().scopes().to_string(),
        "everything": claims.raw(),
    }))
}

#[expect(clippy::disallowed_methods, reason = "a program of its own reads its own clock")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
