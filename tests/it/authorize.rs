//! What the authorization endpoint is sent, and what it answers: by page where nothing is proven, else by redirect.

use fireward_testkit::{Browser, CHALLENGE, Client, Database, Page, Server};
use serde_json::json;

use crate::world::{FHIR, ISSUER, PASSWORD, SECRET, World, again, allow, claims, sign_in};

struct Door {
    world: World,
    _node: Server,
    at: String,
    app: Client,
    browser: Browser,
}

impl Door {
    fn new() -> Self {
        let world = World::new(Database::sqlite(), "");
        let node = world.node();
        let at = node.address();
        let app = world.populate();
        let browser = world.browser(&at);
        Self { world, _node: node, at, app, browser }
    }

    async fn ask(&mut self, changed: &[(&str, &str)]) -> Page {
        let url = self.app.authorize_url(ISSUER, changed);
        self.browser.open(&url).await
    }

    /// An error that the app is told: state and issuer with it (AL-14, AL-15, OC-11-01).
    async fn told(&mut self, changed: &[(&str, &str)]) -> String {
        let page = self.ask(changed).await;
        assert!(
            page.at.starts_with("http://127.0.0.1:9/cb?"),
            "{changed:?} {} {}",
            page.at,
            page.body
        );
        assert_eq!(page.query("iss").as_deref(), Some(ISSUER));
        assert_eq!(page.status, 303);
        for name in ["error", "error_description"] {
            let text = page.query(name).unwrap();
            let legal = |octet: u8| matches!(octet, 0x20..=0x7e) && octet != b'"' && octet != b'\\';
            assert!(text.bytes().all(legal), "OC-0-05 {text}");
        }
        page.query("error").unwrap()
    }
}

