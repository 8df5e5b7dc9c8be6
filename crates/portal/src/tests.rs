//! The account's pages, with sessions and grants put straight into the store.

mod looks;

use std::{collections::BTreeMap, pin::Pin, sync::Arc};

use actix_web::{
    App,
    body::MessageBody,
    dev::{Service, ServiceResponse},
    http::{Method, StatusCode, header},
    test::{self, TestRequest},
};
use fireward_oauth::{
    BrowserToken, ClientId, GrantId, Issuer, IssuerId, ResourceServerId, SessionToken, Timestamp,
    UserId,
    authorize::Consent,
    client::Status,
    grants::Grant,
    launch::LaunchContext,
    people::{Link, Links, PasswordHash, Records, Session, User},
    policy::Policy,
    resource_server::{
        Provenance,
        registration::{Beside, read_file, settle},
    },
};
use fireward_pages::Brand;
use fireward_store::{Durability, Store};
use fireward_testkit::Seeded;
use fireward_web::{Names, Site};
use tempfile::TempDir;

struct World {
    site: Arc<Site>,
    _folder: TempDir,
}

fn now() -> Timestamp {
    Timestamp::from_unix(1_700_000_000)
}

async fn world() -> World {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("a.db");
    let store = Store::connect(file.to_str().unwrap(), Durability::Demo).await.unwrap();
    store.migrate().await.unwrap();
    let site = Site {
        issuer: Issuer::parse("http://localhost:8080").unwrap(),
        id: IssuerId::parse("main").unwrap(),
        store,
        policy: Policy::default(),
        clock: Arc::new(now),
        entropy: Arc::new(Seeded::new(1)),
        brand: Brand { name: "Harbour Clinic".into(), ..Brand::default() },
        ehr_origins: vec![],
        proxies: vec![],
    };
    site.store.check_issuer(&site.id, &site.issuer, now()).await.unwrap();
    let file = br#"{"id": "fhir", "base_url": "https://fhir.example"}"#;
    let beside = Beside {
        issuer: &site.id,
        url: Some(&site.issuer),
        known: &[],
        provenance: Provenance::Registered,
    };
    let servers = settle(read_file(file).unwrap(), beside).unwrap();
    site.store.transact(async |tx| tx.resource_servers().save(&servers[0]).await).await.unwrap();
    World { site: Arc::new(site), _folder: folder }
}

impl World {
    /// Somebody with a session, and a grant for an app: the browser's cookies.
    async fn person(&self, id: &str) -> String {
        let site = &self.site;
        let token = SessionToken::draw(&*site.entropy);
        let browser = BrowserToken::draw(&*site.entropy);
        let (user, session) = (self.user(id), self.session(id, &token));
        let grant = self.grant(id, &session);
        let saved = site.store.transact(async |tx| {
            tx.users().save(&user).await?;
            tx.sessions().insert(&session).await?;
            tx.grants().insert(&grant).await
        });
        saved.await.unwrap();
        let (browser, session) = (browser.expose(), token.expose());
        format!("fireward-8080-browser={browser}; fireward-8080-session={session}")
    }

    fn user(&self, id: &str) -> User {
        User {
            issuer: self.site.id.clone(),
            id: UserId::parse(id).unwrap(),
            username: id.into(),
            name: format!("{id} Silva"),
            password: PasswordHash::from_phc("x".into()),
            links: Links {
                home: Link { fhir_user: None, records: Records::Any },
                ..Links::default()
            },
            admin: false,
            email: None,
            status: Status::Active,
            password_changed_at: now(),
            updated_at: now(),
        }
    }

    fn session(&self, user: &str, token: &SessionToken) -> Session {
        Session {
            issuer: self.site.id.clone(),
            digest: token.digest(),
            sid: format!("sid-{user}"),
            user: UserId::parse(user).unwrap(),
            auth_time: now(),
            amr: vec![],
            last_seen: now(),
            expires_at: now().plus(self.site.policy.session),
            device: "Firefox on Linux".into(),
            address: "192.0.2.7".into(),
        }
    }

