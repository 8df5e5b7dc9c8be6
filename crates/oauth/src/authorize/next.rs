//! What must happen next with an authorization. Never stored, always derived: the one dispatcher of the flow.

use super::{
    Authorization, Consent, ConsentChoice, Request, Stage,
    approve::{Granting, by_choice, by_memory, by_trust},
};
use fireward_scopes::{Scope, ScopeSet};

use crate::{
    client::{Client, ConsentPolicy},
    error::{Code, Refused, ensure},
    grants::{Dropped, Reason},
    launch::{self, AskedContext, Launch, LaunchContext, Pick, Picks},
    people::{Link, Records, Session, User, usable},
    policy::Policy,
    resource_server::ResourceServer,
    vocabulary::{Timestamp, UserId},
};

/// Who is at the browser, and what is known of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Who<'a> {
    /// The session of the browser and its user; absent before sign-in.
    pub signed_in: Option<(&'a Session, &'a User)>,
    /// The FHIR server that the request is for: who they are there counts.
    pub server: Option<&'a ResourceServer>,
    /// What they allowed this client before, of the records that may be in context.
    pub consents: &'a [Consent],
    /// The launch that the request's handle names.
    pub launch: Option<&'a Launch>,
    /// The subject of a verified `id_token_hint`.
    pub hinted: Option<&'a UserId>,
}

/// The next step.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Show the sign-in page.
    LogIn(LoginReason),
    /// Show the record picker.
    PickPatient,
    /// Show what there is of a type that the app asks to be handed.
    PickContext {
        /// What it asks for.
        asked: AskedContext,
        /// The patient in context, if what is asked is a patient's.
        patient: Option<String>,
    },
    /// Show the consent page.
    AskConsent {
        /// What the app would be told.
        context: LaunchContext,
        /// What the person is asked about: what may be granted with this context.
        offered: ScopeSet,
    },
    /// Issue a code.
    Approve(Granting),
    /// Send the error to the client.
    Refuse(Refused),
}

/// Why somebody must sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginReason {
    /// Nobody is signed in.
    NoSession,
    /// `prompt=login` or `max_age=0`.
    Requested,
    /// The sign-in is older than `max_age`.
    TooOld,
    /// `prompt=select_account`: whoever is signed in may go on as they are.
    AccountChoice,
    /// `id_token_hint` or the launch is about somebody else.
    OtherUser,
}

/// Decides the next step of an open authorization.
#[must_use]
pub fn next_step(
    authorization: &Authorization,
    client: &Client,
    who: Who<'_>,
    (policy, now): (&Policy, Timestamp),
) -> Step {
    let quiet = authorization.request.prompt.none;
    let step = match derive(authorization, client, who, (policy, now)) {
        Ok(step) => step,
        Err(refused) => Step::Refuse(refused),
    };
    match step {
        Step::LogIn(_) if quiet => refuse(Code::LoginRequired, "nobody is signed in as asked"),
        Step::PickPatient | Step::PickContext { .. } if quiet => {
            refuse(Code::InteractionRequired, "a record must be chosen")
        }
        Step::AskConsent { .. } if quiet => {
            refuse(Code::ConsentRequired, "the person has not allowed this before")
        }
        Step::LogIn(_)
        | Step::PickPatient
        | Step::PickContext { .. }
        | Step::AskConsent { .. }
        | Step::Approve(_)
        | Step::Refuse(_) => step,
    }
}

