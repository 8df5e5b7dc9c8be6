//! Searching: what is asked goes on with the patient added; what comes back is judged, one resource after another, and our
//! pages are filled from as many pages as that takes.
//!
//! So neither the length of a page nor a total tells of matches that the asker may not see (D-39).

use std::collections::HashSet;

use fireward_fhir::search::{Search, pairs};
use fireward_fhir::{Branch, Denial, NotUnderstood, Reach, Whose};
use url::form_urlencoded::Serializer;

use crate::answer::Answer;
use crate::bundle::{Ours, Page, found};
use crate::failure::{Failure, Fault};
use crate::judge::{Judge, of_patient};
use crate::link::Place;
use crate::resource::Resource;
use crate::serve::Asked;

/// `GET /Type?…` and `POST /Type/_search`
pub(crate) async fn search(asked: &Asked<'_>, wanted: &Search) -> Result<Answer, Failure> {
    follows_only_what_is_open(asked, wanted)?;
    if asked.permit.rejects() && wanted.page.is_none() {
        finds_only_what_is_open(asked, wanted).await?;
    }
    if wanted.count_only {
        return count(asked, wanted).await;
    }
    let gateway = asked.gateway;
    let most = wanted.count.unwrap_or(gateway.limits.count).clamp(1, gateway.limits.count);
    let own = own_query(asked);
    let from = match &wanted.page {
        Some(link) => gateway.links.open(asked.access(), &own, link).ok_or_else(bad_link)?,
        None => Place { target: target(asked, wanted, most), skip: 0 },
    };
    let filled = fill(asked, from, most).await?;
    let first = wanted.page.is_none();
    let url = |page: Option<&str>| link(asked, page);
    let mut links = vec![("self", url(wanted.page.as_deref()))];
    if let Some(place) = &filled.next {
        let sealed = gateway.links.seal(asked.access(), &own, place)?;
        links.push(("next", url(Some(&sealed))));
    }
    // All of it was seen, or else all of it may be: any other total would count what is hidden.
    let whole = first && filled.next.is_none();
    let total = if whole {
        u64::try_from(filled.matches.len()).ok()
    } else {
        filled.total.filter(|_| asked.permit.sees_everything())
    };
    let base = &gateway.base;
    let matches = filled.matches.iter().map(|one| found(base, one, "match"));
    let included = filled.included.iter().map(|one| found(base, one, "include"));
    let entries: Vec<_> = matches.chain(included).collect();
    let bundle = Ours { kind: "searchset", total, links: &links, entries: &entries };
    Ok(Answer::ok(bundle.text()))
}

/// All that a search finds, for whoever needs no pages. None of it is hidden from the asker.
pub(crate) async fn matches(
    asked: &Asked<'_>,
    wanted: &Search,
    most: usize,
) -> Result<Vec<Resource>, Failure> {
    follows_only_what_is_open(asked, wanted)?;
    let from = Place { target: target(asked, wanted, most), skip: 0 };
    Ok(fill(asked, from, most).await?.matches)
}

/// `_summary=count`
async fn count(asked: &Asked<'_>, wanted: &Search) -> Result<Answer, Failure> {
    let gateway = asked.gateway;
    let total = if asked.permit.sees_everything() {
        let target = format!("{}&_summary=count", target(asked, wanted, 0));
        let heard = gateway.upstream.get(&target).await?;
        if heard.status != 200 {
            return Err(heard.refused());
        }
        let page = Page::read(gateway, heard.json()?)?;
        page.total.ok_or(Fault::Unproven("it counts nothing"))?
    } else {
        // Counted here, of what may be seen.
        let most = gateway.limits.count.saturating_mul(gateway.limits.pages);
        let filled =
            fill(asked, Place { target: target(asked, wanted, MOST_AT_ONCE), skip: 0 }, most)
                .await?;
        if filled.next.is_some() {
            return Err(Fault::TooWide.into());
        }
        u64::try_from(filled.matches.len()).unwrap_or(u64::MAX)
    };
    let links = [("self", link(asked, None))];
    let bundle = Ours { kind: "searchset", total: Some(total), links: &links, entries: &[] };
    Ok(Answer::ok(bundle.text()))
}

