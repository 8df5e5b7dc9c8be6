//! Histories: each version is judged by what it says itself, and a deletion is shown to whoever may see the version before.

use fireward_fhir::Versions;
use fireward_fhir::definitions::served;
use fireward_fhir::reference::is_id;
use fireward_fhir::search::pairs;
use serde_json::json;
use url::form_urlencoded::Serializer;

use crate::answer::Answer;
use crate::bundle::{Entry, Ours, Page, full_url};
use crate::condition::{of_version, tag};
use crate::failure::{Failure, Fault};
use crate::judge::Judge;
use crate::link::Place;
use crate::search;
use crate::serve::Asked;

/// `GET /Type/id/_history`
///
/// It has no pages: a deletion is judged by the version before, which may be on the next one.
pub(crate) async fn of_one(asked: &Asked<'_>, (kind, id): (&str, &str)) -> Result<Answer, Failure> {
    let gateway = asked.gateway;
    let path = format!("{kind}/{id}/_history");
    let mut versions = Vec::new();
    let mut at = Some(target(asked, &path, None));
    for _ in 0..gateway.limits.pages {
        let Some(target) = at.take() else { break };
        let heard = gateway.upstream.get(&target).await?;
        if heard.status != 200 {
            return Err(heard.refused());
        }
        let page = Page::read(gateway, heard.json()?)?;
        versions.extend(page.entries);
        at = page.next;
    }
    if at.is_some() {
        return Err(Fault::TooLong.into());
    }
    // From the oldest on, since a deletion is judged by what was deleted.
    versions.reverse();
    let mut judge = asked.judge();
    let mut shown = Vec::new();
    let mut before_was_shown = asked.permit.sees_everything();
    for version in versions {
        if let Some(resource) = &version.resource {
            let is_it = resource.is(kind, id);
            before_was_shown = is_it && judge.sees(&resource.value).await?;
        }
        if before_was_shown {
            shown.push(entry(&gateway.base, (kind, id), &version));
        }
    }
    if shown.is_empty() {
        return Err(Failure::Missing);
    }
    shown.reverse();
    let links = [("self", format!("{}/{path}", gateway.base))];
    let total = u64::try_from(shown.len()).ok();
    Ok(Answer::ok(Ours { kind: "history", total, links: &links, entries: &shown }.text()))
}

/// `GET /Type/_history` and `GET /_history`. A deletion does not say whose the resource was, so that it is for those alone
/// who may see everything of the type.
pub(crate) async fn of_many(
    asked: &Asked<'_>,
    kind: Option<&'static str>,
    versions: &Versions,
) -> Result<Answer, Failure> {
    let gateway = asked.gateway;
    let path = kind.map_or_else(|| "_history".to_owned(), |kind| format!("{kind}/_history"));
    let most = versions.count.unwrap_or(gateway.limits.count).clamp(1, gateway.limits.count);
    let of = format!("{path}?{}", plain_query(asked));
    let from = match &versions.page {
        Some(link) => gateway.links.open(asked.access(), &of, link),
        None => Some(Place { target: target(asked, &path, Some(most)), skip: 0 }),
    };
    let from = from.ok_or_else(search::bad_link)?;
    let (shown, next) = gather(asked, from, most).await?;
    let url = |page: Option<&str>| {
        let page = page.map(|page| format!("&_page={page}")).unwrap_or_default();
        format!("{}/{of}{page}", gateway.base)
    };
    let mut links = vec![("self", url(versions.page.as_deref()))];
    if let Some(place) = next {
        links.push(("next", url(Some(&gateway.links.seal(asked.access(), &of, &place)?))));
    }
    let bundle = Ours { kind: "history", total: None, links: &links, entries: &shown };
    Ok(Answer::ok(bundle.text()))
}

/// As many entries as a page has, from as many pages of the server behind as that takes.
async fn gather(
    asked: &Asked<'_>,
    from: Place,
    most: usize,
) -> Result<(Vec<String>, Option<Place>), Failure> {
    let gateway = asked.gateway;
    let mut judge = asked.judge();
    let mut shown = Vec::new();
    let mut at = Some(from);
    for _ in 0..gateway.limits.pages {
        let Some(Place { target, skip }) = at.take() else { return Ok((shown, None)) };
        let heard = gateway.upstream.get(&target).await?;
        if heard.status != 200 {
            return Err(heard.refused());
        }
        let page = Page::read(gateway, heard.json()?)?;
        for (number, version) in page.entries.iter().enumerate().skip(skip) {
            let Some(name) = visible(asked, &mut judge, version).await? else { continue };
            if shown.len() >= most {
                return Ok((shown, Some(Place { target, skip: number })));
            }
            shown.push(entry(&gateway.base, name, version));
        }
        at = page.next.map(|target| Place { target, skip: 0 });
    }
    if shown.len() >= most || at.is_none() { Ok((shown, at)) } else { Err(Fault::TooWide.into()) }
}

