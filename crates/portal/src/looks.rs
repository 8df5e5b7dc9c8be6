//! Who looked at a record: a person's own, or that of somebody they care for.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpResponse, http::header::CONTENT_DISPOSITION, web::Data};
use fireward_oauth::{ClientId, ResourceServerId, UserId, client::OURSELVES, people::Records};
use fireward_pages::looks::{Looker, LooksDay, LooksPage, RecordChoice, SPANS, Shown, Who};
use fireward_scopes::Category;
use fireward_web::{
    Destination, Failure, Look, Looked, Looks, Names, Person, Query, Site, Visit, Window, html,
};
use url::form_urlencoded::Serializer;

/// `GET /account/looks`.
pub(crate) async fn show(
    site: Data<Site>,
    looks: Data<dyn Looks>,
    names: Data<dyn Names>,
    visit: Visit,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let person = match Person::at(&site, &visit, Destination::Looks).await? {
        Ok(person) => person,
        Err(sign_in) => return Ok(sign_in),
    };
    let asked = Asked::of(&query, site.now().unix());
    let records = records(&person, &**looks).await?;
    let chosen = asked.chosen(&records);
    let found = match chosen {
        Some(record) => looks.at(asked.window(record)).await,
        None => None,
    };
    let mut called = Called { person: &person, people: BTreeMap::new(), apps: BTreeMap::new() };
    let next = found.as_ref().and_then(|found| found.next.clone());
    let shown = match (chosen, found) {
        (None, _) => Shown::NoRecord,
        (Some(_), None) => Shown::Down,
        (Some(_), Some(found)) => Shown::Days(days(&asked, found, &mut called).await?),
    };
    let path = site.path(Destination::Looks.path());
    let page = LooksPage {
        chrome: person.chrome("looks"),
        nav: person.nav(),
        records: choices(&records, chosen, &**names).await,
        span: asked.span,
        shown,
        earlier_href: next.map(|next| asked.href(&path, chosen, (asked.own, Some(&next)))),
        csv_href: asked.href(&format!("{path}.csv"), chosen, (asked.own, None)),
        own: (asked.own, asked.href(&path, chosen, (!asked.own, None))),
        action: path,
    };
    Ok(html(page.render()))
}

/// `GET /account/looks.csv`: the same, an event a line (RFC 4180).
pub(crate) async fn table(
    site: Data<Site>,
    looks: Data<dyn Looks>,
    visit: Visit,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let person = match Person::at(&site, &visit, Destination::Looks).await? {
        Ok(person) => person,
        Err(sign_in) => return Ok(sign_in),
    };
    let mut asked = Asked::of(&query, site.now().unix());
    let records = records(&person, &**looks).await?;
    let mut called = Called { person: &person, people: BTreeMap::new(), apps: BTreeMap::new() };
    let mut text = "time,person,app,type,changed,refused,address\r\n".to_owned();
    for _ in 0..MOST_PAGES {
        let Some(record) = asked.chosen(&records) else { break };
        let Some(found) = looks.at(asked.window(record)).await else {
            text.push_str("the server of the record does not answer: this table is not whole\r\n");
            break;
        };
        for look in found.looks.iter().filter(|look| asked.shows(look)) {
            text.push_str(&line(look, &mut called).await?);
        }
        asked.page = found.next;
        if asked.page.is_none() {
            break;
        }
    }
    let name = (CONTENT_DISPOSITION, "attachment; filename=\"who-looked.csv\"");
    Ok(HttpResponse::Ok().content_type("text/csv; charset=utf-8").insert_header(name).body(text))
}

/// A record that the person may open today, and so may know who looked at.
struct Known {
    server: ResourceServerId,
    patient: String,
    own: bool,
}

impl Known {
    fn value(&self) -> String {
        format!("{}/{}", self.server, self.patient)
    }
}

