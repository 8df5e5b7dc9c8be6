//! Many at once: exactly one gets through, whichever database, however many nodes.

use std::{collections::BTreeSet, sync::Arc};

use fireward_oauth::{
    Digest, Lifetime, RefreshToken,
    client::auth::{AuthenticatedClient, Presented, authenticate},
    grants::{
        authorization_code::{self, Redeem},
        refresh_token::{self, Refresh, RefreshFamily},
    },
    policy::Policy,
};
use fireward_testkit::Seeded;
use futures_util::future::join_all;

use super::{Scene, on_each_database, samples::*};
use crate::{Store, throttle::Kind};

on_each_database!(
    c2_of_a_hundred_redemptions_at_once_one_gets_tokens,
    f2_of_fifty_refreshes_at_once_comes_one_lineage,
    j4_of_many_uses_of_a_jti_one_is_fresh,
    of_many_nodes_one_takes_a_chore,
    b5_failures_are_counted_whoever_counts_at_once,
    a_family_is_found_with_its_grant_and_user,
);

fn authenticated() -> AuthenticatedClient {
    authenticate(&Presented::None(client_id()), Some(Arc::new(public_client())), None).unwrap()
}

/// Two nodes, and work for both.
async fn nodes(scene: &Scene) -> [Store; 2] {
    [scene.store.clone(), scene.second().await]
}

async fn c2_of_a_hundred_redemptions_at_once_one_gets_tokens(scene: Scene) {
    let entropy = Seeded::new(1);
    let (mut authorization, approved) = (authorization(&entropy), approved(&entropy));
    authorization.request.challenge = None;
    let code = approved.code.digest();
    scene
        .store
        .transact(async |tx| tx.authorizations().insert_approved(&authorization, &approved).await)
        .await
        .unwrap();
    let nodes = nodes(&scene).await;
    let ask =
        Redeem { redirect_uri: Some("https://app.example/callback".to_owned()), verifier: None };
    let client = authenticated();
    let redemptions = (0..100).map(|n: usize| {
        nodes[n % 2].transact(async |tx| {
            let found = tx.authorizations().find_code(&issuer(), &code).await?;
            scene.start.wait().await;
            let outcome = authorization_code::redeem(&ask, &client, found, later(1));
            if let Ok(code) = &outcome {
                tx.authorizations().redeem(code, later(1)).await?;
            }
            Ok(outcome)
        })
    });
    let outcomes: Vec<_> = join_all(redemptions).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let replayed = authorization_code::Refusal::Replayed(approved.grant.id);
    assert!(
        outcomes.iter().all(|outcome| outcome.as_ref().err().is_none_or(|why| *why == replayed))
    );
}

async fn begin(scene: &Scene, entropy: &Seeded) -> RefreshToken {
    let (token, grant) = (RefreshToken::draw(entropy), grant(entropy));
    scene
        .store
        .transact(async |tx| {
            tx.users().save(&user()).await?;
            tx.grants().insert(&grant).await?;
            tx.refresh().begin(&RefreshFamily::begin(&token, &grant)).await
        })
        .await
        .unwrap();
    token
}

async fn f2_of_fifty_refreshes_at_once_comes_one_lineage(scene: Scene) {
    let entropy = Seeded::new(2);
    let token = begin(&scene, &entropy).await;
    let nodes = nodes(&scene).await;
    let (client, policy) = (authenticated(), Policy::default());
    let ask = Refresh { token: token.clone(), scopes: None };
    let refreshes = (0..50).map(|n: usize| {
        nodes[n % 2].transact(async |tx| {
            let found = tx.refresh().find(&issuer(), &token.family()).await?;
            scene.start.wait().await;
            let moment = (&policy, later(1));
            let outcome = refresh_token::refresh(
                &ask,
                &client,
                (found.as_ref(), &[server()]),
                moment,
                &entropy,
            );
            if let Ok(refreshed) = &outcome
                && let Some(family) = &refreshed.moved
            {
                tx.refresh().move_on(family).await?;
            }
            Ok(outcome)
        })
    });
    let tokens: BTreeSet<String> = join_all(refreshes)
        .await
        .into_iter()
        .map(|outcome| outcome.unwrap().unwrap().token.expose().to_owned())
        .collect();
    assert_eq!(tokens.len(), 1, "everybody holds the same successor");
    let found = scene.store.read().refresh().find(&issuer(), &token.family()).await.unwrap();
    let family = found.unwrap().family;
    assert_eq!(family.generation, 1);
    assert_eq!(family.current, Digest::of(tokens.first().unwrap()));
}

