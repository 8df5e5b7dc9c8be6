//! Between rows and publications.

use fireward_oauth::{
    IssuerId, Timestamp,
    brands::{BrandIdentifier, Publication},
};

use super::entity::Model;
use crate::{StoreError, columns::Row};

pub(super) fn publication(model: Model) -> Result<Publication, StoreError> {
    let at = Row::of("brands", &model.issuer);
    let identifier = |column, text: &Option<String>| {
        text.as_deref().map(|text| at.parse::<BrandIdentifier>(column, text)).transpose()
    };
    Ok(Publication {
        bundle: at.json("bundle", &model.bundle)?,
        named: identifier("named", &model.named)?,
        primary: identifier("primary_brand", &model.primary_brand)?,
        text: model.bundle,
        tag: model.tag,
        updated_at: Timestamp::from_unix(model.updated_at),
    })
}

pub(super) fn row(issuer: &IssuerId, publication: &Publication) -> Model {
    Model {
        issuer: issuer.to_string(),
        bundle: publication.text.clone(),
        tag: publication.tag.clone(),
        named: publication.named.as_ref().map(ToString::to_string),
        primary_brand: publication.primary.as_ref().map(ToString::to_string),
        updated_at: publication.updated_at.unix(),
    }
}
