//! What became of what an app asked, for the app itself: to its client authentication, or to its access token.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use fireward_oauth::{
    ClientId, ErrorCode, GrantId, Refused, authorize::Params, explain, grants::Grant,
    metadata::paths,
};
use fireward_pages::{Language, text};
use fireward_web::{Failure, Form, Refusal, Visit};

use crate::{App, challenge, clients, extract, token::bearer};

/// `GET /grants/{id}`: with Basic or an access token.
pub(crate) async fn read(
    app: Data<App>,
    request: HttpRequest,
    visit: Visit,
    id: Path<String>,
) -> Result<HttpResponse, Failure> {
    tell(&app, (&request, &visit, &Params::default()), &id).await
}

/// `POST /grants/{id}`: as well with what a form can carry, a secret or an assertion.
pub(crate) async fn ask(
    app: Data<App>,
    request: HttpRequest,
    visit: Visit,
    (id, form): (Path<String>, Form),
) -> Result<HttpResponse, Failure> {
    tell(&app, (&request, &visit, &form.params), &id).await
}

async fn tell(
    app: &App,
    (request, visit, params): (&HttpRequest, &Visit, &Params),
    id: &str,
) -> Result<HttpResponse, Failure> {
    let caller = clients::Caller { request, visit, params, implied: None };
    let asking = Asking::of(app, caller).await?;
    let found = match GrantId::parse(id) {
        Ok(id) => app.site.store.read().grants().find(&app.site.id, &id).await?,
        Err(_) => None,
    };
    // Another's grant is none of its business, nor whether there is one.
    let grant = found.filter(|grant| asking.may_read(grant)).ok_or_else(unknown)?;
    let english = |key: &str| text(Language::English, key, &[]);
    Ok(HttpResponse::Ok().json(explain::told(&grant, &english)))
}

/// Who asks, proven.
struct Asking {
    client: ClientId,
    /// The one grant that a person's token is of.
    only: Option<GrantId>,
}

impl Asking {
    async fn of(app: &App, caller: clients::Caller<'_>) -> Result<Self, Failure> {
        let token = extract::bearer(caller.request, None)
            .map_err(|refused| challenge::invalid_request(app, refused))?;
        let Some(token) = token else {
            let client = clients::authenticate(app, caller, paths::GRANTS).await?;
            if client.client().is_public() {
                let sentence = "a public client reads its grant with an access token of it";
                return Err(Refused::new(ErrorCode::InvalidClient, sentence).into());
            }
            return Ok(Self { client: client.id().clone(), only: None });
        };
        let token = bearer::find(app, &token).await?.filter(|token| token.is_live(app));
        let token = token.ok_or_else(|| challenge::invalid_token(app))?;
        let client = token.client().ok_or_else(|| challenge::invalid_token(app))?;
        Ok(Self { client, only: token.behind.map(|behind| behind.grant.id) })
    }

    fn may_read(&self, grant: &Grant) -> bool {
        grant.client == self.client && self.only.as_ref().is_none_or(|only| *only == grant.id)
    }
}

fn unknown() -> Failure {
    let refused = Refused::new(ErrorCode::InvalidRequest, "this client has no such grant");
    Refusal::from(refused).status(StatusCode::NOT_FOUND).into()
}
