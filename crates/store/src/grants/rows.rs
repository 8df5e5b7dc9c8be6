//! Between rows and grants.

use fireward_oauth::{
    ClientId, GrantId, IssuerId, Lifetime, ResourceServerId, Timestamp, UserId,
    grants::{Grant, GrantEnd},
};

use super::entity::Model;
use crate::{
    StoreError,
    columns::{self, Row},
};

pub(crate) fn grant(model: Model) -> Result<Grant, StoreError> {
    let at = Row::of("grants", &model.id);
    let server = model.resource_server.as_deref().map(ResourceServerId::parse);
    let session = model.session.as_deref().map(|octets| at.digest("session", octets));
    Ok(Grant {
        issuer: at.is("issuer", IssuerId::parse(&model.issuer))?,
        id: at.is("id", GrantId::parse(&model.id))?,
        subject: at.is("subject", UserId::parse(&model.subject))?,
        client: at.is("client", ClientId::parse(&model.client))?,
        resource_server: at.is("resource_server", server.transpose())?,
        asked: at.scopes("asked", &model.asked)?,
        granted: at.scopes("granted", &model.granted)?,
        dropped: at.dropped(&model.dropped)?,
        context: at.context(&model.context)?,
        session: session.transpose()?,
        auth_time: Timestamp::from_unix(model.auth_time),
        amr: at.json("amr", &model.amr)?,
        created_at: Timestamp::from_unix(model.created_at),
        until: Timestamp::from_unix(model.until),
        last_used: Timestamp::from_unix(model.last_used),
        status_index: at.number("status_index", model.status_index)?,
        ended: ended(&at, &model)?,
        sid: model.sid,
    })
}

fn ended(at: &Row<'_>, model: &Model) -> Result<Option<GrantEnd>, StoreError> {
    let (how, when) = match (&model.ended, model.ended_at) {
        (None, None) => return Ok(None),
        (Some(how), Some(when)) => (how.as_str(), Timestamp::from_unix(when)),
        (Some(_), None) | (None, Some(_)) => return Err(at.corrupt("ended_at")),
    };
    let ends = [GrantEnd::Replayed, GrantEnd::Revoked, GrantEnd::Withdrawn, GrantEnd::LoggedOut];
    let end = ends.into_iter().map(|end| end(when)).find(|end| end.as_str() == how);
    at.must("ended", end).map(Some)
}

pub(super) fn row(grant: &Grant) -> Model {
    let ended_at = grant.ended.map(GrantEnd::at);
    Model {
        issuer: grant.issuer.to_string(),
        id: grant.id.to_string(),
        subject: grant.subject.to_string(),
        client: grant.client.to_string(),
        resource_server: grant.resource_server.as_ref().map(ToString::to_string),
        asked: grant.asked.to_string(),
        granted: grant.granted.to_string(),
        dropped: columns::dropped(&grant.dropped),
        context: columns::context(&grant.context),
        session: grant.session.as_ref().map(columns::octets),
        auth_time: grant.auth_time.unix(),
        amr: columns::json(&grant.amr),
        sid: grant.sid.clone(),
        created_at: grant.created_at.unix(),
        until: grant.until.unix(),
        last_used: grant.last_used.unix(),
        status_index: grant.status_index.into(),
        ended: grant.ended.map(|end| end.as_str().to_owned()),
        ended_at: ended_at.map(Timestamp::unix),
        forget_at: forget_at(ended_at.unwrap_or(grant.until)),
    }
}

/// Until when a grant that ends then is kept, so that what it was can still be explained.
pub(super) fn forget_at(ends_at: Timestamp) -> i64 {
    ends_at.plus(Lifetime::days(30)).unix()
}
