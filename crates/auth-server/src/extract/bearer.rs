//! Where a request carries its access token (RFC 6750 §2, OC-1-06): the header, or the form, and never the query.

use actix_web::HttpRequest;
use fireward_oauth::{ErrorCode, Refused, authorize::Params};

use super::credentials::authorization;

/// The access token of a request, if it has one. `form` is given where the endpoint admits one there.
///
/// # Errors
/// When there are two, or one in the query.
pub(crate) fn bearer(
    request: &HttpRequest,
    form: Option<&Params>,
) -> Result<Option<String>, Refused> {
    let in_query = request.query_string().split('&').any(|pair| {
        pair.split('=').next().is_some_and(|name| name.eq_ignore_ascii_case("access_token"))
    });
    if in_query {
        return Err(invalid(
            "an access token in the query is written to logs: send it in the Authorization header",
        ));
    }
    let in_header = authorization(request)?.and_then(after_bearer);
    let in_form = form.map(|form| form.one("access_token")).transpose();
    let in_form = in_form.map_err(|twice| invalid(&twice.to_string()))?.flatten();
    match (in_header, in_form) {
        (Some(_), Some(_)) => Err(invalid("the access token was sent in two ways")),
        (one, other) => Ok(one.or(other).map(str::to_owned)),
    }
}

/// What follows `Bearer`, in whatever case (D-12).
fn after_bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}

fn invalid(sentence: &str) -> Refused {
    Refused::new(ErrorCode::InvalidRequest, sentence)
}
