//! Looking up patients and visits at the FHIR server, as any client would: over HTTP, with a token.
//!
//! The token is the authorization server's own: it signs as `fireward`, for reading these two types, for a minute.

use fireward_jose::claims::{Audience, NumericDate};
use fireward_oauth::{
    Jti, Lifetime,
    client::OURSELVES,
    resource_server::{ResourceServer, TokenFormat},
    token::AccessClaims,
};
use fireward_outbound::{Configured, Credentials};
use fireward_pages::Trouble;
use fireward_web::{Failure, Fault};
use serde_json::Value;

use crate::{App, authorize::Flow};

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

impl<'a> Directory<'a> {
    /// The directory of the FHIR server that an authorization is for.
    pub(crate) fn of(app: &'a App, flow: &'a Flow) -> Result<Self, Failure> {
        let server = flow.server.as_ref();
        let server =
            server.ok_or_else(|| Failure::broken("records are asked for, of no FHIR server"))?;
        Ok(Self { app, server })
    }

    /// One resource; `None` if there is none, or none to be seen.
    pub(crate) async fn read(&self, kind: &str, id: &str) -> Result<Option<Value>, Failure> {
        let (status, body) = self.get(&format!("{kind}/{id}")).await?;
        match status {
            200 => Ok(Some(body).filter(|body| is(body, kind))),
            404 | 410 => Ok(None),
            other => Err(unexpected(other)),
        }
    }

    /// What a search finds; `query` is already encoded.
    pub(crate) async fn search(&self, kind: &str, query: &str) -> Result<Found, Failure> {
        let (status, body) = self.get(&format!("{kind}?{query}")).await?;
        if status != 200 {
            return Err(unexpected(status));
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

    async fn get(&self, below: &str) -> Result<(u16, Value), Failure> {
        let elsewhere = self.app.fhir_addresses.get(&self.server.id);
        let base = elsewhere.unwrap_or(&self.server.base_url);
        let address = Configured::new(&format!("{base}/{below}"));
        let address = address.map_err(|fault| Failure::broken(fault.to_string()))?;
        let token = self.token()?;
        let asked = Credentials::Bearer(&token);
        let answer =
            self.app.outbound.get(&address, "application/fhir+json", asked, MOST_OCTETS).await;
        let answer = answer.map_err(|fault| {
            tracing::warn!(%fault, server = self.server.id.as_str(), "the FHIR server does not answer");
            Failure::from(Fault::new(Trouble::ElsewhereDown))
        })?;
        Ok((answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null)))
    }

    fn token(&self) -> Result<String, Failure> {
        let (app, now) = (self.app, self.app.now());
        let claims = AccessClaims {
            iss: app.site.issuer.as_str().to_owned(),
            sub: OURSELVES.to_owned(),
            aud: Audience::One(self.server.audience.clone()),
            client_id: OURSELVES.to_owned(),
            exp: NumericDate(now.plus(A_MINUTE).unix()),
            iat: NumericDate(now.unix()),
            jti: Jti::draw(&*app.site.entropy).as_str().to_owned(),
            scope: "system/Patient.rs system/Encounter.rs".to_owned(),
            grant_id: None,
            auth_time: None,
            patient: None,
            encounter: None,
            fhir_user: None,
        };
        let TokenFormat::Jwt { alg } = self.server.token_format;
        let keyring = app.keyring.load();
        let key = keyring.signing(alg, now.unix()).map_err(Failure::broken)?;
        key.sign("at+jwt", &claims, &*app.random).map_err(Failure::broken)
    }
}

fn is(resource: &Value, kind: &str) -> bool {
    resource.get("resourceType").and_then(Value::as_str) == Some(kind)
}

fn unexpected(status: u16) -> Failure {
    tracing::warn!(status, "the FHIR server refuses what a picker asks");
    Fault::new(Trouble::ElsewhereDown).into()
}

const A_MINUTE: Lifetime = Lifetime::seconds(60);
const MOST_OCTETS: usize = 4 * 1024 * 1024;
