//! What a member must be, one by one and together.

use std::collections::BTreeSet;

use fireward_jose::{Algorithm, JwkSet};
use fireward_scopes::Level;
use serde_json::Value;
use url::{Host, Url};

use super::{Malformed, Metadata, malformed, uses};
use crate::{
    client::{Client, ClientAuth, GrantType, Profile},
    text::is_unseen,
    vocabulary::RedirectUri,
};

/// What ID tokens may be signed with; discovery lists the same.
pub const ID_TOKEN_ALGORITHMS: [Algorithm; 2] = [Algorithm::RS256, Algorithm::ES256];

/// More of anything is no registration but an attack on whoever must read it (G7).
const MOST: usize = 100;

/// Redirect URIs: each sound, none twice (R7, G4).
pub(super) fn redirects(
    member: &'static str,
    texts: &[String],
) -> Result<Vec<RedirectUri>, Malformed> {
    few(member, texts)?;
    texts
        .iter()
        .map(|text| {
            RedirectUri::register(text).map_err(|fault| malformed(member, fault.to_string()))
        })
        .collect()
}

/// Launch URLs: fixed and fully specified (AL-8).
pub(super) fn launch_uris(texts: &[String]) -> Result<Vec<String>, Malformed> {
    few("launch_uris", texts)?;
    texts.iter().map(|text| web_uri("launch_uris", text)).collect()
}

fn few(member: &'static str, texts: &[String]) -> Result<(), Malformed> {
    if texts.len() > MOST {
        return Err(malformed(member, format!("may have at most {MOST} entries")));
    }
    let distinct: BTreeSet<_> = texts.iter().collect();
    if distinct.len() == texts.len() {
        Ok(())
    } else {
        Err(malformed(member, "has an entry twice"))
    }
}

/// A URL that people or servers may follow: https, or http on loopback (X2, OC-6-04).
pub(super) fn web_uri(member: &'static str, text: &str) -> Result<String, Malformed> {
    let wrong = || malformed(member, "must be an https URL, or an http URL on loopback");
    let printable = text.len() <= 2_000 && text.bytes().all(|octet| octet.is_ascii_graphic());
    let url = Url::parse(text).ok().filter(|_| printable).ok_or_else(wrong)?;
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let safe = match url.scheme() {
        "https" => url.host().is_some(),
        "http" => url.host().is_some_and(|host| loopback(&host)),
        _ => false,
    };
    if safe && bare { Ok(text.to_owned()) } else { Err(wrong()) }
}

fn loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Text that people will read: no control characters, nothing that reorders what surrounds it (X1).
pub(super) fn shown(member: &'static str, text: &str) -> Result<String, Malformed> {
    let sound = !text.trim().is_empty() && text.chars().count() <= 120 && !text.contains(is_unseen);
    if sound {
        return Ok(text.to_owned());
    }
    Err(malformed(member, "must be 1 to 120 characters without control or direction characters"))
}

/// `grant_types` and `response_types`, which must agree (OC-6-02, G5).
pub(super) fn grant_types(metadata: &Metadata) -> Result<BTreeSet<GrantType>, Malformed> {
    let default = || vec![GrantType::AuthorizationCode.as_str().to_owned()];
    let named = metadata.grant_types.clone().unwrap_or_else(default);
    let grants: Option<BTreeSet<_>> = named.iter().map(|name| GrantType::parse(name)).collect();
    let grants = grants.filter(|grants| !grants.is_empty()).ok_or_else(|| {
        malformed(
            "grant_types",
            format!("must be some of {}", words(GrantType::VARIANTS.map(GrantType::as_str))),
        )
    })?;
    let with_code = grants.contains(&GrantType::AuthorizationCode);
    if let Some(types) = &metadata.response_types {
        let expected: &[&str] = if with_code { &["code"] } else { &[] };
        if types != expected {
            return Err(malformed(
                "response_types",
                "must be [code] with the grant type authorization_code, and [] without it",
            ));
        }
    }
    if grants.contains(&GrantType::RefreshToken) && !with_code {
        return Err(malformed("grant_types", "refresh_token needs authorization_code"));
    }
    Ok(grants)
}

