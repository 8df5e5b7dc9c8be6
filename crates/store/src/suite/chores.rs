//! What expires is swept; what may still be asked for stays.

use fireward_oauth::{
    Digest, Jti, LaunchHandle, OpaqueToken, RefreshToken, Timestamp,
    authorize::Authorization,
    grants::{GrantEnd, refresh_token::RefreshFamily},
};
use fireward_testkit::Seeded;

use super::{Scene, explanations::explanation, on_each_database, samples::*};
use crate::{authorizations::Caps, chores::Chore, throttle::Kind};

on_each_database!(
    every_table_that_expires_is_swept,
    a_long_sweep_is_done_in_batches,
    chores_are_done_when_they_are_due,
    an_ended_grant_goes_before_its_time_with_its_family,
);

async fn fill(scene: &Scene) {
    let entropy = Seeded::new(1);
    let handle = LaunchHandle::draw(&entropy).digest();
    let (approved, session, authorization) =
        (approved(&entropy), session(&entropy), authorization(&entropy));
    scene
        .store
        .transact(async |tx| {
            tx.authorizations().open(&authorization, Caps::default()).await?;
            tx.authorizations().approve(&authorization, &approved).await?;
            tx.sessions().insert(&session).await?;
            tx.launches().insert(&launch(handle)).await?;
            tx.explanations().insert(&explanation(&entropy, NOW)).await?;
            tx.assertions().remember(&issuer(), &client_id(), &handle, later(60)).await?;
            let window = fireward_oauth::Lifetime::minutes(5);
            tx.throttle().count(&issuer(), (Kind::Account, "x"), NOW, window).await?;
            tx.revoked_tokens().add(&issuer(), &Jti::draw(&entropy), later(300)).await?;
            let opaque = OpaqueToken::draw(&entropy).digest();
            tx.opaque_tokens().insert(&issuer(), &opaque, &claims(later(300))).await?;
            tx.audit().write(&super::audit::event(0)).await
        })
        .await
        .unwrap();
}

async fn every_table_that_expires_is_swept(scene: Scene) {
    fill(&scene).await;
    for chore in Chore::VARIANTS {
        assert_eq!(scene.store.carry_out(chore, NOW).await.unwrap(), 0, "{chore:?}: too early");
    }
    let long_after = later(40 * 86_400);
    for chore in Chore::VARIANTS {
        assert_eq!(scene.store.carry_out(chore, long_after).await.unwrap(), 1, "{chore:?}");
        assert_eq!(scene.store.carry_out(chore, long_after).await.unwrap(), 0, "{chore:?} again");
    }
}

async fn a_long_sweep_is_done_in_batches(scene: Scene) {
    for part in 0..12 {
        scene
            .store
            .transact(async |tx| {
                for n in 0..100 {
                    let jti = Digest::<Kind>::of(&format!("{part} {n}"));
                    tx.assertions().remember(&issuer(), &client_id(), &jti, NOW).await?;
                }
                Ok(())
            })
            .await
            .unwrap();
    }
    assert_eq!(scene.store.carry_out(Chore::Assertions, NOW).await.unwrap(), 0);
    assert_eq!(scene.store.carry_out(Chore::Assertions, later(1)).await.unwrap(), 1_200);
}

async fn chores_are_done_when_they_are_due(scene: Scene) {
    let second = scene.second().await;
    let remember = async |until: Timestamp| {
        let jti = Digest::<Kind>::of(&until.to_string());
        scene
            .store
            .transact(async |tx| {
                tx.assertions().remember(&issuer(), &client_id(), &jti, until).await
            })
            .await
            .unwrap();
    };
    remember(NOW).await;
    assert_eq!(scene.store.run_due(later(1)).await.unwrap(), 1);
    remember(later(1)).await;
    assert_eq!(second.run_due(later(30)).await.unwrap(), 0, "another node has just done it");
    assert_eq!(second.run_due(later(61)).await.unwrap(), 1);
}

async fn an_ended_grant_goes_before_its_time_with_its_family(scene: Scene) {
    let entropy = Seeded::new(2);
    let token = RefreshToken::draw(&entropy);
    let grant = fireward_oauth::grants::Grant { until: later(365 * 86_400), ..grant(&entropy) };
    scene
        .store
        .transact(async |tx| {
            tx.grants().insert(&grant).await?;
            tx.refresh().begin(&RefreshFamily::begin(&token, &grant)).await?;
            tx.grants().end(&issuer(), &grant.id, GrantEnd::Revoked(NOW)).await
        })
        .await
        .unwrap();
    let swept = scene.store.carry_out(Chore::Grants, later(31 * 86_400)).await.unwrap();
    assert_eq!(swept, 1);
    let found = scene.store.read().refresh().find(&issuer(), &token.family()).await.unwrap();
    assert!(found.is_none());
    // A code of an authorization whose row is still there would be corrupt without its grant, so grants go last.
    let authorization = Authorization { expires_at: later(60), ..authorization(&entropy) };
    scene
        .store
        .transact(async |tx| tx.authorizations().open(&authorization, Caps::default()).await)
        .await
        .unwrap();
    assert_eq!(scene.store.carry_out(Chore::Authorizations, later(61)).await.unwrap(), 1);
}
