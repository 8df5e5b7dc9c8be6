//! The authorization code grant at the token endpoint (RFC 6749 §4.1.3, RFC 7636 §4.6).

use crate::{
    authorize::CodeStage,
    client::auth::AuthenticatedClient,
    error::{Code as Wire, ensure},
    explain::{Cause, Fact},
    grants::Grant,
    vocabulary::{
        AuthorizationId, ClientId, GrantId, PkceChallenge, PkceVerifier, RedirectUri, Timestamp,
        met,
    },
};

/// What a client presents, besides the code that found the [`CodeGrant`].
#[derive(Debug, Clone)]
pub struct Redeem {
    /// `redirect_uri`, where it was sent.
    pub redirect_uri: Option<String>,
    /// `code_verifier`.
    pub verifier: Option<PkceVerifier>,
}

/// A code as it was kept: whom it is for and what must be shown with it.
#[derive(Debug, Clone)]
pub struct CodeGrant {
    /// The authorization that it came of.
    pub authorization: AuthorizationId,
    /// Whom it was sent to.
    pub client: ClientId,
    /// Where it was sent.
    pub redirect_uri: RedirectUri,
    /// Whether the request named that URI, so that the token request must too.
    pub redirect_uri_sent: bool,
    /// `code_challenge`.
    pub challenge: Option<PkceChallenge>,
    /// `nonce` for the ID token.
    pub nonce: Option<String>,
    /// Whether it was spent.
    pub stage: CodeStage,
    /// When it can no longer be redeemed.
    pub expires_at: Timestamp,
    /// What it stands for.
    pub grant: Grant,
}

/// Why a code is not honoured. The client hears one error; the audit log hears the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Never issued, or mangled.
    #[error("no such code")]
    Unknown,
    /// C9, D-17
    #[error("the code was issued to another client")]
    WrongClient,
    /// The code has leaked, so what it gave rise to must be revoked (RFC 6749 §4.1.2).
    #[error("the code was redeemed before")]
    Replayed(GrantId),
    /// C4
    #[error("the code has expired")]
    Expired,
    /// Withdrawn between approval and redemption, or its session ended (L8).
    #[error("the grant behind the code has ended")]
    GrantEnded(Cause),
    /// R14
    #[error("the redirect URI is not the one the code was sent to")]
    WrongRedirectUri(RedirectUri),
    /// AL-4, K2
    #[error("the PKCE verifier does not match the challenge")]
    WrongVerifier,
    /// OC-2-01
    #[error("a PKCE verifier was sent, but the request had no challenge")]
    UnexpectedVerifier,
}

impl Refusal {
    /// What the client hears (RFC 6749 §5.2).
    #[must_use]
    pub const fn code(&self) -> Wire {
        match self {
            Self::UnexpectedVerifier => Wire::InvalidRequest,
            Self::Unknown
            | Self::WrongClient
            | Self::Replayed(_)
            | Self::Expired
            | Self::GrantEnded(_)
            | Self::WrongRedirectUri(_)
            | Self::WrongVerifier => Wire::InvalidGrant,
        }
    }

    /// What the code's own client may know besides; of another's code nothing at all.
    #[must_use]
    pub fn fact(&self, ask: &Redeem) -> Option<Fact> {
        match self {
            Self::Unknown | Self::WrongClient | Self::WrongVerifier | Self::UnexpectedVerifier => {
                None
            }
            Self::Replayed(_) => Some(Fact::Cause(Cause::CodeUsed)),
            Self::Expired => Some(Fact::Cause(Cause::CodeLate)),
            Self::GrantEnded(cause) => Some(Fact::Cause(*cause)),
            Self::WrongRedirectUri(right) => {
                let sent = ask.redirect_uri.as_deref();
                Some(Fact::differs("redirect_uri", sent, [right.as_str()]))
            }
        }
    }
}

/// Decides whether a code may be exchanged. It only decides: the caller settles the outcome.
///
/// # Errors
/// Says why not; a [`Refusal::Replayed`] must end the grant.
pub fn redeem(
    ask: &Redeem,
    client: &AuthenticatedClient,
    code: Option<CodeGrant>,
    now: Timestamp,
) -> Result<CodeGrant, Refusal> {
    let code = code.ok_or(Refusal::Unknown)?;
    // First of all: a stranger who guesses at a spent code must not get its owner's tokens revoked.
    ensure(&code.client == client.id(), Refusal::WrongClient)?;
    match code.stage {
        CodeStage::Live => {}
        CodeStage::Redeemed => return Err(Refusal::Replayed(code.grant.id)),
    }
    ensure(now < code.expires_at, Refusal::Expired)?;
    let ended = Refusal::GrantEnded(Cause::of_end(code.grant.ended));
    ensure(code.grant.is_live(now), ended)?;
    if !same_redirect(ask, &code) {
        return Err(Refusal::WrongRedirectUri(code.redirect_uri));
    }
    let unexpected = code.challenge.is_none() && ask.verifier.is_some();
    ensure(!unexpected, Refusal::UnexpectedVerifier)?;
    // One law: a verifier if and only if there was a challenge, and it meets it.
    ensure(met(code.challenge.as_ref(), ask.verifier.as_ref()), Refusal::WrongVerifier)?;
    Ok(code)
}

/// Equal where the request named it; where it did not, absent or equal (RFC 6749 §4.1.3).
fn same_redirect(ask: &Redeem, code: &CodeGrant) -> bool {
    match &ask.redirect_uri {
        Some(sent) => sent == code.redirect_uri.as_str(),
        None => !code.redirect_uri_sent,
    }
}

#[cfg(test)]
#[path = "authorization_code_tests.rs"]
mod tests;
