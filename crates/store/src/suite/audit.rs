//! The audit log: settled with what it is about, batched where nothing is, and chained.

use fireward_oauth::{
    ClientId, GrantId, RequestId, UserId,
    audit::{Actor, Event, Kind},
};
use sea_orm::ConnectionTrait as _;

use super::{Scene, on_each_database, samples::*};
use crate::{StoreError, audit::Search};

on_each_database!(
    events_are_found_as_they_were_written,
    an_event_goes_with_its_transaction,
    what_waits_is_written_together,
    whoever_changes_an_entry_breaks_the_chain,
);

fn event(n: i64) -> Event {
    Event {
        issuer: issuer(),
        at: later(u32::try_from(n).unwrap()),
        request: Some(RequestId::parse("r-1").unwrap()),
        actor: Actor::User(user_id()),
        client: Some(client_id()),
        subject: Some(user_id()),
        patient: Some("p1".to_owned()),
        grant: Some(GrantId::parse("g-1").unwrap()),
        kind: Kind::TokenIssued,
        detail: format!("token {n}"),
    }
}

async fn newest(scene: &Scene) -> Vec<Event> {
    let entries = scene.store.read().audit().search(&Search::newest(issuer(), 100)).await.unwrap();
    entries.into_iter().map(|entry| entry.event).collect()
}

async fn events_are_found_as_they_were_written(scene: Scene) {
    let actors = [
        Actor::User(user_id()),
        Actor::Client(client_id()),
        Actor::Operator,
        Actor::Anonymous("192.0.2.1".to_owned()),
        Actor::System,
    ];
    let kinds = Kind::VARIANTS.iter().zip(actors.iter().cycle()).zip(0..);
    let mut written: Vec<Event> = kinds
        .map(|((kind, actor), n)| Event { kind: *kind, actor: actor.clone(), ..event(n) })
        .collect();
    written.push(Event {
        request: None,
        client: None,
        subject: None,
        patient: None,
        grant: None,
        ..event(99)
    });
    for event in &written {
        scene.store.transact(async |tx| tx.audit().write(event).await).await.unwrap();
    }
    written.reverse();
    assert_eq!(newest(&scene).await, written);
    let about =
        Search { client: Some(ClientId::parse("nobody").unwrap()), ..Search::newest(issuer(), 9) };
    assert_eq!(scene.store.read().audit().search(&about).await.unwrap(), []);
    let search = Search {
        subject: Some(UserId::parse("u-1").unwrap()),
        patient: Some("p1".to_owned()),
        grant: Some(GrantId::parse("g-1").unwrap()),
        ..Search::newest(issuer(), 2)
    };
    let page = scene.store.read().audit().search(&search).await.unwrap();
    assert_eq!(
        page.iter().map(|entry| &entry.event).collect::<Vec<_>>(),
        [&written[1], &written[2]]
    );
    let next = Search { before: Some(page[1].id), ..search };
    let page = scene.store.read().audit().search(&next).await.unwrap();
    assert_eq!(page[0].event, written[3]);
}

async fn an_event_goes_with_its_transaction(scene: Scene) {
    let undone = scene.store.transact(async |tx| {
        tx.audit().write(&event(1)).await?;
        Err::<(), _>(StoreError::Unusable("as the test wants".to_owned()))
    });
    assert!(undone.await.is_err());
    assert_eq!(newest(&scene).await, []);
}

async fn what_waits_is_written_together(scene: Scene) {
    for n in 0..1_100 {
        assert!(scene.store.audit_later(event(n)));
    }
    assert_eq!(newest(&scene).await, []);
    assert_eq!(scene.store.flush_audit().await.unwrap(), 1_100);
    assert_eq!(scene.store.flush_audit().await.unwrap(), 0);
    assert_eq!(newest(&scene).await[0], event(1_099));
}

async fn whoever_changes_an_entry_breaks_the_chain(scene: Scene) {
    for n in 0..3 {
        scene.store.transact(async |tx| tx.audit().write(&event(n)).await).await.unwrap();
        assert_eq!(scene.store.flush_audit().await.unwrap(), 1);
    }
    let first_break = async || scene.store.read().audit().first_break("one").await.unwrap();
    assert_eq!(first_break().await, None);
    let entries = scene.store.read().audit().search(&Search::newest(issuer(), 3)).await.unwrap();
    assert_eq!(
        entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(),
        [Some(3), Some(2), Some(1)]
    );
    let tamper = async |sql: &str| {
        scene
            .store
            .transact(async |tx| Ok(tx.transaction.execute_unprepared(sql).await?))
            .await
            .unwrap();
    };
    tamper("UPDATE audit SET detail = 'nothing' WHERE seq = 2").await;
    assert_eq!(first_break().await, Some(entries[0].id), "the one after does not fit any more");
    tamper("DELETE FROM audit WHERE seq = 1").await;
    assert_eq!(first_break().await, Some(entries[1].id));
}
