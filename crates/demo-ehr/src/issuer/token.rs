//! The token endpoint: a code redeemed, a session renewed, the EHR's own token (RFC 6749 §4.1.3, §6, §4.4).

use serde::Deserialize;

use super::{Caller, Issuer, Metadata, assertion};
use crate::{
    config::{CALLBACK_PATH, LAUNCH_SCOPE},
    failure::Failure,
    remote::Reply,
    session::Tokens,
};

/// What a code was redeemed for.
pub(crate) struct Redeemed {
    pub(crate) tokens: Tokens,
    pub(crate) id_token: String,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    refresh_token: Option<String>,
    id_token: Option<String>,
    expires_in: Option<i64>,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

impl Issuer {
    /// Redeems the code of a sign-in.
    pub(crate) async fn redeem(
        &self,
        by: Caller<'_>,
        metadata: &Metadata,
        code: &str,
        verifier: &str,
    ) -> Result<Redeemed, Failure> {
        let redirect_uri = by.config.address_of(CALLBACK_PATH);
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", verifier),
        ];
        let answer = ask(by, metadata, &form).await?;
        let id_token = answer.id_token.clone();
        let id_token =
            id_token.ok_or_else(|| Failure::elsewhere(&"no ID token came with the code"))?;
        Ok(Redeemed { tokens: answer.tokens(by.sources.now(), None), id_token })
    }

    /// Renews a session's token. The successor of the refresh token replaces it where there is one.
    pub(crate) async fn renew(
        &self,
        by: Caller<'_>,
        metadata: &Metadata,
        refresh: &str,
    ) -> Result<Tokens, Failure> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let answer = ask(by, metadata, &form).await?;
        Ok(answer.tokens(by.sources.now(), Some(refresh)))
    }

    /// The EHR's own access token, to register launch contexts with.
    pub(crate) async fn own_token(&self, by: Caller<'_>) -> Result<String, Failure> {
        let mut held = self.own_token.lock().await;
        let now = by.sources.now();
        if let Some(tokens) = held.as_ref().filter(|tokens| now < tokens.renew_at) {
            return Ok(tokens.access.clone());
        }
        let metadata = self.metadata(now).await?;
        let form = [("grant_type", "client_credentials"), ("scope", LAUNCH_SCOPE)];
        let tokens = ask(by, &metadata, &form).await?.tokens(now, None);
        let access = tokens.access.clone();
        *held = Some(tokens);
        Ok(access)
    }

    /// Forgets the EHR's own token, because it was refused.
    pub(crate) async fn forget_own_token(&self) {
        *self.own_token.lock().await = None;
    }
}

async fn ask(
    by: Caller<'_>,
    metadata: &Metadata,
    form: &[(&str, &str)],
) -> Result<Answer, Failure> {
    let endpoint = &metadata.token_endpoint;
    let proof =
        assertion::make(&by.config.key, &by.config.client_id, endpoint.as_str(), by.sources)?;
    let mut form = form.to_vec();
    form.push(("client_assertion_type", assertion::TYPE));
    form.push(("client_assertion", &proof));
    read(&by.remote.post_form(endpoint, &form).await?)
}

fn read(reply: &Reply) -> Result<Answer, Failure> {
    if reply.status == 200 {
        return serde_json::from_slice(&reply.body).map_err(|fault| Failure::elsewhere(&fault));
    }
    let refused: Option<Refused> = serde_json::from_slice(&reply.body).ok();
    match refused {
        // The code or refresh token is spent, ended or withdrawn: signing in again heals it.
        Some(refused) if refused.error == "invalid_grant" => Err(Failure::SessionEnded),
        Some(refused) => {
            Err(Failure::elsewhere(&format!("the token endpoint says {}", refused.error)))
        }
        None => Err(Failure::elsewhere(&format!("the token endpoint answers {}", reply.status))),
    }
}

impl Answer {
    fn tokens(self, now: i64, former: Option<&str>) -> Tokens {
        let refresh = self.refresh_token.or_else(|| former.map(str::to_owned));
        let lifetime = self.expires_in.unwrap_or(DEFAULT_LIFETIME).clamp(0, LONGEST);
        Tokens::new(self.access_token, refresh, lifetime, now)
    }
}

/// What is assumed where the answer leaves `expires_in` out.
const DEFAULT_LIFETIME: i64 = 60;
const LONGEST: i64 = 86_400;
