//! `private_key_jwt` (RFC 7523 §3, SMART 2.2 client-confidential-asymmetric; D-04, D-05, D-31).

use fireward_jose::{
    Algorithm, JwkSet, Unverified,
    claims::{Audience, NumericDate},
};
use serde::Deserialize;

use crate::{
    client::{Client, ClientAuth, KeySource, Profile},
    error::{Refused, ensure},
    policy::Policy,
    vocabulary::{ClientId, Digest, Timestamp},
};

use super::refused;

/// The one `client_assertion_type` there is (RFC 7523 §2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client assertion that was read, not yet verified.
#[derive(Clone)]
pub struct Assertion {
    client_id: ClientId,
    jwt: Unverified<AssertionClaims>,
}

/// The claims of a client assertion.
#[derive(Debug, Clone, Deserialize)]
pub struct AssertionClaims {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Audience>,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
    iat: Option<NumericDate>,
    jti: Option<String>,
}

/// The URLs that an assertion may be addressed to (D-05).
#[derive(Debug, Clone, Copy)]
pub struct Endpoints<'a> {
    /// The issuer identifier.
    pub issuer: &'a str,
    /// The token endpoint's URL.
    pub token: &'a str,
    /// The URL of the endpoint that was called.
    pub called: &'a str,
}

/// A verified assertion, whose `jti` must still be new for this client.
#[derive(Debug, Clone)]
pub struct Proven {
    client: ClientId,
    /// What the replay store remembers (CA-6).
    pub jti: Digest<Assertion>,
    /// Until when it must be remembered.
    pub remember_until: Timestamp,
}

impl Proven {
    pub(super) fn is_for(&self, client: &ClientId) -> bool {
        &self.client == client
    }
}

impl Assertion {
    /// The client that it says it is of.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// `kid` of its header, to know whether the keys at hand can verify it.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.jwt.header().kid.as_deref()
    }
}

/// Reads an assertion from the form (RFC 7521 §4.2).
///
/// # Errors
/// `invalid_client` when it is not a JWT of a client, or names another than `client_id` does.
pub fn read(
    assertion_type: Option<&str>,
    assertion: Option<&str>,
    named: Option<ClientId>,
) -> Result<Assertion, Refused> {
    ensure(
        assertion_type == Some(ASSERTION_TYPE),
        refused(&format!("client_assertion_type must be {ASSERTION_TYPE}")),
    )?;
    let text = assertion.ok_or_else(|| refused("client_assertion is missing"))?;
    let jwt = Unverified::<AssertionClaims>::parse(text).map_err(|malformed| {
        refused(&format!("client_assertion is not a signed JWT: {malformed}"))
    })?;
    let claims = jwt.peek();
    let same = claims.iss.is_some() && claims.iss == claims.sub;
    ensure(same, refused("iss and sub of the assertion must both be the client_id"))?;
    let id = claims.sub.as_deref().and_then(|sub| ClientId::parse(sub).ok());
    let id = id.ok_or_else(|| refused("sub of the assertion is not a client_id"))?;
    ensure(
        named.is_none_or(|named| named == id),
        refused("client_id must be the one that the assertion names"),
    )?;
    Ok(Assertion { client_id: id, jwt })
}

