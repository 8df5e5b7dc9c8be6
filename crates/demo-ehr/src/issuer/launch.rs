//! Registering a launch context, and the style it names: what the EHR knows and the app is to be told (SMART App
//! Launch 2.2, EHR launch).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{Caller, Issuer};
use crate::{failure::Failure, remote::Reply};

/// The body of `POST /launch-contexts`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct LaunchContext<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) aud: &'a str,
    pub(crate) user: &'a str,
    pub(crate) patient: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) launch_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encounter: Option<&'a str>,
    #[serde(rename = "fhirContext", skip_serializing_if = "Vec::is_empty")]
    pub(crate) fhir_context: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) intent: Option<&'a str>,
    #[serde(rename = "appContext", skip_serializing_if = "Option::is_none")]
    pub(crate) app_context: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) smart_style_url: Option<String>,
    pub(crate) need_patient_banner: bool,
}

#[derive(Deserialize)]
struct Launch {
    launch_url: Option<Url>,
}

#[derive(Deserialize)]
struct Style {
    smart_style_url: String,
}

impl Issuer {
    /// Registers a context and gives the address to open.
    pub(crate) async fn register_launch(
        &self,
        by: Caller<'_>,
        context: &LaunchContext<'_>,
    ) -> Result<Url, Failure> {
        let reply = self.register(by, &self.launch_contexts, context).await?;
        let answer: Launch =
            serde_json::from_slice(&reply.body).map_err(|fault| Failure::elsewhere(&fault))?;
        answer.launch_url.ok_or_else(|| Failure::elsewhere(&"the app has no launch URL registered"))
    }

    /// Registers a style and gives its address; the same style once more has the same address.
    pub(crate) async fn register_style(
        &self,
        by: Caller<'_>,
        style: &Value,
    ) -> Result<String, Failure> {
        let reply = self.register(by, &self.styles, style).await?;
        let answer: Style =
            serde_json::from_slice(&reply.body).map_err(|fault| Failure::elsewhere(&fault))?;
        Ok(answer.smart_style_url)
    }

    /// Sends something that the EHR registers as itself.
    async fn register(
        &self,
        by: Caller<'_>,
        at: &Url,
        value: &impl Serialize,
    ) -> Result<Reply, Failure> {
        let mut reply = self.send(by, at, value).await?;
        if reply.status == 401 {
            // The token was withdrawn or expired on the way: once more with a fresh one.
            self.forget_own_token().await;
            reply = self.send(by, at, value).await?;
        }
        match reply.status {
            200 | 201 => Ok(reply),
            status => Err(Failure::elsewhere(&format!("{} answers {status}", at.path()))),
        }
    }

    async fn send(
        &self,
        by: Caller<'_>,
        at: &Url,
        value: &impl Serialize,
    ) -> Result<Reply, Failure> {
        let token = self.own_token(by).await?;
        by.remote.post_json(at, &token, value).await
    }
}
