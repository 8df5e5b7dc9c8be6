use fireward_jose::Algorithm::{self, ES256, ES384, EdDSA, RS256};
use fireward_jose::backend::rand::SystemRandom;
use fireward_jose::{Header, JwkSet, NoKey, Unverified, Verified};
use serde_json::{Value, json};

use super::POLICY;
use crate::{CannotSign, KeyRecord, Keyring, MasterKey, Policy, Step, Vault, plan, revoke};

const ISSUER: &str = "https://issuer.example";

/// An issuer with real keys.
struct Issuer {
    master: MasterKey,
    rng: SystemRandom,
    rows: Vec<KeyRecord>,
}

impl Issuer {
    fn new(algs: &[Algorithm]) -> Self {
        let rng = SystemRandom::new();
        let mut issuer = Self { master: MasterKey::new([7; 32]), rng, rows: Vec::new() };
        issuer.plan(0, algs);
        issuer
    }

    fn vault(&self) -> Vault<'_> {
        Vault { master: &self.master, issuer: ISSUER, rng: &self.rng }
    }

    fn plan(&mut self, now: i64, algs: &[Algorithm]) {
        for step in plan(&self.rows, &POLICY, now, algs) {
            match step {
                Step::Create { alg, signs_from, after } => {
                    let row = self.vault().make(alg, now, signs_from, after).unwrap();
                    self.rows.push(row);
                }
                Step::Remove { kid } => self.rows.retain(|row| row.kid != kid),
                Step::Promote { .. } | Step::Revoke { .. } => panic!("not here"),
            }
        }
    }

    fn keyring(&self, now: i64) -> Keyring {
        Keyring::open(&self.rows, &POLICY, &self.vault(), now).unwrap()
    }

    fn sign(&self, keyring: &Keyring, alg: Algorithm, now: i64) -> String {
        keyring.signing(alg, now).unwrap().sign("JWT", &json!({}), &self.rng).unwrap()
    }
}

fn verify(token: &str, published: &[u8]) -> Result<Verified<Value>, NoKey> {
    let set = JwkSet::parse_strict(published).unwrap();
    let token = Unverified::parse(token).unwrap();
    let Header { alg, kid, .. } = token.header().clone();
    Ok(token.verify(set.select(alg, kid.as_deref())?, &[alg]).unwrap())
}

#[test]
fn every_algorithm_signs_what_its_published_set_verifies() {
    let issuer = Issuer::new(&Algorithm::VARIANTS);
    let keyring = issuer.keyring(0);
    for alg in Algorithm::VARIANTS {
        let token = issuer.sign(&keyring, alg, 0);
        assert!(verify(&token, &keyring.jwks()).is_ok(), "{alg}");
        assert!(keyring.verifying(alg, Some(keyring.signing(alg, 0).unwrap().kid())).is_ok());
    }
}

#[test]
fn o4_the_published_set_has_public_members_only_and_rsa_first() {
    let published = Issuer::new(&[EdDSA, ES256, ES384, RS256]).keyring(0).jwks();
    let set: Value = serde_json::from_slice(&published).unwrap();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys[0]["kty"], "RSA");
    for key in keys {
        for member in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(key.get(member), None);
        }
        for member in ["kid", "alg", "use"] {
            assert!(key[member].is_string(), "{member}");
        }
    }
}

#[test]
fn a_copy_moves_on_to_the_successor_by_time_alone_and_stops_when_it_is_stale() {
    let mut issuer = Issuer::new(&[ES256]);
    issuer.plan(900, &[ES256]);
    let keyring = issuer.keyring(990);
    let signing = |now| keyring.signing(ES256, now).map(|key| key.kid().to_owned());
    assert_eq!(signing(999), Ok(issuer.rows[0].kid.clone()));
    assert_eq!(signing(1_000), Ok(issuer.rows[1].kid.clone()));
    assert_eq!(signing(1_019), Ok(issuer.rows[1].kid.clone()));
    assert_eq!(signing(1_020), Err(CannotSign::Stale));
    assert!(keyring.is_fresh(1_019) && !keyring.is_fresh(1_020));
    assert_eq!(keyring.signing(RS256, 1_000).unwrap_err(), CannotSign::NoKey(RS256));
}

#[test]
fn a_set_that_was_cached_before_the_change_verifies_what_is_signed_after_it() {
    let mut issuer = Issuer::new(&[ES256]);
    issuer.plan(900, &[ES256]);
    let cached = issuer.keyring(940).jwks();
    let token = issuer.sign(&issuer.keyring(1_000), ES256, 1_000);
    assert!(verify(&token, &cached).is_ok());
    // And a token of the last second verifies with the set of the new time.
    let old = issuer.sign(&issuer.keyring(999), ES256, 999);
    assert!(verify(&old, &issuer.keyring(1_319).jwks()).is_ok());
    assert_eq!(verify(&old, &issuer.keyring(1_320).jwks()).unwrap_err(), NoKey::Unknown);
}

#[test]
fn a_revoked_key_is_no_longer_published() {
    let mut issuer = Issuer::new(&[ES256]);
    let token = issuer.sign(&issuer.keyring(0), ES256, 0);
    let kid = issuer.rows[0].kid.clone();
    assert_eq!(revoke(&issuer.rows, &kid, 5), Some(Step::Revoke { kid, at: 5 }));
    issuer.rows[0].revoked_at = Some(5);
    issuer.plan(5, &[ES256]);
    let keyring = issuer.keyring(5);
    assert_eq!(verify(&token, &keyring.jwks()).unwrap_err(), NoKey::Unknown);
    let token = issuer.sign(&keyring, ES256, 5);
    assert!(verify(&token, &keyring.jwks()).is_ok());
}

#[test]
fn keys_open_under_their_own_master_key_issuer_and_name_alone() {
    let mut issuer = Issuer::new(&[ES256, EdDSA]);
    let other = MasterKey::new([8; 32]);
    let open = |vault: Vault<'_>, rows: &[KeyRecord]| {
        Keyring::open(rows, &POLICY, &vault, 0).map(|_| ()).map_err(|e| e.kid)
    };
    let rows = issuer.rows.clone();
    assert_eq!(open(issuer.vault(), &rows), Ok(()));
    assert!(open(Vault { master: &other, ..issuer.vault() }, &rows).is_err());
    assert!(open(Vault { issuer: "https://issuer.example/2", ..issuer.vault() }, &rows).is_err());
    let (one, two) = (rows[0].sealed.clone(), rows[1].sealed.clone());
    (issuer.rows[0].sealed, issuer.rows[1].sealed) = (two, one);
    assert!(open(issuer.vault(), &issuer.rows).is_err());
}

#[test]
fn a_copy_agrees_with_the_rows_at_every_second() {
    let mut issuer = Issuer::new(&[ES256]);
    let policy = Policy { refresh: i64::MAX, ..POLICY };
    issuer.plan(900, &[ES256]);
    let keyring = Keyring::open(&issuer.rows, &policy, &issuer.vault(), 900).unwrap();
    for now in (900..1_500).step_by(20) {
        let by_rows = super::at_stage(&issuer.rows, &policy, now, ES256, crate::Stage::Signing);
        assert_eq!(keyring.signing(ES256, now).unwrap().kid(), by_rows[0]);
    }
}
