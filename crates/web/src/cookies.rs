//! Our two cookies, named and marked as the issuer's scheme allows (design of cookies: L4, OC-0-07).

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    http::header::COOKIE,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use fireward_oauth::{BrowserToken, Issuer, Lifetime, SessionToken};

/// What a cookie is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Binds requests and forms to a browser, before and after sign-in.
    Browser,
    /// Stands for somebody who has signed in.
    Session,
}

/// The cookie's name: `__Host-` on https. On loopback, where ports do not separate cookies, the issuer's port
/// does; and issuers that share an origin are told apart by their path.
#[must_use]
pub fn name(issuer: &Issuer, kind: Kind) -> String {
    let what = match kind {
        Kind::Browser => "browser",
        Kind::Session => "session",
    };
    let path: String =
        issuer.path().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    if issuer.is_secure() {
        return format!("__Host-fireward-{what}{path}");
    }
    let authority = issuer.as_str().trim_start_matches("http://").split('/').next();
    let port =
        authority.and_then(|authority| authority.rsplit_once(':')).map_or("80", |(_, port)| port);
    format!("fireward-{port}-{what}{path}")
}

/// A cookie of ours; without `lifetime` it goes with the browser.
#[must_use]
pub fn make(
    issuer: &Issuer,
    kind: Kind,
    value: &str,
    lifetime: Option<Lifetime>,
) -> Cookie<'static> {
    // INVARIANT: no Domain, Path=/, HttpOnly, SameSite=Lax, and Secure with `__Host-` (L4).
    let mut cookie = Cookie::build(name(issuer, kind), value.to_owned())
        .path("/")
        .http_only(true)
        .secure(issuer.is_secure())
        .same_site(SameSite::Lax)
        .finish();
    if let Some(lifetime) = lifetime {
        cookie.set_max_age(Duration::seconds(lifetime.as_seconds()));
    }
    cookie
}

/// What makes a browser forget a cookie of ours.
#[must_use]
pub fn forget(issuer: &Issuer, kind: Kind) -> Cookie<'static> {
    make(issuer, kind, "", Some(Lifetime::seconds(0)))
}

/// The cookies of a browser's first visit: the one of the browser, and the same under a name that is its own. Of tabs
/// that come first at once, each is answered with a token: the last answer overwrites the first cookie, and none the
/// second, by which each tab goes on.
#[must_use]
pub fn first(issuer: &Issuer, token: &BrowserToken) -> [Cookie<'static>; 2] {
    let browser = make(issuer, Kind::Browser, token.expose(), None);
    let mut own = browser.clone();
    own.set_name(format!("{}-{}", browser.name(), own_name(token)));
    [browser, own]
}

/// The tokens that a browser brought, the one that it is called by first.
#[must_use]
pub fn browser(request: &HttpRequest, issuer: &Issuer) -> Vec<BrowserToken> {
    let name = name(issuer, Kind::Browser);
    let called = only(request, &name).and_then(|value| BrowserToken::parse(&value).ok());
    let own = pairs(request).filter_map(|(own, value)| {
        let suffix = own.strip_prefix(name.as_str())?.strip_prefix('-')?;
        BrowserToken::parse(value).ok().filter(|token| own_name(token) == suffix)
    });
    called.into_iter().chain(own).take(TABS).collect()
}

/// The part of a cookie's name that no other token has.
fn own_name(token: &BrowserToken) -> String {
    B64.encode(token.digest().as_octets()).chars().take(8).collect()
}

/// The session's token, if it brought one.
#[must_use]
pub fn session(request: &HttpRequest, issuer: &Issuer) -> Option<SessionToken> {
    SessionToken::parse(&only(request, &name(issuer, Kind::Session))?).ok()
}

/// The one cookie of that name: two of one name mean that somebody else set one of them, so neither counts.
fn only(request: &HttpRequest, name: &str) -> Option<String> {
    let mut values = pairs(request).filter(|(own, _)| *own == name).map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value.to_owned()),
        (None | Some(_), _) => None,
    }
}

fn pairs(request: &HttpRequest) -> impl Iterator<Item = (&str, &str)> {
    let lines = request.headers().get_all(COOKIE).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

/// How many tabs may have come first at once, as when a browser opens again those it had.
const TABS: usize = 16;

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn l4_cookies_are_host_only_secure_and_out_of_reach_of_scripts() {
        let issuer = Issuer::parse("https://auth.example").unwrap();
        let cookie = make(&issuer, Kind::Session, "x", None).to_string();
        assert_eq!(cookie, "__Host-fireward-session=x; HttpOnly; SameSite=Lax; Secure; Path=/");
        let local = Issuer::parse("http://localhost:8080").unwrap();
        let cookie = make(&local, Kind::Browser, "x", None).to_string();
        assert_eq!(cookie, "fireward-8080-browser=x; HttpOnly; SameSite=Lax; Path=/");
    }

    #[test]
    fn two_issuers_and_two_ports_never_share_a_cookie() {
        let session = |text: &str| name(&Issuer::parse(text).unwrap(), Kind::Session);
        let all = [
            "https://a.example",
            "https://a.example/one",
            "http://localhost:1",
            "http://localhost:2",
            "http://localhost",
        ];
        let mut names: Vec<_> = all.into_iter().map(session).collect();
        names.dedup();
        assert_eq!(names.len(), all.len());
    }

    #[test]
    fn l5_the_tokens_of_tabs_that_came_first_at_once_are_told_by_names_of_their_own() {
        let issuer = Issuer::parse("http://localhost:8080").unwrap();
        let token = |octet: char| BrowserToken::parse(&octet.to_string().repeat(43)).unwrap();
        let (one, two) = (token('A'), token('E'));
        let [_, own] = first(&issuer, &one);
        let [last, other] = first(&issuer, &two);
        assert_eq!(last.name(), "fireward-8080-browser");
        let brought = |cookies: &[&Cookie<'_>]| {
            let line: Vec<_> = cookies.iter().map(|cookie| cookie.stripped().to_string()).collect();
            let request = TestRequest::default().insert_header((COOKIE, line.join("; ")));
            let tokens = browser(&request.to_http_request(), &issuer);
            tokens.iter().map(|token| token.expose().to_owned()).collect::<Vec<_>>()
        };
        let all = [two.expose(), one.expose(), two.expose()];
        assert_eq!(brought(&[&last, &own, &other]), all);
        assert_eq!(brought(&[&own]), [one.expose()]);
        let forged = Cookie::new(own.name(), two.expose());
        assert!(brought(&[&forged]).is_empty(), "a name is of one token");
    }

    #[test]
    fn a_cookie_that_came_twice_counts_for_nothing() {
        let issuer = Issuer::parse("http://localhost:8080").unwrap();
        let token = "A".repeat(43);
        let header = format!("fireward-8080-session={token}");
        let once = TestRequest::default().insert_header((COOKIE, header.clone())).to_http_request();
        assert!(session(&once, &issuer).is_some());
        let twice = TestRequest::default()
            .insert_header((COOKIE, format!("{header}; {header}")))
            .to_http_request();
        assert!(session(&twice, &issuer).is_none());
    }
}
