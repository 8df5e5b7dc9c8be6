//! The one method of client authentication that a request uses (RFC 6749 §2.3, OC-1-04).

use actix_web::{
    HttpRequest,
    http::header::{AUTHORIZATION, HeaderValue},
};
use fireward_oauth::{
    ClientId, ErrorCode, Refused,
    authorize::{Params, Repeated},
    client::auth::{Parts, Presented},
};

/// Reads what a request presents to prove who its client is. Where it names nobody, `implied` is who it must be.
pub(crate) fn presented(
    request: &HttpRequest,
    params: &Params,
    implied: Option<&ClientId>,
) -> Result<Presented, Refused> {
    let named = params.one("client_id").map_err(twice)?;
    Presented::read(Parts {
        authorization: authorization(request)?,
        client_id: named.or(implied.map(ClientId::as_str)),
        client_secret: params.one("client_secret").map_err(twice)?,
        assertion_type: params.one("client_assertion_type").map_err(twice)?,
        assertion: params.one("client_assertion").map_err(twice)?,
    })
}

/// The `Authorization` header. Two of them are two methods (OC-1-04).
pub(super) fn authorization(request: &HttpRequest) -> Result<Option<&str>, Refused> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let (first, second) = (headers.next(), headers.next());
    if second.is_some() {
        return Err(invalid("there is more than one Authorization header"));
    }
    first
        .map(|header| header.to_str().map_err(|_| invalid("the Authorization header is not ASCII")))
        .transpose()
}

/// Whether the client tried Basic, so that its refusal carries a challenge (RFC 6749 §5.2).
pub(crate) fn basic_was_tried(request: &HttpRequest) -> bool {
    let header = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
    header
        .and_then(|octets| octets.get(..5))
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"Basic"))
}

fn twice(repeated: Repeated) -> Refused {
    invalid(&repeated.to_string())
}

fn invalid(sentence: &str) -> Refused {
    Refused::new(ErrorCode::InvalidRequest, sentence)
}
