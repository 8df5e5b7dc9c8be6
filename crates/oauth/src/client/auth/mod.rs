//! Client authentication: exactly one method, the registered one (RFC 6749 §2.3, RFC 7523 §3).

mod assertion;
mod secret;

use std::sync::Arc;

use crate::{
    client::{Client, ClientAuth, SecretMethod, Status},
    error::{Code, Refused, ensure},
    vocabulary::ClientId,
};

pub use assertion::{
    ASSERTION_TYPE, Assertion, AssertionClaims, Endpoints, Proven, check as check_assertion,
    read as read_assertion,
};
pub use secret::{BasicCredentials, basic};

/// A client that has proven who it is; only [`authenticate`] and [`Proven`] make one.
#[derive(Debug, Clone)]
pub struct AuthenticatedClient(Arc<Client>);

impl AuthenticatedClient {
    /// Its `client_id`.
    #[must_use]
    pub fn id(&self) -> &ClientId {
        &self.0.id
    }

    /// The client, to be kept.
    #[must_use]
    pub const fn shared(&self) -> &Arc<Client> {
        &self.0
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0
    }

    #[cfg(test)]
    pub(crate) fn proven(client: Client) -> Self {
        Self(Arc::new(client))
    }
}

/// What a request presents to prove who its client is: one method, or it was refused.
#[derive(Clone)]
pub enum Presented {
    /// `client_id` alone.
    None(ClientId),
    /// The `Authorization` header.
    Basic(BasicCredentials),
    /// `client_id` and `client_secret` in the form.
    Post(ClientId, String),
    /// A client assertion (RFC 7521 §4.2).
    Assertion(Box<Assertion>),
}

impl std::fmt::Debug for Presented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.method())
    }
}

/// The parts of a request that methods are read from; each absent unless sent.
#[derive(Clone, Copy, Default)]
pub struct Parts<'a> {
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// `client_id`.
    pub client_id: Option<&'a str>,
    /// `client_secret`.
    pub client_secret: Option<&'a str>,
    /// `client_assertion_type`.
    pub assertion_type: Option<&'a str>,
    /// `client_assertion`.
    pub assertion: Option<&'a str>,
}

impl Presented {
    /// Reads the one method that a request uses (OC-1-04, J13).
    ///
    /// # Errors
    /// `invalid_request` for two methods, `invalid_client` for none or for credentials that cannot be read.
    pub fn read(parts: Parts<'_>) -> Result<Self, Refused> {
        let basic = parts.authorization.and_then(|header| secret::after_basic(header));
        let asserted = parts.assertion.is_some() || parts.assertion_type.is_some();
        let methods = [basic.is_some(), parts.client_secret.is_some(), asserted];
        ensure(
            methods.into_iter().filter(|used| *used).count() < 2,
            Refused::new(
                Code::InvalidRequest,
                "use one method of client authentication, not several",
            ),
        )?;
        let named = parts.client_id.map(client_id).transpose()?;
        if let Some(encoded) = basic {
            let credentials = secret::basic(encoded)?;
            let agrees = named.is_none_or(|named| credentials.ids().any(|id| id == named.as_str()));
            ensure(agrees, refused("client_id is not the one in the Authorization header"))?;
            return Ok(Self::Basic(credentials));
        }
        if asserted {
            return assertion::read(parts.assertion_type, parts.assertion, named)
                .map(|read| Self::Assertion(Box::new(read)));
        }
        let id = named
            .ok_or_else(|| refused("the client did not say who it is: client_id is missing"))?;
        Ok(match parts.client_secret {
            Some(secret) => Self::Post(id, secret.to_owned()),
            None => Self::None(id),
        })
    }

    /// The ids that the client may be registered under: two where Basic can be read in two ways (D-23).
    #[must_use]
    pub fn client_ids(&self) -> Vec<ClientId> {
        match self {
            Self::None(id) | Self::Post(id, _) => vec![id.clone()],
            Self::Basic(basic) => basic.ids().filter_map(|id| ClientId::parse(id).ok()).collect(),
            Self::Assertion(assertion) => vec![assertion.client_id().clone()],
        }
    }

    /// The method, as `token_endpoint_auth_method` spells it.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self {
            Self::None(_) => "none",
            Self::Basic(_) => "client_secret_basic",
            Self::Post(..) => "client_secret_post",
            Self::Assertion(_) => "private_key_jwt",
        }
    }
}

/// Decides whether what was presented proves this client. Assertions are proven by [`check_assertion`],
/// since their keys may have to be fetched and their `jti` remembered.
///
/// # Errors
/// `invalid_client`; the sentence is for the developer and tells nothing about secrets.
pub fn authenticate(
    presented: &Presented,
    client: Option<Arc<Client>>,
    proven: Option<Proven>,
) -> Result<AuthenticatedClient, Refused> {
    let client = client.ok_or_else(|| refused("client authentication failed"))?;
    ensure(client.status == Status::Active, refused("this client is disabled"))?;
    let right = match (&client.auth, presented) {
        (ClientAuth::None, Presented::None(_)) => true,
        (ClientAuth::Secret { method: SecretMethod::Basic, live }, Presented::Basic(basic)) => {
            basic.proves(&client.id, live)
        }
        (ClientAuth::Secret { method: SecretMethod::Post, live }, Presented::Post(_, secret)) => {
            secret::any_matches(live, secret)
        }
        (ClientAuth::Keys { .. }, Presented::Assertion(_)) => {
            proven.is_some_and(|proven| proven.is_for(&client.id))
        }
        (
            ClientAuth::None | ClientAuth::Secret { .. } | ClientAuth::Keys { .. },
            Presented::None(_)
            | Presented::Basic(_)
            | Presented::Post(..)
            | Presented::Assertion(_),
        ) => {
            return Err(refused(&format!(
                "this client is registered for another method than {}",
                presented.method()
            )));
        }
    };
    ensure(right, refused("client authentication failed"))?;
    Ok(AuthenticatedClient(client))
}

fn client_id(text: &str) -> Result<ClientId, Refused> {
    ClientId::parse(text).map_err(|_| refused("client_id is not one"))
}

fn refused(sentence: &str) -> Refused {
    Refused::new(Code::InvalidClient, sentence)
}

#[cfg(test)]
mod tests;
