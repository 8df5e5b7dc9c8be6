//! The client credentials grant (RFC 6749 §4.4, SMART 2.2 backend-services).

use fireward_scopes::{Level, Scope, ScopeSet};

use crate::{
    capability::{Capabilities, Opened},
    client::{ClientAuth, GrantType, auth::AuthenticatedClient},
    error::{Code, Refused, ensure},
    explain::Fact,
    grants::{Dropped, Reason},
};

/// Decides what a client gets for itself: all that it asks, or nothing (BS-3, BS-6).
///
/// # Errors
/// When it may not use this grant, asks for nothing, or asks for what it is not registered for.
pub fn decide(
    client: &AuthenticatedClient,
    asked: Option<&ScopeSet>,
    capabilities: &Capabilities,
) -> Result<ScopeSet, Refused> {
    let registered = client.client();
    let may = registered.grant_types.contains(&GrantType::ClientCredentials)
        && !matches!(registered.auth, ClientAuth::None);
    ensure(
        may,
        Refused::new(
            Code::UnauthorizedClient,
            "this client is not registered for the client_credentials grant",
        ),
    )?;
    let asked = match asked {
        Some(asked) => asked.clone(),
        // RFC 6749 §3.3: a default is allowed where none is asked; a FHIR client must say (BS-1).
        None if registered.scopes.is_empty() => ScopeSet::default(),
        None => return Err(invalid("scope is required: name the scopes that you need")),
    };
    let dropped: Vec<_> = asked
        .iter()
        .filter_map(|scope| {
            let reason = reason(scope, &registered.scopes, capabilities)?;
            Some(Dropped { scope: scope.to_string(), reason })
        })
        .collect();
    let sentence = match dropped.first().map(|first| first.reason) {
        None => return Ok(asked),
        Some(Reason::Flow) => "only system scopes and extension scopes exist without a user",
        Some(Reason::TurnedOff) => "this server has turned a requested kind of scope off",
        Some(_) => "a requested scope exceeds what this client is registered for",
    };
    Err(invalid(sentence).explained(dropped.into_iter().map(Fact::Dropped)))
}

/// Why a client cannot have a scope for itself.
fn reason(scope: &Scope, registered: &ScopeSet, capabilities: &Capabilities) -> Option<Reason> {
    if !without_a_person(scope) {
        Some(Reason::Flow)
    } else if !registered.covers(scope) {
        Some(Reason::Registration)
    } else {
        capabilities.missing(scope, Opened::Either).map(|_| Reason::TurnedOff)
    }
}

/// Whether a scope means anything with no person in the loop (M7, SC-11).
fn without_a_person(scope: &Scope) -> bool {
    match scope {
        Scope::Clinical(clinical) => clinical.level() == Level::System,
        Scope::Extension(_) => true,
        Scope::OpenId
        | Scope::FhirUser
        | Scope::Profile
        | Scope::Email
        | Scope::Address
        | Scope::Phone
        | Scope::OfflineAccess
        | Scope::OnlineAccess
        | Scope::Launch
        | Scope::LaunchContext(_) => false,
    }
}

fn invalid(sentence: &str) -> Refused {
    Refused::new(Code::InvalidScope, sentence)
}
