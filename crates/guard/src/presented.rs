//! Where a token may be in a request: in one `Authorization` line, and nowhere else (RFC 6750 §2, OC-1-06, D-43).

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use fireward_fhir::Denial;

use crate::Refusal;

/// The bearer token of a request.
pub(crate) fn token<'a>(headers: &'a HeaderMap, query: &str) -> Result<&'a str, Refusal> {
    if url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token") {
        return Err(Refusal::BadRequest(
            "a token in the address is refused: it belongs in Authorization",
        ));
    }
    let mut lines = headers.get_all(AUTHORIZATION);
    let line = lines.next().ok_or(Refusal::Denied(Denial::NoToken))?;
    if lines.next().is_some() {
        return Err(Refusal::BadRequest("the request has several Authorization lines"));
    }
    let line = line.to_str().map_err(|_| Refusal::BadRequest("Authorization is not text"))?;
    // Schemes are compared without regard to case (RFC 9110 §11.1). Another scheme is no token.
    let (scheme, token) = line.split_once(' ').unwrap_or((line, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(Refusal::Denied(Denial::NoToken));
    }
    let token = token.trim_matches(' ');
    if token.is_empty() || !token.bytes().all(is_token_octet) {
        return Err(Refusal::BadRequest("Authorization has no well-formed bearer token"));
    }
    Ok(token)
}

/// `b64token` (RFC 6750 §2.1).
fn is_token_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~+/=".contains(&octet)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn of(lines: &[&str], query: &str) -> Result<String, u16> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(AUTHORIZATION, HeaderValue::from_str(line).unwrap());
        }
        token(&headers, query).map(str::to_owned).map_err(|refusal| refusal.status())
    }

    #[test]
    fn oc_1_06_the_token_is_in_the_header_whatever_the_case_of_its_scheme() {
        for line in ["Bearer a.b-c", "bearer a.b-c", "BEARER  a.b-c"] {
            assert_eq!(of(&[line], "_count=1"), Ok("a.b-c".to_owned()), "{line}");
        }
    }

    #[test]
    fn al_26_no_token_is_401() {
        for lines in [&[][..], &["Basic YTpi"], &["DPoP abc"], &["Bearerx abc"], &[""]] {
            assert_eq!(of(lines, ""), Err(401), "{lines:?}");
        }
    }

    #[test]
    fn i4_a_token_in_the_query_is_refused_with_or_without_one_in_the_header() {
        for query in ["access_token=abc", "_count=1&access_token=", "access%5Ftoken=abc"] {
            assert_eq!(of(&[], query), Err(400), "{query}");
            assert_eq!(of(&["Bearer abc"], query), Err(400), "{query}");
        }
    }

    #[test]
    fn d_43_two_lines_are_refused() {
        assert_eq!(of(&["Bearer abc", "Bearer abc"], ""), Err(400));
        assert_eq!(of(&["Basic YTpi", "Bearer abc"], ""), Err(400));
    }

    #[test]
    fn what_cannot_be_a_token_is_refused() {
        for line in ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer \"a\"", "Bearer ä"] {
            assert_eq!(of(&[line], ""), Err(400), "{line}");
        }
    }
}
