//! Issuers, clients, users, resource servers, keys: what is saved is found again, and only under its issuer.

use fireward_jose::{Algorithm, JwkSet};
use fireward_keys::{KeyRecord, Step};
use fireward_oauth::{
    ClientId, Issuer, Lifetime, OpaqueToken,
    client::{Client, ClientAuth, KeySource, RequestRules},
    grants::{Grant, GrantEnd},
    people::{Link, Links, Records, User},
    resource_server::{AssociatedEndpoint, Provenance, ResourceServer, TokenFormat},
};
use fireward_testkit::Seeded;
use serde_json::json;

use super::{Scene, on_each_database, samples::*};
use crate::StoreError;

on_each_database!(
    a_database_of_one_issuer_url_is_refused_under_another,
    clients_are_found_as_they_were_saved,
    keys_of_a_client_survive,
    users_are_found_by_id_and_by_name_in_any_case,
    users_are_listed_page_by_page,
    sc_15_links_are_written_only_over_those_that_were_read,
    resource_servers_are_found_as_they_were_saved,
    row_042_a_registered_server_keeps_all_that_was_said_of_it,
    row_042_removing_a_server_ends_what_was_granted_there,
    opaque_tokens_are_found_by_their_digest_under_their_issuer,
    removing_a_user_ends_what_they_began,
    rows_of_one_issuer_are_not_found_under_another,
    of_several_nodes_one_makes_the_next_key,
    keys_are_promoted_revoked_and_removed,
    migrations_may_run_again,
);

async fn a_database_of_one_issuer_url_is_refused_under_another(scene: Scene) {
    let url = Issuer::parse("https://auth.example.org").unwrap();
    let other = Issuer::parse("https://elsewhere.example.org").unwrap();
    scene.store.check_issuer(&issuer(), &url, NOW).await.unwrap();
    scene.store.check_issuer(&issuer(), &url, later(1)).await.unwrap();
    let refused = scene.store.check_issuer(&issuer(), &other, NOW).await.unwrap_err();
    assert!(matches!(&refused, StoreError::WrongIssuer { .. }), "{refused}");
    let written = scene.store.read().issuers().find(&issuer()).await.unwrap();
    assert_eq!(written.as_deref(), Some("https://auth.example.org"));
}

/// Clients hold parsed keys, which cannot be compared; their `Debug` shows every field.
fn shown(client: &Client) -> String {
    format!("{client:?}")
}

async fn clients_are_found_as_they_were_saved(scene: Scene) {
    let clients = [public_client(), secret_client()];
    let save = async |client: &Client| {
        scene.store.transact(async |tx| tx.clients().save(client).await).await.unwrap();
    };
    for client in &clients {
        save(client).await;
        let found = scene.store.read().clients().find(&issuer(), &client.id).await.unwrap();
        assert_eq!(shown(&found.unwrap()), shown(client));
    }
    let ClientAuth::Secret { live, .. } = &clients[1].auth else { panic!("it has secrets") };
    let found = scene.store.read().clients().find(&issuer(), &clients[1].id).await.unwrap();
    let ClientAuth::Secret { live: found, .. } = found.unwrap().auth else {
        panic!("it has secrets")
    };
    assert_eq!(&found, live);

    let changed = Client { omit_iss: false, ..public_client() };
    save(&changed).await;
    let list = scene.store.read().clients().list(&issuer()).await.unwrap();
    assert_eq!(list.iter().map(shown).collect::<Vec<_>>(), [shown(&changed), shown(&clients[1])]);
}

