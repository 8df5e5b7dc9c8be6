//! The certificate with which a client has connected (RFC 8705 §3): from TLS itself, or from a proxy that is named.

use std::borrow::Cow;
use std::net::IpAddr;

use actix_web::HttpRequest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fireward_jose::{b64, sha256};
use ipnet::IpNet;

/// Where the certificate of a client is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certificates {
    /// Nowhere: tokens that are bound to one are refused.
    None,
    /// TLS ends here: whoever accepts connections puts a [`PeerCertificate`] into their data.
    Connection,
    /// A proxy ends TLS and tells.
    Proxy {
        /// The header in which it does. It must overwrite what clients send there.
        header: String,
        /// The addresses of the proxy: whoever else sends the header is not believed.
        from: Vec<IpNet>,
    },
}

/// The certificate of a connection, in DER; the client has proven that it has the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCertificate(pub Vec<u8>);

/// The thumbprint of the certificate that a request came with (RFC 8705 §3.1).
pub(crate) fn thumbprint(request: &HttpRequest, settings: &Certificates) -> Option<String> {
    let certificate = match settings {
        Certificates::None => return None,
        Certificates::Connection => {
            Cow::Borrowed(request.conn_data::<PeerCertificate>()?.0.as_slice())
        }
        Certificates::Proxy { header, from } => {
            let peer = request.peer_addr()?.ip();
            if !from.iter().any(|network| network.contains(&canonical(peer))) {
                return None;
            }
            let mut lines = request.headers().get_all(header.as_str());
            let line = lines.next()?.to_str().ok()?;
            // Two lines: one may be the client's own.
            if lines.next().is_some() {
                return None;
            }
            Cow::Owned(read(line)?)
        }
    };
    Some(b64::encode(sha256(certificate)))
}

fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// `:base64:` (RFC 9440 §2.1), PEM with percent-encoding (as nginx writes it), or base64 alone.
fn read(line: &str) -> Option<Vec<u8>> {
    let line = line.trim();
    if let Some(structured) = line.strip_prefix(':') {
        return decode(structured.strip_suffix(':')?);
    }
    let decoded = percent_decoded(line)?;
    let body =
        decoded.replace("-----BEGIN CERTIFICATE-----", "").replace("-----END CERTIFICATE-----", "");
    decode(&body.split_whitespace().collect::<String>())
}

fn decode(base64: &str) -> Option<Vec<u8>> {
    STANDARD.decode(base64).ok().filter(|der| !der.is_empty())
}

/// Unlike in a form, `+` means itself: base64 has it.
fn percent_decoded(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        if octet == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            octets.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            octets.push(octet);
        }
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_read_in_each_way_that_proxies_write_it() {
        let pem =
            "-----BEGIN%20CERTIFICATE-----%0AAQID%0A%2B%2F8%3D%0A-----END%20CERTIFICATE-----%0A";
        assert_eq!(read(pem), Some(vec![1, 2, 3, 0xfb, 0xff]));
        assert_eq!(read(":AQID+/8=:"), Some(vec![1, 2, 3, 0xfb, 0xff]));
        assert_eq!(read("AQID+/8="), Some(vec![1, 2, 3, 0xfb, 0xff]));
        for wrong in ["", ":", "::", ":AQID", "%", "%zz", "AQI", "-----BEGIN CERTIFICATE-----", "ä"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
