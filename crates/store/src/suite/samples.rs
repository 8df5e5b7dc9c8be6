//! Values to keep and find again.

use fireward_jose::Algorithm;
use fireward_oauth::{
    AuthorizationId, BrowserToken, ClientId, Code, Digest, GrantId, IssuerId, LaunchHandle,
    Lifetime, PushedSecret, RedirectUri, ResourceServerId, SecretHash, SessionToken, Timestamp,
    UserId,
    authorize::{
        Approved, Authorization, Consent, Prompt, RedirectTarget, Request, ResponseMode, Stage,
    },
    client::{
        About, Client, ClientAuth, ConsentPolicy, GrantType, KeySource, Profile, RequestRules,
        SecretMethod, Status,
    },
    grants::{Dropped, Grant, Reason},
    launch::{Launch, LaunchContext},
    people::{Link, Links, PasswordHash, Record, Records, Session, User},
    resource_server::{Provenance, ResourceServer, TokenFormat},
    token::AccessClaims,
    vocabulary::PkceChallenge,
};
use fireward_testkit::Seeded;
use serde_json::json;

pub(super) const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

pub(super) fn later(seconds: u32) -> Timestamp {
    NOW.plus(Lifetime::seconds(seconds))
}

pub(super) fn issuer() -> IssuerId {
    IssuerId::parse("main").unwrap()
}

pub(super) fn other_issuer() -> IssuerId {
    IssuerId::parse("other").unwrap()
}

pub(super) fn client_id() -> ClientId {
    ClientId::parse("growth-chart").unwrap()
}

pub(super) fn server_id() -> ResourceServerId {
    ResourceServerId::parse("fhir").unwrap()
}

pub(super) fn user_id() -> UserId {
    UserId::parse("u-1").unwrap()
}

pub(super) fn public_client() -> Client {
    Client {
        issuer: issuer(),
        id: client_id(),
        profile: Profile::Smart,
        auth: ClientAuth::None,
        redirect_uris: vec![RedirectUri::register("https://app.example/callback").unwrap()],
        post_logout_redirect_uris: vec![],
        launch_uris: vec!["https://app.example/launch".to_owned()],
        grant_types: [GrantType::AuthorizationCode, GrantType::RefreshToken].into(),
        scopes: "openid launch/patient patient/*.rs offline_access".parse().unwrap(),
        consent: ConsentPolicy::Ask,
        requests: RequestRules {
            pushed: true,
            signed: true,
            object_alg: Some(Algorithm::ES256),
            keys: Some(KeySource::Url("https://app.example/jwks".to_owned())),
            answer_alg: Some(Algorithm::PS256),
        },
        id_token_alg: Algorithm::RS256,
        omit_iss: true,
        access_token_lifetime: Some(Lifetime::seconds(120)),
        group: Some("Group/g".to_owned()),
        about: About {
            name: "Growth chart".to_owned(),
            publisher: Some("Example".to_owned()),
            reviewed: true,
            ..About::default()
        },
        status: Status::Active,
        updated_at: NOW,
    }
}

pub(super) fn secret_client() -> Client {
    let live = ["one", "two"].map(SecretHash::of_any).to_vec();
    Client {
        id: ClientId::parse("portal").unwrap(),
        auth: ClientAuth::Secret { method: SecretMethod::Post, live },
        status: Status::Disabled,
        ..public_client()
    }
}

pub(super) fn server() -> ResourceServer {
    ResourceServer {
        issuer: issuer(),
        id: server_id(),
        name: "Demo FHIR server".to_owned(),
        base_url: "http://localhost:8081/fhir".to_owned(),
        audience: "http://localhost:8081/fhir".to_owned(),
        token_format: TokenFormat::Jwt { alg: Algorithm::ES256 },
        scopes: "patient/*.cruds user/*.cruds".parse().unwrap(),
        introspection_client: Some(secret_client().id),
        patient_namespace: "demo".to_owned(),
        access_token_lifetime: None,
        home: true,
        related_persons: true,
        fhir_versions: vec!["4.0.1".into()],
        associated_endpoints: vec![],
        provenance: Provenance::Configured,
        address: None,
    }
}

pub(super) fn user() -> User {
    let child = Record {
        patient: "p1".to_owned(),
        role: "parent".to_owned(),
        related_person: Some("RelatedPerson/r1".to_owned()),
        until: Some(later(900)),
        looked_up: true,
    };
    User {
        issuer: issuer(),
        id: user_id(),
        username: "Caregiver".to_owned(),
        name: "Émile Ærø".to_owned(),
        password: PasswordHash::from_phc("$argon2id$…".to_owned()),
        links: Links {
            home: Link {
                fhir_user: Some("RelatedPerson/r1".to_owned()),
                records: Records::These(vec![child.clone()]),
            },
            elsewhere: [
                ("lab".to_owned(), Link { fhir_user: None, records: Records::These(vec![child]) }),
                ("imaging".to_owned(), Link { records: Records::Any, ..Link::default() }),
            ]
            .into(),
        },
        admin: false,
        email: None,
        status: Status::Active,
        password_changed_at: NOW,
        updated_at: NOW,
    }
}

