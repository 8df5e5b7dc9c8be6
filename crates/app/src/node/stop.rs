//! Ending: on Ctrl-C or SIGTERM servers take no more requests, finish those they have, and stop.

use actix_web::dev::Server;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::fault::Fault;

/// Hears that the process is asked to stop.
pub(crate) struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    /// Begins to listen. To be called before the process says that it is ready: until then a signal just kills it.
    ///
    /// # Errors
    /// When the system has no handler for us.
    pub(crate) fn listen() -> Result<Self, Fault> {
        let on = |kind| signal(kind).map_err(|why| Fault::Other(why.to_string()));
        Ok(Self {
            interrupt: on(SignalKind::interrupt())?,
            terminate: on(SignalKind::terminate())?,
        })
    }

    /// Runs servers until somebody asks the process to stop, or one of them ends by itself.
    pub(crate) async fn end(mut self, servers: Vec<Server>) {
        let handles: Vec<_> = servers.iter().map(Server::handle).collect();
        let running =
            futures_util::future::select_all(servers.into_iter().map(actix_web::rt::spawn));
        tokio::select! {
            _ = self.interrupt.recv() => tracing::info!("stopping"),
            _ = self.terminate.recv() => tracing::info!("stopping"),
            _ = running => tracing::error!("a listener ended by itself; stopping"),
        }
        futures_util::future::join_all(handles.iter().map(|handle| handle.stop(true))).await;
    }
}
