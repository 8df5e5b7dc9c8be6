//! Redirect URIs: what may be registered, and when a requested one is the registered one.

use std::fmt;

use url::{Host, Url};

/// A URI that answers may be sent to, in exactly the spelling that was registered or asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri(String);

/// Why a string cannot be a redirect URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedRedirect {
    /// Relative, or with characters that a URI cannot have.
    #[error("a redirect URI must be an absolute URI")]
    NotAbsolute,
    /// RFC 6749 §3.1.2.
    #[error("a redirect URI must have no fragment")]
    Fragment,
    /// `user:password@`.
    #[error("a redirect URI must have no credentials")]
    Credentials,
    /// A scheme that runs or reads something in the browser.
    #[error("a redirect URI must not use this scheme")]
    Scheme,
    /// Plain http that others could read.
    #[error("a redirect URI must use https, or http on loopback, or a scheme of the app's own")]
    Insecure,
}

const MOST: usize = 2_000;

impl RedirectUri {
    /// Takes a URI for registration (RFC 7591 §2, attacks R7 and G4).
    ///
    /// # Errors
    /// When answers sent there could be read, run or bent by others.
    pub fn register(text: &str) -> Result<Self, MalformedRedirect> {
        let printable = text.bytes().all(|octet| octet.is_ascii_graphic() && octet != b'\\');
        if text.is_empty() || text.len() > MOST || !printable {
            return Err(MalformedRedirect::NotAbsolute);
        }
        let url = Url::parse(text).map_err(|_| MalformedRedirect::NotAbsolute)?;
        if text.contains('#') {
            return Err(MalformedRedirect::Fragment);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(MalformedRedirect::Credentials);
        }
        match url.scheme() {
            "https" => {}
            "http" if loopback(&url) => {}
            "http" => return Err(MalformedRedirect::Insecure),
            // RFC 8252 §7.1: a scheme of the app's own is a reversed domain name, so it has a dot.
            own if own.contains('.') => {}
            _ => return Err(MalformedRedirect::Scheme),
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes a URI back from where a proven one was kept.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Whether a request that names `asked` names this registered URI.
    ///
    /// Exactly, but for the port of `http://127.0.0.1` and `http://[::1]` (RFC 8252 §7.3, D-24).
    #[must_use]
    pub fn admits(&self, asked: &str) -> bool {
        if self.0 == asked {
            return true;
        }
        match (without_port(&self.0), without_port(asked)) {
            (Some(registered), Some(asked)) => registered == asked,
            _ => false,
        }
    }

    /// Whether other programs of the same device could be listening there: any port of a loopback literal, or a
    /// scheme that several apps may claim (RFC 8252 §8.6).
    #[must_use]
    pub fn may_be_anothers(&self) -> bool {
        let web = self.0.starts_with("https://") || self.0.starts_with("http://");
        !web || without_port(&self.0).is_some()
    }

    /// The URI.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its origin, such as `https://app.example`, if it has one.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        let origin = Url::parse(&self.0).ok()?.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The host literal and what follows the port, of an http URI on a loopback *literal*.
fn without_port(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("http://")?;
    let host = ["127.0.0.1", "[::1]"].into_iter().find(|host| rest.starts_with(host))?;
    let after = rest.get(host.len()..)?;
    let Some(ported) = after.strip_prefix(':') else {
        return (after.is_empty() || after.starts_with(['/', '?'])).then_some((host, after));
    };
    let end = ported.find(['/', '?']).unwrap_or(ported.len());
    let (port, path) = ported.split_at_checked(end)?;
    let numeric = !port.is_empty() && port.bytes().all(|octet| octet.is_ascii_digit());
    (numeric && port.parse::<u16>().is_ok()).then_some((host, path))
}

fn loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
#[path = "redirect_tests.rs"]
mod tests;