async fn keys_of_a_client_survive(scene: Scene) {
    let jwks = json!({"keys": [{
        "kty": "OKP", "crv": "Ed25519", "kid": "k", "use": "sig",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }]});
    let keys = JwkSet::parse_strict(jwks.to_string().as_bytes()).unwrap();
    let sources = [KeySource::Inline(keys), KeySource::Url("https://app.example/jwks".to_owned())];
    for source in sources {
        let auth = ClientAuth::Keys { source, alg: Some(Algorithm::EdDSA) };
        let client = Client { auth, requests: RequestRules::default(), ..public_client() };
        scene.store.transact(async |tx| tx.clients().save(&client).await).await.unwrap();
        let found = scene.store.read().clients().find(&issuer(), &client.id).await.unwrap();
        assert_eq!(shown(&found.unwrap()), shown(&client));
    }
}

async fn users_are_found_by_id_and_by_name_in_any_case(scene: Scene) {
    let clinician = User {
        id: fireward_oauth::UserId::parse("u-2").unwrap(),
        username: "ÅSA".to_owned(),
        links: Links { home: Link { fhir_user: None, records: Records::Any }, ..user().links },
        ..user()
    };
    for user in [&user(), &clinician] {
        scene.store.transact(async |tx| tx.users().save(user).await).await.unwrap();
        let found = scene.store.read().users().find(&issuer(), &user.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(user));
    }
    let users = scene.store.read().users();
    let found = users.find_by_username(&issuer(), "åsa").await.unwrap();
    assert_eq!(found, Some(clinician));
    assert_eq!(users.find_by_username(&issuer(), "asa").await.unwrap(), None);
}

async fn users_are_listed_page_by_page(scene: Scene) {
    for n in 0..5 {
        let id = fireward_oauth::UserId::parse(&format!("u-{n}")).unwrap();
        let user = User { username: id.to_string(), id, ..user() };
        scene.store.transact(async |tx| tx.users().save(&user).await).await.unwrap();
    }
    let users = scene.store.read().users();
    let first = users.list(&issuer(), None, 3).await.unwrap();
    let second = users.list(&issuer(), Some(&first[2].id), 3).await.unwrap();
    let ids: Vec<_> = first.iter().chain(&second).map(|user| user.id.to_string()).collect();
    assert_eq!(ids, ["u-0", "u-1", "u-2", "u-3", "u-4"]);
}

async fn sc_15_links_are_written_only_over_those_that_were_read(scene: Scene) {
    let read = user();
    let changed = User { name: "Another".to_owned(), ..user() };
    scene.store.transact(async |tx| tx.users().save(&changed).await).await.unwrap();
    let links = Links { home: Link { fhir_user: None, records: Records::Any }, ..Links::default() };
    let relink = async |links: &Links| {
        scene.store.transact(async |tx| tx.users().relink(&read, links).await).await.unwrap()
    };
    let mut looked_up = read.links.clone();
    looked_up.learn(&ResourceServer { patient_namespace: "lab".into(), ..server() }, &[]);
    assert_ne!(looked_up, read.links);
    assert!(relink(&looked_up).await);
    let found = scene.store.read().users().find(&issuer(), &read.id).await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), &found.links), ("Another", &looked_up), "nothing else");
    assert!(!relink(&links).await, "they are not as they were read");
    let found = scene.store.read().users().find(&issuer(), &read.id).await.unwrap().unwrap();
    assert_eq!(found.links, looked_up);
}

async fn resource_servers_are_found_as_they_were_saved(scene: Scene) {
    let server = server();
    scene.store.transact(async |tx| tx.resource_servers().save(&server).await).await.unwrap();
    let found = scene.store.read().resource_servers().find(&issuer(), &server.id).await.unwrap();
    assert_eq!(format!("{:?}", found.unwrap()), format!("{server:?}"));
    let remove =
        async |tx: &crate::Tx| tx.resource_servers().remove(&issuer(), &server_id(), NOW).await;
    assert!(scene.store.transact(remove).await.unwrap());
    assert!(!scene.store.transact(remove).await.unwrap());
}

