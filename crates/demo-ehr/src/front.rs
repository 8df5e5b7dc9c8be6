//! The front page, and what is said where there is no page.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Query},
};
use fireward_pages::ehr::{Door, FrontPage};
use serde::Deserialize;

use crate::{Ehr, config::SAMPLE_APP_PATH, failure::Failure, manners::html, sign_in::SIGNED_OUT};

#[derive(Deserialize)]
pub(crate) struct Arrival {
    state: Option<String>,
}

/// `GET /`
pub(crate) async fn page(
    ehr: Data<Ehr>,
    request: HttpRequest,
    arrival: Query<Arrival>,
) -> HttpResponse {
    let doors = ehr.config().sample_app.iter().map(|app| Door {
        name: app.name.clone(),
        description: app.description.clone(),
        href: SAMPLE_APP_PATH.to_owned(),
    });
    let page = FrontPage {
        chrome: ehr.chrome(&request, None),
        ehr_href: "/ehr/patients".to_owned(),
        doors: doors.collect(),
        signed_out: arrival.state.as_deref() == Some(SIGNED_OUT),
    };
    html(StatusCode::OK, page.render())
}

/// Everything else.
pub(crate) async fn nowhere() -> Result<HttpResponse, Failure> {
    Err(Failure::not_found())
}
