//! The same suite through the gateway: `FIREWARD_THROUGH=gateway`. The server behind it is open, and has the same records.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::{App, HttpServer, web};
use fireward_fhir::Rules;
use fireward_gateway::{Credential, Gateway, Limits, Links, Settings, Upstream};
use fireward_guard::{Config, Guard};
use fireward_jose::backend::rand::SystemRandom;
use fireward_keys::MasterKey;
use fireward_outbound::{Configured, Outbound, Policy};

use super::BASE;
use crate::{FhirServer, configure};

/// A gateway before an open server with the records of this one, if the suite goes through one.
pub(super) fn through(server: &FhirServer) -> Option<web::Data<Gateway>> {
    #[expect(clippy::disallowed_methods, reason = "which of the two the suite is for")]
    let through = std::env::var("FIREWARD_THROUGH").ok()?;
    assert_eq!(through, "gateway");
    let outbound = Arc::new(Outbound::new(Policy::default()));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/fhir", listener.local_addr().unwrap());
    let guard = Guard::new(Config::unprotected(base.as_str()), &outbound, Arc::new(|| super::NOW));
    let (records, now, new_id) =
        (server.records.clone(), server.now.clone(), server.new_id.clone());
    let open = FhirServer::new(records, web::Data::new(guard), &base.parse().unwrap(), now, new_id);
    let open = web::Data::new(open);
    let app = move || {
        let open = open.clone();
        App::new().configure(|config| configure(config, open))
    };
    let behind = HttpServer::new(app).workers(1).listen(listener).unwrap();
    actix_web::rt::spawn(behind.run());
    let limits = Limits::default();
    let address = Configured::new(&base).unwrap();
    let upstream = Upstream::new(outbound, address, None, Credential::None, limits.answer);
    let links = Links::new(MasterKey::new([7; 32]), Arc::new(SystemRandom::new()));
    let settings = Settings {
        base: BASE.parse().unwrap(),
        limits,
        since: "2026-11-01".to_owned(),
        rules: Rules::default(),
        new_id: server.new_id.clone(),
    };
    Some(web::Data::new(Gateway::new(server.guard.clone(), upstream, links, settings)))
}