/// Decides whether an assertion proves its client, with the client's keys as they are now.
///
/// # Errors
/// `invalid_client`, with the claim that is wrong and what was expected (CA-9).
pub fn check(
    assertion: &Assertion,
    client: &Client,
    keys: &JwkSet,
    endpoints: Endpoints<'_>,
    (policy, now): (&Policy, Timestamp),
) -> Result<Proven, Refused> {
    let ClientAuth::Keys { source, alg } = &client.auth else {
        return Err(refused("this client is registered for another method than private_key_jwt"));
    };
    let header = assertion.jwt.header();
    // D-31: never fetched; only compared with where the keys are registered to be.
    if let Some(jku) = &header.jku {
        let registered = matches!(source, KeySource::Url(url) if url == jku);
        ensure(registered, refused("jku of the assertion is not the registered jwks_uri"))?;
    }
    let typ_fits = header.typ.is_none()
        || ["JWT", "client-authentication+jwt"]
            .into_iter()
            .any(|typ| fireward_jose::typ_is(header.typ.as_deref(), typ));
    ensure(typ_fits, refused("typ of the assertion must be JWT"))?;
    let allowed = alg.map_or_else(|| algorithms(client.profile), |alg| vec![alg]);
    ensure(
        allowed.contains(&header.alg),
        refused(&format!("alg of the assertion must be one of {}", names(&allowed))),
    )?;
    let key = keys
        .select(header.alg, header.kid.as_deref())
        .map_err(|none| refused(&format!("no key verifies the assertion: {none}")))?;
    let verified = assertion
        .jwt
        .clone()
        .verify(key, &allowed)
        .map_err(|_| refused("the signature of the assertion is not of the registered key"))?;
    let claims = verified.claims();
    times(claims, client.profile, policy, now)?;
    audience(claims, endpoints)?;
    let jti = claims.jti.as_deref().filter(|jti| !jti.is_empty() && jti.len() <= 1_000);
    let jti = jti.ok_or_else(|| refused("jti is missing from the assertion"))?;
    let exp = Timestamp::from_unix(claims.exp.map_or(0, |exp| exp.0));
    Ok(Proven {
        client: client.id.clone(),
        jti: Digest::of(jti),
        remember_until: exp.plus(policy.skew),
    })
}

/// What a client of a profile may sign its assertions with (D-04).
fn algorithms(profile: Profile) -> Vec<Algorithm> {
    match profile {
        Profile::Smart => vec![
            Algorithm::RS384,
            Algorithm::ES384,
            Algorithm::RS256,
            Algorithm::PS256,
            Algorithm::ES256,
            Algorithm::EdDSA,
        ],
        Profile::Oidc | Profile::OAuth21 => Algorithm::VARIANTS.to_vec(),
    }
}

fn names(algorithms: &[Algorithm]) -> String {
    algorithms.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// `exp`, `nbf` and `iat` (D-05: 300 s ahead for `smart`, an hour for others).
fn times(
    claims: &AssertionClaims,
    profile: Profile,
    policy: &Policy,
    now: Timestamp,
) -> Result<(), Refused> {
    let ahead = match profile {
        Profile::Smart => 300,
        Profile::Oidc | Profile::OAuth21 => 3_600,
    };
    let skew = policy.skew.as_seconds();
    let NumericDate(exp) =
        claims.exp.ok_or_else(|| refused("exp is missing from the assertion"))?;
    ensure(now.unix() < exp.saturating_add(skew), refused("the assertion has expired"))?;
    ensure(
        exp <= now.unix().saturating_add(ahead + skew),
        refused(&format!("exp of the assertion must be at most {ahead} seconds ahead")),
    )?;
    let latest = now.unix().saturating_add(skew);
    let past = |moment: Option<NumericDate>| moment.is_none_or(|moment| moment.0 <= latest);
    ensure(past(claims.nbf), refused("nbf of the assertion lies ahead"))?;
    ensure(past(claims.iat), refused("iat of the assertion lies ahead"))
}

/// `aud`: the issuer, the token endpoint, or the endpoint that was called (D-05).
fn audience(claims: &AssertionClaims, endpoints: Endpoints<'_>) -> Result<(), Refused> {
    let accepted = [endpoints.issuer, endpoints.token, endpoints.called];
    let fits = claims.aud.as_ref().is_some_and(|aud| accepted.iter().any(|url| aud.contains(url)));
    ensure(
        fits,
        refused(&format!(
            "aud of the assertion must be {} or {}",
            endpoints.token, endpoints.issuer
        )),
    )
}
