//! The only maker of answers back to a client (RFC 6749 §4.1.2, RFC 9207 §2, JARM §2.1).

use serde_json::{Map, Value};

use super::{Carrier, RedirectTarget};
use crate::{
    error::Refused,
    metadata::error_uri,
    vocabulary::{ClientId, Code, ExplanationId, Issuer, Lifetime, Timestamp},
};

/// What a client is told through the browser.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A code.
    Code(Code),
    /// An error, and its explanation where one is kept.
    Refused(Refused, Option<ExplanationId>),
}

/// How the browser takes an answer to the client.
#[derive(Clone, PartialEq, Eq)]
pub enum Delivery {
    /// By a redirect to this URL.
    Redirect(String),
    /// By posting these fields to this URL.
    Form {
        /// The redirect URI.
        action: String,
        /// Names and values.
        fields: Members,
    },
}

/// What an answer says, by name.
pub type Members = Vec<(&'static str, String)>;

/// What an answer says: itself, `state` and `iss` (AL-17, OC-11-01).
#[must_use]
pub fn members(target: &RedirectTarget, answer: &Answer, issuer: &Issuer) -> Members {
    let mut members = match answer {
        Answer::Code(code) => vec![("code", code.expose().to_owned())],
        Answer::Refused(refused, explained) => vec![
            ("error", refused.code.to_string()),
            ("error_description", refused.description.clone()),
            ("error_uri", error_uri(issuer, refused.code, explained.as_ref())),
        ],
    };
    members.extend(target.state().map(|state| ("state", state.to_owned())));
    if !target.omits_iss() {
        members.push(("iss", issuer.to_string()));
    }
    members
}

/// The claims of a signed answer, for one client and ten minutes at most (JARM §2.1).
#[must_use]
pub fn signed_claims(
    members: Members,
    issuer: &Issuer,
    client: &ClientId,
    now: Timestamp,
) -> Map<String, Value> {
    let mut claims = Map::new();
    claims.extend(members.into_iter().map(|(name, value)| (name.to_owned(), value.into())));
    claims.insert("iss".to_owned(), issuer.as_str().into());
    claims.insert("aud".to_owned(), client.as_str().into());
    claims.insert("exp".to_owned(), now.plus(Lifetime::minutes(5)).unix().into());
    claims
}

/// How the browser takes `members` to `target`.
#[must_use]
pub fn deliver(target: &RedirectTarget, members: Members) -> Delivery {
    let uri = target.uri().as_str();
    let joint = match target.mode().carrier() {
        Carrier::Form => return Delivery::Form { action: uri.to_owned(), fields: members },
        // A registered URI has no fragment of its own.
        Carrier::Fragment => "#",
        Carrier::Query => match uri.rsplit_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some(_) => "&",
        },
    };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(members);
    Delivery::Redirect(format!("{uri}{joint}{}", query.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{authorize::ResponseMode, error, vocabulary::RedirectUri};

    fn to(uri: &str, state: Option<&str>, omit_iss: bool, mode: ResponseMode) -> Delivery {
        let uri = RedirectUri::from_stored(uri.to_owned());
        let target = RedirectTarget::proven(uri, state.map(str::to_owned), omit_iss).by(mode);
        let refused = Refused::new(error::Code::AccessDenied, "no \"\\ <b>");
        let issuer = Issuer::parse("https://auth.example").unwrap();
        deliver(&target, members(&target, &Answer::Refused(refused, None), &issuer))
    }

    fn location(uri: &str, state: Option<&str>, omit_iss: bool) -> String {
        match to(uri, state, omit_iss, ResponseMode::Query) {
            Delivery::Redirect(location) => location,
            Delivery::Form { .. } => panic!("a query is no form"),
        }
    }

    #[test]
    fn al_14_state_comes_back_exactly_and_the_registered_query_stays() {
        let nasty = "a b&c=d\r\nSet-Cookie: x\"<script>é";
        let text = location("https://app.example/cb?keep=1", Some(nasty), false);
        assert!(text.starts_with("https://app.example/cb?keep=1&error=access_denied&"));
        assert!(!text.contains(['\r', '\n', '<', '"', ' ']));
        let url = url::Url::parse(&text).unwrap();
        let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1;
        assert_eq!(state, nasty);
    }

    #[test]
    fn oc_11_01_iss_is_in_every_answer_unless_the_client_cannot_bear_it() {
        let plain = |omit_iss| location("https://app.example/cb", None, omit_iss);
        assert!(plain(false).ends_with("&iss=https%3A%2F%2Fauth.example"));
        assert!(!plain(true).contains("iss="));
    }

    #[test]
    fn oc_7_01_a_form_has_the_very_members_and_the_exact_address() {
        let nasty = "\"><script>";
        let sent = to("https://app.example/cb?keep=1", Some(nasty), false, ResponseMode::FormPost);
        let Delivery::Form { action, fields } = sent else { panic!("a form is no redirect") };
        assert_eq!(action, "https://app.example/cb?keep=1");
        assert!(fields.contains(&("state", nasty.to_owned())));
        assert!(fields.contains(&("error", "access_denied".to_owned())));
    }

    #[test]
    fn oc_4_01_a_fragment_leaves_the_query_alone() {
        let sent = to("https://app.example/cb?keep=1", Some("s"), false, ResponseMode::Fragment);
        let Delivery::Redirect(location) = sent else { panic!("a fragment is no form") };
        assert!(location.starts_with("https://app.example/cb?keep=1#error=access_denied&"));
    }

    #[test]
    fn oc_7_02_a_signed_answer_is_for_one_client_and_a_short_while() {
        let issuer = Issuer::parse("https://auth.example").unwrap();
        let members = vec![("state", "s".to_owned()), ("iss", "elsewhere".to_owned())];
        let client = ClientId::parse("app").unwrap();
        let claims = signed_claims(members, &issuer, &client, Timestamp::from_unix(1_000));
        let expected = serde_json::json!({
            "iss": "https://auth.example", "aud": "app", "exp": 1_300, "state": "s",
        });
        assert_eq!(Value::Object(claims), expected);
    }
}
