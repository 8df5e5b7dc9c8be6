//! What the EHR must be told. Nothing of the demo is written into the code.

use fireward_jose::SigningKey;
use url::{Origin, Url};

/// What the EHR must be told.
#[derive(Debug)]
pub struct Config {
    /// The name that its pages show.
    pub organisation: String,
    /// The issuer that signs clinicians in, exactly as its metadata spells it.
    pub issuer: String,
    /// The FHIR server's base, exactly as the issuer has it registered.
    pub fhir_base: String,
    /// Where browsers find the EHR: scheme, host and port.
    pub base_url: Url,
    /// The EHR's own client id at the issuer.
    pub client_id: String,
    /// What it asks when a clinician signs in, space separated.
    pub scope: String,
    /// The key of its client assertions. Its public half is served at [`JWKS_PATH`].
    pub key: SigningKey,
    /// The apps on the shelf.
    pub apps: Vec<App>,
    /// The looks that a launch may ask an app to take over.
    pub looks: Vec<Look>,
    /// The sample app that is served beside the EHR.
    pub sample_app: Option<SampleApp>,
}

/// An app that clinicians may launch.
#[derive(Debug, Clone)]
pub struct App {
    /// Its client id at the issuer.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// What it does, in a sentence.
    pub description: String,
    /// Where it lives: the launch URL that the issuer gives must be of this origin.
    pub home: Url,
    /// The launch URLs that it is registered with, spelled as there: a Task may name one of these and no other.
    pub launch_urls: Vec<String>,
    /// The intents that it knows (SMART App Launch 2.2, `intent`).
    pub intents: Vec<String>,
    /// It may be shown in a frame within the chart.
    pub framed: bool,
}

/// A style that the EHR registers at the issuer, and names in launches (SMART App Launch 2.2, `smart_style_url`).
#[derive(Debug, Clone)]
pub struct Look {
    /// What the form posts.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its members.
    pub style: serde_json::Value,
}

/// The sample app: a public client, its files served under [`SAMPLE_APP_PATH`].
#[derive(Debug, Clone)]
pub struct SampleApp {
    /// Its client id at the issuer.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// What it does, in a sentence.
    pub description: String,
    /// The bases of further FHIR servers of the issuer where it may be launched; at the origin of the first.
    pub other_fhir_bases: Vec<String>,
}

/// Where the issuer sends clinicians back to; to be registered as the EHR's redirect URI.
pub const CALLBACK_PATH: &str = "/ehr/callback";
/// The EHR's public keys; to be registered as its JWKS URL.
pub const JWKS_PATH: &str = "/ehr/jwks.json";
/// Where a browser comes back to after signing out; to be registered as post-logout redirect URI.
pub const SIGNED_OUT_PATH: &str = "/";
/// The sample app's first page and redirect URI.
pub const SAMPLE_APP_PATH: &str = "/sample-app/";
/// The sample app's launch URL.
pub const SAMPLE_LAUNCH_PATH: &str = "/sample-app/launch.html";

/// The scope of the token that the EHR registers launch contexts with.
pub const LAUNCH_SCOPE: &str = "https://fireward.dev/scopes/launch-contexts";

/// What a chart needs, and no more: for [`Config::scope`].
pub const CHART_SCOPE: &str = "openid fhirUser profile offline_access user/Patient.rs \
    user/Encounter.rs user/Condition.rs user/MedicationRequest.rs user/AllergyIntolerance.rs \
    user/Observation.rs user/Practitioner.rs user/Task.rs";

/// Why a configuration cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigFault {
    /// An address is none, or no web address.
    #[error("{name} is not a web address: {value}")]
    NotAnAddress {
        /// Which setting.
        name: &'static str,
        /// What it says.
        value: String,
    },
}

impl Config {
    pub(crate) fn issuer_url(&self) -> Result<Url, ConfigFault> {
        web_address("issuer", &self.issuer)
    }

    pub(crate) fn fhir_url(&self) -> Result<Url, ConfigFault> {
        web_address("fhir_base", &self.fhir_base)
    }

    pub(crate) fn address_of(&self, path: &str) -> String {
        format!("{}{path}", self.base_url.as_str().trim_end_matches('/'))
    }

    pub(crate) fn secure(&self) -> bool {
        self.base_url.scheme() == "https"
    }

    pub(crate) fn look(&self, id: &str) -> Option<&Look> {
        self.looks.iter().find(|look| look.id == id)
    }

    pub(crate) fn app(&self, client_id: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.client_id == client_id)
    }
}

impl App {
    pub(crate) fn origin(&self) -> Origin {
        self.home.origin()
    }
}

fn web_address(name: &'static str, value: &str) -> Result<Url, ConfigFault> {
    let fault = || ConfigFault::NotAnAddress { name, value: value.to_owned() };
    let url = Url::parse(value).map_err(|_| fault())?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(url) } else { Err(fault()) }
}
