use reqwest::{Method, header::HeaderMap};

use super::house::House;

async fn get(house: &House, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    let mut request = http.build().unwrap().request(Method::GET, format!("{}{path}", house.issuer));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[actix_web::test]
async fn oc_0_07_pages_refuse_frames_load_nothing_foreign_and_are_kept_by_nobody() {
    let house = House::new().await;
    let answer = get(&house, "/login", &[]).await;
    let headers = answer.headers();
    let policy = text(headers, "content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(!policy.contains("unsafe"));
    assert_eq!(text(headers, "x-frame-options"), "DENY");
    assert_eq!(text(headers, "referrer-policy"), "no-referrer");
    assert_eq!(text(headers, "x-content-type-options"), "nosniff");
    assert_eq!(text(headers, "cache-control"), "no-store");
    assert!(!text(headers, "x-request-id").is_empty());
    let cookie = text(headers, "set-cookie");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/")
    );
    assert!(!cookie.contains("Domain"));
}

#[actix_web::test]
async fn a16_d_20_in_a_frame_a_redirect_works_and_a_page_leads_out() {
    let house = House::new().await;
    let path = |changes: &[(&str, &str)]| format!("/authorize?{}", house.query(changes));
    let framed = [("sec-fetch-dest", "iframe")];
    let quiet = get(&house, &path(&[("prompt", "none")]), &framed).await;
    assert!(text(quiet.headers(), "location").contains("error=login_required"));
    let page = get(&house, &path(&[]), &framed).await;
    assert_eq!(page.status(), 200);
    assert!(text(page.headers(), "content-security-policy").contains("frame-ancestors *"));
    assert!(!page.headers().contains_key("x-frame-options"));
    assert!(!page.headers().contains_key("set-cookie"));
    let body = page.text().await.unwrap();
    assert!(!body.contains("<form") && body.contains("/authorize?"), "{body}");
    let login = get(&house, "/login", &framed).await;
    assert_eq!(text(login.headers(), "x-frame-options"), "DENY");
}

#[actix_web::test]
async fn d_20_the_origins_of_ehrs_and_no_others_may_frame_what_leads_to_an_app() {
    let ehrs = ["https://ehr.example", "https://other.example:8443"];
    let house = House::framed_by(&ehrs).await;
    let authorize = format!("/authorize?{}", house.query(&[]));
    for path in ["/login", "/", "/consent/unknown"] {
        let page = get(&house, path, &[]).await;
        let listed = format!("frame-ancestors {}", ehrs.join(" "));
        let policy = text(page.headers(), "content-security-policy");
        assert!(policy.contains(&listed), "{path}: {policy}");
        assert!(!page.headers().contains_key("x-frame-options"), "{path}: it knows no lists");
    }
    let account = get(&house, "/account/password", &[]).await;
    let policy = text(account.headers(), "content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(text(account.headers(), "x-frame-options"), "DENY");
    // In a frame, it goes on only where the browser keeps our cookies there.
    let framed = ("sec-fetch-dest", "iframe");
    let kept = ("cookie", format!("{}={}", cookie(&house), "A".repeat(43)));
    let without = get(&house, &authorize, &[framed]).await;
    assert_eq!(without.status(), 200, "a page that leads out of the frame");
    let with = get(&house, &authorize, &[framed, (kept.0, &kept.1)]).await;
    assert!(text(with.headers(), "location").starts_with("/authorize/"));
}

#[actix_web::test]
async fn l5_tabs_that_come_first_at_once_all_go_on() {
    let house = House::new().await;
    let authorize = format!("/authorize?{}", house.query(&[]));
    // Both were asked for before either was answered; the cookies arrive in this order.
    let answers = [get(&house, &authorize, &[]).await, get(&house, &authorize, &[]).await];
    let tab = |answer: &reqwest::Response| {
        format!("{}{}", house.issuer, text(answer.headers(), "location"))
    };
    let tabs = answers.each_ref().map(tab);
    let mut browser = house.browser();
    for answer in &answers {
        for cookie in answer.headers().get_all("set-cookie") {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            browser.set_cookie(name, rest.split(';').next().unwrap());
        }
    }
    let mut stranger = house.browser();
    stranger.set_cookie(&cookie(&house), &"A".repeat(43));
    assert_eq!(stranger.open(&tabs[0]).await.status, 403, "another browser's tab");
    let first = browser.open(&tabs[0]).await;
    let second = browser.open(&tabs[1]).await;
    assert!(first.has("#sign-in") && second.has("#sign-in"), "{} {}", first.at, second.at);
    let consent = house.sign_in(&mut browser, &first, "ana").await;
    let done = browser.submit(&consent, "#approve", &[]).await;
    assert!(done.query("code").is_some(), "{} {}", done.at, done.body);
    let second = browser.open(&tabs[1]).await;
    assert!(second.query("code").is_some(), "what was allowed counts here too: {}", second.at);
}

/// The name of the cookie that binds requests to a browser.
fn cookie(house: &House) -> String {
    format!("fireward-{}-browser", house.issuer.rsplit(':').next().unwrap())
}

#[actix_web::test]
async fn a17_no_other_site_may_read_what_authorize_answers() {
    let house = House::new().await;
    for path in ["/authorize", "/login", "/logout"] {
        let answer = get(&house, path, &[("origin", "https://evil.example")]).await;
        assert!(!answer.headers().contains_key("access-control-allow-origin"), "{path}");
    }
}

#[actix_web::test]
async fn h1_h2_what_strangers_say_of_host_and_scheme_changes_nothing() {
    let house = House::new().await;
    let lies = [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "host=evil.example"),
    ];
    let plain = get(&house, "/", &[]).await.text().await.unwrap();
    let lied = get(&house, "/", &lies).await.text().await.unwrap();
    assert_eq!(plain, lied);
    assert!(plain.contains(&house.issuer));
}

#[actix_web::test]
async fn other_methods_and_paths_are_told_what_there_is() {
    let house = House::new().await;
    let http = reqwest::Client::new();
    let answer = http.put(format!("{}/authorize", house.issuer)).send().await.unwrap();
    assert_eq!(answer.status(), 405);
    assert_eq!(text(answer.headers(), "allow"), "GET, HEAD, POST");
    assert!(answer.text().await.unwrap().contains("id=\"error-code\""));
    let overridden =
        get(&house, "/logout?_method=POST", &[("x-http-method-override", "POST")]).await;
    assert_eq!(overridden.status(), 200, "P14: a GET stays a GET");
}

#[actix_web::test]
async fn head_is_answered_as_get_is_and_without_a_body() {
    let house = House::new().await;
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    let http = http.build().unwrap();
    let ask = async |method: Method, path: &str| {
        http.request(method, format!("{}{path}", house.issuer)).send().await.unwrap()
    };
    let authorize = format!("/authorize?{}", house.query(&[("prompt", "none")]));
    for path in ["/", "/login", "/jwks", "/.well-known/openid-configuration", &authorize] {
        let (get, head) = (ask(Method::GET, path).await, ask(Method::HEAD, path).await);
        assert_eq!(head.status(), get.status(), "{path}");
        for name in ["content-type", "content-length", "cache-control", "location", "etag"] {
            assert_eq!(text(head.headers(), name), text(get.headers(), name), "{name} of {path}");
        }
        assert_eq!(head.text().await.unwrap(), "", "{path}");
    }
    for path in ["/token", "/introspect", "/login/x/continue"] {
        let answer = ask(Method::HEAD, path).await;
        assert_eq!(answer.status(), 405, "{path}");
        assert_eq!(text(answer.headers(), "allow"), "POST");
    }
    let unknown = ask(Method::HEAD, "/consent/unknown").await;
    assert_eq!((unknown.status().as_u16(), unknown.text().await.unwrap()), (400, String::new()));
}

#[actix_web::test]
async fn z1_forms_are_bounded_and_of_one_kind() {
    let house = House::new().await;
    let http = reqwest::Client::new();
    let post = |body: String, kind: &'static str| {
        http.post(format!("{}/authorize", house.issuer))
            .header("content-type", kind)
            .body(body)
            .send()
    };
    assert_eq!(post("a=1".into(), "application/json").await.unwrap().status(), 400);
    assert_eq!(post("a=%zz".into(), FORM).await.unwrap().status(), 400);
    assert_eq!(post("a=1&".repeat(1_001), FORM).await.unwrap().status(), 400);
    assert_eq!(post("a".repeat(70_000), FORM).await.unwrap().status(), 413);
}

#[actix_web::test]
async fn assets_are_kept_for_good_and_set_no_cookie() {
    let house = House::new().await;
    let page = get(&house, "/", &[]).await.text().await.unwrap();
    let href = page.split("href=\"").find(|part| part.starts_with("/assets/")).unwrap();
    let answer = get(&house, href.split('"').next().unwrap(), &[]).await;
    assert!(text(answer.headers(), "cache-control").contains("immutable"));
    assert!(!answer.headers().contains_key("set-cookie"));
    assert_eq!(get(&house, "/assets/0/nothing", &[]).await.status(), 404);
}

const FORM: &str = "application/x-www-form-urlencoded";
