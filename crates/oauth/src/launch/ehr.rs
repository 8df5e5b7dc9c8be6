//! `launch` handles (AL-9, AL-10, D-29): opaque, short-lived, bound to app and user, consumed with the code.

use super::LaunchContext;
use crate::{
    error::ensure,
    vocabulary::{
        AuthorizationId, ClientId, Digest, IssuerId, LaunchHandle, ResourceServerId, Timestamp,
    },
};

/// A launch that an EHR has prepared.
#[derive(Debug, Clone, PartialEq)]
pub struct Launch {
    /// The issuer it is of.
    pub issuer: IssuerId,
    /// What the handle hashes to.
    pub digest: Digest<LaunchHandle>,
    /// The app that may use it.
    pub client: ClientId,
    /// The FHIR server it is for.
    pub resource_server: ResourceServerId,
    /// The `fhirUser` reference of the person who may use it, where the EHR said one.
    pub user: Option<String>,
    /// What the app will learn.
    pub context: LaunchContext,
    /// Who made it: the EHR.
    pub created_by: ClientId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it can no longer be used.
    pub expires_at: Timestamp,
    /// The authorization that consumed it.
    pub claimed_by: Option<AuthorizationId>,
}

/// What an EHR asks to have launched (`POST /launch-contexts`).
#[derive(Debug, Clone, PartialEq)]
pub struct NewLaunch {
    /// The app.
    pub client: ClientId,
    /// The FHIR base URL.
    pub aud: String,
    /// Who may use it.
    pub user: Option<String>,
    /// What the app will learn; checked.
    pub context: LaunchContext,
}

/// Why a handle gives no context (M2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Never issued, or swept away.
    #[error("the launch is unknown: start the app again from the EHR")]
    Unknown,
    /// Another app's.
    #[error("the launch was prepared for another app")]
    WrongClient,
    /// Another FHIR server's.
    #[error("the launch was prepared for another FHIR server")]
    WrongResourceServer,
    /// Another person's.
    #[error("the launch was prepared for another user: sign in as the EHR's user")]
    WrongUser,
    /// A code was already issued for it.
    #[error("the launch was used before: start the app again from the EHR")]
    Used,
    /// Too old.
    #[error("the launch has expired: start the app again from the EHR")]
    Expired,
}

/// Decides whether `launch` gives its context to this app, for this person if one has signed in.
///
/// # Errors
/// Says why not.
pub fn claim<'a>(
    launch: Option<&'a Launch>,
    client: &ClientId,
    server: &ResourceServerId,
    fhir_user: Option<&str>,
    now: Timestamp,
) -> Result<&'a LaunchContext, Refusal> {
    let launch = launch.ok_or(Refusal::Unknown)?;
    ensure(&launch.client == client, Refusal::WrongClient)?;
    ensure(&launch.resource_server == server, Refusal::WrongResourceServer)?;
    ensure(launch.claimed_by.is_none(), Refusal::Used)?;
    ensure(now < launch.expires_at, Refusal::Expired)?;
    if let (Some(bound), Some(present)) = (&launch.user, fhir_user) {
        ensure(bound == present, Refusal::WrongUser)?;
    }
    Ok(&launch.context)
}
