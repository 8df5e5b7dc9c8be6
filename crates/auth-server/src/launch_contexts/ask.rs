//! What an EHR says of a launch.

use fireward_jose::json;
use fireward_oauth::{
    ErrorCode, Issuer, Lifetime, Refused, client::Client, launch::LaunchContext,
    people_import::is_fhir_user,
};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// The body of `POST /launch-contexts`. A member that nobody knows is an error: it is a slip of the pen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    pub(super) client_id: String,
    pub(super) aud: String,
    launch_url: Option<String>,
    user: Option<String>,
    patient: Option<String>,
    encounter: Option<String>,
    #[serde(rename = "fhirContext", default)]
    fhir_context: Vec<Value>,
    intent: Option<String>,
    need_patient_banner: Option<bool>,
    smart_style_url: Option<String>,
    tenant: Option<String>,
    #[serde(rename = "appContext")]
    app_context: Option<String>,
    expires_in: Option<u32>,
}

impl Ask {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refused> {
        json::from_slice(body)
            .map_err(|fault| invalid(&format!("the body cannot be read: {fault}")))
    }

    /// The person who may use it, such as `Practitioner/1`.
    pub(super) fn user(&self) -> Result<Option<String>, Refused> {
        match &self.user {
            Some(user) if !is_fhir_user(user) => {
                Err(invalid("user must be a relative reference such as Practitioner/1"))
            }
            user => Ok(user.clone()),
        }
    }

    /// Where the app is opened: only where it is registered to be, and at the first place if the EHR names none (AL-8).
    pub(super) fn launch_url(&self, client: &Client) -> Result<Option<String>, Refused> {
        let Some(wanted) = &self.launch_url else { return Ok(client.launch_uris.first().cloned()) };
        if client.launch_uris.contains(wanted) {
            return Ok(Some(wanted.clone()));
        }
        Err(invalid(
            "launch_url must be one of the launch URLs that the app is registered with, exactly",
        ))
    }

    /// What the app will learn. Banner and style are always there, whether the EHR named them or not (D-27).
    pub(super) fn context(
        &self,
        issuer: &Issuer,
        style: impl FnOnce() -> String,
    ) -> Result<LaunchContext, Refused> {
        let context = LaunchContext {
            patient: self.patient.clone(),
            encounter: self.encounter.clone(),
            fhir_context: self.fhir_context.clone(),
            intent: self.intent.clone(),
            need_patient_banner: Some(self.need_patient_banner.unwrap_or(true)),
            smart_style_url: Some(self.style(issuer)?.unwrap_or_else(style)),
            tenant: self.tenant.clone(),
            app_context: self.app_context.clone(),
        };
        context.checked().map_err(|malformed| invalid(&malformed.to_string()))
    }

    /// A style elsewhere is the EHR's affair, as long as a browser may fetch it from an app's page.
    fn style(&self, issuer: &Issuer) -> Result<Option<String>, Refused> {
        let fetchable = |text: &String| {
            let plain = text.bytes().all(|octet| octet.is_ascii_graphic() && octet != b'\\');
            plain && Url::parse(text).is_ok_and(|url| is_fetchable(&url, issuer.is_secure()))
        };
        match &self.smart_style_url {
            Some(url) if !fetchable(url) => {
                Err(invalid("smart_style_url must be an https URL without user name and fragment"))
            }
            url => Ok(url.clone()),
        }
    }

    /// As long as the EHR wants, and at most as long as the issuer allows.
    pub(super) fn lifetime(&self, longest: Lifetime) -> Result<Lifetime, Refused> {
        match self.expires_in {
            None => Ok(longest),
            Some(0) => Err(invalid("expires_in must be at least a second")),
            Some(seconds) => Ok(Lifetime::seconds(seconds).min(longest)),
        }
    }
}

fn is_fetchable(url: &Url, secure: bool) -> bool {
    // Where nothing is encrypted, as on one's own machine, a style need not be either.
    let scheme = url.scheme() == "https" || (!secure && url.scheme() == "http");
    let anonymous = url.username().is_empty() && url.password().is_none();
    scheme && url.has_host() && anonymous && url.fragment().is_none()
}

fn invalid(sentence: &str) -> Refused {
    Refused::new(ErrorCode::InvalidRequest, sentence)
}
