use fireward_jose::Algorithm::{self, ES256, RS256};
use proptest::prelude::*;

use super::{apply, at_stage, row};
use crate::{KeyRecord, Policy, Stage, plan, revoke};

fn policy() -> impl Strategy<Value = Policy> {
    (0..200_i64, 0..20_i64, 0..10_i64, 0..5_i64, 0..30_i64).prop_map(
        |(rotate_after, jwks_max_age, refresh, skew, longest_token)| Policy {
            rotate_after,
            jwks_max_age,
            refresh,
            skew,
            longest_token,
        },
    )
}

/// Rows in any state, also such as no plan would leave behind.
fn rows() -> impl Strategy<Value = Vec<KeyRecord>> {
    let times = (0..200_i64, 0..60_i64, prop::option::weighted(0.3, 0..200_i64), any::<bool>());
    prop::collection::vec(times, 0..6).prop_map(|rows| {
        let mut keys: Vec<KeyRecord> = Vec::new();
        for (published, lead, revoked_at, rsa) in rows {
            let alg = if rsa { RS256 } else { ES256 };
            let after = keys.iter().rfind(|key| key.alg == alg).map(|key| key.kid.clone());
            let mut key = row(keys.len(), alg, published, published + lead, after);
            key.revoked_at = revoked_at;
            keys.push(key);
        }
        keys
    })
}

const ALGS: [Algorithm; 2] = [RS256, ES256];

proptest! {
    #[test]
    fn a_plan_carried_out_leaves_nothing_to_do(keys in rows(), policy in policy(), now in 0..400_i64) {
        let mut keys = keys;
        let steps = plan(&keys, &policy, now, &ALGS);
        prop_assert!(apply(&mut keys, &steps, now));
        let again = plan(&keys, &policy, now, &ALGS);
        prop_assert!(again.is_empty(), "{:?} after {:?} on {:#?}", again, steps, keys);
    }

    #[test]
    fn no_more_than_one_key_signs_and_one_that_did_has_a_successor(
        keys in rows(), policy in policy(), now in 0..400_i64,
    ) {
        let mut keys = keys;
        let begun = |keys: &[KeyRecord], alg| {
            keys.iter().any(|key| key.alg == alg && key.ever_signs() && key.signs_from <= now)
        };
        let begun = ALGS.map(|alg| begun(&keys, alg));
        let steps = plan(&keys, &policy, now, &ALGS);
        apply(&mut keys, &steps, now);
        for (alg, begun) in ALGS.into_iter().zip(begun) {
            let signing = at_stage(&keys, &policy, now, alg, Stage::Signing).len();
            prop_assert!(signing <= 1);
            prop_assert!(!begun || signing == 1, "{} {:#?}", alg, keys);
        }
    }

    #[test]
    fn times_at_the_ends_of_the_world_are_planned_too(
        keys in rows(),
        now in prop::sample::select(vec![i64::MIN, -1, 0, i64::MAX]),
        span in prop::sample::select(vec![i64::MIN, 0, i64::MAX]),
    ) {
        let policy = Policy {
            rotate_after: span, jwks_max_age: span, refresh: span, skew: span, longest_token: span,
        };
        let _ = plan(&keys, &policy, now, &ALGS);
    }

    #[test]
    fn any_key_may_be_revoked_and_another_signs_in_the_same_second(
        keys in rows(), policy in policy(), now in 260..400_i64, which in any::<prop::sample::Index>(),
    ) {
        let mut keys = keys;
        let steps = plan(&keys, &policy, now, &ALGS);
        apply(&mut keys, &steps, now);
        let key = keys[which.index(keys.len())].clone();
        let signing =
            |keys: &[KeyRecord]| at_stage(keys, &policy, now, key.alg, Stage::Signing).len();
        let signed = signing(&keys);
        if let Some(step) = revoke(&keys, &key.kid, now) {
            apply(&mut keys, &[step], now);
            let steps = plan(&keys, &policy, now, &ALGS);
            apply(&mut keys, &steps, now);
        }
        prop_assert!(signing(&keys) >= signed, "{} {:#?}", key.kid, keys);
        let revoked = keys.iter().find(|other| other.kid == key.kid);
        prop_assert!(revoked.is_none_or(|key| key.stage(&keys, &policy, now) == Stage::Revoked));
    }
}
