//! Brands: one bundle an issuer, replaced by whoever knows what is there.

use fireward_oauth::{
    Issuer, IssuerId,
    brands::{Draft, Publication, Published},
};
use futures_util::future::join_all;
use serde_json::json;

use super::{Scene, on_each_database, samples::*};
use crate::StoreError;

on_each_database!(
    ub_3_brands_are_kept_to_the_letter_and_for_their_issuer_alone,
    ub_3_of_several_at_once_one_replaces_what_was_there,
    ub_3_brands_count_on_other_nodes_within_a_second,
);

fn publication(name: &str) -> Publication {
    let endpoint_type = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type";
    let payload_type = "http://terminology.hl7.org/CodeSystem/endpoint-payload-type";
    let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": [
        { "resource": {
            "resourceType": "Organization", "id": "o", "name": name,
            "identifier": [{ "system": "urn:ietf:rfc:3986", "value": "https://o.example" }],
            "telecom": [{ "system": "url", "value": "https://o.example/" }],
            "endpoint": [{ "reference": "Endpoint/e" }],
            "extension": [{
                "url": "http://hl7.org/fhir/StructureDefinition/organization-portal",
                "extension": [{ "url": "portalName", "valueString": "Portal" }],
            }],
        } },
        { "resource": {
            "resourceType": "Endpoint", "id": "e", "status": "active", "address": "https://f.example/r4",
            "connectionType": { "system": endpoint_type, "code": "hl7-fhir-rest" },
            "payloadType": [{ "coding": [{ "system": payload_type, "code": "none" }] }],
            "contact": [{ "system": "url", "value": "https://d.example/" }],
            "extension": [{
                "url": "http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version",
                "valueCode": "4.0.1",
            }],
        } },
    ] });
    let issuer = Issuer::parse("https://auth.example").unwrap();
    let named = Some("|https://o.example".parse().unwrap());
    let published = Draft { bundle, named }.publish(None, &issuer, NOW);
    let Published::New(publication, _) = published else { panic!("{published:?}") };
    *publication
}

async fn publish(
    scene: &Scene,
    before: Option<&str>,
    publication: &Publication,
) -> Result<(), StoreError> {
    let work = async |tx: &crate::Tx| tx.brands().publish(&issuer(), before, publication).await;
    scene.store.transact(work).await
}

async fn ub_3_brands_are_kept_to_the_letter_and_for_their_issuer_alone(scene: Scene) {
    let one = publication("One – ¡première!");
    assert!(scene.store.brands(&issuer()).await.unwrap().is_none());
    publish(&scene, None, &one).await.unwrap();
    assert_eq!(*scene.store.brands(&issuer()).await.unwrap(), Some(one.clone()));
    let other = IssuerId::parse("other").unwrap();
    assert!(scene.store.brands(&other).await.unwrap().is_none());
    let again = publish(&scene, None, &one).await;
    assert!(matches!(again, Err(StoreError::Raced)), "there is one");
    let remove = async |tag: &str| {
        scene.store.transact(async |tx| tx.brands().remove(&issuer(), tag).await).await
    };
    assert!(matches!(remove("another").await, Err(StoreError::Raced)));
    remove(&one.tag).await.unwrap();
    assert!(scene.store.brands(&issuer()).await.unwrap().is_none());
}

async fn ub_3_of_several_at_once_one_replaces_what_was_there(scene: Scene) {
    let first = publication("first");
    publish(&scene, None, &first).await.unwrap();
    let publications: Vec<_> = (0..8).map(|n| publication(&format!("{n}"))).collect();
    let tries = publications.iter().map(|one| publish(&scene, Some(&first.tag), one));
    let done = join_all(tries).await;
    assert_eq!(done.iter().filter(|one| one.is_ok()).count(), 1);
    let winner = done.iter().position(Result::is_ok).unwrap();
    let kept = scene.store.brands(&issuer()).await.unwrap();
    assert_eq!(kept.as_ref().as_ref().unwrap().tag, publications[winner].tag);
}

async fn ub_3_brands_count_on_other_nodes_within_a_second(scene: Scene) {
    let second = scene.second().await;
    second.ping().await.unwrap();
    assert!(second.brands(&issuer()).await.unwrap().is_none());
    let none = second.brands(&issuer()).await.unwrap();
    let again = second.brands(&issuer()).await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&none, &again), "that there are none is kept in memory");
    publish(&scene, None, &publication("one")).await.unwrap();
    let began = std::time::Instant::now();
    while second.brands(&issuer()).await.unwrap().is_none() {
        assert!(began.elapsed() < std::time::Duration::from_secs(1), "not within a second");
        tokio::task::yield_now().await;
    }
}
