//! Searching: a page of matches as a bundle, with a link to the next.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::header::HeaderMap;
use fireward_fhir::search::{BadSearch, Search, pairs};
use fireward_fhir::shape::Shape;
use fireward_fhir::{Access, Everything, NotUnderstood};
use fireward_fhir_store::{Page, Seal};
use url::form_urlencoded;

use crate::bundle::{self, Link, Mode};
use crate::failure::Failure;
use crate::negotiate::FHIR_JSON;
use crate::serve::Asked;
use crate::server::FhirServer;
use crate::trail::Confirmed;

/// `GET /Type?…` and `POST /Type/_search`
pub(crate) async fn search(
    asked: &Asked<'_>,
    access: &Access,
    wanted: &Search,
    form: Option<&str>,
) -> Result<HttpResponse, Failure> {
    if let Some(name) = wanted.ignored.first().filter(|_| is_strict(asked.request.headers())) {
        let unknown = BadSearch::Param { kind: wanted.kind, name: name.clone() };
        return Err(NotUnderstood::from(unknown).into());
    }
    let queries = [asked.request.query_string(), form.unwrap_or_default()];
    let signer = Signer::of(asked.server, access, wanted.kind.to_owned(), &queries).await?;
    let mut search = Cow::Borrowed(wanted);
    if let Some(page) = &wanted.page {
        search.to_mut().page = Some(signer.open(page)?);
    }
    let page = asked.server.records.search(&asked.permit, &search).await?;
    let Found { text, whole } = searchset(&signer, wanted, page);
    let mut answer = HttpResponse::Ok().content_type(FHIR_JSON).body(text);
    if let Some(whole) = whole {
        answer.extensions_mut().insert(Confirmed(whole));
    }
    Ok(answer)
}

/// A page of a search.
pub(crate) struct Found {
    /// What is answered.
    pub(crate) text: String,
    /// All of the resources, where the answer has a part of each: whose they are may be in what is left out.
    pub(crate) whole: Option<String>,
}

/// A page as a bundle, whose links repeat the search.
pub(crate) fn searchset(signer: &Signer<'_>, wanted: &Search, page: Page) -> Found {
    let mut links = vec![signer.link("self", wanted.page.as_deref(), &wanted.ignored)];
    let more = page.next.is_some();
    let next = page.next.and_then(|mark| signer.sign(&mark));
    links.extend(next.as_deref().map(|next| signer.link("next", Some(next), &wanted.ignored)));
    let shape = Shape::of(&signer.pairs);
    let matches = page.matches.into_iter().map(|stored| (stored, Mode::Match));
    let included = page.included.into_iter().map(|stored| (stored, Mode::Include));
    let entries: Vec<_> = matches.chain(included).collect();
    let told = told(&wanted.ignored, more && next.is_none());
    let base = &signer.server.base;
    let whole = (shape != Shape::Whole)
        .then(|| bundle::searchset(base, None, &[], (&entries, &Shape::Whole, None)));
    let content = (entries.as_slice(), &shape, told.as_deref());
    Found { text: bundle::searchset(base, page.total, &links, content), whole }
}

/// Whether the asker would rather be refused than misunderstood: `Prefer: handling=strict` (FHIR R4 §3.1.1.3.1).
fn is_strict(headers: &HeaderMap) -> bool {
    let preferred = headers.get_all("prefer").filter_map(|value| value.to_str().ok());
    let mut words = preferred.flat_map(|value| value.split([',', ';'])).map(str::trim);
    words.any(|word| word.eq_ignore_ascii_case("handling=strict"))
}

