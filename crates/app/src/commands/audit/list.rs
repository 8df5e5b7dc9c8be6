//! `fireward audit list`.

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use fireward_oauth::{
    ClientId, GrantId, IssuerId, Timestamp, UserId,
    audit::{Kind, Outcome},
};
use fireward_store::audit::{Entry, Search};
use serde_json::json;

use crate::{
    clock,
    commands::{
        moment::{Moment, rfc_3339},
        place::Opened,
        say,
    },
    fault::Fault,
};

/// Which entries, and how they are shown. Entries fit all that is given.
#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// About this client, by its `client_id`.
    #[arg(long)]
    client: Option<String>,
    /// About this user, by their `sub`.
    #[arg(long)]
    subject: Option<String>,
    /// About this patient's record.
    #[arg(long)]
    patient: Option<String>,
    /// About this grant.
    #[arg(long)]
    grant: Option<String>,
    /// Of this kind; may be given several times.
    #[arg(long, value_parser = kinds())]
    kind: Vec<Kind>,
    /// That ended so.
    #[arg(long, value_parser = outcomes())]
    outcome: Option<Outcome>,
    /// From this moment: 2026-11-22T06:00:00Z, 2026-11-22, or a span back such as 15m, 24h, 7d.
    #[arg(long)]
    since: Option<Moment>,
    /// Before this moment.
    #[arg(long)]
    until: Option<Moment>,
    /// Older than the entry of this number: the next page.
    #[arg(long)]
    before: Option<i64>,
    /// How many at most.
    #[arg(long, default_value_t = 100)]
    limit: u64,
    /// One JSON object an entry.
    #[arg(long)]
    json: bool,
}

/// How many entries are read at a time.
const PAGE: u64 = 500;

pub(super) async fn list(wanted: &Wanted, Opened { store, issuer }: Opened) -> Result<(), Fault> {
    let mut search = wanted.search(&issuer, clock::now())?;
    let mut left = wanted.limit;
    while left > 0 {
        search.most = left.min(PAGE);
        let page = store.read().audit().search(&search).await?;
        for entry in &page {
            say(&if wanted.json { as_json(entry) } else { as_line(entry) });
        }
        let count = page.len() as u64;
        left -= count.min(left);
        search.before = page.last().map(|entry| entry.id);
        if count < search.most {
            break;
        }
    }
    Ok(())
}

impl Wanted {
    fn search(&self, issuer: &IssuerId, now: Timestamp) -> Result<Search, Fault> {
        let wrong = |why: &dyn ToString| Fault::Config(why.to_string());
        let seen = |moment: Option<Moment>| moment.map(|moment| moment.seen_from(now));
        let (client, subject) = (self.client.as_deref(), self.subject.as_deref());
        let grant = self.grant.as_deref().map(GrantId::parse).transpose();
        Ok(Search {
            client: client.map(ClientId::parse).transpose().map_err(|why| wrong(&why))?,
            subject: subject.map(UserId::parse).transpose().map_err(|why| wrong(&why))?,
            patient: self.patient.clone(),
            grant: grant.map_err(|why| wrong(&why))?,
            kinds: self.kinds(),
            since: seen(self.since),
            until: seen(self.until),
            before: self.before,
            ..Search::newest(issuer.clone(), PAGE)
        })
    }

    /// The kinds that fit both what was said of them and of the outcome.
    fn kinds(&self) -> Option<Vec<Kind>> {
        if self.kind.is_empty() && self.outcome.is_none() {
            return None;
        }
        let named = |kind: &Kind| self.kind.is_empty() || self.kind.contains(kind);
        let ended = |kind: &Kind| self.outcome.is_none_or(|outcome| kind.outcome() == outcome);
        Some(Kind::VARIANTS.iter().copied().filter(|kind| named(kind) && ended(kind)).collect())
    }
}

fn kinds() -> impl TypedValueParser<Value = Kind> {
    let names = Kind::VARIANTS.iter().map(|kind| kind.as_str());
    PossibleValuesParser::new(names).try_map(|name| Kind::parse(&name).ok_or("no such kind"))
}

