//! An issuer on a port of its own, with people, apps and records.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use actix_web::{App as Actix, HttpServer, rt, web::Data};
use fireward_jose::{Algorithm, backend::rand::SystemRandom};
use fireward_keys::MasterKey;
use fireward_oauth::{
    Issuer, IssuerId, Origin, ResourceServerId, Timestamp, UserId,
    client::{
        Status,
        registration::{Importing, SecretStrength, read_file},
    },
    people::{Link, Links, Record, Records, User},
    policy::Policy,
    resource_server::{Provenance, ResourceServer, TokenFormat},
};
use fireward_outbound::{Outbound, Policy as OutboundPolicy};
use fireward_pages::Brand;
use fireward_store::{Durability, Store};
use fireward_testkit::{Browser, Page, Seeded};
use fireward_web::Site;
use serde_json::json;
use tempfile::TempDir;
use url::form_urlencoded::Serializer;

use super::fhir;
use crate::{
    Addresses, App, ClientKeys, Logos, Passwords, Rendered, Throttled, hash, keyring::Keeper,
};

pub(super) const PASSWORD: &str = "correct horse battery staple";
pub(super) const CALLBACK: &str = "https://app.example/cb";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An issuer that listens.
pub(super) struct House {
    pub(super) app: Arc<App>,
    pub(super) issuer: String,
    pub(super) fhir: String,
    pub(super) related: Data<fhir::Related>,
    clock: Arc<AtomicI64>,
    _folder: Arc<TempDir>,
}

impl House {
    pub(super) async fn new() -> Self {
        Self::framed_by(&[]).await
    }

    /// Whose pages these origins may show in a frame.
    pub(super) async fn framed_by(ehr_origins: &[&str]) -> Self {
        let (listener, origin) = listener();
        let folder = Arc::new(TempDir::new().unwrap());
        let house = Self::at(origin, ("main", ehr_origins), folder).await;
        serve(listener, &[&house]);
        house
    }

    /// Two issuers on one listener and in one database.
    pub(super) async fn pair() -> (Self, Self) {
        let (listener, origin) = listener();
        let folder = Arc::new(TempDir::new().unwrap());
        let one = Self::at(format!("{origin}/one"), ("one", &[]), Arc::clone(&folder)).await;
        let two = Self::at(format!("{origin}/two"), ("two", &[]), folder).await;
        serve(listener, &[&one, &two]);
        (one, two)
    }

    async fn at(issuer: String, site: (&str, &[&str]), folder: Arc<TempDir>) -> Self {
        fireward_testkit::install_crypto();
        let clock = Arc::new(AtomicI64::new(1_700_000_000));
        let app = Arc::new(build(&issuer, site, &folder, &clock).await);
        let (fhir, related) = fhir::start();
        let house = Self { app, issuer, fhir, related, clock, _folder: folder };
        house.furnish().await;
        house
    }

    pub(super) fn browser(&self) -> Browser {
        Browser::new(&self.issuer)
    }

