//! In a frame only redirects work; where a page is needed, the one page that may be framed leads out (D-20).

use actix_web::HttpResponse;
use fireward_oauth::authorize::Params;
use fireward_pages::NewWindowPage;
use fireward_web::{Visit, chrome, frameable};

use super::Flow;
use crate::{App, launch_contexts::launch_url};

/// The app's own launch address, for an EHR launch: what an app keeps for the answer stays in its frame, so in another
/// window it has to begin again. The handle is still good: nothing was issued for it (D-29).
pub(super) fn relaunch(flow: &Flow, params: &Params) -> Option<String> {
    flow.known.launch.as_ref()?;
    launch_url(&flow.client, flow.server.as_ref()?, params.one("launch").ok()??)
}

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
