//! Interactions as steps, alone or several in one transaction (FHIR R4 http.html#transaction).

use fireward_fhir::patch::Patch;
use fireward_fhir::search::Search;
use fireward_fhir::{Permit, Versions, structure};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::Value;
use time::OffsetDateTime;

use crate::error::RecordsError;
use crate::history::{Of, Past, history_in};
use crate::matching::{only, queue};
use crate::page::Page;
use crate::read::{read_in, vread_in};
use crate::records::Records;
use crate::search::page_of;
use crate::stored::Stored;
use crate::transaction::transact;
use crate::write::{Change, Precondition};

/// One interaction, and what allows it.
#[derive(Debug, Clone)]
pub struct Step {
    /// What allows it.
    pub permit: Permit,
    /// What it does.
    pub action: Action,
}

/// What a step does.
#[derive(Debug, Clone)]
pub enum Action {
    /// Stores a new resource.
    Create {
        /// The type.
        kind: &'static str,
        /// The id that it gets, which the caller drew at random.
        id: String,
        /// Nothing is created where this finds something.
        unless: Option<Search>,
        /// The resource.
        resource: Value,
    },
    /// Stores the next version of a resource, or its first.
    Update {
        /// Which.
        target: Target,
        /// What must be true of the current version.
        only_if: Precondition,
        /// The resource.
        resource: Value,
    },
    /// Changes a resource a little.
    Patch {
        /// Which.
        target: Target,
        /// What must be true of the current version.
        only_if: Precondition,
        /// The change.
        patch: Patch,
    },
    /// Deletes a resource.
    Delete {
        /// Which.
        target: Target,
        /// What must be true of the current version.
        only_if: Precondition,
    },
    /// Reads a resource, or one version of it.
    Read {
        /// The type.
        kind: &'static str,
        /// The id.
        id: String,
        /// The version. None: the current one.
        version: Option<u64>,
    },
    /// Searches a type.
    Search(Search),
    /// Reads a history.
    History {
        /// The instance. None: all that the permit is for.
        of: Option<(&'static str, String)>,
        /// Which versions.
        versions: Versions,
    },
}

/// Which resource a step is about.
#[derive(Debug, Clone)]
pub enum Target {
    /// The one with this type and id.
    Is(&'static str, String),
    /// The one that meets the criteria.
    Meets {
        /// The criteria.
        criteria: Box<Search>,
        /// The id of the one that is made where there is none: drawn at random, unless the sender has chosen it.
        otherwise: String,
        /// Whether the sender has chosen it. Then it must be the id of the one that is found.
        chosen: bool,
    },
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Done {
    /// A version was written.
    Written {
        /// It.
        stored: Stored,
        /// Whether there was none before.
        created: bool,
        /// Whether the asker may see it.
        shown: bool,
    },
    /// Nothing was created, because this one is there already.
    Existing {
        /// It.
        stored: Stored,
        /// Whether the asker may see it.
        shown: bool,
    },
    /// It is deleted: the version that says so. None where there was nothing to delete.
    Deleted(Option<u64>),
    /// A resource, as it was asked for.
    Read(Stored),
    /// A page of a search.
    Found(Page),
    /// A page of a history.
    Past(Past),
}

impl Records {
    /// Does one step in a transaction of its own.
    ///
    /// # Errors
    /// As the interaction has them.
    pub async fn perform(&self, step: &Step, now: OffsetDateTime) -> Result<Done, RecordsError> {
        if step.action.turn() == READS {
            return look(&self.database, step).await;
        }
        transact(&self.database, async |tx| {
            if step.action.is_conditional() {
                queue(tx).await?;
            }
            let action = self.settle(tx, step).await?;
            self.step(tx, (step, &action), now).await
        })
        .await
    }

    /// Finds whatever a step is about, so that it stands fast before anything is written.
    pub(crate) async fn settle(
        &self,
        tx: &DatabaseTransaction,
        step: &Step,
    ) -> Result<Settled, RecordsError> {
        let finding = || step.permit.finding();
        match &step.action {
            Action::Create { kind, id, unless, .. } => {
                let found = match unless {
                    Some(criteria) => only(tx, &finding(), criteria).await?,
                    None => None,
                };
                Ok(match found {
                    Some(stored) => Settled::There(Box::new(stored)),
                    None => Settled::Is { kind, id: id.clone(), absent: true },
                })
            }
            Action::Update { target, .. } => match target {
                Target::Is(kind, id) => Ok(Settled::is(kind, id)),
                Target::Meets { criteria, otherwise, chosen } => {
                    let found = only(tx, &finding(), criteria).await?;
                    match found {
                        Some(found) if *chosen && found.id != *otherwise => {
                            Err(RecordsError::OtherId { found: found.id })
                        }
                        Some(found) => Ok(Settled::is(criteria.kind, &found.id)),
                        None => Ok(Settled::Is {
                            kind: criteria.kind,
                            id: otherwise.clone(),
                            absent: true,
                        }),
                    }
                }
            },
            Action::Patch { target, .. } | Action::Delete { target, .. } => match target {
                Target::Is(kind, id) => Ok(Settled::is(kind, id)),
                Target::Meets { criteria, .. } => {
                    let found = only(tx, &finding(), criteria).await?;
                    Ok(found.map_or(Settled::Nothing, |one| Settled::is(criteria.kind, &one.id)))
                }
            },
            Action::Read { .. } | Action::Search(_) | Action::History { .. } => {
                Ok(Settled::Nothing)
            }
        }
    }

    /// Does a step whose target stands fast.
    pub(crate) async fn step(
        &self,
        tx: &DatabaseTransaction,
        (step, settled): (&Step, &Settled),
        now: OffsetDateTime,
    ) -> Result<Done, RecordsError> {
        let permit = &step.permit;
        match &step.action {
            Action::Create { resource, .. } => {
                self.write(tx, (permit, settled), (&Precondition::None, resource), now).await
            }
            Action::Update { only_if, resource, .. } => {
                self.write(tx, (permit, settled), (only_if, resource), now).await
            }
            Action::Patch { only_if, patch, .. } => {
                self.patch(tx, (permit, settled), (only_if, patch), now).await
            }
            Action::Delete { only_if, .. } => {
                let Settled::Is { kind, id, .. } = settled else { return Ok(Done::Deleted(None)) };
                let change = Change { kind, id, only_if: only_if.clone(), now };
                self.delete_in(tx, permit, &change)
                    .await
                    .map(|version| Done::Deleted(Some(version)))
            }
            Action::Read { .. } | Action::Search(_) | Action::History { .. } => {
                look(tx, step).await
            }
        }
    }

    async fn write(
        &self,
        tx: &DatabaseTransaction,
        (permit, settled): (&Permit, &Settled),
        (only_if, resource): (&Precondition, &Value),
        now: OffsetDateTime,
    ) -> Result<Done, RecordsError> {
        match settled {
            Settled::There(stored) => {
                let shown = permit.allows_returned(&stored.resource()?);
                Ok(Done::Existing { stored: (**stored).clone(), shown })
            }
            Settled::Is { kind, id, absent } => {
                let only_if = match (absent, only_if) {
                    (true, Precondition::None) => Precondition::Absent,
                    (_, only_if) => only_if.clone(),
                };
                let change = Change { kind, id, only_if, now };
                let written = self.update_in(tx, permit, &change, resource).await?;
                // What was sent holds nothing new to its sender.
                Ok(Done::Written { stored: written.stored, created: written.created, shown: true })
            }
            Settled::Nothing => Err(RecordsError::Missing),
        }
    }

    async fn patch(
        &self,
        tx: &DatabaseTransaction,
        (permit, settled): (&Permit, &Settled),
        (only_if, patch): (&Precondition, &Patch),
        now: OffsetDateTime,
    ) -> Result<Done, RecordsError> {
        let Settled::Is { kind, id, .. } = settled else { return Err(RecordsError::Missing) };
        let before = read_in(tx, permit, kind, id).await?;
        only_if.check(Some(before.version))?;
        let resource = before.resource()?;
        let patched = if permit.allows_returned(&resource) {
            patched(patch, kind, &resource)?
        } else if patch.compares() {
            return Err(RecordsError::Unseen);
        } else {
            // One answer to all that does not fit, or the answers would tell what is stored.
            patched(patch, kind, &resource).map_err(|_| RecordsError::Unseen)?
        };
        // Of two at once, one finds another version there, and begins again.
        let only_if = Precondition::OneOf(vec![before.version]);
        let change = Change { kind, id, only_if, now };
        let written = self.update_in(tx, permit, &change, &patched).await?;
        let shown = permit.allows_returned(&written.stored.resource()?);
        Ok(Done::Written { stored: written.stored, created: false, shown })
    }
}

/// The resource as the patch leaves it.
fn patched(patch: &Patch, kind: &str, resource: &Value) -> Result<Value, RecordsError> {
    let patched = patch.apply(resource)?;
    let issues = structure::issues(kind, &patched);
    if issues.is_empty() { Ok(patched) } else { Err(RecordsError::Malformed(issues)) }
}

/// Does a step that only reads.
async fn look<C: ConnectionTrait>(db: &C, step: &Step) -> Result<Done, RecordsError> {
    let permit = &step.permit;
    match &step.action {
        Action::Read { kind, id, version: None } => {
            read_in(db, permit, kind, id).await.map(Done::Read)
        }
        Action::Read { kind, id, version: Some(version) } => {
            vread_in(db, permit, (kind, id), *version).await.map(Done::Read)
        }
        Action::Search(search) => page_of(db, permit, search).await.map(Done::Found),
        Action::History { of, versions } => {
            let of = of.as_ref().map_or(Of::All, |(kind, id)| Of::Instance(kind, id));
            history_in(db, permit, of, versions).await.map(Done::Past)
        }
        Action::Create { .. }
        | Action::Update { .. }
        | Action::Patch { .. }
        | Action::Delete { .. } => Err(RecordsError::Missing),
    }
}

impl Done {
    /// How many octets it holds.
    pub(crate) fn size(&self) -> usize {
        let all = |stored: &[Stored]| stored.iter().map(|one| one.body.len()).sum::<usize>();
        match self {
            Self::Written { stored, .. } | Self::Existing { stored, .. } | Self::Read(stored) => {
                stored.body.len()
            }
            Self::Deleted(_) => 0,
            Self::Found(page) => all(&page.matches) + all(&page.included),
            Self::Past(past) => all(&past.versions),
        }
    }
}

/// What a step is about, once it stands fast.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Settled {
    /// A resource, which may be there or not.
    Is {
        kind: &'static str,
        id: String,
        /// Whether it must not be there.
        absent: bool,
    },
    /// The one that makes a create needless.
    There(Box<Stored>),
    /// None.
    Nothing,
}

impl Settled {
    fn is(kind: &'static str, id: &str) -> Self {
        Self::Is { kind, id: id.to_owned(), absent: false }
    }