/// A group at the FHIR server, by its id there (FHIR R4 `id`).
pub(super) fn group(text: &str) -> Result<String, Malformed> {
    let id = text.strip_prefix("Group/").unwrap_or_default();
    let sound = (1..=64).contains(&id.len())
        && id.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-.".contains(&octet));
    let wrong = || malformed("fireward_group", "must be a reference such as Group/diabetes");
    sound.then(|| text.to_owned()).ok_or_else(wrong)
}

/// Registered keys: public, strong, named (CA-4, J22).
pub(super) fn jwks(value: &Value) -> Result<JwkSet, Malformed> {
    JwkSet::parse_strict(value.to_string().as_bytes())
        .map_err(|fault| malformed("jwks", fault.to_string()))
}

pub(super) fn assertion_alg(name: Option<&str>) -> Result<Option<Algorithm>, Malformed> {
    name.map(|name| algorithm("token_endpoint_auth_signing_alg", name)).transpose()
}

/// `smart` clients get RS256 (D-04, SC-21); others what they name of what this server signs with.
pub(super) fn id_token_alg(name: Option<&str>, profile: Profile) -> Result<Algorithm, Malformed> {
    const MEMBER: &str = "id_token_signed_response_alg";
    let Some(name) = name else { return Ok(Algorithm::RS256) };
    let alg = algorithm(MEMBER, name)?;
    let known: &[Algorithm] = match profile {
        Profile::Smart => &[Algorithm::RS256],
        Profile::Oidc | Profile::OAuth21 => &ID_TOKEN_ALGORITHMS,
    };
    if known.contains(&alg) {
        return Ok(alg);
    }
    Err(malformed(
        MEMBER,
        format!("must be one of {}", words(known.iter().copied().map(Algorithm::name))),
    ))
}

pub(super) fn algorithm(member: &'static str, name: &str) -> Result<Algorithm, Malformed> {
    name.parse().map_err(|_| {
        let known = Algorithm::VARIANTS.map(Algorithm::name);
        malformed(member, format!("must be one of {}", words(known)))
    })
}

/// What authorization answers may be signed with: what this server signs with anyway (JARM §3).
pub(super) fn answer_alg(name: &str) -> Result<Algorithm, Malformed> {
    const MEMBER: &str = "authorization_signed_response_alg";
    let alg = algorithm(MEMBER, name)?;
    let known = words(ID_TOKEN_ALGORITHMS.map(Algorithm::name));
    let refused = || malformed(MEMBER, format!("must be one of {known}"));
    ID_TOKEN_ALGORITHMS.contains(&alg).then_some(alg).ok_or_else(refused)
}

/// What only shows when all members are there.
pub(super) fn consistent(client: &Client) -> Result<(), Malformed> {
    if uses(client, GrantType::AuthorizationCode) && client.redirect_uris.is_empty() {
        return Err(malformed("redirect_uris", "authorization_code needs at least one"));
    }
    if uses(client, GrantType::ClientCredentials) && client.is_public() {
        return Err(malformed(
            "grant_types",
            "client_credentials is not for clients without authentication",
        ));
    }
    let refreshes = client.scopes.wants_offline() || client.scopes.wants_online();
    if refreshes && !uses(client, GrantType::RefreshToken) {
        return Err(malformed(
            "grant_types",
            "offline_access and online_access need the grant type refresh_token",
        ));
    }
    let objects = client.requests.signed || client.requests.object_alg.is_some();
    if objects && client.keys().is_none() {
        return Err(malformed("jwks_uri", "request objects need jwks_uri or jwks"));
    }
    let system = client.scopes.at_level(Level::System).next().is_some();
    if system && !uses(client, GrantType::ClientCredentials) {
        return Err(malformed("scope", "system scopes need the grant type client_credentials"));
    }
    // It bounds nothing else: a client that looks bound and is not must not be registered.
    if client.group.is_some() && !system {
        return Err(malformed("fireward_group", "is for clients with system scopes"));
    }
    // BS-1, CS-2: a shared secret is not for backend services.
    let by_key = matches!(client.auth, ClientAuth::Keys { .. });
    if system && !by_key && client.profile == Profile::Smart {
        return Err(malformed(
            "token_endpoint_auth_method",
            "system scopes need private_key_jwt in the profile smart",
        ));
    }
    Ok(())
}

pub(super) fn words<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().collect::<Vec<_>>().join(" ")
}