fn derive(
    authorization: &Authorization,
    client: &Client,
    who: Who<'_>,
    (policy, now): (&Policy, Timestamp),
) -> Result<Step, Refused> {
    let Stage::Open { patient, picks, account_confirmed, choice } = &authorization.stage else {
        return Err(denied("this request was already answered"));
    };
    if now >= authorization.expires_at {
        return Err(denied("the request has expired: start again from the app"));
    }
    if matches!(choice, Some(ConsentChoice::Deny)) {
        return Err(denied("the person did not allow it"));
    }
    let live = who.signed_in.filter(|(session, _)| session.is_live(now, policy.session_idle));
    let Some((session, user)) = live else {
        return Ok(Step::LogIn(LoginReason::NoSession));
    };
    usable(user)?;
    if !user.stands_by(session.auth_time) {
        return Ok(Step::LogIn(LoginReason::NoSession));
    }
    if let Some(reason) = must_sign_in(authorization, session, *account_confirmed) {
        return Ok(Step::LogIn(reason));
    }
    // Whoever has just signed in is not who was expected: another try would not help (A11).
    let tried = *account_confirmed || session.auth_time > authorization.created_at;
    if who.hinted.is_some_and(|hinted| hinted != &user.id) {
        return unexpected(
            tried,
            Code::LoginRequired,
            "somebody else signed in than the client expects",
        );
    }
    let link = link(authorization, who.server, user)?;
    let mut context = match launched(authorization, who.launch, link, (policy, now))? {
        Ok(context) => context,
        Err(refusal) => return unexpected(tried, Code::AccessDenied, &refusal.to_string()),
    };
    fill(&mut context, (patient.as_ref(), picks), (link, now), authorization);
    if let Some(step) = pick(authorization, &context, picks, (link, now))? {
        return Ok(step);
    }
    let request = offered(&authorization.request, &context, picks)?;
    Ok(consent(&request, client, choice.as_ref(), (who.consents, now), context))
}

fn must_sign_in(
    authorization: &Authorization,
    session: &Session,
    confirmed: bool,
) -> Option<LoginReason> {
    let request = &authorization.request;
    let began = authorization.created_at;
    // Seconds are coarse: a sign-in within the very second counts only if it was made for this request.
    let since = session.auth_time > began || (session.auth_time == began && confirmed);
    let anew = request.prompt.login || request.max_age.is_some_and(|age| age.as_seconds() == 0);
    if anew && !since {
        return Some(LoginReason::Requested);
    }
    if request.max_age.is_some_and(|age| began.since(session.auth_time) > age) {
        return Some(LoginReason::TooOld);
    }
    (request.prompt.select_account && !confirmed).then_some(LoginReason::AccountChoice)
}

/// Somebody else is signed in than was expected: they sign in, or it is said that they are not the one.
fn unexpected(tried: bool, code: Code, sentence: &str) -> Result<Step, Refused> {
    if tried { Err(Refused::new(code, sentence)) } else { Ok(Step::LogIn(LoginReason::OtherUser)) }
}

/// Who the person is at the FHIR server of the request (AL-13).
fn link<'a>(
    authorization: &Authorization,
    server: Option<&ResourceServer>,
    user: &'a User,
) -> Result<&'a Link, Refused> {
    // A server that was removed since, or another's: nobody may be taken for whoever has their id elsewhere.
    if server.map(|server| &server.id) != authorization.request.resource_server.as_ref() {
        return Err(denied("the FHIR server of this request is not one of this issuer any more"));
    }
    Ok(user.links.at(server))
}

/// The context of an EHR launch, or an empty one (AL-10, D-29); within, that it is another person's.
fn launched(
    authorization: &Authorization,
    launch: Option<&Launch>,
    link: &Link,
    (policy, now): (&Policy, Timestamp),
) -> Result<Result<LaunchContext, launch::Refusal>, Refused> {
    let request = &authorization.request;
    let (Some(_), Some(server)) = (&request.launch, &request.resource_server) else {
        return Ok(Ok(LaunchContext::default()));
    };
    let (who, asked) = (link.fhir_user.as_deref(), authorization.created_at);
    let context = match launch::claim(launch, &request.client, server, who, asked) {
        Ok(context) => context,
        Err(other @ launch::Refusal::WrongUser) => return Ok(Err(other)),
        Err(refusal) => return Err(Refused::new(Code::InvalidRequest, refusal.to_string())),
    };
    let admitted = context.patient.as_ref().is_none_or(|patient| link.records.admit(patient, now));
    if admitted {
        Ok(Ok(policy.capabilities.told(context.clone())))
    } else {
        Err(denied("this person may not open the record that the launch is for"))
    }
}

/// Adds what was picked, and the one record of somebody who has only one.
fn fill(
    context: &mut LaunchContext,
    (patient, picks): (Option<&String>, &Picks),
    (link, now): (&Link, Timestamp),
    authorization: &Authorization,
) {
    let allowed = &authorization.request.allowed;
    if context.patient.is_none() && allowed.needs_patient() {
        let only = || link.records.only(now).map(|record| record.patient.clone());
        context.patient = patient.cloned().or_else(only);
    }
    for asked in to_pick(authorization) {
        let Some(Pick::Resource(id)) = picks.of(&asked) else { continue };
        context.hand_over(&asked, id);
    }
}