#[tokio::test]
async fn al_1_al_2_al_3_k1_k4_k7_m8_oc_3_01_oc_3_03_pkce_is_s256_or_the_app_is_told() {
    let mut door = Door::new();
    let open = Client::public("open", &door.app.scope, FHIR);
    door.world.import("client", &open.metadata());
    for app in [door.app.clone(), open] {
        door.app = app;
        for changed in [
            &[("code_challenge_method", "plain")][..],
            &[("code_challenge_method", "")],
            &[("code_challenge_method", "s256")],
            &[("code_challenge", "")],
            &[("code_challenge", ""), ("code_challenge_method", "")],
            &[("code_challenge", "short")],
            &[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM")],
        ] {
            assert_eq!(door.told(changed).await, "invalid_request", "{changed:?}");
        }
        assert!(door.ask(&[]).await.has("#password"), "AL-1");
    }
    let document =
        door.app.send(|http| http.get(format!("{}/.well-known/openid-configuration", door.at)));
    assert_eq!(document.await.json["code_challenge_methods_supported"], json!(["S256"]));
}

#[tokio::test]
async fn r1_to_r11_r19_oc_2_02_d_24_only_the_registered_spelling_of_a_redirect_uri_is_answered() {
    let mut door = Door::new();
    let native = Client::public("native", "openid", FHIR).answered_at("com.example.app:/cb");
    let web = Client::public("web", "openid", FHIR).answered_at("https://app.example/cb");
    for app in [&native, &web] {
        door.world.import("client", &app.metadata());
    }
    for (app, spellings) in [
        (
            &web,
            &[
                "https://evil.example/cb",
                "https://app.example.evil.com/cb",
                "https://app.exampleevil.com/cb",
                "https://fooaapp.example/cb",
                "https://app.example/cb/",
                "https://app.example/cb?x=1",
                "https://app.example/cb#x",
                "https://APP.example/cb",
                "https://app.example/CB",
                "https://app.example/cb/../evil",
                "https://app.example/cb/..%2fevil",
                "https://app.example/cb/%252e%252e/evil",
                "https://app.example/cb/..;/evil",
                "https://app.example/cb\\..\\evil",
                "https://app.example@evil.com/cb",
                "https://evil.com\\@app.example/cb",
                "https://app.example:443@evil.com/",
                "https://app.example:443/cb",
                "https://app.example:8443/cb",
                "http://app.example/cb",
                "http://127.0.0.1/cb",
                "javascript:alert(1)//https://app.example/cb",
                "data:text/html,x",
                "vbscript:x",
                "blob:https://app.example/cb",
                "file:///etc/passwd",
                "https://xn--pp-gia.example/cb",
                "https://\u{430}pp.example/cb",
                " https://app.example/cb",
                "https://app.example/cb\r\nLocation: https://evil.example",
                "//app.example/cb",
                "/cb",
                "",
            ][..],
        ),
        (
            &native,
            &[
                "com.example.app://cb",
                "COM.EXAMPLE.APP:/cb",
                "com.example.app:/cb/",
                "com.example.app:cb",
            ],
        ),
    ] {
        for spelling in spellings {
            let page =
                door.browser.open(&app.authorize_url(ISSUER, &[("redirect_uri", spelling)])).await;
            assert_eq!(page.status, 400, "{spelling}");
            assert!(page.has("#error-code") && page.has("#request-id"), "{spelling}");
            assert!(!page.headers.contains_key("location"), "{spelling}");
            assert!(!page.body.contains("<script>"), "{spelling}");
        }
        assert!(door.browser.open(&app.authorize_url(ISSUER, &[])).await.has("#password"));
    }
    // D-24: the port of a loopback literal is the app's own to choose.
    assert!(door.ask(&[("redirect_uri", "http://127.0.0.1:5050/cb")]).await.has("#password"));
    assert_eq!(door.ask(&[("redirect_uri", "http://localhost:9/cb")]).await.status, 400);
}

#[tokio::test]
async fn p1_p5_p7_p10_p13_p16_k8_d_18_oc_1_01_oc_2_03_oc_2_05_oc_4_02_to_oc_4_04_what_is_asked_wrongly_is_told_by_redirect()
 {
    let mut door = Door::new();
    let other = Client::confidential("machine", SECRET, "openid patient/*.rs", FHIR);
    let mut metadata = other.metadata();
    metadata["grant_types"] = json!(["client_credentials"]);
    metadata["token_endpoint_auth_method"] = json!("client_secret_basic");
    metadata["profile"] = json!("oidc");
    metadata["scope"] = json!("openid");
    door.world.import("client", &metadata);
    for (changed, error) in [
        (&[("response_type", "")][..], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("response_type", "id_token")], "unsupported_response_type"),
        (&[("response_type", "code id_token")], "unsupported_response_type"),
        (&[("response_type", "evil")], "unsupported_response_type"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("prompt", "soon")], "invalid_request"),
        (&[("max_age", "-1")], "invalid_request"),
        (&[("max_age", "abc")], "invalid_request"),
        (&[("request", "a.b.c")], "invalid_request_object"),
        (&[("request_uri", "https://app.example/r")], "request_uri_not_supported"),
        (&[("registration", "{}")], "registration_not_supported"),
        (&[("response_mode", "web_message")], "invalid_request"),
        (&[("state", "")], "invalid_request"),
        (&[("scope", "openid"), ("scope", "openid")], "invalid_request"),
        (&[("state", "a"), ("state", "b")], "invalid_request"),
        (&[("response_type", "code"), ("response_type", "code")], "invalid_request"),
        (&[("code_challenge", CHALLENGE), ("code_challenge", CHALLENGE)], "invalid_request"),
        (&[("nonce", "a"), ("nonce", "b")], "invalid_request"),
        (&[("aud", "https://other.example/fhir")], "invalid_request"),
        (&[("aud", "")], "invalid_request"),
        (&[("scope", "openid patient/Observation.sr system/*.rs")], "invalid_scope"),
        (&[("scope", "system/*.rs")], "invalid_scope"),
        (&[("prompt", "none")], "login_required"),
    ] {
        assert_eq!(door.told(changed).await, error, "{changed:?}");
    }
    for twice in [[("client_id", "app"); 2], [("redirect_uri", "http://127.0.0.1:9/cb"); 2]] {
        assert_eq!(door.ask(&twice).await.status, 400, "{twice:?}");
    }
    door.app = other;
    assert_eq!(door.ask(&[]).await.refusal(), "303 unauthorized_client", "P7");
}

