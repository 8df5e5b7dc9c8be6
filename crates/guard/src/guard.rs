//! From a token to what it allows.

use std::sync::Arc;

use fireward_fhir::{Access, Denial};
use fireward_jose::{Unverified, Verified};
use fireward_outbound::{Fault, Fetched, Outbound};

use crate::issuer::{Endpoints, Issuer};
use crate::memory::{Memory, Remembered};
use crate::token::{Reason, TokenClaims, for_us, in_time, precheck};
use crate::{Config, Refusal};

/// Tells the time, in seconds since 1970.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// One resource server's trust in one issuer. Shared by all workers.
pub struct Guard {
    config: Config,
    issuer: Issuer,
    memory: Memory,
    clock: Clock,
}

impl Guard {
    /// A guard that fetches nothing until it is asked.
    #[must_use]
    pub fn new(config: Config, outbound: &Arc<Outbound>, clock: Clock) -> Self {
        let issuer = Issuer::new(&config, outbound);
        let memory = Memory::new(&config);
        Self { config, issuer, memory, clock }
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What a bearer token allows, if it is one for this server.
    ///
    /// # Errors
    /// The token is not accepted, or its issuer cannot be reached to ask for its keys.
    pub async fn admit(&self, token: &str) -> Result<Arc<Access>, Refusal> {
        let now = (self.clock)();
        let known = match self.memory.recall(token, now) {
            Some(known) => known,
            None => self.check(token, now).await?,
        };
        in_time(known.not_before, known.access.expires_at(), self.config.skew, now)
            .map_err(refused)?;
        Ok(known.access)
    }

    /// The issuer's endpoints, from its metadata.
    ///
    /// # Errors
    /// The issuer cannot be reached, or is another.
    pub async fn endpoints(&self) -> Result<Arc<Endpoints>, Fault> {
        self.issuer.endpoints((self.clock)()).await
    }

    /// The smart-configuration that the issuer has for this server, with the time it was fetched and until
    /// when it may be kept.
    ///
    /// # Errors
    /// The issuer cannot be reached, or has none.
    pub async fn smart_configuration(&self) -> Result<Arc<Fetched<bytes::Bytes>>, Fault> {
        self.issuer.smart_configuration((self.clock)()).await
    }

    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    async fn check(&self, token: &str, now: i64) -> Result<Remembered, Refusal> {
        let unverified = Unverified::<TokenClaims>::parse(token)
            .map_err(|_| refused("it is no access token of this issuer"))?;
        precheck(unverified.header(), unverified.peek(), &self.config).map_err(refused)?;
        if !for_us(unverified.peek(), &self.config) {
            let expected = self.config.audience.clone();
            return Err(Refusal::Denied(Denial::WrongAudience { expected }));
        }
        let verified = self.verify(unverified, now).await?;
        let claims = verified.claims();
        claims.is_bearer().map_err(refused)?;
        let known = Remembered {
            access: Arc::new(
                Access::of(&claims.access, &self.config.audience).issued_by(&claims.iss),
            ),
            not_before: claims.not_before(),
            checked_at: now,
        };
        self.memory.remember(token, known.clone());
        Ok(known)
    }

    async fn verify(
        &self,
        token: Unverified<TokenClaims>,
        now: i64,
    ) -> Result<Verified<TokenClaims>, Refusal> {
        let (alg, kid) = (token.header().alg, token.header().kid.clone());
        let mut keys = self.issuer.keys(now).await.map_err(|e| unavailable(&e))?;
        if keys.select(alg, kid.as_deref()).is_err() {
            keys = self.issuer.newer_keys(now).await.map_err(|e| unavailable(&e))?;
        }
        let key = keys
            .select(alg, kid.as_deref())
            .map_err(|_| refused("it is signed with a key that its issuer does not publish"))?;
        token.verify(key, &self.config.algorithms).map_err(|_| refused("its signature is invalid"))
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("config", &self.config).finish_non_exhaustive()
    }
}

fn refused(reason: Reason) -> Refusal {
    Refusal::Denied(Denial::BadToken(reason))
}

fn unavailable(fault: &Fault) -> Refusal {
    tracing::error!(%fault, "the issuer's keys cannot be had");
    Refusal::Unavailable
}
