//! Values that the tests of this crate decide on.

use std::sync::atomic::{AtomicU64, Ordering};

use fireward_jose::Algorithm;

use crate::{
    authorize::{Authorization, Came, Params, Request, Stage, Surroundings, validate},
    capability::Capabilities,
    client::{About, Client, ClientAuth, ConsentPolicy, GrantType, Profile, RequestRules, Status},
    grants::Grant,
    launch::LaunchContext,
    people::{Link, Links, PasswordHash, Record, Records, Session, User},
    resource_server::{Provenance, ResourceServer, TokenFormat},
    vocabulary::{
        AuthorizationId, BrowserToken, ClientId, Digest, Entropy, GrantId, IssuerId,
        ResourceServerId, Timestamp, UserId,
    },
};

/// Entropy that can be told apart, and is the same in every run.
pub(crate) struct Seeded(pub(crate) AtomicU64);

impl Entropy for Seeded {
    fn fill(&self, into: &mut [u8]) {
        for chunk in into.chunks_mut(8) {
            let draw = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            for (to, from) in chunk.iter_mut().zip(draw.to_le_bytes()) {
                *to = from;
            }
        }
    }
}

pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_unix(1_000 + second)
}

pub(crate) fn issuer() -> IssuerId {
    IssuerId::parse("main").unwrap()
}

pub(crate) fn client(id: &str) -> Client {
    Client {
        issuer: issuer(),
        id: ClientId::parse(id).unwrap(),
        profile: Profile::Smart,
        auth: ClientAuth::None,
        redirect_uris: vec![crate::RedirectUri::register("https://app.example/cb").unwrap()],
        post_logout_redirect_uris: vec![],
        launch_uris: vec![],
        grant_types: GrantType::VARIANTS.into_iter().collect(),
        scopes: "openid fhirUser launch launch/patient launch/encounter launch/imagingstudy launch/questionnaire offline_access online_access patient/*.cruds user/*.rs"
            .parse()
            .unwrap(),
        consent: ConsentPolicy::Ask,
        requests: RequestRules::default(),
        id_token_alg: Algorithm::RS256,
        omit_iss: false,
        access_token_lifetime: None,
        group: None,
        about: About::default(),
        status: Status::Active,
        updated_at: at(0),
    }
}

pub(crate) fn server() -> ResourceServer {
    ResourceServer {
        issuer: issuer(),
        id: ResourceServerId::parse("fhir").unwrap(),
        name: "Records".into(),
        base_url: "https://fhir.example/r4".into(),
        address: None,
        audience: "https://fhir.example/r4".into(),
        token_format: TokenFormat::Jwt { alg: Algorithm::ES256 },
        scopes: "patient/*.cruds user/*.cruds system/*.cruds".parse().unwrap(),
        introspection_client: None,
        access_token_lifetime: None,
        patient_namespace: "default".into(),
        home: true,
        related_persons: false,
        fhir_versions: vec!["4.0.1".into()],
        associated_endpoints: vec![],
        provenance: Provenance::Configured,
    }
}

pub(crate) fn user(id: &str) -> User {
    User {
        issuer: issuer(),
        id: UserId::parse(id).unwrap(),
        username: id.into(),
        name: id.into(),
        password: PasswordHash::from_phc(String::new()),
        links: Links {
            home: Link { fhir_user: Some("Practitioner/1".into()), records: Records::Any },
            ..Links::default()
        },
        admin: false,
        email: None,
        status: Status::Active,
        password_changed_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn acts_for(mut user: User, patients: &[&str]) -> User {
    let record = |patient: &&str| Record {
        patient: (*patient).into(),
        role: "parent".into(),
        related_person: None,
        until: None,
        looked_up: false,
    };
    user.links.home.records = Records::These(patients.iter().map(record).collect());
    user
}

pub(crate) fn session(user: &User, auth_time: i64) -> Session {
    Session {
        issuer: issuer(),
        digest: Digest::of("session"),
        sid: "sid".into(),
        user: user.id.clone(),
        auth_time: at(auth_time),
        amr: vec!["pwd".into()],
        last_seen: at(auth_time),
        expires_at: at(36_000),
        device: String::new(),
        address: String::new(),
    }
}

/// A good SMART request, with some parameters replaced; a value of `""` leaves the parameter out.
pub(crate) fn params(changed: &[(&str, &str)]) -> Params {
    let good = [
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", "https://app.example/cb"),
        ("scope", "launch/patient openid fhirUser patient/*.rs"),
        ("state", "s1"),
        ("aud", "https://fhir.example/r4"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let value = |name: &str| changed.iter().find(|(changed, _)| *changed == name).map(|(_, v)| *v);
    let replaced = good.iter().map(|(name, old)| (*name, value(name).unwrap_or(old)));
    let added =
        changed.iter().filter(|(name, _)| !good.iter().any(|(old, _)| old == name)).copied();
    let pairs = replaced.chain(added).filter(|(_, value)| !value.is_empty());
    Params::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

pub(crate) fn request(changed: &[(&str, &str)]) -> Request {
    let client = client("app");
    let capabilities = Capabilities::default();
    let servers = [server()];
    let around = Surroundings {
        client: Some(&client),
        servers: &servers,
        capabilities: &capabilities,
        came: Came::default(),
    };
    validate(&params(changed), around).unwrap()
}

pub(crate) fn open(changed: &[(&str, &str)]) -> Authorization {
    Authorization {
        issuer: issuer(),
        id: AuthorizationId::parse("a1").unwrap(),
        browser: Digest::<BrowserToken>::of("browser"),
        pushed: None,
        request: request(changed),
        created_at: at(100),
        expires_at: at(1_900),
        address: String::new(),
        stage: Stage::open(),
    }
}

pub(crate) fn grant(id: &str, client: &str, scopes: &str) -> Grant {
    Grant {
        issuer: issuer(),
        id: GrantId::parse(id).unwrap(),
        subject: UserId::parse("ana").unwrap(),
        client: ClientId::parse(client).unwrap(),
        resource_server: Some(server().id),
        asked: scopes.parse().unwrap(),
        granted: scopes.parse().unwrap(),
        dropped: vec![],
        context: LaunchContext::default(),
        session: None,
        auth_time: at(0),
        amr: vec![],
        sid: None,
        created_at: at(0),
        until: at(10_000),
        last_used: at(0),
        status_index: 7,
        ended: None,
    }
}
