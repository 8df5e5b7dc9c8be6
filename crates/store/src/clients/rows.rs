//! Between rows and clients.

use fireward_jose::{Algorithm, JwkSet};
use fireward_oauth::{
    ClientId, IssuerId, Lifetime, RedirectUri, SecretHash, Timestamp,
    client::{
        About, Client, ClientAuth, ConsentPolicy, GrantType, KeySource, Profile, RequestRules,
        SecretMethod,
    },
};

use super::entity::Model;
use crate::{
    StoreError,
    columns::{self, Row},
};

pub(super) fn client(model: Model) -> Result<Client, StoreError> {
    let at = Row::of("clients", &model.id);
    let uris = |column, text: &str| {
        let uris: Vec<String> = at.json(column, text)?;
        Ok::<Vec<_>, StoreError>(uris.into_iter().map(RedirectUri::from_stored).collect())
    };
    let profile = |text: &str| Profile::VARIANTS.into_iter().find(|one| one.as_str() == text);
    let grant_types: Vec<String> = at.json("grant_types", &model.grant_types)?;
    let grant_types = grant_types.iter().map(|text| GrantType::parse(text)).collect();
    let lifetime = model.access_token_lifetime;
    let lifetime = lifetime.map(|span| at.number("access_token_lifetime", span)).transpose()?;
    Ok(Client {
        issuer: at.is("issuer", IssuerId::parse(&model.issuer))?,
        id: at.is("id", ClientId::parse(&model.id))?,
        profile: at.must("profile", profile(&model.profile))?,
        auth: auth(&at, &model)?,
        redirect_uris: uris("redirect_uris", &model.redirect_uris)?,
        post_logout_redirect_uris: uris(
            "post_logout_redirect_uris",
            &model.post_logout_redirect_uris,
        )?,
        launch_uris: at.json("launch_uris", &model.launch_uris)?,
        grant_types: at.must("grant_types", grant_types)?,
        scopes: at.scopes("scopes", &model.scopes)?,
        consent: match model.consent.as_str() {
            "ask" => ConsentPolicy::Ask,
            "trusted" => ConsentPolicy::Trusted,
            _ => return Err(at.corrupt("consent")),
        },
        requests: requests(&at, &model)?,
        id_token_alg: at.parse("id_token_alg", &model.id_token_alg)?,
        omit_iss: model.omit_iss,
        access_token_lifetime: lifetime.map(Lifetime::seconds),
        group: model.fireward_group,
        status: at.status(&model.status)?,
        updated_at: Timestamp::from_unix(model.updated_at),
        about: About {
            name: model.name,
            publisher: model.publisher,
            reviewed: model.reviewed,
            client_uri: model.client_uri,
            logo_uri: model.logo_uri,
            policy_uri: model.policy_uri,
            tos_uri: model.tos_uri,
        },
    })
}

fn auth(at: &Row<'_>, model: &Model) -> Result<ClientAuth, StoreError> {
    let secret = |method| {
        let octets = at.must("secrets", model.secrets.as_deref())?;
        let (hashes, rest) = octets.as_chunks::<32>();
        at.must("secrets", rest.is_empty().then_some(()))?;
        let live = hashes.iter().copied().map(SecretHash::from_octets).collect();
        Ok(ClientAuth::Secret { method, live })
    };
    match model.auth_method.as_str() {
        "none" => Ok(ClientAuth::None),
        "client_secret_basic" => secret(SecretMethod::Basic),
        "client_secret_post" => secret(SecretMethod::Post),
        BY_KEY => {
            let source = at.must("jwks", keys(at, model)?)?;
            Ok(ClientAuth::Keys { source, alg: alg(at, "auth_alg", model.auth_alg.as_deref())? })
        }
        _ => Err(at.corrupt("auth_method")),
    }
}

const BY_KEY: &str = "private_key_jwt";

fn requests(at: &Row<'_>, model: &Model) -> Result<RequestRules, StoreError> {
    let by_key = model.auth_method == BY_KEY;
    Ok(RequestRules {
        pushed: model.require_pushed,
        signed: model.require_request_object,
        object_alg: alg(at, "request_object_alg", model.request_object_alg.as_deref())?,
        keys: if by_key { None } else { keys(at, model)? },
        answer_alg: alg(at, "authorization_alg", model.authorization_alg.as_deref())?,
    })
}

