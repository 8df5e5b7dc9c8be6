//! The FHIR server behind: what is sent to it, and what of its answers can be read at all.
//!
//! Nothing that a client sends goes on by itself, and nothing that the server answers comes back by itself: both are
//! written anew. So no cookie, no `Authorization`, no forwarded and no hop-by-hop header crosses (RFC 9110 §7.6.1).

use std::io::Read as _;
use std::sync::Arc;

use bytes::Bytes;
use fireward_guard::manners::negotiate::is_json;
use fireward_outbound::{
    Address as _, Answer, Arriving, Configured, Credentials, Outbound, Sent, Verb,
};
use flate2::read::GzDecoder;
use url::Url;

use crate::failure::{Failure, Fault};

/// The FHIR server behind the gateway.
pub struct Upstream {
    outbound: Arc<Outbound>,
    address: Configured,
    /// The base by which it calls itself, where that is another than the address.
    name: Url,
    credential: Credential,
    cap: usize,
}

/// How the gateway says who it is. Shows nothing of itself.
#[derive(Clone, Default)]
pub enum Credential {
    /// Not at all, or by the certificate that [`Outbound`] has.
    #[default]
    None,
    /// `Authorization: Bearer`
    Bearer(String),
    /// `Authorization: Basic`
    Basic(String, String),
}

/// A request to the server behind.
pub(crate) struct Asked<'a> {
    pub(crate) verb: Verb,
    /// Path and query, below the base.
    pub(crate) target: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: Option<&'a Bytes>,
}

/// An answer of the server behind, unpacked.
pub(crate) struct Heard {
    pub(crate) status: u16,
    answer: Answer,
    pub(crate) body: Bytes,
}

impl Upstream {
    /// A server at this address, which calls itself `name` in links and references.
    ///
    /// `cap` is how many octets an answer may have.
    #[must_use]
    pub fn new(
        outbound: Arc<Outbound>,
        address: Configured,
        name: Option<Url>,
        credential: Credential,
        cap: usize,
    ) -> Self {
        let name = name.unwrap_or_else(|| address.url().clone());
        Self { outbound, address, name, credential, cap }
    }

    /// GET of a resource, a bundle, or what says why there is none.
    pub(crate) async fn get(&self, target: &str) -> Result<Heard, Failure> {
        self.ask(Asked { verb: Verb::Get, target, headers: &[], body: None }).await
    }

    /// Any request.
    pub(crate) async fn ask(&self, asked: Asked<'_>) -> Result<Heard, Failure> {
        let mut headers = vec![("accept", "application/fhir+json")];
        if asked.body.is_some() {
            headers.push(("content-type", "application/fhir+json"));
        }
        headers.extend_from_slice(asked.headers);
        let sent = Sent { verb: asked.verb, headers: &headers, body: asked.body };
        let at = self.at(asked.target)?;
        let answer = self.outbound.send(&at, sent, self.credentials(), self.cap).await?;
        Heard::unpack(answer, self.cap)
    }

    /// GET of something long.
    pub(crate) async fn open(&self, target: &str, accept: &str) -> Result<Arriving, Failure> {
        let headers = [("accept", accept)];
        Ok(self.outbound.open(&self.at(target)?, &headers, self.credentials()).await?)
    }

    /// What of a URL is below the base of the server behind: path and query. `None` for whatever is elsewhere, however it
    /// is spelled.
    pub(crate) fn local(&self, url: &str) -> Option<String> {
        let url = Url::parse(url).ok()?;
        [&self.name, self.address.url()].into_iter().find_map(|base| below(base, &url))
    }

    /// As [`Upstream::local`], of a link of the server behind, which may be relative to its base.
    pub(crate) fn link(&self, url: &str) -> Option<String> {
        let mut base = self.name.clone();
        base.set_query(None);
        base.set_path(&format!("{}/", base.path().trim_end_matches('/')));
        self.local(base.join(url).ok()?.as_str())
    }

