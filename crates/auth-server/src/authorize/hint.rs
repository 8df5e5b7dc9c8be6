//! `id_token_hint`: an ID token of ours, however old, and nothing else that we sign (J23, OC-4-07).

use fireward_jose::{Algorithm, Unverified, claims::Audience, typ_is};
use fireward_oauth::{ClientId, UserId};
use serde::Deserialize;

use crate::App;

/// What an ID token of ours says of the past. It proves nothing about who is at the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hint {
    /// Whom it was about.
    pub(crate) subject: UserId,
    /// Whom it was for.
    pub(crate) client: ClientId,
}

#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
}

impl Hint {
    /// Takes a hint whose signature, issuer and kind are right; `exp` may be past.
    pub(crate) fn verify(app: &App, token: &str) -> Option<Self> {
        let unverified = Unverified::<Claims>::parse(token).ok()?;
        let header = unverified.header();
        // J23: access tokens, logout tokens and the like say what they are; ID tokens say JWT, or nothing.
        if header.typ.is_some() && !typ_is(header.typ.as_deref(), "JWT") {
            return None;
        }
        let keyring = app.keyring.load();
        let key = keyring.verifying(header.alg, header.kid.as_deref()).ok()?;
        let claims = unverified.verify(key, &Algorithm::VARIANTS).ok()?.into_claims();
        let Audience::One(client) = claims.aud else { return None };
        if claims.iss != app.site.issuer.as_str() {
            return None;
        }
        let subject = UserId::parse(&claims.sub).ok()?;
        Some(Self { subject, client: ClientId::parse(&client).ok()? })
    }
}
