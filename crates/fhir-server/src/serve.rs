//! From a request to the interaction that it asks, to the permit, to the answer.

use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use fireward_fhir::search::pairs;
use fireward_fhir::{Denial, Interaction, NotUnderstood, Permit, Request};
use fireward_fhir_store::{Of, RecordsError};
use fireward_guard::{Bearer, Refused};

use crate::act::act;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::failure::{Failure, of_records};
use crate::server::FhirServer;
use crate::trail::{Form, for_writing};
use crate::{body, history, negotiate, pretty, search, several, validate};

/// One request of the bearer of a token that was accepted.
pub(crate) struct Asked<'a> {
    pub(crate) server: &'a FhirServer,
    pub(crate) request: &'a HttpRequest,
    pub(crate) permit: Permit,
}

/// Answers every request under the base except for the documents that anybody may read.
pub(crate) async fn serve(
    bearer: Result<Bearer, Refused>,
    server: web::Data<FhirServer>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let answer = match bearer {
        Ok(bearer) => interact(&bearer, &server, &request, payload).await,
        Err(refused) => Err(refused.into()),
    };
    let answer = answer.unwrap_or_else(|failure| failure.answer(&request));
    if pretty::is_wanted(request.query_string()) { pretty::pretty(answer).await } else { answer }
}

async fn interact(
    bearer: &Bearer,
    server: &FhirServer,
    request: &HttpRequest,
    mut payload: web::Payload,
) -> Result<HttpResponse, Failure> {
    let server = &*for_writing(server, request);
    let path = request.path().strip_prefix(&server.path).unwrap_or_default();
    let mut form = None;
    if path.ends_with("/_search") {
        let text = body::form(request, &mut payload).await?;
        bearer.accepts_form(&text)?;
        request.extensions_mut().insert(Form(text.clone()));
        form = Some(text);
    }
    let query = request.query_string();
    let asked = Request {
        method: request.method().as_str(),
        path,
        query,
        form: form.as_deref(),
        if_none_exist: body::header(request, "if-none-exist")?,
        base: &server.base,
    };
    if !negotiate::accepts_json(request.headers(), format_of(&asked).as_deref()) {
        return Err(Failure::NotAcceptable);
    }
    let interaction = Interaction::parse(&asked)?;
    server.refresh_rules().await?;
    let permit = bearer.permit(&interaction, &server.rules())?;
    let (kind, hides) = (permit.kind(), permit.hides());
    let asked = Asked { server, request, permit };
    let answer = answer(bearer, &asked, &interaction, (payload, form)).await;
    let Err(Failure::Records(error)) = answer else { return answer };
    // Where nothing is hidden, what is out of reach is told from what is not there (D-36).
    if let (RecordsError::Missing, false, Some(id)) = (&error, hides, interaction.id())
        && server.records.knows(kind, id).await?
    {
        return Err(bearer.refuse(Denial::OutOfReach).into());
    }
    Err(of_records(error, kind, |denial| bearer.refuse(denial)))
}

/// What is allowed, done.
async fn answer(
    bearer: &Bearer,
    asked: &Asked<'_>,
    interaction: &Interaction,
    (mut payload, form): (web::Payload, Option<String>),
) -> Result<HttpResponse, Failure> {
    match interaction {
        Interaction::Search(wanted) => {
            search::search(asked, bearer.access(), wanted, form.as_deref()).await
        }
        Interaction::Bundle => {
            let bundle = body::bundle(asked.request, &mut payload).await?;
            several::several(bearer, asked, &bundle).await
        }
        Interaction::Validate { kind } => validate::validate(
            kind,
            asked.request.query_string(),
            &body::unjudged(asked.request, &mut payload).await?,
        ),
        Interaction::Everything(wanted) => search::everything(asked, bearer.access(), wanted).await,
        Interaction::History { kind, id, versions } => {
            let of = Of::Instance(kind, id);
            history::history(asked, bearer.access(), (of, versions)).await
        }
        Interaction::TypeHistory { versions, .. } | Interaction::SystemHistory { versions } => {
            history::history(asked, bearer.access(), (Of::All, versions)).await
        }
        Interaction::Capabilities => Err(NotUnderstood::Method.into()),
        Interaction::Read { .. }
        | Interaction::VersionRead { .. }
        | Interaction::Create { .. }
        | Interaction::ConditionalCreate(_)
        | Interaction::Update { .. }
        | Interaction::ConditionalUpdate(_)
        | Interaction::Patch { .. }
        | Interaction::ConditionalPatch(_)
        | Interaction::Delete { .. }
        | Interaction::ConditionalDelete(_) => alone(asked, interaction, &mut payload).await,
    }
}

/// One interaction with the records.
async fn alone(
    asked: &Asked<'_>,
    interaction: &Interaction,
    payload: &mut web::Payload,
) -> Result<HttpResponse, Failure> {
    let Asked { server, request, permit } = asked;
    let content = body::content(interaction, request, payload, &server.base).await?;
    let path = request.path().strip_prefix(&server.path).unwrap_or_default();
    let path = path.trim_matches('/');
    let query = request.query_string();
    let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let ask = Ask::new(interaction, permit.clone(), (request.headers(), target), content)?;
    act(server, &ask).await.map(Answer::http)
}

/// What `_format` asks for.
fn format_of(asked: &Request<'_>) -> Option<String> {
    let texts = [asked.query, asked.form.unwrap_or_default()];
    let mut pairs = texts.into_iter().flat_map(|text| pairs(text).unwrap_or_default());
    pairs.find(|(name, _)| name == "_format").map(|(_, format)| format)
}
