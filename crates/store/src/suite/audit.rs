//! The audit log: settled with what it is about, batched where nothing is, and chained.

use fireward_oauth::{
    ClientId, GrantId, RequestId, UserId,
    audit::{Actor, Event, Kind},
};
use sea_orm::ConnectionTrait as _;

use super::{Scene, on_each_database, samples::*};
use crate::{
    Durability, Store, StoreError,
    audit::{Break, Head, Search},
    chores::Chore,
};

on_each_database!(
    events_are_found_as_they_were_written,
    an_event_goes_with_its_transaction,
    what_waits_is_written_together,
    entries_are_found_by_kind_and_time,
    whoever_changes_an_entry_breaks_the_chain,
    a_kept_head_shows_what_the_chain_alone_does_not,
    a_node_that_starts_again_goes_on_with_its_chain,
    what_a_dead_node_left_is_linked_by_another,
    processes_of_one_name_share_a_chain,
);

pub(super) fn event(n: i64) -> Event {
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

async fn entries_are_found_by_kind_and_time(scene: Scene) {
    let kinds = [Kind::LoginFailed, Kind::TokenIssued, Kind::LoginSucceeded, Kind::LoginFailed];
    for (kind, n) in kinds.into_iter().zip(0..) {
        let event = Event { kind, ..event(n) };
        scene.store.transact(async |tx| tx.audit().write(&event).await).await.unwrap();
    }
    let found = async |search: Search| {
        let entries = scene.store.read().audit().search(&search).await.unwrap();
        entries.iter().map(|entry| entry.event.detail.clone()).collect::<Vec<_>>()
    };
    let all = Search::newest(issuer(), 9);
    let logins = Some(vec![Kind::LoginFailed, Kind::LoginSucceeded]);
    let logins = Search { kinds: logins, ..all.clone() };
    assert_eq!(found(logins.clone()).await, ["token 3", "token 2", "token 0"]);
    let (since, until) = (Some(later(1)), Some(later(3)));
    assert_eq!(found(Search { since, until, ..all.clone() }).await, ["token 2", "token 1"]);
    assert_eq!(found(Search { since, until, ..logins }).await, ["token 2"]);
    assert!(
        found(Search { kinds: Some(vec![]), ..all.clone() }).await.is_empty(),
        "no kind at all"
    );
    let elsewhere = fireward_oauth::IssuerId::parse("elsewhere").unwrap();
    assert!(found(Search { issuer: elsewhere, ..all }).await.is_empty());
}

/// Writes an event and links it.
async fn chained(store: &Store, n: i64) {
    store.transact(async |tx| tx.audit().write(&event(n)).await).await.unwrap();
    assert_eq!(store.flush_audit().await.unwrap(), 1);
}

async fn whoever_changes_an_entry_breaks_the_chain(scene: Scene) {
    for n in 0..3 {
        chained(&scene.store, n).await;
    }
    let verified = async || scene.store.read().audit().verify("one", None).await.unwrap();
    let whole = verified().await;
    assert_eq!((whole.head.seq, whole.waiting, whole.broken), (3, 0, None));
    let entries = scene.store.read().audit().search(&Search::newest(issuer(), 3)).await.unwrap();
    assert_eq!(
        entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(),
        [Some(3), Some(2), Some(1)]
    );
    tamper(&scene, "UPDATE audit SET detail = 'nothing' WHERE seq = 2").await;
    let after = Break { seq: 3, entry: Some(entries[0].id) };
    assert_eq!(verified().await.broken, Some(after), "the one after does not fit any more");
    tamper(&scene, "DELETE FROM audit WHERE seq = 1").await;
    assert_eq!(verified().await.broken, Some(Break { seq: 1, entry: Some(entries[1].id) }));
}

async fn a_kept_head_shows_what_the_chain_alone_does_not(scene: Scene) {
    for n in 0..3 {
        chained(&scene.store, n).await;
    }
    let verify = async |kept| scene.store.read().audit().verify("one", kept).await.unwrap();
    let kept = verify(None).await.head;
    chained(&scene.store, 3).await;
    assert_eq!(verify(Some(&kept)).await.broken, None, "a chain grows");
    let other = Head { digest: vec![1; 32], ..kept.clone() };
    assert_eq!(verify(Some(&other)).await.broken.unwrap().seq, 3, "it was written anew");
    tamper(&scene, "DELETE FROM audit WHERE seq > 2").await;
    assert_eq!(verify(None).await.broken, None, "shorter, and whole as it seems");
    assert_eq!(verify(Some(&kept)).await.broken, Some(Break { seq: 3, entry: None }));
    tamper(&scene, "DELETE FROM audit").await;
    assert_eq!(verify(Some(&kept)).await.broken, Some(Break { seq: 1, entry: None }));
}

async fn a_node_that_starts_again_goes_on_with_its_chain(scene: Scene) {
    chained(&scene.store, 0).await;
    // It dies before it has linked what it wrote.
    scene.store.transact(async |tx| tx.audit().write(&event(1)).await).await.unwrap();
    let again = Store::connect_as("one", &scene.url, Durability::Demo).await.unwrap();
    again.transact(async |tx| tx.audit().write(&event(2)).await).await.unwrap();
    assert_eq!(again.flush_audit().await.unwrap(), 2);
    let verified = scene.store.read().audit().verify("one", None).await.unwrap();
    assert_eq!((verified.head.seq, verified.waiting, verified.broken), (3, 0, None));
}

async fn what_a_dead_node_left_is_linked_by_another(scene: Scene) {
    chained(&scene.store, 0).await;
    scene.store.transact(async |tx| tx.audit().write(&event(1)).await).await.unwrap();
    let other = scene.second().await;
    chained(&other, 2).await;
    let link = async |now| other.carry_out(Chore::AuditChains, now).await.unwrap();
    assert_eq!(link(later(30)).await, 0, "its own node may still do it");
    assert_eq!(scene.store.read().audit().verify("one", None).await.unwrap().waiting, 1);
    assert_eq!(link(later(90)).await, 1);
    let audit = other.read().audit();
    assert_eq!(audit.chains().await.unwrap(), ["one", "two"]);
    for (chain, seq) in [("one", 2), ("two", 1)] {
        let verified = audit.verify(chain, None).await.unwrap();
        assert_eq!((verified.head.seq, verified.waiting, verified.broken), (seq, 0, None));
    }
}

async fn processes_of_one_name_share_a_chain(scene: Scene) {
    let twin = Store::connect_as("one", &scene.url, Durability::Demo).await.unwrap();
    let write = async |store: &Store| {
        for n in 0..20 {
            store.transact(async |tx| tx.audit().write(&event(n)).await).await.unwrap();
            // Whoever comes too late too often tries again with the next entry.
            match store.flush_audit().await {
                Ok(_) | Err(StoreError::Raced) => {}
                Err(other) => panic!("{other}"),
            }
        }
    };
    tokio::join!(write(&scene.store), write(&twin));
    scene.store.flush_audit().await.unwrap();
    let verified = scene.store.read().audit().verify("one", None).await.unwrap();
    assert_eq!((verified.head.seq, verified.waiting, verified.broken), (40, 0, None));
}

async fn tamper(scene: &Scene, sql: &str) {
    let run = scene.store.transact(async |tx| Ok(tx.transaction.execute_unprepared(sql).await?));
    run.await.unwrap();
}