/// `GET` or `POST /Patient/id/$everything`, and of an Encounter
pub(crate) async fn everything(
    asked: &Asked<'_>,
    access: &Access,
    wanted: &Everything,
) -> Result<HttpResponse, Failure> {
    let path = format!("{}/{}/$everything", wanted.kind, wanted.id);
    let signer = Signer::of(asked.server, access, path, &[asked.request.query_string()]).await?;
    let mut search = Cow::Borrowed(wanted);
    if let Some(page) = &wanted.page {
        search.to_mut().page = Some(signer.open(page)?);
    }
    let page = asked.server.records.everything(&asked.permit, &search).await?;
    let mut links = vec![signer.link("self", wanted.page.as_deref(), &[])];
    let next = page.next.and_then(|mark| signer.sign(&mark));
    links.extend(next.map(|next| signer.link("next", Some(&next), &[])));
    let entries: Vec<_> = page.matches.into_iter().map(|stored| (stored, Mode::Match)).collect();
    let base = &asked.server.base;
    let body = bundle::searchset(base, page.total, &links, (&entries, &Shape::Whole, None));
    Ok(HttpResponse::Ok().content_type(FHIR_JSON).body(body))
}

/// What the asker should know of a search that leaves out a part of what was asked (FHIR R4 §3.1.1.3.1), or of what was
/// found.
fn told(ignored: &[String], cut: bool) -> Option<String> {
    let named = ignored.join(", ");
    let unknown = format!("nobody here knows these parameters, which were left out: {named}. ");
    let unknown = if ignored.is_empty() { "" } else { &unknown };
    let cut = if cut { "there are more matches: ask for this search alone" } else { "" };
    let text = format!("{unknown}{cut}");
    let outcome = || fireward_fhir::outcome_of("warning", "incomplete", text.trim()).to_string();
    (!text.is_empty()).then(outcome)
}

/// A mark that no link to a further page has given to whoever sends it.
pub(crate) fn not_given() -> Failure {
    Failure::BadSearch("`_page` is not a link that you were given".to_owned())
}

/// Signs links to further pages: each can be followed only by whom it was given to, and only as it was given.
pub(crate) struct Signer<'a> {
    server: &'a FhirServer,
    /// With what, and for whom. Nothing, among the entries of a batch.
    seal: Option<(&'a Seal, [&'a str; 6])>,
    path: String,
    pairs: Vec<(String, String)>,
}

impl<'a> Signer<'a> {
    pub(crate) async fn of(
        server: &'a FhirServer,
        access: &'a Access,
        path: String,
        queries: &[&str],
    ) -> Result<Self, Failure> {
        let seal = Some((server.seal().await?, access.holder()));
        Ok(Self { seal, ..Self::without(server, path, queries)? })
    }

    /// One that gives no links to further pages.
    pub(crate) fn without(
        server: &'a FhirServer,
        path: String,
        queries: &[&str],
    ) -> Result<Self, Failure> {
        let read = queries.iter().map(|query| pairs(query)).collect::<Result<Vec<_>, _>>();
        let pairs = read.map_err(NotUnderstood::from)?.concat();
        Ok(Self { server, seal: None, path, pairs })
    }

    fn context<'b>(&'b self, holder: &'b [&'a str; 6]) -> Vec<&'b str> {
        holder.iter().copied().chain([self.path.as_str()]).collect()
    }

    pub(crate) fn base(&self) -> &str {
        &self.server.base
    }

    pub(crate) fn sign(&self, mark: &str) -> Option<String> {
        let (seal, holder) = self.seal.as_ref()?;
        Some(seal.sign(&self.context(holder), mark))
    }

    /// The mark in a link.
    pub(crate) fn open(&self, page: &str) -> Result<String, Failure> {
        let opened = self
            .seal
            .as_ref()
            .and_then(|(seal, holder)| seal.open(&self.context(holder), page).map(str::to_owned));
        opened.ok_or_else(not_given)
    }

    /// The search as a link that repeats what was understood of it, at a page.
    pub(crate) fn link(
        &self,
        relation: &'static str,
        page: Option<&str>,
        ignored: &[String],
    ) -> Link {
        let kept = |(name, _): &&(String, String)| name != "_page" && !ignored.contains(name);
        let mut link = form_urlencoded::Serializer::new(String::new());
        link.extend_pairs(self.pairs.iter().filter(kept));
        link.extend_pairs(page.map(|page| ("_page", page)));
        let query = link.finish();
        let separator = if query.is_empty() { "" } else { "?" };
        let (base, path) = (&self.server.base, &self.path);
        Link { relation, url: format!("{base}/{path}{separator}{query}") }
    }
}
