//! TLS by certificate and key files, read again when they change, so that a renewed certificate needs no restart.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    crypto::ring::sign::any_supported_type,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};

use crate::{config::Tls, fault::Fault};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// The certificate of the moment.
#[derive(Debug)]
struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

/// TLS 1.2 and 1.3 with the certificate of the files (AL-7). Must be called inside the runtime.
///
/// # Errors
/// When a file cannot be read or certificate and key do not belong together.
pub(crate) fn server_config(tls: &Tls) -> Result<ServerConfig, Fault> {
    let current = Arc::new(Current(ArcSwap::from_pointee(load(tls)?)));
    let (certificate, key) = (tls.certificate.clone(), tls.key.clone());
    let files = Tls { certificate, key };
    actix_web::rt::spawn(follow(files, Arc::clone(&current)));
    Ok(ServerConfig::builder().with_no_client_auth().with_cert_resolver(current))
}

async fn follow(files: Tls, current: Arc<Current>) {
    let mut seen = changed(&files);
    let mut look = tokio::time::interval(LOOK);
    loop {
        look.tick().await;
        let now = changed(&files);
        if now == seen {
            continue;
        }
        match load(&files) {
            Ok(key) => {
                current.0.store(Arc::new(key));
                tracing::info!("the TLS certificate was read again");
                seen = now;
            }
            // Half-written files are met again at the next look; the old certificate serves on.
            Err(fault) => tracing::warn!(%fault, "the new TLS certificate cannot be used"),
        }
    }
}

fn changed(files: &Tls) -> [Option<SystemTime>; 2] {
    let modified = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
    [modified(&files.certificate), modified(&files.key)]
}

fn load(files: &Tls) -> Result<CertifiedKey, Fault> {
    let wrong = |path: &Path, why: &dyn ToString| Fault::file("use", path, &why.to_string());
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|why| wrong(&files.certificate, &why))?;
    if chain.is_empty() {
        return Err(wrong(&files.certificate, &"it holds no PEM certificate"));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|why| wrong(&files.key, &why))?;
    let signer = any_supported_type(&key).map_err(|why| wrong(&files.key, &why))?;
    let certified = CertifiedKey::new(chain, signer);
    certified.keys_match().map_err(|why| wrong(&files.key, &why))?;
    Ok(certified)
}
