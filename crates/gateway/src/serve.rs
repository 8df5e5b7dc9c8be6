//! From a request to the interaction that it asks, to the permit, to the answer.

use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use fireward_fhir::search::pairs;
use fireward_fhir::{Access, Interaction, NotUnderstood, Permit, Request};
use fireward_guard::manners::conditional::{Return, preferred_return};
use fireward_guard::manners::negotiate::accepts_json;
use fireward_guard::{Bearer, Refused};
use serde_json::Value;

use crate::answer::Answer;
use crate::condition::Conditions;
use crate::failure::Failure;
use crate::gateway::Gateway;
use crate::judge::Judge;
use crate::{batch, body, conditional, everything, history, patch, read, search, write};

/// One request of the bearer of a token that was accepted, or an entry of a bundle.
#[derive(Clone)]
pub(crate) struct Asked<'a> {
    pub(crate) gateway: &'a Gateway,
    pub(crate) bearer: &'a Bearer,
    pub(crate) permit: Permit,
    pub(crate) query: &'a str,
    pub(crate) form: Option<&'a str>,
    pub(crate) conditions: Conditions,
    pub(crate) returns: Return,
}

impl<'a> Asked<'a> {
    pub(crate) fn access(&self) -> &Access {
        self.bearer.access()
    }

    pub(crate) fn judge(&self) -> Judge<'a> {
        self.judge_by(self.permit.clone())
    }

    pub(crate) fn judge_by(&self, permit: Permit) -> Judge<'a> {
        Judge::new(self.gateway, permit)
    }
}

/// Answers every request under the base except for the documents that anybody may read.
pub(crate) async fn serve(
    bearer: Result<Bearer, Refused>,
    gateway: web::Data<Gateway>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let bearer = match bearer {
        Ok(bearer) => bearer,
        Err(refused) => return Failure::from(refused).answer(&request),
    };
    match interact(&bearer, &gateway, &request, payload).await {
        Ok(answer) => answer.send(),
        Err(Failure::Denied(denial)) => Failure::from(bearer.refuse(denial)).answer(&request),
        Err(failure) => failure.answer(&request),
    }
}

async fn interact(
    bearer: &Bearer,
    gateway: &Gateway,
    request: &HttpRequest,
    mut payload: web::Payload,
) -> Result<Answer, Failure> {
    let path = request.path().strip_prefix(&gateway.path).unwrap_or_default();
    let is_post = request.method() == actix_web::http::Method::POST;
    let form = if is_post && path.ends_with("/_search") {
        let text = body::form(gateway, request, &mut payload).await?;
        bearer.accepts_form(&text)?;
        Some(text)
    } else {
        None
    };
    let (query, headers) = (request.query_string(), request.headers());
    let form = form.as_deref();
    let unless = text(headers, &HeaderName::from_static("if-none-exist"))?;
    let method = request.method().as_str();
    let asked = Request {
        method,
        path,
        query,
        form,
        if_none_exist: unless.as_deref(),
        base: &gateway.base,
    };
    if !accepts_json(headers, format_of(&asked).as_deref()) {
        return Err(Failure::NotAcceptable);
    }
    let interaction = Interaction::parse(&asked)?;
    let permit = bearer.permit(&interaction, &gateway.rules)?;
    let conditions = Conditions {
        if_match: text(headers, &IF_MATCH)?,
        if_none_match: text(headers, &IF_NONE_MATCH)?,
    };
    let returns = preferred_return(headers);
    let asked = Asked { gateway, bearer, permit, query, form, conditions, returns };
    if matches!(interaction, Interaction::Patch { .. } | Interaction::ConditionalPatch(_)) {
        let sent = patch::sent(gateway, request, &mut payload).await?;
        return patch::patch(&asked, &interaction, sent).await;
    }
    let sends = matches!(method, "POST" | "PUT") && form.is_none();
    let everything = matches!(interaction, Interaction::Everything(_));
    let sent = if sends && !everything {
        Some(body::value(gateway, request, &mut payload).await?)
    } else {
        None
    };
    if matches!(interaction, Interaction::Bundle) {
        return batch::bundle(&asked, sent.unwrap_or_default()).await;
    }
    act(&asked, &interaction, sent).await
}

/// Does what is asked, by a request alone or by an entry of a batch.
pub(crate) async fn act(
    asked: &Asked<'_>,
    interaction: &Interaction,
    sent: Option<Value>,
) -> Result<Answer, Failure> {
    let gateway = asked.gateway;
    if matches!(interaction, Interaction::Patch { .. } | Interaction::ConditionalPatch(_)) {
        return patch::of_entry(asked, interaction, sent).await;
    }
    let resource = |kind: &str| body::resource(gateway, sent, kind);
    match interaction {
        Interaction::Read { kind, id } => read::read(asked, kind, id).await,
        Interaction::VersionRead { kind, id, version } => {
            read::vread(asked, (kind, id), version).await
        }
        Interaction::History { kind, id, .. } => history::of_one(asked, (kind, id)).await,
        Interaction::TypeHistory { kind, versions } => {
            history::of_many(asked, Some(kind), versions).await
        }
        Interaction::SystemHistory { versions } => history::of_many(asked, None, versions).await,
        Interaction::Search(wanted) => search::search(asked, wanted).await,
        Interaction::Create { kind } => write::create(asked, kind, resource(kind)?).await,
        Interaction::ConditionalCreate(wanted) => {
            conditional::create(asked, wanted, resource(wanted.kind)?).await
        }
        Interaction::Update { kind, id } => write::update(asked, (kind, id), resource(kind)?).await,
        Interaction::ConditionalUpdate(wanted) => {
            conditional::update(asked, wanted, resource(wanted.kind)?).await
        }
        Interaction::Delete { kind, id } => write::delete(asked, (kind, id)).await,
        Interaction::ConditionalDelete(wanted) => conditional::delete(asked, wanted).await,
        Interaction::Everything(wanted) => everything::everything(asked, wanted).await,
        Interaction::Validate { .. } => {
            Err(NotUnderstood::Unsupported("validation, at this gateway,").into())
        }
        Interaction::Bundle
        | Interaction::Capabilities
        | Interaction::Patch { .. }
        | Interaction::ConditionalPatch(_) => Err(NotUnderstood::Method.into()),
    }
}

/// A header that is there once. One that is not read would not be kept to.
fn text(headers: &HeaderMap, name: &HeaderName) -> Result<Option<String>, Failure> {
    let lines: Option<Vec<_>> = headers.get_all(name).map(|line| line.to_str().ok()).collect();
    match lines {
        Some(lines) if lines.is_empty() => Ok(None),
        Some(lines) => Ok(Some(lines.join(", "))),
        None => Err(Failure::BadBody(format!("{name} is not text"))),
    }
}

/// What `_format` asks for.
fn format_of(asked: &Request<'_>) -> Option<String> {
    let texts = [asked.query, asked.form.unwrap_or_default()];
    let mut pairs = texts.into_iter().flat_map(|text| pairs(text).unwrap_or_default());
    pairs.find(|(name, _)| name == "_format").map(|(_, format)| format)
}