#[tokio::test]
async fn p8_p11_x4_oc_4_06_oc_4_07_what_is_sent_along_is_data_and_never_markup() {
    let mut door = Door::new();
    let long = "s".repeat(4000);
    let deep = "[".repeat(1000);
    let big = format!("{{\"userinfo\":{{\"x\":\"{}\"}}}}", "x".repeat(20_000));
    for state in
        ["a\r\nSet-Cookie: x=1", "\"'<script>alert(1)</script>", "Ä & ? # %", long.as_str()]
    {
        let page = door.ask(&[("state", state), ("prompt", "none")]).await;
        let (back, error) = (page.query("state"), page.query("error"));
        assert!(
            back.as_deref() == Some(state) || error.as_deref() == Some("invalid_request"),
            "{state}"
        );
        assert!(
            !page.headers.contains_key("set-cookie")
                || !page.headers["set-cookie"].to_str().unwrap().contains("x=1")
        );
    }
    let evil = "\"><script>alert(1)</script>";
    for name in
        ["login_hint", "ui_locales", "display", "acr_values", "claims_locales", "id_token_hint"]
    {
        let page = door.ask(&[(name, evil)]).await;
        assert!(!page.body.contains("<script>alert"), "{name}");
        assert!(page.has("#password") || page.query("error").is_some(), "{name}: {}", page.body);
    }
    for (name, value) in [
        ("display", "popup"),
        ("display", "wap"),
        ("ui_locales", "xx-YY de"),
        ("login_hint", "ana"),
    ] {
        assert!(
            door.ask(&[(name, value)]).await.has("#password"),
            "{name}={value} is never an error"
        );
    }
    for claims in ["{", deep.as_str(), big.as_str(), "[]"] {
        let began = std::time::Instant::now();
        let page = door.ask(&[("claims", claims)]).await;
        assert!(page.status.as_u16() < 500 && began.elapsed().as_secs() < 2, "{}", page.status);
    }
}

#[tokio::test]
async fn al_11_al_12_sc_12_oc_0_06_a1_p14_a_large_request_by_post_is_taken_up_once_and_kept_here() {
    let mut door = Door::new();
    let types = ["Patient", "Observation", "Condition", "Encounter", "Immunization", "Procedure"];
    let many: Vec<_> =
        (0..40).map(|n| format!("patient/{}.rs?category=system|{n}", types[n % 6])).collect();
    let scope = format!("openid launch/patient {}", many.join(" "));
    let mut form: Vec<(String, String)> =
        url::Url::parse(&door.app.authorize_url(ISSUER, &[("scope", &scope)]))
            .unwrap()
            .query_pairs()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
    let answer = door.browser.once(&reqwest::Method::POST, "/authorize", Some(&form)).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
    let page = door.browser.open(answer.headers["location"].to_str().unwrap()).await;
    assert!(page.has("#password"), "{}", page.body);
    // A1: what is added to its address counts for nothing.
    let path = page.at.clone();
    let again =
        door.browser.open(&format!("{path}?response_type=token&scope=system/*.cruds")).await;
    assert!(again.has("#password"));
    let consent = sign_in(&mut door.browser, &page, PASSWORD).await;
    let code = allow(&mut door.browser, &consent).await;
    let tokens = door.app.redeem(&door.at, &code).await;
    assert_eq!(tokens.text("scope"), scope, "D-25: each as it was asked");
    assert!(tokens.text("access_token").len() < 6000 + scope.len(), "SC-12");
    // P14: a method is what it is.
    form.push(("_method".into(), "DELETE".into()));
    let answer = door.browser.once(&reqwest::Method::POST, "/authorize", Some(&form)).await;
    assert_eq!(answer.status, 303);
}

