//! `[issuer]`: who we are.

use fireward_oauth::{Issuer, IssuerId, Origin};
use fireward_pages::Support;
use serde::Deserialize;

/// The issuer that this deployment serves.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssuerConfig {
    /// The issuer identifier: the URL that clients and resource servers know us by.
    pub(crate) url: String,
    /// Its short name in the database.
    #[serde(default = "main")]
    pub(crate) id: String,
    /// The organisation, as pages name it.
    #[serde(default = "fireward")]
    pub(crate) name: String,
    /// Whom people may ask for help: an e-mail address, telephone number or URL.
    pub(crate) support: Option<String>,
    /// The origins of EHRs that may show our pages within theirs; none where not given.
    #[serde(default)]
    pub(crate) ehr_origins: Vec<String>,
}

impl IssuerConfig {
    /// The issuer.
    pub(crate) fn parse(&self) -> Result<Issuer, String> {
        Issuer::parse(&self.url).map_err(|wrong| format!("[issuer] url: {wrong}"))
    }

    /// The EHRs that may show our pages within theirs.
    pub(crate) fn parse_ehr_origins(&self) -> Result<Vec<Origin>, String> {
        let parse = |text: &String| {
            Origin::parse(text).map_err(|why| format!("[issuer] ehr_origins: {text}: {why}"))
        };
        self.ehr_origins.iter().map(parse).collect()
    }

    /// Whom people may ask, as something to read and, where it can be, to tap.
    pub(crate) fn support(&self) -> Option<Support> {
        self.support.as_deref().map(|text| Support {
            words: text.to_owned(),
            href: if text.starts_with("https://") {
                Some(text.to_owned())
            } else {
                text.contains('@').then(|| format!("mailto:{text}"))
            },
        })
    }

    /// Its name in the database.
    pub(crate) fn parse_id(&self) -> Result<IssuerId, String> {
        IssuerId::parse(&self.id).map_err(|wrong| format!("[issuer] id: {wrong}"))
    }
}

fn main() -> String {
    "main".to_owned()
}

fn fireward() -> String {
    "Fireward".to_owned()
}
