//! The style that apps may take over (SMART 2.2 scopes-and-launch-context, SC-19). Its URL changes with it.

use std::sync::LazyLock;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CACHE_CONTROL},
    web::{Bytes, Path},
};
use fireward_jose::{b64, sha256};
use fireward_oauth::{ErrorCode, Refused};
use fireward_web::{Failure, Refusal};

use crate::App;

/// `GET /styles/{hash}.json`
pub(crate) async fn style(name: Path<String>) -> Result<HttpResponse, Failure> {
    if *name != format!("{}.json", STYLE.hash) {
        let refused = Refused::new(
            ErrorCode::InvalidRequest,
            "there is no such style: styles have new names when they change",
        );
        return Err(Refusal::from(refused).status(StatusCode::NOT_FOUND).into());
    }
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .content_type("application/json")
        .body(Bytes::from_static(STYLE.body)))
}

/// The URL of the style that launches carry when their EHR names none.
#[must_use]
pub fn style_url(app: &App) -> String {
    app.site.issuer.endpoint(&format!("/styles/{}.json", STYLE.hash))
}

struct Style {
    hash: String,
    body: &'static [u8],
}

static STYLE: LazyLock<Style> = LazyLock::new(|| {
    let hash = b64::encode(sha256(BODY)).chars().take(22).collect();
    Style { hash, body: BODY }
});

const BODY: &[u8] = include_bytes!("style.json");
