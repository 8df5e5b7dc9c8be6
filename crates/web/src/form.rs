//! Strict reading of what a browser or client sends in a form or query (OC-0-02, Z1).

use std::{future::Future, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{StatusCode, header::CONTENT_TYPE},
    rt::time::timeout,
    web::{BytesMut, Data},
};
use fireward_oauth::{ErrorCode, Refused, authorize::Params};
use futures_util::StreamExt as _;

use crate::{Failure, Refusal, Site, csrf};

/// A form of `application/x-www-form-urlencoded`, decoded. Extracting it does not check where it came from:
/// forms of our pages go through [`Form::checked`].
#[derive(Debug)]
pub struct Form {
    /// What was sent.
    pub params: Params,
    pub(crate) from_us: bool,
}

/// The query, decoded as strictly as a form.
#[derive(Debug)]
pub struct Query(pub Params);

/// The most octets that a form may have.
pub const MOST_OCTETS: usize = 64 * 1024;
const MOST_FIELDS: usize = 1_000;
const ARRIVAL: Duration = Duration::from_secs(10);

impl FromRequest for Form {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let octets = read_within(ARRIVAL, &request, payload).await?;
            let site = request.app_data::<Data<Site>>();
            let from_us =
                site.is_some_and(|site| csrf::same_origin(request.headers(), &site.origin()));
            Ok(Self { params: decode(&octets)?, from_us })
        })
    }
}

impl FromRequest for Query {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(decode(request.query_string().as_bytes()).map(Self))
    }
}

/// Z1: a body that trickles in holds a connection, and whatever was read of it, for so long and no longer.
async fn read_within(
    span: Duration,
    request: &HttpRequest,
    payload: Payload,
) -> Result<BytesMut, Failure> {
    timeout(span, read(request, payload)).await.map_err(|_| too_slow())?
}

async fn read(request: &HttpRequest, mut payload: Payload) -> Result<BytesMut, Failure> {
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(invalid("the content type must be application/x-www-form-urlencoded"));
    }
    let mut octets = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| invalid("the body did not arrive whole"))?;
        if octets.len().saturating_add(chunk.len()) > MOST_OCTETS {
            let refused = Refused::new(ErrorCode::InvalidRequest, "the form has more than 64 KiB");
            return Err(Refusal::from(refused).status(StatusCode::PAYLOAD_TOO_LARGE).into());
        }
        octets.extend_from_slice(&chunk);
    }
    Ok(octets)
}

/// Names and values in the order they came.
fn decode(octets: &[u8]) -> Result<Params, Failure> {
    let fields = octets.split(|octet| *octet == b'&').filter(|field| !field.is_empty());
    let mut pairs = Vec::new();
    for field in fields {
        if pairs.len() == MOST_FIELDS {
            return Err(invalid("there are more than 1000 parameters"));
        }
        let mut halves = field.splitn(2, |octet| *octet == b'=');
        let mut half = || plain(halves.next().unwrap_or_default());
        pairs.push((half()?, half()?));
    }
    Ok(Params::new(pairs))
}

/// `+` is a space and `%XX` an octet; what is left must be UTF-8.
fn plain(encoded: &[u8]) -> Result<String, Failure> {
    let mut octets = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'+' => b' ',
            b'%' => {
                match (rest.next().copied().and_then(hex), rest.next().copied().and_then(hex)) {
                    (Some(high), Some(low)) => high * 16 + low,
                    (_, _) => {
                        return Err(invalid("a % must be followed by two hexadecimal digits"));
                    }
                }
            }
            other => *other,
        });
    }
    String::from_utf8(octets).map_err(|_| invalid("parameters must be UTF-8"))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn too_slow() -> Failure {
    let refused = Refused::new(ErrorCode::InvalidRequest, "the body took too long to arrive");
    Refusal::from(refused).status(StatusCode::REQUEST_TIMEOUT).into()
}

fn invalid(sentence: &str) -> Failure {
    Refused::new(ErrorCode::InvalidRequest, sentence).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &[u8], name: &'static str) -> Option<String> {
        decode(text).ok().and_then(|params| params.one(name).ok().flatten().map(str::to_owned))
    }

    #[test]
    fn oc_0_02_forms_are_decoded_strictly() {
        assert_eq!(pairs(b"a=1+2%20%C3%A9&b", "a").as_deref(), Some("1 2 \u{e9}"));
        assert_eq!(pairs(b"a=x=y", "a").as_deref(), Some("x=y"));
        assert_eq!(pairs(b"%61=1", "a").as_deref(), Some("1"));
        for bad in [&b"a=%"[..], b"a=%4", b"a=%zz", b"a=%FF", b"\xff=1"] {
            assert!(decode(bad).is_err());
        }
    }

    #[actix_web::test]
    async fn z1_a_body_that_trickles_in_is_not_waited_for() {
        let request = actix_web::test::TestRequest::post()
            .insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"))
            .to_http_request();
        let payload: Payload =
            Payload::Stream { payload: Box::pin(futures_util::stream::pending()) };
        let failure = read_within(Duration::ZERO, &request, payload).await.unwrap_err();
        let status = actix_web::ResponseError::status_code(&failure);
        assert_eq!(status, StatusCode::REQUEST_TIMEOUT);
    }

    #[test]
    fn z1_a_form_has_at_most_a_thousand_fields() {
        assert!(decode("a=1&".repeat(1_000).as_bytes()).is_ok());
        assert!(decode("a=1&".repeat(1_001).as_bytes()).is_err());
    }
}