/// The records of a person at every FHIR server. Whoever may open any record has none here: it is of no patient.
async fn records(person: &Person<'_>, looks: &dyn Looks) -> Result<Vec<Known>, Failure> {
    let (site, now) = (person.site, person.site.now());
    let links = looks.links(&person.signed_in.user).await?;
    let servers = site.store.resource_servers(&site.id).await?;
    let mut known = Vec::new();
    for server in servers.iter() {
        let link = links.at(Some(server));
        let Records::These(records) = &link.records else { continue };
        known.extend(records.iter().filter(|record| record.counts(now)).map(|record| Known {
            server: server.id.clone(),
            patient: record.patient.clone(),
            own: record.role == "self",
        }));
    }
    known.sort_by_key(|record| !record.own);
    Ok(known)
}

async fn choices(
    records: &[Known],
    chosen: Option<&Known>,
    names: &dyn Names,
) -> Vec<RecordChoice> {
    let mut choices = Vec::new();
    for record in records {
        let patients = [record.patient.clone()];
        let found =
            if record.own { BTreeMap::new() } else { names.of(&record.server, &patients).await };
        choices.push(RecordChoice {
            value: record.value(),
            own: record.own,
            name: found.get(&record.patient).cloned(),
            number: record.patient.clone(),
            chosen: chosen.is_some_and(|chosen| chosen.value() == record.value()),
        });
    }
    choices
}

/// What is asked for. Of a record it names one of the person's own, or the first of them is meant.
struct Asked {
    record: String,
    span: &'static str,
    until: i64,
    page: Option<String>,
    /// Whether this server's own look-ups are wanted, too.
    own: bool,
}

impl Asked {
    fn of(query: &Query, now: i64) -> Self {
        let one = |name| query.0.one(name).ok().flatten().unwrap_or_default();
        let span = SPANS.into_iter().find(|span| *span == one("span")).unwrap_or("30");
        // Later pages are of the same time as the first, whatever has happened since.
        let until = one("until").parse().ok().filter(|until| *until <= now).unwrap_or(now);
        let page = Some(one("page")).filter(|page| is_mark(page)).map(str::to_owned);
        Self { record: one("record").to_owned(), span, until, page, own: one("own") == "1" }
    }

    fn chosen<'a>(&self, records: &'a [Known]) -> Option<&'a Known> {
        records.iter().find(|record| record.value() == self.record).or_else(|| records.first())
    }

    fn window<'a>(&'a self, record: &'a Known) -> Window<'a> {
        let days = self.span.parse::<i64>().ok();
        Window {
            server: &record.server,
            patient: &record.patient,
            since: days.map_or(0, |days| self.until.saturating_sub(days * 86_400)),
            until: self.until,
            page: self.page.as_deref(),
        }
    }

    fn shows(&self, look: &Look) -> bool {
        self.own || look.client.as_deref() != Some(OURSELVES)
    }

    fn href(&self, path: &str, of: Option<&Known>, (own, page): (bool, Option<&str>)) -> String {
        let mut query = Serializer::new(String::new());
        if let Some(record) = of {
            query.append_pair("record", &record.value());
        }
        query.append_pair("span", self.span);
        if own {
            query.append_pair("own", "1");
        }
        if let Some(page) = page {
            query.append_pair("until", &self.until.to_string()).append_pair("page", page);
        }
        format!("{path}?{}", query.finish())
    }
}

/// What a FHIR server calls a page; it is sent back to that server alone.
fn is_mark(text: &str) -> bool {
    let fits = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~:,".contains(&octet);
    (1..=200).contains(&text.len()) && text.bytes().all(fits)
}

/// The events by day, and by person and app within a day.
async fn days(
    asked: &Asked,
    found: Looked,
    called: &mut Called<'_>,
) -> Result<Vec<LooksDay>, Failure> {
    let mut days: Vec<LooksDay> = Vec::new();
    for look in found.looks.iter().filter(|look| asked.shows(look)) {
        let (who, app) = (called.who(look).await?, called.app(look).await?);
        if days.last().is_none_or(|day| day.at.div_euclid(86_400) != look.at.div_euclid(86_400)) {
            days.push(LooksDay { at: look.at, people: Vec::new() });
        }
        let Some(day) = days.last_mut() else { continue };
        if let Some(looker) = day.people.iter_mut().find(|one| one.who == who && one.app == app) {
            add(looker, look);
            continue;
        }
        let mut looker = Looker {
            who,
            app,
            saw: Vec::new(),
            changed: Vec::new(),
            refused: Vec::new(),
            count: 0,
            times: (look.at, look.at),
            from: Vec::new(),
        };
        add(&mut looker, look);
        day.people.push(looker);
    }
    Ok(days)
}

