//! A version of a resource as it is stored and sent: the text, with what is asked of it most often beside it.

use serde_json::Value;
use time::OffsetDateTime;

use crate::entity::{resource, version};
use crate::error::RecordsError;

/// One version of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The type, such as `Patient`.
    pub kind: String,
    /// The logical id.
    pub id: String,
    /// The version, from 1.
    pub version: u64,
    /// When this version came to be, to the millisecond.
    pub last_updated: OffsetDateTime,
    /// The resource as JSON text, with `id`, `meta.versionId` and `meta.lastUpdated`. Empty where the version is a deletion.
    pub body: String,
    /// Whether this version is a deletion.
    pub deleted: bool,
}

impl Stored {
    pub(crate) fn of(row: resource::Model) -> Result<Self, RecordsError> {
        let earlier = version::Model {
            resource: row.number,
            version: row.version,
            last_updated: row.last_updated,
            deleted: row.deleted,
            body: row.body,
        };
        Self::of_version(row.kind, row.id, earlier)
    }

    pub(crate) fn of_version(
        kind: String,
        id: String,
        row: version::Model,
    ) -> Result<Self, RecordsError> {
        let corrupt = |fault: &str| RecordsError::Corrupt {
            table: "fhir_resource",
            row: row.resource,
            fault: fault.to_owned(),
        };
        Ok(Self {
            kind,
            id,
            version: u64::try_from(row.version).map_err(|_| corrupt("a negative version"))?,
            last_updated: instant(row.last_updated).ok_or_else(|| corrupt("no such time"))?,
            body: row.body,
            deleted: row.deleted,
        })
    }

    /// The resource, read. A deletion has none.
    pub(crate) fn resource(&self) -> Result<Value, RecordsError> {
        serde_json::from_str(&self.body).map_err(|error| RecordsError::Corrupt {
            table: "fhir_resource",
            row: 0,
            fault: format!("{}/{}: {error}", self.kind, self.id),
        })
    }
}

/// Milliseconds since 1970, the unit of every time in the database.
pub(crate) fn millis(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

pub(crate) fn instant(millis: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).ok()
}
