//! Ending: on Ctrl-C or SIGTERM servers take no more requests, finish those they have, and stop.

use actix_web::dev::Server;
use tokio::signal::unix::{SignalKind, signal};

/// Runs servers until somebody asks the process to stop, or one of them ends by itself.
pub(crate) async fn until_stopped(servers: Vec<Server>) {
    let handles: Vec<_> = servers.iter().map(Server::handle).collect();
    let running = futures_util::future::select_all(servers.into_iter().map(actix_web::rt::spawn));
    tokio::select! {
        () = asked_to_stop() => tracing::info!("stopping"),
        _ = running => tracing::error!("a listener ended by itself; stopping"),
    }
    futures_util::future::join_all(handles.iter().map(|handle| handle.stop(true))).await;
}

async fn asked_to_stop() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            // Without the handler there is still Ctrl-C.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