    fn grant(&self, user: &str, session: &Session) -> Grant {
        let scopes: fireward_scopes::ScopeSet = "openid patient/Condition.rs".parse().unwrap();
        let index: [u8; 4] = self.site.entropy.draw();
        Grant {
            issuer: self.site.id.clone(),
            id: GrantId::parse(&format!("grant-{user}")).unwrap(),
            subject: UserId::parse(user).unwrap(),
            client: ClientId::parse("chart").unwrap(),
            resource_server: None,
            asked: scopes.clone(),
            granted: scopes,
            dropped: vec![],
            context: LaunchContext::default(),
            session: Some(session.digest),
            auth_time: now(),
            amr: vec![],
            sid: None,
            created_at: now(),
            until: now().plus(self.site.policy.offline),
            last_used: now(),
            status_index: u32::from_be_bytes(index),
            ended: None,
        }
    }

    /// Has somebody allowed an app something before.
    async fn remember(&self, user: &str, client: &str, patient: Option<&str>) {
        let scopes: fireward_scopes::ScopeSet = "patient/Condition.rs".parse().unwrap();
        let consent = Consent {
            issuer: self.site.id.clone(),
            user: UserId::parse(user).unwrap(),
            client: ClientId::parse(client).unwrap(),
            resource_server: Some(ResourceServerId::parse("fhir").unwrap()),
            patient: patient.map(str::to_owned),
            asked: scopes.clone(),
            granted: scopes,
            until: now().plus(self.site.policy.offline),
            given_at: now(),
        };
        self.site.store.transact(async |tx| tx.consents().save(&consent).await).await.unwrap();
    }

    async fn remembered(&self, user: &str) -> usize {
        let (site, user) = (&self.site, UserId::parse(user).unwrap());
        let read = site.store.read();
        read.consents().list_live_for_user(&site.id, &user, now()).await.unwrap().len()
    }

    async fn live(&self, user: &str) -> usize {
        let (site, user) = (&self.site, UserId::parse(user).unwrap());
        site.store.read().grants().list_live_for_user(&site.id, &user, now()).await.unwrap().len()
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        cookies: &str,
        form: &str,
    ) -> (StatusCode, String, String) {
        let site = Arc::clone(&self.site);
        let service = test::init_service(
            App::new().configure(|cfg| crate::configure(cfg, &site, (&names(), &looks::trail()))),
        )
        .await;
        let request = TestRequest::default()
            .method(method)
            .uri(path)
            .insert_header((header::COOKIE, cookies))
            .insert_header((header::CONTENT_TYPE, "application/x-www-form-urlencoded"))
            .set_payload(form.to_owned())
            .to_request();
        answer(service.call(request).await.unwrap()).await
    }
}

/// A FHIR server that knows Tomás, and nobody else.
struct Tomas;

impl Names for Tomas {
    fn of<'a>(
        &'a self,
        _: &'a ResourceServerId,
        patients: &'a [String],
    ) -> Pin<Box<dyn Future<Output = BTreeMap<String, String>> + 'a>> {
        let known = patients.iter().filter(|id| *id == "p2");
        let named = known.map(|id| (id.clone(), "Tomás Silva".to_owned())).collect();
        Box::pin(std::future::ready(named))
    }
}

fn names() -> Arc<dyn Names> {
    Arc::new(Tomas)
}

async fn answer(response: ServiceResponse<impl MessageBody>) -> (StatusCode, String, String) {
    let location =
        response.headers().get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
    let status = response.status();
    let body = test::read_body(response).await;
    (status, String::from_utf8(body.to_vec()).unwrap(), location.unwrap_or_default())
}

fn csrf(page: &str) -> String {
    let after = page.split("name=\"csrf\" value=\"").nth(1).unwrap();
    format!("csrf={}", after.split('"').next().unwrap())
}

#[actix_web::test]
async fn nobody_sees_an_account_without_signing_in() {
    let world = world().await;
    for (path, to) in
        [("/account", "account"), ("/account/apps", "apps"), ("/account/devices", "devices")]
    {
        let (status, _, location) = world.ask(Method::GET, path, "", "").await;
        assert_eq!((status, location), (StatusCode::SEE_OTHER, format!("/login?for={to}")));
    }
}

