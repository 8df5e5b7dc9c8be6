//! The two clients: one for the operator's addresses, one for everybody else's.

use std::error::Error;
use std::sync::{Arc, OnceLock};

use bytes::{Bytes, BytesMut};
use reqwest::header::{ACCEPT, HeaderMap};
use reqwest::{Certificate, Client, ClientBuilder, Identity, RequestBuilder, Response};
use serde::Serialize;
use tokio::sync::Semaphore;

use crate::address::sealed::Kind;
use crate::resolver::{Lookup, NoPublicAddress, PublicOnly, system};
use crate::{Address, Answer, Configured, Document, Fault, Policy, freshness};

/// Everything that leaves the house.
pub struct Outbound {
    policy: Policy,
    lookup: Lookup,
    /// Made when first needed: reading the system's authorities takes time and memory.
    configured: OnceLock<Result<Client, Fault>>,
    supplied: OnceLock<Result<Client, Fault>>,
    slots: Semaphore,
}

/// How a request to a configured address says who asks.
#[derive(Clone, Copy)]
pub enum Credentials<'a> {
    /// Not at all, or in the body.
    None,
    /// `Authorization: Bearer` (RFC 6750 §2.1).
    Bearer(&'a str),
    /// `Authorization: Basic` with a name and a password, already encoded as the protocol demands.
    Basic(&'a str, &'a str),
}

impl Outbound {
    /// With these settings. The clients are made when they are first needed.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self::with_lookup(policy, system())
    }

    pub(crate) fn with_lookup(policy: Policy, lookup: Lookup) -> Self {
        let slots = Semaphore::new(policy.parallel_supplied);
        Self { policy, lookup, configured: OnceLock::new(), supplied: OnceLock::new(), slots }
    }

    /// The settings, which `Supplied::new` needs.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Fetches a document of at most `cap` octets, with the media type that is wanted. It is not read here.
    ///
    /// # Errors
    /// No answer, one other than 200, or a longer one.
    pub(crate) async fn get_document<A: Address>(
        &self,
        at: &A,
        accept: &str,
        cap: usize,
        now: i64,
    ) -> Result<Document, Fault> {
        let _slot = match A::KIND {
            Kind::Configured => None,
            Kind::Supplied => Some(self.slots.try_acquire().map_err(|_| Fault::Busy)?),
        };
        let client = self.client(A::KIND)?;
        let request = client.get(at.url().clone()).header(ACCEPT, accept);
        let response = request.send().await.map_err(|e| fault(&e))?;
        if response.status() != 200 {
            return Err(Fault::Status(response.status().as_u16()));
        }
        let fresh_until = now.saturating_add(freshness::seconds(response.headers()));
        let bytes = body(response, cap).await?;
        Ok(Document { bytes, fetched_at: now, fresh_until })
    }

    /// GET, with the media type that is wanted.
    ///
    /// # Errors
    /// No answer, or one longer than `cap`. Any status is an answer.
    pub async fn get(
        &self,
        at: &Configured,
        accept: &str,
        credentials: Credentials<'_>,
        cap: usize,
    ) -> Result<Answer, Fault> {
        let request = self.client(Kind::Configured)?.get(at.url().clone()).header(ACCEPT, accept);
        answer(credentials.on(request), cap).await
    }

    /// POST of a form, as the endpoints of OAuth take it.
    ///
    /// # Errors
    /// No answer, or one longer than `cap`. Any status is an answer.
    pub async fn post_form(
        &self,
        at: &Configured,
        fields: &[(&str, &str)],
        credentials: Credentials<'_>,
        cap: usize,
    ) -> Result<Answer, Fault> {
        let request = self.client(Kind::Configured)?.post(at.url().clone()).form(fields);
        answer(credentials.on(request), cap).await
    }

    /// POST of JSON.
    ///
    /// # Errors
    /// No answer, or one longer than `cap`. Any status is an answer.
    pub async fn post_json(
        &self,
        at: &Configured,
        value: &impl Serialize,
        credentials: Credentials<'_>,
        cap: usize,
    ) -> Result<Answer, Fault> {
        let request = self.client(Kind::Configured)?.post(at.url().clone()).json(value);
        answer(credentials.on(request), cap).await
    }

    pub(crate) fn client(&self, kind: Kind) -> Result<&Client, Fault> {
        let made = match kind {
            Kind::Configured => self.configured.get_or_init(|| self.make(kind)),
            Kind::Supplied => self.supplied.get_or_init(|| self.make(kind)),
        };
        made.as_ref().map_err(Clone::clone)
    }

    fn make(&self, kind: Kind) -> Result<Client, Fault> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(Fault::NoTls("no crypto provider is installed".to_owned()));
        }
        self.builder(kind)?.build().or_else(|error| {
            // A machine without certificate authorities can still speak plain http.
            tracing::warn!(%error, "no certificate authorities: https addresses cannot be fetched");
            let without = self.builder(kind)?.tls_certs_only([]);
            without.build().map_err(|e| Fault::NoTls(e.to_string()))
        })
    }

    fn builder(&self, kind: Kind) -> Result<ClientBuilder, Fault> {
        let builder = Client::builder()
            .user_agent(concat!("fireward/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(self.policy.connect_timeout)
            .timeout(self.policy.timeout)
            .pool_max_idle_per_host(4);
        match kind {
            Kind::Configured => {
                let roots = self.policy.extra_roots.iter().map(|pem| Certificate::from_pem(pem));
                let roots: Vec<_> = roots
                    .collect::<Result<_, _>>()
                    .map_err(|e| Fault::NoTls(format!("an extra root cannot be read: {e}")))?;
                let builder = builder.tls_certs_merge(roots);
                let Some(pem) = &self.policy.identity else { return Ok(builder) };
                let identity = Identity::from_pem(pem.expose())
                    .map_err(|e| Fault::NoTls(format!("the client certificate: {e}")))?;
                Ok(builder.identity(identity))
            }
            Kind::Supplied => Ok(builder.dns_resolver(PublicOnly {
                lookup: Arc::clone(&self.lookup),
                allowed: self.policy.allow_supplied.clone().into(),
            })),
        }
    }
}

impl Credentials<'_> {
    pub(crate) fn on(self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::None => request,
            Self::Bearer(token) => request.bearer_auth(token),
            Self::Basic(name, password) => request.basic_auth(name, Some(password)),
        }
    }
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbound").field("policy", &self.policy).finish_non_exhaustive()
    }
}

pub(crate) async fn answer(request: RequestBuilder, cap: usize) -> Result<Answer, Fault> {
    let mut response = request.send().await.map_err(|e| fault(&e))?;
    let status = response.status().as_u16();
    let headers: HeaderMap = std::mem::take(response.headers_mut());
    Ok(Answer { status, headers, body: body(response, cap).await? })
}

/// Cut off while it arrives, so an endless body costs no more than its first octets.
pub(crate) async fn body(mut response: Response, cap: usize) -> Result<Bytes, Fault> {
    let announced = response.content_length().unwrap_or(0);
    if announced > cap as u64 {
        return Err(Fault::TooLong);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| fault(&e))? {
        if body.len() + chunk.len() > cap {
            return Err(Fault::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The reason at the end of a client's chain of errors.
pub(crate) fn fault(error: &reqwest::Error) -> Fault {
    let mut last: &dyn Error = error;
    while let Some(source) = last.source() {
        last = source;
        if last.is::<NoPublicAddress>() {
            return Fault::NotPublic;
        }
    }
    if error.is_timeout() {
        return Fault::TooSlow;
    }
    Fault::Unreachable(last.to_string())
}