fn outcomes() -> impl TypedValueParser<Value = Outcome> {
    PossibleValuesParser::new(Outcome::VARIANTS.map(Outcome::as_str)).try_map(|name| {
        let named = Outcome::VARIANTS.into_iter().find(|outcome| outcome.as_str() == name);
        named.ok_or("no such outcome")
    })
}

fn as_json(entry: &Entry) -> String {
    let event = &entry.event;
    let (actor_kind, actor) = event.actor.parts();
    json!({
        "id": entry.id,
        "at": rfc_3339(event.at),
        "kind": event.kind.as_str(),
        "outcome": event.kind.outcome().as_str(),
        "actor": { "kind": actor_kind, "name": actor },
        "client": event.client.as_ref().map(ClientId::as_str),
        "subject": event.subject.as_ref().map(UserId::as_str),
        "patient": event.patient,
        "grant": event.grant.as_ref().map(GrantId::as_str),
        "request": event.request.as_ref().map(ToString::to_string),
        "detail": event.detail,
        "node": entry.node,
        "seq": entry.seq,
    })
    .to_string()
}

/// Tab-separated: number, moment, kind, actor, client, subject, patient, request, detail.
fn as_line(entry: &Entry) -> String {
    let event = &entry.event;
    let (actor_kind, actor) = event.actor.parts();
    let actor =
        if actor.is_empty() { actor_kind.to_owned() } else { format!("{actor_kind} {actor}") };
    let columns = [
        rfc_3339(event.at),
        event.kind.as_str().to_owned(),
        actor,
        known(event.client.as_ref()),
        known(event.subject.as_ref()),
        known(event.patient.as_ref()),
        known(event.request.as_ref()),
        event.detail.clone(),
    ];
    columns.iter().fold(entry.id.to_string(), |line, column| format!("{line}\t{}", plain(column)))
}

fn known(value: Option<&impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), ToString::to_string)
}

/// Without what would move a terminal's cursor: strangers choose some of the words.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use fireward_oauth::audit::{Actor, Event};

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        wanted: Wanted,
    }

    fn wanted(arguments: &[&str]) -> Result<Wanted, clap::Error> {
        Line::try_parse_from([&["list"], arguments].concat()).map(|line| line.wanted)
    }

    #[test]
    fn kind_and_outcome_narrow_each_other() {
        let kinds = |arguments: &[&str]| wanted(arguments).unwrap().kinds();
        assert_eq!(kinds(&[]), None);
        let both = ["--kind", "login.failed", "--kind", "logout"];
        assert_eq!(kinds(&both), Some(vec![Kind::LoginFailed, Kind::LoggedOut]));
        let failed = [&both[..], &["--outcome", "failure"]].concat();
        assert_eq!(kinds(&failed), Some(vec![Kind::LoginFailed]));
        let all = ["success", "failure"].map(|end| kinds(&["--outcome", end]).unwrap().len());
        assert_eq!(all.iter().sum::<usize>(), Kind::VARIANTS.len());
        for wrong in [["--kind", "login"], ["--outcome", "so-so"], ["--since", "yesterday"]] {
            assert!(wanted(&wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_strangers_typed_cannot_drive_a_terminal() {
        let issuer = IssuerId::parse("main").unwrap();
        let actor = Actor::Anonymous("192.0.2.1".to_owned());
        let event = Event::new(issuer, Timestamp::from_unix(0), actor, Kind::LoginFailed);
        let event = Event { detail: "a\u{1b}[2J\tb\nc".to_owned(), ..event };
        let entry = Entry { id: 7, node: "one".to_owned(), seq: None, event };
        assert_eq!(
            as_line(&entry),
            "7\t1970-01-01T00:00:00Z\tlogin.failed\tanonymous 192.0.2.1\t-\t-\t-\t-\ta\u{fffd}[2J\u{fffd}b\u{fffd}c"
        );
        assert!(!as_json(&entry).contains('\u{1b}'));
    }
}
