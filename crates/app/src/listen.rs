//! Binding ports before anything else is done, so that a port in use is found at once.

use std::net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs as _};

use crate::fault::Fault;

/// A port that is ours.
pub(crate) struct Bound {
    /// The socket.
    pub(crate) listener: TcpListener,
    /// Its address, with the port that the system chose where 0 was asked.
    pub(crate) address: SocketAddr,
}

/// Binds `host:port`.
///
/// # Errors
/// When the port is in use or the host is not of this machine; `flag` is how to choose another.
pub(crate) fn bind(host: &str, port: u16, flag: &'static str) -> Result<Bound, Fault> {
    let failed = |error: std::io::Error| Fault::Listen {
        address: format!("{host}:{port}"),
        reason: if error.kind() == std::io::ErrorKind::AddrInUse {
            "the port is in use".to_owned()
        } else {
            error.to_string()
        },
        flag,
    };
    let wanted = (bare(host), port).to_socket_addrs().map_err(failed)?;
    // `localhost` has two addresses on many machines; browsers try both, we take the first, IPv4.
    let mut wanted: Vec<_> = wanted.collect();
    wanted.sort_by_key(SocketAddr::is_ipv6);
    let listener = TcpListener::bind(wanted.as_slice()).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Bound { listener, address })
}

/// Whether a host name or address is of this machine alone.
pub(crate) fn is_loopback(host: &str) -> bool {
    address(host).map_or(host == "localhost", |address| address.is_loopback())
}

/// Whether it stands for every address of this machine, as within a container.
pub(crate) fn is_every_address(host: &str) -> bool {
    address(host).is_some_and(|address| address.is_unspecified())
}

fn address(host: &str) -> Option<IpAddr> {
    bare(host).parse().ok()
}

fn bare(host: &str) -> &str {
    host.trim_matches(['[', ']'])
}
