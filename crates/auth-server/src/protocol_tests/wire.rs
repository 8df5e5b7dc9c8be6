//! What goes over the wire, and what came back.

use actix_web::{
    App,
    body::to_bytes,
    http::header::{AUTHORIZATION, HeaderName},
    test::{TestRequest, call_service, init_service},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use fireward_jose::b64;
use serde_json::Value;

use super::World;

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Status and error code: `400 invalid_grant`.
    pub(super) fn refusal(&self) -> String {
        let error = self.json()["error"].as_str().unwrap_or_default().to_owned();
        format!("{} {error}", self.status)
    }

    /// A member that must be a string.
    pub(super) fn text(&self, member: &str) -> String {
        let json = self.json();
        json[member].as_str().unwrap_or_else(|| panic!("no {member} in {self:?}")).to_owned()
    }
}

/// Who sends a form, and how they prove it.
#[derive(Clone, Copy)]
pub(super) enum As<'a> {
    Nobody,
    Basic(&'a str, &'a str),
    Bearer(&'a str),
}

impl World {
    pub(super) async fn call(&self, request: TestRequest) -> Answer {
        let service =
            init_service(App::new().configure(|cfg| crate::configure(cfg, &self.app))).await;
        let response = call_service(&service, request.to_request()).await;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()));
        let headers = headers.collect();
        let body = to_bytes(response.into_body()).await.unwrap_or_else(|_| panic!("no body"));
        Answer { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.call(TestRequest::get().uri(path)).await
    }

    pub(super) async fn post(&self, path: &str, sender: As<'_>, form: &[(&str, &str)]) -> Answer {
        let request = TestRequest::post().uri(path).set_form(form);
        let request = match sender {
            As::Nobody => request,
            As::Basic(id, secret) => {
                let pair = STANDARD.encode(format!("{id}:{secret}"));
                request.insert_header((AUTHORIZATION, format!("Basic {pair}")))
            }
            As::Bearer(token) => request.insert_header((AUTHORIZATION, format!("Bearer {token}"))),
        };
        self.call(request).await
    }

    /// The token endpoint, by a client that says its `client_id` in the form.
    pub(super) async fn token(&self, form: &[(&str, &str)]) -> Answer {
        self.post("/token", As::Nobody, form).await
    }

    pub(super) async fn get_as(&self, path: &str, token: &str) -> Answer {
        let request = TestRequest::get().uri(path);
        self.call(request.insert_header((AUTHORIZATION, format!("Bearer {token}")))).await
    }
}

/// The header of a token.
pub(super) fn header(token: &str) -> Value {
    part(token, 0)
}

/// The claims of a token.
pub(super) fn claims(token: &str) -> Value {
    part(token, 1)
}

fn part(token: &str, place: usize) -> Value {
    let part = token.split('.').nth(place).unwrap();
    serde_json::from_slice(&b64::decode(part).unwrap()).unwrap()
}

pub(super) fn name(text: &'static str) -> HeaderName {
    HeaderName::from_static(text)
}
