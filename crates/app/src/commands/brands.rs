//! `fireward brands import|check|show|remove`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use fireward_oauth::{
    Issuer,
    audit::{Actor, Event, Kind},
    brands::{BrandIdentifier, Finding, Published, Severity},
};

use super::{
    kinds::say_json,
    place::{Opened, Place},
    say,
};
use crate::{
    clock, config,
    fault::Fault,
    node::{brands_draft, publish_brands},
};

/// User-access brands: the bundle that tells apps whose records are here. Changes count on every node within a second.
#[derive(Debug, Args)]
pub(crate) struct Brands {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Publish the FHIR Bundle in a file, in the place of what is published. One that breaks a rule is refused, with
    /// all that is wrong.
    Import {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        primary: Primary,
        #[command(flatten)]
        place: Place,
    },
    /// Say all that is wrong with the FHIR Bundle in a file, and publish nothing.
    Check {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        primary: Primary,
    },
    /// The bundle that is published.
    Show {
        #[command(flatten)]
        place: Place,
    },
    /// Publish none.
    Remove {
        #[command(flatten)]
        place: Place,
    },
}

/// Which brand smart-configuration names.
#[derive(Debug, Args)]
struct Primary {
    /// The identifier of the primary brand, as `system|value`, where several could be meant.
    #[arg(long)]
    primary: Option<BrandIdentifier>,
}

impl Brands {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self.action {
            Action::Import { file, primary, place } => {
                import(&file, primary.primary, place.open().await?).await
            }
            Action::Check { file, primary } => check(&file, primary.primary),
            Action::Show { place } => show(place.open().await?).await,
            Action::Remove { place } => remove(place.open().await?).await,
        }
    }
}

async fn import(file: &Path, named: Option<BrandIdentifier>, opened: Opened) -> Result<(), Fault> {
    let at = |why: Fault| Fault::Config(format!("{}: {why}", file.display()));
    let draft = brands_draft(&config::read(file)?, named).map_err(at)?;
    let issuer = issuer(&opened).await?;
    let whose = (&opened.issuer, &issuer);
    let published = publish_brands(&opened.store, whose, draft, clock::now()).await.map_err(at)?;
    match published {
        None => say("nothing changed: this bundle is published already"),
        Some(findings) => {
            findings.iter().map(ToString::to_string).for_each(|line| say(&line));
            say("published");
        }
    }
    opened.finish().await
}

fn check(file: &Path, named: Option<BrandIdentifier>) -> Result<(), Fault> {
    let at = |why: &dyn ToString| Fault::Config(format!("{}: {}", file.display(), why.to_string()));
    let draft = brands_draft(&config::read(file)?, named).map_err(|why| at(&why))?;
    // Whoever publishes it, the rules are the same.
    let anybody = Issuer::parse("http://localhost").map_err(|why| at(&why))?;
    let findings = match draft.publish(None, &anybody, clock::now()) {
        Published::Refused(findings) | Published::New(_, findings) => findings,
        Published::Unchanged => Vec::new(),
    };
    findings.iter().map(ToString::to_string).for_each(|line| say(&line));
    let errors: Vec<Finding> =
        findings.into_iter().filter(|finding| finding.severity == Severity::Error).collect();
    if errors.is_empty() {
        say("it may be published");
        return Ok(());
    }
    Err(at(&format!("{} errors: it would not be published", errors.len())))
}

async fn show(opened: Opened) -> Result<(), Fault> {
    let found = opened.store.read().brands().find(&opened.issuer).await?;
    let found = found.ok_or_else(none)?;
    say_json(&found.bundle);
    Ok(())
}

async fn remove(opened: Opened) -> Result<(), Fault> {
    let mut event =
        Event::new(opened.issuer.clone(), clock::now(), Actor::Operator, Kind::BrandsChanged);
    "removed".clone_into(&mut event.detail);
    let removed = opened.store.transact(async |tx| {
        let Some(before) = tx.brands().find(&opened.issuer).await? else { return Ok(false) };
        tx.brands().remove(&opened.issuer, &before.tag).await?;
        tx.audit().write(&event).await?;
        Ok(true)
    });
    if !removed.await? {
        return Err(none());
    }
    say("removed; smart-configuration names no brands any more");
    opened.finish().await
}

/// The URL that the database's issuer is served under.
async fn issuer(opened: &Opened) -> Result<Issuer, Fault> {
    let found = opened.store.read().issuers().find(&opened.issuer).await?;
    let found = found.ok_or_else(|| {
        Fault::Config("the database has no issuer yet: start the server once".to_owned())
    })?;
    Issuer::parse(&found).map_err(|why| Fault::Config(format!("{found}: {why}")))
}

fn none() -> Fault {
    Fault::Config(
        "no brands are published; `fireward brands import FILE` publishes some".to_owned(),
    )
}
