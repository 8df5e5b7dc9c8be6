//! Whose state codes an app may use (SMART 2.2 app-state, AS-7): those whose `coding.system` is the app's own origin.

use std::collections::BTreeSet;

use fireward_scopes::{Clinical, Constraint, Level, ScopeSet};
use url::Url;

use super::{Client, ClientAuth, KeySource};
use crate::vocabulary::{Issuer, RedirectUri};

/// The code systems in which a client may keep its state, with these scopes.
///
/// They are the origins of what the operator has registered it with and what it must control to act at all: its redirect
/// URIs and its `jwks_uri`. Only of an app that was reviewed are they taken for its own; a scheme of its own and a loopback
/// address, of which any program may use every port, are nobody's. `http://localhost` is an app's own on a developer's
/// machine alone, where the issuer is on loopback too: elsewhere it is every person's own device (RFC 8252 §8.3).
#[must_use]
pub fn state_systems(client: &Client, scopes: &ScopeSet, issuer: &Issuer) -> Vec<String> {
    if !scopes.clinical().any(|scope| scope.applies_to("Basic")) {
        return Vec::new();
    }
    own_systems(client, issuer)
}

/// Whether a scope opens nothing but one state of the app's own (AS-8), which people need not be told of as of records.
#[must_use]
pub fn is_own_state(client: &Client, scope: &Clinical, issuer: &Issuer) -> bool {
    let mut pairs = scope.constraint().into_iter().flat_map(Constraint::pairs);
    let (Some(("code", code)), None) = (pairs.next(), pairs.next()) else { return false };
    let system = code.split_once('|').map(|(system, _)| system).filter(|_| !code.contains(','));
    let of_a_person = matches!(scope.level(), Level::Patient | Level::User);
    of_a_person
        && scope.resource().name() == Some("Basic")
        && system.is_some_and(|own| own_systems(client, issuer).iter().any(|known| known == own))
}

fn own_systems(client: &Client, issuer: &Issuer) -> Vec<String> {
    if !client.about.reviewed {
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
    let urls = urls.filter_map(|url| Url::parse(url).ok());
    let named = urls.filter(|url| url.scheme() == "https" || !issuer.is_secure());
    let origins = named.map(|url| url.origin());
    let tuples = origins.filter(url::Origin::is_tuple).map(|origin| origin.ascii_serialization());
    tuples.collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use fireward_scopes::ScopeSet;

    use crate::{
        client::{About, Client},
        samples,
        vocabulary::{Issuer, RedirectUri},
    };

    fn app(redirect_uris: &[&str], reviewed: bool) -> Client {
        let redirect_uris = redirect_uris.iter().map(|uri| RedirectUri::register(uri).unwrap());
        let about = About { reviewed, ..About::default() };
        Client { redirect_uris: redirect_uris.collect(), about, ..samples::client("app") }
    }

    fn systems(client: &Client, scope: &str) -> Vec<String> {
        at("https://auth.example", client, scope)
    }

    fn at(issuer: &str, client: &Client, scope: &str) -> Vec<String> {
        super::state_systems(client, &scope.parse().unwrap(), &Issuer::parse(issuer).unwrap())
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
        assert!(systems(&named, "user/Basic.cuds").is_empty(), "everybody's own device");
        let here = at("http://localhost:8080", &named, "user/Basic.cuds");
        assert_eq!(here, ["http://localhost:8082"], "a developer's machine");
        assert!(at("http://localhost:8080", &app(&uris, true), "user/Basic.cuds").is_empty());
    }

    #[test]
    fn as_8_a_scope_for_one_state_of_the_apps_own_is_told_from_one_for_records() {
        let reviewed = app(&["https://a.example/cb"], true);
        let own = |client: &Client, scope: &str| {
            let scopes: ScopeSet = scope.parse().unwrap();
            let issuer = Issuer::parse("https://auth.example").unwrap();
            super::is_own_state(client, scopes.clinical().next().unwrap(), &issuer)
        };
        for scope in ["user/Basic.cuds", "patient/Basic.s"] {
            assert!(own(&reviewed, &format!("{scope}?code=https://a.example|keys")), "{scope}");
        }
        for records in [
            "user/Basic.cuds",
            "user/Basic.cuds?code=https://b.example|keys",
            "user/Basic.cuds?code=https://a.example|keys,https://b.example|keys",
            "user/Basic.cuds?code=keys",
            "user/Basic.cuds?category=https://a.example|keys",
            "user/Basic.cuds?code=https://a.example|keys&subject=Patient/1",
            "user/*.cuds?code=https://a.example|keys",
            "user/Observation.cuds?code=https://a.example|keys",
            "system/Basic.cuds?code=https://a.example|keys",
        ] {
            assert!(!own(&reviewed, records), "{records}");
        }
        let stranger = app(&["https://a.example/cb"], false);
        assert!(!own(&stranger, "user/Basic.cuds?code=https://a.example|keys"), "not reviewed");
    }
}
