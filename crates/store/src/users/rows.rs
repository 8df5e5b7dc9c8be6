//! Between rows and users.

use fireward_oauth::{
    IssuerId, Timestamp, UserId,
    people::{PasswordHash, Record, Records, User},
};
use serde::{Deserialize, Serialize};

use super::entity::Model;
use crate::{
    StoreError,
    columns::{self, Row},
};

/// A record that somebody may choose, as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordColumn {
    patient: String,
    role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    related_person: Option<String>,
}

pub(crate) fn user(model: Model) -> Result<User, StoreError> {
    let at = Row::of("users", &model.id);
    Ok(User {
        issuer: at.is("issuer", IssuerId::parse(&model.issuer))?,
        id: at.is("id", UserId::parse(&model.id))?,
        records: match &model.records {
            None => Records::Any,
            Some(text) => Records::These(records(&at, text)?),
        },
        status: at.status(&model.status)?,
        username: model.username,
        name: model.name,
        password: PasswordHash::from_phc(model.password),
        fhir_user: model.fhir_user,
        admin: model.admin,
        email: model.email,
        password_changed_at: Timestamp::from_unix(model.password_changed_at),
        updated_at: Timestamp::from_unix(model.updated_at),
    })
}

pub(super) fn row(user: &User) -> Model {
    Model {
        issuer: user.issuer.to_string(),
        id: user.id.to_string(),
        username: user.username.clone(),
        username_folded: fold(&user.username),
        name: user.name.clone(),
        password: user.password.as_phc().to_owned(),
        fhir_user: user.fhir_user.clone(),
        records: match &user.records {
            Records::Any => None,
            Records::These(records) => Some(kept(records)),
        },
        admin: user.admin,
        email: user.email.clone(),
        status: columns::status(user.status).to_owned(),
        password_changed_at: user.password_changed_at.unix(),
        updated_at: user.updated_at.unix(),
    }
}

/// A user name as it is compared.
pub(super) fn fold(username: &str) -> String {
    username.to_lowercase()
}

fn records(at: &Row<'_>, text: &str) -> Result<Vec<Record>, StoreError> {
    let records: Vec<RecordColumn> = at.json("records", text)?;
    let read =
        |RecordColumn { patient, role, related_person }| Record { patient, role, related_person };
    Ok(records.into_iter().map(read).collect())
}

fn kept(records: &[Record]) -> String {
    let kept = records.iter().cloned().map(|Record { patient, role, related_person }| {
        RecordColumn { patient, role, related_person }
    });
    columns::json(&kept.collect::<Vec<_>>())
}
