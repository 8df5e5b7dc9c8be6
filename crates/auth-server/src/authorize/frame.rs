//! In a frame only redirects work; where a page is needed, the one page that may be framed leads out (D-20).

use actix_web::HttpResponse;
use fireward_oauth::{authorize::Params, launch::url_with};
use fireward_pages::NewWindowPage;
use fireward_web::{Visit, chrome, frameable};

use super::Flow;
use crate::App;

/// The app's own launch address, for an EHR launch: what an app keeps for the answer stays in its frame, so in another
/// window it has to begin again. The handle is still good: nothing was issued for it (D-29).
pub(super) fn relaunch(flow: &Flow, params: &Params) -> Option<String> {
    let launch_url = flow.known.launch.as_ref()?.launch_url.as_ref()?;
    // It may have been taken from the app since.
    let registered = flow.client.launch_uris.contains(launch_url);
    let (server, handle) = (flow.server.as_ref()?, params.one("launch").ok()??);
    registered.then(|| url_with(launch_url, &server.base_url, handle))
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
