//! `UserInfo` (OpenID Connect Core §5.3): what the scopes of a token tell of its user.

use actix_web::{HttpRequest, HttpResponse, http::header::CONTENT_TYPE, web::Data};
use fireward_oauth::{authorize::Params, token};
use fireward_scopes::Scope;
use fireward_web::{Failure, Form};

use crate::{
    App, challenge, extract,
    token::bearer::{self, Behind},
};

/// `GET /userinfo`
pub(crate) async fn get(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    answer(&app, &request, None).await
}

/// `POST /userinfo`: the token may be in the form; a body of another kind is not looked at.
pub(crate) async fn post(
    app: Data<App>,
    request: HttpRequest,
    form: Result<Form, Failure>,
) -> Result<HttpResponse, Failure> {
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let has_form =
        media.is_some_and(|media| media.starts_with("application/x-www-form-urlencoded"));
    let form = if has_form { Some(form?) } else { None };
    answer(&app, &request, form.as_ref().map(|form| &form.params)).await
}

async fn answer(
    app: &App,
    request: &HttpRequest,
    form: Option<&Params>,
) -> Result<HttpResponse, Failure> {
    let token = extract::bearer(request, form)
        .map_err(|refused| challenge::invalid_request(app, refused))?
        .ok_or_else(|| challenge::no_token(app))?;
    let token = bearer::find(app, &token).await?.filter(|token| token.is_live(app));
    let token = token.ok_or_else(|| challenge::invalid_token(app))?;
    let scopes = token.scopes();
    // A client that acts for itself has no user, whatever its scopes say (I8).
    let user = token.behind.as_ref().and_then(|behind| behind.user.as_ref());
    let Some(user) = user.filter(|_| scopes.contains(&Scope::OpenId)) else {
        return Err(challenge::insufficient_scope(app, "openid"));
    };
    let server = token.behind.as_ref().and_then(Behind::server);
    Ok(HttpResponse::Ok().json(token::userinfo(user, &scopes, server)))
}
