//! Shared secrets: `client_secret_basic` and `client_secret_post` (RFC 6749 §2.3.1, D-23).

use crate::{
    error::Refused,
    vocabulary::{ClientId, SecretHash},
};

use super::refused;

/// Basic credentials, read raw and form-decoded: RFC 6749 says the one, many clients do the other.
#[derive(Clone)]
pub struct BasicCredentials {
    raw: (String, String),
    decoded: Option<(String, String)>,
}

impl BasicCredentials {
    /// The ids that it may name.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.pairs().map(|(id, _)| id.as_str())
    }

    /// Whether one of the readings is this client with one of its secrets.
    #[must_use]
    pub fn proves(&self, id: &ClientId, live: &[SecretHash]) -> bool {
        self.pairs().fold(false, |proven, (named, secret)| {
            let this = named == id.as_str() && any_matches(live, secret);
            this | proven
        })
    }

    fn pairs(&self) -> impl Iterator<Item = &(String, String)> {
        std::iter::once(&self.raw).chain(self.decoded.iter())
    }
}

/// What follows `Basic` in an `Authorization` header, if that is its scheme.
#[must_use]
pub(super) fn after_basic(header: &str) -> Option<&str> {
    let (scheme, rest) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Basic").then(|| rest.trim())
}

/// Reads the credentials of a Basic header.
///
/// # Errors
/// When they are not base64 of `id:secret` in UTF-8.
pub fn basic(encoded: &str) -> Result<BasicCredentials, Refused> {
    use base64::Engine as _;
    let unreadable =
        || refused("the Authorization header is not Basic base64(client_id:client_secret)");
    let octets =
        base64::engine::general_purpose::STANDARD.decode(encoded).map_err(|_| unreadable())?;
    let text = String::from_utf8(octets).map_err(|_| unreadable())?;
    let (id, secret) = text.split_once(':').ok_or_else(unreadable)?;
    let raw = (id.to_owned(), secret.to_owned());
    let decoded = form_decoded(id).zip(form_decoded(secret)).filter(|pair| *pair != raw);
    Ok(BasicCredentials { raw, decoded })
}

/// Whether any of the live secrets is this one; every one is compared.
pub(super) fn any_matches(live: &[SecretHash], presented: &str) -> bool {
    live.iter().fold(false, |found, hash| hash.matches(presented) | found)
}

fn form_decoded(text: &str) -> Option<String> {
    let encoded = format!("x={text}");
    let mut pairs = url::form_urlencoded::parse(encoded.as_bytes());
    let (_, value) = pairs.next()?;
    pairs.next().is_none().then(|| value.into_owned())
}
