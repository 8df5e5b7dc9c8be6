//! Looking up records at the FHIR server, as any client would: over HTTP, with a token.
//!
//! The token is the authorization server's own: it signs as `fireward`, for reading the one type, for a minute.

use fireward_jose::claims::{Audience, NumericDate};
use fireward_oauth::{
    Jti, Lifetime, client::OURSELVES, resource_server::ResourceServer, token::AccessClaims,
};
use fireward_outbound::{Configured, Credentials};
use fireward_pages::Trouble;
use fireward_web::{Failure, Fault};
use serde_json::Value;

use crate::{App, authorize::Flow, token::mint::access_token};

/// The records of one FHIR server.
pub(crate) struct Directory<'a> {
    app: &'a App,
    server: &'a ResourceServer,
}

/// A page of what a search found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The resources.
    pub(crate) resources: Vec<Value>,
    /// The query of the page before.
    pub(crate) previous: Option<String>,
    /// The query of the page after.
    pub(crate) next: Option<String>,
}

/// Why nothing is known.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// The server does not answer, or not in FHIR: it may, after a while.
    Down,
    /// It refuses, with this status: it has no such type, or none for us.
    Refused(u16),
    /// We are at fault, or say so ourselves.
    Ours(Failure),
}

impl From<Unanswered> for Failure {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Down | Unanswered::Refused(_) => Fault::new(Trouble::ElsewhereDown).into(),
            Unanswered::Ours(failure) => failure,
        }
    }
}

impl<'a> Directory<'a> {
    /// The directory of the FHIR server that an authorization is for.
    pub(crate) fn of(app: &'a App, flow: &'a Flow) -> Result<Self, Failure> {
        let server = flow.server.as_ref();
        let server =
            server.ok_or_else(|| Failure::broken("records are asked for, of no FHIR server"))?;
        Ok(Self::at(app, server))
    }

    /// The directory of this FHIR server.
    pub(crate) const fn at(app: &'a App, server: &'a ResourceServer) -> Self {
        Self { app, server }
    }

    /// The base that its references are relative to.
    pub(crate) fn base(&self) -> &str {
        &self.server.base_url
    }

    /// One resource; `None` if there is none, or none to be seen.
    pub(crate) async fn read(&self, kind: &str, id: &str) -> Result<Option<Value>, Unanswered> {
        let (status, body) = self.get(kind, &format!("{kind}/{id}")).await?;
        match status {
            200 if is(&body, kind) => Ok(Some(body)),
            404 | 410 => Ok(None),
            other => Err(self.unexpected(other)),
        }
    }

    /// What a search finds; `query` is already encoded.
    pub(crate) async fn search(&self, kind: &str, query: &str) -> Result<Found, Unanswered> {
        let (status, body) = self.get(kind, &format!("{kind}?{query}")).await?;
        if status != 200 || !is(&body, "Bundle") {
            return Err(self.unexpected(status));
        }
        let list = |member: &str| {
            body.get(member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
        };
        let resources = list("entry").iter().filter_map(|entry| entry.get("resource"));
        let here = format!("{}/{kind}?", self.server.base_url);
        let page = |relation: &str| {
            let text = |link: &'_ Value, name: &str| {
                link.get(name).and_then(Value::as_str).map(str::to_owned)
            };
            let link = list("link")
                .iter()
                .find(|link| text(link, "relation").as_deref() == Some(relation))?;
            text(link, "url")?.strip_prefix(&here).map(str::to_owned)
        };
        Ok(Found {
            resources: resources.filter(|one| is(one, kind)).cloned().collect(),
            previous: page("previous").or_else(|| page("prev")),
            next: page("next"),
        })
    }

    async fn get(&self, kind: &str, below: &str) -> Result<(u16, Value), Unanswered> {
        let base = self.server.reached_at();
        let address = Configured::new(&format!("{base}/{below}"));
        let address =
            address.map_err(|fault| Unanswered::Ours(Failure::broken(fault.to_string())))?;
        let scope = format!("system/{kind}.rs");
        let token = token(self.app, self.server, scope).await.map_err(Unanswered::Ours)?;
        let asked = Credentials::Bearer(&token);
        let answer =
            self.app.outbound.get(&address, "application/fhir+json", asked, MOST_OCTETS).await;
        let answer = answer.map_err(|fault| {
            tracing::warn!(%fault, server = self.server.id.as_str(), "the FHIR server does not answer");
            Unanswered::Down
        })?;
        Ok((answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null)))
    }

    fn unexpected(&self, status: u16) -> Unanswered {
        tracing::warn!(
            status,
            server = self.server.id.as_str(),
            "the FHIR server does not answer what a picker asks"
        );
        match status {
            // Not for what is asked but for now, or for our token.
            401 | 408 | 429 => Unanswered::Down,
            400..=499 => Unanswered::Refused(status),
            _ => Unanswered::Down,
        }
    }
}

/// A token of the authorization server's own, for a minute.
pub(crate) async fn token(
    app: &App,
    server: &ResourceServer,
    scope: String,
) -> Result<String, Failure> {
    let now = app.now();
    let claims = AccessClaims {
        iss: app.site.issuer.as_str().to_owned(),
        sub: OURSELVES.to_owned(),
        aud: Audience::One(server.audience.clone()),
        client_id: OURSELVES.to_owned(),
        exp: NumericDate(now.plus(A_MINUTE).unix()),
        iat: NumericDate(now.unix()),
        jti: Jti::draw(&*app.site.entropy).as_str().to_owned(),
        scope,
        grant_id: None,
        auth_time: None,
        patient: None,
        encounter: None,
        fhir_user: None,
        fireward_group: None,
        fireward_state_systems: Vec::new(),
    };
    access_token(app, &claims, Some(server)).await
}

fn is(resource: &Value, kind: &str) -> bool {
    resource.get("resourceType").and_then(Value::as_str) == Some(kind)
}

const A_MINUTE: Lifetime = Lifetime::seconds(60);
const MOST_OCTETS: usize = 4 * 1024 * 1024;
