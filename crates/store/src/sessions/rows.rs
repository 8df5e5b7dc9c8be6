//! Between rows and sessions.

use fireward_oauth::{IssuerId, Timestamp, UserId, people::Session};

use super::entity::Model;
use crate::{
    StoreError,
    columns::{self, Row},
};

pub(super) fn session(model: Model) -> Result<Session, StoreError> {
    let at = Row::of("sessions", &model.sid);
    Ok(Session {
        issuer: at.is("issuer", IssuerId::parse(&model.issuer))?,
        digest: at.digest("digest", &model.digest)?,
        user: at.is("user_id", UserId::parse(&model.user_id))?,
        amr: at.json("amr", &model.amr)?,
        sid: model.sid,
        auth_time: Timestamp::from_unix(model.auth_time),
        last_seen: Timestamp::from_unix(model.last_seen),
        expires_at: Timestamp::from_unix(model.expires_at),
        device: model.device,
        address: model.address,
    })
}

pub(super) fn row(session: &Session) -> Model {
    Model {
        issuer: session.issuer.to_string(),
        digest: columns::octets(&session.digest),
        sid: session.sid.clone(),
        user_id: session.user.to_string(),
        auth_time: session.auth_time.unix(),
        amr: columns::json(&session.amr),
        last_seen: session.last_seen.unix(),
        expires_at: session.expires_at.unix(),
        device: session.device.clone(),
        address: session.address.clone(),
    }
}