pub(super) fn session(entropy: &Seeded) -> Session {
    Session {
        issuer: issuer(),
        digest: SessionToken::draw(entropy).digest(),
        sid: GrantId::draw(entropy).to_string(),
        user: user_id(),
        auth_time: NOW,
        amr: vec!["pwd".to_owned()],
        last_seen: NOW,
        expires_at: later(43_200),
        device: "Firefox on Linux".to_owned(),
        address: "192.0.2.1".to_owned(),
    }
}

pub(super) fn authorization(entropy: &Seeded) -> Authorization {
    let uri = "https://app.example/callback".to_owned();
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let request = Request {
        client: client_id(),
        target: RedirectTarget::from_row(uri, Some("st ate".to_owned()), true)
            .by(ResponseMode::FormPostJwt),
        redirect_uri_sent: true,
        asked: "openid launch/patient patient/*.rs offline_access".parse().unwrap(),
        allowed: "openid launch/patient patient/Observation.rs?category=a".parse().unwrap(),
        dropped: vec![Dropped { scope: "nonsense".to_owned(), reason: Reason::Unknown }],
        resource_server: Some(server_id()),
        launch: None,
        challenge: Some(PkceChallenge::parse(challenge).unwrap()),
        nonce: Some("n".to_owned()),
        prompt: Prompt::parse("login consent").unwrap(),
        max_age: Some(Lifetime::seconds(0)),
        login_hint: Some("caregiver".to_owned()),
        id_token_hint: None,
        ui_locales: Some("ar-XB".to_owned()),
    };
    Authorization {
        issuer: issuer(),
        id: AuthorizationId::draw(entropy),
        browser: BrowserToken::draw(entropy).digest(),
        pushed: Some(PushedSecret::draw(entropy).digest()),
        request,
        created_at: NOW,
        expires_at: later(1_800),
        address: "192.0.2.1".to_owned(),
        stage: Stage::open(),
    }
}

pub(super) fn grant(entropy: &Seeded) -> Grant {
    let context = LaunchContext {
        patient: Some("p1".to_owned()),
        fhir_context: vec![json!({"reference": "ImagingStudy/1"})],
        need_patient_banner: Some(false),
        ..LaunchContext::default()
    };
    Grant {
        issuer: issuer(),
        id: GrantId::draw(entropy),
        subject: user_id(),
        client: client_id(),
        resource_server: Some(server_id()),
        asked: "openid launch/patient patient/*.rs offline_access".parse().unwrap(),
        granted: "openid launch/patient patient/Observation.rs offline_access".parse().unwrap(),
        dropped: vec![Dropped { scope: "patient/*.rs".to_owned(), reason: Reason::Person }],
        context,
        session: None,
        auth_time: NOW,
        amr: vec!["pwd".to_owned()],
        sid: Some("sid-1".to_owned()),
        created_at: NOW,
        until: later(86_400),
        last_used: NOW,
        status_index: u32::from_le_bytes((entropy as &dyn fireward_oauth::Entropy).draw()),
        ended: None,
    }
}

pub(super) fn approved(entropy: &Seeded) -> Approved {
    let grant = grant(entropy);
    let consent = Consent {
        issuer: issuer(),
        user: user_id(),
        client: client_id(),
        resource_server: Some(server_id()),
        patient: Some("p1".to_owned()),
        asked: grant.asked.clone(),
        granted: grant.granted.clone(),
        until: later(86_400),
        given_at: NOW,
    };
    Approved {
        grant,
        code: Code::draw(entropy),
        code_expires_at: later(60),
        consent: Some(consent),
        claims: None,
    }
}

pub(super) fn launch(digest: Digest<LaunchHandle>) -> Launch {
    Launch {
        issuer: issuer(),
        digest,
        client: client_id(),
        resource_server: server_id(),
        user: Some("Practitioner/1".to_owned()),
        launch_url: Some("https://app.example/launch".to_owned()),
        context: LaunchContext { encounter: Some("e1".to_owned()), ..LaunchContext::default() },
        created_by: secret_client().id,
        created_at: NOW,
        expires_at: later(300),
        claimed_by: None,
    }
}

pub(super) fn claims(until: Timestamp) -> AccessClaims {
    let claims = json!({
        "iss": "https://auth.example", "sub": "u-1", "aud": "urn:lab", "client_id": "growth-chart",
        "exp": until.unix(), "iat": NOW.unix(), "jti": "t1", "scope": "patient/*.rs", "patient": "p1",
    });
    serde_json::from_value(claims).unwrap()
}
