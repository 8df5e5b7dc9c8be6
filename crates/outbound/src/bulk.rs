//! Requests with headers of their own, and answers too long to be held.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;

use crate::address::sealed::Kind;
use crate::client::{answer, body, fault};
use crate::{Address as _, Answer, Configured, Credentials, Fault, Outbound};

/// The methods of requests without a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// GET
    Get,
    /// DELETE
    Delete,
}

impl Outbound {
    /// A request without a body and with these headers.
    ///
    /// # Errors
    /// No answer, or one longer than `cap`. Any status is an answer.
    pub async fn request(
        &self,
        (verb, at): (Verb, &Configured),
        headers: &[(&str, &str)],
        credentials: Credentials<'_>,
        cap: usize,
    ) -> Result<Answer, Fault> {
        let method = match verb {
            Verb::Get => Method::GET,
            Verb::Delete => Method::DELETE,
        };
        let mut request = self.client(Kind::Configured)?.request(method, at.url().clone());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(credentials.on(request), cap).await
    }

    /// GET of something long: its pieces are handed over as they arrive. An answer of another status than 200 is
    /// given as a whole, and nothing is handed over.
    ///
    /// # Errors
    /// No answer, one that breaks off or takes longer than an hour, or a piece that `take` does not want.
    pub async fn download(
        &self,
        at: &Configured,
        accept: &str,
        credentials: Credentials<'_>,
        mut take: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<Answer, Fault> {
        let request = self.client(Kind::Configured)?.get(at.url().clone());
        let request = request.header(reqwest::header::ACCEPT, accept).timeout(LONGEST);
        let mut response = credentials.on(request).send().await.map_err(|e| fault(&e))?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        if status != 200 {
            return Ok(Answer { status, headers, body: body(response, REFUSAL).await? });
        }
        while let Some(piece) = response.chunk().await.map_err(|e| fault(&e))? {
            take(&piece).map_err(|error| Fault::Unusable(error.to_string()))?;
        }
        Ok(Answer { status, headers, body: Bytes::new() })
    }
}

const LONGEST: Duration = Duration::from_hours(1);

/// How long an answer may be that says why there is none.
const REFUSAL: usize = 64 * 1024;