/// Which picker must be shown (SC-13, SC-15); user-level apps and launches from an EHR never see one.
fn pick(
    authorization: &Authorization,
    context: &LaunchContext,
    picks: &Picks,
    (link, now): (&Link, Timestamp),
) -> Result<Option<Step>, Refused> {
    let allowed = &authorization.request.allowed;
    if let Some(patient) = &context.patient {
        // M5: what the form said is asked again of the person's rights, whenever it is used.
        ensure(link.records.admit(patient, now), denied("this person may not open that record"))?;
    } else if allowed.needs_patient() && authorization.request.launch.is_none() {
        let nothing = matches!(&link.records, Records::These(records) if records.is_empty());
        let quiet = authorization.request.prompt.none;
        ensure(
            !(nothing && quiet),
            denied("this person has no record at the FHIR server of this request"),
        )?;
        return Ok(Some(Step::PickPatient));
    }
    let unpicked = to_pick(authorization).into_iter().find(|asked| picks.of(asked).is_none());
    Ok(unpicked.map(|asked| {
        let patient = context.patient.clone().filter(|_| asked.is_of_patient());
        Step::PickContext { asked, patient }
    }))
}

/// What there is to pick beside the patient. What an EHR launches with is the EHR's to say: there, `launch/…` is a
/// hint (SC-14).
fn to_pick(authorization: &Authorization) -> Vec<AskedContext> {
    let request = &authorization.request;
    if request.launch.is_some() { Vec::new() } else { AskedContext::all(&request.allowed) }
}

/// The request without what cannot be granted in this context: a `patient/` scope without a patient, and context that
/// nobody picked. `scope` says what was granted, so the app knows what it need not look for.
fn offered(request: &Request, context: &LaunchContext, picks: &Picks) -> Result<Request, Refused> {
    let mut offered = request.clone();
    for scope in request.allowed.iter() {
        if let Some(reason) = lacks(scope, context, picks) {
            offered.dropped.push(Dropped { scope: scope.to_string(), reason });
            offered.allowed.retain(|one| one != scope);
        }
    }
    ensure(
        offered.allowed.is_clinical() || !request.allowed.is_clinical(),
        Refused::new(
            Code::InvalidScope,
            "patient/ scopes were asked, but the EHR launched the app without a patient",
        ),
    )?;
    Ok(offered)
}

/// Why a scope cannot be granted in this context.
fn lacks(scope: &Scope, context: &LaunchContext, picks: &Picks) -> Option<Reason> {
    if scope.needs_patient() && context.patient.is_none() {
        return Some(Reason::Context);
    }
    let Scope::LaunchContext(asking) = scope else { return None };
    let asked = AskedContext::of(asking)?;
    match picks.of(&asked) {
        Some(Pick::Resource(_)) => None,
        Some(Pick::Without) => Some(Reason::Person),
        Some(Pick::Unavailable) => Some(Reason::Context),
        None => (!context.has(&asked)).then_some(Reason::Context),
    }
}

fn consent(
    request: &Request,
    client: &Client,
    choice: Option<&ConsentChoice>,
    (remembered, now): (&[Consent], Timestamp),
    context: LaunchContext,
) -> Step {
    if let Some(ConsentChoice::Allow { scopes, until }) = choice {
        return Step::Approve(by_choice(request, context, scopes, *until));
    }
    // RFC 8252 §8.6: who is not known to be the app that was allowed before is asked about each time.
    let unproven = client.is_public() && request.target.uri().may_be_anothers();
    let asks_again = request.prompt.consent || unproven;
    if client.consent == ConsentPolicy::Trusted && !asks_again {
        return Step::Approve(by_trust(request, context));
    }
    let counts = |consent: &&Consent| {
        now < consent.until
            && consent.patient == context.patient
            && request.allowed.covered_by(&consent.asked)
    };
    match remembered.iter().find(counts) {
        Some(consent) if !asks_again => Step::Approve(by_memory(request, context, consent)),
        Some(_) | None => Step::AskConsent { context, offered: request.allowed.clone() },
    }
}

fn refuse(code: Code, sentence: &str) -> Step {
    Step::Refuse(Refused::new(code, sentence))
}

fn denied(sentence: &str) -> Refused {
    Refused::new(Code::AccessDenied, sentence)
}

#[cfg(test)]
#[path = "next_tests.rs"]
mod tests;
