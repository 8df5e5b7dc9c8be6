//! Access tokens by signed assertions (SMART App Launch 2.2, backend-services).

use fireward_jose::{SigningKey, backend::rand::SystemRandom};
use fireward_oauth::{Jti, client::auth::ASSERTION_TYPE};
use fireward_outbound::{Configured, Credentials, Outbound, Verb};
use serde_json::{Value, json};

use crate::{clock, entropy::SystemEntropy, fault::Fault};

/// A backend service at one FHIR server.
pub(crate) struct Backend {
    pub(super) outbound: Outbound,
    pub(super) fhir: String,
    client: String,
    key: SigningKey,
    scope: String,
    random: SystemRandom,
    token_endpoint: Configured,
    token: Option<(String, i64)>,
}

impl Backend {
    /// Asks the FHIR server where tokens are had.
    ///
    /// # Errors
    /// It does not say.
    pub(crate) async fn new(
        fhir: &str,
        (client, key): (&str, SigningKey),
        scope: String,
        outbound: Outbound,
    ) -> Result<Self, Fault> {
        let fhir = fhir.trim_end_matches('/').to_owned();
        let at = configured(&format!("{fhir}/.well-known/smart-configuration"))?;
        let headers = [("accept", "application/json")];
        let found = outbound.request((Verb::Get, &at), &headers, Credentials::None, DOCUMENT).await;
        let found = found.map_err(|why| Fault::Other(format!("{}: {why}", text(&at))))?;
        let document: Value = found.json().unwrap_or_default();
        let endpoint = document.get("token_endpoint").and_then(Value::as_str);
        let endpoint = endpoint.filter(|_| found.status == 200).ok_or_else(|| {
            Fault::Other(format!("{} names no token_endpoint (status {})", text(&at), found.status))
        })?;
        let token_endpoint = configured(endpoint)?;
        let (client, random) = (client.to_owned(), SystemRandom::new());
        Ok(Self { outbound, fhir, client, key, scope, random, token_endpoint, token: None })
    }

    /// A token that lives for a while yet.
    ///
    /// # Errors
    /// It is refused.
    pub(crate) async fn token(&mut self) -> Result<String, Fault> {
        let now = clock::now().unix();
        if let Some((token, until)) = &self.token
            && now < *until
        {
            return Ok(token.clone());
        }
        let endpoint = text(&self.token_endpoint);
        let jti = Jti::draw(&SystemEntropy::new());
        let claims = json!({
            "iss": self.client, "sub": self.client, "aud": endpoint, "iat": now, "exp": now + 240,
            "jti": jti.to_string(),
        });
        let assertion = self.key.sign("JWT", &claims, &self.random);
        let assertion = assertion.map_err(|why| Fault::Other(why.to_string()))?;
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", self.scope.as_str()),
            // Where an issuer serves several FHIR servers (RFC 8707); others pay no heed to it.
            ("resource", self.fhir.as_str()),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ];
        let nobody = Credentials::None;
        let answer = self.outbound.post_form(&self.token_endpoint, &form, nobody, DOCUMENT).await;
        let answer = answer.map_err(|why| Fault::Other(format!("{endpoint}: {why}")))?;
        let said: Value = answer.json().unwrap_or_default();
        let member = |name: &str| said.get(name).and_then(Value::as_str).map(str::to_owned);
        let Some(token) = member("access_token").filter(|_| answer.status == 200) else {
            let (error, why) = (member("error"), member("error_description"));
            return Err(Fault::Other(format!(
                "no token for {}: {} {} {}",
                self.client,
                answer.status,
                error.unwrap_or_default(),
                why.unwrap_or_default()
            )));
        };
        let lifetime = said.get("expires_in").and_then(Value::as_i64).unwrap_or(60);
        self.token = Some((token.clone(), now.saturating_add(lifetime / 2)));
        Ok(token)
    }
}

pub(super) fn configured(url: &str) -> Result<Configured, Fault> {
    Configured::new(url).map_err(|why| Fault::Other(format!("{url}: {why}")))
}

pub(super) fn text(at: &Configured) -> String {
    fireward_outbound::Address::url(at).to_string()
}

const DOCUMENT: usize = 256 * 1024;
