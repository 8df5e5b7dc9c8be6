//! The only maker of redirects back to a client (RFC 6749 §4.1.2, RFC 9207 §2).

use super::RedirectTarget;
use crate::{
    error::Refused,
    metadata::error_uri,
    vocabulary::{Code, ExplanationId, Issuer},
};

/// What a client is told through the browser.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A code.
    Code(Code),
    /// An error, and its explanation where one is kept.
    Refused(Refused, Option<ExplanationId>),
}

/// The URL to send the browser to: the target with the answer, `state` and `iss` in its query (AL-17, OC-11-01).
#[must_use]
pub fn location(target: &RedirectTarget, answer: &Answer, issuer: &Issuer) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    match answer {
        Answer::Code(code) => {
            query.append_pair("code", code.expose());
        }
        Answer::Refused(refused, explained) => {
            query.append_pair("error", refused.code.as_str());
            query.append_pair("error_description", &refused.description);
            query.append_pair("error_uri", &error_uri(issuer, refused.code, explained.as_ref()));
        }
    }
    if let Some(state) = target.state() {
        query.append_pair("state", state);
    }
    if !target.omits_iss() {
        query.append_pair("iss", issuer.as_str());
    }
    let uri = target.uri().as_str();
    let joint = match uri.rsplit_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{uri}{joint}{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error, vocabulary::RedirectUri};

    fn to(uri: &str, state: Option<&str>, omit_iss: bool) -> String {
        let uri = RedirectUri::from_stored(uri.to_owned());
        let target = RedirectTarget::proven(uri, state.map(str::to_owned), omit_iss);
        let refused = Refused::new(error::Code::AccessDenied, "no \"\\ <b>");
        let issuer = Issuer::parse("https://auth.example").unwrap();
        location(&target, &Answer::Refused(refused, None), &issuer)
    }

    #[test]
    fn al_14_state_comes_back_exactly_and_the_registered_query_stays() {
        let nasty = "a b&c=d\r\nSet-Cookie: x\"<script>é";
        let text = to("https://app.example/cb?keep=1", Some(nasty), false);
        assert!(text.starts_with("https://app.example/cb?keep=1&error=access_denied&"));
        assert!(!text.contains(['\r', '\n', '<', '"', ' ']));
        let url = url::Url::parse(&text).unwrap();
        let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1;
        assert_eq!(state, nasty);
    }

    #[test]
    fn oc_11_01_iss_is_in_every_answer_unless_the_client_cannot_bear_it() {
        assert!(
            to("https://app.example/cb", None, false).ends_with("&iss=https%3A%2F%2Fauth.example")
        );
        assert!(!to("https://app.example/cb", None, true).contains("iss="));
    }
}
