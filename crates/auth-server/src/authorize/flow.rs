//! An open authorization with everything that the next step depends on.

use std::sync::Arc;

use fireward_oauth::{
    AuthorizationId, ErrorCode, Refused, Timestamp, UserId,
    authorize::{Authorization, Consent, Stage, Step, Who, next_step},
    client::{Client, Status},
    launch::Launch,
    people::{Link, Session, User},
    resource_server::ResourceServer,
};
use fireward_pages::{Chrome, Trouble};
use fireward_store::{Reader, StoreError, Tx};
use fireward_web::{Failure, Fault, Visit, chrome, csrf};

use super::Hint;
use crate::{App, patient::look_up};

/// An authorization on its way, as one request finds it.
#[derive(Debug)]
pub(crate) struct Flow {
    /// The request and how far it has come.
    pub(crate) authorization: Authorization,
    /// Who asks.
    pub(crate) client: Arc<Client>,
    /// For which FHIR server.
    pub(crate) server: Option<ResourceServer>,
    /// The subject of the request's `id_token_hint`.
    pub(crate) hinted: Option<UserId>,
    /// Who is at the browser.
    pub(crate) known: Known,
}

/// Who is at the browser, and what is kept about them.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The session and whose it is.
    pub(crate) signed_in: Option<(Session, User)>,
    /// What they allowed this client before, for the records that may be in context.
    pub(crate) consents: Vec<Consent>,
    /// The launch that the request names.
    pub(crate) launch: Option<Launch>,
}

/// The same loading from a reader and within a transaction: their finders have one form and two types.
macro_rules! loading {
    ($name:ident, $Source:ty) => {
        impl Known {
            /// Loads what the next step of `authorization` depends on.
            pub(super) async fn $name(
                store: $Source,
                app: &App,
                visit: &Visit,
                (authorization, server): (&Authorization, Option<&ResourceServer>),
            ) -> Result<Self, StoreError> {
                let (issuer, request) = (&app.site.id, &authorization.request);
                let launch = match &request.launch {
                    Some(digest) => store.launches().find(issuer, digest).await?,
                    None => None,
                };
                let unknown = Self { launch, ..Self::default() };
                let Some(token) = &visit.session else { return Ok(unknown) };
                let found = store.sessions().find_with_user(issuer, &token.digest()).await?;
                let Some((session, user)) = found else { return Ok(unknown) };
                let about = (&request.client, request.resource_server.as_ref());
                let link = user.links.at(server);
                let patients = candidates(authorization, unknown.launch.as_ref(), link, app.now());
                let consents = store.consents().find(issuer, &user.id, about, &patients).await?;
                Ok(Self { signed_in: Some((session, user)), consents, ..unknown })
            }
        }
    };
}

loading!(read, &Reader);
loading!(read_in, &Tx);

impl Known {
    /// Asks the FHIR server whose record is the person's to choose, if one is needed; whether that changed. Without
    /// its answer nothing goes on: what it said before may not be so any more.
    async fn look_up(
        &self,
        app: &App,
        (authorization, server): (&Authorization, Option<&ResourceServer>),
        servers: &[ResourceServer],
    ) -> Result<bool, Failure> {
        let request = &authorization.request;
        let needed = request.allowed.needs_patient() || request.launch.is_some();
        let (Some(server), Some((session, user))) = (server, &self.signed_in) else {
            return Ok(false);
        };
        if !needed || !session.is_live(app.now(), app.site.policy.session_idle) {
            return Ok(false);
        }
        Ok(look_up(app, user, (server, servers)).await?)
    }
}

impl Flow {
    /// Loads the authorization of a page's URL, for the browser that began it and no other (L5).
    pub(crate) async fn load(app: &App, visit: &Visit, id: &str) -> Result<Self, Failure> {
        let found = match AuthorizationId::parse(id) {
            Ok(id) => app.site.store.read().authorizations().find(&app.site.id, &id).await?,
            Err(_) => None,
        };
        let authorization = found.ok_or_else(|| Fault::new(Trouble::Expired))?;
        if !visit.has_cookie {
            return Err(Fault::new(Trouble::NoCookies).into());
        }
        if !visit.is_by(&authorization.browser) {
            return Err(Fault::new(Trouble::ForeignForm).into());
        }
        let open = matches!(authorization.stage, Stage::Open { .. });
        if !open || app.now() >= authorization.expires_at {
            return Err(Fault::new(Trouble::Expired).into());
        }
        Self::of(app, visit, authorization).await
    }

