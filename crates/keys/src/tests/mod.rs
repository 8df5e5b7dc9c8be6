//! The promises of the README.

mod keyring;
mod laws;
mod schedule;
mod world;

use fireward_jose::Algorithm;
use serde_json::Value;

use crate::{KeyRecord, Policy, Stage, Step};

const POLICY: Policy =
    Policy { rotate_after: 1_000, jwks_max_age: 60, refresh: 30, skew: 10, longest_token: 300 };

/// Carries steps out on rows that hold no real keys. False if another was faster, as in the store.
fn apply(keys: &mut Vec<KeyRecord>, steps: &[Step], now: i64) -> bool {
    for step in steps {
        match step {
            Step::Create { alg, signs_from, after } => {
                let taken = |key: &KeyRecord| key.alg == *alg && key.after == *after;
                if keys.iter().any(taken) {
                    return false;
                }
                keys.push(row(keys.len(), *alg, now, *signs_from, after.clone()));
            }
            Step::Promote { kid, signs_from } => find(keys, kid).signs_from = *signs_from,
            Step::Revoke { kid, at } => find(keys, kid).revoked_at = Some(*at),
            Step::Remove { kid } => keys.retain(|key| key.kid != *kid),
        }
    }
    true
}

fn row(
    number: usize,
    alg: Algorithm,
    now: i64,
    signs_from: i64,
    after: Option<String>,
) -> KeyRecord {
    // Names that do not sort by age, as thumbprints do not.
    let kid = format!("{}-{alg}-{now}-{number}", (now * 7 + 3) % 10);
    KeyRecord {
        kid,
        alg,
        public: Value::Null,
        sealed: Vec::new(),
        published_at: now,
        signs_from,
        revoked_at: None,
        after,
    }
}

fn find<'a>(keys: &'a mut [KeyRecord], kid: &str) -> &'a mut KeyRecord {
    keys.iter_mut().find(|key| key.kid == kid).unwrap()
}

fn at_stage(
    keys: &[KeyRecord],
    policy: &Policy,
    now: i64,
    alg: Algorithm,
    stage: Stage,
) -> Vec<String> {
    keys.iter()
        .filter(|key| key.alg == alg && key.stage(keys, policy, now) == stage)
        .map(|key| key.kid.clone())
        .collect()
}
