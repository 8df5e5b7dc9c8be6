//! The demo EHR with the sample app on its shelf.

use std::sync::Arc;

use fireward_demo_ehr::{App, CHART_SCOPE, Config, Ehr, SAMPLE_APP_PATH, SampleApp, Sources};
use fireward_jose::{SigningKey, backend::rand::SystemRandom};
use fireward_oauth::Entropy as _;
use fireward_outbound::{Outbound, Policy};
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
            intents: vec!["vitals".to_owned(), "labs".to_owned()],
            framed: true,
        }],
        sample_app: Some(SampleApp {
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
