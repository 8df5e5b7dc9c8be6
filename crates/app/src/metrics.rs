//! Prometheus metrics, on a listener of their own so that they are never public by accident.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};

use actix_web::{
    App, Error, HttpResponse, HttpServer,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
    web::{self, Data},
};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

use crate::{fault::Fault, listen};

/// What is counted.
#[derive(Clone)]
pub(crate) struct Metrics(Arc<Counted>);

struct Counted {
    registry: RwLock<Registry>,
    requests: Family<Request, Counter>,
    seconds: Family<Route, Histogram>,
    audit_backlog: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

impl Default for Metrics {
    fn default() -> Self {
        let requests = Family::<Request, Counter>::default();
        // 0.5 ms to about 8 s.
        let seconds = Family::<Route, Histogram>::new_with_constructor(|| {
            Histogram::new(exponential_buckets(0.0005, 2.0, 15))
        });
        let mut registry = Registry::with_prefix("fireward");
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_seconds", "Time to answer", seconds.clone());
        let audit_backlog = Gauge::default();
        let help = "Audit entries that have yet to be delivered";
        registry.register("audit_backlog", help, audit_backlog.clone());
        let registry = RwLock::new(registry);
        Self(Arc::new(Counted { registry, requests, seconds, audit_backlog }))
    }
}

impl Metrics {
    /// So many audit entries wait to be delivered.
    pub(crate) fn audit_backlog(&self, waiting: u64) {
        self.0.audit_backlog.set(i64::try_from(waiting).unwrap_or(i64::MAX));
    }

    /// Serves them at `/metrics`.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub(crate) fn serve(&self, host: &str, port: u16) -> Result<actix_web::dev::Server, Fault> {
        let bound = listen::bind(host, port, "--metrics-port")?;
        let counted = Data::new(self.clone());
        let server = HttpServer::new(move || {
            App::new().app_data(counted.clone()).route("/metrics", web::get().to(text))
        });
        let listening = server.workers(1).disable_signals().listen(bound.listener);
        Ok(listening.map_err(|why| Fault::Other(why.to_string()))?.run())
    }
}

/// Counts a request by its route, never by its path: paths hold ids.
pub(crate) async fn count(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let metrics = request.app_data::<Data<Metrics>>().cloned();
    let method = known(request.method()).to_owned();
    let begun = Instant::now();
    let response = next.call(request).await?;
    if let Some(metrics) = metrics {
        let route = response.request().match_pattern().unwrap_or_else(|| "none".to_owned());
        let labels = Request { method, route: route.clone(), status: response.status().as_u16() };
        metrics.0.requests.get_or_create(&labels).inc();
        metrics.0.seconds.get_or_create(&Route { route }).observe(begun.elapsed().as_secs_f64());
    }
    Ok(response)
}

/// Strangers may make up any number of methods, and each would be counted for good.
fn known(method: &Method) -> &'static str {
    let usual = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    usual.into_iter().find(|usual| *usual == method.as_str()).unwrap_or("other")
}

async fn text(metrics: Data<Metrics>) -> HttpResponse {
    let mut body = String::new();
    let registry = metrics.0.registry.read().unwrap_or_else(PoisonError::into_inner);
    match encode(&mut body, &registry) {
        Ok(()) => HttpResponse::Ok()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .body(body),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
