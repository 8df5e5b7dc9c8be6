//! Forms are taken only from pages of ours, shown to the same browser for the same purpose (L2, A4).

use actix_web::http::header::{HeaderMap, HeaderName, ORIGIN};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use fireward_oauth::{BrowserToken, authorize::Params};
use fireward_pages::Trouble;
use ring::hmac;

use crate::{Failure, Fault, Form, Visit};

/// The name of the field that carries the token.
pub const FIELD: &str = "csrf";

/// A form that was checked: there is no other way to make one.
#[derive(Debug)]
pub struct CsrfChecked<F>(F);

impl<F> CsrfChecked<F> {
    /// What was sent.
    pub const fn form(&self) -> &F {
        &self.0
    }
}

/// The synchroniser token of a form: a MAC over its purpose, keyed by the browser's own token.
#[must_use]
pub fn token(browser: &BrowserToken, purpose: &str) -> String {
    B64.encode(hmac::sign(&key(browser), purpose.as_bytes()))
}

/// Whether a token was made for this browser and purpose, in constant time.
#[must_use]
pub fn is_ours(browser: &BrowserToken, purpose: &str, token: &str) -> bool {
    let tag = B64.decode(token).unwrap_or_default();
    hmac::verify(&key(browser), purpose.as_bytes(), &tag).is_ok()
}

impl Form {
    /// Takes the form if it was filled in on our page, in this browser, for this purpose.
    ///
    /// # Errors
    /// When it was not: 403, and nothing of it counts.
    pub fn checked(self, visit: &Visit, purpose: &str) -> Result<CsrfChecked<Params>, Failure> {
        let sent = self.params.one(FIELD).ok().flatten().unwrap_or_default();
        let ours = visit.brought.iter().any(|browser| is_ours(browser, purpose, sent));
        if !visit.has_cookie {
            return Err(Fault::new(Trouble::NoCookies).into());
        }
        if ours && self.from_us {
            Ok(CsrfChecked(self.params))
        } else {
            Err(Fault::new(Trouble::ForeignForm).into())
        }
    }
}

fn key(browser: &BrowserToken) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, format!("fireward csrf {}", browser.expose()).as_bytes())
}

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the browser says that a page of `origin` sent this.
///
/// Pages without a referrer say `Origin: null` (Fetch §3.2), and ours are such pages: it says nothing.
pub(crate) fn same_origin(headers: &HeaderMap, origin: &str) -> bool {
    let says = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = says(&SEC_FETCH_SITE).is_none_or(|site| site == "same-origin");
    let from = says(&ORIGIN).is_none_or(|from| from == "null" || from == origin);
    site && from
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use fireward_oauth::Entropy;

    use super::*;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, into: &mut [u8]) {
            into.fill(self.0);
        }
    }

    #[test]
    fn a4_a_token_is_of_one_browser_and_one_purpose() {
        let one = BrowserToken::draw(&Fixed(1));
        let other = BrowserToken::draw(&Fixed(2));
        assert_eq!(token(&one, "consent/1"), token(&one, "consent/1"));
        assert_ne!(token(&one, "consent/1"), token(&one, "consent/2"));
        assert_ne!(token(&one, "consent/1"), token(&other, "consent/1"));
    }

    #[test]
    fn l2_a_form_from_another_site_is_known_by_what_the_browser_says() {
        let us = "https://auth.example";
        let headers = |pairs: &[(&'static str, &'static str)]| {
            let named = |(name, value): &(&'static str, &'static str)| {
                (HeaderName::from_static(name), HeaderValue::from_static(value))
            };
            pairs.iter().map(named).collect::<HeaderMap>()
        };
        assert!(same_origin(&headers(&[]), us));
        assert!(same_origin(
            &headers(&[("sec-fetch-site", "same-origin"), ("origin", "null")]),
            us
        ));
        assert!(same_origin(&headers(&[("origin", us)]), us));
        for foreign in [
            [("sec-fetch-site", "cross-site"), ("origin", "null")],
            [("sec-fetch-site", "same-site"), ("origin", us)],
            [("sec-fetch-site", "none"), ("origin", us)],
            [("sec-fetch-site", "same-origin"), ("origin", "https://auth.example.evil.com")],
        ] {
            assert!(!same_origin(&headers(&foreign), us), "{foreign:?}");
        }
    }
}
