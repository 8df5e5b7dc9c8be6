//! Authorizations, grants, sessions, consents and launches from beginning to end.

use fireward_oauth::{
    AuthorizationId, LaunchHandle, Lifetime, SessionToken,
    authorize::{Approved, Authorization, CodeStage, Consent, ConsentChoice, Stage, Until},
    grants::{Grant, GrantEnd},
    launch::{AskedContext, Pick, Picks},
    people::Session,
};
use fireward_testkit::Seeded;

use super::{Scene, on_each_database, samples::*};
use crate::{
    StoreError,
    authorizations::{Caps, Opened},
};

on_each_database!(
    an_authorization_is_found_as_it_was_opened_and_changed,
    approving_settles_code_grant_consent_and_launch,
    an_answered_authorization_is_not_answered_again,
    c1_a_spent_code_is_known_as_spent,
    z4_open_authorizations_are_bounded_by_address_and_in_all,
    m2_a_launch_is_claimed_once_and_undoes_what_comes_too_late,
    a_grant_ends_once,
    a_lost_device_ends_every_grant_of_its_user,
    grants_of_a_session_follow_it_and_end_with_it,
    what_was_seen_is_written_at_most_so_often,
    revoked_tokens_and_consents_are_found,
);

const CAPS: Caps = Caps { per_address: 2, in_all: 4 };

async fn open(scene: &Scene, authorization: &Authorization) -> Opened {
    let open = scene.store.transact(async |tx| tx.authorizations().open(authorization, CAPS).await);
    open.await.unwrap()
}

async fn find(scene: &Scene, id: &AuthorizationId) -> Option<Authorization> {
    scene.store.read().authorizations().find(&issuer(), id).await.unwrap()
}

async fn an_authorization_is_found_as_it_was_opened_and_changed(scene: Scene) {
    let mut authorization = authorization(&Seeded::new(1));
    authorization.request.launch = Some(LaunchHandle::draw(&Seeded::new(9)).digest());
    assert_eq!(open(&scene, &authorization).await, Opened::Kept);
    assert_eq!(find(&scene, &authorization.id).await.as_ref(), Some(&authorization));
    let choices = [
        None,
        Some(ConsentChoice::Allow { scopes: vec!["openid".to_owned()], until: Until::Month }),
        Some(ConsentChoice::Deny),
    ];
    for choice in choices {
        authorization.stage = Stage::Open {
            patient: Some("p1".to_owned()),
            picks: if choice.is_some() { picks() } else { Picks::default() },
            account_confirmed: true,
            choice,
        };
        let update =
            scene.store.transact(async |tx| tx.authorizations().update(&authorization).await);
        update.await.unwrap();
        assert_eq!(find(&scene, &authorization.id).await.as_ref(), Some(&authorization));
    }
}

fn picks() -> Picks {
    let asked = |resource_type: &str, role: Option<&str>| AskedContext {
        resource_type: resource_type.to_owned(),
        role: role.map(str::to_owned),
    };
    let picks = [
        (asked("Encounter", None), Pick::Resource("e1".to_owned())),
        (asked("ImagingStudy", Some("urn:prior")), Pick::Without),
        (asked("Questionnaire", None), Pick::Unavailable),
    ];
    picks.into_iter().collect()
}

