//! An issuer with a FHIR server, people and clients of every kind.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use fireward_jose::{
    Algorithm, SigningKey,
    backend::rand::{SecureRandom, SystemRandom},
};
use fireward_keys::MasterKey;
use fireward_oauth::{
    AuthorizationId, BrowserToken, Code, Digest, Entropy, GrantId, Issuer, IssuerId,
    ResourceServerId, Timestamp, UserId,
    authorize::{
        Authorization, Came, Fresh, Granting, Params, Stage, Surroundings, Term, Until, approve,
        validate,
    },
    capability::{Capabilities, Capability},
    client::{
        Status,
        registration::{Importing, SecretStrength, read_file},
    },
    launch::LaunchContext,
    people::{Link, Links, PasswordHash, Records, User},
    policy::Policy,
    resource_server::{Provenance, ResourceServer, TokenFormat},
};
use fireward_outbound::{Outbound, Policy as OutboundPolicy};
use fireward_pages::Brand;
use fireward_store::{Durability, Store};
use fireward_web::Site;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{people::session, registered::registrations};
use crate::{Addresses, App, ClientKeys, Logos, Passwords, Rendered, Throttled, keyring::Keeper};

pub(super) const FHIR: &str = "http://localhost:8081/fhir";
pub(super) const SECRET: &str = "a-secret-of-more-than-128-bits";
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(super) const CALLBACK: &str = "https://app.example/cb";

pub(super) struct World {
    pub(super) app: Arc<App>,
    pub(super) keeper: Arc<Keeper>,
    /// The private key of the clients that have one.
    pub(super) key: SigningKey,
    clock: Arc<AtomicI64>,
    _folder: TempDir,
}

struct Seeded(AtomicU64);

impl Entropy for Seeded {
    fn fill(&self, into: &mut [u8]) {
        for chunk in into.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            for (to, from) in chunk.iter_mut().zip((z ^ (z >> 31)).to_le_bytes()) {
                *to = from;
            }
        }
    }
}

impl World {
    pub(super) async fn new() -> Self {
        Self::at("http://localhost:8080").await
    }

    /// With one capability turned off.
    pub(super) async fn without(capability: Capability) -> Self {
        let capabilities = Capabilities::without([capability]);
        Self::with("http://localhost:8080", Policy { capabilities, ..Policy::default() }).await
    }

    pub(super) async fn at(issuer: &str) -> Self {
        Self::with(issuer, Policy::default()).await
    }

    async fn with(issuer: &str, policy: Policy) -> Self {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("auth.db");
        let store = Store::connect(file.to_str().unwrap(), Durability::Demo).await.unwrap();
        store.migrate().await.unwrap();
        let (issuer, id) = (Issuer::parse(issuer).unwrap(), main());
        let clock = Arc::new(AtomicI64::new(1_700_000_000));
        let now = Timestamp::from_unix(clock.load(Ordering::Relaxed));
        store.check_issuer(&id, &issuer, now).await.unwrap();
        let random: Arc<dyn SecureRandom + Send + Sync> = Arc::new(SystemRandom::new());
        let keeper = Arc::new(keeper(&store, &issuer, &random));
        let keyring = keeper.open(now).await.unwrap();
        let entropy: Arc<dyn Entropy> = Arc::new(Seeded(AtomicU64::new(1)));
        let _ = rustls::crypto::ring::default_provider().install_default();
        let allow_supplied = vec!["127.0.0.1".parse().unwrap()];
        let outbound = OutboundPolicy { allow_supplied, ..OutboundPolicy::default() };
        let outbound = Arc::new(Outbound::new(outbound));
        let passwords = Arc::new(Passwords::new(1, entropy.as_ref()).unwrap());
        let site = Site {
            issuer,
            id,
            store,
            policy,
            clock: reader(&clock),
            entropy,
            brand: Brand::default(),
            ehr_origins: vec![],
            proxies: vec![],
        };
        let app = App {
            site: Arc::new(site),
            keyring,
            discovery: Rendered::default(),
            style: fireward_oauth::launch::Style::default(),
            keeping: keeper.policy,
            random: Arc::clone(&random),
            client_keys: ClientKeys::new(Arc::clone(&outbound)),
            logos: Logos::new(Arc::clone(&outbound)),
            outbound,
            throttled: Throttled::default(),
            passwords,
            addresses: Addresses::default(),
        };
        let private = fireward_keys::generate(Algorithm::ES384, random.as_ref()).unwrap();
        let key =
            SigningKey::from_pkcs8(Algorithm::ES384, "k1", &private, random.as_ref()).unwrap();
        let world = Self { app: Arc::new(app), keeper, key, clock, _folder: folder };
        world.furnish().await;
        world
    }

