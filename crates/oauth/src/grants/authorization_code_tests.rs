use proptest::prelude::*;

use super::*;
use crate::{
    grants::GrantEnd,
    samples::{CHALLENGE, VERIFIER, at, client, grant},
};

fn code(client: &str, stage: CodeStage, challenge: bool, sent: bool) -> CodeGrant {
    CodeGrant {
        authorization: AuthorizationId::parse("a1").unwrap(),
        client: ClientId::parse(client).unwrap(),
        redirect_uri: RedirectUri::register("https://app.example/cb").unwrap(),
        redirect_uri_sent: sent,
        challenge: challenge.then(|| PkceChallenge::parse(CHALLENGE).unwrap()),
        nonce: None,
        stage,
        expires_at: at(60),
        grant: grant("g1", client, "openid"),
    }
}

fn ask(redirect_uri: Option<&str>, verifier: Option<&str>) -> Redeem {
    Redeem {
        redirect_uri: redirect_uri.map(str::to_owned),
        verifier: verifier.map(|text| PkceVerifier::parse(text).unwrap()),
    }
}

fn asker(id: &str) -> AuthenticatedClient {
    AuthenticatedClient::proven(client(id))
}

const CB: Option<&str> = Some("https://app.example/cb");

#[test]
fn c1_a_replay_is_told_apart_only_for_the_codes_own_client() {
    let spent = || Some(code("a", CodeStage::Redeemed, true, true));
    let good = ask(CB, Some(VERIFIER));
    let own = redeem(&good, &asker("a"), spent(), at(1)).unwrap_err();
    assert_eq!(own, Refusal::Replayed(GrantId::parse("g1").unwrap()));
    let stranger = redeem(&good, &asker("b"), spent(), at(1)).unwrap_err();
    assert_eq!(stranger, Refusal::WrongClient);
}

#[test]
fn l8_a_code_is_dead_once_its_grant_has_ended() {
    let mut ended = code("a", CodeStage::Live, true, true);
    ended.grant.ended = Some(GrantEnd::LoggedOut(at(1)));
    let refusal = redeem(&ask(CB, Some(VERIFIER)), &asker("a"), Some(ended), at(2)).unwrap_err();
    assert_eq!(refusal, Refusal::GrantEnded(Cause::SessionOver));
}

#[test]
fn oc_2_01_a_verifier_without_a_challenge_is_an_invalid_request() {
    let plain = code("a", CodeStage::Live, false, true);
    let refusal = redeem(&ask(CB, Some(VERIFIER)), &asker("a"), Some(plain), at(1)).unwrap_err();
    assert_eq!(refusal.code(), Wire::InvalidRequest);
}

prop_compose! {
    fn any_ask()(uri in prop::sample::select(vec![None, CB, Some("https://app.example/other")]),
                 verifier in prop::sample::select(vec![None, Some(VERIFIER), Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK")])) -> Redeem {
        ask(uri, verifier)
    }
}

prop_compose! {
    fn any_code()(owner in prop::sample::select(vec!["a", "b"]), spent: bool, challenge: bool, sent: bool, ended: bool) -> CodeGrant {
        let stage = if spent { CodeStage::Redeemed } else { CodeStage::Live };
        let mut code = code(owner, stage, challenge, sent);
        code.grant.ended = ended.then(|| GrantEnd::Revoked(at(0)));
        code
    }
}

proptest! {
    /// Whoever asks, whatever they hold, whenever: tokens come only of an unexpired, unspent code of the
    /// asker's own, whose verifier the asker knows and whose redirect URI it names.
    #[test]
    fn al_4_al_16_tokens_come_only_of_what_was_approved(
        ask in any_ask(), who in prop::sample::select(vec!["a", "b"]),
        kept in prop::option::of(any_code()), now in 58i64..62,
    ) {
        let outcome = redeem(&ask, &asker(who), kept.clone(), at(now));
        let should = kept.as_ref().is_some_and(|code| {
            code.client.as_str() == who
                && code.stage == CodeStage::Live
                && now < 60
                && code.grant.ended.is_none()
                && ask.redirect_uri.as_deref().map_or(!code.redirect_uri_sent, |uri| uri == "https://app.example/cb")
                && met(code.challenge.as_ref(), ask.verifier.as_ref())
        });
        prop_assert_eq!(outcome.is_ok(), should);
    }
}
