//! Against a server of our own on a loopback address, which counts who asks.

mod cached;
mod fetching;
mod supplied;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::{Outbound, Policy};

const JSON: &str = "application/json";

/// What the server does with the n-th request it gets, counted from zero.
type Script = fn(usize) -> Act;

enum Act {
    /// Answers with these lines of status and headers, and this body.
    Say(&'static str, String),
    /// Answers and never stops.
    Flood,
    /// Takes the request and is silent.
    Hang,
}

struct Server {
    port: u16,
    asked: Arc<AtomicUsize>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn new(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self { port, asked: Arc::default(), heard: Arc::default() };
        let (asked, heard) = (Arc::clone(&server.asked), Arc::clone(&server.heard));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, script, Arc::clone(&asked), Arc::clone(&heard)));
            }
        });
        server
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().concat()
    }
}

async fn serve(
    mut stream: TcpStream,
    script: Script,
    asked: Arc<AtomicUsize>,
    heard: Arc<Mutex<Vec<String>>>,
) {
    let mut request = vec![0; 8192];
    let length = stream.read(&mut request).await.unwrap_or(0);
    heard.lock().unwrap().push(String::from_utf8_lossy(&request[..length]).into_owned());
    match script(asked.fetch_add(1, Ordering::SeqCst)) {
        Act::Say(lines, body) => {
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {lines}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
        Act::Flood => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await;
            while stream.write_all(&[b' '; 4096]).await.is_ok() {}
        }
        Act::Hang => std::future::pending().await,
    }
}

/// A policy under which the servers of the tests may be fetched from.
fn policy() -> Policy {
    Policy {
        timeout: Duration::from_millis(500),
        allow_supplied: vec!["127.0.0.0/8".parse().unwrap()],
        ..Policy::default()
    }
}

fn outbound(policy: Policy) -> Arc<Outbound> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Arc::new(Outbound::new(policy))
}
