//! In a frame only redirects work; where a page is needed, the one page that may be framed leads out (D-20).

use actix_web::HttpResponse;
use fireward_pages::NewWindowPage;
use fireward_web::{Visit, chrome, frameable};

use super::Flow;
use crate::App;

/// 'Continue in a new window', at `href`. It has no form, and says nothing of whoever is signed in.
pub(super) fn new_window(app: &App, visit: &Visit, flow: &Flow, href: String) -> HttpResponse {
    let locales = flow.authorization.request.ui_locales.as_deref();
    let page = NewWindowPage {
        chrome: chrome(&app.site, visit.language(locales)),
        app: Some(flow.client.about.name.clone()),
        href,
    };
    frameable(page.render())
}
