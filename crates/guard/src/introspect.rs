//! Asking the issuer about a token (RFC 7662), and keeping what it says for a moment.

use std::sync::Arc;
use std::time::Duration;

use fireward_jose::{b64, json};
use fireward_outbound::{Answer, Configured, Credentials, Fault};
use moka::future::Cache;
use serde_json::{Map, Value, json};

use crate::issuer::Issuer;
use crate::memory::Digest;
use crate::{Credential, Introspection};

/// What the issuer said of tokens. One asks and the others wait, however many ask at once.
pub(crate) struct Answers {
    kept: Cache<Digest, Kept>,
}

/// What is known of a token.
#[derive(Debug, Clone)]
pub(crate) enum Known {
    /// It is active, and this is what the issuer says.
    Active(Arc<Map<String, Value>>),
    /// It is not.
    Inactive,
    /// The issuer gave no answer.
    Silent,
}

#[derive(Debug, Clone)]
struct Kept {
    said: Known,
    until: i64,
}

impl Answers {
    pub(crate) fn new(settings: Option<&Introspection>) -> Self {
        let most = settings.map_or(0, |settings| settings.at_most);
        let longest = settings.map_or(0, |settings| settings.keep.max(settings.keep_inactive));
        // The cache's own clock only frees memory; what counts is asked of ours.
        let longest = Duration::from_secs(u64::try_from(longest).unwrap_or(0).max(SILENT_MEMORY));
        Self { kept: Cache::builder().max_capacity(most).time_to_live(longest).build() }
    }

    /// What the issuer says of a token, at most as old as configured.
    pub(crate) async fn about(
        &self,
        issuer: &Issuer,
        (token, digest): (&str, Digest),
        now: i64,
    ) -> Known {
        let Some(settings) = &issuer.trusted.introspection else {
            tracing::error!(issuer = issuer.trusted.issuer, "no credential for introspection");
            return Known::Silent;
        };
        let asked = async {
            let said = ask(issuer, settings, token, now).await;
            let until = now.saturating_add(match &said {
                Known::Active(_) => settings.keep,
                Known::Inactive => settings.keep_inactive,
                Known::Silent => SILENT,
            });
            Kept { said, until }
        };
        let entry = self.kept.entry(digest);
        entry.or_insert_with_if(asked, |kept| now >= kept.until).await.into_value().said
    }
}

async fn ask(issuer: &Issuer, settings: &Introspection, token: &str, now: i64) -> Known {
    let asked = async {
        let at = issuer.introspection_address(settings.endpoint.as_ref(), now).await?;
        post(issuer, (&at, settings), token, now).await
    };
    match asked.await.and_then(|answer| read(&answer)) {
        Ok(Some(members)) => Known::Active(Arc::new(members)),
        Ok(None) => Known::Inactive,
        Err(fault) => {
            tracing::error!(issuer = issuer.trusted.issuer, %fault, "the issuer could not be asked about a token");
            Known::Silent
        }
    }
}

async fn post(
    issuer: &Issuer,
    (at, settings): (&Configured, &Introspection),
    token: &str,
    now: i64,
) -> Result<Answer, Fault> {
    let mut fields = vec![("token", token), ("token_type_hint", "access_token")];
    match &settings.credential {
        Credential::Secret { client, secret } => {
            let (client, secret) = (form(client), form(secret));
            let basic = Credentials::Basic(&client, &secret);
            issuer.outbound.post_form(at, &fields, basic, LONGEST).await
        }
        Credential::Key { client, .. } => {
            let assertion = settings.credential.assertion(&issuer.trusted.issuer, now)?;
            fields.extend([
                ("client_id", client.as_str()),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ("client_assertion", assertion.as_str()),
            ]);
            issuer.outbound.post_form(at, &fields, Credentials::None, LONGEST).await
        }
    }
}

/// `None` where the token is not active.
fn read(answer: &Answer) -> Result<Option<Map<String, Value>>, Fault> {
    match answer.status {
        200 => {}
        // A credential that is wrong is our fault and no token's.
        status => return Err(Fault::Status(status)),
    }
    let members: Map<String, Value> =
        json::from_slice(&answer.body).map_err(|e| Fault::Unusable(e.to_string()))?;
    match members.get("active") {
        Some(Value::Bool(true)) => Ok(Some(members)),
        Some(Value::Bool(false)) => Ok(None),
        _ => Err(Fault::Unusable("active is neither true nor false".to_owned())),
    }
}

impl Credential {
    /// An assertion for the issuer that lives a minute (RFC 7523 §3, SMART 2.2 "client-confidential-asymmetric").
    fn assertion(&self, audience: &str, now: i64) -> Result<String, Fault> {
        let Self::Key { client, key, random } = self else { return Ok(String::new()) };
        let mut id = [0; 16];
        let failed = |why: &str| Fault::Unusable(format!("no assertion could be made: {why}"));
        random.fill(&mut id).map_err(|_| failed("no entropy"))?;
        let claims = json!({
            "iss": client, "sub": client, "aud": audience,
            "jti": b64::encode(id), "iat": now, "exp": now.saturating_add(60),
        });
        key.sign("JWT", &claims, random.as_ref()).map_err(|e| failed(&e.to_string()))
    }
}

/// As RFC 6749 §2.3.1 has names and secrets in Basic.
fn form(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// How many octets an answer may have.
const LONGEST: usize = 64 * 1024;
/// For how many seconds an issuer that gave no answer is not asked again about the same token.
const SILENT: i64 = 2;
/// How long such a failure may be in memory, in seconds.
const SILENT_MEMORY: u64 = 16;
