//! Between rows and users.

use std::collections::BTreeMap;

use fireward_oauth::{
    IssuerId, Timestamp, UserId,
    people::{Link, Links, PasswordHash, Record, Records, User},
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    looked_up: bool,
}

/// Who somebody is elsewhere, as it is kept; no list of records means any.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkColumn {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fhir_user: Option<String>,
    records: Option<Vec<RecordColumn>>,
}

pub(crate) fn user(model: Model) -> Result<User, StoreError> {
    let at = Row::of("users", &model.id);
    Ok(User {
        issuer: at.is("issuer", IssuerId::parse(&model.issuer))?,
        id: at.is("id", UserId::parse(&model.id))?,
        links: links(&at, &model)?,
        status: at.status(&model.status)?,
        username: model.username,
        name: model.name,
        password: PasswordHash::from_phc(model.password),
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
        fhir_user: user.links.home.fhir_user.clone(),
        records: match &user.links.home.records {
            Records::Any => None,
            Records::These(records) => Some(columns::json(&kept(records))),
        },
        links: elsewhere(&user.links),
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

fn links(at: &Row<'_>, model: &Model) -> Result<Links, StoreError> {
    let own = model.records.as_deref().map(|text| at.json("records", text)).transpose()?;
    let elsewhere: BTreeMap<String, LinkColumn> = model
        .links
        .as_deref()
        .map_or_else(|| Ok(BTreeMap::new()), |text| at.json("links", text))?;
    let link = |LinkColumn { fhir_user, records }| Link { fhir_user, records: read(records) };
    Ok(Links {
        home: Link { fhir_user: model.fhir_user.clone(), records: read(own) },
        elsewhere: elsewhere.into_iter().map(|(namespace, kept)| (namespace, link(kept))).collect(),
    })
}

fn elsewhere(links: &Links) -> Option<String> {
    let kept = links.elsewhere.iter().map(|(namespace, link)| {
        let records = match &link.records {
            Records::Any => None,
            Records::These(records) => Some(kept(records)),
        };
        (namespace, LinkColumn { fhir_user: link.fhir_user.clone(), records })
    });
    let kept: BTreeMap<_, _> = kept.collect();
    (!kept.is_empty()).then(|| columns::json(&kept))
}

fn read(records: Option<Vec<RecordColumn>>) -> Records {
    let read = |RecordColumn { patient, role, related_person, until, looked_up }| Record {
        patient,
        role,
        related_person,
        until: until.map(Timestamp::from_unix),
        looked_up,
    };
    records.map_or(Records::Any, |records| Records::These(records.into_iter().map(read).collect()))
}

fn kept(records: &[Record]) -> Vec<RecordColumn> {
    let kept = |Record { patient, role, related_person, until, looked_up }| RecordColumn {
        patient,
        role,
        related_person,
        until: until.map(Timestamp::unix),
        looked_up,
    };
    records.iter().cloned().map(kept).collect()
}
