//! Between rows and resource servers.

use fireward_oauth::{
    ClientId, IssuerId, Lifetime, ResourceServerId,
    resource_server::{AssociatedEndpoint, FHIR_R4, Provenance, ResourceServer, TokenFormat},
};
use serde::{Deserialize, Serialize};

use super::entity::Model;
use crate::{
    StoreError,
    columns::{self, Row},
};

/// An associated endpoint as it is kept.
#[derive(Serialize, Deserialize)]
struct EndpointColumn {
    url: String,
    capabilities: Vec<String>,
}

pub(super) fn server(model: Model) -> Result<ResourceServer, StoreError> {
    let at = Row::of("resource_servers", &model.id);
    let client = model.introspection_client.as_deref().map(ClientId::parse);
    let lifetime = model.access_token_lifetime;
    let lifetime = lifetime.map(|span| at.number("access_token_lifetime", span)).transpose()?;
    let versions = model.fhir_versions.as_deref().map(|text| at.json("fhir_versions", text));
    Ok(ResourceServer {
        issuer: at.is("issuer", IssuerId::parse(&model.issuer))?,
        id: at.is("id", ResourceServerId::parse(&model.id))?,
        token_format: match (model.token_format.as_str(), &model.token_alg) {
            ("jwt", Some(alg)) => TokenFormat::Jwt { alg: at.parse("token_alg", alg)? },
            ("opaque", None) => TokenFormat::Opaque,
            _ => return Err(at.corrupt("token_format")),
        },
        access_token_lifetime: lifetime.map(Lifetime::seconds),
        scopes: at.scopes("scopes", &model.scopes)?,
        introspection_client: at.is("introspection_client", client.transpose())?,
        fhir_versions: versions.transpose()?.unwrap_or_else(|| vec![FHIR_R4.to_owned()]),
        associated_endpoints: endpoints(&at, model.associated_endpoints.as_deref())?,
        provenance: match model.provenance.as_str() {
            "configured" => Provenance::Configured,
            "registered" => Provenance::Registered,
            _ => return Err(at.corrupt("provenance")),
        },
        name: model.name,
        base_url: model.base_url,
        address: model.address,
        audience: model.audience,
        patient_namespace: model.patient_namespace,
        home: model.home,
        related_persons: model.related_persons,
    })
}

pub(super) fn row(server: &ResourceServer) -> Model {
    let (format, alg) = match server.token_format {
        TokenFormat::Jwt { alg } => ("jwt", Some(alg.to_string())),
        TokenFormat::Opaque => ("opaque", None),
    };
    let kept = |one: &AssociatedEndpoint| EndpointColumn {
        url: one.url.clone(),
        capabilities: one.capabilities.clone(),
    };
    let endpoints: Vec<_> = server.associated_endpoints.iter().map(kept).collect();
    Model {
        issuer: server.issuer.to_string(),
        id: server.id.to_string(),
        name: server.name.clone(),
        base_url: server.base_url.clone(),
        audience: server.audience.clone(),
        token_format: format.to_owned(),
        token_alg: alg,
        scopes: server.scopes.to_string(),
        introspection_client: server.introspection_client.as_ref().map(ToString::to_string),
        patient_namespace: server.patient_namespace.clone(),
        address: server.address.clone(),
        access_token_lifetime: server.access_token_lifetime.map(Lifetime::as_seconds),
        home: server.home,
        related_persons: server.related_persons,
        fhir_versions: Some(columns::json(&server.fhir_versions)),
        associated_endpoints: (!endpoints.is_empty()).then(|| columns::json(&endpoints)),
        provenance: server.provenance.as_str().to_owned(),
    }
}

fn endpoints(at: &Row<'_>, text: Option<&str>) -> Result<Vec<AssociatedEndpoint>, StoreError> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let kept: Vec<EndpointColumn> = at.json("associated_endpoints", text)?;
    let read = |EndpointColumn { url, capabilities }| AssociatedEndpoint { url, capabilities };
    Ok(kept.into_iter().map(read).collect())
}