/// A page of ours.
struct Filled {
    matches: Vec<Resource>,
    included: Vec<Resource>,
    next: Option<Place>,
    total: Option<u64>,
}

/// Reads pages of the server behind until there are as many matches as are wanted, and one more is known or none left.
async fn fill(asked: &Asked<'_>, from: Place, most: usize) -> Result<Filled, Failure> {
    let mut filled = Filled { matches: Vec::new(), included: Vec::new(), next: None, total: None };
    let mut judge = asked.judge();
    let mut at = Some(from);
    let mut seen = HashSet::new();
    for _ in 0..asked.gateway.limits.pages {
        let Some(Place { target, skip }) = at.take() else { return Ok(filled) };
        let heard = asked.gateway.upstream.get(&target).await?;
        if heard.status != 200 {
            return Err(heard.refused());
        }
        let page = Page::read(asked.gateway, heard.json()?)?;
        filled.total = filled.total.or(page.total);
        at = page.next.clone().map(|target| Place { target, skip: 0 });
        let before = filled.matches.len();
        let left = take(&mut judge, page, (skip, most), (&mut filled, &mut seen)).await?;
        if let Some(skip) = left {
            filled.next = Some(Place { target, skip });
            return Ok(filled);
        }
        if filled.matches.len() >= most && before >= most {
            break;
        }
    }
    match at {
        None => Ok(filled),
        // Nothing is said of how much was left out: the page is full, or there is none.
        Some(place) if filled.matches.len() >= most => {
            filled.next = Some(place);
            Ok(filled)
        }
        Some(_) => Err(Fault::TooWide.into()),
    }
}

/// Takes what may be seen from a page. Gives how many of its entries are for this page of ours, if not all are.
async fn take(
    judge: &mut Judge<'_>,
    page: Page,
    (skip, most): (usize, usize),
    (filled, seen): (&mut Filled, &mut HashSet<(String, String)>),
) -> Result<Option<usize>, Failure> {
    let kind = judge.permit().kind();
    let mut new = Vec::new();
    let mut along = Vec::new();
    let mut rest = None;
    for (at, entry) in page.entries.into_iter().enumerate() {
        let Some(resource) = entry.resource else { continue };
        let Some(id) = resource.id() else { continue };
        let name = (resource.kind().to_owned(), id.to_owned());
        if resource.kind() != kind || entry.included {
            along.push((name, resource));
            continue;
        }
        if at < skip
            || rest.is_some()
            || seen.contains(&name)
            || !judge.sees(&resource.value).await?
        {
            continue;
        }
        if filled.matches.len() + new.len() >= most {
            rest = Some(at);
            continue;
        }
        seen.insert(name);
        new.push(resource);
    }
    for (name, resource) in along {
        let permit = judge.permit();
        let comes = |one: &Resource| permit.allows_included(&resource.value, &one.value);
        if !seen.contains(&name) && new.iter().any(comes) {
            seen.insert(name);
            filled.included.push(resource);
        }
    }
    filled.matches.append(&mut new);
    Ok(rest)
}

/// Chains and `_has` are followed by the server behind, over whatever it has. So they are for those alone to whom all of it
/// is open: others could ask about resources that they may not see (D-38).
fn follows_only_what_is_open(asked: &Asked<'_>, wanted: &Search) -> Result<(), Failure> {
    let open = |branch: &Branch| {
        branch.reach == Reach::Everything && branch.clauses.is_empty() && branch.except.is_empty()
    };
    let all = |kind: &'static str| asked.permit.through_branches(kind).iter().any(open);
    if wanted.through().into_iter().all(all) {
        return Ok(());
    }
    let told = "a chained search by a token that does not open everything it goes through";
    Err(NotUnderstood::Unsupported(told).into())
}

