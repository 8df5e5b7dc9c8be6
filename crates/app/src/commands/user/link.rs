//! `fireward user link add|list|remove`: whose records somebody may open. A link that is taken away counts no more on
//! the next request, and what was granted by it is not renewed.

use clap::{Args, Subcommand};
use fireward_oauth::{
    Timestamp,
    audit::{Actor, Event, Kind},
    launch::is_fhir_id,
    people::{Link, Record, Records, User},
};

use super::super::{
    place::{Opened, Place},
    say,
};
use crate::{clock, fault::Fault};

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Lets somebody open a record, in the place of what they were to it before.
    Add {
        #[command(flatten)]
        which: Which,
        /// What they are to the patient: self, or a role such as parent.
        #[arg(long, default_value = "caregiver")]
        role: String,
        /// The last day that it counts, in UTC, such as 2027-01-31; until it is removed, where not given.
        #[arg(long)]
        until: Option<String>,
        /// The id of the `RelatedPerson` that links them, where there is one.
        #[arg(long)]
        related_person: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// One line a record: user, namespace, patient, role, last day.
    List {
        /// The user name; everybody where not given.
        user: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Takes a record away. Apps that were let in through it are refused from then on.
    Remove {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        place: Place,
    },
}

/// A user and a record.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// The user name.
    user: String,
    /// The id of the `Patient`.
    patient: String,
    /// The namespace that the id is of, where it is not of the home servers.
    #[arg(long)]
    namespace: Option<String>,
}

impl Action {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self {
            Self::Add { which, role, until, related_person, place } => {
                let until = until.as_deref().map(last_day).transpose()?;
                let patient = which.patient.clone();
                let record = Record { patient, role, related_person, until, looked_up: false };
                add(&which, record, &place).await
            }
            Self::List { user, place } => list(user.as_deref(), &place).await,
            Self::Remove { which, place } => remove(&which, &place).await,
        }
    }
}

async fn add(which: &Which, record: Record, place: &Place) -> Result<(), Fault> {
    let ids = std::iter::once(&record.patient).chain(&record.related_person);
    if !ids.into_iter().all(|id| is_fhir_id(id)) || record.role.trim().is_empty() {
        let expected = "expected the id of a Patient, such as 17, and what the user is to them";
        return Err(Fault::Config(expected.to_owned()));
    }
    let said = format!("{} may open {} as {}", which.user, record.patient, record.role);
    let changed = |link: &mut Link| {
        let added = link.records.add(record.clone());
        added.map_err(|already| Fault::Config(format!("{}: {already}", which.user)))
    };
    change(which, place, (&format!("link of {}", which.patient), &changed)).await?;
    say(&said);
    Ok(())
}

async fn remove(which: &Which, place: &Place) -> Result<(), Fault> {
    let changed = |link: &mut Link| {
        let none = || Fault::Config(format!("{} is not linked to {}", which.user, which.patient));
        link.records.remove(&which.patient).then_some(()).ok_or_else(none)
    };
    change(which, place, (&format!("no link of {}", which.patient), &changed)).await?;
    say(&format!("{} may not open {} any more", which.user, which.patient));
    Ok(())
}

type Change<'a> = (&'a str, &'a dyn Fn(&mut Link) -> Result<(), Fault>);

async fn change(which: &Which, place: &Place, (detail, change): Change<'_>) -> Result<(), Fault> {
    let opened = place.open().await?;
    let (store, issuer, now) = (&opened.store, &opened.issuer, clock::now());
    let mut event = Event::new(issuer.clone(), now, Actor::Operator, Kind::UserChanged);
    detail.clone_into(&mut event.detail);
    let done = store.transact(async |tx| {
        let Some(mut user) = tx.users().find_by_username(issuer, &which.user).await? else {
            return Ok(Err(unknown(&which.user)));
        };
        let link = match &which.namespace {
            None => &mut user.links.home,
            Some(namespace) => user.links.elsewhere.entry(namespace.clone()).or_default(),
        };
        if let Err(refused) = change(link) {
            return Ok(Err(refused));
        }
        user.updated_at = now;
        tx.users().save(&user).await?;
        let mut event = event.clone();
        event.subject = Some(user.id.clone());
        event.patient = Some(which.patient.clone());
        tx.audit().write(&event).await?;
        Ok(Ok(()))
    });
    done.await??;
    opened.finish().await
}

async fn list(username: Option<&str>, place: &Place) -> Result<(), Fault> {
    const PAGE: u64 = 500;
    let Opened { store, issuer } = place.open().await?;
    let read = store.read();
    if let Some(username) = username {
        let user = read.users().find_by_username(&issuer, username).await?;
        lines(&user.ok_or_else(|| unknown(username))?);
        return Ok(());
    }
    let mut after = None;
    loop {
        let users = read.users().list(&issuer, after.as_ref(), PAGE).await?;
        users.iter().for_each(lines);
        let Some(last) = users.last() else { return Ok(()) };
        after = Some(last.id.clone());
    }
}

fn lines(user: &User) {
    let elsewhere = user.links.elsewhere.iter().map(|(namespace, link)| (namespace.as_str(), link));
    for (namespace, link) in std::iter::once(("-", &user.links.home)).chain(elsewhere) {
        let Records::These(records) = &link.records else {
            say(&format!("{}\t{namespace}\tany", user.username));
            continue;
        };
        for Record { patient, role, until, looked_up, .. } in records {
            let until = until.map_or_else(|| "-".to_owned(), Timestamp::last_day);
            let said = if *looked_up { "\tRelatedPerson" } else { "" };
            say(&format!("{}\t{namespace}\t{patient}\t{role}\t{until}{said}", user.username));
        }
    }
}

fn last_day(text: &str) -> Result<Timestamp, Fault> {
    let expected = || Fault::Config(format!("{text}: expected a day such as 2027-01-31"));
    Timestamp::end_of_day(text).ok_or_else(expected)
}

fn unknown(username: &str) -> Fault {
    Fault::Config(format!("nobody signs in as {username}"))
}
