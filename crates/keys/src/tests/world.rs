//! Several nodes with clocks of their own, each with a copy of the keys that it refreshes when it likes, and
//! verifiers that cache what a node publishes: no token is ever one that a verifier cannot verify.

use std::collections::{HashMap, HashSet};

use fireward_jose::Algorithm::ES256;
use proptest::prelude::*;

use super::{apply, at_stage};
use crate::{KeyRecord, Policy, Stage, plan};

struct Node {
    ahead: i64,
    loaded_at: i64,
    copy: Vec<KeyRecord>,
    published: HashSet<String>,
}

struct Verifier {
    ahead: i64,
    fetched_at: i64,
    cache: Option<HashSet<String>>,
}

struct World {
    policy: Policy,
    rows: Vec<KeyRecord>,
    nodes: Vec<Node>,
    verifiers: Vec<Verifier>,
    /// The last `exp` of what each key signed.
    tokens: HashMap<String, i64>,
}

impl Node {
    fn load(&mut self, rows: &[KeyRecord], policy: &Policy, now: i64) {
        let here = now + self.ahead;
        self.copy = rows.to_vec();
        self.loaded_at = here;
        let published = |stage| at_stage(rows, policy, here, ES256, stage);
        self.published = [Stage::Signing, Stage::Upcoming, Stage::Retiring]
            .into_iter()
            .flat_map(published)
            .collect();
    }

    fn is_fresh(&self, policy: &Policy, now: i64) -> bool {
        !self.copy.is_empty() && now + self.ahead < self.loaded_at + policy.refresh
    }
}

impl World {
    fn new(policy: Policy, clocks: [i64; 4]) -> Self {
        let [a, b, c, d] = clocks.map(|clock| clock % (policy.skew + 1));
        let node =
            |ahead| Node { ahead, loaded_at: 0, copy: Vec::new(), published: HashSet::new() };
        let verifier = |ahead| Verifier { ahead, fetched_at: 0, cache: None };
        Self {
            policy,
            rows: Vec::new(),
            nodes: vec![node(a), node(b)],
            verifiers: vec![verifier(c), verifier(d)],
            tokens: HashMap::new(),
        }
    }

    /// One second; the dice say who does what in it.
    fn tick(&mut self, now: i64, dice: u32) {
        let thrown = |place: u32| dice >> (place * 3) & 7;
        for (place, node) in (0..).zip(&mut self.nodes) {
            if thrown(place) == 0 {
                node.load(&self.rows, &self.policy, now);
            }
        }
        for (place, node) in (2..).zip(&mut self.nodes) {
            if thrown(place) == 0 {
                let here = now + node.ahead;
                let steps = plan(&self.rows, &self.policy, here, &[ES256]);
                apply(&mut self.rows, &steps, here);
            }
        }
        for (place, verifier) in (4..).zip(&mut self.verifiers) {
            let expired = now > verifier.fetched_at + self.policy.jwks_max_age;
            let asked = self.nodes.get(thrown(place) as usize % 2).unwrap();
            if expired {
                verifier.cache = None;
            }
            if (expired || thrown(place) > 5) && asked.is_fresh(&self.policy, now) {
                (verifier.cache, verifier.fetched_at) = (Some(asked.published.clone()), now);
            }
        }
        self.sign(now);
    }

    fn sign(&mut self, now: i64) {
        for node in self.nodes.iter().filter(|node| node.is_fresh(&self.policy, now)) {
            let here = now + node.ahead;
            for kid in at_stage(&node.copy, &self.policy, here, ES256, Stage::Signing) {
                let exp = self.tokens.entry(kid).or_default();
                *exp = (*exp).max(here + self.policy.longest_token);
            }
        }
    }

    fn misses(&self, now: i64) -> Option<String> {
        self.verifiers.iter().find_map(|verifier| {
            let cache = verifier.cache.as_ref()?;
            let accepts_from = now + verifier.ahead - self.policy.skew;
            let mut valid = self.tokens.iter().filter(|(_, exp)| accepts_from < **exp);
            let (kid, _) = valid.find(|(kid, _)| !cache.contains(*kid))?;
            Some(format!("{kid} at {now}: {cache:?} of {:#?}", self.rows))
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_verifier_that_caches_never_misses_a_key(
        (rotate_after, jwks_max_age, refresh) in (1..80_i64, 0..20_i64, 1..12_i64),
        (skew, longest_token) in (0..5_i64, 0..30_i64),
        clocks in any::<[u8; 4]>(),
        dice in prop::collection::vec(any::<u32>(), 400),
    ) {
        let policy = Policy { rotate_after, jwks_max_age, refresh, skew, longest_token };
        let mut world = World::new(policy, clocks.map(i64::from));
        for (now, dice) in (1_000..).zip(dice) {
            world.tick(now, dice);
            let missed = world.misses(now);
            prop_assert!(missed.is_none(), "{}", missed.unwrap_or_default());
        }
        prop_assert!(!world.tokens.is_empty());
    }
}
