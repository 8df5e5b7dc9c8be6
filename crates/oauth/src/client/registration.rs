//! Clients from their metadata, and back (RFC 7591 §2, `OpenID` Connect Dynamic Client Registration §2).
//!
//! What cannot work, or could be turned against the client's users, is refused here with the name of the
//! member, so that the rest of the house need not ask again.

mod check;
mod metadata;
mod show;

use fireward_scopes::ScopeSet;

pub use check::ID_TOKEN_ALGORITHMS;
pub use metadata::Metadata;
pub use show::show;

use crate::{
    client::{
        About, Client, ClientAuth, ConsentPolicy, GrantType, KeySource, Profile, RequestRules,
        SecretMethod, Status,
    },
    vocabulary::{ClientId, IssuerId, Lifetime, SecretHash, Timestamp},
};

/// Why metadata describes no client (RFC 7591 §3.2.2: `invalid_client_metadata`, or `invalid_redirect_uri`
/// where the member is `redirect_uris`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{member}: {reason}")]
pub struct Malformed {
    /// The member that is wrong.
    pub member: &'static str,
    /// What was expected.
    pub reason: String,
}

/// A file of clients that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not JSON, or with a member that nobody knows.
    #[error("not a client, nor a list of clients, in JSON: {0}")]
    Json(String),
    /// One client of it is wrong.
    #[error("client {client}: {fault}")]
    Client {
        /// Its `client_id`, or its number in the file.
        client: String,
        /// What is wrong.
        fault: Malformed,
    },
}

/// How strong a client secret must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretStrength {
    /// 128 bits or more.
    Strong,
    /// Any: the demo's own, which are printed on its pages.
    Any,
}

/// What every client of a file has in common.
#[derive(Debug, Clone)]
pub struct Importing<'a> {
    /// The issuer that shall know them.
    pub issuer: &'a IssuerId,
    /// How strong their secrets must be.
    pub secrets: SecretStrength,
    /// When they were read.
    pub now: Timestamp,
}

/// Reads a file: one client, or a list of them.
///
/// # Errors
/// When it is not JSON, or the first client that is wrong.
pub fn read_file(text: &[u8], importing: &Importing<'_>) -> Result<Vec<Client>, Unreadable> {
    let several = text.iter().find(|octet| !octet.is_ascii_whitespace()) == Some(&b'[');
    let json = |fault: serde_json::Error| Unreadable::Json(fault.to_string());
    let all = if several {
        serde_json::from_slice::<Vec<Metadata>>(text).map_err(json)?
    } else {
        vec![serde_json::from_slice::<Metadata>(text).map_err(json)?]
    };
    let mut clients: Vec<Client> = Vec::with_capacity(all.len());
    for (metadata, number) in all.into_iter().zip(1..) {
        let name = metadata.client_id.clone().unwrap_or_else(|| format!("number {number}"));
        let wrong = |fault| Unreadable::Client { client: name.clone(), fault };
        let client = read(&metadata, importing).map_err(wrong)?;
        if clients.iter().any(|other| other.id == client.id) {
            return Err(wrong(malformed("client_id", "is in the file twice")));
        }
        clients.push(client);
    }
    Ok(clients)
}

/// Reads the metadata of one client.
///
/// # Errors
/// Names the first member that is wrong.
pub fn read(metadata: &Metadata, importing: &Importing<'_>) -> Result<Client, Malformed> {
    let id = metadata.client_id.as_deref().ok_or_else(|| malformed("client_id", "is missing"))?;
    let id = ClientId::parse(id).map_err(|fault| malformed("client_id", fault.to_string()))?;
    let scopes = scopes(metadata.scope.as_deref().unwrap_or_default())?;
    let profile = profile(metadata.profile.as_deref(), &scopes)?;
    let client = Client {
        issuer: importing.issuer.clone(),
        profile,
        auth: auth(metadata, importing.secrets)?,
        redirect_uris: check::redirects("redirect_uris", &metadata.redirect_uris)?,
        post_logout_redirect_uris: check::redirects(
            "post_logout_redirect_uris",
            &metadata.post_logout_redirect_uris,
        )?,
        launch_uris: check::launch_uris(&metadata.launch_uris)?,
        grant_types: check::grant_types(metadata)?,
        scopes,
        consent: consent(metadata.consent.as_deref())?,
        requests: requests(metadata)?,
        id_token_alg: check::id_token_alg(
            metadata.id_token_signed_response_alg.as_deref(),
            profile,
        )?,
        omit_iss: metadata.omit_iss,
        access_token_lifetime: metadata.access_token_lifetime.map(Lifetime::seconds),
        group: metadata.fireward_group.as_deref().map(check::group).transpose()?,
        about: about(metadata, &id)?,
        status: status(metadata.status.as_deref())?,
        updated_at: importing.now,
        id,
    };
    check::consistent(&client)?;
    Ok(client)
}

fn scopes(text: &str) -> Result<ScopeSet, Malformed> {
    let sifted = ScopeSet::sift(text).map_err(|invalid| malformed("scope", invalid.to_string()))?;
    match sifted.refused.first() {
        None => Ok(sifted.known),
        Some((scope, invalid)) => Err(malformed("scope", format!("{scope}: {invalid}"))),
    }
}

/// The profile that was named, or the one that its scopes call for (D-01).
fn profile(named: Option<&str>, scopes: &ScopeSet) -> Result<Profile, Malformed> {
    let Some(named) = named else {
        let smart = scopes.is_clinical_or_launch();
        return Ok(if smart { Profile::Smart } else { Profile::Oidc });
    };
    let known = Profile::VARIANTS.into_iter().find(|profile| profile.as_str() == named);
    known.ok_or_else(|| {
        malformed(
            "profile",
            format!("must be one of {}", check::words(Profile::VARIANTS.map(Profile::as_str))),
        )
    })
}

