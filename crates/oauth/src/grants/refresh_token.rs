//! The refresh grant (RFC 6749 §6): rotation, reuse detection, and a short grace for lost answers.

use fireward_jose::backend::{aead, hkdf};
use fireward_scopes::{Scope, ScopeSet};

use crate::{
    capability::Opened,
    client::auth::AuthenticatedClient,
    error::{Code as Wire, ensure},
    explain::{Cause, Fact},
    grants::Grant,
    people::{Session, User},
    policy::Policy,
    resource_server::ResourceServer,
    vocabulary::{
        ClientId, Digest, Entropy, Family as FamilyName, GrantId, IssuerId, RefreshToken, Timestamp,
    },
};

/// What a client asks.
#[derive(Debug, Clone)]
pub struct Refresh {
    /// `refresh_token`.
    pub token: RefreshToken,
    /// `scope`, where it asks for less than it has.
    pub scopes: Option<ScopeSet>,
}

/// The refresh tokens of one grant: the newest, and the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshFamily {
    /// The issuer it is of.
    pub issuer: IssuerId,
    /// What its tokens are found by.
    pub name: Digest<FamilyName>,
    /// The grant that its tokens stand for.
    pub grant: GrantId,
    /// The client it is bound to (D-08).
    pub client: ClientId,
    /// How often it was rotated; the conditional write compares it.
    pub generation: u32,
    /// The newest token.
    pub current: Digest<RefreshToken>,
    /// The token before it.
    pub previous: Option<Previous>,
}

/// The token that the newest one replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    /// What it hashes to.
    pub token: Digest<RefreshToken>,
    /// Its successor, sealed under a key that only its holder can derive.
    pub sealed_successor: Vec<u8>,
    /// When it was replaced.
    pub replaced_at: Timestamp,
}

/// What a refresh comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// The token to answer with.
    pub token: RefreshToken,
    /// The family as it must be written, if this refresh moved it on.
    pub moved: Option<RefreshFamily>,
    /// The scopes of the new access token.
    pub scopes: ScopeSet,
}

/// Why a refresh is refused. The client hears one error; the audit log hears the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Never issued, or swept away.
    #[error("no such refresh token")]
    Unknown,
    /// F4
    #[error("the refresh token was issued to another client")]
    WrongClient,
    /// An old token came back: it has leaked, so the grant must end (F1).
    #[error("the refresh token was used before")]
    Reused(GrantId),
    /// F7
    #[error("the grant behind the refresh token has ended or expired")]
    GrantEnded(Cause),
    /// `online_access` ends with the session (AL-30), and the grant with it.
    #[error("the session that the refresh token belongs to is over")]
    SessionOver(GrantId),
    /// What made it refreshable was taken from the client, or turned off.
    #[error("the grant may not be refreshed any more")]
    NotRefreshable,
    /// F7
    #[error("the account is disabled, its password was changed, or the record is no longer theirs")]
    RightsWithdrawn,
    /// F5
    #[error("scope must not exceed what was granted")]
    WiderScope,
}

impl Refusal {
    /// What the client hears (RFC 6749 §5.2).
    #[must_use]
    pub const fn code(&self) -> Wire {
        match self {
            Self::WiderScope => Wire::InvalidScope,
            Self::Unknown
            | Self::WrongClient
            | Self::Reused(_)
            | Self::GrantEnded(_)
            | Self::SessionOver(_)
            | Self::NotRefreshable
            | Self::RightsWithdrawn => Wire::InvalidGrant,
        }
    }

    /// What the token's own client may know besides; of another's token nothing at all.
    #[must_use]
    pub const fn cause(&self) -> Option<Cause> {
        match self {
            Self::Unknown | Self::WrongClient | Self::WiderScope => None,
            Self::Reused(_) => Some(Cause::RefreshUsed),
            Self::GrantEnded(cause) => Some(*cause),
            Self::SessionOver(_) => Some(Cause::SessionOver),
            Self::NotRefreshable => Some(Cause::NotRefreshable),
            Self::RightsWithdrawn => Some(Cause::RightsWithdrawn),
        }
    }

    /// [`Self::cause`], for the explanation.
    #[must_use]
    pub fn fact(&self) -> Option<Fact> {
        self.cause().map(Fact::Cause)
    }
}

impl RefreshFamily {
    /// A family that begins with `token`.
    #[must_use]
    pub fn begin(token: &RefreshToken, grant: &Grant) -> Self {
        Self {
            issuer: grant.issuer.clone(),
            name: token.family(),
            grant: grant.id.clone(),
            client: grant.client.clone(),
            generation: 0,
            current: token.digest(),
            previous: None,
        }
    }
}

/// What was found for a presented token.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its family.
    pub family: RefreshFamily,
    /// The grant of the family.
    pub grant: Grant,
    /// Whose grant it is; `None` when the account is gone.
    pub user: Option<User>,
    /// The session of a grant that ends with one; `None` when it is gone.
    pub session: Option<Session>,
}

