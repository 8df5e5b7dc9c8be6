//! The state that apps keep (SMART App Launch 2.2 app-state). Every method that reveals or changes one takes a
//! `StatePermit`, or the access that one is decided by once the state is found.

pub(crate) mod entity;
mod room;
mod vault;

use fireward_fhir::{
    Access, Reference,
    app_state::{Action, Key, State, StatePermit, permit},
};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, DatabaseConnection,
    EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _, Select,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use self::entity::{Column, Entity, Model};
use crate::{error::RecordsError, records::Records, stored::millis, transaction::transact};

pub use vault::Vault;

/// The states of all apps.
#[derive(Debug, Clone)]
pub struct States {
    database: DatabaseConnection,
    vault: Vault,
}

/// A state as it is kept: the text that is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredState {
    /// Its id.
    pub id: String,
    /// Its version, from 1.
    pub version: u64,
    /// The resource as JSON.
    pub body: String,
}

/// Why a change is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unchanged {
    /// There is no such state, or not in that version, or of another code or subject, or not for this asker: nobody is
    /// told which (AS-5).
    PreconditionFailed,
    /// This code has as many states for this subject as it may have.
    TooMany,
    /// All codes of the app together have as much for this subject as they may have.
    SubjectFull,
    /// The app has as much, for all subjects together, as it may have.
    SystemFull,
}

impl Records {
    /// The states of apps, which are kept beside the records.
    #[must_use]
    pub fn states(&self, vault: Vault) -> States {
        States { database: self.database.clone(), vault }
    }

    /// Removes every state whose codes are of a system, as of an app that is no more; answers how many there were. For
    /// operators: it asks for no permit.
    ///
    /// # Errors
    /// Ours.
    pub async fn forget_states(&self, system: &str) -> Result<u64, RecordsError> {
        let gone = Entity::delete_many().filter(Column::System.eq(system));
        Ok(gone.exec(&self.database).await?.rows_affected)
    }

    /// How many states each code system has.
    ///
    /// # Errors
    /// Ours.
    pub async fn count_states(&self) -> Result<Vec<(String, i64)>, RecordsError> {
        use sea_orm::QuerySelect as _;
        let counted = Entity::find().select_only().column(Column::System);
        let counted = counted.column_as(Column::Id.count(), "states").group_by(Column::System);
        let counted = counted.order_by_asc(Column::System).into_tuple();
        Ok(counted.all(&self.database).await?)
    }
}

impl States {
    /// Keeps a new state under an id that the caller drew at random.
    ///
    /// # Errors
    /// Ours.
    pub async fn create(
        &self,
        permit: &StatePermit,
        (id, now): (&str, OffsetDateTime),
        state: &State,
    ) -> Result<Result<StoredState, Unchanged>, RecordsError> {
        if !is_for(permit, Action::Create, &state.key) {
            return Ok(Err(Unchanged::PreconditionFailed));
        }
        let (row, stored) = self.next(id, 1, (state, now))?;
        transact(&self.database, async |tx| {
            if let Err(full) = room::for_new(tx, (&state.key, &row)).await? {
                return Ok(Err(full));
            }
            let whole = row.clone().into_active_model().reset_all();
            Entity::insert(whole).exec_without_returning(tx).await?;
            Ok(Ok(stored.clone()))
        })
        .await
    }

    /// Puts the next version in the place of the current one, if that is one of `known`, and code and subject stay.
    ///
    /// # Errors
    /// Ours.
    pub async fn update(
        &self,
        permit: &StatePermit,
        (id, known): (&str, &[u64]),
        (state, now): (&State, OffsetDateTime),
    ) -> Result<Result<StoredState, Unchanged>, RecordsError> {
        if !is_for(permit, Action::Update, &state.key) {
            return Ok(Err(Unchanged::PreconditionFailed));
        }
        transact(&self.database, async |tx| {
            let current = current(tx, (id, known)).await?;
            let Some((version, before)) =
                current.filter(|(_, row)| key_of(row) == Some(state.key.clone()))
            else {
                return Ok(Err(Unchanged::PreconditionFailed));
            };
            let (row, stored) = self.next(id, version + 1, (state, now))?;
            if let Err(full) = room::for_next(tx, (&before, &row)).await? {
                return Ok(Err(full));
            }
            let update = Entity::update_many().set(row.into_active_model().reset_all());
            written(update.filter(is_at(id, version)).exec(tx).await?.rows_affected)?;
            Ok(Ok(stored))
        })
        .await
    }

