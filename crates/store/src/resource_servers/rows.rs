//! Between rows and resource servers.

use fireward_oauth::{
    ClientId, IssuerId, ResourceServerId,
    resource_server::{ResourceServer, TokenFormat},
};

use super::entity::Model;
use crate::{StoreError, columns::Row};

pub(super) fn server(model: Model) -> Result<ResourceServer, StoreError> {
    let at = Row::of("resource_servers", &model.id);
    let client = model.introspection_client.as_deref().map(ClientId::parse);
    Ok(ResourceServer {
        issuer: at.is("issuer", IssuerId::parse(&model.issuer))?,
        id: at.is("id", ResourceServerId::parse(&model.id))?,
        token_format: match (model.token_format.as_str(), &model.token_alg) {
            ("jwt", Some(alg)) => TokenFormat::Jwt { alg: at.parse("token_alg", alg)? },
            _ => return Err(at.corrupt("token_format")),
        },
        scopes: at.scopes("scopes", &model.scopes)?,
        introspection_client: at.is("introspection_client", client.transpose())?,
        name: model.name,
        base_url: model.base_url,
        audience: model.audience,
        patient_namespace: model.patient_namespace,
    })
}

pub(super) fn row(server: &ResourceServer) -> Model {
    let TokenFormat::Jwt { alg } = server.token_format;
    Model {
        issuer: server.issuer.to_string(),
        id: server.id.to_string(),
        name: server.name.clone(),
        base_url: server.base_url.clone(),
        audience: server.audience.clone(),
        token_format: "jwt".to_owned(),
        token_alg: Some(alg.to_string()),
        scopes: server.scopes.to_string(),
        introspection_client: server.introspection_client.as_ref().map(ToString::to_string),
        patient_namespace: server.patient_namespace.clone(),
    }
}