impl Found {
    /// Whether the session goes on that the grant ends with (AL-30). Refreshing is not being there: it keeps no session
    /// alive.
    #[must_use]
    pub fn is_online(&self, policy: &Policy, now: Timestamp) -> bool {
        let live = |session: &Session| session.is_live(now, policy.session_idle);
        self.grant.session.is_none() || self.session.as_ref().is_some_and(live)
    }
}

/// Decides a refresh. It only decides: the caller settles the outcome.
///
/// # Errors
/// Says why not; a [`Refusal::Reused`] must end the grant.
pub fn refresh(
    ask: &Refresh,
    client: &AuthenticatedClient,
    (found, servers): (Option<&Found>, &[ResourceServer]),
    moment: (&Policy, Timestamp),
    entropy: &dyn Entropy,
) -> Result<Refreshed, Refusal> {
    let (policy, now) = moment;
    let found = found.ok_or(Refusal::Unknown)?;
    let Found { family, grant, user, .. } = found;
    // First of all: a stranger must not get the owner's tokens revoked.
    ensure(&family.client == client.id(), Refusal::WrongClient)?;
    ensure(grant.is_live(now), Refusal::GrantEnded(Cause::of_end(grant.ended)))?;
    ensure(found.is_online(policy, now), Refusal::SessionOver(grant.id.clone()))?;
    let held = user.as_ref().is_some_and(|user| grant.is_held_by(user, servers, now));
    ensure(held, Refusal::RightsWithdrawn)?;
    let scopes = scopes(ask, client, grant, policy)?;
    if ask.token.digest() == family.current {
        let (token, moved) = rotate(&ask.token, family, now, entropy);
        return Ok(Refreshed { token, moved: Some(moved), scopes });
    }
    let repeated = family.previous.as_ref().filter(|previous| {
        previous.token == ask.token.digest()
            && now < previous.replaced_at.plus(policy.refresh_grace)
    });
    // The successor was never used, or it would be the previous token now.
    let token = repeated.and_then(|previous| unseal(&ask.token, &previous.sealed_successor));
    let token = token.ok_or_else(|| Refusal::Reused(family.grant.clone()))?;
    Ok(Refreshed { token, moved: None, scopes })
}

/// What was granted, as far as the client is still registered for it; or what it asks of that.
fn scopes(
    ask: &Refresh,
    client: &AuthenticatedClient,
    grant: &Grant,
    policy: &Policy,
) -> Result<ScopeSet, Refusal> {
    let mut left = grant.granted.clone();
    let on = |scope: &Scope| policy.capabilities.missing(scope, Opened::Either).is_none();
    left.retain(|scope| client.client().scopes.covers(scope) && on(scope));
    ensure(left.wants_offline() || left.wants_online(), Refusal::NotRefreshable)?;
    match &ask.scopes {
        None => Ok(left),
        Some(asked) => {
            ensure(asked.covered_by(&left), Refusal::WiderScope)?;
            Ok(asked.clone())
        }
    }
}

fn rotate(
    presented: &RefreshToken,
    family: &RefreshFamily,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> (RefreshToken, RefreshFamily) {
    let token = presented.successor(entropy);
    let previous = Previous {
        token: presented.digest(),
        sealed_successor: seal(presented, &token),
        replaced_at: now,
    };
    let moved = RefreshFamily {
        generation: family.generation.saturating_add(1),
        current: token.digest(),
        previous: Some(previous),
        ..family.clone()
    };
    (token, moved)
}

/// Seals `successor` so that only who holds `presented` can read it.
fn seal(presented: &RefreshToken, successor: &RefreshToken) -> Vec<u8> {
    let mut octets = successor.expose().as_bytes().to_vec();
    let sealed = key(presented).and_then(|key| {
        key.seal_in_place_append_tag(nonce(), aead::Aad::empty(), &mut octets).ok()
    });
    // Sealing fails only for texts of gigabytes; then the grace is simply not given.
    if sealed.is_some() { octets } else { Vec::new() }
}

fn unseal(presented: &RefreshToken, sealed: &[u8]) -> Option<RefreshToken> {
    let mut octets = sealed.to_vec();
    let text = key(presented)?.open_in_place(nonce(), aead::Aad::empty(), &mut octets).ok()?;
    RefreshToken::parse(std::str::from_utf8(text).ok()?).ok()
}

/// The key is used for one message only, so the nonce may be constant.
fn nonce() -> aead::Nonce {
    aead::Nonce::assume_unique_for_key([0; aead::NONCE_LEN])
}

fn key(presented: &RefreshToken) -> Option<aead::LessSafeKey> {
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"fireward refresh grace");
    let pseudorandom = salt.extract(presented.expose().as_bytes());
    let material = pseudorandom.expand(&[b"successor"], &aead::AES_256_GCM).ok()?;
    Some(aead::LessSafeKey::new(material.into()))
}

#[cfg(test)]
#[path = "refresh_token_tests.rs"]
mod tests;
