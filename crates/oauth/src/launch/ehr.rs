//! `launch` handles (AL-9, AL-10, D-29): opaque, short-lived, bound to app and user, consumed with the code.

use url::form_urlencoded;

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
    /// The launch URL that it is opened at, where the app has one: its first, unless the EHR chose another.
    pub launch_url: Option<String>,
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
    #[error(
        "the launch was prepared for another user: sign in as the user who started it in the EHR"
    )]
    WrongUser,
    /// A code was already issued for it.
    #[error("the launch was used before: start the app again from the EHR")]
    Used,
    /// Too old.
    #[error("the launch has expired: start the app again from the EHR")]
    Expired,
}

/// Decides whether `launch` gives its context to this app, for this person, who is nobody's `fhirUser` where they have
/// none. `asked` is when the app asked: how long somebody takes to sign in is not the launch's matter (D-29).
///
/// # Errors
/// Says why not.
pub fn claim<'a>(
    launch: Option<&'a Launch>,
    client: &ClientId,
    server: &ResourceServerId,
    fhir_user: Option<&str>,
    asked: Timestamp,
) -> Result<&'a LaunchContext, Refusal> {
    let launch = launch.ok_or(Refusal::Unknown)?;
    ensure(&launch.client == client, Refusal::WrongClient)?;
    ensure(&launch.resource_server == server, Refusal::WrongResourceServer)?;
    ensure(launch.claimed_by.is_none(), Refusal::Used)?;
    ensure(asked < launch.expires_at, Refusal::Expired)?;
    if let Some(bound) = &launch.user {
        ensure(Some(bound.as_str()) == fhir_user, Refusal::WrongUser)?;
    }
    Ok(&launch.context)
}

/// The address to open: a registered launch URL, its own query kept as it is, with `iss` and `launch` (AL-9).
#[must_use]
pub fn url_with(launch_url: &str, iss: &str, handle: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("iss", iss)
        .append_pair("launch", handle)
        .finish();
    let joint = match launch_url.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{launch_url}{joint}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn al_9_the_query_of_a_launch_url_stays_as_it_is() {
        let of = |url: &str| url_with(url, "https://fhir.example/r4", "h");
        let added = "iss=https%3A%2F%2Ffhir.example%2Fr4&launch=h";
        for (url, joint) in [
            ("https://app.example/launch", "?"),
            ("https://app.example/launch?", ""),
            ("https://app.example/launch?site=a%2fb+c&site=2", "&"),
            ("https://app.example/launch?site=1&", ""),
        ] {
            assert_eq!(of(url), format!("{url}{joint}{added}"));
        }
    }
}
