use fireward_jose::Algorithm;
use serde_json::{Value, json};

use super::house::House;

/// A token of the issuer's own, about Ana.
fn token(house: &House, typ: &str, changed: &Value) -> String {
    let mut claims = json!({"iss": house.issuer, "sub": "ana", "aud": "app", "exp": 1, "iat": 1});
    for (name, value) in changed.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let (ring, now) = (house.app.keyring.load(), house.app.now().unix());
    let key = ring.signing(Algorithm::ES256, now).unwrap();
    key.sign(typ, &claims, &*house.app.random).unwrap()
}

#[actix_web::test]
async fn a11_a_hint_names_who_must_be_at_the_browser() {
    let house = House::new().await;
    let hint = token(&house, "JWT", &json!({}));
    let quiet = [("id_token_hint", hint.as_str()), ("prompt", "none")];
    let mut clinician = house.signed_in("clinician").await;
    let page = clinician.open(&house.request(&quiet)).await;
    assert_eq!(page.query("error").as_deref(), Some("login_required"));
    let mut ana = house.signed_in("ana").await;
    let page = ana.open(&house.request(&quiet)).await;
    assert_eq!(page.query("error").as_deref(), Some("consent_required"), "the hint itself is good");
    house.advance(1);
    // The clinician is asked to sign in as somebody else, signs in as themselves again, and the app gets nothing.
    let login = clinician.open(&house.request(&[("id_token_hint", hint.as_str())])).await;
    assert!(login.has("#username"), "{}", login.at);
    house.advance(1);
    let after = house.sign_in(&mut clinician, &login, "clinician").await;
    assert_eq!(after.query("error").as_deref(), Some("login_required"));
}

#[actix_web::test]
async fn j23_only_an_id_token_of_ours_is_a_hint() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let foreign = json!({"iss": "https://other.example"});
    let mut forged = token(&house, "JWT", &json!({}));
    forged.replace_range(forged.len() - 8.., "AAAAAAAA");
    for hint in [
        token(&house, "at+jwt", &json!({})),
        token(&house, "application/at+jwt", &json!({})),
        token(&house, "logout+jwt", &json!({})),
        token(&house, "JWT", &foreign),
        forged,
        "eyJhbGciOiJub25lIn0.e30.".to_owned(),
    ] {
        let page = browser.open(&house.request(&[("id_token_hint", &hint)])).await;
        assert_eq!(page.query("error").as_deref(), Some("invalid_request"), "{hint}");
        let page = browser.open(&format!("{}/logout?id_token_hint={hint}", house.issuer)).await;
        assert_eq!(page.status, 400);
    }
}

#[actix_web::test]
async fn oc_8_01_a_hint_names_the_app_whose_address_is_gone_back_to() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let hint = token(&house, "JWT", &json!({}));
    let bye = "post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye";
    let page = browser.open(&format!("{}/logout?id_token_hint={hint}&{bye}", house.issuer)).await;
    let done = browser.submit(&page, "#confirm-logout", &[]).await;
    assert_eq!(done.at, "https://app.example/bye");
    let other = format!("{}/logout?id_token_hint={hint}&client_id=other", house.issuer);
    assert_eq!(browser.open(&other).await.status, 400);
}
