//! What a request shows of who asks: in its `Authorization` lines, and nowhere else (RFC 6750 §2, RFC 9449 §7.1,
//! RFC 7617 §2, OC-1-06, D-43).

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

use crate::{Check, Refusal};

/// How a token is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// By its bearer (RFC 6750).
    Bearer,
    /// With a proof of possession of its key (RFC 9449).
    DPoP,
}

/// What a request shows. At least one of both is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Presented<'a> {
    pub(crate) token: Option<(Scheme, &'a str)>,
    /// A user name and a password, still in base64.
    pub(crate) basic: Option<&'a str>,
}

/// What is taken here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) basic: bool,
    pub(crate) both: bool,
}

enum Line<'a> {
    Token(Scheme, &'a str),
    Basic(&'a str),
    Other,
}

/// What the `Authorization` lines of a request show.
pub(crate) fn presented<'a>(
    headers: &'a HeaderMap,
    query: &str,
    taken: Taken,
) -> Result<Presented<'a>, Refusal> {
    no_token_in(query)?;
    let mut found = Presented { token: None, basic: None };
    let mut lines = headers.get_all(AUTHORIZATION).peekable();
    let nothing = "an access token is needed";
    lines.peek().ok_or_else(|| Check::Presence.failed(nothing))?;
    let several = || Refusal::BadRequest("the request has several Authorization lines");
    for line in lines {
        let line = line.to_str().map_err(|_| Refusal::BadRequest("Authorization is not text"))?;
        let first = found.token.is_none() && found.basic.is_none();
        if !first && !taken.both {
            return Err(several());
        }
        match read(line)? {
            Line::Token(scheme, shown) if found.token.is_none() => {
                found.token = Some((scheme, shown));
            }
            Line::Basic(pair) if taken.basic && found.basic.is_none() => found.basic = Some(pair),
            Line::Token(..) | Line::Basic(_) | Line::Other if !first => return Err(several()),
            // Another scheme is no token; beside a token it is one line too many.
            Line::Token(..) | Line::Basic(_) | Line::Other => {
                if headers.get_all(AUTHORIZATION).nth(1).is_some() {
                    return Err(several());
                }
                return Err(Check::Presence.failed(nothing).into());
            }
        }
    }
    Ok(found)
}

/// A token in an address or a form would be in logs by then, so it is refused even beside a good one.
pub(crate) fn no_token_in(query: &str) -> Result<(), Refusal> {
    if url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token") {
        let why = "a token in the address or the body is refused: it belongs in Authorization";
        return Err(Refusal::BadRequest(why));
    }
    Ok(())
}

fn read(line: &str) -> Result<Line<'_>, Refusal> {
    // Schemes are compared without regard to case (RFC 9110 §11.1).
    let (scheme, shown) = line.split_once(' ').unwrap_or((line, ""));
    let shown = shown.trim_matches(' ');
    let is = |name: &str| scheme.eq_ignore_ascii_case(name);
    let scheme = match () {
        () if is("Bearer") => Scheme::Bearer,
        () if is("DPoP") => Scheme::DPoP,
        () if is("Basic") => return Ok(Line::Basic(shown)),
        () => return Ok(Line::Other),
    };
    if shown.is_empty() || !shown.bytes().all(is_token_octet) {
        return Err(Refusal::BadRequest("Authorization has no well-formed token"));
    }
    Ok(Line::Token(scheme, shown))
}

impl Scheme {
    /// Its name in `Authorization` and `WWW-Authenticate`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::DPoP => "DPoP",
        }
    }
}

/// `b64token` (RFC 6750 §2.1).
fn is_token_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~+/=".contains(&octet)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    const TOKENS: Taken = Taken { basic: false, both: false };

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(AUTHORIZATION, HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    fn of(lines: &[&str], query: &str) -> Result<String, u16> {
        let headers = headers(lines);
        let shown = presented(&headers, query, TOKENS).map_err(|refusal| refusal.status())?;
        assert_eq!(shown.basic, None);
        Ok(shown.token.unwrap().1.to_owned())
    }

    #[test]
    fn row_058_a_password_beside_a_token_is_taken_where_that_is_configured_and_nothing_else_is() {
        let both = Taken { basic: true, both: true };
        let one_of_both = Taken { basic: true, both: false };
        for lines in [["Basic YTpi", "Bearer abc"], ["DPoP abc", "Basic YTpi"]] {
            let headers = headers(&lines);
            let shown = presented(&headers, "", both).unwrap();
            assert_eq!((shown.token.unwrap().1, shown.basic), ("abc", Some("YTpi")));
            assert_eq!(presented(&headers, "", one_of_both).unwrap_err().status(), 400);
            assert_eq!(presented(&headers, "", TOKENS).unwrap_err().status(), 400);
        }
        for lines in [
            &["Basic YTpi", "Basic YTpi"][..],
            &["Bearer abc", "DPoP abc"],
            &["Bearer abc", "Digest x"],
            &["Digest x", "Bearer abc"],
            &["Bearer abc", "Basic YTpi", "Basic YTpi"],
        ] {
            let headers = headers(lines);
            assert_eq!(presented(&headers, "", both).unwrap_err().status(), 400, "{lines:?}");
        }
    }

    #[test]
    fn row_059_a_password_alone_is_taken_where_that_is_configured() {
        let headers = headers(&["Basic YTpi"]);
        for both in [true, false] {
            let shown = presented(&headers, "", Taken { basic: true, both }).unwrap();
            assert_eq!((shown.token, shown.basic), (None, Some("YTpi")));
        }
        assert_eq!(presented(&headers, "", TOKENS).unwrap_err().status(), 401);
    }

    #[test]
    fn oc_1_06_the_token_is_in_the_header_whatever_the_case_of_its_scheme() {
        for line in ["Bearer a.b-c", "bearer a.b-c", "BEARER  a.b-c"] {
            assert_eq!(of(&[line], "_count=1"), Ok("a.b-c".to_owned()), "{line}");
        }
    }

    #[test]
    fn al_26_no_token_is_401() {
        for lines in [&[][..], &["Basic YTpi"], &["Digest abc"], &["Bearerx abc"], &[""]] {
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
