//! From a decision to a grant and a code. Scopes may only shrink on the way.

use fireward_scopes::{Scope, ScopeSet};

use super::{Authorization, Consent, Request, Until};
use crate::{
    grants::{Dropped, Grant, Reason},
    launch::LaunchContext,
    people::{Session, User},
    policy::Policy,
    resource_server::ResourceServer,
    vocabulary::{Code, Digest, GrantId, LaunchHandle, Timestamp},
};

/// What is to be granted, before ids are drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Granting {
    /// The scopes, in the form they were asked.
    pub scopes: ScopeSet,
    /// What the decision was about: it counts again for no more than this.
    pub offered: ScopeSet,
    /// Why each of the others is not among them.
    pub dropped: Vec<Dropped>,
    /// What the app will be told.
    pub context: LaunchContext,
    /// How long the person allows it.
    pub term: Term,
}

/// Where the length of a grant comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// The person said it now, so it is remembered.
    Chosen(Until),
    /// The person said it before.
    Remembered(Timestamp),
    /// The client is the organisation's own.
    Trusted,
}

/// What must be drawn for a grant.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// The id of the grant.
    pub grant: GrantId,
    /// The code.
    pub code: Code,
    /// A place in the status list that no grant had before.
    pub status_index: u32,
}

/// What is settled when a code is issued, all in one transaction.
#[derive(Debug, Clone)]
pub struct Approved {
    /// The grant.
    pub grant: Grant,
    /// The code, for the answer; its digest is kept.
    pub code: Code,
    /// When the code can no longer be redeemed.
    pub code_expires_at: Timestamp,
    /// What is to be remembered of the person's decision.
    pub consent: Option<Consent>,
    /// The launch handle that is consumed with it (D-29).
    pub claims: Option<Digest<LaunchHandle>>,
}

/// What the switches that the person left on amount to (D-26).
pub(super) fn by_choice(
    request: &Request,
    context: LaunchContext,
    chosen: &[String],
    until: Until,
) -> Granting {
    let on: ScopeSet = chosen.iter().filter_map(|text| text.parse::<Scope>().ok()).collect();
    let switched = request.allowed.recompose(&on);
    let keep = |asked: &Scope| match asked {
        Scope::Clinical(_) | Scope::Extension(_) => {
            switched.iter().filter(|on| asked.covers(on)).cloned().collect()
        }
        // Its own switch, and it means nothing for this visit alone (D-10).
        Scope::OfflineAccess if until == Until::Visit || !on.contains(asked) => Vec::new(),
        // There are no switches for these: they go with the decision as a whole.
        Scope::OpenId
        | Scope::FhirUser
        | Scope::Profile
        | Scope::Email
        | Scope::Address
        | Scope::Phone
        | Scope::OfflineAccess
        | Scope::OnlineAccess
        | Scope::Launch
        | Scope::LaunchContext(_) => vec![asked.clone()],
    };
    let scopes = request.allowed.iter().flat_map(keep).collect();
    let mut granting = granting(request, scopes, context, Term::Chosen(until));
    if until == Until::Visit && on.contains(&Scope::OfflineAccess) {
        let offline = Scope::OfflineAccess.to_string();
        for dropped in granting.dropped.iter_mut().filter(|one| one.scope == offline) {
            dropped.reason = Reason::Visit;
        }
    }
    granting
}

/// What the person allowed before, as far as it is asked now.
pub(super) fn by_memory(request: &Request, context: LaunchContext, consent: &Consent) -> Granting {
    let scopes = request.allowed.iter().flat_map(|asked| {
        let within = consent.granted.iter().filter_map(|granted| granted.narrow(asked));
        let whole = consent.granted.covers(asked).then(|| vec![asked.clone()]);
        whole.unwrap_or_else(|| within.collect())
    });
    granting(request, scopes.collect(), context, Term::Remembered(consent.until))
}

/// All that may be granted, to the organisation's own client.
pub(super) fn by_trust(request: &Request, context: LaunchContext) -> Granting {
    granting(request, request.allowed.clone(), context, Term::Trusted)
}

fn granting(request: &Request, scopes: ScopeSet, context: LaunchContext, term: Term) -> Granting {
    let mut dropped = request.dropped.clone();
    for asked in request.allowed.iter().filter(|asked| !scopes.contains(asked)) {
        dropped.push(Dropped { scope: asked.to_string(), reason: Reason::Person });
    }
    Granting { scopes, offered: request.allowed.clone(), dropped, context, term }
}

/// Makes the grant, the code and the memory of an approved request.
#[must_use]
pub fn approve(
    authorization: &Authorization,
    (session, user, server): (&Session, &User, Option<&ResourceServer>),
    granting: Granting,
    fresh: Fresh,
    (policy, now): (&Policy, Timestamp),
) -> Approved {
    let request = &authorization.request;
    let Granting { mut scopes, offered, mut dropped, context, term } = granting;
    // SC-20: nobody is called a FHIR resource that they are not.
    if user.links.at(server).fhir_user.is_none() && scopes.contains(&Scope::FhirUser) {
        scopes.retain(|scope| *scope != Scope::FhirUser);
        dropped.push(Dropped { scope: Scope::FhirUser.to_string(), reason: Reason::Account });
    }
    let offline = scopes.wants_offline();
    let (consent_until, until) = ends(term, offline, session, (policy, now));
    let grant = Grant {
        issuer: authorization.issuer.clone(),
        id: fresh.grant,
        subject: user.id.clone(),
        client: request.client.clone(),
        resource_server: request.resource_server.clone(),
        asked: request.asked.clone(),
        granted: scopes,
        dropped,
        context,
        session: (!offline).then_some(session.digest),
        auth_time: session.auth_time,
        amr: session.amr.clone(),
        sid: Some(session.sid.clone()),
        created_at: now,
        until,
        last_used: now,
        status_index: fresh.status_index,
        ended: None,
    };
    let consent = consent_until.map(|until| remembered(&grant, offered, until));
    Approved {
        consent,
        grant,
        code: fresh.code,
        code_expires_at: now.plus(policy.code),
        claims: request.launch,
    }
}

/// When the memory of a decision ends, if there is one, and when the grant does.
fn ends(
    term: Term,
    offline: bool,
    session: &Session,
    (policy, now): (&Policy, Timestamp),
) -> (Option<Timestamp>, Timestamp) {
    let visit = session.expires_at.since(now);
    let (memory, allowed) = match term {
        Term::Chosen(until) => {
            let end = now.plus(until.lifetime(visit, policy.offline));
            (Some(end), end)
        }
        Term::Remembered(until) => (None, until),
        Term::Trusted => (None, now.plus(policy.offline)),
    };
    // Without offline access nothing outlives the session that it was granted in.
    (memory, if offline { allowed } else { allowed.min(session.expires_at) })
}

fn remembered(grant: &Grant, asked: ScopeSet, until: Timestamp) -> Consent {
    Consent {
        issuer: grant.issuer.clone(),
        user: grant.subject.clone(),
        client: grant.client.clone(),
        resource_server: grant.resource_server.clone(),
        patient: grant.context.patient.clone(),
        asked,
        granted: grant.granted.clone(),
        until,
        given_at: grant.created_at,
    }
}

#[cfg(test)]
#[path = "approve_tests.rs"]
mod tests;
