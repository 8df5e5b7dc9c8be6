//! What the handlers need, made once and shared by all workers.

use std::sync::Arc;

use actix_web::web;
use fireward_fhir::Rules;
use fireward_guard::Guard;
use fireward_guard::manners::NewRequestId;
use url::Url;

use crate::link::Links;
use crate::upstream::Upstream;

/// A reverse proxy that lets a FHIR server's records out as far as a token opens them.
pub struct Gateway {
    pub(crate) guard: web::Data<Guard>,
    pub(crate) upstream: Upstream,
    pub(crate) links: Links,
    pub(crate) base: String,
    pub(crate) path: String,
    pub(crate) new_id: NewRequestId,
    pub(crate) limits: Limits,
    pub(crate) since: String,
    pub(crate) rules: Rules,
}

/// How much is borne for one request.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many octets a body may have that is sent to us; else 413.
    pub body: usize,
    /// How many octets an answer of the server behind may have; else 502.
    pub answer: usize,
    /// How many pages of the server behind are read for one page of ours; else 502.
    pub pages: usize,
    /// How many resources a page of ours has, unless fewer are asked for.
    pub count: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: 2 * 1024 * 1024, answer: 32 * 1024 * 1024, pages: 20, count: 100 }
    }
}

/// What a gateway is made of, beside its guard and the server behind.
pub struct Settings {
    /// The FHIR base under which it is known, which tokens name in `aud`. It is configured and never guessed from a
    /// request (D-28).
    pub base: Url,
    /// How much is borne.
    pub limits: Limits,
    /// Since when it serves so (FHIR `dateTime`), for `/metadata`.
    pub since: String,
    /// What the site lays down beyond scopes.
    pub rules: Rules,
    /// Draws the ids of requests.
    pub new_id: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Gateway {
    /// A gateway before `upstream`.
    #[must_use]
    pub fn new(
        guard: web::Data<Guard>,
        upstream: Upstream,
        links: Links,
        settings: Settings,
    ) -> Self {
        let base = settings.base.as_str().trim_end_matches('/').to_owned();
        let path = settings.base.path().trim_end_matches('/').to_owned();
        let Settings { limits, since, new_id, rules, .. } = settings;
        let new_id = NewRequestId(new_id);
        Self { guard, upstream, links, base, path, new_id, limits, since, rules }
    }
}

impl Gateway {
    /// What of a URL is below our base.
    pub(crate) fn below<'a>(&self, url: &'a str) -> Option<&'a str> {
        url.strip_prefix(&self.base)?.strip_prefix('/').filter(|rest| !rest.is_empty())
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("base", &self.base).finish_non_exhaustive()
    }
}
