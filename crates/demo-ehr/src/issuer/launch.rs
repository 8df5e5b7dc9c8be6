//! Registering a launch context: what the EHR knows and the app is to be told (SMART App Launch 2.2, EHR launch).

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Caller, Issuer};
use crate::{failure::Failure, remote::Reply};

/// The body of `POST /launch-contexts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LaunchContext<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) aud: &'a str,
    pub(crate) user: &'a str,
    pub(crate) patient: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encounter: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) intent: Option<&'a str>,
    pub(crate) need_patient_banner: bool,
}

#[derive(Deserialize)]
struct Answer {
    launch_url: Option<Url>,
}

impl Issuer {
    /// Registers a context and gives the address to open.
    pub(crate) async fn register_launch(
        &self,
        by: Caller<'_>,
        context: &LaunchContext<'_>,
    ) -> Result<Url, Failure> {
        let mut reply = self.post_launch(by, context).await?;
        if reply.status == 401 {
            // Withdrawn or expired on the way: once more with a fresh one.
            self.forget_own_token().await;
            reply = self.post_launch(by, context).await?;
        }
        if reply.status != 201 {
            return Err(Failure::elsewhere(&format!(
                "launch contexts are answered {}",
                reply.status
            )));
        }
        let answer: Answer =
            serde_json::from_slice(&reply.body).map_err(|fault| Failure::elsewhere(&fault))?;
        answer.launch_url.ok_or_else(|| Failure::elsewhere(&"the app has no launch URL registered"))
    }

    async fn post_launch(
        &self,
        by: Caller<'_>,
        context: &LaunchContext<'_>,
    ) -> Result<Reply, Failure> {
        let token = self.own_token(by).await?;
        by.remote.post_json(&self.launch_contexts, &token, context).await
    }
}