/// Where a site refuses searches that find what the token does not open (row 84), all that this one finds is read first.
async fn finds_only_what_is_open(asked: &Asked<'_>, wanted: &Search) -> Result<(), Failure> {
    let mut judge = asked.judge();
    let mut at = Some(target(asked, wanted, MOST_AT_ONCE));
    for _ in 0..asked.gateway.limits.pages {
        let Some(target) = at.take() else { return Ok(()) };
        let heard = asked.gateway.upstream.get(&target).await?;
        if heard.status != 200 {
            return Err(heard.refused());
        }
        let page = Page::read(asked.gateway, heard.json()?)?;
        let matches = page.entries.into_iter().filter(|entry| !entry.included);
        for resource in matches.filter_map(|entry| entry.resource) {
            let counts = resource.kind() == wanted.kind;
            if counts && !judge.sees(&resource.value).await? {
                return Err(Failure::Denied(Denial::Beyond));
            }
        }
        at = page.next;
    }
    at.map_or(Ok(()), |_| Err(Fault::TooWide.into()))
}

/// What is asked of the server behind: the search as it was understood, for as many as are wanted, with the patient added
/// where the token has one alone. That is for speed; nothing depends on it.
fn target(asked: &Asked<'_>, wanted: &Search, most: usize) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(understood(asked, wanted));
    if most > 0 {
        query.append_pair("_count", &most.to_string());
    }
    // Where a site wants to hear of what is out of reach, it must be found.
    if !asked.permit.rejects()
        && let [branch] = asked.permit.branches()
        && let Reach::Record(Whose::Patient(patient)) = &branch.reach
        && let Some((name, value)) = of_patient(wanted.kind, patient)
    {
        query.append_pair(name, &value);
    }
    format!("{}?{}", wanted.kind, query.finish())
}

/// The parameters that go on: those alone that were understood and judged, and of these not those of how an answer is
/// written, which is our affair. `_elements` and its like would leave out what must be judged.
fn understood(asked: &Asked<'_>, wanted: &Search) -> impl Iterator<Item = (String, String)> {
    const OURS: [&str; 8] =
        ["_page", "_count", "_format", "_pretty", "_elements", "_summary", "_total", "_contained"];
    let word = |name: &str| name.split(':').next().unwrap_or_default().to_owned();
    let ours = move |name: &str| OURS.contains(&word(name).as_str());
    wanted.understood.iter().filter(move |(name, _)| !ours(name)).map(|(name, value)| {
        // References to us are references to the server behind.
        (name.clone(), asked.gateway.below(value).unwrap_or(value).to_owned())
    })
}

fn asked_pairs(asked: &Asked<'_>) -> impl Iterator<Item = (String, String)> {
    let texts = [asked.query, asked.form.unwrap_or_default()];
    texts.into_iter().flat_map(|text| pairs(text).unwrap_or_default())
}

/// What a link to a further page is sealed for.
fn own_query(asked: &Asked<'_>) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(asked_pairs(asked).filter(|(name, _)| name != "_page"));
    format!("{}?{}", asked.permit.kind(), query.finish())
}

/// The search as a link that repeats it, at a page.
fn link(asked: &Asked<'_>, page: Option<&str>) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(asked_pairs(asked).filter(|(name, _)| name != "_page"));
    query.extend_pairs(page.map(|page| ("_page", page)));
    let query = query.finish();
    let separator = if query.is_empty() { "" } else { "?" };
    format!("{}/{}{separator}{query}", asked.gateway.base, asked.permit.kind())
}

pub(crate) fn bad_link() -> Failure {
    Failure::BadBody(
        "the link to a further page is not of this search, or not of this token".into(),
    )
}

/// How many resources are asked for where they are only counted or looked through.
const MOST_AT_ONCE: usize = 1_000;
