//! Exports that outlast whoever began them, and those that fail.

use fireward_fhir_store::NewExport;
use time::Duration;

use super::*;

fn begun<'a>(world: &World, asked: &'a str) -> NewExport<'a> {
    let now = (world.server.now)();
    NewExport {
        id: "begun",
        client: "backend",
        scope: "system/*.rs",
        bound_to: None,
        request: "x",
        asked,
        told: &[],
        now,
        expires_at: now + Duration::hours(1),
    }
}

#[actix_web::test]
async fn d_44_what_another_node_has_begun_is_carried_on() {
    let world = World::new().await;
    let token = world.exporter();
    let exports = world.server.records.exports();
    let new = begun(&world, r#"{"group":null,"pairs":[["_type","Patient"]],"lenient":false}"#);
    exports.start(&new, world.server.export.limits).await.unwrap().unwrap();
    let now = (world.server.now)();
    exports.take("a node that dies", now, now + Duration::seconds(20)).await.unwrap().unwrap();
    FhirServer::tend(&world.server).await;
    assert_eq!(world.ask(&token, "GET", "/exports/begun").await.status, 202, "it may be alive");
    world.clock.fetch_add(90, std::sync::atomic::Ordering::SeqCst);
    let stalled = world.ask(&token, "GET", "/exports/begun").await;
    assert_eq!((stalled.status, stalled.issue().as_str()), (503, "transient"));
    FhirServer::tend(&world.server).await;
    let mut heard = world.ask(&token, "GET", "/exports/begun").await;
    for _ in 0..500 {
        if heard.status == 200 {
            break;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(10)).await;
        heard = world.ask(&token, "GET", "/exports/begun").await;
    }
    assert_eq!(
        names(&world.lines(&token, &heard.json(), "output").await),
        ["Patient/a", "Patient/b"]
    );
    // And once its time is over, it is gone.
    world.clock.fetch_add(3_600, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(world.ask(&token, "GET", "/exports/begun").await.status, 404);
    FhirServer::tend(&world.server).await;
    assert!(exports.find("backend", "begun").await.unwrap().is_none(), "swept");
}

#[actix_web::test]
async fn d_44_an_export_that_fails_says_so() {
    let world = World::new().await;
    let token = world.exporter();
    let exports = world.server.records.exports();
    exports.start(&begun(&world, "{}"), world.server.export.limits).await.unwrap().unwrap();
    FhirServer::tend(&world.server).await;
    let heard = world.status(&token, "/exports/begun").await;
    assert_eq!((heard.status, heard.issue().as_str()), (500, "exception"));
    assert_eq!(world.ask(&token, "DELETE", "/exports/begun").await.status, 202);
}
