//! The members of client metadata, as JSON carries them.

use serde::Deserialize;
use serde_json::Value;

/// Client metadata before it is checked. A member that nobody knows is an error: it is a slip of the pen.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "they are the members of the specifications")]
pub struct Metadata {
    /// `client_id`
    pub client_id: Option<String>,
    /// `client_secret`, in the clear: it is hashed at once.
    pub client_secret: Option<String>,
    /// Two secrets, while the client changes from one to the other. An extension of ours.
    pub client_secrets: Vec<String>,
    /// `redirect_uris`
    pub redirect_uris: Vec<String>,
    /// `post_logout_redirect_uris` (`OpenID` Connect RP-Initiated Logout §3.1)
    pub post_logout_redirect_uris: Vec<String>,
    /// Where an EHR may open the app (SMART 2.2 app-launch). An extension of ours.
    pub launch_uris: Vec<String>,
    /// `grant_types`
    pub grant_types: Option<Vec<String>>,
    /// `response_types`
    pub response_types: Option<Vec<String>>,
    /// `token_endpoint_auth_method`
    pub token_endpoint_auth_method: Option<String>,
    /// `token_endpoint_auth_signing_alg`
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// `jwks`
    pub jwks: Option<Value>,
    /// `jwks_uri`
    pub jwks_uri: Option<String>,
    /// `scope`
    pub scope: Option<String>,
    /// `client_name`
    pub client_name: Option<String>,
    /// Who publishes it. An extension of ours.
    pub org_name: Option<String>,
    /// Whether this organisation has reviewed it. An extension of ours.
    pub reviewed: bool,
    /// `client_uri`
    pub client_uri: Option<String>,
    /// `logo_uri`
    pub logo_uri: Option<String>,
    /// `policy_uri`
    pub policy_uri: Option<String>,
    /// `tos_uri`
    pub tos_uri: Option<String>,
    /// `id_token_signed_response_alg`
    pub id_token_signed_response_alg: Option<String>,
    /// `authorization_signed_response_alg` (JARM §3)
    pub authorization_signed_response_alg: Option<String>,
    /// `request_object_signing_alg` (RFC 9101 §10.5)
    pub request_object_signing_alg: Option<String>,
    /// `require_signed_request_object` (RFC 9101 §10.5)
    pub require_signed_request_object: bool,
    /// `require_pushed_authorization_requests` (RFC 9126 §6)
    pub require_pushed_authorization_requests: bool,
    /// `smart`, `oidc` or `oauth2.1`. An extension of ours.
    pub profile: Option<String>,
    /// `ask` or `trusted`. An extension of ours.
    pub consent: Option<String>,
    /// D-06. An extension of ours.
    pub omit_iss: bool,
    /// In seconds. An extension of ours.
    pub access_token_lifetime: Option<u32>,
    /// `Group/id`: what its `system/` scopes reach at most. An extension of ours.
    pub fireward_group: Option<String>,
    /// `active` or `disabled`. An extension of ours.
    pub status: Option<String>,
    /// Registered elsewhere and of no effect here: known, so that such files can be imported.
    pub contacts: Value,
    /// Of no effect here.
    pub application_type: Value,
    /// Of no effect here.
    pub software_id: Value,
    /// Of no effect here.
    pub software_version: Value,
    /// Of no effect here: every subject is public.
    pub subject_type: Value,
}

impl std::fmt::Debug for Metadata {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metadata").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}
