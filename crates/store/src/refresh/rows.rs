//! Between rows and families of refresh tokens.

use fireward_oauth::{
    ClientId, GrantId, IssuerId, Timestamp,
    grants::refresh_token::{Found, Previous, RefreshFamily},
};

use super::entity::Model;
use crate::{
    StoreError,
    columns::{self, Row},
    grants, users,
};

pub(super) fn found(
    family_row: Model,
    grant: Option<grants::entity::Model>,
    user: Option<users::entity::Model>,
) -> Result<Found, StoreError> {
    let key = columns::short(&family_row.name);
    let at = Row::of("refresh_families", &key);
    Ok(Found {
        grant: grants::rows::grant(at.must("grant_id", grant)?)?,
        user: user.map(users::rows::user).transpose()?,
        family: family(&at, family_row)?,
        session: None,
    })
}

fn family(at: &Row<'_>, model: Model) -> Result<RefreshFamily, StoreError> {
    let previous = match (model.previous, model.sealed_successor, model.replaced_at) {
        (None, None, None) => None,
        (Some(token), Some(sealed_successor), Some(replaced_at)) => Some(Previous {
            token: at.digest("previous", &token)?,
            sealed_successor,
            replaced_at: Timestamp::from_unix(replaced_at),
        }),
        _ => return Err(at.corrupt("previous")),
    };
    Ok(RefreshFamily {
        issuer: at.is("issuer", IssuerId::parse(&model.issuer))?,
        name: at.digest("name", &model.name)?,
        grant: at.is("grant_id", GrantId::parse(&model.grant_id))?,
        client: at.is("client", ClientId::parse(&model.client))?,
        generation: at.number("generation", model.generation)?,
        current: at.digest("current", &model.current)?,
        previous,
    })
}

pub(super) fn row(family: &RefreshFamily) -> Model {
    let previous = family.previous.as_ref();
    Model {
        issuer: family.issuer.to_string(),
        name: columns::octets(&family.name),
        grant_id: family.grant.to_string(),
        client: family.client.to_string(),
        generation: family.generation.into(),
        current: columns::octets(&family.current),
        previous: previous.map(|previous| columns::octets(&previous.token)),
        sealed_successor: previous.map(|previous| previous.sealed_successor.clone()),
        replaced_at: previous.map(|previous| previous.replaced_at.unix()),
    }
}
