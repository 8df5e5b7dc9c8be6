//! What an app does: builds authorization requests, asks for tokens.

use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;

/// The PKCE verifier of RFC 7636 appendix B; tests need no secrecy.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Its challenge.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An app.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    /// Its `client_id`.
    pub id: String,
    /// Its secret, sent by Basic, where it has one.
    pub secret: Option<String>,
    /// Where answers go.
    pub redirect_uri: String,
    /// What it asks.
    pub scope: String,
    /// The FHIR base it asks it for.
    pub aud: String,
}

/// What the token endpoint, or another, answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: String,
    /// The JSON; null where there was none.
    pub json: Value,
}

impl Client {
    /// A public app.
    #[must_use]
    pub fn public(id: &str, scope: &str, aud: &str) -> Self {
        super::install_crypto();
        Self {
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build()
                .unwrap(),
            id: id.to_owned(),
            secret: None,
            redirect_uri: "http://127.0.0.1:9/cb".to_owned(),
            scope: scope.to_owned(),
            aud: aud.to_owned(),
        }
    }

    /// An app that has a secret.
    #[must_use]
    pub fn confidential(id: &str, secret: &str, scope: &str, aud: &str) -> Self {
        Self { secret: Some(secret.to_owned()), ..Self::public(id, scope, aud) }
    }

    /// The same app under another `client_id`.
    #[must_use]
    pub fn called(mut self, id: &str) -> Self {
        id.clone_into(&mut self.id);
        self
    }

    /// The same app with another address for its answers.
    #[must_use]
    pub fn answered_at(mut self, redirect_uri: &str) -> Self {
        redirect_uri.clone_into(&mut self.redirect_uri);
        self
    }

    /// The metadata to import it with.
    #[must_use]
    pub fn metadata(&self) -> Value {
        serde_json::json!({
            "client_id": self.id,
            "client_secret": self.secret,
            "token_endpoint_auth_method": if self.secret.is_some() { "client_secret_basic" } else { "none" },
            "redirect_uris": [self.redirect_uri],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": self.scope,
        })
    }

    /// The URL of an authorization request; later parameters replace earlier ones of their name, `""` removes them.
    #[must_use]
    pub fn authorize_url(&self, issuer: &str, changed: &[(&str, &str)]) -> String {
        let good = [
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.scope),
            ("state", "state-1"),
            ("aud", &self.aud),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let kept = good.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
        let all = kept.chain(changed).filter(|(_, value)| !value.is_empty());
        url::Url::parse_with_params(&format!("{issuer}/authorize"), all).unwrap().into()
    }

    /// Redeems a code at a node.
    pub async fn redeem(&self, node: &str, code: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        self.token(node, &form).await
    }

    /// Refreshes at a node.
    pub async fn refresh(&self, node: &str, token: &str) -> Answer {
        self.token(node, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// A token request.
    pub async fn token(&self, node: &str, form: &[(&str, &str)]) -> Answer {
        self.post(&format!("{node}/token"), form).await
    }

    /// A form to an endpoint, as this client.
    pub async fn post(&self, url: &str, form: &[(&str, &str)]) -> Answer {
        let mut form = form.to_vec();
        let mut request = self.http.post(url);
        match &self.secret {
            Some(secret) => request = request.basic_auth(&self.id, Some(secret)),
            None => form.push(("client_id", &self.id)),
        }
        read(request.form(&form).send().await.unwrap()).await
    }

    /// A form that says nothing of who sends it but what is in it.
    pub async fn post_as_nobody(&self, url: &str, form: &[(&str, &str)]) -> Answer {
        read(self.http.post(url).form(form).send().await.unwrap()).await
    }

    /// JSON with a bearer token.
    pub async fn post_json(&self, url: &str, token: &str, body: &Value) -> Answer {
        read(self.http.post(url).bearer_auth(token).json(body).send().await.unwrap()).await
    }

    /// Any other request, once it is built.
    pub async fn send(
        &self,
        build: impl FnOnce(&reqwest::Client) -> reqwest::RequestBuilder,
    ) -> Answer {
        read(build(&self.http).send().await.unwrap()).await
    }

    /// A GET with a bearer token.
    pub async fn get(&self, url: &str, token: &str) -> Answer {
        read(self.http.get(url).bearer_auth(token).send().await.unwrap()).await
    }
}

impl Answer {
    /// Status and error code: `400 invalid_grant`.
    #[must_use]
    pub fn refusal(&self) -> String {
        format!("{} {}", self.status.as_u16(), self.json["error"].as_str().unwrap_or_default())
    }

    /// A header; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A text of the JSON.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.json[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name} in {} {}", self.status, self.json))
    }
}

async fn read(answer: reqwest::Response) -> Answer {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.text().await.unwrap();
    let json = serde_json::from_str(&body).unwrap_or_default();
    Answer { status, headers, body, json }
}
