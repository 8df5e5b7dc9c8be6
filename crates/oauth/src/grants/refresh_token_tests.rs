use proptest::prelude::*;

use super::*;
use crate::{
    capability::{Capabilities, Capability},
    client::{Client, Status},
    grants::GrantEnd,
    samples::{Seeded, acts_for, at, client, grant, server, session, user},
};

fn begin() -> (Seeded, RefreshToken, Found) {
    let entropy = Seeded(1.into());
    let token = RefreshToken::draw(&entropy);
    let grant = grant("g1", "a", "openid offline_access patient/*.rs");
    let family = RefreshFamily::begin(&token, &grant);
    (entropy, token, Found { family, grant, user: Some(user("ana")), session: None })
}

fn by(
    who: &str,
    token: &RefreshToken,
    found: &Found,
    now: i64,
    entropy: &Seeded,
) -> Result<Refreshed, Refusal> {
    let ask = Refresh { token: token.clone(), scopes: None };
    let asker = AuthenticatedClient::proven(client(who));
    refresh(&ask, &asker, (Some(found), &[server()]), (&Policy::default(), at(now)), entropy)
}

fn settle(found: &mut Found, refreshed: &Refreshed) {
    if let Some(moved) = &refreshed.moved {
        found.family = moved.clone();
    }
}

#[test]
fn f2_within_the_grace_the_same_successor_is_answered_again() {
    let (entropy, first, mut found) = begin();
    let second = by("a", &first, &found, 10, &entropy).unwrap();
    settle(&mut found, &second);
    let again = by("a", &first, &found, 39, &entropy).unwrap();
    assert_eq!(again.token, second.token);
    assert_eq!(again.moved, None, "no second lineage");
}

#[test]
fn f1_outside_the_grace_or_after_the_successor_was_used_the_family_ends() {
    let (entropy, first, mut found) = begin();
    let second = by("a", &first, &found, 10, &entropy).unwrap();
    settle(&mut found, &second);
    let reused = Refusal::Reused(GrantId::parse("g1").unwrap());
    assert_eq!(by("a", &first, &found, 40, &entropy).unwrap_err(), reused);
    let third = by("a", &second.token, &found, 11, &entropy).unwrap();
    settle(&mut found, &third);
    assert_eq!(by("a", &first, &found, 12, &entropy).unwrap_err(), reused);
}

#[test]
fn f4_al_28_a_token_is_bound_to_its_client() {
    let (entropy, first, found) = begin();
    assert_eq!(by("b", &first, &found, 1, &entropy).unwrap_err(), Refusal::WrongClient);
}

#[test]
fn f5_scope_may_only_narrow() {
    let (entropy, token, found) = begin();
    let asker = AuthenticatedClient::proven(client("a"));
    let with = |scopes: &str| {
        let ask = Refresh { token: token.clone(), scopes: Some(scopes.parse().unwrap()) };
        refresh(&ask, &asker, (Some(&found), &[server()]), (&Policy::default(), at(1)), &entropy)
    };
    assert_eq!(
        with("openid patient/Observation.r").unwrap().scopes.to_string(),
        "openid patient/Observation.r"
    );
    for wider in ["patient/*.cruds", "user/*.rs", "fhirUser"] {
        assert_eq!(with(wider).unwrap_err().code(), Wire::InvalidScope, "{wider}");
    }
}

#[test]
fn f7_what_ended_the_grant_ends_refreshing() {
    let (entropy, token, found) = begin();
    let mut ended = found.clone();
    ended.grant.ended = Some(GrantEnd::Withdrawn(at(0)));
    assert_eq!(
        by("a", &token, &ended, 1, &entropy).unwrap_err(),
        Refusal::GrantEnded(Cause::Withdrawn)
    );
    let run_out = by("a", &token, &found, 10_000, &entropy).unwrap_err();
    assert_eq!(run_out, Refusal::GrantEnded(Cause::RunOut));
    let mut disabled = found.clone();
    disabled.user.as_mut().unwrap().status = Status::Disabled;
    assert_eq!(by("a", &token, &disabled, 1, &entropy).unwrap_err(), Refusal::RightsWithdrawn);
    let gone = Found { user: None, ..found };
    assert_eq!(by("a", &token, &gone, 1, &entropy).unwrap_err(), Refusal::RightsWithdrawn);
}

#[test]
fn f7_m5_who_lost_the_right_to_a_record_refreshes_no_more() {
    let (entropy, token, mut found) = begin();
    found.grant.context.patient = Some("p1".into());
    found.user = Some(acts_for(user("ana"), &["p1", "p2"]));
    assert!(by("a", &token, &found, 1, &entropy).is_ok());
    found.user = Some(acts_for(user("ana"), &["p2"]));
    assert_eq!(by("a", &token, &found, 1, &entropy).unwrap_err(), Refusal::RightsWithdrawn);
}

