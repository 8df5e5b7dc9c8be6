//! Where the demo's three servers are found: derived from the ports at start, so that port 0 works.

use fireward_demo_ehr::SAMPLE_LAUNCH_PATH;
use fireward_fhir_server::Around;
use serde_json::{Value, json};

use crate::listen::{Bound, is_every_address, is_loopback};

/// The demo's three addresses.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    /// The issuer.
    pub(crate) issuer: String,
    /// The FHIR base of the clinic.
    pub(crate) fhir: String,
    /// The FHIR base of the laboratory, at the same port.
    pub(crate) laboratory: String,
    /// The demo EHR and the sample app.
    pub(crate) apps: String,
}

impl Addresses {
    /// From the ports that were bound, and from `--issuer` where it is given.
    pub(crate) fn of(host: &str, issuer: Option<&str>, [auth, fhir, apps]: [&Bound; 3]) -> Self {
        // Browsers treat http://localhost as secure; people find it easier to read than an address.
        let name = if is_loopback(host) && !host.contains(':') || is_every_address(host) {
            "localhost".to_owned()
        } else if host.contains(':') && !host.starts_with('[') {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        let at = |bound: &Bound| format!("http://{name}:{}", bound.address.port());
        Self {
            issuer: issuer.map_or_else(|| at(auth), str::to_owned),
            fhir: format!("{}/fhir", at(fhir)),
            laboratory: format!("{}/laboratory/fhir", at(fhir)),
            apps: at(apps),
        }
    }

    /// What the records of the clinic refer to elsewhere.
    pub(crate) fn around<'a>(&'a self, launch_url: &'a str) -> Around<'a> {
        Around { launch_url, laboratory: Some(&self.laboratory) }
    }

    /// The launch URL of the sample app, as it is registered.
    pub(crate) fn launch_url(&self) -> String {
        format!("{}{SAMPLE_LAUNCH_PATH}", self.apps)
    }

    /// What programs that wait for the demo read.
    pub(crate) fn ready(&self) -> Value {
        json!({
            "issuer": self.issuer, "fhir": self.fhir, "laboratory": self.laboratory, "apps": self.apps,
            "pid": std::process::id(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listen::bind;

    fn issuer(host: &str) -> String {
        let ports = ["--port", "--fhir-port", "--apps-port"]
            .map(|flag| bind("127.0.0.1", 0, flag).unwrap());
        let addresses = Addresses::of(host, None, ports.each_ref());
        addresses.issuer.rsplit_once(':').unwrap().0.to_owned()
    }

    #[test]
    fn browsers_of_this_machine_are_told_localhost() {
        assert_eq!(issuer("127.0.0.1"), "http://localhost");
        assert_eq!(issuer("0.0.0.0"), "http://localhost", "as within a container");
        assert_eq!(issuer("::"), "http://localhost");
        assert_eq!(issuer("::1"), "http://[::1]");
        assert_eq!(issuer("[::1]"), "http://[::1]");
        assert_eq!(issuer("demo.example"), "http://demo.example");
    }
}