#[actix_web::test]
async fn disconnecting_an_app_ends_its_grants_and_takes_a_checked_form() {
    let world = world().await;
    let cookies = world.person("ana").await;
    world.person("bea").await;
    let (_, list, _) = world.ask(Method::GET, "/account/apps", &cookies, "").await;
    assert!(list.contains("chart") && list.contains("/account/apps/disconnect?app=chart"));
    let path = "/account/apps/disconnect?app=chart";
    let (status, page, _) = world.ask(Method::GET, path, &cookies, "").await;
    assert_eq!(status, StatusCode::OK);
    let (status, ..) = world.ask(Method::POST, path, &cookies, "csrf=AAAA").await;
    assert_eq!((status, world.live("ana").await), (StatusCode::FORBIDDEN, 1));
    let (status, receipt, _) = world.ask(Method::POST, path, &cookies, &csrf(&page)).await;
    assert_eq!((status, world.live("ana").await), (StatusCode::OK, 0));
    assert!(receipt.contains("chart"));
    assert_eq!(world.live("bea").await, 1);
}

#[actix_web::test]
async fn apps_are_counted_rather_than_their_grants_and_alike_on_every_page() {
    let world = world().await;
    let cookies = world.person("ana").await;
    let token = SessionToken::draw(&*world.site.entropy);
    let more = ["again", "child"].map(|name| {
        let context = LaunchContext {
            patient: (name == "child").then(|| "p2".into()),
            ..LaunchContext::default()
        };
        let grant = world.grant("ana", &world.session("ana", &token));
        Grant { id: GrantId::parse(&format!("grant-{name}")).unwrap(), context, ..grant }
    });
    let saved = world.site.store.transact(async |tx| {
        for grant in &more {
            tx.grants().insert(grant).await?;
        }
        Ok(())
    });
    saved.await.unwrap();
    let (_, home, _) = world.ask(Method::GET, "/account", &cookies, "").await;
    assert!(home.contains("1 app is connected"), "{home}");
    let end_all = "/account/devices/end-all";
    let (_, page, _) = world.ask(Method::GET, end_all, &cookies, "").await;
    assert!(page.contains("It disconnects 1 app."), "{page}");
    let (_, receipt, _) = world.ask(Method::POST, end_all, &cookies, &csrf(&page)).await;
    assert!(receipt.contains("1 app is disconnected."), "{receipt}");
    assert!(receipt.contains("1 device is signed out."), "{receipt}");
    assert_eq!(world.live("ana").await, 0);
}

#[actix_web::test]
async fn d_26_what_was_switched_off_is_not_said_to_be_seen() {
    let world = world().await;
    let cookies = world.person("ana").await;
    let token = SessionToken::draw(&*world.site.entropy);
    let observation = "http://terminology.hl7.org/CodeSystem/observation-category";
    let condition = "http://terminology.hl7.org/CodeSystem/condition-category";
    let granted = format!(
        "patient/Patient.rs patient/Observation.rs?category={observation}|laboratory \
         patient/Condition.rs?category={condition}|problem-list-item patient/Device.rs"
    );
    let grant = Grant {
        id: GrantId::parse("grant-narrow").unwrap(),
        client: ClientId::parse("narrow").unwrap(),
        granted: granted.parse().unwrap(),
        ..world.grant("ana", &world.session("ana", &token))
    };
    world.site.store.transact(async |tx| tx.grants().insert(&grant).await).await.unwrap();
    let (_, list, _) = world.ask(Method::GET, "/account/apps", &cookies, "").await;
    let card = list.split("<li class=\"card\">").find(|card| card.contains("app=narrow")).unwrap();
    let seen = "About the person · Ongoing problems · Laboratory results · Medical devices";
    assert!(card.contains(seen), "{card}");
    assert!(!card.contains("vital signs") && !card.contains(">Conditions"), "{card}");
}

#[actix_web::test]
async fn another_persons_app_does_not_exist() {
    let world = world().await;
    let cookies = world.person("ana").await;
    world.remember("bea", "diary", Some("p2")).await;
    let path = "/account/apps/disconnect?app=diary";
    let (status, ..) = world.ask(Method::GET, path, &cookies, "").await;
    assert_eq!((status, world.remembered("bea").await), (StatusCode::NOT_FOUND, 1));
}

