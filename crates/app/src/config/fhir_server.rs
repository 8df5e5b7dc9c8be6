//! `[[fhir_server]]`: a FHIR server that trusts our tokens.

use fireward_jose::Algorithm;
use fireward_oauth::{
    ClientId, IssuerId, ResourceServerId,
    resource_server::{ResourceServer, TokenFormat},
};
use serde::Deserialize;

/// A resource server.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FhirServer {
    /// Its name in the database.
    pub(crate) id: String,
    /// What people call it.
    pub(crate) name: Option<String>,
    /// Its FHIR base URL, which apps send as `aud`.
    pub(crate) base_url: String,
    /// Where we reach it ourselves, if that is another address than clients use.
    pub(crate) address: Option<String>,
    /// `aud` of its tokens; its base URL where not given.
    pub(crate) audience: Option<String>,
    /// The scopes that exist there.
    #[serde(default = "all_scopes")]
    pub(crate) scopes: Vec<String>,
    /// The algorithm of its access tokens.
    #[serde(default = "es256")]
    pub(crate) token_alg: String,
    /// The client that it introspects tokens as.
    pub(crate) introspection_client: Option<String>,
    /// Servers that share patient ids share this name.
    #[serde(default = "default_namespace")]
    pub(crate) patient_namespace: String,
}

impl FhirServer {
    pub(super) fn check(&self) -> Result<(), String> {
        let issuer = IssuerId::parse("check").map_err(|wrong| wrong.to_string())?;
        self.to_resource_server(&issuer).map(|_| ())
    }

    /// Where we reach it, if that is not its base URL.
    pub(crate) fn elsewhere(&self) -> Option<(ResourceServerId, String)> {
        let address = self.address.as_deref()?.trim_end_matches('/').to_owned();
        Some((ResourceServerId::parse(&self.id).ok()?, address))
    }

    /// The row that this entry stands for.
    ///
    /// # Errors
    /// Names the value that is wrong.
    pub(crate) fn to_resource_server(&self, issuer: &IssuerId) -> Result<ResourceServer, String> {
        let wrong = |what: &str, why: &dyn std::fmt::Display| {
            format!("[[fhir_server]] {}: {what}: {why}", self.id)
        };
        let base_url = self.base_url.trim_end_matches('/').to_owned();
        url::Url::parse(&base_url).map_err(|why| wrong("base_url", &why))?;
        let alg: Algorithm = self.token_alg.parse().map_err(|why| wrong("token_alg", &why))?;
        let client = self.introspection_client.as_deref().map(ClientId::parse).transpose();
        Ok(ResourceServer {
            issuer: issuer.clone(),
            id: ResourceServerId::parse(&self.id).map_err(|why| wrong("id", &why))?,
            name: self.name.clone().unwrap_or_else(|| self.id.clone()),
            audience: self.audience.clone().unwrap_or_else(|| base_url.clone()),
            base_url,
            token_format: TokenFormat::Jwt { alg },
            scopes: self.scopes.join(" ").parse().map_err(|why| wrong("scopes", &why))?,
            introspection_client: client.map_err(|why| wrong("introspection_client", &why))?,
            patient_namespace: self.patient_namespace.clone(),
        })
    }
}

/// Every clinical scope.
pub(crate) fn all_scopes() -> Vec<String> {
    ["patient/*.cruds", "user/*.cruds", "system/*.cruds"].map(str::to_owned).to_vec()
}

fn es256() -> String {
    "ES256".to_owned()
}

fn default_namespace() -> String {
    "default".to_owned()
}