    /// Removes a state in one of the versions `known`, if the asker may, and what was in it with it.
    ///
    /// # Errors
    /// Ours.
    pub async fn delete(
        &self,
        access: &Access,
        (id, known): (&str, &[u64]),
    ) -> Result<Result<(), Unchanged>, RecordsError> {
        transact(&self.database, async |tx| {
            let current = current(tx, (id, known)).await?;
            let may = |row: &Model| {
                key_of(row).is_some_and(|key| permit(access, Action::Delete, &key).is_ok())
            };
            let Some((version, _)) = current.filter(|(_, row)| may(row)) else {
                return Ok(Err(Unchanged::PreconditionFailed));
            };
            let gone = Entity::delete_many().filter(is_at(id, version));
            written(gone.exec(tx).await?.rows_affected)?;
            Ok(Ok(()))
        })
        .await
    }

    /// The states of the permit's key, in the order that they were last changed.
    ///
    /// # Errors
    /// Ours.
    pub async fn search(&self, permit: &StatePermit) -> Result<Vec<StoredState>, RecordsError> {
        if permit.action() != Action::Search {
            return Ok(Vec::new());
        }
        let rows = of_key(permit.key()).order_by_asc(Column::LastUpdated).order_by_asc(Column::Id);
        let rows = rows.all(&self.database).await?;
        rows.into_iter().map(|row| self.stored(&row)).collect()
    }

    /// A version of a state, as a row and as it is answered.
    fn next(
        &self,
        id: &str,
        version: u64,
        (state, now): (&State, OffsetDateTime),
    ) -> Result<(Model, StoredState), RecordsError> {
        let moment = now.replace_millisecond(now.millisecond()).unwrap_or(now);
        let moment = moment.format(&Rfc3339).unwrap_or_default();
        let body = state.persisted(id, version, &moment).to_string();
        let mut row = Model {
            id: id.to_owned(),
            system: state.key.system.clone(),
            code: state.key.code.clone(),
            subject: state.key.subject_text(),
            version: i64::try_from(version).unwrap_or(i64::MAX),
            last_updated: millis(now),
            sealed: Vec::new(),
            octets: 0,
        };
        row.sealed = self.vault.seal(&row, &body)?;
        row.octets = i64::try_from(row.sealed.len()).unwrap_or(i64::MAX);
        Ok((row, StoredState { id: id.to_owned(), version, body }))
    }

    fn stored(&self, row: &Model) -> Result<StoredState, RecordsError> {
        let version = u64::try_from(row.version).unwrap_or_default();
        Ok(StoredState { id: row.id.clone(), version, body: self.vault.open(row)? })
    }
}

fn is_for(permit: &StatePermit, action: Action, key: &Key) -> bool {
    permit.action() == action && permit.key() == key
}

fn of_key(key: &Key) -> Select<Entity> {
    Entity::find()
        .filter(Column::System.eq(key.system.as_str()))
        .filter(Column::Code.eq(key.code.as_str()))
        .filter(Column::Subject.eq(key.subject_text()))
}

fn key_of(row: &Model) -> Option<Key> {
    let subject = if row.subject.is_empty() { None } else { Some(Reference::parse(&row.subject)?) };
    Some(Key { system: row.system.clone(), code: row.code.clone(), subject })
}

/// The state, if its version is one of those that the asker knows.
async fn current(
    tx: &impl ConnectionTrait,
    (id, known): (&str, &[u64]),
) -> Result<Option<(u64, Model)>, RecordsError> {
    let row = Entity::find_by_id(id.to_owned()).one(tx).await?;
    let row = row.and_then(|row| Some((u64::try_from(row.version).ok()?, row)));
    Ok(row.filter(|(version, _)| known.contains(version)))
}

fn is_at(id: &str, version: u64) -> Condition {
    let version = i64::try_from(version).unwrap_or(i64::MAX);
    Condition::all().add(Column::Id.eq(id)).add(Column::Version.eq(version))
}

/// Somebody else was faster: everything is looked at again.
fn written(rows: u64) -> Result<(), RecordsError> {
    if rows == 0 { Err(RecordsError::Raced) } else { Ok(()) }
}
