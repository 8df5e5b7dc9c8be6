//! Looking outside a transaction: what is found together, and that nothing is written or left over.

use std::pin::pin;

use fireward_oauth::{IssuerId, Jti};
use fireward_testkit::Seeded;
use futures_util::poll;
use sea_orm::{ConnectionTrait as _, Statement};

use super::{Scene, on_each_database, samples::*};

on_each_database!(
    a_token_is_found_with_its_grant_and_person_until_it_is_revoked,
    a_session_is_found_with_its_person,
    readers_cannot_write,
    who_goes_away_in_the_middle_of_a_query_leaves_nothing_to_the_next,
);

async fn a_token_is_found_with_its_grant_and_person_until_it_is_revoked(scene: Scene) {
    let entropy = Seeded::new(21);
    let (grant, jti, other) = (grant(&entropy), Jti::draw(&entropy), Jti::draw(&entropy));
    let (store, read) = (&scene.store, scene.store.read());
    let find = async |jti| read.grants().find_of_token(&issuer(), &grant.id, jti).await.unwrap();
    assert_eq!(find(&jti).await, None);
    store.transact(async |tx| tx.grants().insert(&grant).await).await.unwrap();
    assert_eq!(find(&jti).await, Some((grant.clone(), None)));
    store.transact(async |tx| tx.users().save(&user()).await).await.unwrap();
    assert_eq!(find(&jti).await, Some((grant.clone(), Some(user()))));
    let revoke = async |issuer: IssuerId| {
        store.transact(async |tx| tx.revoked_tokens().add(&issuer, &jti, later(300)).await).await
    };
    revoke(other_issuer()).await.unwrap();
    assert!(find(&jti).await.is_some());
    revoke(issuer()).await.unwrap();
    assert_eq!(find(&jti).await, None);
    assert!(find(&other).await.is_some());
}

async fn a_session_is_found_with_its_person(scene: Scene) {
    let session = session(&Seeded::new(22));
    let (store, read) = (&scene.store, scene.store.read());
    let find = async |issuer: IssuerId| {
        read.sessions().find_with_user(&issuer, &session.digest).await.unwrap()
    };
    store.transact(async |tx| tx.sessions().insert(&session).await).await.unwrap();
    // A session of nobody is none.
    assert_eq!(find(issuer()).await, None);
    store.transact(async |tx| tx.users().save(&user()).await).await.unwrap();
    assert_eq!(find(issuer()).await, Some((session.clone(), user())));
    assert_eq!(find(other_issuer()).await, None);
}

async fn readers_cannot_write(scene: Scene) {
    let on = &scene.store.shared.reader.connections;
    let sql = "UPDATE changes SET counter = counter + 1 RETURNING counter";
    assert!(on.execute_unprepared(sql).await.is_err());
    let statement = Statement::from_string(on.get_database_backend(), sql);
    assert!(on.execute_raw(statement.clone()).await.is_err());
    assert!(on.query_one_raw(statement.clone()).await.is_err());
    assert!(on.query_all_raw(statement).await.is_err());
    assert!(scene.store.ping().await.is_ok());
}

async fn who_goes_away_in_the_middle_of_a_query_leaves_nothing_to_the_next(scene: Scene) {
    let store = &scene.store;
    store.transact(async |tx| tx.users().save(&user()).await).await.unwrap();
    for _ in 0..20 {
        {
            let (read, issuer) = (store.read().clients(), issuer());
            let mut gone = pin!(read.list(&issuer));
            // SQLite, which answers from a thread of its own, may have answered already.
            drop(poll!(&mut gone));
        }
        let found = store.read().users().find(&issuer(), &user_id()).await.unwrap();
        assert_eq!(found, Some(user()));
    }
}
