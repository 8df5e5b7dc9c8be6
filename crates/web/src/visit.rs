//! Who is asking, as far as a request says by itself.

use std::{net::IpAddr, rc::Rc};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    http::{
        Method,
        header::{ACCEPT_LANGUAGE, HeaderName, USER_AGENT},
    },
    web::Data,
};
use fireward_oauth::{BrowserToken, Digest, RequestId, SessionToken, audit};
use fireward_pages::Language;

use crate::{Device, Failure, Site, address::client_address, cookies};

/// One request, seen as a visit: extract it with `visit: Visit`.
#[derive(Debug, Clone)]
pub struct Visit(Rc<Seen>);

/// What a [`Visit`] holds.
#[derive(Debug)]
pub struct Seen {
    /// The id that people quote, and that the audit log has.
    pub request: RequestId,
    /// Where it comes from.
    pub address: IpAddr,
    /// What it calls itself.
    pub device: Device,
    /// The browser's token: brought, or drawn for it just now.
    pub browser: BrowserToken,
    /// All that it brought: several where tabs came first at once.
    pub(crate) brought: Vec<BrowserToken>,
    /// Whether the browser brought that token, so that it keeps our cookies.
    pub has_cookie: bool,
    /// The session's token, if it brought one.
    pub session: Option<SessionToken>,
    /// Whether the answer would be shown in a frame where no page of ours works: one that is in nobody's list, or
    /// that gets no cookies of ours because a page around it is of another site (D-20).
    pub framed: bool,
    /// Whether somebody is going to look at the answer: only then is a missing cookie a cookie to be set. A POST from
    /// another site lacks ours although the browser has them (`SameSite=Lax`).
    pub(crate) looked_at: bool,
    method: Method,
    accept_language: Option<String>,
}

impl std::ops::Deref for Visit {
    type Target = Seen;

    fn deref(&self) -> &Seen {
        &self.0
    }
}

impl Visit {
    /// Reads a request, once: the middleware does it before any handler runs.
    pub(crate) fn of(site: &Site, request: &HttpRequest) -> Self {
        let header = |name: &HeaderName| request.headers().get(name)?.to_str().ok();
        let peer = request.peer_addr().map(|peer| peer.ip());
        let brought = cookies::browser(request, &site.issuer);
        let dest = header(&SEC_FETCH_DEST);
        let within = dest.is_some_and(|dest| {
            matches!(dest, "iframe" | "frame" | "embed" | "object" | "fencedframe")
        });
        let framed = within && (site.ehr_origins.is_empty() || brought.is_empty());
        let visit = Self(Rc::new(Seen {
            request: RequestId::draw(&*site.entropy),
            address: client_address(peer, request.headers(), &site.proxies),
            device: Device::of_user_agent(header(&USER_AGENT).unwrap_or_default()),
            has_cookie: !brought.is_empty(),
            browser: brought.first().cloned().unwrap_or_else(|| BrowserToken::draw(&*site.entropy)),
            brought,
            session: cookies::session(request, &site.issuer),
            framed,
            looked_at: matches!(*request.method(), Method::GET | Method::HEAD)
                && dest.is_none_or(|dest| dest == "document"),
            method: request.method().clone(),
            accept_language: header(&ACCEPT_LANGUAGE).map(str::to_owned),
        }));
        request.extensions_mut().insert(visit.clone());
        visit
    }

    /// Whether it is a HEAD: it is answered as a GET is, but nothing may come of it (RFC 9110 §9.2.1). For the few
    /// pages where a GET goes a step on.
    #[must_use]
    pub fn only_asks(&self) -> bool {
        self.method == Method::HEAD
    }

    /// Whether this is the browser of that token.
    #[must_use]
    pub fn is_by(&self, browser: &Digest<BrowserToken>) -> bool {
        self.brought.iter().any(|token| token.digest() == *browser)
    }

    /// An entry for the audit log about this visit, of somebody who is not known yet.
    #[must_use]
    pub fn event(&self, site: &Site, kind: audit::Kind) -> audit::Event {
        let actor = audit::Actor::Anonymous(self.address.to_string());
        let event = audit::Event::new(site.id.clone(), site.now(), actor, kind);
        audit::Event { request: Some(self.request.clone()), ..event }
    }

    /// The language to write in; `ui_locales` of an authorization request goes before what the browser prefers.
    #[must_use]
    pub fn language(&self, ui_locales: Option<&str>) -> Language {
        Language::negotiate(self.accept_language.as_deref(), ui_locales)
    }
}

impl FromRequest for Visit {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = request.extensions().get::<Self>().cloned();
        let again = || request.app_data::<Data<Site>>().map(|site| Self::of(site, request));
        let visit = read.or_else(again);
        std::future::ready(
            visit.ok_or_else(|| Failure::broken("a resource was mounted without its site")),
        )
    }
}

static SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
