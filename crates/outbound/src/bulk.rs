//! Requests with headers of their own, and answers too long to be held.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Method, RequestBuilder, Response};

use crate::address::sealed::Kind;
use crate::client::{answer, body, fault};
use crate::{Address as _, Answer, Configured, Credentials, Fault, Outbound};

/// The methods of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// HEAD
    Head,
    /// DELETE
    Delete,
}

/// A request with everything that its sender decides.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// The method.
    pub verb: Verb,
    /// The headers, beside those that say who asks.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body, if it has one.
    pub body: Option<&'a Bytes>,
}

/// An answer whose body is still to come, piece by piece.
#[derive(Debug)]
pub struct Arriving {
    /// The HTTP status.
    pub status: u16,
    response: Response,
}

impl Arriving {
    /// A header by name, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// The next piece of the body; none at its end.
    ///
    /// # Errors
    /// It breaks off.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Fault> {
        self.response.chunk().await.map_err(|e| fault(&e))
    }
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
        self.send(at, Sent { verb, headers, body: None }, credentials, cap).await
    }

    /// Any request.
    ///
    /// # Errors
    /// No answer, or one longer than `cap`. Any status is an answer.
    pub async fn send(
        &self,
        at: &Configured,
        sent: Sent<'_>,
        credentials: Credentials<'_>,
        cap: usize,
    ) -> Result<Answer, Fault> {
        answer(credentials.on(self.built(at, sent)?), cap).await
    }

    /// GET of something long, whose pieces are asked for one after another. It may take an hour.
    ///
    /// # Errors
    /// No answer. Any status is an answer.
    pub async fn open(
        &self,
        at: &Configured,
        headers: &[(&str, &str)],
        credentials: Credentials<'_>,
    ) -> Result<Arriving, Fault> {
        let request = self.built(at, Sent { verb: Verb::Get, headers, body: None })?;
        let response = credentials.on(request.timeout(LONGEST)).send().await;
        let response = response.map_err(|e| fault(&e))?;
        Ok(Arriving { status: response.status().as_u16(), response })
    }

    fn built(&self, at: &Configured, sent: Sent<'_>) -> Result<RequestBuilder, Fault> {
        let method = match sent.verb {
            Verb::Get => Method::GET,
            Verb::Post => Method::POST,
            Verb::Put => Method::PUT,
            Verb::Patch => Method::PATCH,
            Verb::Head => Method::HEAD,
            Verb::Delete => Method::DELETE,
        };
        let mut request = self.client(Kind::Configured)?.request(method, at.url().clone());
        for (name, value) in sent.headers {
            request = request.header(*name, *value);
        }
        Ok(match sent.body {
            Some(body) => request.body(body.clone()),
            None => request,
        })
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