async fn approving_settles_code_grant_consent_and_launch(scene: Scene) {
    let entropy = Seeded::new(2);
    let born_approved = [false, true];
    for born_approved in born_approved {
        let handle = LaunchHandle::draw(&entropy).digest();
        let authorization = authorization(&entropy);
        let approved = Approved { claims: Some(handle), ..approved(&entropy) };
        scene
            .store
            .transact(async |tx| {
                tx.launches().insert(&launch(handle)).await?;
                if born_approved {
                    tx.authorizations().insert_approved(&authorization, &approved).await
                } else {
                    tx.authorizations().open(&authorization, Caps::default()).await?;
                    tx.authorizations().approve(&authorization, &approved).await
                }
            })
            .await
            .unwrap();
        let Approved { grant, code, code_expires_at, consent, .. } = approved;
        let stage = Stage::Approved {
            code: code.digest(),
            grant: grant.id.clone(),
            code_expires_at,
            code_stage: CodeStage::Live,
        };
        assert_eq!(find(&scene, &authorization.id).await.unwrap().stage, stage);
        let read = scene.store.read();
        let found =
            read.authorizations().find_code(&issuer(), &code.digest()).await.unwrap().unwrap();
        assert_eq!((&found.authorization, &found.grant), (&authorization.id, &grant));
        assert_eq!((found.stage, found.expires_at), (CodeStage::Live, code_expires_at));
        assert_eq!(found.challenge, authorization.request.challenge);
        assert_eq!(found.redirect_uri.as_str(), "https://app.example/callback");
        assert_eq!(remembered(&scene, &[Some("p1")]).await, Vec::from_iter(consent));
        let launch = read.launches().find(&issuer(), &handle).await.unwrap().unwrap();
        assert_eq!(launch.claimed_by, Some(authorization.id));
    }
}

async fn an_answered_authorization_is_not_answered_again(scene: Scene) {
    let entropy = Seeded::new(3);
    let authorization = authorization(&entropy);
    open(&scene, &authorization).await;
    let deny = async || {
        scene.store.transact(async |tx| tx.authorizations().deny(&authorization).await).await
    };
    deny().await.unwrap();
    assert_eq!(find(&scene, &authorization.id).await.unwrap().stage, Stage::Denied);
    let approve = scene.store.transact(async |tx| {
        tx.authorizations().approve(&authorization, &approved(&entropy)).await
    });
    assert!(matches!(approve.await, Err(StoreError::Raced)));
    assert!(matches!(deny().await, Err(StoreError::Raced)));
    let update = scene.store.transact(async |tx| tx.authorizations().update(&authorization).await);
    assert!(matches!(update.await, Err(StoreError::Raced)));
    let left = scene.store.read().grants().list_live_for_user(&issuer(), &user_id(), NOW).await;
    assert_eq!(left.unwrap(), [], "nothing of the approval that came too late is left");
}

async fn c1_a_spent_code_is_known_as_spent(scene: Scene) {
    let entropy = Seeded::new(4);
    let approved = approved(&entropy);
    let code = approved.code.digest();
    scene
        .store
        .transact(async |tx| {
            tx.authorizations().insert_approved(&authorization(&entropy), &approved).await
        })
        .await
        .unwrap();
    let redeem = async || {
        scene
            .store
            .transact(async |tx| {
                let found = tx.authorizations().find_code(&issuer(), &code).await?.unwrap();
                tx.authorizations().redeem(&found, later(1)).await
            })
            .await
    };
    redeem().await.unwrap();
    assert!(matches!(redeem().await, Err(StoreError::Raced)));
    let found = scene.store.read().authorizations().find_code(&issuer(), &code).await.unwrap();
    assert_eq!(found.unwrap().stage, CodeStage::Redeemed);
}

async fn z4_open_authorizations_are_bounded_by_address_and_in_all(scene: Scene) {
    let entropy = Seeded::new(5);
    let from = |address: &str, second| Authorization {
        address: address.to_owned(),
        created_at: later(second),
        ..authorization(&entropy)
    };
    let same: Vec<_> = (0..3).map(|second| from("192.0.2.1", second)).collect();
    for authorization in &same {
        assert_eq!(open(&scene, authorization).await, Opened::Kept);
    }
    assert!(find(&scene, &same[0].id).await.is_none(), "the oldest made room");
    assert!(find(&scene, &same[1].id).await.is_some());
    for address in ["192.0.2.2", "192.0.2.3"] {
        assert_eq!(open(&scene, &from(address, 10)).await, Opened::Kept);
    }
    let one_too_many = from("192.0.2.4", 10);
    assert_eq!(open(&scene, &one_too_many).await, Opened::Full);
    assert_eq!(
        open(&scene, &Authorization { created_at: later(11), ..one_too_many.clone() }).await,
        Opened::Full
    );
    assert!(find(&scene, &one_too_many.id).await.is_none());
}

