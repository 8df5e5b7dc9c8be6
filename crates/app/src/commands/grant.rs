//! `fireward grant list|show`.

use clap::{Args, Subcommand};
use fireward_oauth::{
    ClientId, GrantId, UserId,
    explain::{Fate, Sieve, fates, left_after, told},
    grants::Grant,
};
use fireward_pages::{Language, text};
use fireward_store::grants::Search;
use serde_json::{Map, Value};

use super::{
    kinds::{say_json, unknown},
    place::{Opened, Place},
    say,
};
use crate::fault::Fault;

/// What people granted to apps, and what became of each scope that was asked.
#[derive(Debug, Args)]
pub(crate) struct Grants {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// One line a grant, the newest first; also those that have ended, for 30 days.
    List {
        /// Of this client only.
        #[arg(long)]
        client: Option<String>,
        /// Of this person only: their `sub`.
        #[arg(long)]
        subject: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: u64,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// What was asked, what was granted, and why each scope that is missing is.
    Show {
        /// The id of the grant.
        grant: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

impl Grants {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self.action {
            Action::List { client, subject, limit, json, place } => {
                let parse = |why: String| Fault::Config(why);
                let client = client.map(|id| ClientId::parse(&id)).transpose();
                let subject = subject.map(|id| UserId::parse(&id)).transpose();
                let opened = place.open().await?;
                let search = Search {
                    issuer: opened.issuer.clone(),
                    client: client.map_err(|why| parse(why.to_string()))?,
                    subject: subject.map_err(|why| parse(why.to_string()))?,
                    most: limit,
                };
                list(&opened, &search, json).await
            }
            Action::Show { grant, json, place } => show(&place.open().await?, &grant, json).await,
        }
    }
}

async fn list(opened: &Opened, search: &Search, json: bool) -> Result<(), Fault> {
    for grant in opened.store.read().grants().search(search).await? {
        if json {
            say(&Value::from(whole(&grant)).to_string());
        } else {
            let missing = fates(&grant).iter().filter(|(_, fate)| *fate != Fate::Granted).count();
            let state = grant.ended.map_or("", |end| end.as_str());
            say(&format!(
                "{}\t{}\t{}\t{}\t{missing} not as asked\t{state}",
                grant.id, grant.client, grant.subject, grant.granted
            ));
        }
    }
    Ok(())
}

async fn show(opened: &Opened, id: &str, json: bool) -> Result<(), Fault> {
    let parsed = GrantId::parse(id).map_err(|why| Fault::Config(why.to_string()))?;
    let grant = opened.store.read().grants().find(&opened.issuer, &parsed).await?;
    let grant = grant.ok_or_else(|| unknown("grant", id))?;
    if json {
        say_json(&Value::from(whole(&grant)));
    } else {
        say(&words(&grant).join("\n"));
    }
    Ok(())
}

/// What its client is told, and whose it is.
fn whole(grant: &Grant) -> Map<String, Value> {
    let mut members = told(grant, &english);
    members.insert("subject".to_owned(), grant.subject.as_str().into());
    if let Some(patient) = &grant.context.patient {
        members.insert("patient".to_owned(), patient.as_str().into());
    }
    members
}

/// The same in plain words.
fn words(grant: &Grant) -> Vec<String> {
    let told = told(grant, &english);
    let asked = told.get("asked").and_then(Value::as_str).unwrap_or_default();
    let left = |sieve| left_after(grant, sieve).join(" ");
    let end = grant.ended.map_or_else(
        || format!("counts until {}", grant.until.unix()),
        |end| format!("ended at {}: {}", end.at().unix(), end.as_str()),
    );
    let mut lines = vec![
        format!("grant       {}", grant.id),
        format!("client      {}", grant.client),
        format!("person      {}", grant.subject),
        format!("patient     {}", grant.context.patient.as_deref().unwrap_or("-")),
        format!("given at    {}, {end}", grant.created_at.unix()),
        String::new(),
        format!("asked       {asked}"),
        format!("registered  {}", left(Sieve::Registration)),
        format!("allowed     {}", left(Sieve::Policy)),
        format!("kept        {}", left(Sieve::Person)),
        format!("granted     {}", grant.granted),
        String::new(),
    ];
    for (scope, fate) in fates(grant) {
        lines.push(match fate {
            Fate::Granted => format!("{scope}: granted"),
            Fate::Narrowed(parts) => format!("{scope}: the person kept {}", parts.join(" ")),
            Fate::Dropped(reason) => {
                format!("{scope}: not granted. {}", english(&format!("reason-{}", reason.as_str())))
            }
        });
    }
    let why = told.get("refresh_token").and_then(|told| told.get("why")).and_then(Value::as_str);
    lines.push(why.unwrap_or_default().to_owned());
    lines
}

fn english(key: &str) -> String {
    text(Language::English, key, &[])
}