    /// Adds to an authorization what its next step depends on.
    pub(super) async fn of(
        app: &App,
        visit: &Visit,
        authorization: Authorization,
    ) -> Result<Self, Failure> {
        let request = &authorization.request;
        let client = app.site.store.client(&app.site.id, &request.client).await?;
        let client = client.filter(|client| client.status == Status::Active);
        let client = client.ok_or_else(|| Fault::new(Trouble::UnknownApp))?;
        let asked = request.resource_server.as_ref();
        let wanted = |server: &ResourceServer| asked.is_none_or(|id| server.id == *id);
        let servers = app.site.store.resource_servers_with(&app.site.id, wanted).await?;
        let server = servers.iter().find(|server| Some(&server.id) == asked).cloned();
        let hinted = match &request.id_token_hint {
            Some(token) => Some(hinted(app, token)?),
            None => None,
        };
        let store = app.site.store.read();
        let about = (&authorization, server.as_ref());
        let mut known = Known::read(store, app, visit, about).await?;
        if known.look_up(app, about, &servers).await? {
            known = Known::read(store, app, visit, about).await?;
        }
        Ok(Self { authorization, client, server, hinted, known })
    }

    /// What must happen next.
    pub(crate) fn step(&self, app: &App, now: Timestamp) -> Step {
        self.step_of(&self.authorization, &self.known, app, now)
    }

    /// The same, of what a transaction has found.
    pub(super) fn step_of(
        &self,
        authorization: &Authorization,
        known: &Known,
        app: &App,
        now: Timestamp,
    ) -> Step {
        let who = Who {
            signed_in: known.signed_in.as_ref().map(|(session, user)| (session, user)),
            server: self.server.as_ref(),
            consents: &known.consents,
            launch: known.launch.as_ref(),
            hinted: self.hinted.as_ref(),
        };
        next_step(authorization, &self.client, who, (&app.site.policy, now))
    }

    /// The path of one of its pages: `page` is `authorize`, `login` and so on.
    pub(crate) fn path(&self, app: &App, page: &str) -> String {
        app.site.path(&format!("/{page}/{}", self.authorization.id))
    }

    /// What its pages share. Their forms are good for this authorization, this session and this patient alone:
    /// nobody agrees to what another was shown.
    pub(crate) fn chrome(&self, app: &App, visit: &Visit) -> Chrome {
        let locales = self.authorization.request.ui_locales.as_deref();
        Chrome {
            csrf: Some(csrf::token(&visit.browser, &self.purpose())),
            signed_in_as: self.known.signed_in.as_ref().map(|(_, user)| user.name.clone()),
            ..chrome(&app.site, visit.language(locales))
        }
    }

    /// What a form of its pages is for.
    pub(crate) fn purpose(&self) -> String {
        let sid = self.known.signed_in.as_ref().map_or("-", |(session, _)| &session.sid);
        format!("{} {sid} {}", self.authorization.id, self.picked().unwrap_or("-"))
    }

    /// Who the person at the browser is at the FHIR server of the request.
    pub(crate) fn link(&self) -> Option<&Link> {
        let (_, user) = self.known.signed_in.as_ref()?;
        Some(user.links.at(self.server.as_ref()))
    }

    /// The patient that was picked for it.
    pub(crate) fn picked(&self) -> Option<&str> {
        picked(&self.authorization)
    }
}

fn picked(authorization: &Authorization) -> Option<&str> {
    match &authorization.stage {
        Stage::Open { patient, .. } => patient.as_deref(),
        Stage::Approved { .. } | Stage::Denied => None,
    }
}

/// Whose record may be in context: that which was picked, that of the launch, somebody's only one, or nobody's.
fn candidates<'a>(
    authorization: &'a Authorization,
    launch: Option<&'a Launch>,
    link: &'a Link,
    now: Timestamp,
) -> [Option<&'a str>; 4] {
    let launched = launch.and_then(|launch| launch.context.patient.as_deref());
    let only = link.records.only(now).map(|record| record.patient.as_str());
    [picked(authorization), launched, only, None]
}

/// Whom `id_token_hint` is about.
pub(super) fn hinted(app: &App, token: &str) -> Result<UserId, Refused> {
    let hint = Hint::verify(app, token).ok_or_else(|| {
        Refused::new(ErrorCode::InvalidRequest, "id_token_hint is not an ID token of this issuer")
    })?;
    Ok(hint.subject)
}
