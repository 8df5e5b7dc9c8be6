//! A body of JSON, of bounded size and said to be JSON.

use actix_web::{
    HttpRequest,
    http::{StatusCode, header::CONTENT_TYPE},
    web::{Bytes, Payload},
};
use fireward_oauth::{ErrorCode, Refused};
use fireward_web::{Failure, MOST_OCTETS, Refusal};

/// The octets of a body that is declared as JSON.
///
/// # Errors
/// When it is declared as something else, is too large, or does not arrive whole.
pub(crate) async fn json(request: &HttpRequest, body: Payload) -> Result<Bytes, Failure> {
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(invalid("the content type must be application/json").into());
    }
    let too_large = |_| {
        let refused = invalid("the body has more than 64 KiB");
        Refusal::from(refused).status(StatusCode::PAYLOAD_TOO_LARGE)
    };
    let body = body.to_bytes_limited(MOST_OCTETS).await.map_err(too_large)?;
    Ok(body.map_err(|_| invalid("the body did not arrive whole"))?)
}

fn invalid(sentence: &str) -> Refused {
    Refused::new(ErrorCode::InvalidRequest, sentence)
}
