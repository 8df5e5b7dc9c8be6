//! Where a request comes from. A proxy's word counts only if the operator named the proxy (H1, H2, OC-2-08).

use std::net::{IpAddr, Ipv4Addr};

use actix_web::http::header::{HeaderMap, HeaderName};
use ipnet::IpNet;

static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address: the peer, or, as far back as named proxies vouch for it, what they say of theirs.
#[must_use]
pub fn client_address(peer: Option<IpAddr>, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let mut address = plain(peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)));
    let trusted = |address: &IpAddr| proxies.iter().any(|net| net.contains(address));
    let lines: Vec<&str> =
        headers.get_all(&FORWARDED_FOR).filter_map(|line| line.to_str().ok()).collect();
    let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
    for hop in hops.take(MOST_HOPS) {
        if !trusted(&address) {
            break;
        }
        // What a trusted proxy wrote and nobody can read names nobody: its own address stands.
        let Ok(before) = hop.trim().parse() else { break };
        address = plain(before);
    }
    address
}

const MOST_HOPS: usize = 16;

/// `::ffff:192.0.2.1` is 192.0.2.1.
fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// The part of an address that one household or office cannot change at will: a /64 of IPv6.
#[must_use]
pub fn neighbourhood(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn seen(peer: &str, forwarded: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR.clone(), HeaderValue::from_static(line));
        }
        let proxies = ["10.0.0.0/8".parse().unwrap()];
        client_address(peer.parse().ok(), &headers, &proxies).to_string()
    }

    #[test]
    fn h2_only_a_named_proxy_says_where_a_request_came_from() {
        assert_eq!(seen("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(seen("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["6.6.6.6, 198.51.100.7, 10.0.0.2"]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["6.6.6.6", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["6.6.6.6, nonsense"]), "10.0.0.1");
        assert_eq!(seen("::ffff:10.0.0.1", &["2001:db8::1"]), "2001:db8::1");
    }

    #[test]
    fn a_household_is_one_address() {
        let of = |text: &str| neighbourhood(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("192.0.2.9"), "192.0.2.9");
    }
}
