//! The record layer decides by itself: whoever comes past the edge is still refused.

use fireward_fhir::{Access, Interaction, Permit, Request, Rules, permit};
use fireward_fhir_store::{Change, Precondition, RecordsError};
use serde_json::json;

use super::{BASE, World};

fn interaction(method: &str, path: &str) -> Interaction {
    let asked = Request { method, path, base: BASE, ..Request::default() };
    Interaction::parse(&asked).unwrap()
}

fn permitted(access: &Access, method: &str, path: &str) -> Permit {
    permit(access, &interaction(method, path), &Rules::default()).unwrap()
}

#[actix_web::test]
async fn row_068_row_069_past_the_edge_the_records_are_still_closed() {
    let world = World::new().await;
    let server = &world.server;
    let token = world.token("patient/*.cruds", Some("a"));
    // One handler of tokens made these claims; no route and no extractor is asked from here on.
    let claims = server.guard.admit(&token).await.unwrap();
    let access = claims.access();
    let records = &server.records;
    let reads = permitted(access, "GET", "/Patient/a");
    assert!(records.read(&reads, "Patient", "a").await.is_ok());
    for (kind, id) in [("Patient", "b"), ("Observation", "b-sugar"), ("Patient", "nobody")] {
        let found = records.read(&reads, kind, id).await;
        assert!(matches!(found, Err(RecordsError::Missing)), "{kind}/{id}");
    }
    let writes = permitted(access, "PUT", "/Observation/b-sugar");
    let change = |kind, id| Change {
        kind,
        id,
        only_if: Precondition::None,
        now: time::OffsetDateTime::UNIX_EPOCH,
    };
    let of = |patient: &str| {
        json!({ "resourceType": "Observation", "id": "b-sugar", "status": "final",
            "subject": { "reference": format!("Patient/{patient}") } })
    };
    let stolen = records.update(&writes, &change("Observation", "b-sugar"), &of("a")).await;
    assert!(matches!(stolen, Err(RecordsError::Missing)), "what is stored is another's");
    let given = records.update(&writes, &change("Observation", "b-sugar"), &of("b")).await;
    assert!(matches!(given, Err(RecordsError::Refused)), "what would be stored is another's");
    let deletes = permitted(access, "DELETE", "/Observation/b-sugar");
    let gone = records.delete(&deletes, &change("Observation", "b-sugar")).await;
    assert!(matches!(gone, Err(RecordsError::Missing)));
    // A permit for one type is none for another.
    let wrong = records.update(&reads, &change("Observation", "new"), &of("a")).await;
    assert!(matches!(wrong, Err(RecordsError::Refused)));
}
