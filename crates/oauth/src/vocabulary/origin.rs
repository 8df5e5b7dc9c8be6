//! Web origins (RFC 6454 §6.2).

use std::fmt;

use url::{Host, Url};

use super::issuer::loopback;

/// The origin of a site: scheme, host, and a port that is not the usual one; https, or http on loopback.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// Why a string cannot be an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin is https://host or https://host:port in lower case, without a path, a trailing slash or a wildcard"
)]
pub struct MalformedOrigin;

impl Origin {
    /// Takes an origin from the configuration.
    ///
    /// # Errors
    /// When it is none, is plain http off loopback, is not in its one spelling, or would be more than one source to
    /// a `Content-Security-Policy`.
    pub fn parse(text: &str) -> Result<Self, MalformedOrigin> {
        let url = Url::parse(text).map_err(|_| MalformedOrigin)?;
        let encrypted = url.scheme() == "https" || url.scheme() == "http" && loopback(&url);
        let named = match url.host() {
            Some(Host::Domain(name)) => {
                name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
            }
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
            None => false,
        };
        if encrypted && named && url.origin().ascii_serialization() == text {
            Ok(Self(text.to_owned()))
        } else {
            Err(MalformedOrigin)
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn d_20_an_origin_has_one_spelling_and_no_wildcard() {
        for good in [
            "https://ehr.example.org",
            "https://ehr.example.org:8443",
            "http://localhost:8082",
            "https://192.0.2.1",
            "https://[2001:db8::1]",
        ] {
            assert_eq!(Origin::parse(good).unwrap().to_string(), good);
        }
        for bad in [
            "",
            "*",
            "null",
            "ehr.example.org",
            "http://ehr.example.org",
            "https://ehr.example.org/",
            "https://ehr.example.org/chart",
            "https://ehr.example.org:443",
            "https://EHR.example.org",
            "https://*.example.org",
            "https://a.example;script-src",
            "https://a.example,b",
            "https://a'b",
            "https://u@a.example",
            "https://a.example https://b.example",
            "data:text/html,x",
        ] {
            assert!(Origin::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn an_origin_is_one_source_whatever_it_was_made_of(text in "https://\\PC{0,20}") {
            if let Ok(origin) = Origin::parse(&text) {
                let one = |c: char| !c.is_whitespace() && !matches!(c, ';' | ',' | '*' | '\'');
                prop_assert!(origin.to_string().chars().all(one));
            }
        }
    }
}
