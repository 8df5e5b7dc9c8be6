//! Between columns and values: reading says which column of which row does not add up.

use std::str::FromStr;

use fireward_jose::b64;
use fireward_oauth::{
    Digest,
    client::Status,
    grants::{Dropped, Reason},
    launch::LaunchContext,
};
use fireward_scopes::ScopeSet;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::StoreError;

/// One row that is being read.
pub(crate) struct Row<'a> {
    table: &'static str,
    key: &'a str,
}

impl<'a> Row<'a> {
    pub(crate) const fn of(table: &'static str, key: &'a str) -> Self {
        Self { table, key }
    }

    /// The fault of a column.
    pub(crate) fn corrupt(&self, column: &'static str) -> StoreError {
        StoreError::Corrupt { table: self.table, row: self.key.to_owned(), column }
    }

    /// What a column was read as, if it could be.
    pub(crate) fn must<T>(&self, column: &'static str, read: Option<T>) -> Result<T, StoreError> {
        read.ok_or_else(|| self.corrupt(column))
    }

    /// What a column was read as, or the fault of the column.
    pub(crate) fn is<T, E>(
        &self,
        column: &'static str,
        read: Result<T, E>,
    ) -> Result<T, StoreError> {
        read.map_err(|_| self.corrupt(column))
    }

    pub(crate) fn parse<T: FromStr>(
        &self,
        column: &'static str,
        text: &str,
    ) -> Result<T, StoreError> {
        self.is(column, text.parse())
    }

    pub(crate) fn json<T: DeserializeOwned>(
        &self,
        column: &'static str,
        text: &str,
    ) -> Result<T, StoreError> {
        self.is(column, serde_json::from_str(text))
    }

    pub(crate) fn digest<T>(
        &self,
        column: &'static str,
        octets: &[u8],
    ) -> Result<Digest<T>, StoreError> {
        self.is(column, octets.try_into()).map(Digest::from_octets)
    }

    pub(crate) fn scopes(&self, column: &'static str, text: &str) -> Result<ScopeSet, StoreError> {
        self.parse(column, text)
    }

    pub(crate) fn number<N: TryFrom<i64>>(
        &self,
        column: &'static str,
        number: i64,
    ) -> Result<N, StoreError> {
        self.is(column, number.try_into())
    }

    pub(crate) fn status(&self, text: &str) -> Result<Status, StoreError> {
        match text {
            "active" => Ok(Status::Active),
            "disabled" => Ok(Status::Disabled),
            _ => Err(self.corrupt("status")),
        }
    }

    pub(crate) fn dropped(&self, text: &str) -> Result<Vec<Dropped>, StoreError> {
        let pairs: Vec<(String, String)> = self.json("dropped", text)?;
        let read = |(scope, reason): (String, String)| {
            let known = Reason::VARIANTS.into_iter().find(|known| known.as_str() == reason);
            // A reason that a newer node wrote is a rule of this server's at any rate.
            Dropped { scope, reason: known.unwrap_or(Reason::Policy) }
        };
        Ok(pairs.into_iter().map(read).collect())
    }

    pub(crate) fn context(&self, text: &str) -> Result<LaunchContext, StoreError> {
        self.json::<ContextColumn>("context", text).map(ContextColumn::into_context)
    }
}

/// The first octets of a digest, to name a row by.
pub(crate) fn short(digest: &[u8]) -> String {
    b64::encode(digest.get(..6).unwrap_or(digest))
}

pub(crate) fn octets<T>(digest: &Digest<T>) -> Vec<u8> {
    digest.as_octets().to_vec()
}

pub(crate) fn json<T: Serialize>(value: &T) -> String {
    // Lists and objects of texts always have a form in JSON.
    serde_json::to_string(value).unwrap_or_default()
}

pub(crate) const fn status(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Disabled => "disabled",
    }
}

pub(crate) fn dropped(dropped: &[Dropped]) -> String {
    let pairs: Vec<_> =
        dropped.iter().map(|one| (one.scope.as_str(), one.reason.as_str())).collect();
    json(&pairs)
}

pub(crate) fn context(context: &LaunchContext) -> String {
    json(&ContextColumn::from(context))
}

/// A launch context as it is kept. A member that a newer node wrote is passed over: both versions serve together.
#[derive(Serialize, Deserialize)]
struct ContextColumn {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    patient: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encounter: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fhir_context: Vec<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    intent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    need_patient_banner: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    smart_style_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    app_context: Option<String>,
}

impl From<&LaunchContext> for ContextColumn {
    fn from(context: &LaunchContext) -> Self {
        let LaunchContext {
            patient,
            encounter,
            fhir_context,
            intent,
            need_patient_banner,
            smart_style_url,
            tenant,
            app_context,
        } = context.clone();
        Self {
            patient,
            encounter,
            fhir_context,
            intent,
            need_patient_banner,
            smart_style_url,
            tenant,
            app_context,
        }
    }
}

impl ContextColumn {
    fn into_context(self) -> LaunchContext {
        LaunchContext {
            patient: self.patient,
            encounter: self.encounter,
            fhir_context: self.fhir_context,
            intent: self.intent,
            need_patient_banner: self.need_patient_banner,
            smart_style_url: self.smart_style_url,
            tenant: self.tenant,
            app_context: self.app_context,
        }
    }
}
