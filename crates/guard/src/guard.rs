//! From what a request shows to what it may do.

use std::sync::Arc;

use actix_web::HttpRequest;
use fireward_fhir::{Access, AccessClaims};
use fireward_outbound::{Fault, Fetched, Outbound};
use serde::Deserialize as _;
use serde_json::{Map, Value, json};
use url::Url;

use crate::basic::{Account, Passwords};
use crate::claims::Source;
use crate::handler::{Issuers, TokenHandler};
use crate::issuer::Endpoints;
use crate::presented::{Presented, Scheme, Taken, presented};
use crate::refusal::Manner;
use crate::resource::metadata_address;
use crate::token::{Binding, Times};
use crate::{Check, Claims, Config, Failed, Protection, Refusal, certificate, dpop, nonce};

/// Tells the time, in seconds since 1970.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// One resource server's trust. Shared by all workers.
pub struct Guard {
    config: Arc<Config>,
    issuers: Arc<Issuers>,
    handler: Arc<dyn TokenHandler>,
    proofs: dpop::Used,
    passwords: Option<Passwords>,
    manner: Arc<Manner>,
    clock: Clock,
}

/// Who may go on.
pub(crate) struct Admitted {
    pub(crate) claims: Arc<Claims>,
    pub(crate) scheme: Option<Scheme>,
}

/// Who may not, and how they had shown a token.
pub(crate) struct Turned {
    pub(crate) refusal: Refusal,
    pub(crate) scheme: Option<Scheme>,
}

impl Guard {
    /// A guard that fetches nothing until it is asked.
    #[must_use]
    pub fn new(config: Config, outbound: &Arc<Outbound>, clock: Clock) -> Self {
        let config = Arc::new(config);
        let issuers = Arc::new(Issuers::new(Arc::clone(&config), outbound));
        Self {
            manner: Arc::new(Manner {
                realm: config.audience.clone(),
                metadata: metadata_address(&config),
                algs: config.dpop.algs(),
                basic: config.basic.is_some(),
                tokens: !config.issuers.is_empty(),
            }),
            handler: Arc::clone(&issuers) as Arc<dyn TokenHandler>,
            issuers,
            proofs: dpop::Used::new(&config.dpop),
            passwords: config.basic.as_ref().map(Passwords::new),
            config,
            clock,
        }
    }