/// The type and id of a version that may be seen.
async fn visible<'a>(
    asked: &Asked<'_>,
    judge: &mut Judge<'_>,
    version: &'a Entry,
) -> Result<Option<(&'a str, &'a str)>, Failure> {
    let resource = version.resource.as_ref();
    let name = match resource {
        Some(resource) => resource.id().map(|id| (resource.kind(), id)),
        None => about(version),
    };
    let Some((kind, id)) = name else { return Ok(None) };
    let Some(known) = served(kind) else { return Ok(None) };
    let permit = asked.permit.of(known);
    let open = match resource {
        None => permit.sees_everything(),
        Some(resource) => {
            judge.is_for(permit);
            judge.sees(&resource.value).await?
        }
    };
    Ok(open.then_some((kind, id)))
}

/// What is asked of the server behind.
fn target(asked: &Asked<'_>, path: &str, count: Option<usize>) -> String {
    let mut query = Serializer::new(String::new());
    let all = pairs(asked.query).unwrap_or_default();
    query.extend_pairs(all.iter().filter(|(name, _)| matches!(name.as_str(), "_since" | "_at")));
    query.extend_pairs(count.map(|count| ("_count", count.to_string())));
    let query = query.finish();
    let separator = if query.is_empty() { "" } else { "?" };
    format!("{path}{separator}{query}")
}

fn plain_query(asked: &Asked<'_>) -> String {
    let mut query = Serializer::new(String::new());
    let all = pairs(asked.query).unwrap_or_default();
    query.extend_pairs(all.iter().filter(|(name, _)| name != "_page"));
    query.finish()
}

/// An entry, written anew: what the server behind says of a version counts only as far as it can be such a thing.
fn entry(base: &str, (kind, id): (&str, &str), version: &Entry) -> String {
    let method = version.method.as_deref().unwrap_or_default();
    let deleted = version.resource.is_none();
    let method = match method {
        _ if deleted => "DELETE",
        "POST" => "POST",
        "PATCH" => "PATCH",
        _ => "PUT",
    };
    let resource = version.resource.as_ref();
    let number = |text: &&str| (3..=64).contains(&text.len()) && text.bytes().all(plain);
    let status = version.status.as_deref().and_then(|status| status.split(' ').next());
    let status =
        status.filter(|status| status.len() == 3 && status.bytes().all(|b| b.is_ascii_digit()));
    let status = status.unwrap_or(if deleted { "204" } else { "200" });
    let mut response = json!({ "status": status });
    let etag = version.etag.as_deref().and_then(tag);
    let etag = etag.or_else(|| resource.and_then(|resource| resource.version()).map(of_version));
    let updated = resource.and_then(|one| one.value.pointer("/meta/lastUpdated")?.as_str());
    let updated = version.last_modified.as_deref().or(updated).filter(number);
    if let Some(members) = response.as_object_mut() {
        members.extend(etag.map(|etag| ("etag".to_owned(), etag.into())));
        members.extend(updated.map(|updated| ("lastModified".to_owned(), updated.into())));
    }
    let request = json!({ "method": method, "url": format!("{kind}/{id}") });
    let url = resource.map_or_else(
        || format!("\"fullUrl\":{}", json!(format!("{base}/{kind}/{id}"))),
        |resource| full_url(base, resource),
    );
    let body = resource.map(|resource| format!("\"resource\":{},", resource.text));
    let body = body.unwrap_or_default();
    format!("{{{url},{body}\"request\":{request},\"response\":{response}}}")
}

/// What an instant is written with.
fn plain(octet: u8) -> bool {
    octet.is_ascii_digit() || b"-:.TZ+".contains(&octet)
}

/// `Type/id` of a deletion, as a history names it.
fn about(entry: &Entry) -> Option<(&str, &str)> {
    let mut parts = entry.about.as_deref()?.split('/');
    let (kind, id) = (parts.next()?, parts.next()?);
    is_id(id).then_some((kind, id))
}
