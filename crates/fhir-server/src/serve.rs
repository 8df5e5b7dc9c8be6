//! From a request to the interaction that it asks, to the permit, to the answer.

use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use fireward_fhir::search::pairs;
use fireward_fhir::{Interaction, NotUnderstood, Permit, Request};
use fireward_guard::{Bearer, Refused};

use crate::failure::{Failure, of_records};
use crate::server::FhirServer;
use crate::trail::{Form, for_writing};
use crate::{body, negotiate, read, search, write};

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
    answer.unwrap_or_else(|failure| failure.answer(&request))
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
    let permit = bearer.permit(&interaction, &server.rules)?;
    let kind = permit.kind();
    let asked = Asked { server, request, permit };
    let answer = match &interaction {
        Interaction::Read { kind, id } => read::read(&asked, kind, id).await,
        Interaction::VersionRead { kind, id, version } => {
            read::vread(&asked, (kind, id), version).await
        }
        Interaction::History { kind, id, .. } => read::history(&asked, kind, id).await,
        Interaction::Search(wanted) => search::search(&asked, wanted, form.as_deref()).await,
        Interaction::Create { kind } => write::create(&asked, kind, &mut payload).await,
        Interaction::Update { kind, id } => write::update(&asked, (kind, id), &mut payload).await,
        Interaction::Delete { kind, id } => write::delete(&asked, kind, id).await,
        Interaction::TypeHistory { .. } => {
            Err(NotUnderstood::Unsupported("the history of a type").into())
        }
        Interaction::SystemHistory { .. } => {
            Err(NotUnderstood::Unsupported("the history of the whole system").into())
        }
        Interaction::ConditionalCreate(_)
        | Interaction::ConditionalUpdate(_)
        | Interaction::ConditionalPatch(_)
        | Interaction::ConditionalDelete(_) => {
            Err(NotUnderstood::Unsupported("a conditional create, update, patch or delete").into())
        }
        Interaction::Patch { .. } => Err(NotUnderstood::Unsupported("patch").into()),
        Interaction::Bundle => Err(NotUnderstood::Unsupported("a batch or a transaction").into()),
        Interaction::Everything(_) | Interaction::Validate { .. } => {
            Err(NotUnderstood::Unsupported("this operation").into())
        }
        Interaction::Capabilities => Err(NotUnderstood::Method.into()),
    };
    answer.map_err(|failure| {
        let Failure::Records(error) = failure else { return failure };
        of_records(error, kind, |denial| bearer.refuse(denial))
    })
}

/// What `_format` asks for.
fn format_of(asked: &Request<'_>) -> Option<String> {
    let texts = [asked.query, asked.form.unwrap_or_default()];
    let mut pairs = texts.into_iter().flat_map(|text| pairs(text).unwrap_or_default());
    pairs.find(|(name, _)| name == "_format").map(|(_, format)| format)
}
