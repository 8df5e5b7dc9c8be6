use std::sync::Arc;

use super::{Act, JSON, Server, outbound, policy};
use crate::{Address, Configured, DocumentCache, Fault, Limits, Supplied};

const LIMITS: Limits =
    Limits { accept: JSON, entries: 10, cap: 100, retry_after: 5, last_known_good: 1_000 };

/// A cache of numbers.
fn cache() -> DocumentCache<u32> {
    let read = |document: &crate::Document| {
        serde_json::from_slice(&document.bytes).map_err(|e| e.to_string())
    };
    DocumentCache::new(outbound(policy()), LIMITS, read)
}

fn counting(number: usize) -> Act {
    Act::Say("200 OK\r\nCache-Control: max-age=60", number.to_string())
}

fn not_to_be_kept(number: usize) -> Act {
    Act::Say("200 OK\r\nCache-Control: no-store", number.to_string())
}

async fn get<A: Address>(cache: &DocumentCache<u32>, at: &A, now: i64) -> Result<u32, Fault> {
    cache.get(at, now).await.map(|fetched| *fetched.value)
}

#[tokio::test]
async fn ca_8_a_copy_serves_while_it_is_fresh_and_no_longer() {
    let server = Server::new(counting).await;
    let cache = cache();
    let at = Configured::new(&server.url("/")).unwrap();
    for (now, value) in [(1_000, 0), (1_059, 0), (1_060, 1), (1_119, 1), (1_120, 2)] {
        assert_eq!(get(&cache, &at, now).await, Ok(value), "{now}");
    }
}

#[tokio::test]
async fn what_may_not_be_kept_is_fetched_each_time() {
    let server = Server::new(not_to_be_kept).await;
    let cache = cache();
    let at = Configured::new(&server.url("/")).unwrap();
    assert_eq!(get(&cache, &at, 0).await, Ok(0));
    assert_eq!(get(&cache, &at, 0).await, Ok(1));
}

#[tokio::test]
async fn however_many_ask_at_once_one_fetches() {
    for script in [counting, not_to_be_kept] {
        let server = Server::new(script).await;
        let cache = Arc::new(cache());
        let at = Configured::new(&server.url("/")).unwrap();
        let asking: Vec<_> =
            (0..20).map(|_| tokio::spawn(ask(Arc::clone(&cache), at.clone()))).collect();
        for one in asking {
            assert_eq!(one.await.unwrap(), Ok(0));
        }
        assert_eq!(server.asked(), 1);
    }
}

async fn ask(cache: Arc<DocumentCache<u32>>, at: Configured) -> Result<u32, Fault> {
    get(&cache, &at, 0).await
}

#[tokio::test]
async fn an_unknown_key_asks_again_once_in_a_while() {
    let server = Server::new(counting).await;
    let cache = cache();
    let at = Configured::new(&server.url("/")).unwrap();
    get(&cache, &at, 0).await.unwrap();
    for (now, value) in [(9, 0), (10, 1), (11, 1), (19, 1), (20, 2)] {
        let fetched = cache.refetch_if_older(&at, 10, now).await.unwrap();
        assert_eq!(*fetched.value, value, "{now}");
    }
}

/// Sound once, then broken.
fn failing(number: usize) -> Act {
    match number {
        0 => counting(7),
        1 => Act::Say("500 Internal Server Error", String::new()),
        2 => Act::Say("200 OK", "<html>".to_owned()),
        _ => counting(8),
    }
}

#[tokio::test]
async fn d_33_the_last_good_copy_of_a_configured_address_serves_for_a_while() {
    let server = Server::new(failing).await;
    let cache = cache();
    let at = Configured::new(&server.url("/")).unwrap();
    assert_eq!(get(&cache, &at, 0).await, Ok(7));
    assert_eq!(get(&cache, &at, 60).await, Ok(7), "500");
    assert_eq!(get(&cache, &at, 64).await, Ok(7), "left alone");
    assert_eq!(server.asked(), 2);
    assert_eq!(get(&cache, &at, 65).await, Ok(7), "not a number");
    assert_eq!(server.asked(), 3);
    assert_eq!(get(&cache, &at, 70).await, Ok(8));
}

#[tokio::test]
async fn d_33_the_last_good_copy_does_not_serve_for_ever() {
    let server = Server::new(failing).await;
    let cache = cache();
    let at = Configured::new(&server.url("/")).unwrap();
    assert_eq!(get(&cache, &at, 0).await, Ok(7));
    assert_eq!(get(&cache, &at, 1_060).await, Err(Fault::Status(500)));
    assert_eq!(get(&cache, &at, 1_061).await, Err(Fault::Status(500)));
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn d_33_a_supplied_address_has_no_last_good_copy() {
    let server = Server::new(failing).await;
    let cache = cache();
    let at = Supplied::new(&server.url("/"), &policy()).unwrap();
    assert_eq!(get(&cache, &at, 0).await, Ok(7));
    assert_eq!(get(&cache, &at, 59).await, Ok(7));
    assert_eq!(get(&cache, &at, 60).await, Err(Fault::Status(500)));
}

#[tokio::test]
async fn the_two_kinds_of_address_share_no_copy() {
    let server = Server::new(counting).await;
    let cache = cache();
    let supplied = Supplied::new(&server.url("/"), &policy()).unwrap();
    let configured = Configured::new(&server.url("/")).unwrap();
    assert_eq!(get(&cache, &supplied, 0).await, Ok(0));
    assert_eq!(get(&cache, &configured, 0).await, Ok(1));
}

#[tokio::test]
async fn s5_a_document_over_the_cap_is_no_document() {
    let server = Server::new(|_| Act::Say("200 OK", "1".repeat(101))).await;
    let at = Configured::new(&server.url("/")).unwrap();
    assert_eq!(get(&cache(), &at, 0).await, Err(Fault::TooLong));
}