#[test]
fn f7_m5_a_right_that_ends_by_itself_is_refreshed_until_then() {
    let (entropy, token, mut found) = begin();
    found.grant.context.patient = Some("p1".into());
    let mut carer = acts_for(user("ana"), &["p1", "p2"]);
    let crate::people::Records::These(records) = &mut carer.links.home.records else { panic!() };
    records[0].until = Some(at(10));
    found.user = Some(carer);
    assert!(by("a", &token, &found, 9, &entropy).is_ok());
    assert_eq!(by("a", &token, &found, 10, &entropy).unwrap_err(), Refusal::RightsWithdrawn);
}

#[test]
fn f7_a_changed_password_ends_what_the_old_one_began() {
    let (entropy, token, mut found) = begin();
    found.user.as_mut().unwrap().password_changed_at = at(1);
    assert_eq!(by("a", &token, &found, 2, &entropy).unwrap_err(), Refusal::RightsWithdrawn);
}

#[test]
fn f7_a_scope_that_was_taken_from_the_client_is_not_refreshed() {
    let (entropy, token, found) = begin();
    let registered = |scopes: &str| {
        AuthenticatedClient::proven(Client { scopes: scopes.parse().unwrap(), ..client("a") })
    };
    let ask = Refresh { token, scopes: None };
    let asker = registered("openid offline_access patient/Observation.rs");
    let moment = (&Policy::default(), at(1));
    let refreshed = refresh(&ask, &asker, (Some(&found), &[server()]), moment, &entropy).unwrap();
    assert_eq!(refreshed.scopes.to_string(), "openid offline_access");
}

#[test]
fn al_30_online_access_ends_with_the_session_and_refreshing_is_not_being_there() {
    let (entropy, token, mut found) = begin();
    let ana = user("ana");
    let mut here = session(&ana, 0);
    found.grant.session = Some(here.digest);
    found.grant.granted = "openid online_access".parse().unwrap();
    let over = Refusal::SessionOver(found.grant.id.clone());
    assert_eq!(by("a", &token, &found, 1, &entropy).unwrap_err(), over, "signed out");
    found.session = Some(here.clone());
    assert!(by("a", &token, &found, 3_599, &entropy).is_ok());
    assert_eq!(by("a", &token, &found, 3_600, &entropy).unwrap_err(), over, "idle");
    here.last_seen = at(3_000);
    found.session = Some(here);
    assert!(by("a", &token, &found, 3_600, &entropy).is_ok(), "seen since");
}

#[test]
fn al_30_what_may_not_be_refreshed_any_more_is_not() {
    let (entropy, token, found) = begin();
    let ask = Refresh { token, scopes: None };
    let of = |client: Client, policy: &Policy| {
        let asker = AuthenticatedClient::proven(client);
        refresh(&ask, &asker, (Some(&found), &[server()]), (policy, at(1)), &entropy)
    };
    let off = Capabilities::without([Capability::PermissionOffline]);
    let off = Policy { capabilities: off, ..Policy::default() };
    assert_eq!(of(client("a"), &off).unwrap_err(), Refusal::NotRefreshable);
    let less = Client { scopes: "openid patient/*.rs".parse().unwrap(), ..client("a") };
    assert_eq!(of(less, &Policy::default()).unwrap_err(), Refusal::NotRefreshable);
}

#[test]
fn the_database_alone_reveals_no_successor() {
    let (entropy, first, mut found) = begin();
    let second = by("a", &first, &found, 1, &entropy).unwrap();
    settle(&mut found, &second);
    let sealed = &found.family.previous.as_ref().unwrap().sealed_successor;
    let text = second.token.expose().as_bytes();
    assert!(!sealed.windows(8).any(|window| text.windows(8).any(|plain| plain == window)));
    assert!(unseal(&second.token, sealed).is_none(), "only the presented token opens it");
}

proptest! {
    /// Whatever tokens of a family are shown, in whatever order and time: there is one lineage, and every
    /// answer is the newest token.
    #[test]
    fn oc_2_04_there_is_one_lineage(shows in prop::collection::vec((0usize..6, 0i64..50), 1..20)) {
        let (entropy, first, mut found) = begin();
        let mut seen = vec![first];
        let mut now = 0;
        for (which, pause) in shows {
            now += pause;
            let shown = seen[which.min(seen.len() - 1)].clone();
            match by("a", &shown, &found, now, &entropy) {
                Ok(refreshed) => {
                    settle(&mut found, &refreshed);
                    prop_assert_eq!(refreshed.token.digest(), found.family.current);
                    if !seen.contains(&refreshed.token) {
                        seen.push(refreshed.token);
                    }
                }
                Err(refusal) => {
                    let reused = matches!(refusal, Refusal::Reused(_));
                    prop_assert!(reused);
                    prop_assert_ne!(shown.digest(), found.family.current);
                    break;
                }
            }
        }
    }
}
