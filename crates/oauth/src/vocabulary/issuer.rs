//! The issuer identifier (RFC 8414 §2, `OpenID` Discovery §3).

use std::fmt;

use url::{Host, Url};

/// An issuer's URL: https, or http on loopback; no query, no fragment, no trailing slash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Issuer {
    text: String,
    secure: bool,
}

/// Why a string cannot be an issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedIssuer {
    /// Not a URL with a host.
    #[error("the issuer must be an absolute URL such as https://auth.example.org")]
    NotAUrl,
    /// Plain http that others could read.
    #[error("the issuer must use https; plain http is for loopback addresses only")]
    Insecure,
    /// Something that would make two spellings of one issuer.
    #[error("the issuer must have no query, fragment, credentials or trailing slash")]
    Decorated,
}

impl Issuer {
    /// Takes an issuer from the configuration.
    ///
    /// # Errors
    /// When it is not a URL, is plain http off loopback, or is not in its one spelling.
    pub fn parse(text: &str) -> Result<Self, MalformedIssuer> {
        let url = Url::parse(text).map_err(|_| MalformedIssuer::NotAUrl)?;
        let secure = match url.scheme() {
            "https" => true,
            "http" if loopback(&url) => false,
            "http" => return Err(MalformedIssuer::Insecure),
            _ => return Err(MalformedIssuer::NotAUrl),
        };
        let decorated = url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
            || url.password().is_some()
            || text.ends_with('/');
        if decorated || url.as_str().trim_end_matches('/') != text {
            return Err(MalformedIssuer::Decorated);
        }
        Ok(Self { text: text.to_owned(), secure })
    }

    /// The identifier, exactly as tokens and metadata carry it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is https, which decides the cookies' names and attributes.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// The URL of one of its endpoints; `path` begins with a slash.
    #[must_use]
    pub fn endpoint(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// The path it is mounted under: empty, or beginning with a slash.
    #[must_use]
    pub fn path(&self) -> &str {
        let after_scheme = self.text.find("://").map_or(0, |at| at + 3);
        let rest = self.text.get(after_scheme..).unwrap_or_default();
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default()
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

pub(super) fn loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oc_0_01_an_issuer_is_https_or_loopback_and_has_one_spelling() {
        for good in [
            "https://auth.example.org",
            "https://a.example/realm",
            "http://localhost:8080",
            "http://127.0.0.1:1",
        ] {
            assert_eq!(Issuer::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "auth",
            "http://auth.example.org",
            "https://a.example/",
            "https://a.example?x",
            "https://a.example#f",
            "https://u:p@a.example",
            "https://A.example",
            "ftp://a.example",
        ] {
            assert!(Issuer::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_path_is_what_routes_are_mounted_under() {
        assert_eq!(Issuer::parse("https://a.example").unwrap().path(), "");
        assert_eq!(Issuer::parse("https://a.example/t/one").unwrap().path(), "/t/one");
    }
}
