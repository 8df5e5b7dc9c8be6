#![doc = include_str!("../README.md")]

mod chart;
mod config;
mod failure;
mod files;
mod front;
mod issuer;
mod launch;
mod manners;
mod patients;
mod records;
mod remote;
mod session;
mod sign_in;
mod sources;
mod tasks;

use std::{fmt, sync::Arc};

use actix_web::{
    HttpRequest,
    http::header,
    middleware,
    web::{self, Data, ServiceConfig},
};
use fireward_outbound::Outbound;
use fireward_pages::{Chrome, Date, Language};
use url::Url;

pub use config::{
    App, CALLBACK_PATH, CHART_SCOPE, Config, ConfigFault, JWKS_PATH, LAUNCH_SCOPE, Look,
    SAMPLE_APP_PATH, SAMPLE_LAUNCH_PATH, SIGNED_OUT_PATH, SampleApp,
};
pub use sources::{Clock, Entropy, Sources};

use failure::Failure;
use issuer::{Caller, Issuer};
use manners::Policies;
use remote::Remote;
use session::{Session, Sessions, cookie};

/// The demo EHR: an ordinary OpenID Connect client of its issuer, with the sample app beside it. Cheap to clone.
#[derive(Clone)]
pub struct Ehr(Arc<Inner>);

struct Inner {
    config: Config,
    fhir_url: Url,
    issuer: Issuer,
    remote: Remote,
    sources: Sources,
    sessions: Sessions,
    policies: Policies,
}

impl Ehr {
    /// An EHR at rest: it asks nothing of anybody before the first request.
    ///
    /// # Errors
    /// The issuer or the FHIR base is no web address.
    pub fn new(
        config: Config,
        outbound: &Arc<Outbound>,
        sources: Sources,
    ) -> Result<Self, ConfigFault> {
        let issuer_url = config.issuer_url()?;
        let fhir_url = config.fhir_url()?;
        let apps: Vec<String> =
            config.apps.iter().map(|app| app.origin().ascii_serialization()).collect();
        let origin = |url: &Url| url.origin().ascii_serialization();
        let policies = Policies::new(&origin(&issuer_url), &origin(&fhir_url), &apps)
            .ok_or_else(|| ConfigFault::NotAnAddress { name: "apps", value: apps.join(" ") })?;
        Ok(Self(Arc::new(Inner {
            issuer: Issuer::new(&issuer_url, config.issuer.clone(), outbound),
            remote: Remote::new(Arc::clone(outbound)),
            sessions: Sessions::new(),
            config,
            fhir_url,
            sources,
            policies,
        })))
    }

    /// Mounts every route at the root of a listener of its own.
    pub fn configure(&self, service: &mut ServiceConfig) {
        service.app_data(Data::new(self.clone())).service(
            web::scope("")
                .wrap(middleware::from_fn(manners::keep))
                .route("/", web::get().to(front::page))
                .route("/assets/{hash}/{name}", web::get().to(files::asset))
                .route(JWKS_PATH, web::get().to(files::jwks))
                .route("/ehr", web::get().to(patients::home))
                .route(sign_in::SIGN_IN_PATH, web::get().to(sign_in::begin))
                .route(CALLBACK_PATH, web::get().to(sign_in::finish))
                .route("/ehr/sign-out", web::post().to(sign_in::sign_out))
                .route("/ehr/patients", web::get().to(patients::page))
                .route("/ehr/patients/{id}", web::get().to(chart::page))
                .route("/ehr/patients/{id}/launch", web::post().to(launch::from_shelf))
                .route("/ehr/patients/{id}/tasks/{task}/launch", web::post().to(launch::from_task))
                .route("/sample-app", web::get().to(files::sample_app_root))
                .route("/sample-app/config.json", web::get().to(files::sample_config))
                .route("/sample-app/{path:.*}", web::get().to(files::sample_app))
                .default_service(web::to(front::nowhere)),
        );
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn fhir_url(&self) -> &Url {
        &self.0.fhir_url
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        &self.0.issuer
    }

    pub(crate) fn remote(&self) -> &Remote {
        &self.0.remote
    }

    pub(crate) fn sources(&self) -> &Sources {
        &self.0.sources
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    pub(crate) fn policies(&self) -> &Policies {
        &self.0.policies
    }

    pub(crate) fn now(&self) -> i64 {
        self.0.sources.now()
    }

    pub(crate) fn today(&self) -> Date {
        Date::of_unix(self.now())
    }

    pub(crate) fn caller(&self) -> Caller<'_> {
        Caller { config: &self.0.config, remote: &self.0.remote, sources: &self.0.sources }
    }

    /// Who is signed in on this browser.
    pub(crate) fn session(&self, request: &HttpRequest) -> Result<Arc<Session>, Failure> {
        let id = cookie::Kind::Session.of(request, self.0.config.secure());
        id.and_then(|id| self.0.sessions.find(&id, self.now())).ok_or(Failure::SignInFirst)
    }

    /// What every page shares, in the reader's language.
    pub(crate) fn chrome(&self, request: &HttpRequest, session: Option<&Session>) -> Chrome {
        let accept =
            request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let mut chrome =
            Chrome::new(Language::negotiate(accept, None), &self.0.config.organisation);
        chrome.csrf = session.map(|session| session.csrf.clone());
        chrome.signed_in_as = session.map(|session| session.name.clone());
        chrome
    }
}

impl fmt::Debug for Ehr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ehr")
            .field("base_url", &self.0.config.base_url.as_str())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
