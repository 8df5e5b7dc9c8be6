//! From a token to its claims: the one thing that a server may want to do in its own way.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use fireward_fhir::Access;
use fireward_jose::{Unverified, sha256};
use fireward_outbound::{Fault, Outbound};
use fireward_scopes::{Scope, ScopeSet};
use serde_json::{Map, Value};

use crate::claims::{Source, StatusAt};
use crate::failed::Check;
use crate::introspect::Known;
use crate::issuer::Issuer;
use crate::memory::{Digest, Memory, Remembered};
use crate::token::{TokenClaims, precheck};
use crate::{Claims, Config, Failed, Refusal, TokenFormat};

/// What becomes of a token, some time later.
pub type Handled<'a> = Pin<Box<dyn Future<Output = Result<Arc<Claims>, Refusal>> + 'a>>;

/// Turns a token into its claims. Each endpoint has one; whatever it is, the guard asks for expiry, binding and proof
/// afterwards, and the record layer for a permit, which is made of nothing but these claims.
pub trait TokenHandler: Send + Sync {
    /// The claims of a token, once it is known whose it is, that it is for this server, and that it was not revoked.
    /// `now` is in seconds since 1970.
    fn handle<'a>(&'a self, token: &'a str, now: i64) -> Handled<'a>;
}

/// The handler of every endpoint that has no other: JWTs by their issuer's keys, other tokens by introspection.
pub struct Issuers {
    config: Arc<Config>,
    trusted: Vec<Issuer>,
    memory: Memory,
}

impl TokenHandler for Issuers {
    fn handle<'a>(&'a self, token: &'a str, now: i64) -> Handled<'a> {
        Box::pin(self.read(token, now))
    }
}

impl Issuers {
    /// Fetches nothing until it is asked.
    #[must_use]
    pub fn new(config: Arc<Config>, outbound: &Arc<Outbound>) -> Self {
        let made = |trusted: &crate::Trusted| Issuer::new(trusted.clone(), &config, outbound);
        let trusted = config.issuers.iter().map(made).collect();
        Self { memory: Memory::new(&config), trusted, config }
    }

    /// The issuer whose documents this server republishes.
    pub(crate) fn home(&self) -> Option<&Issuer> {
        self.trusted.first()
    }

    async fn read(&self, token: &str, now: i64) -> Result<Arc<Claims>, Refusal> {
        let digest = sha256(token);
        let known = match self.memory.recall(&digest, now) {
            Some(known) => known,
            None => self.check((token, digest), now).await?,
        };
        if let (Some(at), Some(issuer)) = (&known.claims.status, self.trusted.get(known.issuer)) {
            issuer.ask_status(at, now).await?;
        }
        Ok(known.claims)
    }

    async fn check(
        &self,
        (token, digest): (&str, Digest),
        now: i64,
    ) -> Result<Remembered, Refusal> {
        let Ok(unverified) = Unverified::<Map<String, Value>>::parse(token) else {
            return self.opaque((token, digest), now).await;
        };
        let iss = unverified.peek().get("iss").and_then(Value::as_str).unwrap_or_default();
        let mut issuers = self.trusted.iter().enumerate();
        let (place, issuer) = issuers
            .find(|(_, issuer)| issuer.trusted.issuer == iss)
            .ok_or_else(|| Check::Issuer.failed("it is from another issuer"))?;
        if issuer.trusted.format == TokenFormat::Introspection {
            return self.introspected((place, issuer), (token, digest), now).await;
        }
        let claims = self.signed(issuer, unverified, now).await?;
        let known = Remembered { claims: Arc::new(claims), issuer: place, checked_at: now };
        self.memory.remember(digest, known.clone());
        Ok(known)
    }

