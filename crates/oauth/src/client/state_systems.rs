//! Whose state codes an app may use (SMART 2.2 app-state, AS-7): those whose `coding.system` is the app's own origin.

use std::collections::BTreeSet;

use fireward_scopes::ScopeSet;
use url::Url;

use super::{Client, ClientAuth, KeySource};
use crate::vocabulary::RedirectUri;

/// The code systems in which a client may keep its state, with these scopes.
///
/// They are the origins of what the operator has registered it with and what it must control to act at all: its redirect
/// URIs and its `jwks_uri`. Only of an app that was reviewed are they taken for its own; a scheme of its own and a loopback
/// address, of which any program may use every port, are nobody's.
#[must_use]
pub fn state_systems(client: &Client, scopes: &ScopeSet) -> Vec<String> {
    if !client.about.reviewed || !scopes.clinical().any(|scope| scope.applies_to("Basic")) {
        return Vec::new();
    }
    let redirects = client.redirect_uris.iter().filter(|uri| !uri.may_be_anothers());
    let keys = match &client.auth {
        ClientAuth::Keys { source: KeySource::Url(url), .. } => Some(url.as_str()),
        ClientAuth::Keys { source: KeySource::Inline(_), .. }
        | ClientAuth::None
        | ClientAuth::Secret { .. } => None,
    };
    let urls = redirects.map(RedirectUri::as_str).chain(keys);
    let origins = urls.filter_map(|url| Url::parse(url).ok()).map(|url| url.origin());
    let tuples = origins.filter(url::Origin::is_tuple).map(|origin| origin.ascii_serialization());
    tuples.collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use crate::{
        client::{About, Client},
        samples,
        vocabulary::RedirectUri,
    };

    fn app(redirect_uris: &[&str], reviewed: bool) -> Client {
        let redirect_uris = redirect_uris.iter().map(|uri| RedirectUri::register(uri).unwrap());
        let about = About { reviewed, ..About::default() };
        Client { redirect_uris: redirect_uris.collect(), about, ..samples::client("app") }
    }

    fn systems(client: &Client, scope: &str) -> Vec<String> {
        super::state_systems(client, &scope.parse().unwrap())
    }

    #[test]
    fn as_7_codes_are_of_the_origins_that_a_reviewed_app_is_registered_under() {
        let uris = ["https://b.example/cb", "https://a.example:8443/x", "https://b.example/other"];
        let found = systems(&app(&uris, true), "patient/Basic.cuds");
        assert_eq!(found, ["https://a.example:8443", "https://b.example"]);
        assert_eq!(systems(&app(&uris, true), "patient/*.rs").len(), 2);
        assert!(systems(&app(&uris, false), "patient/Basic.cuds").is_empty(), "not reviewed");
        assert!(systems(&app(&uris, true), "openid patient/Patient.rs").is_empty(), "no state");
    }

    #[test]
    fn as_7_what_several_programs_may_use_is_no_origin() {
        let uris = ["http://127.0.0.1/cb", "http://[::1]:5/cb", "org.example.app:/cb"];
        assert!(systems(&app(&uris, true), "patient/Basic.cuds").is_empty());
        let named = app(&["http://localhost:8082/app/"], true);
        assert_eq!(systems(&named, "user/Basic.cuds"), ["http://localhost:8082"]);
    }
}
