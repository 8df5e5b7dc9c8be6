//! What a change expects to find (RFC 9110 §13.1), by weak entity tags (UB-3).

use actix_web::{
    HttpRequest,
    http::{
        StatusCode,
        header::{HeaderName, IF_MATCH, IF_NONE_MATCH},
    },
};

/// What a change expects to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// It does not say.
    None,
    /// Nothing: `If-None-Match: *`.
    Absent,
    /// Something, whatever it is: `If-Match: *`.
    Present,
    /// What has one of these tags: `If-Match: W/"…"`.
    OneOf(Vec<String>),
}

impl Condition {
    pub(super) fn of(request: &HttpRequest) -> Self {
        if values(request, &IF_NONE_MATCH).iter().any(|tag| tag == "*") {
            return Self::Absent;
        }
        let tags = values(request, &IF_MATCH);
        if tags.iter().any(|tag| tag == "*") {
            return Self::Present;
        }
        if tags.is_empty() { Self::None } else { Self::OneOf(tags) }
    }

    /// Whether the change may go ahead where this tag is; otherwise the status that says why not. What is there is
    /// replaced only by whoever says what it is.
    pub(super) fn check(&self, current: Option<&str>) -> Result<(), StatusCode> {
        match (self, current) {
            (Self::None | Self::Absent, None) | (Self::Present, Some(_)) => Ok(()),
            (Self::None, Some(_)) => Err(StatusCode::PRECONDITION_REQUIRED),
            (Self::OneOf(tags), Some(current)) if tags.iter().any(|tag| tag == current) => Ok(()),
            (Self::Absent, Some(_)) | (Self::Present, None) | (Self::OneOf(_), _) => {
                Err(StatusCode::PRECONDITION_FAILED)
            }
        }
    }
}

/// Whether the asker has what has this tag.
pub(super) fn is_known(request: &HttpRequest, tag: &str) -> bool {
    values(request, &IF_NONE_MATCH).iter().any(|known| known == "*" || known == tag)
}

/// The tags in a header, without `W/` and quotes.
fn values(request: &HttpRequest, name: &HeaderName) -> Vec<String> {
    let lines = request.headers().get_all(name).filter_map(|line| line.to_str().ok());
    let tags = lines.flat_map(|line| line.split(',')).map(|tag| {
        let tag = tag.trim();
        tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"').to_owned()
    });
    tags.filter(|tag| !tag.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn status(header: Option<(&str, &str)>, current: Option<&str>) -> u16 {
        let mut request = TestRequest::default();
        if let Some(header) = header {
            request = request.insert_header(header);
        }
        let checked = Condition::of(&request.to_http_request()).check(current);
        checked.err().map_or(200, |status| status.as_u16())
    }

    #[test]
    fn ub_3_what_is_there_is_replaced_only_by_whoever_knows_it() {
        for (header, current, expected) in [
            (None, None, 200),
            (None, Some("a"), 428),
            (Some(("if-match", "W/\"a\"")), Some("a"), 200),
            (Some(("if-match", "\"b\", W/\"a\"")), Some("a"), 200),
            (Some(("if-match", "W/\"b\"")), Some("a"), 412),
            (Some(("if-match", "W/\"a\"")), None, 412),
            (Some(("if-match", "*")), Some("a"), 200),
            (Some(("if-match", "*")), None, 412),
            (Some(("if-match", "")), Some("a"), 428),
            (Some(("if-none-match", "*")), None, 200),
            (Some(("if-none-match", "*")), Some("a"), 412),
        ] {
            assert_eq!(status(header, current), expected, "{header:?} {current:?}");
        }
    }
}
