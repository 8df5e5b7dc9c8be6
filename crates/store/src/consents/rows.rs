//! Between rows and consents.

use fireward_oauth::{ClientId, IssuerId, ResourceServerId, Timestamp, UserId, authorize::Consent};

use super::entity::Model;
use crate::{StoreError, columns::Row};

pub(super) fn consent(model: Model) -> Result<Consent, StoreError> {
    let key = format!("{} {} {}", model.user_id, model.client, model.resource_server);
    let at = Row::of("record_consents", &key);
    let server = (!model.resource_server.is_empty()).then_some(model.resource_server.as_str());
    let server = server.map(ResourceServerId::parse).transpose();
    Ok(Consent {
        issuer: at.is("issuer", IssuerId::parse(&model.issuer))?,
        user: at.is("user_id", UserId::parse(&model.user_id))?,
        client: at.is("client", ClientId::parse(&model.client))?,
        resource_server: at.is("resource_server", server)?,
        patient: (!model.patient.is_empty()).then_some(model.patient),
        asked: at.scopes("asked", &model.asked)?,
        granted: at.scopes("granted", &model.granted)?,
        until: Timestamp::from_unix(model.until),
        given_at: Timestamp::from_unix(model.given_at),
    })
}

pub(super) fn row(consent: &Consent) -> Model {
    Model {
        issuer: consent.issuer.to_string(),
        user_id: consent.user.to_string(),
        client: consent.client.to_string(),
        resource_server: consent
            .resource_server
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        patient: consent.patient.clone().unwrap_or_default(),
        asked: consent.asked.to_string(),
        granted: consent.granted.to_string(),
        until: consent.until.unix(),
        given_at: consent.given_at.unix(),
    }
}
