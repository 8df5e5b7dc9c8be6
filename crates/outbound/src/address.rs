//! The two kinds of address. A stranger's can never take the place of the operator's.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::policy::{Allowed, Policy};
use crate::public::is_public;

/// An address that the operator named: anything that speaks HTTP.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Configured(Url);

/// An address that somebody supplied: https, on a public host, no matter how it is spelled.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Supplied(Url);

/// Why an address is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    /// Not an absolute URL with a host.
    #[error("it is not an absolute URL with a host")]
    NotAUrl,
    /// Another scheme than https, or than http and https where the operator names it.
    #[error("its scheme is not allowed")]
    Scheme,
    /// `user:password@`, or a fragment.
    #[error("it has credentials or a fragment")]
    Decorated,
    /// A port that is neither 443 nor above 1023.
    #[error("its port is not allowed")]
    Port,
    /// A host that is not on the public Internet.
    #[error("its host is not public")]
    NotPublic,
}

/// Either kind of address. Sealed: there are two.
pub trait Address: sealed::Sealed + Clone + Send + Sync {
    /// The address.
    fn url(&self) -> &Url;
}

pub(crate) mod sealed {
    /// Which client fetches it, and how it may be cached.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Kind {
        Configured,
        Supplied,
    }

    pub trait Sealed {
        const KIND: Kind;
    }
}

impl sealed::Sealed for Configured {
    const KIND: sealed::Kind = sealed::Kind::Configured;
}

impl sealed::Sealed for Supplied {
    const KIND: sealed::Kind = sealed::Kind::Supplied;
}

impl Address for Configured {
    fn url(&self) -> &Url {
        &self.0
    }
}

impl Address for Supplied {
    fn url(&self) -> &Url {
        &self.0
    }
}

impl Configured {
    /// An address from the configuration, or derived from one.
    ///
    /// # Errors
    /// It is not an http or https URL, or it has credentials or a fragment.
    pub fn new(text: &str) -> Result<Self, AddressFault> {
        let url = parse(text)?;
        match url.scheme() {
            "http" | "https" => Ok(Self(url)),
            _ => Err(AddressFault::Scheme),
        }
    }

    /// The address of something below this one: its path with `path` after it, and this query.
    #[must_use]
    pub fn below(&self, path: &str, query: &[(&str, &str)]) -> Self {
        let mut at = self.at(path, None);
        if !query.is_empty() {
            at.0.query_pairs_mut().extend_pairs(query);
        }
        at
    }

    /// As [`Configured::below`], with a query as it is written.
    #[must_use]
    pub fn at(&self, path: &str, query: Option<&str>) -> Self {
        let mut url = self.0.clone();
        let (own, path) = (url.path().trim_end_matches('/'), path.trim_start_matches('/'));
        let whole = if path.is_empty() { own.to_owned() } else { format!("{own}/{path}") };
        url.set_path(&whole);
        url.set_query(query);
        Self(url)
    }
}

impl Supplied {
    /// An address from a stranger.
    ///
    /// # Errors
    /// It is not an https URL on a public host and a usual port, nor one that the policy excepts.
    pub fn new(text: &str, policy: &Policy) -> Result<Self, AddressFault> {
        let url = parse(text)?;
        let host = url.host().ok_or(AddressFault::NotAUrl)?;
        if is_excepted(&host, &policy.allow_supplied) {
            return match url.scheme() {
                "http" | "https" => Ok(Self(url)),
                _ => Err(AddressFault::Scheme),
            };
        }
        if url.scheme() != "https" {
            return Err(AddressFault::Scheme);
        }
        if !may_be_public(&host) {
            return Err(AddressFault::NotPublic);
        }
        // Not the ports of mail, shells and databases on old machines.
        if url.port().is_some_and(|port| port < 1024) {
            return Err(AddressFault::Port);
        }
        Ok(Self(url))
    }
}

fn parse(text: &str) -> Result<Url, AddressFault> {
    let url = Url::parse(text).map_err(|_| AddressFault::NotAUrl)?;
    if url.host().is_none() || url.cannot_be_a_base() {
        return Err(AddressFault::NotAUrl);
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(AddressFault::Decorated);
    }
    Ok(url)
}

fn is_excepted(host: &Host<&str>, allowed: &[Allowed]) -> bool {
    match host {
        Host::Domain(name) => allowed.iter().any(|one| one.host(name)),
        Host::Ipv4(address) => allowed.iter().any(|one| one.address(IpAddr::V4(*address))),
        Host::Ipv6(address) => allowed.iter().any(|one| one.address(IpAddr::V6(*address))),
    }
}

/// Addresses are decided here, because no resolver is asked for them. `url` has read every spelling of
/// one (decimal, octal, hexadecimal) into the same four octets. Names are decided after resolving; those
/// that can only be local are refused without asking.
fn may_be_public(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => is_public(IpAddr::V4(*address)),
        Host::Ipv6(address) => is_public(IpAddr::V6(*address)),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name.contains('.') && !LOCAL_DOMAINS.iter().any(|domain| is_within(name, domain))
        }
    }
}

fn is_within(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Names that never resolve on the public Internet (RFC 6761, RFC 6762, RFC 8375, and ICANN's `internal`).
const LOCAL_DOMAINS: [&str; 9] =
    ["localhost", "local", "internal", "intranet", "lan", "home.arpa", "onion", "test", "invalid"];

impl fmt::Debug for Configured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Configured({})", self.0)
    }
}

impl fmt::Debug for Supplied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Supplied({})", self.0)
    }
}
