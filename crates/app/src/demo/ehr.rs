//! The demo EHR with the sample app on its shelf.

use std::sync::Arc;

use fireward_demo_ehr::{App, CHART_SCOPE, Config, Ehr, Look, SAMPLE_APP_PATH, SampleApp, Sources};
use fireward_jose::{SigningKey, backend::rand::SystemRandom};
use fireward_oauth::Entropy as _;
use fireward_outbound::{Outbound, Policy};
use serde_json::json;
use url::Url;

use super::Addresses;
use crate::{clock, entropy::SystemEntropy, fault::Fault};

const NAME: &str = "Vitals & Labs";
const DESCRIPTION: &str =
    "Vital signs and laboratory values over time, with problems, medicines and allergies.";
const SAMPLE_APP: &str = "sample-app";

/// The EHR, as an ordinary client of the issuer.
///
/// # Errors
/// When an address is none.
pub(crate) fn ehr(addresses: &Addresses, key: SigningKey) -> Result<Ehr, Fault> {
    let home = format!("{}{SAMPLE_APP_PATH}", addresses.apps);
    let url = |text: &str| Url::parse(text).map_err(|why| Fault::Config(format!("{text}: {why}")));
    let config = Config {
        organisation: "Demo Clinic".to_owned(),
        issuer: addresses.issuer.clone(),
        fhir_base: addresses.fhir.clone(),
        base_url: url(&addresses.apps)?,
        client_id: "demo-ehr".to_owned(),
        scope: CHART_SCOPE.to_owned(),
        key,
        apps: vec![App {
            client_id: SAMPLE_APP.to_owned(),
            name: NAME.to_owned(),
            description: DESCRIPTION.to_owned(),
            home: url(&home)?,
            launch_urls: vec![addresses.launch_url()],
            intents: vec!["vitals".to_owned(), "labs".to_owned()],
            framed: true,
        }],
        looks: looks(),
        sample_app: Some(SampleApp {
            other_fhir_bases: vec![addresses.laboratory.clone()],
            client_id: SAMPLE_APP.to_owned(),
            name: NAME.to_owned(),
            description: DESCRIPTION.to_owned(),
        }),
    };
    let entropy = SystemEntropy::new();
    let sources = Sources {
        now: Arc::new(|| clock::now().unix()),
        entropy: Arc::new(move |into| entropy.fill(into)),
        rng: Arc::new(SystemRandom::new()),
    };
    Ehr::new(config, &Arc::new(Outbound::new(Policy::default())), sources)
        .map_err(|why| Fault::Config(why.to_string()))
}

/// Two looks that are unlike each other and unlike the sample app's own.
fn looks() -> Vec<Look> {
    let look =
        |id: &str, name: &str, style| Look { id: id.to_owned(), name: name.to_owned(), style };
    vec![
        look(
            "harbour",
            "Harbour, light",
            json!({
                "color_background": "#f3e3c8", "color_text": "#2a1e12", "color_highlight": "#7a3210",
                "color_error": "#9e2020", "color_success": "#2c5e2e",
                "dim_border_radius": "2px", "dim_font_size": "16px", "dim_spacing_size": "20px",
                "font_family_body": "Georgia, 'Times New Roman', serif",
                "font_family_heading": "Georgia, 'Times New Roman', serif",
            }),
        ),
        look(
            "night",
            "Night ward, dark",
            json!({
                "color_background": "#0b1a24", "color_text": "#e6f1f5", "color_highlight": "#4fd1c5",
                "color_error": "#ff9d86", "color_success": "#8fe388",
                "dim_border_radius": "20px", "dim_font_size": "17px", "dim_spacing_size": "16px",
            }),
        ),
    ]
}