async fn a_family_is_found_with_its_grant_and_user(scene: Scene) {
    let entropy = Seeded::new(3);
    let token = begin(&scene, &entropy).await;
    let find = async || {
        scene.store.read().refresh().find(&issuer(), &token.family()).await.unwrap().unwrap()
    };
    let found = find().await;
    assert_eq!(found.family, RefreshFamily::begin(&token, &found.grant));
    assert_eq!(found.user, Some(user()));
    scene
        .store
        .transact(async |tx| tx.users().remove(&issuer(), &user_id(), NOW).await)
        .await
        .unwrap();
    let found = find().await;
    assert_eq!(found.user, None);
    assert!(!found.grant.is_live(NOW));
}

async fn j4_of_many_uses_of_a_jti_one_is_fresh(scene: Scene) {
    let nodes = nodes(&scene).await;
    let jti = Digest::<Kind>::of("jti-1");
    let remember = async |store: &Store, client| {
        store
            .transact(async |tx| tx.assertions().remember(&issuer(), client, &jti, later(60)).await)
            .await
    };
    let client = client_id();
    let uses = (0..50).map(|n: usize| remember(&nodes[n % 2], &client));
    let fresh = join_all(uses).await.into_iter().filter(|fresh| *fresh.as_ref().unwrap());
    assert_eq!(fresh.count(), 1);
    assert!(remember(&nodes[0], &secret_client().id).await.unwrap(), "another client's");
}

async fn of_many_nodes_one_takes_a_chore(scene: Scene) {
    let nodes = nodes(&scene).await;
    let every = Lifetime::minutes(1);
    for (seconds, takers) in [(0, 1), (59, 0), (60, 1)] {
        let nodes_ask = (0..20).map(|n: usize| {
            nodes[n % 2].transact(async |tx| {
                tx.chores().take("rotate keys of main", later(seconds), every).await
            })
        });
        let taken = join_all(nodes_ask).await.into_iter().filter(|taken| *taken.as_ref().unwrap());
        assert_eq!(taken.count(), takers, "after {seconds} s");
    }
}

async fn b5_failures_are_counted_whoever_counts_at_once(scene: Scene) {
    let nodes = nodes(&scene).await;
    let window = Lifetime::minutes(5);
    let count = async |store: &Store, key: &'static str, seconds| {
        store
            .transact(async |tx| {
                tx.throttle().count(&issuer(), (Kind::Account, key), later(seconds), window).await
            })
            .await
            .unwrap()
    };
    let counted: BTreeSet<u32> =
        join_all((0..50).map(|n: usize| count(&nodes[n % 2], "Caregiver", 0)))
            .await
            .into_iter()
            .collect();
    assert_eq!(counted, (1..=50).collect(), "each sees a number of its own");
    let failures = async |kind, key, seconds| {
        scene.store.read().throttle().failures(&issuer(), kind, key, later(seconds)).await.unwrap()
    };
    assert_eq!(failures(Kind::Account, "CAREGIVER", 299).await, 50);
    assert_eq!(failures(Kind::Client, "caregiver", 0).await, 0);
    assert_eq!(failures(Kind::Account, "caregiver", 300).await, 0, "the window is over");
    assert_eq!(count(&nodes[0], "caregiver", 300).await, 1, "and another begins");
    assert_eq!(count(&nodes[0], "caregiver", 599).await, 2);
    scene
        .store
        .transact(async |tx| tx.throttle().reset(&issuer(), Kind::Account, "caregiver").await)
        .await
        .unwrap();
    assert_eq!(failures(Kind::Account, "caregiver", 599).await, 0);
}
