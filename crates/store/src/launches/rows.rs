//! Between rows and launches.

use fireward_oauth::{
    AuthorizationId, ClientId, IssuerId, ResourceServerId, Timestamp, launch::Launch,
};

use super::entity::Model;
use crate::{
    StoreError,
    columns::{self, Row},
};

pub(super) fn launch(model: Model) -> Result<Launch, StoreError> {
    let key = columns::short(&model.digest);
    let at = Row::of("launches", &key);
    let claimed_by = model.claimed_by.as_deref().map(AuthorizationId::parse).transpose();
    Ok(Launch {
        issuer: at.is("issuer", IssuerId::parse(&model.issuer))?,
        digest: at.digest("digest", &model.digest)?,
        client: at.is("client", ClientId::parse(&model.client))?,
        resource_server: at
            .is("resource_server", ResourceServerId::parse(&model.resource_server))?,
        context: at.context(&model.context)?,
        created_by: at.is("created_by", ClientId::parse(&model.created_by))?,
        claimed_by: at.is("claimed_by", claimed_by)?,
        user: model.fhir_user,
        launch_url: model.launch_url,
        created_at: Timestamp::from_unix(model.created_at),
        expires_at: Timestamp::from_unix(model.expires_at),
    })
}

pub(super) fn row(launch: &Launch) -> Model {
    Model {
        issuer: launch.issuer.to_string(),
        digest: columns::octets(&launch.digest),
        client: launch.client.to_string(),
        resource_server: launch.resource_server.to_string(),
        fhir_user: launch.user.clone(),
        context: columns::context(&launch.context),
        created_by: launch.created_by.to_string(),
        created_at: launch.created_at.unix(),
        expires_at: launch.expires_at.unix(),
        claimed_by: launch.claimed_by.as_ref().map(ToString::to_string),
        launch_url: launch.launch_url.clone(),
    }
}