fn keys(at: &Row<'_>, model: &Model) -> Result<Option<KeySource>, StoreError> {
    match (&model.jwks, &model.jwks_uri) {
        (Some(jwks), None) => {
            at.is("jwks", JwkSet::parse_lenient(jwks.as_bytes())).map(KeySource::Inline).map(Some)
        }
        (None, Some(url)) => Ok(Some(KeySource::Url(url.clone()))),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(at.corrupt("jwks")),
    }
}

fn alg(
    at: &Row<'_>,
    column: &'static str,
    name: Option<&str>,
) -> Result<Option<Algorithm>, StoreError> {
    name.map(|name| at.parse(column, name)).transpose()
}

pub(super) fn row(client: &Client) -> Model {
    let uris = |uris: &[RedirectUri]| {
        columns::json(&uris.iter().map(RedirectUri::as_str).collect::<Vec<_>>())
    };
    let grant_types: Vec<_> = client.grant_types.iter().map(|grant| grant.as_str()).collect();
    let AuthColumns { auth_method, secrets, auth_alg } = AuthColumns::of(&client.auth);
    let (jwks, jwks_uri) = match client.keys() {
        Some(KeySource::Inline(keys)) => (Some(keys.to_json().to_string()), None),
        Some(KeySource::Url(url)) => (None, Some(url.clone())),
        None => (None, None),
    };
    let rules = &client.requests;
    let about = client.about.clone();
    Model {
        issuer: client.issuer.to_string(),
        id: client.id.to_string(),
        profile: client.profile.as_str().to_owned(),
        auth_method: auth_method.to_owned(),
        secrets,
        jwks,
        jwks_uri,
        auth_alg,
        redirect_uris: uris(&client.redirect_uris),
        post_logout_redirect_uris: uris(&client.post_logout_redirect_uris),
        launch_uris: columns::json(&client.launch_uris),
        grant_types: columns::json(&grant_types),
        scopes: client.scopes.to_string(),
        consent: match client.consent {
            ConsentPolicy::Ask => "ask".to_owned(),
            ConsentPolicy::Trusted => "trusted".to_owned(),
        },
        authorization_alg: rules.answer_alg.map(|alg| alg.to_string()),
        request_object_alg: rules.object_alg.map(|alg| alg.to_string()),
        require_request_object: rules.signed,
        require_pushed: rules.pushed,
        id_token_alg: client.id_token_alg.to_string(),
        omit_iss: client.omit_iss,
        access_token_lifetime: client.access_token_lifetime.map(Lifetime::as_seconds),
        fireward_group: client.group.clone(),
        name: about.name,
        publisher: about.publisher,
        reviewed: about.reviewed,
        client_uri: about.client_uri,
        logo_uri: about.logo_uri,
        policy_uri: about.policy_uri,
        tos_uri: about.tos_uri,
        status: columns::status(client.status).to_owned(),
        updated_at: client.updated_at.unix(),
    }
}

/// The columns that hold how a client proves who it is.
#[derive(Default)]
struct AuthColumns {
    auth_method: &'static str,
    secrets: Option<Vec<u8>>,
    auth_alg: Option<String>,
}

impl AuthColumns {
    fn of(auth: &ClientAuth) -> Self {
        match auth {
            ClientAuth::None => Self { auth_method: "none", ..Self::default() },
            ClientAuth::Secret { method, live } => {
                let octets = live.iter().flat_map(|hash| *hash.as_octets()).collect();
                let auth_method = match method {
                    SecretMethod::Basic => "client_secret_basic",
                    SecretMethod::Post => "client_secret_post",
                };
                Self { auth_method, secrets: Some(octets), ..Self::default() }
            }
            ClientAuth::Keys { alg, .. } => {
                let auth_alg = alg.map(|alg| alg.to_string());
                Self { auth_method: BY_KEY, auth_alg, ..Self::default() }
            }
        }
    }
}
