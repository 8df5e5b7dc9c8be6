//! The EHR's cookies. Ports do not separate cookies, so their names differ from those of every other server of the
//! demo; the attributes follow the scheme: `__Host-` and Secure over https, a plain name over loopback http.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Of a signed-in clinician.
    Session,
    /// Of a browser that has begun to sign in.
    Browser,
}

impl Kind {
    fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-fireward-ehr",
            (Self::Session, false) => "fireward-ehr",
            (Self::Browser, true) => "__Host-fireward-ehr-browser",
            (Self::Browser, false) => "fireward-ehr-browser",
        }
    }

    /// The cookie's value, if the browser sent one.
    pub(crate) fn of(self, request: &HttpRequest, secure: bool) -> Option<String> {
        request.cookie(self.name(secure)).map(|cookie| cookie.value().to_owned())
    }

    /// A cookie for this browser session.
    pub(crate) fn set(self, value: &str, secure: bool) -> Cookie<'static> {
        let mut cookie = Cookie::new(self.name(secure), value.to_owned());
        cookie.set_path("/");
        cookie.set_http_only(true);
        cookie.set_secure(secure);
        cookie.set_same_site(SameSite::Lax);
        cookie
    }

    /// The same cookie, ended.
    pub(crate) fn clear(self, secure: bool) -> Cookie<'static> {
        let mut cookie = self.set("", secure);
        cookie.set_max_age(Duration::ZERO);
        cookie
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secure_cookie_is_bound_to_its_host() {
        let cookie = Kind::Session.set("v", true).to_string();
        assert_eq!(cookie, "__Host-fireward-ehr=v; HttpOnly; SameSite=Lax; Secure; Path=/");
        let cookie = Kind::Session.set("v", false).to_string();
        assert_eq!(cookie, "fireward-ehr=v; HttpOnly; SameSite=Lax; Path=/");
    }
}
