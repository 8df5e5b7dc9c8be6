//! What EHRs prepare: launches that wait, and styles.

use fireward_oauth::{AuthorizationId, LaunchHandle, launch::Style};
use fireward_testkit::Seeded;
use serde_json::json;

use super::{Scene, on_each_database, samples::*};
use crate::StoreError;

on_each_database!(
    a_launch_waits_until_it_is_claimed_withdrawn_or_too_old,
    sc_19_a_style_is_found_by_its_name_whoever_registered_it,
);

async fn a_launch_waits_until_it_is_claimed_withdrawn_or_too_old(scene: Scene) {
    let entropy = Seeded::new(31);
    let (ehr, another) = (secret_client().id, client_id());
    let handles = [0; 3].map(|_| LaunchHandle::draw(&entropy).digest());
    let waiting =
        async |ehr, now| scene.store.read().launches().waiting(&issuer(), ehr, now).await.unwrap();
    let withdraw = async |handle, ehr| {
        let store = &scene.store;
        store.transact(async |tx| tx.launches().withdraw(&issuer(), handle, ehr).await).await
    };
    scene
        .store
        .transact(async |tx| {
            for handle in handles {
                tx.launches().insert(&launch(handle)).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(waiting(&ehr, NOW).await, 3);
    assert_eq!(waiting(&another, NOW).await, 0, "another's");
    assert_eq!(waiting(&ehr, later(300)).await, 0, "too old");
    let by = AuthorizationId::parse("a0").unwrap();
    let claim =
        scene.store.transact(async |tx| tx.launches().claim(&issuer(), &handles[0], &by).await);
    claim.await.unwrap();
    assert_eq!(waiting(&ehr, NOW).await, 2);
    assert!(!withdraw(&handles[0], &ehr).await.unwrap(), "it was used");
    assert!(!withdraw(&handles[1], &another).await.unwrap(), "another's");
    assert!(withdraw(&handles[1], &ehr).await.unwrap());
    assert!(!withdraw(&handles[1], &ehr).await.unwrap());
    assert_eq!(waiting(&ehr, NOW).await, 1);
    let late =
        scene.store.transact(async |tx| tx.launches().claim(&issuer(), &handles[1], &by).await);
    assert!(matches!(late.await, Err(StoreError::Raced)), "nothing is left to claim");
}

async fn sc_19_a_style_is_found_by_its_name_whoever_registered_it(scene: Scene) {
    let style = |colour: &str| Style::from_json(&json!({ "color_text": colour })).unwrap();
    let (one, other) = (style("#000"), style("#111"));
    let (ehr, another) = (secret_client().id, client_id());
    let insert = async |style, ehr| {
        let store = &scene.store;
        let of = (&issuer(), style);
        store.transact(async |tx| tx.styles().insert(of, ehr, NOW).await).await.unwrap()
    };
    let find = async |style: &Style| {
        scene.store.read().styles().find(&issuer(), &style.hash()).await.unwrap()
    };
    let remove = async |style: &Style, ehr| {
        let (store, hash) = (&scene.store, style.hash());
        store.transact(async |tx| tx.styles().remove(&issuer(), &hash, ehr).await).await.unwrap()
    };
    assert!(insert(&one, Some(&ehr)).await && !insert(&one, Some(&ehr)).await, "once");
    assert!(insert(&one, Some(&another)).await && insert(&other, None).await);
    assert_eq!(find(&one).await.as_ref(), Some(&one));
    assert_eq!(find(&other).await.as_ref(), Some(&other));
    assert!(
        scene.store.read().styles().find(&other_issuer(), &one.hash()).await.unwrap().is_none()
    );
    assert_eq!(scene.store.read().styles().count(&issuer(), &ehr).await.unwrap(), 1);
    assert!(remove(&one, &ehr).await && !remove(&one, &ehr).await);
    assert!(find(&one).await.is_some(), "the other EHR still has it");
    assert!(!remove(&other, &ehr).await, "the operator's stays");
}
