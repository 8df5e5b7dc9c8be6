//! The authorization server's listener.

use std::{net::TcpListener, sync::Arc, time::Duration};

use actix_web::{
    App as Service, HttpServer,
    dev::Server,
    middleware::{Condition, from_fn},
    web::Data,
};
use rustls::ServerConfig;

use super::{Node, health};
use crate::{
    fault::Fault,
    metrics::{self, Metrics},
};

/// How a listener serves.
pub(crate) struct Serving {
    /// The socket.
    pub(crate) listener: TcpListener,
    /// TLS, where we terminate it ourselves.
    pub(crate) tls: Option<ServerConfig>,
    /// Worker threads.
    pub(crate) workers: usize,
    /// Where requests are counted, if they are.
    pub(crate) metrics: Option<Metrics>,
}

/// How long running requests may take to end when the server stops.
const GRACE: u64 = 10;

/// Serves a node's pages and endpoints until the handle stops it.
///
/// # Errors
/// When the socket cannot be listened on.
pub(crate) fn serve(node: &Node, serving: Serving) -> Result<Server, Fault> {
    let app = Arc::clone(&node.app);
    let counting = serving.metrics.is_some();
    let metrics = Data::new(serving.metrics.unwrap_or_default());
    let server = HttpServer::new(move || {
        let app = Arc::clone(&app);
        Service::new()
            .app_data(metrics.clone())
            .wrap(Condition::new(counting, from_fn(metrics::count)))
            .configure(|cfg| {
                health::configure(cfg, &app);
                let names: Arc<dyn fireward_web::Names> = Arc::clone(&app) as _;
                let looks: Arc<dyn fireward_web::Looks> = Arc::clone(&app) as _;
                fireward_portal::configure(cfg, &app.site, (&names, &looks));
                fireward_auth_server::configure(cfg, &app);
                fireward_auth_server::configure_nowhere(cfg, &app);
            })
    });
    let server = server
        .workers(serving.workers)
        .shutdown_timeout(GRACE)
        .client_request_timeout(Duration::from_secs(10))
        .disable_signals();
    let listening = match serving.tls {
        None => server.listen(serving.listener),
        Some(tls) => server.listen_rustls_0_23(serving.listener, tls),
    };
    Ok(listening.map_err(|why| Fault::Other(why.to_string()))?.run())
}