    /// The same guard with another way from tokens to claims.
    #[must_use]
    pub fn with_handler(mut self, handler: Arc<dyn TokenHandler>) -> Self {
        self.handler = handler;
        self
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What a token says that comes without a request, as on a command line: it must be a bearer's.
    ///
    /// # Errors
    /// The token is not accepted, or its issuer cannot be reached to ask for its keys.
    pub async fn admit(&self, token: &str) -> Result<Arc<Claims>, Refusal> {
        let now = self.now();
        let claims = self.handler.handle(token, now).await?;
        claims.times.are_now(self.config.skew, now)?;
        unbound(&claims.binding)?;
        Ok(claims)
    }

    /// The endpoints of the issuer at home, from its metadata.
    ///
    /// # Errors
    /// The issuer cannot be reached, or is another, or there is none.
    pub async fn endpoints(&self) -> Result<Arc<Endpoints>, Fault> {
        let home = self.issuers.home().ok_or_else(nobody)?;
        home.endpoints(self.now()).await
    }

    /// The smart-configuration that the issuer at home has for this server, with the time it was fetched and until
    /// when it may be kept.
    ///
    /// # Errors
    /// The issuer cannot be reached, or has none, or there is no issuer.
    pub async fn smart_configuration(&self) -> Result<Arc<Fetched<bytes::Bytes>>, Fault> {
        let home = self.issuers.home().ok_or_else(nobody)?;
        home.smart_configuration(self.now()).await
    }

    pub(crate) fn handler(&self) -> &dyn TokenHandler {
        &*self.handler
    }

    pub(crate) fn manner(&self) -> &Arc<Manner> {
        &self.manner
    }

    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// The nonce that the next proof must hold, where one must.
    pub(crate) fn nonce(&self) -> Option<String> {
        self.config.dpop.nonce.as_ref().map(|settings| nonce::make(settings, self.now()))
    }

    /// Checks what a request shows.
    pub(crate) async fn check(&self, request: &HttpRequest) -> Result<Admitted, Turned> {
        let now = self.now();
        let nobodys = |refusal| Turned { refusal, scheme: None };
        if self.config.protection == Protection::Off {
            let claims = everything(&self.config.audience).map_err(nobodys)?;
            return Ok(Admitted { claims: Arc::new(claims), scheme: None });
        }
        let taken = Taken { basic: self.passwords.is_some(), both: self.config.dual_credentials };
        let shown = presented(request.headers(), request.query_string(), taken).map_err(nobodys)?;
        let scheme = shown.token.map(|(scheme, _)| scheme);
        let checked = self.check_shown(request, shown, now).await;
        let claims = checked.map_err(|refusal| Turned { refusal, scheme })?;
        Ok(Admitted { claims, scheme })
    }

    async fn check_shown(
        &self,
        request: &HttpRequest,
        shown: Presented<'_>,
        now: i64,
    ) -> Result<Arc<Claims>, Refusal> {
        let account = match (shown.basic, &self.passwords) {
            (Some(basic), Some(passwords)) => {
                let address = request.peer_addr().map(|peer| peer.ip());
                Some(passwords.check(basic, address, now).await?)
            }
            (_, None) | (None, _) => None,
        };
        // Of both, the token says what is allowed.
        match (shown.token, account) {
            (Some(token), _) => self.check_token(request, token, now).await,
            (None, Some(account)) => Ok(Arc::new(self.of_account(account, now))),
            (None, None) => Err(Check::Presence.failed("an access token is needed").into()),
        }
    }

    async fn check_token(
        &self,
        request: &HttpRequest,
        (scheme, token): (Scheme, &str),
        now: i64,
    ) -> Result<Arc<Claims>, Refusal> {
        let claims = self.handler.handle(token, now).await?;
        claims.times.are_now(self.config.skew, now)?;
        let (key, certificate) = match &claims.binding {
            Binding::Bearer => (None, None),
            Binding::Key(key) => (Some(key), None),
            Binding::Certificate(certificate) => (None, Some(certificate)),
            Binding::Both { key, certificate } => (Some(key), Some(certificate)),
            Binding::Unknown => return Err(unknown_binding().into()),
        };
        if let Some(bound) = certificate {
            let shown = certificate::thumbprint(request, &self.config.certificates);
            let why = "it is bound to a certificate, and the connection does not show that";
            Check::Binding.ensure(shown.as_ref() == Some(bound), why)?;
        }
        match (key, scheme) {
            (Some(thumbprint), Scheme::DPoP) => {
                self.check_proof(request, (token, thumbprint), now)?;
            }
            (None, Scheme::Bearer) => {}
            (Some(_), Scheme::Bearer) => return Err(no_proof().into()),
            (None, Scheme::DPoP) => {
                return Err(Check::Binding
                    .failed("it is shown with DPoP and bound to no key")
                    .into());
            }
        }
        Ok(claims)
    }

    fn check_proof(
        &self,
        request: &HttpRequest,
        (token, thumbprint): (&str, &str),
        now: i64,
    ) -> Result<(), Refusal> {
        let mut lines = request.headers().get_all("DPoP");
        let proof = lines.next().and_then(|line| line.to_str().ok());
        let proof = proof.ok_or_else(|| Check::Proof.failed("there is none"))?;
        Check::Proof.ensure(lines.next().is_none(), "there are several")?;
        let url = self.url_of(request).ok_or(Refusal::BadRequest("the address cannot be read"))?;
        let about = dpop::About { method: request.method().as_str(), url: &url, token, thumbprint };
        let proof = dpop::check(proof, about, &self.config.dpop, now)?;
        self.proofs.spend(&proof, now)
    }

    /// As clients know it: this server's base is configured and never guessed from a request (H1).
    fn url_of(&self, request: &HttpRequest) -> Option<Url> {
        let mut url = Url::parse(&self.config.audience).ok()?;
        url.set_path(request.uri().path());
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    }

    fn of_account(&self, account: &Account, now: i64) -> Claims {
        let expires_at = now.saturating_add(self.config.remember);
        let mut raw = account.claims.clone();
        let access = Access::of_account(&account.username, raw.clone(), expires_at);
        raw.insert("sub".to_owned(), json!(account.username));
        Claims {
            times: Times { not_before: None, expires_at },
            binding: Binding::Bearer,
            status: None,
            source: Source::Password,
            access,
            raw,
        }
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("config", &self.config).finish_non_exhaustive()
    }
}

/// A bound token shown without proof of its key is a stolen one (RFC 9449 §7.2, RFC 8705 §3).
fn unbound(binding: &Binding) -> Result<(), Failed> {
    match binding {
        Binding::Bearer => Ok(()),
        Binding::Key(_) | Binding::Both { .. } | Binding::Certificate(_) => Err(no_proof()),
        Binding::Unknown => Err(unknown_binding()),
    }
}

fn no_proof() -> Failed {
    Check::Binding.failed("it is bound to a key, and possession of the key is not shown")
}

fn unknown_binding() -> Failed {
    Check::Binding.failed("it is bound to a key in a way that is not known here")
}

/// What everybody may do at a server that asks nobody.
fn everything(base: &str) -> Result<Claims, Refusal> {
    let claims = json!({ "scope": "system/*.cruds", "client_id": "anybody", "exp": i64::MAX });
    let raw: Map<String, Value> = claims.as_object().cloned().unwrap_or_default();
    let claims = AccessClaims::deserialize(&raw)
        .map_err(|_| Refusal::Unavailable("this server is not configured well"))?;
    Ok(Claims {
        times: Times { not_before: None, expires_at: claims.exp.0 },
        access: Access::of(&claims, base),
        binding: Binding::Bearer,
        status: None,
        source: Source::Unprotected,
        raw,
    })
}

fn nobody() -> Fault {
    Fault::Unusable("no issuer is trusted".to_owned())
}
