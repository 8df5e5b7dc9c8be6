//! Searching: a page of matches as a bundle, with a link to the next.

use actix_web::HttpResponse;
use fireward_fhir::search::Search;
use fireward_fhir_store::Page;
use url::form_urlencoded;

use crate::bundle::{self, Link, Mode};
use crate::failure::Failure;
use crate::negotiate::FHIR_JSON;
use crate::serve::Asked;
use crate::server::FhirServer;

/// `GET /Type?…` and `POST /Type/_search`
pub(crate) async fn search(
    asked: &Asked<'_>,
    wanted: &Search,
    form: Option<&str>,
) -> Result<HttpResponse, Failure> {
    let page = asked.server.records.search(&asked.permit, wanted).await?;
    let queries = [asked.request.query_string(), form.unwrap_or_default()];
    let body = searchset(asked.server, wanted, &queries, page);
    Ok(HttpResponse::Ok().content_type(FHIR_JSON).body(body))
}

/// A page as a bundle, whose links repeat the search.
pub(crate) fn searchset(
    server: &FhirServer,
    wanted: &Search,
    queries: &[&str],
    page: Page,
) -> String {
    let base = &server.base;
    let link = |relation, mark| Link { relation, url: url(base, wanted.kind, queries, mark) };
    let mut links = vec![link("self", wanted.page.as_deref())];
    links.extend(page.next.as_deref().map(|mark| link("next", Some(mark))));
    let matches = page.matches.into_iter().map(|stored| (stored, Mode::Match));
    let included = page.included.into_iter().map(|stored| (stored, Mode::Include));
    let entries: Vec<_> = matches.chain(included).collect();
    bundle::searchset(base, page.total, &links, &entries)
}

/// The search as a link that repeats it, at a page.
fn url(base: &str, kind: &str, queries: &[&str], page: Option<&str>) -> String {
    let pairs = queries.iter().flat_map(|query| form_urlencoded::parse(query.as_bytes()));
    let mut link = form_urlencoded::Serializer::new(String::new());
    link.extend_pairs(pairs.filter(|(name, _)| name != "_page"));
    link.extend_pairs(page.map(|page| ("_page", page)));
    let query = link.finish();
    let separator = if query.is_empty() { "" } else { "?" };
    format!("{base}/{kind}{separator}{query}")
}