    /// Whether a URL leads to the host of the server behind, be it below its base or not.
    pub(crate) fn is_host_of(&self, url: &str) -> bool {
        let Ok(url) = Url::parse(url) else { return false };
        // Whether http or https: the server behind may take either for itself.
        let host = |url: &Url| url.host_str().map(str::to_owned);
        [&self.name, self.address.url()].into_iter().any(|base| host(base) == host(&url))
    }

    /// An id of dots alone is one by its syntax (FHIR R4 `id`), and would lead out of its type.
    fn at(&self, target: &str) -> Result<Configured, Failure> {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        if path.split('/').any(|part| matches!(part, "." | "..")) {
            return Err(Failure::Missing);
        }
        Ok(self.address.at(path, query))
    }

    fn credentials(&self) -> Credentials<'_> {
        match &self.credential {
            Credential::None => Credentials::None,
            Credential::Bearer(token) => Credentials::Bearer(token),
            Credential::Basic(name, password) => Credentials::Basic(name, password),
        }
    }
}

impl Heard {
    fn unpack(answer: Answer, cap: usize) -> Result<Self, Failure> {
        let body = match answer.header("content-encoding").map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "identity") => answer.body.clone(),
            // Nobody asked for it; some send it all the same.
            Some("gzip") => gunzip(&answer.body, cap)?,
            Some(_) => return Err(Fault::Encoding.into()),
        };
        let status = answer.status;
        if (300..400).contains(&status) {
            return Err(Fault::Redirect.into());
        }
        Ok(Self { status, answer, body })
    }

    /// The body, which must be JSON by its own account.
    pub(crate) fn json(&self) -> Result<&Bytes, Failure> {
        let declared = self.answer.header("content-type").is_some_and(is_json);
        if declared { Ok(&self.body) } else { Err(Fault::MediaType.into()) }
    }

    /// A header, if it is there and is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.answer.header(name)
    }

    /// After how many seconds to ask again, if it says so in seconds.
    pub(crate) fn retry_after(&self) -> Option<u32> {
        self.header("retry-after")?.parse().ok()
    }

    /// Why there is no result, told by the status alone: what the server behind writes about it may be about anybody.
    pub(crate) fn refused(&self) -> Failure {
        match self.status {
            404 => Failure::Missing,
            410 => Failure::Gone,
            400 | 422 => Failure::Rejected(self.status),
            405 | 501 => Failure::Unsupported,
            409 | 412 => Failure::Conflict,
            413 => Fault::TooLong.into(),
            429 | 503 => Failure::Busy(self.retry_after()),
            status => Fault::Status(status).into(),
        }
    }
}

/// Path and query below a base. The path of a URL has no dots any more by which it could leave it.
fn below(base: &Url, url: &Url) -> Option<String> {
    if url.origin() != base.origin() || !url.username().is_empty() {
        return None;
    }
    let rest = url.path().strip_prefix(base.path().trim_end_matches('/'))?;
    if !rest.is_empty() && !rest.starts_with('/') {
        return None;
    }
    let rest = rest.trim_start_matches('/');
    Some(url.query().map_or_else(|| rest.to_owned(), |query| format!("{rest}?{query}")))
}

fn gunzip(body: &[u8], cap: usize) -> Result<Bytes, Failure> {
    let mut plain = Vec::new();
    let most = u64::try_from(cap).unwrap_or(u64::MAX).saturating_add(1);
    let read = GzDecoder::new(body).take(most).read_to_end(&mut plain);
    match read {
        Ok(_) if plain.len() > cap => Err(Fault::TooLong.into()),
        Ok(_) => Ok(plain.into()),
        Err(_) => Err(Fault::Encoding.into()),
    }
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upstream").field("address", &self.address).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Bearer(_) => "Bearer(…)",
            Self::Basic(..) => "Basic(…)",
        })
    }
}
