//! Explanations of refusals.

use fireward_oauth::{
    ClientId, ExplanationId, Lifetime, RequestId, Timestamp,
    capability::Capability,
    explain::{Cause, Explanation, Fact},
    grants::{Dropped, Reason},
};
use fireward_testkit::Seeded;

use super::{Scene, on_each_database, samples::*};

on_each_database!(an_explanation_is_found_as_it_was_kept, whoever_fails_on_purpose_fills_nothing,);

pub(super) fn explanation(entropy: &Seeded, at: Timestamp) -> Explanation {
    let dropped = Dropped { scope: "user/*.rs".to_owned(), reason: Reason::Registration };
    Explanation {
        issuer: issuer(),
        id: ExplanationId::draw(entropy),
        code: "invalid_scope".to_owned(),
        description: "none of the requested scopes may be granted".to_owned(),
        client: Some(ClientId::parse("app").unwrap()),
        request: RequestId::draw(entropy),
        facts: vec![
            Fact::Dropped(dropped),
            Fact::differs("redirect_uri", None, ["https://app.example/cb"]),
            Fact::Cause(Cause::SessionOver),
            Fact::Cause(Cause::TurnedOff(Capability::LaunchEhr)),
        ],
        at,
        expires_at: at.plus(Lifetime::hours(1)),
    }
}

async fn an_explanation_is_found_as_it_was_kept(scene: Scene) {
    let entropy = Seeded::new(1);
    let kept = explanation(&entropy, NOW);
    assert!(scene.store.explain_later(kept.clone(), "192.0.2.1"));
    let find = async |id| scene.store.read().explanations().find(&issuer(), id).await.unwrap();
    assert_eq!(find(&kept.id).await, None, "not yet");
    scene.store.flush_audit().await.unwrap();
    assert_eq!(find(&kept.id).await, Some(kept.clone()));
    assert_eq!(find(&ExplanationId::draw(&entropy)).await, None);
}

async fn whoever_fails_on_purpose_fills_nothing(scene: Scene) {
    let entropy = Seeded::new(1);
    let fill = |address: &str, at| {
        let kept = |_: &i32| scene.store.explain_later(explanation(&entropy, at), address);
        (0..50).filter(kept).count()
    };
    assert_eq!(fill("192.0.2.1", NOW), 20);
    assert_eq!(fill("192.0.2.2", NOW), 20, "another is not shut out");
    let many: usize = (3..40).map(|n| fill(&format!("192.0.2.{n}"), NOW)).sum();
    assert_eq!(many, 80, "nor does a node keep more however many there are");
    assert_eq!(fill("192.0.2.1", later(60)), 20, "the next minute");
    scene.store.flush_audit().await.unwrap();
}