    pub(super) fn advance(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    /// The address that an app sends the browser to; later pairs replace earlier ones.
    pub(super) fn request(&self, changes: &[(&str, &str)]) -> String {
        format!("{}/authorize?{}", self.issuer, self.query(changes))
    }

    pub(super) fn query(&self, changes: &[(&str, &str)]) -> String {
        let usual = [
            ("response_type", "code"),
            ("client_id", "app"),
            ("redirect_uri", CALLBACK),
            (
                "scope",
                "openid fhirUser launch/patient offline_access patient/Condition.rs patient/Patient.rs",
            ),
            ("state", "s1"),
            ("aud", self.fhir.as_str()),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let kept = usual.iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
        let added = changes.iter().filter(|(_, value)| !value.is_empty());
        Serializer::new(String::new()).extend_pairs(kept.chain(added)).finish()
    }

    /// A browser in which somebody has signed in at their account.
    pub(super) async fn signed_in(&self, username: &str) -> Browser {
        let mut browser = self.browser();
        let page = browser.open(&format!("{}/login?for=account", self.issuer)).await;
        let fields = [("username", username), ("password", PASSWORD)];
        browser.submit(&page, "#sign-in", &fields).await;
        browser
    }

    /// From the sign-in page of an authorization to the page after it.
    pub(super) async fn sign_in(&self, browser: &mut Browser, page: &Page, username: &str) -> Page {
        browser.submit(page, "#sign-in", &[("username", username), ("password", PASSWORD)]).await
    }

    async fn furnish(&self) {
        let site = &self.app.site;
        let importing =
            Importing { issuer: &site.id, secrets: SecretStrength::Strong, now: self.app.now() };
        let clients = read_file(registrations().to_string().as_bytes(), &importing).unwrap();
        let phc = hash(PASSWORD.as_bytes(), &*site.entropy).unwrap();
        let user = |id: &str, records: Records| User {
            issuer: site.id.clone(),
            id: UserId::parse(id).unwrap(),
            username: id.to_owned(),
            name: format!("{id} Silva"),
            password: phc.clone(),
            links: Links { home: Link { fhir_user: fhir_user(id), records }, ..Links::default() },
            admin: false,
            email: None,
            status: if id == "disabled" { Status::Disabled } else { Status::Active },
            password_changed_at: self.app.now(),
            updated_at: self.app.now(),
        };
        let users = [
            user("ana", Records::These(vec![record("p1", "self")])),
            user("disabled", Records::These(vec![record("p1", "self")])),
            user("nobody", Records::These(vec![])),
            user("parent", Records::These(vec![record("p2", "parent"), record("p3", "parent")])),
            user("clinician", Records::Any),
            user("carer", Records::These(vec![])),
            user("aunt", Records::These(vec![record("p3", "parent")])),
        ];
        let server = self.server();
        let saved = site.store.transact(async |tx| {
            for client in &clients {
                tx.clients().save(client).await?;
            }
            for user in &users {
                tx.users().save(user).await?;
            }
            tx.resource_servers().save(&server).await
        });
        saved.await.unwrap();
    }

    pub(super) fn server(&self) -> ResourceServer {
        ResourceServer {
            issuer: self.app.site.id.clone(),
            id: ResourceServerId::parse("fhir").unwrap(),
            name: "Records".into(),
            base_url: self.fhir.clone(),
            audience: self.fhir.clone(),
            token_format: TokenFormat::Jwt { alg: Algorithm::ES256 },
            scopes: "patient/*.cruds user/*.cruds system/*.cruds".parse().unwrap(),
            introspection_client: None,
            patient_namespace: "demo".into(),
            access_token_lifetime: None,
            home: true,
            related_persons: true,
            fhir_versions: vec!["4.0.1".into()],
            associated_endpoints: vec![],
            provenance: Provenance::Configured,
            address: None,
        }
    }
}

fn fhir_user(id: &str) -> Option<String> {
    match id {
        "clinician" => Some("Practitioner/1".to_owned()),
        "carer" | "aunt" => Some("RelatedPerson/r1".to_owned()),
        _ => None,
    }
}

fn record(patient: &str, role: &str) -> Record {
    Record {
        patient: patient.into(),
        role: role.into(),
        related_person: None,
        until: None,
        looked_up: false,
    }
}

const KEEPING: fireward_keys::Policy = fireward_keys::Policy {
    rotate_after: 8_640_000,
    jwks_max_age: 300,
    refresh: 86_400,
    skew: 60,
    longest_token: 300,
};

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    (listener, origin)
}

fn serve(listener: TcpListener, houses: &[&House]) {
    let apps: Vec<_> = houses.iter().map(|house| Arc::clone(&house.app)).collect();
    let routes = move || {
        Actix::new().configure(|cfg| apps.iter().for_each(|app| crate::configure(cfg, app)))
    };
    rt::spawn(HttpServer::new(routes).workers(1).listen(listener).unwrap().run());
}

async fn build(
    issuer: &str,
    (id, ehr_origins): (&str, &[&str]),
    folder: &TempDir,
    clock: &Arc<AtomicI64>,
) -> App {
    let file = folder.path().join("auth.db");
    let store = Store::connect(file.to_str().unwrap(), Durability::Demo).await.unwrap();
    store.migrate().await.unwrap();
    let (issuer, id) = (Issuer::parse(issuer).unwrap(), IssuerId::parse(id).unwrap());
    let now = Timestamp::from_unix(clock.load(Ordering::Relaxed));
    store.check_issuer(&id, &issuer, now).await.unwrap();
    let keeper = Arc::new(Keeper {
        store: store.clone(),
        id: id.clone(),
        issuer: issuer.clone(),
        policy: KEEPING,
        algorithms: vec![Algorithm::ES256],
        master: MasterKey::new([7; 32]),
        random: Arc::new(SystemRandom::new()),
    });
    let allow_supplied = vec!["127.0.0.1".parse().unwrap()];
    let outbound = OutboundPolicy { allow_supplied, ..OutboundPolicy::default() };
    let outbound = Arc::new(Outbound::new(outbound));
    let read = Arc::clone(clock);
    let seed = if id.as_str() == "two" { 2 } else { 1 };
    let site = Site {
        issuer,
        id,
        store,
        policy: Policy::default(),
        clock: Arc::new(move || Timestamp::from_unix(read.load(Ordering::Relaxed))),
        entropy: Arc::new(Seeded::new(seed)),
        brand: Brand { name: "Harbour Clinic".into(), ..Brand::default() },
        ehr_origins: ehr_origins.iter().map(|origin| Origin::parse(origin).unwrap()).collect(),
        proxies: vec!["127.0.0.1/32".parse().unwrap()],
    };
    App {
        passwords: Arc::new(Passwords::new(2, &*site.entropy).unwrap()),
        site: Arc::new(site),
        keyring: keeper.open(now).await.unwrap(),
        discovery: Rendered::default(),
        style: fireward_oauth::launch::Style::default(),
        keeping: KEEPING,
        random: Arc::new(SystemRandom::new()),
        client_keys: ClientKeys::new(Arc::clone(&outbound)),
        logos: Logos::new(Arc::clone(&outbound)),
        outbound,
        throttled: Throttled::default(),
        addresses: Addresses::default(),
    }
}

fn registrations() -> serde_json::Value {
    let scope = "openid fhirUser profile launch launch/patient launch/encounter launch/imagingstudy launch/questionnaire launch/device launch/person offline_access online_access patient/*.cruds user/*.cruds";
    let app = |id: &str, callback: &str| {
        json!({
            "client_id": id, "client_name": format!("App {id}"), "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"], "redirect_uris": [callback],
            "post_logout_redirect_uris": ["https://app.example/bye"], "scope": scope,
        })
    };
    json!([app("app", CALLBACK), app("other", "https://other.example/cb")])
}