async fn m2_a_launch_is_claimed_once_and_undoes_what_comes_too_late(scene: Scene) {
    let entropy = Seeded::new(6);
    let handle = LaunchHandle::draw(&entropy).digest();
    let kept = launch(handle);
    scene.store.transact(async |tx| tx.launches().insert(&kept).await).await.unwrap();
    let found = scene.store.read().launches().find(&issuer(), &handle).await.unwrap();
    assert_eq!(found, Some(kept));
    let windows = [authorization(&entropy), authorization(&entropy)];
    let mut outcomes = Vec::new();
    for window in &windows {
        let outcome = scene.store.transact(async |tx| {
            let approved = Approved { claims: Some(handle), ..approved(&entropy) };
            tx.authorizations().insert_approved(window, &approved).await
        });
        outcomes.push(outcome.await.is_ok());
    }
    assert_eq!(outcomes, [true, false]);
    assert!(find(&scene, &windows[1].id).await.is_none());
}

async fn insert_grant(scene: &Scene, grant: &Grant) {
    scene.store.transact(async |tx| tx.grants().insert(grant).await).await.unwrap();
}

async fn a_grant_ends_once(scene: Scene) {
    let grant = grant(&Seeded::new(7));
    insert_grant(&scene, &grant).await;
    let end = async |end| {
        scene
            .store
            .transact(async |tx| tx.grants().end(&issuer(), &grant.id, end).await)
            .await
            .unwrap()
    };
    assert!(end(GrantEnd::Replayed(later(1))).await);
    assert!(!end(GrantEnd::Withdrawn(later(2))).await);
    let found = scene.store.read().grants().find(&issuer(), &grant.id).await.unwrap();
    assert_eq!(found, Some(Grant { ended: Some(GrantEnd::Replayed(later(1))), ..grant }));
}

async fn a_lost_device_ends_every_grant_of_its_user(scene: Scene) {
    let entropy = Seeded::new(8);
    let (offline, online) =
        (grant(&entropy), Grant { session: Some(session(&entropy).digest), ..grant(&entropy) });
    let others =
        Grant { subject: fireward_oauth::UserId::parse("u-2").unwrap(), ..grant(&entropy) };
    for grant in [&offline, &online, &others] {
        insert_grant(&scene, grant).await;
    }
    let read = scene.store.read();
    let mine =
        read.grants().find_by_client_and_user(&issuer(), &client_id(), &user_id()).await.unwrap();
    assert_eq!(mine.len(), 2);
    let end = scene.store.transact(async |tx| {
        tx.sessions().end_all_for_user(&issuer(), &user_id()).await?;
        tx.grants().end_all_for_user(&issuer(), &user_id(), GrantEnd::Withdrawn(NOW)).await
    });
    assert_eq!(end.await.unwrap(), 2);
    assert_eq!(read.grants().list_live_for_user(&issuer(), &user_id(), NOW).await.unwrap(), []);
    let left = read.grants().list_live_for_user(&issuer(), &others.subject, NOW).await.unwrap();
    assert_eq!(left, std::slice::from_ref(&others));
    let expired = read.grants().list_live_for_user(&issuer(), &others.subject, others.until).await;
    assert_eq!(expired.unwrap(), []);
}

async fn grants_of_a_session_follow_it_and_end_with_it(scene: Scene) {
    let entropy = Seeded::new(9);
    let old = session(&entropy);
    let new = Session { digest: SessionToken::draw(&entropy).digest(), ..old.clone() };
    let grant = Grant { session: Some(old.digest), ..grant(&entropy) };
    scene
        .store
        .transact(async |tx| {
            tx.sessions().insert(&old).await?;
            tx.grants().insert(&grant).await?;
            tx.sessions().rotate(&old.digest, &new).await
        })
        .await
        .unwrap();
    let read = scene.store.read();
    assert_eq!(read.sessions().find(&issuer(), &old.digest).await.unwrap(), None);
    assert_eq!(read.sessions().find(&issuer(), &new.digest).await.unwrap(), Some(new.clone()));
    let devices = read.sessions().list_for_user(&issuer(), &user_id(), NOW).await.unwrap();
    assert_eq!(devices, std::slice::from_ref(&new));
    let again = scene.store.transact(async |tx| tx.sessions().rotate(&old.digest, &new).await);
    assert!(matches!(again.await, Err(StoreError::Raced)));
    let ended = scene.store.transact(async |tx| {
        assert!(tx.sessions().end(&issuer(), &new.digest).await?);
        let end = GrantEnd::LoggedOut(later(5));
        assert_eq!(tx.grants().end_for_session(&issuer(), &old.digest, end).await?, 0);
        tx.grants().end_for_session(&issuer(), &new.digest, end).await
    });
    assert_eq!(ended.await.unwrap(), 1);
}

