use fireward_jose::Algorithm::{ES256, RS256};

use super::{POLICY, apply, at_stage};
use crate::{KeyRecord, Stage, Step, plan, revoke, rotate};

/// The rows after `plan` at each of these times.
fn planned_at(times: &[i64]) -> Vec<KeyRecord> {
    let mut keys = Vec::new();
    for now in times {
        let steps = plan(&keys, &POLICY, *now, &[ES256]);
        assert!(apply(&mut keys, &steps, *now));
    }
    keys
}

fn only(keys: &[KeyRecord], now: i64, stage: Stage) -> Option<String> {
    let found = at_stage(keys, &POLICY, now, ES256, stage);
    assert!(found.len() <= 1, "{stage:?} at {now}: {found:?}");
    found.into_iter().next()
}

#[test]
fn the_first_keys_of_an_issuer_sign_at_once() {
    let steps = plan(&[], &POLICY, 50, &[ES256, RS256, ES256]);
    let create = |alg| Step::Create { alg, signs_from: 50, after: None };
    assert_eq!(steps, [create(ES256), create(RS256)]);
}

#[test]
fn the_first_key_of_a_further_algorithm_is_published_before_it_signs() {
    let mut keys = planned_at(&[0]);
    let steps = plan(&keys, &POLICY, 50, &[ES256, RS256]);
    assert_eq!(steps, [Step::Create { alg: RS256, signs_from: 150, after: None }]);
    apply(&mut keys, &steps, 50);
    assert!(at_stage(&keys, &POLICY, 149, RS256, Stage::Signing).is_empty());
    assert_eq!(at_stage(&keys, &POLICY, 150, RS256, Stage::Signing).len(), 1);
}

#[test]
fn nodes_that_start_an_issuer_together_do_not_make_one_another_wait() {
    let mut keys = planned_at(&[0]);
    let steps = plan(&keys, &POLICY, 10, &[ES256, RS256]);
    assert_eq!(steps, [Step::Create { alg: RS256, signs_from: 10, after: None }]);
    apply(&mut keys, &steps, 10);
    assert_eq!(at_stage(&keys, &POLICY, 10, RS256, Stage::Signing).len(), 1);
}

#[test]
fn a_key_is_replaced_on_time_and_leaves_when_its_tokens_have() {
    assert_eq!(planned_at(&[0, 899]).len(), 1);
    let keys = planned_at(&[0, 899, 900]);
    let (old, new) = (keys[0].kid.clone(), keys[1].kid.clone());
    assert_eq!(only(&keys, 999, Stage::Signing), Some(old.clone()));
    assert_eq!(only(&keys, 999, Stage::Upcoming), Some(new.clone()));
    assert_eq!(only(&keys, 1_000, Stage::Signing), Some(new));
    assert_eq!(only(&keys, 1_319, Stage::Retiring), Some(old.clone()));
    assert_eq!(only(&keys, 1_320, Stage::Gone), Some(old.clone()));
    assert!(plan(&keys, &POLICY, 1_319, &[ES256]).is_empty());
    assert_eq!(plan(&keys, &POLICY, 1_320, &[ES256]), [Step::Remove { kid: old }]);
}

#[test]
fn a_key_that_nobody_replaced_in_time_signs_until_somebody_has() {
    let keys = planned_at(&[0, 100_000]);
    assert_eq!(only(&keys, 100_099, Stage::Signing), Some(keys[0].kid.clone()));
    assert_eq!(only(&keys, 100_100, Stage::Signing), Some(keys[1].kid.clone()));
}

#[test]
fn rotating_on_command_is_as_gentle_as_the_schedule() {
    let mut keys = planned_at(&[0]);
    let step = rotate(&keys, &POLICY, 10, ES256).unwrap();
    let after = Some(keys[0].kid.clone());
    assert_eq!(step, Step::Create { alg: ES256, signs_from: 110, after });
    apply(&mut keys, &[step], 10);
    assert_eq!(rotate(&keys, &POLICY, 11, ES256), None);
    assert_eq!(rotate(&keys, &POLICY, 11, RS256), None);
}

#[test]
fn of_two_nodes_that_replace_a_key_at_once_one_succeeds() {
    let mut keys = planned_at(&[0]);
    let one = plan(&keys, &POLICY, 900, &[ES256]);
    let other = plan(&keys, &POLICY, 901, &[ES256]);
    assert!(apply(&mut keys, &one, 900));
    assert!(!apply(&mut keys, &other, 901));
}

#[test]
fn revoking_the_signing_key_lets_another_sign_at_once() {
    let mut keys = planned_at(&[0]);
    let kid = keys[0].kid.clone();
    let step = revoke(&keys, &kid, 20).unwrap();
    apply(&mut keys, &[step], 20);
    let steps = plan(&keys, &POLICY, 20, &[ES256]);
    assert_eq!(steps, [Step::Create { alg: ES256, signs_from: 20, after: Some(kid.clone()) }]);
    apply(&mut keys, &steps, 20);
    assert_eq!(only(&keys, 20, Stage::Signing), Some(keys[1].kid.clone()));
    assert_eq!(only(&keys, 20, Stage::Revoked), Some(kid.clone()));
    assert_eq!(revoke(&keys, &kid, 21), None);
    assert_eq!(revoke(&keys, "nobody", 21), None);
    // The row goes when caches have lost the key and its last token has expired: 20 + 100 + 320.
    assert!(plan(&keys, &POLICY, 439, &[ES256]).is_empty());
    assert_eq!(plan(&keys, &POLICY, 440, &[ES256]), [Step::Remove { kid }]);
}

#[test]
fn a_key_that_is_revoked_in_its_first_second_is_replaced_whatever_its_name() {
    for (first, second) in [("a", "b"), ("b", "a")] {
        let mut keys = planned_at(&[0]);
        keys[0].kid = first.to_owned();
        let step = revoke(&keys, first, 0).unwrap();
        apply(&mut keys, &[step], 0);
        let steps = plan(&keys, &POLICY, 0, &[ES256]);
        apply(&mut keys, &steps, 0);
        keys[1].kid = second.to_owned();
        assert_eq!(only(&keys, 0, Stage::Signing).as_deref(), Some(second));
        assert!(plan(&keys, &POLICY, 0, &[ES256]).is_empty());
    }
}

#[test]
fn revoking_the_signing_key_promotes_the_upcoming_one() {
    let mut keys = planned_at(&[0, 900]);
    let (old, new) = (keys[0].kid.clone(), keys[1].kid.clone());
    let step = revoke(&keys, &old, 910).unwrap();
    apply(&mut keys, &[step], 910);
    let steps = plan(&keys, &POLICY, 910, &[ES256]);
    assert_eq!(steps, [Step::Promote { kid: new.clone(), signs_from: 910 }]);
    apply(&mut keys, &steps, 910);
    assert_eq!(only(&keys, 910, Stage::Signing), Some(new));
}

#[test]
fn revoking_the_upcoming_key_changes_nothing_for_the_signing_one() {
    let mut keys = planned_at(&[0, 900]);
    let (old, new) = (keys[0].kid.clone(), keys[1].kid.clone());
    let step = revoke(&keys, &new, 910).unwrap();
    apply(&mut keys, &[step], 910);
    assert_eq!(only(&keys, 5_000, Stage::Signing), Some(old));
    let steps = plan(&keys, &POLICY, 910, &[ES256]);
    assert_eq!(steps, [Step::Create { alg: ES256, signs_from: 1_010, after: Some(new) }]);
}
