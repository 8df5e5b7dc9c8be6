//! The token endpoint (RFC 6749 §3.2): who asks, what for, and what they get.

pub(crate) mod bearer;
mod client_credentials;
mod code;
pub(crate) mod mint;
mod refresh;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use fireward_oauth::{
    ErrorCode, Refused, Timestamp,
    audit::{Actor, Event, Kind},
    authorize::{Params, Repeated},
    client::{GrantType, auth::AuthenticatedClient},
    explain::Fact,
    grants::{Dropped, Grant, Reason},
    metadata::paths,
    resource_server::ResourceServer,
};
use fireward_scopes::ScopeSet;
use fireward_web::{Failure, Form, Visit};

use crate::{App, clients};

/// `POST /token`
pub(crate) async fn token(
    app: Data<App>,
    request: HttpRequest,
    visit: Visit,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let params = &form.params;
    let grant_type = grant_type(params)?;
    let implied = match grant_type {
        GrantType::RefreshToken => refresh::implied_client(&app, &request, params).await?,
        GrantType::AuthorizationCode | GrantType::ClientCredentials => None,
    };
    let implied = implied.as_ref();
    let caller = clients::Caller { request: &request, visit: &visit, params, implied };
    let client = clients::authenticate(&app, caller, paths::TOKEN).await?;
    let call = Call { app: &app, visit: &visit, params, client: &client, now: app.now() };
    let answered = call.answer(grant_type).await;
    answered.map_err(|failure| failure.told_to(Some(client.id())))
}

/// A call of a proven client.
struct Call<'a> {
    app: &'a App,
    visit: &'a Visit,
    params: &'a Params,
    client: &'a AuthenticatedClient,
    now: Timestamp,
}

impl Call<'_> {
    async fn answer(&self, grant_type: GrantType) -> Result<HttpResponse, Failure> {
        self.may_use(grant_type).map_err(self.refusing())?;
        match grant_type {
            GrantType::AuthorizationCode => code::redeem_code(self).await,
            GrantType::RefreshToken => refresh::refresh_tokens(self).await,
            GrantType::ClientCredentials => client_credentials::issue(self).await,
        }
    }

    fn may_use(&self, grant_type: GrantType) -> Result<(), Refused> {
        if self.client.client().grant_types.contains(&grant_type) {
            return Ok(());
        }
        let sentence =
            format!("this client is not registered for the grant type {}", grant_type.as_str());
        let registered = self.client.client().grant_types.iter().map(|grant| grant.as_str());
        let fact = Fact::differs("grant_type", Some(grant_type.as_str()), registered);
        Err(Refused::new(ErrorCode::UnauthorizedClient, sentence).explained([fact]))
    }

    fn one(&self, name: &'static str) -> Result<Option<&str>, Refused> {
        self.params.one(name).map_err(repeated)
    }

    fn required(&self, name: &'static str) -> Result<&str, Refused> {
        self.one(name)?.ok_or_else(|| invalid(&format!("{name} is missing")))
    }

    /// The FHIR server that the request names, as `resource` (RFC 8707) or `aud`.
    fn resource(&self) -> Result<Option<&str>, Refused> {
        match (self.one("resource")?, self.one("aud")?) {
            (Some(resource), Some(aud)) if resource != aud => {
                Err(invalid("aud and resource must name the same server"))
            }
            (resource, aud) => Ok(resource.or(aud)),
        }
    }

    /// A grant is for one server: whoever names one must name that (F5, RFC 8707 §2.2).
    fn is_at(&self, grant: &Grant, servers: &[ResourceServer]) -> Result<(), Refused> {
        let Some(named) = self.resource()? else { return Ok(()) };
        if grant.server(servers).is_some_and(|server| server.is_named_by(named)) {
            return Ok(());
        }
        let sentence = "resource is not the FHIR server that was allowed";
        Err(Refused::new(ErrorCode::InvalidTarget, sentence))
    }

    /// `scope`; a word that is none of ours was never granted.
    fn scopes(&self) -> Result<Option<ScopeSet>, Refused> {
        let refused = |sentence: String| Refused::new(ErrorCode::InvalidScope, sentence);
        let Some(text) = self.one("scope")? else { return Ok(None) };
        let sifted = ScopeSet::sift(text).map_err(|bad| refused(bad.to_string()))?;
        match sifted.refused.first() {
            None => Ok(Some(sifted.known)),
            Some((_, bad)) => {
                let sentence = format!("a requested scope is none of ours: {bad}");
                let unknown = sifted
                    .refused
                    .into_iter()
                    .map(|(scope, _)| Fact::Dropped(Dropped { scope, reason: Reason::Unknown }));
                Err(refused(sentence).explained(unknown))
            }
        }
    }

    /// Writes a refusal down that settles nothing, on its way to the client.
    fn refusing(&self) -> impl Fn(Refused) -> Failure {
        |refused| {
            let event = self.event(Kind::TokenRefused, refused.to_string());
            self.app.site.note(event).err().unwrap_or_else(|| refused.into())
        }
    }

    /// An audit event of this call.
    fn event(&self, kind: Kind, detail: impl Into<String>) -> Event {
        let client = self.client.id();
        Event {
            actor: Actor::Client(client.clone()),
            client: Some(client.clone()),
            detail: detail.into(),
            ..self.visit.event(&self.app.site, kind)
        }
    }
}

fn grant_type(params: &Params) -> Result<GrantType, Refused> {
    let named = params.one("grant_type").map_err(repeated)?;
    let named = named.ok_or_else(|| invalid("grant_type is missing"))?;
    GrantType::parse(named).ok_or_else(|| {
        let known = GrantType::VARIANTS.map(GrantType::as_str);
        let sentence = format!("grant_type must be one of {}", known.join(" "));
        let fact = Fact::differs("grant_type", Some(named), known);
        Refused::new(ErrorCode::UnsupportedGrantType, sentence).explained([fact])
    })
}

fn repeated(twice: Repeated) -> Refused {
    invalid(&twice.to_string())
}

fn invalid(sentence: &str) -> Refused {
    Refused::new(ErrorCode::InvalidRequest, sentence)
}