    pub(super) fn now(&self) -> Timestamp {
        self.app.now()
    }

    pub(super) fn advance(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Lets time pass as it does in a server, which reads its keys again and again.
    pub(super) async fn wait(&self, seconds: i64) {
        self.advance(seconds);
        self.keeper.renew(&self.app.keyring, self.now()).await.unwrap();
    }

    async fn furnish(&self) {
        let site = &self.app.site;
        let keys = json!({"keys": [self.key.public_jwk().to_json()]});
        self.import(registrations(&keys)).await;
        let user = user("ana", Some("Practitioner/1"));
        site.store
            .transact(async |tx| {
                tx.users().save(&user).await?;
                tx.resource_servers().save(&server()).await
            })
            .await
            .unwrap();
    }

    pub(super) async fn import(&self, registrations: Value) {
        let site = &self.app.site;
        let importing =
            Importing { issuer: &site.id, secrets: SecretStrength::Strong, now: self.now() };
        let clients = read_file(registrations.to_string().as_bytes(), &importing).unwrap();
        let saved = site.store.transact(async |tx| {
            for client in &clients {
                tx.clients().save(client).await?;
            }
            Ok(())
        });
        saved.await.unwrap();
    }

    /// Disables or enables the one user.
    pub(super) async fn set_status(&self, status: Status) {
        let user = User { status, ..user("ana", Some("Practitioner/1")) };
        let saved = self.app.site.store.transact(async |tx| tx.users().save(&user).await);
        saved.await.unwrap();
    }

    /// What the browser's side does: a request of `client` that Ana approves as a whole.
    pub(super) async fn approved(&self, client: &str, scope: &str) -> String {
        self.approved_with(client, scope, context()).await
    }

    pub(super) async fn approved_with(
        &self,
        client: &str,
        scope: &str,
        context: LaunchContext,
    ) -> String {
        let (site, now) = (&self.app.site, self.now());
        let entropy = site.entropy.as_ref();
        let id = fireward_oauth::ClientId::parse(client).unwrap();
        let registered = site.store.client(&site.id, &id).await.unwrap().unwrap();
        let capabilities = &site.policy.capabilities;
        let servers = [server()];
        let around = Surroundings {
            client: Some(&registered),
            servers: &servers,
            capabilities,
            came: Came::default(),
        };
        let request = validate(&params(client, scope), around).unwrap();
        let code = Code::draw(entropy);
        let session = session(Digest::of(&code.expose()[..20]), now);
        let authorization = Authorization {
            pushed: None,
            issuer: site.id.clone(),
            id: AuthorizationId::draw(entropy),
            browser: Digest::<BrowserToken>::of("browser"),
            request,
            created_at: now,
            expires_at: now.plus(site.policy.authorization),
            address: "127.0.0.1".into(),
            stage: Stage::open(),
        };
        let granting = Granting {
            scopes: authorization.request.allowed.clone(),
            offered: authorization.request.allowed.clone(),
            dropped: authorization.request.dropped.clone(),
            context,
            term: Term::Chosen(Until::Stopped),
        };
        let index = u32::from_be_bytes(entropy.draw());
        let fresh =
            Fresh { grant: GrantId::draw(entropy), code: code.clone(), status_index: index };
        let user = user("ana", Some("Practitioner/1"));
        let moment = (&site.policy, now);
        let approved =
            approve(&authorization, (&session, &user, Some(&server())), granting, fresh, moment);
        let settled = site.store.transact(async |tx| {
            tx.sessions().insert(&session).await?;
            tx.authorizations().insert_approved(&authorization, &approved).await
        });
        settled.await.unwrap();
        code.expose().to_owned()
    }

    /// A fresh key of a client's.
    pub(super) fn new_key(&self, kid: &str) -> SigningKey {
        let random = self.app.random.as_ref();
        let private = fireward_keys::generate(Algorithm::ES384, random).unwrap();
        SigningKey::from_pkcs8(Algorithm::ES384, kid, &private, random).unwrap()
    }

    /// A fresh assertion of a client with the test's key.
    pub(super) fn assertion(&self, client: &str, changed: &Value) -> String {
        self.assertion_by(&self.key, client, changed)
    }

    pub(super) fn assertion_by(&self, key: &SigningKey, client: &str, changed: &Value) -> String {
        let jti: [u8; 8] = self.app.site.entropy.as_ref().draw();
        let mut claims = json!({
            "iss": client, "sub": client, "aud": "http://localhost:8080/token",
            "exp": self.now().unix() + 240, "jti": format!("{jti:?}"),
        });
        for (name, value) in changed.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let claims: serde_json::Map<String, Value> =
            claims.as_object().unwrap().clone().into_iter().filter(|(_, v)| !v.is_null()).collect();
        key.sign("JWT", &claims, self.app.random.as_ref()).unwrap()
    }
}

fn reader(clock: &Arc<AtomicI64>) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
    let clock = Arc::clone(clock);
    Arc::new(move || Timestamp::from_unix(clock.load(Ordering::Relaxed)))
}

