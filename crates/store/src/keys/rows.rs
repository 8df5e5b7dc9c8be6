//! Between rows and signing keys.

use fireward_keys::KeyRecord;
use fireward_oauth::IssuerId;

use super::entity::Model;
use crate::{StoreError, columns::Row};

pub(super) fn key(model: Model) -> Result<KeyRecord, StoreError> {
    let at = Row::of("signing_keys", &model.kid);
    Ok(KeyRecord {
        alg: at.parse("alg", &model.alg)?,
        public: at.json("public", &model.public)?,
        after: (!model.after.is_empty()).then_some(model.after),
        kid: model.kid,
        sealed: model.sealed,
        published_at: model.published_at,
        signs_from: model.signs_from,
        revoked_at: model.revoked_at,
    })
}

pub(super) fn row(issuer: &IssuerId, key: &KeyRecord) -> Model {
    Model {
        issuer: issuer.to_string(),
        kid: key.kid.clone(),
        alg: key.alg.to_string(),
        public: key.public.to_string(),
        sealed: key.sealed.clone(),
        published_at: key.published_at,
        signs_from: key.signs_from,
        revoked_at: key.revoked_at,
        // A key holds no nulls, and two first keys of an algorithm must meet in the unique index.
        after: key.after.clone().unwrap_or_default(),
    }
}