#[tokio::test]
async fn a2_a4_a10_l1_sc_3_sc_9_d_25_what_was_approved_is_what_was_shown() {
    let mut door = Door::new();
    let scope =
        "openid launch/patient patient/Patient.read patient/Observation.rs patient/Condition.r";
    let page = door.ask(&[("scope", scope)]).await;
    let before = door.browser.cookies().clone();
    let consent = sign_in(&mut door.browser, &page, PASSWORD).await;
    assert_ne!(&before, door.browser.cookies(), "L1");
    // A2: a form cannot add what was not asked.
    let kept =
        ["patient/*.cruds", "system/*.rs", "patient/Patient.read"].map(|scope| ("scope", scope));
    let fields =
        [&kept[..], &[("client_id", "other"), ("redirect_uri", "https://evil.example/")]].concat();
    let done = door.browser.submit(&consent, "#approve", &fields).await;
    assert!(!done.at.contains("evil"), "{}", done.at);
    let tokens = door.app.redeem(&door.at, &done.query("code").unwrap()).await;
    let granted: Vec<_> = tokens.text("scope").split(' ').map(str::to_owned).collect();
    assert!(granted.iter().all(|one| scope.split(' ').any(|asked| asked == one)), "{granted:?}");
    assert!(granted.contains(&"patient/Patient.read".to_owned()), "SC-3: {granted:?}");
    assert!(!granted.contains(&"patient/Condition.r".to_owned()), "{granted:?}");
    // A4: an answer is to the request that was shown.
    let first = door.ask(&[("prompt", "consent")]).await;
    let second = door.ask(&[("prompt", "consent"), ("state", "state-2")]).await;
    let mixed = Page { body: first.body.replace(first.at.as_str(), second.at.as_str()), ..first };
    assert_eq!(door.browser.submit(&mixed, "#approve", &[]).await.status, 403);
    // A10: who is to sign in anew is not taken for granted.
    let page = door.ask(&[("prompt", "login")]).await;
    assert!(page.has("#password"));
    let onward = door.browser.open(&page.at.replace("/login/", "/consent/")).await;
    assert!(onward.query("code").is_none() && !onward.has("#approve"), "{}", onward.body);
}

#[tokio::test]
async fn c8_sc_22_oc_4_04_oc_4_09_an_id_token_is_of_its_own_request() {
    let mut door = Door::new();
    let page = door.ask(&[("nonce", "first")]).await;
    let page = sign_in(&mut door.browser, &page, PASSWORD).await;
    let first = allow(&mut door.browser, &page).await;
    let url = door.app.authorize_url(ISSUER, &[("nonce", "second"), ("max_age", "1000")]);
    let second = again(&mut door.browser, &url).await;
    for (code, nonce) in [(second, "second"), (first, "first")] {
        let tokens = door.app.redeem(&door.at, &code).await;
        let id = claims(tokens.text("id_token"));
        assert_eq!((id["nonce"].as_str(), id["iss"].as_str()), (Some(nonce), Some(ISSUER)));
        assert_eq!((id["aud"].as_str(), id["sub"].as_str()), (Some("app"), Some("ana")));
        assert_eq!(id["fhirUser"], json!(format!("{FHIR}/Patient/p1")), "SC-20: absolute");
        assert!(nonce == "first" || id["auth_time"].is_u64(), "OC-4-04");
        let expected =
            fireward_jose::at_hash(fireward_jose::Algorithm::RS256, tokens.text("access_token"));
        assert_eq!(id["at_hash"], json!(expected));
    }
}

#[tokio::test]
async fn al_15_al_17_d_06_who_says_no_is_told_with_and_without_iss() {
    let mut door = Door::new();
    let old = Client::public("old", &door.app.scope, FHIR);
    let mut metadata = old.metadata();
    metadata["omit_iss"] = json!(true);
    door.world.import("client", &metadata);
    let page = door.ask(&[]).await;
    let page = sign_in(&mut door.browser, &page, PASSWORD).await;
    let denied = door.browser.submit(&page, "#deny", &[]).await;
    assert_eq!(denied.query("error").as_deref(), Some("access_denied"));
    assert_eq!(denied.query("state").as_deref(), Some("state-1"));
    assert_eq!(denied.query("iss").as_deref(), Some(ISSUER));
    door.app = old;
    let page = door.ask(&[]).await;
    let denied = door.browser.submit(&page, "#deny", &[]).await;
    assert_eq!(denied.query("error").as_deref(), Some("access_denied"));
    assert_eq!(denied.query("iss"), None);
}
