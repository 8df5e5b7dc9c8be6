//! Settling an authorization: load, decide, settle, answer, in one transaction (D-29, L8).

use actix_web::HttpResponse;
use fireward_oauth::{
    Code, GrantId, Refused,
    audit::{Event, Kind},
    authorize::{
        Answer, Approved, Authorization, ConsentChoice, Fresh, Granting, Stage, Step, approve,
    },
};
use fireward_store::{StoreError, Tx};
use fireward_web::{Failure, Visit, redirect};

use super::{Flow, StepPage, answer, flow::Known, start};
use crate::App;

/// What is settled.
pub(crate) enum From {
    /// A request of which nothing was kept, because nobody had to be asked: one write.
    Nowhere,
    /// A kept one, with the decision that the person has just made.
    Kept(Option<ConsentChoice>),
}

enum Settled {
    Code(Code),
    Refused(Refused),
    /// Something else must happen first: the world has changed since the step was derived.
    NotYet,
}

/// Issues a code or an error, if that is still what must happen, and answers.
pub(crate) async fn settle(
    StepPage { app, visit, flow }: StepPage,
    from: From,
) -> Result<HttpResponse, Failure> {
    let (app, visit) = (&*app, &visit);
    let settled =
        app.site.store.transact(async |tx| decide(app, visit, &flow, &from, tx).await).await?;
    let target = &flow.authorization.request.target;
    match (settled, from) {
        (Settled::Code(code), _) => {
            answer::to_client(app, visit, (target, &flow.client), &Answer::Code(code))
        }
        (Settled::Refused(refused), _) => {
            answer::error(app, visit, (target, &flow.client), refused)
        }
        (Settled::NotYet, From::Kept(_)) => Ok(redirect(flow.path(app, "authorize"))),
        (Settled::NotYet, From::Nowhere) => {
            start::open(app, &flow.authorization).await?;
            Ok(redirect(flow.path(app, "authorize")))
        }
    }
}

/// The step is derived again from what the transaction finds: a session that ended meanwhile gets no code.
async fn decide(
    app: &App,
    visit: &Visit,
    flow: &Flow,
    from: &From,
    tx: &Tx,
) -> Result<Settled, StoreError> {
    let Some(authorization) = current(app, flow, from, tx).await? else {
        return Ok(Settled::NotYet);
    };
    let known = Known::read_in(tx, app, visit, (&authorization, flow.server.as_ref())).await?;
    let now = app.now();
    match (flow.step_of(&authorization, &known, app, now), &known.signed_in) {
        (Step::Approve(granting), Some((session, user))) => {
            let dropped = granting.dropped.len();
            let fresh = fresh(app);
            let whose = (session, user, flow.server.as_ref());
            let approved = approve(&authorization, whose, granting, fresh, (&app.site.policy, now));
            match from {
                From::Nowhere => {
                    tx.authorizations().insert_approved(&authorization, &approved).await?;
                }
                From::Kept(_) => tx.authorizations().approve(&authorization, &approved).await?,
            }
            tx.sessions().touch(session, now).await?;
            for event in events(app, visit, flow, &approved, dropped) {
                tx.audit().write(&event).await?;
            }
            Ok(Settled::Code(approved.code))
        }
        (Step::Refuse(refused), _) => {
            if let From::Kept(choice) = from {
                tx.authorizations().deny(&authorization).await?;
                tx.audit().write(&refusal(app, visit, flow, (choice.as_ref(), &refused))).await?;
            }
            Ok(Settled::Refused(refused))
        }
        (
            Step::Approve(Granting { .. })
            | Step::LogIn(_)
            | Step::PickPatient
            | Step::PickContext { .. }
            | Step::AskConsent { .. },
            _,
        ) => Ok(Settled::NotYet),
    }
}

/// The authorization as it is now, with the person's decision.
async fn current(
    app: &App,
    flow: &Flow,
    from: &From,
    tx: &Tx,
) -> Result<Option<Authorization>, StoreError> {
    let From::Kept(decided) = from else { return Ok(Some(flow.authorization.clone())) };
    let kept = tx.authorizations().find(&app.site.id, &flow.authorization.id).await?;
    // A decision is about what the page showed: not if another patient was picked meanwhile.
    let same = |kept: &Authorization| decided.is_none() || kept.stage == flow.authorization.stage;
    let Some(mut kept) = kept.filter(same) else { return Ok(None) };
    match &mut kept.stage {
        Stage::Open { choice, .. } => {
            if decided.is_some() {
                choice.clone_from(decided);
            }
            Ok(Some(kept))
        }
        Stage::Approved { .. } | Stage::Denied => Ok(None),
    }
}

/// Drawn within the transaction, so that a second run does not meet its own ids.
fn fresh(app: &App) -> Fresh {
    let entropy = &*app.site.entropy;
    Fresh {
        grant: GrantId::draw(entropy),
        code: Code::draw(entropy),
        status_index: u32::from_be_bytes(entropy.draw()),
    }
}

fn events(
    app: &App,
    visit: &Visit,
    flow: &Flow,
    approved: &Approved,
    dropped: usize,
) -> Vec<Event> {
    let grant = &approved.grant;
    let mut code = answer::about(app, visit, flow, Kind::CodeIssued);
    code.grant = Some(grant.id.clone());
    code.patient.clone_from(&grant.context.patient);
    code.detail = format!("scopes {}; {dropped} not granted", grant.granted);
    let asked = approved.consent.is_some();
    let consent = Event { kind: Kind::ConsentGiven, ..code.clone() };
    asked.then_some(consent).into_iter().chain([code]).collect()
}

fn refusal(
    app: &App,
    visit: &Visit,
    flow: &Flow,
    (choice, refused): (Option<&ConsentChoice>, &Refused),
) -> Event {
    let kind = match choice {
        Some(ConsentChoice::Deny) => Kind::ConsentDenied,
        Some(ConsentChoice::Allow { .. }) | None => Kind::AuthorizationRefused,
    };
    let mut event = answer::about(app, visit, flow, kind);
    event.detail = refused.to_string();
    event
}