#[actix_web::test]
async fn what_is_only_remembered_is_a_connected_app_and_is_forgotten_for_every_record() {
    let world = world().await;
    let cookies = world.person("ana").await;
    for patient in ["p2", "p3"] {
        world.remember("ana", "diary", Some(patient)).await;
    }
    let (_, list, _) = world.ask(Method::GET, "/account/apps", &cookies, "").await;
    assert!(list.contains("Tomás Silva") && !list.contains(">p2<"), "the name, not the id: {list}");
    assert!(list.contains("p3"), "the record's number, where nobody knows a name");
    let path = "/account/apps/disconnect?app=diary";
    let (_, page, _) = world.ask(Method::GET, path, &cookies, "").await;
    let (status, ..) = world.ask(Method::POST, path, &cookies, &csrf(&page)).await;
    assert_eq!((status, world.remembered("ana").await), (StatusCode::OK, 0));
    assert_eq!(world.live("ana").await, 1, "and the other app stays");
}

#[actix_web::test]
async fn to_stop_every_app_is_to_be_asked_by_each_again() {
    let world = world().await;
    let cookies = world.person("ana").await;
    for patient in [None, Some("p2")] {
        world.remember("ana", "diary", patient).await;
        world.remember("bea", "diary", patient).await;
    }
    let (_, page, _) = world.ask(Method::GET, "/account/devices/end-all", &cookies, "").await;
    assert!(page.contains("2 apps"), "{page}");
    world.ask(Method::POST, "/account/devices/end-all", &cookies, &csrf(&page)).await;
    assert_eq!((world.remembered("ana").await, world.remembered("bea").await), (0, 2));
}

#[actix_web::test]
async fn a_lost_device_ends_every_session_and_grant_of_one_person_at_once() {
    let world = world().await;
    let (lost, cookies) = (world.person("ana").await, world.person("bea").await);
    let (_, page, _) = world.ask(Method::GET, "/account/devices/end-all", &lost, "").await;
    let (status, ..) =
        world.ask(Method::POST, "/account/devices/end-all", &lost, &csrf(&page)).await;
    assert_eq!((status, world.live("ana").await), (StatusCode::OK, 0));
    let (status, ..) = world.ask(Method::GET, "/account", &lost, "").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (status, ..) = world.ask(Method::GET, "/account", &cookies, "").await;
    assert_eq!((status, world.live("bea").await), (StatusCode::OK, 1));
}

#[actix_web::test]
async fn one_session_is_ended_by_its_own_person_only() {
    let world = world().await;
    let (ana, bea) = (world.person("ana").await, world.person("bea").await);
    let token = SessionToken::draw(&*world.site.entropy);
    let phone = Session { sid: "sid-phone".into(), ..world.session("ana", &token) };
    world.site.store.transact(async |tx| tx.sessions().insert(&phone).await).await.unwrap();
    let (_, page, _) = world.ask(Method::GET, "/account/devices", &ana, "").await;
    assert!(page.contains("Firefox") && page.contains("192.0.2.7"));
    world.ask(Method::POST, "/account/devices/sid-bea/end", &ana, &csrf(&page)).await;
    assert_eq!(world.ask(Method::GET, "/account", &bea, "").await.0, StatusCode::OK);
    let end = async |sid: &str| {
        let path = format!("/account/devices/{sid}/end");
        world.ask(Method::POST, &path, &ana, &csrf(&page)).await
    };
    assert_eq!(end("sid-phone").await.0, StatusCode::OK);
    let (site, kept) = (&world.site, token.digest());
    assert!(site.store.read().sessions().find(&site.id, &kept).await.unwrap().is_none());
    assert_eq!(world.ask(Method::GET, "/account", &ana, "").await.0, StatusCode::OK);
    let (status, _, to) = end("sid-ana").await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/login?for=devices"));
    assert_eq!(world.ask(Method::GET, "/account", &ana, "").await.0, StatusCode::SEE_OTHER);
}