    /// The type and id, where there are some.
    pub(crate) fn name(&self) -> Option<(&str, &str)> {
        match self {
            Self::Is { kind, id, .. } => Some((kind, id)),
            Self::There(stored) => Some((&stored.kind, &stored.id)),
            Self::Nothing => None,
        }
    }
}

impl Action {
    /// Whether it begins with a search.
    pub(crate) fn is_conditional(&self) -> bool {
        match self {
            Self::Create { unless, .. } => unless.is_some(),
            Self::Update { target, .. }
            | Self::Patch { target, .. }
            | Self::Delete { target, .. } => matches!(target, Target::Meets { .. }),
            Self::Read { .. } | Self::Search(_) | Self::History { .. } => false,
        }
    }

    /// When it is done in a transaction: deletions, creations, changes, and what only reads (R4 http.html#trules).
    pub(crate) fn turn(&self) -> u8 {
        match self {
            Self::Delete { .. } => 0,
            Self::Create { .. } => 1,
            Self::Update { .. } | Self::Patch { .. } => 2,
            Self::Read { .. } | Self::Search(_) | Self::History { .. } => READS,
        }
    }

    /// The resource that it stores.
    pub(crate) fn resource_mut(&mut self) -> Option<&mut Value> {
        match self {
            Self::Create { resource, .. } | Self::Update { resource, .. } => Some(resource),
            Self::Patch { .. }
            | Self::Delete { .. }
            | Self::Read { .. }
            | Self::Search(_)
            | Self::History { .. } => None,
        }
    }
}

/// The turn of what only reads.
const READS: u8 = 3;