/// RFC 7591 §2: without a method, a client has a secret and sends it by Basic.
fn auth(metadata: &Metadata, strength: SecretStrength) -> Result<ClientAuth, Malformed> {
    const MEMBER: &str = "token_endpoint_auth_method";
    let method = metadata.token_endpoint_auth_method.as_deref().unwrap_or("client_secret_basic");
    let has_secret = metadata.client_secret.is_some() || !metadata.client_secrets.is_empty();
    if has_secret && !method.starts_with("client_secret_") {
        return Err(malformed("client_secret", format!("has no use with the method {method}")));
    }
    match method {
        "none" => Ok(ClientAuth::None),
        "client_secret_basic" => Ok(ClientAuth::Secret {
            method: SecretMethod::Basic,
            live: secrets(metadata, strength)?,
        }),
        "client_secret_post" => Ok(ClientAuth::Secret {
            method: SecretMethod::Post,
            live: secrets(metadata, strength)?,
        }),
        "private_key_jwt" => Ok(ClientAuth::Keys {
            source: key_source(metadata)?
                .ok_or_else(|| malformed("jwks_uri", "private_key_jwt needs jwks_uri or jwks"))?,
            alg: check::assertion_alg(metadata.token_endpoint_auth_signing_alg.as_deref())?,
        }),
        _ => Err(malformed(
            MEMBER,
            "must be one of none client_secret_basic client_secret_post private_key_jwt",
        )),
    }
}

fn secrets(metadata: &Metadata, strength: SecretStrength) -> Result<Vec<SecretHash>, Malformed> {
    let given = metadata.client_secret.iter().chain(&metadata.client_secrets);
    let hashed: Result<Vec<_>, _> = given
        .map(|secret| match strength {
            SecretStrength::Any => Ok(SecretHash::of_any(secret)),
            SecretStrength::Strong => SecretHash::of_strong(secret),
        })
        .collect();
    let hashed = hashed.map_err(|weak| malformed("client_secret", weak.to_string()))?;
    match hashed.len() {
        1 | 2 => Ok(hashed),
        0 => Err(malformed("client_secret", "is missing")),
        _ => Err(malformed("client_secrets", "at most two secrets may live, to rotate them")),
    }
}

fn key_source(metadata: &Metadata) -> Result<Option<KeySource>, Malformed> {
    match (&metadata.jwks, &metadata.jwks_uri) {
        (Some(_), Some(_)) => Err(malformed("jwks", "use jwks or jwks_uri, not both")),
        (None, None) => Ok(None),
        (Some(jwks), None) => check::jwks(jwks).map(KeySource::Inline).map(Some),
        (None, Some(uri)) => check::web_uri("jwks_uri", uri).map(KeySource::Url).map(Some),
    }
}

/// How its authorization requests come, and how they are answered. Keys of a client that proves who it is in another way
/// are for its request objects.
fn requests(metadata: &Metadata) -> Result<RequestRules, Malformed> {
    let object_alg = metadata.request_object_signing_alg.as_deref();
    let answer_alg = metadata.authorization_signed_response_alg.as_deref();
    let by_key = metadata.token_endpoint_auth_method.as_deref() == Some("private_key_jwt");
    Ok(RequestRules {
        pushed: metadata.require_pushed_authorization_requests,
        signed: metadata.require_signed_request_object,
        object_alg: object_alg
            .map(|name| check::algorithm("request_object_signing_alg", name))
            .transpose()?,
        keys: if by_key { None } else { key_source(metadata)? },
        answer_alg: answer_alg.map(check::answer_alg).transpose()?,
    })
}

fn consent(named: Option<&str>) -> Result<ConsentPolicy, Malformed> {
    match named {
        None | Some("ask") => Ok(ConsentPolicy::Ask),
        Some("trusted") => Ok(ConsentPolicy::Trusted),
        Some(_) => Err(malformed("consent", "must be ask or trusted")),
    }
}

fn status(named: Option<&str>) -> Result<Status, Malformed> {
    match named {
        None | Some("active") => Ok(Status::Active),
        Some("disabled") => Ok(Status::Disabled),
        Some(_) => Err(malformed("status", "must be active or disabled")),
    }
}

fn about(metadata: &Metadata, id: &ClientId) -> Result<About, Malformed> {
    let uri = |member, uri: &Option<String>| {
        uri.as_deref().map(|uri| check::web_uri(member, uri)).transpose()
    };
    let name = metadata.client_name.as_deref().unwrap_or_else(|| id.as_str());
    let publisher = metadata.org_name.as_deref();
    Ok(About {
        name: check::shown("client_name", name)?,
        publisher: publisher.map(|name| check::shown("org_name", name)).transpose()?,
        reviewed: metadata.reviewed,
        client_uri: uri("client_uri", &metadata.client_uri)?,
        logo_uri: uri("logo_uri", &metadata.logo_uri)?,
        policy_uri: uri("policy_uri", &metadata.policy_uri)?,
        tos_uri: uri("tos_uri", &metadata.tos_uri)?,
    })
}

fn malformed(member: &'static str, reason: impl Into<String>) -> Malformed {
    Malformed { member, reason: reason.into() }
}

/// Whether a client may use the grant: here because both checks and showing ask.
fn uses(client: &Client, grant: GrantType) -> bool {
    client.grant_types.contains(&grant)
}

#[cfg(test)]
mod tests;