fn add(looker: &mut Looker, look: &Look) {
    let heading = look.kind.as_deref().map_or(Category::Other, Category::of_type).key();
    let list = match (look.refused, look.changed) {
        (true, _) => &mut looker.refused,
        (false, true) => &mut looker.changed,
        (false, false) => &mut looker.saw,
    };
    let headings: BTreeSet<_> = list.iter().copied().collect();
    if !headings.contains(heading) {
        list.push(heading);
    }
    looker.count += 1;
    looker.times = (looker.times.0.min(look.at), looker.times.1.max(look.at));
    if let Some(address) = look.address.as_ref().filter(|one| !looker.from.contains(one)) {
        looker.from.push(address.clone());
    }
}

/// Names by what events have of them.
struct Called<'a> {
    person: &'a Person<'a>,
    people: BTreeMap<String, Option<String>>,
    apps: BTreeMap<String, String>,
}

impl Called<'_> {
    async fn who(&mut self, look: &Look) -> Result<Who, Failure> {
        let site = self.person.site;
        let Some(subject) = &look.subject else {
            return Ok(if look.client.is_some() { Who::App } else { Who::Nobody });
        };
        if *subject == self.person.signed_in.user.id.as_str() {
            return Ok(Who::You);
        }
        if !self.people.contains_key(subject) {
            let name = match UserId::parse(subject) {
                Ok(id) => {
                    site.store.read().users().find(&site.id, &id).await?.map(|user| user.name)
                }
                Err(_) => None,
            };
            self.people.insert(subject.clone(), name);
        }
        let name = self.people.get(subject).cloned().flatten();
        Ok(name.map_or_else(|| Who::Unknown(subject.clone()), Who::Named))
    }

    async fn app(&mut self, look: &Look) -> Result<Option<String>, Failure> {
        let site = self.person.site;
        let Some(client) = &look.client else { return Ok(None) };
        if let Some(name) = self.apps.get(client) {
            return Ok(Some(name.clone()));
        }
        let known = match ClientId::parse(client) {
            Ok(id) => site.store.client(&site.id, &id).await?,
            Err(_) => None,
        };
        let name = known.map_or_else(|| client.clone(), |known| known.about.name.clone());
        self.apps.insert(client.clone(), name.clone());
        Ok(Some(name))
    }
}

async fn line(look: &Look, called: &mut Called<'_>) -> Result<String, Failure> {
    let person = match called.who(look).await? {
        Who::You => called.person.signed_in.user.name.clone(),
        Who::Named(name) | Who::Unknown(name) => name,
        Who::App | Who::Nobody => String::new(),
    };
    let at = time::OffsetDateTime::from_unix_timestamp(look.at).ok();
    let at = at.and_then(|at| at.format(&time::format_description::well_known::Rfc3339).ok());
    let cells = [
        at.unwrap_or_default(),
        person,
        called.app(look).await?.unwrap_or_default(),
        look.kind.clone().unwrap_or_default(),
        look.changed.to_string(),
        look.refused.to_string(),
        look.address.clone().unwrap_or_default(),
    ];
    Ok(cells.map(|cell| quoted(&cell)).join(",") + "\r\n")
}

/// A cell. What a spreadsheet would take for a formula is told by an apostrophe that it is text.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = cell.replace('"', "\"\"").replace(['\r', '\n'], " ");
    if formula { format!("\"'{cell}\"") } else { format!("\"{cell}\"") }
}

/// How many pages a table has at most.
const MOST_PAGES: usize = 100;
