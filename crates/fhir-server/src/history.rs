//! Histories: a page of versions as a bundle, with a link to the next.

use std::borrow::Cow;

use actix_web::HttpResponse;
use fireward_fhir::{Access, Versions};
use fireward_fhir_store::{Of, Past};

use crate::answer::{Answer, Body};
use crate::bundle;
use crate::failure::Failure;
use crate::search::Signer;
use crate::serve::Asked;

/// `GET /_history`, `/Type/_history` and `/Type/id/_history`
pub(crate) async fn history(
    asked: &Asked<'_>,
    access: &Access,
    (of, wanted): (Of<'_>, &Versions),
) -> Result<HttpResponse, Failure> {
    let path = asked.request.path().strip_prefix(&asked.server.path).unwrap_or_default();
    let path = path.trim_matches('/').to_owned();
    let signer = Signer::of(asked.server, access, path, &[asked.request.query_string()]).await?;
    let mut versions = Cow::Borrowed(wanted);
    if let Some(page) = &wanted.page {
        versions.to_mut().page = Some(signer.open(page)?);
    }
    let past = asked.server.records.history(&asked.permit, of, &versions).await?;
    Ok(page(&signer, wanted.page.as_deref(), &past).http())
}

/// A page as a bundle. `at` is the mark that led to it.
pub(crate) fn page(signer: &Signer<'_>, at: Option<&str>, past: &Past) -> Answer {
    let mut links = vec![signer.link("self", at, &[])];
    let next = past.next.as_deref().and_then(|mark| signer.sign(mark));
    links.extend(next.map(|next| signer.link("next", Some(&next), &[])));
    let text = bundle::history(signer.base(), &links, past);
    Answer { status: 200, body: Body::Resource(text), ..Answer::default() }
}
