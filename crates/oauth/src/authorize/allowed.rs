//! Cutting what was asked down to what client, server and flow admit; each cut with its reason.

use fireward_scopes::{LaunchContext, Level, Scope, ScopeSet, resource_types};

use crate::{
    capability::{Capabilities, Opened},
    client::{Client, GrantType},
    error::{Code, Refused, ensure},
    grants::{Dropped, Reason},
    resource_server::ResourceServer,
};

/// What scopes are held against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure<'a> {
    pub(super) client: &'a Client,
    pub(super) server: Option<&'a ResourceServer>,
    pub(super) capabilities: &'a Capabilities,
    /// Whether an EHR launched the app.
    pub(super) launched: bool,
}

/// What of `asked` may be granted, in the form it was asked, and why each of the others may not.
pub(super) fn allowed(
    measure: Measure<'_>,
    asked: &ScopeSet,
) -> Result<(ScopeSet, Vec<Dropped>), Refused> {
    ensure(
        !measure.launched || asked.contains(&Scope::Launch),
        Refused::new(Code::InvalidRequest, "launch was sent, but the scope launch was not asked"),
    )?;
    let system = asked.at_level(Level::System).next().is_some();
    ensure(
        !system,
        Refused::new(Code::InvalidScope, "system scopes are for the client_credentials grant"),
    )?;
    let mut dropped = Vec::new();
    let mut allowed = Vec::new();
    let mut contexts = 0;
    for scope in asked.iter() {
        contexts += usize::from(matches!(scope, Scope::LaunchContext(_)));
        let crowd = matches!(scope, Scope::LaunchContext(_)) && contexts > MOST_CONTEXTS;
        match measure.against(scope).or(crowd.then_some(Reason::Policy)) {
            None => allowed.push(scope.clone()),
            Some(reason) => dropped.push(Dropped { scope: scope.to_string(), reason }),
        }
    }
    Ok((allowed.into_iter().collect(), dropped))
}

impl Measure<'_> {
    /// Why a scope cannot be granted.
    fn against(self, scope: &Scope) -> Option<Reason> {
        let clinical = matches!(scope, Scope::Clinical(_));
        let lasting = matches!(scope, Scope::OfflineAccess | Scope::OnlineAccess);
        let opened = if self.launched { Opened::Ehr } else { Opened::Standalone };
        if !self.client.scopes.covers(scope) {
            Some(Reason::Registration)
        } else if lasting && !self.client.grant_types.contains(&GrantType::RefreshToken) {
            // Without a refresh token it would be a promise that nobody keeps.
            Some(Reason::GrantType)
        } else if self.capabilities.missing(scope, opened).is_some() {
            Some(Reason::TurnedOff)
        } else if clinical && !self.server.is_some_and(|server| server.scopes.covers(scope)) {
            Some(Reason::Server)
        } else {
            flow_drops(scope, self.launched)
        }
    }
}

/// What cannot be given: `launch` without an EHR launch, pickers and claims that do not exist here.
fn flow_drops(scope: &Scope, launched: bool) -> Option<Reason> {
    match scope {
        Scope::Launch => (!launched).then_some(Reason::Flow),
        Scope::LaunchContext(context) => {
            (!launched && !can_be_picked(context)).then_some(Reason::Flow)
        }
        // Nothing is known of anybody's address or telephone number.
        Scope::Address | Scope::Phone => Some(Reason::Nothing),
        Scope::OpenId
        | Scope::FhirUser
        | Scope::Profile
        | Scope::Email
        | Scope::OfflineAccess
        | Scope::OnlineAccess
        | Scope::Clinical(_)
        | Scope::Extension(_) => None,
    }
}

/// Whether there is a picker for it: for what is a patient's, and for what is nobody's. Not for types whose resources
/// may be about people without a search saying about whom.
fn can_be_picked(context: &LaunchContext) -> bool {
    resource_types::from_lowercase(&context.resource_type)
        .is_some_and(|name| resource_types::is_of_patients(name) || resource_types::is_shared(name))
}

/// How many `launch/…` scopes one request may have: a person would see a picker for each.
const MOST_CONTEXTS: usize = 10;
