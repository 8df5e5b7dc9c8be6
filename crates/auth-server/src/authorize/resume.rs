//! The hub: from what is kept to the next step. Steps come back here and never lead to one another.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use fireward_oauth::{
    AuthorizationId, BrowserToken, Digest,
    authorize::{Stage, Step},
};
use fireward_web::{Failure, Query, Visit, redirect};

use super::{
    Flow, StepPage, frame,
    settle::{From, settle},
};
use crate::App;

/// `GET /authorize/{id}`.
pub(crate) async fn resume(
    app: Data<App>,
    visit: Visit,
    id: Path<String>,
    query: Query,
) -> Result<HttpResponse, Failure> {
    if visit.only_asks() {
        return Ok(HttpResponse::Ok().finish());
    }
    let handle =
        query.0.one("handle").ok().flatten().and_then(|text| BrowserToken::parse(text).ok());
    if let Some(handle) = handle {
        take_over(&app, &visit, &id, &handle.digest()).await?;
        return Ok(redirect(app.site.path(&format!("/authorize/{}", id.as_str()))));
    }
    let flow = Flow::load(&app, &visit, &id).await?;
    let page = match flow.step(&app, app.now()) {
        Step::LogIn(_) => "login",
        Step::PickPatient => "patient",
        Step::PickContext { .. } => "context",
        Step::AskConsent { .. } => "consent",
        Step::Approve(_) | Step::Refuse(_) => {
            return settle(StepPage { app, visit, flow }, From::Kept(None)).await;
        }
    };
    if visit.framed {
        let here = flow.path(&app, "authorize");
        return Ok(frame::new_window(&app, &visit, &flow, here));
    }
    Ok(redirect(flow.path(&app, page)))
}

/// Binds a request that came by POST to the browser that followed it here. After that its handle is nothing.
async fn take_over(
    app: &App,
    visit: &Visit,
    id: &str,
    handle: &Digest<BrowserToken>,
) -> Result<(), Failure> {
    let Ok(id) = AuthorizationId::parse(id) else { return Ok(()) };
    let taken = app.site.store.transact(async |tx| {
        let Some(mut kept) = tx.authorizations().find(&app.site.id, &id).await? else {
            return Ok(());
        };
        let open = matches!(kept.stage, Stage::Open { .. });
        if open && kept.browser == *handle {
            kept.browser = visit.browser.digest();
            // Whoever knew the handle may have come here before: nothing that they chose is this person's choice.
            kept.stage = Stage::open();
            tx.authorizations().update(&kept).await?;
        }
        Ok(())
    });
    Ok(taken.await?)
}
