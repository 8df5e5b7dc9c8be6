//! What nodes keep in memory follows what others write.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use fireward_oauth::client::{Client, Status};

use super::{Scene, on_each_database, samples::*};
use crate::{StoreError, Tx};

on_each_database!(
    a_client_that_is_new_counts_on_the_next_request,
    a_change_counts_here_at_once_and_elsewhere_within_a_second,
    what_is_removed_is_gone_elsewhere_within_a_second,
    a_row_that_does_not_add_up_says_which_column,
);

/// Asks until it holds, for no longer than the promise.
async fn within_a_second<F: Future<Output = bool>>(holds: impl Fn() -> F) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_secs(1), "not within a second");
        tokio::task::yield_now().await;
    }
}

async fn save(store: &crate::Store, client: &Client) {
    store.transact(async |tx| tx.clients().save(client).await).await.unwrap();
}

async fn a_client_that_is_new_counts_on_the_next_request(scene: Scene) {
    let second = scene.second().await;
    assert!(second.client(&issuer(), &client_id()).await.unwrap().is_none());
    save(&scene.store, &public_client()).await;
    assert!(second.client(&issuer(), &client_id()).await.unwrap().is_some());
    assert!(second.resource_servers(&issuer()).await.unwrap().is_empty());
    scene.store.transact(async |tx| tx.resource_servers().save(&server()).await).await.unwrap();
    assert_eq!(second.resource_servers(&issuer()).await.unwrap().len(), 1);
}

async fn a_change_counts_here_at_once_and_elsewhere_within_a_second(scene: Scene) {
    let second = scene.second().await;
    save(&scene.store, &public_client()).await;
    for store in [&scene.store, &second] {
        // Warm: asked twice, the second time from memory.
        store.ping().await.unwrap();
        let first = store.client(&issuer(), &client_id()).await.unwrap().unwrap();
        let again = store.client(&issuer(), &client_id()).await.unwrap().unwrap();
        assert!(std::sync::Arc::ptr_eq(&first, &again), "from memory");
    }
    save(&scene.store, &Client { status: Status::Disabled, ..public_client() }).await;
    let here = scene.store.client(&issuer(), &client_id()).await.unwrap().unwrap();
    assert_eq!(here.status, Status::Disabled);
    within_a_second(async || {
        let there = second.client(&issuer(), &client_id()).await.unwrap().unwrap();
        there.status == Status::Disabled
    })
    .await;
}

async fn what_is_removed_is_gone_elsewhere_within_a_second(scene: Scene) {
    let second = scene.second().await;
    save(&scene.store, &public_client()).await;
    second.ping().await.unwrap();
    assert!(second.client(&issuer(), &client_id()).await.unwrap().is_some());
    let remove = async |tx: &Tx| tx.clients().remove(&issuer(), &client_id(), NOW).await;
    assert!(scene.store.transact(remove).await.unwrap());
    assert!(scene.store.client(&issuer(), &client_id()).await.unwrap().is_none());
    within_a_second(async || second.client(&issuer(), &client_id()).await.unwrap().is_none()).await;
}

async fn a_row_that_does_not_add_up_says_which_column(scene: Scene) {
    use sea_orm::ConnectionTrait as _;
    save(&scene.store, &public_client()).await;
    scene
        .store
        .transact(async |tx| {
            let spoil = "UPDATE clients SET consent = 'perhaps' WHERE id = 'growth-chart'";
            Ok(tx.transaction.execute_unprepared(spoil).await?)
        })
        .await
        .unwrap();
    let corrupt = scene.store.read().clients().find(&issuer(), &client_id()).await.unwrap_err();
    let StoreError::Corrupt { table, row, column } = corrupt else { panic!("{corrupt}") };
    assert_eq!((table, row.as_str(), column), ("clients", "growth-chart", "consent"));
}
