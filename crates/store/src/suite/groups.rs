//! Bodies that share a commit do not share a fate.

use std::{
    future::pending,
    sync::{Arc, Mutex},
};

use fireward_oauth::{UserId, people::User};
use fireward_testkit::Database;
use futures_util::future::join_all;
use tokio::sync::oneshot;

use super::{Scene, on_each_database, samples::*};
use crate::{Durability, Store, StoreError, Tx};

on_each_database!(
    a_body_that_fails_undoes_its_own_writes_only,
    a_body_whose_caller_goes_away_is_undone,
    a_body_that_lost_runs_again_on_what_is_there_now,
    bodies_may_borrow,
);

fn numbered(n: usize) -> User {
    let id = UserId::parse(&format!("u-{n:04}")).unwrap();
    User { username: id.to_string(), id, ..user() }
}

async fn stored(store: &Store) -> Vec<String> {
    let users = store.read().users().list(&issuer(), None, 10_000).await.unwrap();
    users.into_iter().map(|user| user.id.to_string()).collect()
}

fn failure() -> StoreError {
    StoreError::Unusable("as the test wants".to_owned())
}

async fn a_body_that_fails_undoes_its_own_writes_only(scene: Scene) {
    let write = async |n: usize| {
        scene
            .store
            .transact(async |tx| {
                tx.users().save(&numbered(n)).await?;
                if n.is_multiple_of(3) { Err(failure()) } else { Ok(n) }
            })
            .await
    };
    let outcomes = join_all((0..100).map(write)).await;
    let kept: Vec<_> = outcomes.into_iter().flatten().map(|n| numbered(n).id.to_string()).collect();
    assert_eq!(kept.len(), 66);
    assert_eq!(stored(&scene.store).await, kept);
}

async fn a_body_whose_caller_goes_away_is_undone(scene: Scene) {
    // First and alone, then within a group.
    for first in [true, false] {
        let (wrote, has_written) = oneshot::channel();
        let wrote = Mutex::new(Some(wrote));
        let gone = scene.store.transact(async |tx: &Tx| {
            tx.users().save(&numbered(1)).await?;
            if let Some(wrote) = wrote.lock().unwrap().take() {
                wrote.send(()).unwrap();
            }
            pending::<()>().await;
            Ok(())
        });
        let abandon = async {
            tokio::select! {
                _ = gone => panic!("it never ends"),
                _ = has_written => {}
            }
        };
        let other = scene.store.transact(async |tx| tx.users().save(&numbered(2)).await);
        if first {
            abandon.await;
            other.await.unwrap();
        } else {
            let (other, ()) = futures_util::future::join(other, abandon).await;
            other.unwrap();
        }
        assert_eq!(stored(&scene.store).await, ["u-0002"]);
    }
    scene.store.transact(async |tx| tx.users().save(&numbered(3)).await).await.unwrap();
    assert_eq!(stored(&scene.store).await, ["u-0002", "u-0003"]);
}

async fn a_body_that_lost_runs_again_on_what_is_there_now(scene: Scene) {
    let runs = Mutex::new(0);
    let done = scene.store.transact(async |tx| {
        let run = {
            let mut runs = runs.lock().unwrap();
            *runs += 1;
            *runs
        };
        tx.users().save(&numbered(run)).await?;
        if run < 3 { Err(StoreError::Raced) } else { Ok(run) }
    });
    assert_eq!(done.await.unwrap(), 3);
    assert_eq!(stored(&scene.store).await, ["u-0003"]);
    let never = scene.store.transact(async |_| Err::<(), _>(StoreError::Raced)).await;
    assert!(matches!(never, Err(StoreError::Raced)));
}

async fn bodies_may_borrow(scene: Scene) {
    let names = ["a", "b"].map(str::to_owned);
    let borrowed: Vec<&str> = names.iter().map(String::as_str).collect();
    let answer = scene.store.transact(async |_| Ok(borrowed.join(" "))).await.unwrap();
    assert_eq!(answer, "a b");
}

async fn at_least(answered: &Mutex<Vec<String>>, many: usize) {
    while answered.lock().unwrap().len() < many {
        tokio::task::yield_now().await;
    }
}

/// A node that stops in the middle: its runtime is torn down with writes on their way.
#[test]
fn what_was_answered_is_there_after_a_crash() {
    let database = Database::sqlite();
    let url = database.url.clone();
    let answered = Arc::new(Mutex::new(Vec::new()));
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for crash in 0..3 {
        let answered = Arc::clone(&answered);
        runtime().block_on(async {
            let store = Store::connect(&url, Durability::Full).await.unwrap();
            store.migrate().await.unwrap();
            let write = async |n: usize| {
                let user = numbered(crash * 1_000 + n);
                store.transact(async |tx| tx.users().save(&user).await).await.unwrap();
                answered.lock().unwrap().push(user.id.to_string());
            };
            tokio::select! {
                _ = join_all((0..400).map(write)) => {}
                () = at_least(&answered, (crash + 1) * 100) => {}
            }
        });
    }
    runtime().block_on(async {
        let store = Store::connect(&url, Durability::Full).await.unwrap();
        let stored = stored(&store).await;
        let answered = answered.lock().unwrap();
        assert!(answered.len() >= 300);
        assert!(answered.iter().all(|id| stored.contains(id)));
    });
}

#[tokio::test]
async fn a_database_that_cannot_be_shared_is_refused() {
    for url in ["", ":memory:", "sqlite::memory:", "mysql://localhost/x"] {
        let refused = Store::connect(url, Durability::Demo).await.err();
        assert!(matches!(refused, Some(StoreError::Unusable(_))), "{url}: {refused:?}");
    }
}

/// On SQLite, where each commit is an `fsync`.
#[tokio::test]
async fn many_transactions_at_once_share_a_few_commits() {
    const MANY: usize = 200;
    let database = Database::sqlite();
    let store = Store::connect(&database.url, Durability::Full).await.unwrap();
    store.migrate().await.unwrap();
    let save = async |n| store.transact(async |tx| tx.users().save(&numbered(n)).await).await;
    let before = commits(&database.url);
    join_all((0..MANY).map(save)).await.into_iter().for_each(Result::unwrap);
    let together = commits(&database.url) - before;
    assert!(together <= MANY / 20, "{together} commits of {MANY} transactions");
    for n in MANY..MANY + 3 {
        save(n).await.unwrap();
    }
    assert_eq!(
        commits(&database.url) - before - together,
        3,
        "whoever comes alone waits for nobody"
    );
    database.remove().await;
}

/// How many commits the write-ahead log of a database holds: the frame that ends one says how large the database is
/// then (<https://www.sqlite.org/fileformat2.html>, §4.1).
fn commits(path: &str) -> usize {
    let log = std::fs::read(format!("{path}-wal")).unwrap();
    let (header, frames) = log.split_at(32);
    let word =
        |octets: &[u8], at: usize| u32::from_be_bytes(octets[at..at + 4].try_into().unwrap());
    let page = usize::try_from(word(header, 8)).unwrap();
    let current = |frame: &&[u8]| frame[8..16] == header[16..24];
    frames.chunks_exact(24 + page).take_while(current).filter(|frame| word(frame, 4) != 0).count()
}