async fn row_042_a_registered_server_keeps_all_that_was_said_of_it(scene: Scene) {
    let server = ResourceServer {
        address: Some("http://lab.internal".to_owned()),
        token_format: TokenFormat::Opaque,
        access_token_lifetime: Some(Lifetime::seconds(60)),
        home: false,
        fhir_versions: vec!["4.0.1".to_owned(), "5.0.0".to_owned()],
        associated_endpoints: vec![AssociatedEndpoint {
            url: "https://state.example".to_owned(),
            capabilities: vec!["smart-app-state".to_owned()],
        }],
        provenance: Provenance::Registered,
        ..server()
    };
    scene.store.transact(async |tx| tx.resource_servers().save(&server).await).await.unwrap();
    assert_eq!(*scene.store.resource_servers(&issuer()).await.unwrap(), [server]);
}

async fn row_042_removing_a_server_ends_what_was_granted_there(scene: Scene) {
    let entropy = Seeded::new(3);
    let here = grant(&entropy);
    let elsewhere = Grant { resource_server: None, ..grant(&entropy) };
    let removed = scene.store.transact(async |tx| {
        tx.resource_servers().save(&server()).await?;
        tx.grants().insert(&here).await?;
        tx.grants().insert(&elsewhere).await?;
        tx.resource_servers().remove(&issuer(), &server_id(), later(5)).await
    });
    assert!(removed.await.unwrap());
    let read = scene.store.read();
    let ended = async |id| read.grants().find(&issuer(), id).await.unwrap().unwrap().ended;
    assert_eq!(ended(&here.id).await, Some(GrantEnd::Withdrawn(later(5))));
    assert_eq!(ended(&elsewhere.id).await, None);
}

async fn opaque_tokens_are_found_by_their_digest_under_their_issuer(scene: Scene) {
    let entropy = Seeded::new(4);
    let (token, other) =
        (OpaqueToken::draw(&entropy).digest(), OpaqueToken::draw(&entropy).digest());
    let claims = claims(later(300));
    let keep = async |tx: &crate::Tx| tx.opaque_tokens().insert(&issuer(), &token, &claims).await;
    scene.store.transact(keep).await.unwrap();
    let read = scene.store.read();
    let found = read.opaque_tokens().find(&issuer(), &token).await.unwrap().unwrap();
    assert_eq!((found.jti.as_str(), found.patient.as_deref()), ("t1", Some("p1")));
    assert!(read.opaque_tokens().find(&issuer(), &other).await.unwrap().is_none());
    assert!(read.opaque_tokens().find(&other_issuer(), &token).await.unwrap().is_none());
}

async fn removing_a_user_ends_what_they_began(scene: Scene) {
    let entropy = Seeded::new(1);
    let (session, approved) = (session(&entropy), approved(&entropy));
    scene
        .store
        .transact(async |tx| {
            tx.users().save(&user()).await?;
            tx.sessions().insert(&session).await?;
            tx.authorizations().insert_approved(&authorization(&entropy), &approved).await
        })
        .await
        .unwrap();
    let removed =
        scene.store.transact(async |tx| tx.users().remove(&issuer(), &user_id(), NOW).await);
    assert!(removed.await.unwrap());
    let read = scene.store.read();
    assert_eq!(read.sessions().find(&issuer(), &session.digest).await.unwrap(), None);
    let grant = read.grants().find(&issuer(), &approved.grant.id).await.unwrap().unwrap();
    assert_eq!(grant.ended, Some(GrantEnd::Withdrawn(NOW)));
    let server = server_id();
    let (client, patients) = (client_id(), [Some("p1")]);
    let consents =
        read.consents().find(&issuer(), &user_id(), (&client, Some(&server)), &patients).await;
    assert_eq!(consents.unwrap(), []);
}

