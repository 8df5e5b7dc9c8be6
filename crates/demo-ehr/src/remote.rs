//! Requests to the issuer and the FHIR server, both of which the operator named, through `outbound`.

use std::sync::Arc;

use fireward_outbound::{Answer, Configured, Credentials, Fault, Outbound};
use serde::Serialize;
use url::Url;

use crate::failure::Failure;

/// An answer of any status.
pub(crate) type Reply = Answer;

/// The way out.
pub(crate) struct Remote(Arc<Outbound>);

/// A year of somebody's observations fits; a flood does not.
const RECORDS_CAP: usize = 8 * 1024 * 1024;
const ANSWER_CAP: usize = 256 * 1024;

impl Remote {
    pub(crate) fn new(outbound: Arc<Outbound>) -> Self {
        Self(outbound)
    }

    /// Records, as whoever holds the token.
    pub(crate) async fn get(&self, at: &Url, token: &str) -> Result<Reply, Failure> {
        let credentials = Credentials::Bearer(token);
        settle(self.0.get(&named(at)?, "application/fhir+json", credentials, RECORDS_CAP).await)
    }

    /// A form, the credentials within it.
    pub(crate) async fn post_form(
        &self,
        at: &Url,
        form: &[(&str, &str)],
    ) -> Result<Reply, Failure> {
        settle(self.0.post_form(&named(at)?, form, Credentials::None, ANSWER_CAP).await)
    }

    /// JSON, as whoever holds the token.
    pub(crate) async fn post_json(
        &self,
        at: &Url,
        token: &str,
        value: &impl Serialize,
    ) -> Result<Reply, Failure> {
        let credentials = Credentials::Bearer(token);
        settle(self.0.post_json(&named(at)?, value, credentials, ANSWER_CAP).await)
    }
}

/// An address from the configuration, or from the metadata of the issuer that the configuration names.
pub(crate) fn named(at: &Url) -> Result<Configured, Failure> {
    Configured::new(at.as_str()).map_err(|fault| Failure::elsewhere(&fault))
}

fn settle(answer: Result<Answer, Fault>) -> Result<Reply, Failure> {
    answer.map_err(|fault| Failure::elsewhere(&fault))
}
