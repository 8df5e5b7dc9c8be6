use fireward_oauth::audit::Kind;
use fireward_testkit::{Browser, Page};

use super::house::{House, PASSWORD};

const NEW: &str = "a boat upon the morning sea";

async fn form(house: &House, browser: &mut Browser) -> Page {
    browser.open(&format!("{}/account/password", house.issuer)).await
}

async fn change(browser: &mut Browser, page: &Page, (current, new): (&str, &str)) -> Page {
    let fields = [("current", current), ("new", new), ("again", new)];
    browser.submit(page, "#change-password", &fields).await
}

#[actix_web::test]
async fn f7_a_new_password_ends_every_other_session_and_grant() {
    let house = House::new().await;
    let (mut here, mut there) = (house.signed_in("ana").await, house.signed_in("ana").await);
    let consent = there.open(&house.request(&[])).await;
    assert!(there.submit(&consent, "#approve", &[]).await.query("code").is_some());
    house.advance(5);
    let page = form(&house, &mut here).await;
    let receipt = change(&mut here, &page, (PASSWORD, NEW)).await;
    assert_eq!(receipt.status, 200, "{}", receipt.body);
    assert!(receipt.body.contains("1 other device is signed out"), "{}", receipt.body);
    assert!(receipt.body.contains("1 app is disconnected"), "{}", receipt.body);
    // Here they go on, with another session; there they do not.
    assert!(form(&house, &mut here).await.has("#change-password"));
    assert!(form(&house, &mut there).await.has("#username"));
    let site = &house.app.site;
    let ana = fireward_oauth::UserId::parse("ana").unwrap();
    let store = site.store.read();
    let live = store.grants().list_live_for_user(&site.id, &ana, site.now()).await.unwrap();
    assert!(live.is_empty());
    let search = fireward_store::audit::Search::newest(site.id.clone(), 20);
    let entries = site.store.read().audit().search(&search).await.unwrap();
    let changed = entries.iter().find(|entry| entry.event.kind == Kind::PasswordChanged).unwrap();
    assert_eq!(changed.event.subject.as_ref(), Some(&ana));
    // The old one is worth nothing any more.
    let page = house.browser().open(&format!("{}/login", house.issuer)).await;
    for (password, works) in [(PASSWORD, false), (NEW, true)] {
        let mut browser = house.browser();
        let page = browser.open(&format!("{}{}", house.issuer, page.at)).await;
        let after =
            browser.submit(&page, "#sign-in", &[("username", "ana"), ("password", password)]).await;
        assert_eq!(!after.has("#sign-in"), works, "{password}");
    }
}

#[actix_web::test]
async fn a_new_password_is_long_and_nobodys_first_guess() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let page = form(&house, &mut browser).await;
    for bad in ["", "short", "password1", "12345678", &"long ".repeat(60), PASSWORD] {
        let again = change(&mut browser, &page, (PASSWORD, bad)).await;
        assert_eq!(again.status, 400, "{bad}");
        assert!(again.has("#new[aria-invalid=true]"), "{bad}");
        assert!(!again.body.contains(PASSWORD), "what was typed is not written into the page");
    }
    let fields = [("current", PASSWORD), ("new", NEW), ("again", "a boat")];
    let again = browser.submit(&page, "#change-password", &fields).await;
    assert!(again.has("#again[aria-invalid=true]") && again.status == 400);
    let missing = change(&mut browser, &page, ("", NEW)).await;
    assert!(missing.has("#current[aria-invalid=true]"));
}

#[actix_web::test]
async fn b1_the_current_password_is_throttled_like_a_sign_in() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let page = form(&house, &mut browser).await;
    for _ in 0..10 {
        let wrong = change(&mut browser, &page, ("not the one", NEW)).await;
        assert!(wrong.status == 400 && wrong.has("#current[aria-invalid=true]"));
    }
    let waits = change(&mut browser, &page, (PASSWORD, NEW)).await;
    assert_eq!(waits.status, 429);
    assert!(waits.headers.contains_key("retry-after") && waits.has("#change-password[data-wait]"));
}

#[actix_web::test]
async fn a4_a_password_is_changed_by_its_own_form_and_by_one_of_two_at_once() {
    let house = House::new().await;
    let (mut ana, mut parent) = (house.signed_in("ana").await, house.signed_in("parent").await);
    let nobodys = form(&house, &mut house.browser()).await;
    assert!(nobodys.has("#username"), "nobody is asked to sign in first");
    let theirs = form(&house, &mut parent).await;
    let foreign = [("csrf", theirs.values("csrf").remove(0))];
    let own = form(&house, &mut ana).await;
    let crossed = ana
        .submit(
            &own,
            "#change-password",
            &[("csrf", &foreign[0].1), ("current", PASSWORD), ("new", NEW), ("again", NEW)],
        )
        .await;
    assert_eq!(crossed.status, 403);
    let mut twin = house.signed_in("ana").await;
    let other = form(&house, &mut twin).await;
    let (one, two) = futures_util::join!(
        change(&mut ana, &own, (PASSWORD, NEW)),
        change(&mut twin, &other, (PASSWORD, "another boat on the sea")),
    );
    let done = [&one, &two].into_iter().filter(|page| page.status == 200 && page.has(".done"));
    assert_eq!(done.count(), 1, "{} {}", one.at, two.at);
}