async fn what_was_seen_is_written_at_most_so_often(scene: Scene) {
    let entropy = Seeded::new(10);
    let (session, grant) = (session(&entropy), grant(&entropy));
    scene
        .store
        .transact(async |tx| {
            tx.sessions().insert(&session).await?;
            tx.grants().insert(&grant).await
        })
        .await
        .unwrap();
    for (seconds, seen, used) in [(59, 0, 0), (60, 60, 0), (3_600, 3_600, 3_600)] {
        scene
            .store
            .transact(async |tx| {
                tx.sessions().touch(&session, later(seconds)).await?;
                tx.grants().touch(&grant, later(seconds)).await
            })
            .await
            .unwrap();
        let read = scene.store.read();
        let found = read.sessions().find(&issuer(), &session.digest).await.unwrap().unwrap();
        assert_eq!(found.last_seen, later(seen));
        let found = read.grants().find(&issuer(), &grant.id).await.unwrap().unwrap();
        assert_eq!(found.last_used, later(used));
    }
}

async fn revoked_tokens_and_consents_are_found(scene: Scene) {
    let entropy = Seeded::new(11);
    let (jti, unknown) = (fireward_oauth::Jti::draw(&entropy), fireward_oauth::Jti::draw(&entropy));
    let until = NOW.plus(Lifetime::minutes(5));
    let consent = approved(&entropy).consent.unwrap();
    scene
        .store
        .transact(async |tx| {
            tx.revoked_tokens().add(&issuer(), &jti, until).await?;
            tx.revoked_tokens().add(&issuer(), &jti, until).await?;
            tx.consents().save(&consent).await
        })
        .await
        .unwrap();
    let read = scene.store.read();
    assert!(read.revoked_tokens().contains(&issuer(), &jti).await.unwrap());
    assert!(!read.revoked_tokens().contains(&issuer(), &unknown).await.unwrap());
    assert_eq!(read.revoked_tokens().list(&issuer(), NOW).await.unwrap(), [(jti, until)]);
    assert_eq!(read.revoked_tokens().list(&issuer(), later(301)).await.unwrap(), []);
    let mut other = Consent { patient: Some("p2".to_owned()), ..consent.clone() };
    let nobodys = Consent { patient: None, ..consent.clone() };
    other.granted = "openid".parse().unwrap();
    scene
        .store
        .transact(async |tx| {
            tx.consents().save(&other).await?;
            tx.consents().save(&nobodys).await
        })
        .await
        .unwrap();
    assert_eq!(remembered(&scene, &[Some("p1")]).await, [consent]);
    assert_eq!(remembered(&scene, &[Some("p2")]).await, [other]);
    assert_eq!(remembered(&scene, &[None]).await, [nobodys]);
    assert_eq!(remembered(&scene, &[Some("p3")]).await, []);
    let listed = read.consents().list_live_for_user(&issuer(), &user_id(), NOW).await.unwrap();
    assert_eq!(listed.len(), 3);
    let remove = scene
        .store
        .transact(async |tx| tx.consents().remove(&issuer(), &user_id(), &client_id()).await);
    assert_eq!(remove.await.unwrap(), 3);
    assert_eq!(remembered(&scene, &[Some("p1"), Some("p2"), None]).await, []);
}

async fn remembered(scene: &Scene, patients: &[Option<&str>]) -> Vec<Consent> {
    let (client, server) = (client_id(), server_id());
    let read = scene.store.read();
    read.consents().find(&issuer(), &user_id(), (&client, Some(&server)), patients).await.unwrap()
}