/// The form in which a public client redeems a code.
pub(super) fn flow(code: &str) -> [(&str, &str); 5] {
    [
        ("grant_type", "authorization_code"),
        ("client_id", "app"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

pub(super) fn context() -> LaunchContext {
    LaunchContext {
        patient: Some("p1".into()),
        need_patient_banner: Some(true),
        ..LaunchContext::default()
    }
}

fn keeper(store: &Store, issuer: &Issuer, random: &Arc<dyn SecureRandom + Send + Sync>) -> Keeper {
    Keeper {
        store: store.clone(),
        id: main(),
        issuer: issuer.clone(),
        policy: fireward_keys::Policy {
            rotate_after: 86_400,
            jwks_max_age: 300,
            refresh: 60,
            skew: 60,
            longest_token: 300,
        },
        algorithms: vec![Algorithm::RS256, Algorithm::ES256],
        master: MasterKey::new([7; 32]),
        random: Arc::clone(random),
    }
}

pub(super) fn main() -> IssuerId {
    IssuerId::parse("main").unwrap()
}

pub(super) fn server() -> ResourceServer {
    ResourceServer {
        issuer: main(),
        id: ResourceServerId::parse("fhir").unwrap(),
        name: "Records".into(),
        base_url: FHIR.into(),
        audience: FHIR.into(),
        token_format: TokenFormat::Jwt { alg: Algorithm::ES256 },
        scopes: "patient/*.cruds user/*.cruds system/*.cruds".parse().unwrap(),
        introspection_client: None,
        patient_namespace: "demo".into(),
        access_token_lifetime: None,
        home: true,
        related_persons: false,
        fhir_versions: vec!["4.0.1".into()],
        associated_endpoints: vec![],
        provenance: Provenance::Configured,
        address: None,
    }
}

pub(super) fn user(id: &str, fhir_user: Option<&str>) -> User {
    User {
        issuer: main(),
        id: UserId::parse(id).unwrap(),
        username: id.into(),
        name: "Ana Silva".into(),
        password: PasswordHash::from_phc("$argon2id$".into()),
        links: Links {
            home: Link { fhir_user: fhir_user.map(str::to_owned), records: Records::Any },
            ..Links::default()
        },
        admin: false,
        email: Some("ana@example.org".into()),
        status: Status::Active,
        password_changed_at: Timestamp::from_unix(1),
        updated_at: Timestamp::from_unix(1),
    }
}

fn params(client: &str, scope: &str) -> Params {
    let pairs = [
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", CALLBACK),
        ("scope", scope),
        ("state", "s1"),
        ("aud", FHIR),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    Params::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec())
}
