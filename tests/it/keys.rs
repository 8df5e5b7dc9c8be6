//! Signing keys are replaced under load, and nobody who trusts the issuer notices.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use fireward_jose::{Algorithm, JwkSet, Unverified};
use fireward_testkit::{Backend, Client, Database, Server, now};
use serde_json::Value;

use crate::world::{ISSUER, World, claims, header};

/// A resource server that does what caching allows: it keeps the key set for exactly `max-age`.
struct Verifier {
    http: Client,
    nodes: [String; 2],
    turn: usize,
    kept: Option<(JwkSet, Instant)>,
    /// The keys that it has met, by algorithm.
    met: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Verifier {
    fn new(nodes: [String; 2]) -> Self {
        let http = Client::public("nobody", "", "");
        Self { http, nodes, turn: 0, kept: None, met: BTreeMap::new() }
    }

    async fn keys(&mut self) -> &JwkSet {
        if self.kept.as_ref().is_none_or(|(_, until)| Instant::now() >= *until) {
            self.turn += 1;
            let url = format!("{}/jwks", self.nodes[self.turn % 2]);
            let answer = self.http.send(|http| http.get(url)).await;
            let (_, age) = answer.header("cache-control").split_once("max-age=").unwrap();
            let until = Instant::now() + Duration::from_secs(age.parse().unwrap());
            self.kept = Some((JwkSet::parse_lenient(answer.body.as_bytes()).unwrap(), until));
        }
        &self.kept.as_ref().unwrap().0
    }

    async fn verify(&mut self, token: &str) {
        let token = Unverified::<Value>::parse(token).unwrap();
        let (alg, kid) = (token.header().alg, token.header().kid.clone().unwrap());
        let keys = self.keys().await;
        let key = keys.select(alg, Some(&kid)).unwrap_or_else(|_| panic!("unknown key {kid}"));
        token.verify(key, &[alg]).expect("signed by the key it names");
        self.met.entry(alg.name()).or_default().insert(kid);
    }

    fn has_met(&self, alg: Algorithm, keys: usize) -> bool {
        self.met.get(alg.name()).is_some_and(|met| met.len() >= keys)
    }
}

/// The smallest spans that a busy machine keeps to: a key is published 9 s before it signs (2 + 6 + 1).
const SPANS: &str = "[keys]\nrotate_after = 10\njwks_max_age = 2\nrefresh = 6\nclock_skew = 1\n\n\
                     [lifetimes]\naccess_token = 5\nid_token = 5\nbackend_token = 5\n";

#[tokio::test]
async fn keys_are_rotated_under_load_and_a_verifier_that_caches_for_max_age_sees_no_failure() {
    let Some(database) = Database::postgres().await else { return };
    let world = World::new(database, SPANS);
    let nodes = [world.node(), world.node()];
    let at = nodes.each_ref().map(Server::address);
    let app = world.populate();
    let backend = Backend::new("backend", Algorithm::ES384);
    world.import("client", &backend.metadata("system/*.rs"));
    let (_, first) = world.tokens(&app, &at[0]).await;
    let mut refresh_token = first.text("refresh_token").to_owned();

    let mut verifier = Verifier::new(at.clone());
    verifier.keys().await;
    let told = world.command(&["keys", "rotate"]);
    assert!(told.contains("ES256: ") && told.contains("RS256: "), "{told}");
    // The first key, the one on command, and one by schedule, of each algorithm.
    let deadline = Instant::now() + Duration::from_mins(2);
    let mut live: Vec<(u64, String)> = Vec::new();
    let mut round = 0;
    while !(verifier.has_met(Algorithm::ES256, 3) && verifier.has_met(Algorithm::RS256, 3)) {
        assert!(Instant::now() < deadline, "only {:?}", verifier.met);
        let node = &at[round % 2];
        let renewed = app.refresh(node, &refresh_token).await;
        assert_eq!(renewed.status, 200, "{}", renewed.body);
        refresh_token = renewed.text("refresh_token").to_owned();
        let own = backend.token(&world.issuer, node, "system/*.rs").await;
        assert_eq!(own.status, 200, "{}", own.body);
        for token in
            [renewed.text("access_token"), renewed.text("id_token"), own.text("access_token")]
        {
            live.push((claims(token)["exp"].as_u64().unwrap(), token.to_owned()));
        }
        // Every token, for as long as it lives.
        live.retain(|(ends, _)| now() < *ends);
        for (_, token) in &live {
            verifier.verify(token).await;
        }
        round += 1;
    }
    drop(nodes);
    world.database.remove().await;
}

#[tokio::test]
async fn o4_a_key_that_is_revoked_is_gone_at_once_and_another_signs() {
    let world = World::new(Database::sqlite(), "[keys]\nrefresh = 8\n\n");
    let node = world.node();
    let at = node.address();
    let backend = Backend::new("backend", Algorithm::RS384);
    world.import("client", &backend.metadata("system/*.rs"));
    let token = backend.token(ISSUER, &at, "system/*.rs").await.text("access_token").to_owned();
    let kid = header(&token)["kid"].as_str().unwrap().to_owned();
    assert!(world.command(&["keys", "list"]).contains(&kid));
    world.command(&["keys", "revoke", &kid]);
    let http = Client::public("nobody", "", "");
    fireward_testkit::until("the revoked key leaves the set", 20, async || {
        !http.send(|http| http.get(format!("{at}/jwks"))).await.body.contains(&kid)
    })
    .await;
    let jwks = http.send(|http| http.get(format!("{at}/jwks"))).await;
    for key in jwks.json["keys"].as_array().unwrap() {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
    let next = backend.token(ISSUER, &at, "system/*.rs").await;
    assert_ne!(header(next.text("access_token"))["kid"], kid.as_str());
}
