//! What may be fetched, and how long it may take.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;

/// The settings of all outbound requests.
#[derive(Debug, Clone)]
pub struct Policy {
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a whole exchange may take, from connecting to the last octet of the body.
    pub timeout: Duration,
    /// Private networks and hosts that supplied addresses may name nevertheless.
    pub allow_supplied: Vec<Allowed>,
    /// How many supplied addresses may be fetched from at once.
    pub parallel_supplied: usize,
    /// Certificates of the operator's own authorities, each in PEM; trusted for configured addresses.
    pub extra_roots: Vec<Vec<u8>>,
    /// Our own certificate with its private key, shown to configured addresses that ask for one.
    pub identity: Option<Pem>,
}

/// A certificate chain and its private key in PEM. It shows nothing of itself.
#[derive(Clone)]
pub struct Pem(Vec<u8>);

impl Pem {
    /// From the text of a file.
    #[must_use]
    pub fn new(text: Vec<u8>) -> Self {
        Self(text)
    }

    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Pem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pem(…)")
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            timeout: Duration::from_secs(5),
            allow_supplied: Vec::new(),
            parallel_supplied: 32,
            extra_roots: Vec::new(),
            identity: None,
        }
    }
}

/// An exception for supplied addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// Addresses of a network, such as `10.1.0.0/16`, or one address.
    Network(IpNet),
    /// A host by its exact name, whatever it resolves to.
    Host(String),
}

/// The text is neither an address, a network nor the name of a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a network in CIDR notation, nor an address, nor the name of a host")]
pub struct NotAllowable(String);

impl Allowed {
    pub(crate) fn address(&self, address: IpAddr) -> bool {
        match self {
            Self::Network(network) => network.contains(&address),
            Self::Host(_) => false,
        }
    }

    pub(crate) fn host(&self, name: &str) -> bool {
        match self {
            Self::Network(_) => false,
            Self::Host(host) => host.eq_ignore_ascii_case(name),
        }
    }
}

impl FromStr for Allowed {
    type Err = NotAllowable;

    fn from_str(text: &str) -> Result<Self, NotAllowable> {
        if let Ok(network) = text.parse() {
            return Ok(Self::Network(network));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(address.into()));
        }
        match url::Host::parse(text) {
            // A pattern would look as if it matched something.
            Ok(url::Host::Domain(name)) if !name.contains('*') => Ok(Self::Host(name)),
            Ok(_) | Err(_) => Err(NotAllowable(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_is_a_network_an_address_or_a_host() {
        let allowed = |text: &str| text.parse::<Allowed>();
        assert!(allowed("10.1.0.0/16").unwrap().address([10, 1, 2, 3].into()));
        assert!(!allowed("10.1.0.0/16").unwrap().address([10, 2, 2, 3].into()));
        assert!(allowed("::1").unwrap().address("::1".parse().unwrap()));
        assert!(allowed("LocalHost").unwrap().host("localhost"));
        assert!(!allowed("localhost").unwrap().host("localhost.example"));
        for text in ["", "10.0.0.0/33", "http://host", "a b", "*.example"] {
            assert!(allowed(text).is_err(), "{text}");
        }
    }
}