    async fn signed(
        &self,
        issuer: &Issuer,
        token: Unverified<Map<String, Value>>,
        now: i64,
    ) -> Result<Claims, Refusal> {
        let trusted = &issuer.trusted;
        precheck(token.header(), token.peek(), trusted)?;
        let claims = TokenClaims::of(token.peek())?;
        claims.is_for(&self.config, trusted)?;
        let (alg, kid) = (token.header().alg, token.header().kid.clone());
        let keys = issuer.keys_with(alg, kid.as_deref(), now).await;
        let keys = keys.map_err(|fault| unreachable(issuer, &fault))?;
        let key = keys.select(alg, kid.as_deref()).map_err(|_| {
            Check::Key.failed("it is signed with a key that its issuer does not publish")
        })?;
        let verified = token.verify(key, &trusted.algorithms);
        let verified = verified.map_err(|_| Check::Signature.failed("its signature is invalid"))?;
        Ok(self.believed((issuer, Source::Signature), claims, verified.into_claims())?)
    }

    async fn opaque(&self, token: (&str, Digest), now: i64) -> Result<Remembered, Refusal> {
        let mut issuers = self.trusted.iter().enumerate();
        // One alone: a token that is nobody's must not be shown around.
        let asked = issuers.find(|(_, issuer)| issuer.trusted.format != TokenFormat::Jwt);
        let why = "it is no JWT that is accepted here, and opaque tokens are not looked into";
        let asked = asked.ok_or_else(|| Check::Form.failed(why))?;
        self.introspected(asked, token, now).await
    }

    async fn introspected(
        &self,
        (place, issuer): (usize, &Issuer),
        token: (&str, Digest),
        now: i64,
    ) -> Result<Remembered, Refusal> {
        let answer = match issuer.answers.about(issuer, token, now).await {
            Known::Active(answer) => answer,
            Known::Inactive => {
                return Err(Check::Active.failed("its issuer says that it is not active").into());
            }
            Known::Silent => return Err(Refusal::Unavailable(ASKED)),
        };
        let claims = TokenClaims::of(&answer)?;
        let iss = answer.get("iss").is_none_or(|iss| *iss == *issuer.trusted.issuer);
        Check::Issuer.ensure(iss, "it is from another issuer")?;
        claims.is_for(&self.config, &issuer.trusted)?;
        let raw = Map::clone(&answer);
        let claims = self.believed((issuer, Source::Introspection), claims, raw)?;
        Ok(Remembered { claims: Arc::new(claims), issuer: place, checked_at: now })
    }

    /// Claims of a token that is proven.
    fn believed(
        &self,
        (issuer, source): (&Issuer, Source),
        mut claims: TokenClaims,
        raw: Map<String, Value>,
    ) -> Result<Claims, Failed> {
        if let Some(cap) = &issuer.trusted.cap {
            claims.access.scope = capped(&claims.access.scope, cap);
        }
        let status = claims.status()?;
        Ok(Claims {
            times: claims.times(),
            binding: claims.binding(),
            status: status.map(|at| StatusAt { list: at.uri.into(), index: at.idx }),
            access: Access::of(&claims.access, &self.config.audience)
                .issued_by(&issuer.trusted.issuer),
            source,
            raw,
        })
    }
}

/// What of the scopes lies within the most that an issuer may give.
fn capped(scopes: &str, cap: &ScopeSet) -> String {
    let asked = ScopeSet::sift(scopes).unwrap_or_default().known;
    let within = |scope: &Scope| {
        if cap.covers(scope) {
            return vec![scope.clone()];
        }
        cap.iter().filter_map(|limit| scope.narrow(limit)).collect()
    };
    asked.iter().flat_map(within).collect::<ScopeSet>().to_string()
}

fn unreachable(issuer: &Issuer, fault: &Fault) -> Refusal {
    tracing::error!(issuer = issuer.trusted.issuer, %fault, "the issuer's keys cannot be had");
    Refusal::Unavailable(ASKED)
}

const ASKED: &str = "the issuer of the token cannot be reached now";

impl std::fmt::Debug for Issuers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuers").field("config", &self.config).finish_non_exhaustive()
    }
}