async fn rows_of_one_issuer_are_not_found_under_another(scene: Scene) {
    let entropy = Seeded::new(2);
    let (session, approved, authorization) =
        (session(&entropy), approved(&entropy), authorization(&entropy));
    scene
        .store
        .transact(async |tx| {
            tx.clients().save(&public_client()).await?;
            tx.users().save(&user()).await?;
            tx.sessions().insert(&session).await?;
            tx.authorizations().insert_approved(&authorization, &approved).await
        })
        .await
        .unwrap();
    let (read, other) = (scene.store.read(), other_issuer());
    assert!(read.clients().find(&other, &client_id()).await.unwrap().is_none());
    assert!(read.users().find(&other, &user_id()).await.unwrap().is_none());
    assert!(read.users().find_by_username(&other, "caregiver").await.unwrap().is_none());
    assert!(read.sessions().find(&other, &session.digest).await.unwrap().is_none());
    assert!(read.authorizations().find(&other, &authorization.id).await.unwrap().is_none());
    let code = approved.code.digest();
    assert!(read.authorizations().find_code(&other, &code).await.unwrap().is_none());
    assert!(read.grants().find(&other, &approved.grant.id).await.unwrap().is_none());
    assert!(scene.store.client(&other, &client_id()).await.unwrap().is_none());
}

fn key(kid: &str, after: Option<&str>) -> KeyRecord {
    KeyRecord {
        kid: kid.to_owned(),
        alg: Algorithm::ES256,
        public: json!({"kty": "EC"}),
        sealed: vec![1, 2, 3],
        published_at: NOW.unix(),
        signs_from: later(100).unix(),
        revoked_at: None,
        after: after.map(str::to_owned),
    }
}

async fn of_several_nodes_one_makes_the_next_key(scene: Scene) {
    let second = scene.second().await;
    let add = async |store: &crate::Store, key: &KeyRecord| {
        store.transact(async |tx| tx.keys().add(&issuer(), key).await).await.unwrap()
    };
    assert!(add(&scene.store, &key("a", None)).await);
    assert!(!add(&second, &key("b", None)).await, "two first keys");
    assert!(add(&second, &key("c", Some("a"))).await);
    assert!(!add(&scene.store, &key("d", Some("a"))).await, "two successors");
    let kids: Vec<_> =
        scene.store.keys(&issuer()).await.unwrap().iter().map(|key| key.kid.clone()).collect();
    assert_eq!(kids, ["a", "c"]);
}

async fn keys_are_promoted_revoked_and_removed(scene: Scene) {
    let apply = async |step: Step| {
        scene.store.transact(async |tx| tx.keys().apply(&issuer(), &step).await).await.unwrap()
    };
    let stored = key("a", None);
    scene.store.transact(async |tx| tx.keys().add(&issuer(), &stored).await).await.unwrap();
    let kid = || "a".to_owned();
    assert_eq!(*scene.store.keys(&issuer()).await.unwrap(), std::slice::from_ref(&stored));
    assert!(apply(Step::Promote { kid: kid(), signs_from: NOW.unix() }).await);
    assert!(!apply(Step::Promote { kid: kid(), signs_from: NOW.unix() }).await, "already");
    let at = later(5).unix();
    assert!(apply(Step::Revoke { kid: kid(), at }).await);
    assert!(!apply(Step::Revoke { kid: kid(), at: at + 1 }).await, "already");
    let now = KeyRecord { signs_from: NOW.unix(), revoked_at: Some(at), ..stored };
    assert_eq!(*scene.store.keys(&issuer()).await.unwrap(), [now]);
    assert!(apply(Step::Remove { kid: kid() }).await);
    assert!(scene.store.keys(&issuer()).await.unwrap().is_empty());
}

async fn migrations_may_run_again(scene: Scene) {
    let second = scene.second().await;
    let (one, two) = futures_util::future::join(scene.store.migrate(), second.migrate()).await;
    one.unwrap();
    two.unwrap();
    scene.store.ping().await.unwrap();
    let nobody = ClientId::parse("nobody").unwrap();
    assert!(second.client(&issuer(), &nobody).await.unwrap().is_none());
}
