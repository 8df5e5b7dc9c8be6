//! Name resolution that answers with public addresses only. What it answers is what is connected to, so a name
//! that changes its mind between the check and the connection gains nothing.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::policy::Allowed;
use crate::public::is_public;

/// Asks for the addresses of a name.
pub(crate) type Lookup = Arc<dyn Fn(String) -> LookingUp + Send + Sync>;
type LookingUp = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

pub(crate) struct PublicOnly {
    pub(crate) lookup: Lookup,
    pub(crate) allowed: Arc<[Allowed]>,
}

/// Found again among the sources of a client's error.
#[derive(Debug, thiserror::Error)]
#[error("no public address")]
pub(crate) struct NoPublicAddress;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Arc::clone(&self.allowed);
        let name = name.as_str().to_owned();
        let found = (self.lookup)(name.clone());
        Box::pin(async move {
            let mut found = found.await?;
            found.retain(|address| may_connect(&allowed, &name, address.ip()));
            if found.is_empty() {
                return Err(NoPublicAddress.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn may_connect(allowed: &[Allowed], name: &str, address: IpAddr) -> bool {
    is_public(address) || allowed.iter().any(|one| one.host(name) || one.address(address))
}

impl fmt::Debug for PublicOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicOnly")
    }
}

/// The system's resolver.
pub(crate) fn system() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    })
}
